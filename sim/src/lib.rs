//! Worlds for simulated bodies: read from TOML, with ray casts and gaps.

mod world;

pub use world::{Bounds, Obstacle, Origin, Outline, Point, World, WorldFinding};

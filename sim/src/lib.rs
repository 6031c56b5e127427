//! Worlds for simulated bodies: read from TOML, with ray casts and gaps.

mod picture;
mod plant;
mod snapshot;
mod text_map;
mod world;

pub use plant::{BatteryModel, Sample};
pub use snapshot::{Seen, Snapshot};
pub use text_map::text_map;
pub use world::{Bounds, Obstacle, Origin, Outline, Point, World, WorldFinding};

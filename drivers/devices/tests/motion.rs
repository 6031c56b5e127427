//! What moves, in one program: the smaller, the sooner each planted bug of `cargo xtask safety-mutants` is judged.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod common;
mod differential_drive;
mod limits;
mod motor_board;
mod roboclaw;

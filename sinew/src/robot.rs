//! What makes a program a robot: its name, its graph, its body.

use crate::config::RobotConfig;
use sinew_board::Board;
use sinew_runtime::{Graph, WiringError};
use sinew_sim::Body;

/// Wires a robot's graph on a board; the same function for real and simulated boards, and for tests.
pub type RobotFn<C> = fn(&Board, &C) -> Result<Graph, WiringError>;

/// Says which parts are fitted where, for the simulation.
pub type BodyFn<C> = fn(&C) -> Body;

/// A robot.
#[derive(Debug)]
pub(crate) struct Robot<C> {
    pub(crate) name: &'static str,
    pub(crate) graph: RobotFn<C>,
    pub(crate) body: BodyFn<C>,
}

impl<C: RobotConfig> Clone for Robot<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: RobotConfig> Copy for Robot<C> {}

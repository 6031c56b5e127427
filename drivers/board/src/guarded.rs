//! What a guardian gives the board of its robot.

use crate::page::SafetyPage;
use std::sync::Arc;

/// What a guardian gives: the page that both write, and the outputs that it holds.
#[derive(Debug)]
pub struct Guarded {
    /// Arm state, e-stop, epoch and leases.
    pub page: Arc<SafetyPage>,
    /// Those of each motion output in the order in which the graph claims them; `None` of a simulated one.
    #[cfg(target_os = "linux")]
    pub wires: Vec<Option<crate::GivenWires>>,
}

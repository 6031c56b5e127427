//! What surrounds a system: a simulated world, or nothing.

use crate::Time;

/// Surroundings that change by themselves as time passes, such as a simulated board in a simulated world.
///
/// The system asks for the next change, lets time come to it, and has it carried out, before any actor
/// that it wakes runs. It reads no clock of its own: it is told the time.
pub trait Environment {
    /// The earliest moment at which something happens by itself; `None` if nothing is to come.
    fn next_event(&mut self) -> Option<Time>;

    /// Carries out all that is due up to and including `to`. Never called with an earlier time than before.
    fn advance(&mut self, to: Time);

    /// How far the surroundings are by themselves: later than the system if a handler blocked there, as a driver does
    /// while its bus transfers. The system's time follows once nobody is ready, as it does on hardware, where the handler
    /// would have held its thread meanwhile. `None` (the default) if they never run ahead.
    fn reached(&self) -> Option<Time> {
        None
    }
}

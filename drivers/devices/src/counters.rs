//! How a device is asked what it counted.

/// Asks a device for its counters: `address.ask(ReadCounters)`.
///
/// Expected trouble (a missed echo, a lost edge, a refused command) ends no device; it is counted.
/// Each device's own `..Counters` is the reply. Counters start at zero with each start of the device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadCounters;

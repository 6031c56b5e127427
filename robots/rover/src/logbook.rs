//! The logbook: what a person asks for after the drive.
//!
//! Takes fixes, battery states and odometry, keeps the newest of each, and answers [`ReadLog`].

use sinew::prelude::*;

/// The actor.
#[derive(Clone, Debug, Default)]
pub struct Logbook {
    entry: LogEntry,
}

/// Asks for the newest of everything.
#[derive(Clone, Copy, Debug)]
pub struct ReadLog;

/// The newest of everything; `None` for what never came.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LogEntry {
    /// Where the satellites say it is.
    pub fix: Option<Fix>,
    /// How the battery is.
    pub battery: Option<BatteryState>,
    /// Where the wheels say it is.
    pub odometry: Option<Odometry>,
}

impl Actor for Logbook {}

impl Handler<Fix> for Logbook {
    type Reply = ();
    async fn handle(&mut self, fix: Fix, _: &mut Context<Self>) -> Result<(), Failure> {
        self.entry.fix = Some(fix);
        Ok(())
    }
}

impl Handler<BatteryState> for Logbook {
    type Reply = ();
    async fn handle(&mut self, state: BatteryState, _: &mut Context<Self>) -> Result<(), Failure> {
        self.entry.battery = Some(state);
        Ok(())
    }
}

impl Handler<Odometry> for Logbook {
    type Reply = ();
    async fn handle(&mut self, odometry: Odometry, _: &mut Context<Self>) -> Result<(), Failure> {
        self.entry.odometry = Some(odometry);
        Ok(())
    }
}

impl Handler<ReadLog> for Logbook {
    type Reply = LogEntry;
    async fn handle(&mut self, _: ReadLog, _: &mut Context<Self>) -> Result<LogEntry, Failure> {
        Ok(self.entry)
    }
}

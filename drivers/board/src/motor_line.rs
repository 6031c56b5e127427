//! A serial line with a motor controller on it, as all motors of the controller share it.

use crate::backend::{Clock, MotorPort};
use crate::motor_protocol::{Frame, MOST_MOTORS, MotorProtocol};
use crate::sync::{lock, try_lock};
use crate::{Duty, Timestamp};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// So many commands without any answer, and nobody listens: a USB adapter hands answers on every 16 ms (FTDI AN232B-04, "latency
/// timer"), in which a fast owner writes a few.
const UNANSWERED: u32 = 16;
/// How long a controller may take to answer: what keeps it longer, or keeps its adapter, makes it one that cannot be relied on.
const PATIENCE: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_millis(1);
/// How often what came is read at once: a terminal keeps 4 kB.
const MOST_READS: usize = 64;
/// What is written at once at most.
const ROOM: usize = Frame::LONGEST * (1 + 4 * MOST_MOTORS);

/// A line, and what is on its way on it. The owner of the motors and the guardian have one each, on the same port.
///
/// Of each motor one command at most is on its way: the port would queue more (4 kB are 355 ms at 115,200 baud), and a stop
/// would wait behind all of it.
#[derive(Debug)]
pub(crate) struct MotorLine {
    port: Box<dyn MotorPort>,
    protocol: Arc<dyn MotorProtocol>,
    byte: Duration,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// When all that was written has left, at the pace of the line: not every driver tells what it has queued.
    free_at: Timestamp,
    /// The same of each motor's newest command.
    sent_by: [Timestamp; MOST_MOTORS],
    /// The motors whose newest command is a stop. A flush throws that away too, so that it has to be said again.
    resting: [bool; MOST_MOTORS],
    unanswered: u32,
    /// When the first of these was written.
    unanswered_since: Timestamp,
}

impl State {
    /// Whether the newest command of this motor is a stop, and still on its way.
    fn rests_soon(&self, motor: usize, now: Timestamp) -> bool {
        let of = |place: usize| Some((self.resting.get(place)?, self.sent_by.get(place)?));
        of(motor.wrapping_sub(1)).is_some_and(|(rests, by)| *rests && *by > now)
    }
}

impl MotorLine {
    pub(crate) fn new(
        port: Box<dyn MotorPort>,
        protocol: Arc<dyn MotorProtocol>,
        byte: Duration,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            port,
            protocol,
            byte,
            clock,
            state: Mutex::default(),
        }
    }

    /// Whether nobody is writing it now.
    pub(crate) fn is_free(&self) -> bool {
        try_lock(&self.state).is_some()
    }

    /// Whether the motor's last command is still on its way.
    pub(crate) fn is_busy(&self, motor: usize) -> bool {
        let state = lock(&self.state);
        let frame = self.protocol.drive(motor, Duty::ZERO).len();
        let others = frame * (MOST_MOTORS - 1);
        let is_sent = |by: &Timestamp| *by <= self.clock.now();
        !state
            .sent_by
            .get(motor.wrapping_sub(1))
            .is_some_and(is_sent)
            || self.port.queued() > others
    }

    /// Drives a motor if `may_move` says so at the last moment.
    pub(crate) fn drive(
        &self,
        motor: usize,
        duty: Duty,
        may_move: &dyn Fn() -> bool,
    ) -> io::Result<bool> {
        let mut state = lock(&self.state);
        let frame = self.protocol.drive(motor, duty);
        if !may_move() {
            return Ok(false);
        }
        self.command(&mut state, motor, &frame)?;
        set(&mut state.resting, motor, duty == Duty::ZERO);
        self.listen(&mut state)?;
        Ok(true)
    }

    /// Stops a motor behind what is on its way, unless that is a stop of it already: whoever brakes at each turn of a loop would
    /// fill the port.
    pub(crate) fn stop(&self, motor: usize) -> io::Result<()> {
        let mut state = lock(&self.state);
        if state.rests_soon(motor, self.clock.now()) {
            return Ok(());
        }
        set(&mut state.resting, motor, true);
        let frame = self.protocol.drive(motor, Duty::ZERO);
        self.command(&mut state, motor, &frame)?;
        self.listen(&mut state)
    }

    /// Throws away what is on its way and stops a motor. Waits for nobody and allocates nothing.
    pub(crate) fn rest(&self, motor: usize) -> io::Result<()> {
        let mut state = lock(&self.state);
        set(&mut state.resting, motor, true);
        // One that cannot be emptied can still be written.
        let emptied = self.port.discard();
        state.free_at = self.clock.now();
        let mut message = Message::default();
        message.push(&self.protocol.resynchronize());
        for _ in 0..self.protocol.stops() {
            self.push_stops(&state, &mut message);
        }
        self.write(&mut state, message.bytes())?;
        state.sent_by = [state.free_at; MOST_MOTORS];
        emptied
    }

    /// Says the stops of all resting motors again, unless something is on its way. Waits for nobody and allocates nothing.
    #[cfg(target_os = "linux")]
    pub(crate) fn hold(&self) -> io::Result<()> {
        let mut state = lock(&self.state);
        if state.free_at > self.clock.now() || self.port.queued() > 0 {
            return Ok(());
        }
        let mut message = Message::default();
        self.push_stops(&state, &mut message);
        self.write(&mut state, message.bytes())
    }

    /// Sets the controller's own time-out and reads it back.
    pub(crate) fn prepare(&self, longest: Duration) -> Result<(), String> {
        let Some(exchange) = self.protocol.time_out(longest) else {
            return Err(
                "it has no time-out of its own, so that it would drive on when its cable is cut"
                    .to_owned(),
            );
        };
        let mut state = lock(&self.state);
        let failed = |error: io::Error| error.to_string();
        let mut room = [0; 256];
        // Whoever talks without end is no controller, and is not listened to.
        for _ in 0..MOST_READS {
            if self.port.read(&mut room).map_err(failed)? == 0 {
                break;
            }
        }
        self.write(&mut state, &exchange.asks).map_err(failed)?;
        let mut heard: Vec<u8> = Vec::new();
        let until = state.free_at + PATIENCE;
        while self.clock.now() < until {
            self.clock.delay(LOOK);
            let read = self.port.read(&mut room).map_err(failed)?;
            heard.extend(&room[..read]);
            // Answers to what was on its way before come first, and more of them may follow.
            let mut parts = heard.windows(exchange.answers.len());
            if parts.any(|part| part == &*exchange.answers) {
                state.unanswered = 0;
                return Ok(());
            }
        }
        if heard.is_empty() {
            return Err(
                "it does not answer: check its power, the wires in both directions, its baud rate, its mode and its address"
                    .to_owned(),
            );
        }
        let wanted = &*exchange.answers;
        Err(format!(
            "its own time-out could not be set: it answered {heard:02x?} instead of {wanted:02x?}"
        ))
    }

    fn command(&self, state: &mut State, motor: usize, frame: &Frame) -> io::Result<()> {
        self.write(state, frame)?;
        let free_at = state.free_at;
        set(&mut state.sent_by, motor, free_at);
        Ok(())
    }

    /// Writes all of it at once, or fails.
    fn write(&self, state: &mut State, bytes: &[u8]) -> io::Result<()> {
        if self.port.write(bytes)? < bytes.len() {
            return Err(io::Error::new(
                io::ErrorKind::WriteZero,
                "the port has no room: nothing leaves it",
            ));
        }
        let takes = self.byte * u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        state.free_at = state.free_at.max(self.clock.now()) + takes;
        Ok(())
    }

    /// Takes what came back: what it says is not looked at, that it says anything is.
    fn listen(&self, state: &mut State) -> io::Result<()> {
        let mut room = [0; 64];
        let mut heard = 0;
        for _ in 0..MOST_READS {
            match self.port.read(&mut room)? {
                0 => break,
                count => heard += count,
            }
        }
        let now = self.clock.now();
        if heard > 0 || state.unanswered == 0 {
            state.unanswered_since = now;
        }
        state.unanswered = if heard > 0 { 0 } else { state.unanswered + 1 };
        let silent = now.since(state.unanswered_since) > PATIENCE;
        if self.protocol.answers() && silent && state.unanswered > UNANSWERED {
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "the controller does not answer any more",
            ));
        }
        Ok(())
    }

    fn push_stops(&self, state: &State, message: &mut Message) {
        let resting = state.resting.iter().enumerate();
        for (place, _) in resting.filter(|(_, rests)| **rests) {
            message.push(&self.protocol.drive(place + 1, Duty::ZERO));
        }
    }
}

/// Of the motor with this number, from 1.
fn set<T>(all: &mut [T; MOST_MOTORS], motor: usize, value: T) {
    if let Some(place) = all.get_mut(motor.wrapping_sub(1)) {
        *place = value;
    }
}

/// Bytes for one write.
struct Message {
    bytes: [u8; ROOM],
    length: usize,
}

impl Default for Message {
    fn default() -> Self {
        Self {
            bytes: [0; ROOM],
            length: 0,
        }
    }
}

impl Message {
    /// Adds a frame; one for which there is no room is left out, as a protocol that stops more than three times has more than
    /// enough of them.
    fn push(&mut self, frame: &Frame) {
        if let Some(room) = self.bytes.get_mut(self.length..self.length + frame.len()) {
            room.copy_from_slice(frame);
            self.length += frame.len();
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

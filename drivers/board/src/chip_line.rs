//! A chip that drives motors, as all its motors share it.

use crate::backend::{Clock, I2c, MotorBus};
use crate::motor_chip::{Burst, MotorChip, ReadBack};
use crate::motor_protocol::MOST_MOTORS;
use crate::sync::{lock, try_lock};
use crate::{BusError, Duty, SafeAction, Timestamp};
use embedded_hal::i2c::Operation;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Motors that start make a supply sag, and a byte is lost on a wire: what was not acknowledged is said once more.
const TRIES: usize = 2;
/// How often it is asked while it is driven whether its supply broke down: its outputs are off then, and nobody would know.
const LOOK: Duration = Duration::from_millis(100);
/// How often a stop is said again by who holds it, after the first times: a bus has to carry other things as well.
#[cfg(any(test, target_os = "linux"))]
const AGAIN: Duration = Duration::from_millis(50);
/// So often at once: a command that waited for the bus may come behind the first stop.
#[cfg(any(test, target_os = "linux"))]
const AT_ONCE: u32 = 4;

/// A chip, and what its motors were told. The owner of the motors and the guardian have one each.
#[derive(Debug)]
pub(crate) struct ChipLine {
    bus: Box<dyn MotorBus>,
    chip: Arc<dyn MotorChip>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    driven: [Duty; MOST_MOTORS],
    /// When each was last told to rest, and how often since it was driven.
    rested: [(Timestamp, u32); MOST_MOTORS],
    looked: Timestamp,
}

impl ChipLine {
    pub(crate) fn new(
        bus: Box<dyn MotorBus>,
        chip: Arc<dyn MotorChip>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            bus,
            chip,
            clock,
            state: Mutex::default(),
        }
    }

    /// Whether nobody is writing it now.
    pub(crate) fn is_free(&self) -> bool {
        try_lock(&self.state).is_some()
    }

    /// Drives a motor if `may_move` says so at the last moment. A change of direction lets go in between.
    pub(crate) fn drive(
        &self,
        motor: usize,
        duty: Duty,
        may_move: &dyn Fn() -> bool,
    ) -> Result<bool, BusError> {
        let mut state = lock(&self.state);
        let before = place(&state.driven, motor);
        if before.ratio() * duty.ratio() < 0.0 {
            self.stop(motor, SafeAction::Coast)?;
            set(&mut state.driven, motor, Duty::ZERO);
        }
        if !may_move() {
            return Ok(false);
        }
        self.write(&self.chip.drive(motor, duty))?;
        set(&mut state.driven, motor, duty);
        set(&mut state.rested, motor, (Timestamp::ZERO, 0));
        let now = self.clock.now();
        if now.since(state.looked) >= LOOK {
            state.looked = now;
            self.still_shows(self.chip.shows().first())?;
        }
        Ok(true)
    }

    /// Carries out a safe action, whatever the motor is believed to do. Allocates nothing unless the bus is gone.
    pub(crate) fn rest(&self, motor: usize, action: SafeAction) -> Result<(), BusError> {
        let mut state = lock(&self.state);
        set(&mut state.driven, motor, Duty::ZERO);
        self.stop(motor, action)?;
        let (_, often) = place(&state.rested, motor);
        let rested = (self.clock.now(), often.saturating_add(1));
        set(&mut state.rested, motor, rested);
        Ok(())
    }

    /// Says a safe action again, unless that was just done.
    #[cfg(any(test, target_os = "linux"))]
    pub(crate) fn hold(&self, motor: usize, action: SafeAction) -> Result<(), BusError> {
        let (rested, often) = place(&lock(&self.state).rested, motor);
        if often >= AT_ONCE && self.clock.now().since(rested) < AGAIN {
            return Ok(());
        }
        self.rest(motor, action)
    }

    /// Sets the chip up unless it is, with its motors at rest.
    pub(crate) fn prepare(&self) -> Result<(), BusError> {
        let mut state = lock(&self.state);
        self.bus.hurry()?;
        if !self.is_set_up()? {
            // One register each, which needs no mode: the others may have one yet to come.
            for motor in 1..=self.chip.motors() {
                self.write(&self.chip.rest(motor, SafeAction::Coast)[0])?;
                set(&mut state.driven, motor, Duty::ZERO);
            }
            for burst in self.chip.setup() {
                self.write(&burst)?;
            }
            self.clock.delay(self.chip.settles());
            for motor in 1..=self.chip.motors() {
                self.stop(motor, SafeAction::Coast)?;
            }
        }
        for wanted in self.chip.shows() {
            self.still_shows(Some(wanted))?;
        }
        Ok(())
    }

    fn is_set_up(&self) -> Result<bool, BusError> {
        for wanted in self.chip.shows() {
            if self.bus.read(wanted.register)? & wanted.mask != wanted.value {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn still_shows(&self, wanted: Option<&ReadBack>) -> Result<(), BusError> {
        let Some(wanted) = wanted else {
            return Ok(());
        };
        let found = self.bus.read(wanted.register)?;
        if found & wanted.mask == wanted.value {
            return Ok(());
        }
        let (bus, address) = self.bus.place();
        let why = format!(
            "its register {:#04x} shows {found:#04x} and not {:#04x}: its supply broke down, or it is another chip",
            wanted.register, wanted.value
        );
        Err(BusError::Other { bus, address, why })
    }

    fn stop(&self, motor: usize, action: SafeAction) -> Result<(), BusError> {
        let [first, all] = self.chip.rest(motor, action);
        let stopped = self.write(&first);
        // One that fails does not keep the other from being tried, but for a bus that hangs.
        if matches!(stopped, Err(BusError::TimedOut { .. })) {
            return stopped;
        }
        self.write(&all).and(stopped)
    }

    fn write(&self, burst: &Burst) -> Result<(), BusError> {
        let mut done = self.bus.write(burst);
        for _ in 1..TRIES {
            if !matches!(done, Err(BusError::NoAcknowledge { .. })) {
                break;
            }
            done = self.bus.write(burst);
        }
        done
    }
}

/// Of the motor with this number, from 1.
fn place<T: Copy + Default>(all: &[T; MOST_MOTORS], motor: usize) -> T {
    all.get(motor.wrapping_sub(1)).copied().unwrap_or_default()
}

fn set<T>(all: &mut [T; MOST_MOTORS], motor: usize, value: T) {
    if let Some(place) = all.get_mut(motor.wrapping_sub(1)) {
        *place = value;
    }
}

/// A chip on a bus of this process.
#[derive(Debug)]
pub(crate) struct OwnBus {
    pub(crate) i2c: Arc<dyn I2c>,
    pub(crate) bus: u8,
    pub(crate) address: u8,
}

impl MotorBus for OwnBus {
    fn write(&self, burst: &Burst) -> Result<(), BusError> {
        let mut operations = [Operation::Write(burst)];
        self.i2c
            .transaction(self.bus, self.address, &mut operations)
    }

    fn read(&self, register: u8) -> Result<u8, BusError> {
        let mut value = [0];
        let asked = [register];
        let mut operations = [Operation::Write(&asked), Operation::Read(&mut value)];
        self.i2c
            .transaction(self.bus, self.address, &mut operations)?;
        Ok(value[0])
    }

    fn place(&self) -> (u8, u8) {
        (self.bus, self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_hal::i2c::NoAcknowledgeSource;

    /// Motor n at register n: 0 is let go, 1 stops, 255 brakes, all between drives.
    #[derive(Debug)]
    struct Chip;

    const SHOWS: [ReadBack; 1] = [ReadBack {
        register: 0,
        mask: 0x0F,
        value: 7,
    }];

    impl MotorChip for Chip {
        fn motors(&self) -> usize {
            2
        }

        fn drive(&self, motor: usize, duty: Duty) -> Burst {
            let value = (128.0 + duty.ratio() * 100.0).round() as u8;
            Burst::of(motor as u8, &[value]).unwrap()
        }

        fn rest(&self, motor: usize, action: SafeAction) -> [Burst; 2] {
            let value = if action == SafeAction::Brake { 255 } else { 0 };
            [1, value].map(|value| Burst::of(motor as u8, &[value]).unwrap())
        }

        fn setup(&self) -> Vec<Burst> {
            vec![Burst::of(0, &[7]).unwrap()]
        }

        fn settles(&self) -> Duration {
            Duration::from_millis(1)
        }

        fn shows(&self) -> &[ReadBack] {
            &SHOWS
        }
    }

    #[derive(Debug, Default)]
    struct Seen {
        written: Vec<[u8; 2]>,
        register: u8,
        deaf: usize,
        now: Timestamp,
    }

    #[derive(Clone, Debug, Default)]
    struct Fake(Arc<Mutex<Seen>>);

    impl MotorBus for Fake {
        fn write(&self, burst: &Burst) -> Result<(), BusError> {
            let mut seen = lock(&self.0);
            if seen.deaf > 0 {
                seen.deaf -= 1;
                return Err(BusError::NoAcknowledge {
                    bus: 1,
                    address: 0x60,
                    of: NoAcknowledgeSource::Data,
                });
            }
            seen.written.push([burst[0], burst[1]]);
            if burst[0] == 0 {
                seen.register = burst[1];
            }
            Ok(())
        }

        fn read(&self, _: u8) -> Result<u8, BusError> {
            Ok(lock(&self.0).register)
        }

        fn place(&self) -> (u8, u8) {
            (1, 0x60)
        }
    }

    impl Clock for Fake {
        fn now(&self) -> Timestamp {
            lock(&self.0).now
        }

        fn delay(&self, time: Duration) {
            let mut seen = lock(&self.0);
            seen.now = seen.now + time;
        }
    }

    impl Fake {
        fn line(&self) -> ChipLine {
            let line = ChipLine::new(
                Box::new(self.clone()),
                Arc::new(Chip),
                Arc::new(self.clone()),
            );
            line.prepare().unwrap();
            self.take();
            line
        }

        fn take(&self) -> Vec<[u8; 2]> {
            std::mem::take(&mut lock(&self.0).written)
        }
    }

    #[test]
    fn a_reversal_lets_go_in_a_transaction_of_its_own() {
        let fake = Fake::default();
        let line = fake.line();
        for duty in [0.5, 0.7, -0.5, 0.0, 0.5] {
            assert!(line.drive(1, Duty::nearest(duty), &|| true).unwrap());
        }
        assert_eq!(
            fake.take(),
            [
                [1, 178],
                [1, 198],
                [1, 1],
                [1, 0],
                [1, 78],
                [1, 128],
                [1, 178]
            ]
        );
    }

    #[test]
    fn one_that_may_not_move_any_more_is_not_driven_after_it_was_let_go() {
        let fake = Fake::default();
        let line = fake.line();
        line.drive(1, Duty::nearest(0.5), &|| true).unwrap();
        fake.take();
        assert!(!line.drive(1, Duty::nearest(-0.5), &|| false).unwrap());
        assert_eq!(fake.take(), [[1, 1], [1, 0]]);
    }

    #[test]
    fn what_is_not_acknowledged_is_said_once_more_and_no_oftener() {
        let fake = Fake::default();
        let line = fake.line();
        lock(&fake.0).deaf = 1;
        line.rest(2, SafeAction::Brake).unwrap();
        assert_eq!(fake.take(), [[2, 1], [2, 255]]);
        lock(&fake.0).deaf = 2;
        line.rest(2, SafeAction::Brake).unwrap_err();
        assert_eq!(
            fake.take(),
            [[2, 255]],
            "the other half is tried all the same"
        );
    }

    #[test]
    fn a_stop_that_is_held_is_said_again_at_once_and_then_twenty_times_a_second() {
        let fake = Fake::default();
        let line = fake.line();
        lock(&fake.0).now = Timestamp::from_nanos(1_000_000_000);
        line.rest(1, SafeAction::Brake).unwrap();
        let mut said = Vec::new();
        for look in 0..30 {
            fake.delay(Duration::from_millis(5));
            line.hold(1, SafeAction::Brake).unwrap();
            if fake.take().contains(&[1, 255]) {
                said.push(look);
            }
        }
        assert_eq!(said, [0, 1, 2, 12, 22]);
    }

    #[test]
    fn a_chip_is_set_up_at_rest_and_once() {
        let fake = Fake::default();
        let line = ChipLine::new(
            Box::new(fake.clone()),
            Arc::new(Chip),
            Arc::new(fake.clone()),
        );
        line.prepare().unwrap();
        let set_up = [[1, 1], [2, 1], [0, 7], [1, 1], [1, 0], [2, 1], [2, 0]];
        assert_eq!(fake.take(), set_up);
        line.prepare().unwrap();
        assert_eq!(fake.take(), [] as [[u8; 2]; 0]);
    }

    #[test]
    fn a_chip_that_forgot_how_it_was_set_up_is_lost_within_a_tenth_of_a_second() {
        let fake = Fake::default();
        let line = fake.line();
        let drives = || {
            fake.delay(Duration::from_millis(10));
            line.drive(1, Duty::nearest(0.5), &|| true)
        };
        drives().unwrap();
        lock(&fake.0).register = 0x17;
        let failed = (0..11).find_map(|_| drives().err());
        assert_eq!(failed, None, "the other bits do not count");
        lock(&fake.0).register = 0x10;
        let failed = (0..11).find_map(|_| drives().err()).unwrap();
        assert!(
            failed.to_string().contains("its supply broke down"),
            "{failed}"
        );
    }
}

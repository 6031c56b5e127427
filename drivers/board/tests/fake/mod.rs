//! A board that writes down what is done to it.
#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]
#![allow(dead_code, reason = "each test file uses another part of it")]

use embedded_hal::i2c::{NoAcknowledgeSource, Operation};
use embedded_hal::spi;
use sinew_board::backend::{
    Clock, Gpio, I2c, InputDeviceLine, InputDevices, InputLine, OutputLine, Pwm, PwmLine, Serial,
    SerialLine, Spi, SpiLine,
};
use sinew_board::{
    Backends, Board, BoardError, BusError, Edge, InputSettings, Level, Pin, PwmChannel,
    SerialSettings, SpiSettings, Timestamp,
};
use sinew_messages::Hertz;
use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// One write to a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Write {
    Open(Pin, Level),
    Pwm(PwmChannel, f64),
    Set(Pin, Level),
}

/// What happens before each write; an answer is how it fails.
type Hook = Box<dyn FnMut(Write) -> Option<String> + Send>;

#[derive(Clone, Default)]
pub(crate) struct Fake(Arc<Inner>);

#[derive(Default)]
struct Inner {
    now: AtomicU64,
    writes: Mutex<Vec<Write>>,
    hook: Mutex<Option<Hook>>,
    edges: Mutex<Edges>,
    level: Mutex<Level>,
    far_end: Mutex<Option<tokio::io::DuplexStream>>,
}

#[derive(Default)]
struct Edges {
    waiting: VecDeque<Result<Edge, String>>,
    waker: Option<Waker>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl Fake {
    pub(crate) fn backends(&self, simulated: bool) -> Backends {
        let this = Arc::new(self.clone());
        Backends {
            name: "fake",
            simulated,
            clock: this.clone(),
            gpio: this.clone(),
            motion: this.clone(),
            pwm: this.clone(),
            i2c: this.clone(),
            spi: this.clone(),
            serial: this.clone(),
            input_devices: this,
        }
    }

    pub(crate) fn board(&self) -> Board {
        Board::new(self.backends(true))
    }

    pub(crate) fn set_now(&self, now: Timestamp) {
        self.0.now.store(now.nanos(), Ordering::SeqCst);
    }

    /// What was written since the last call.
    pub(crate) fn take(&self) -> Vec<Write> {
        std::mem::take(&mut self.0.writes.lock().unwrap())
    }

    pub(crate) fn wrote(&self, write: Write) -> bool {
        self.0.writes.lock().unwrap().contains(&write)
    }

    pub(crate) fn before_write(&self, hook: impl FnMut(Write) -> Option<String> + Send + 'static) {
        *self.0.hook.lock().unwrap() = Some(Box::new(hook));
    }

    pub(crate) fn no_hook(&self) {
        *self.0.hook.lock().unwrap_or_else(|e| e.into_inner()) = None;
    }

    pub(crate) fn set_level(&self, level: Level) {
        *self.0.level.lock().unwrap() = level;
    }

    pub(crate) fn edge(&self, nanos: u64, level: Level, sequence: u32) {
        self.happen(Ok(Edge {
            at: Timestamp::from_nanos(nanos),
            level,
            sequence,
        }));
    }

    pub(crate) fn lose_line(&self) {
        self.happen(Err("unplugged".to_owned()));
    }

    fn happen(&self, item: Result<Edge, String>) {
        let mut edges = self.0.edges.lock().unwrap();
        edges.waiting.push_back(item);
        if let Some(waker) = edges.waker.take() {
            waker.wake();
        }
    }

    /// The other end of the serial port that was opened last.
    pub(crate) fn far_end(&self) -> tokio::io::DuplexStream {
        self.0.far_end.lock().unwrap().take().unwrap()
    }

    fn write(&self, write: Write) -> Result<(), BoardError> {
        // Taken out meanwhile: a hook may look at the board, whose other writes must not wait for it.
        let hook = self.0.hook.lock().unwrap().take();
        if let Some(mut hook) = hook {
            let failure = hook(write);
            self.0.hook.lock().unwrap().get_or_insert(hook);
            if let Some(why) = failure {
                return Err(lost(&format!("{write:?}"), &why));
            }
        }
        self.0.writes.lock().unwrap().push(write);
        Ok(())
    }
}

fn lost(what: &str, why: &str) -> BoardError {
    BoardError::Lost {
        what: what.to_owned(),
        why: why.to_owned(),
    }
}

impl Clock for Fake {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.now.load(Ordering::SeqCst))
    }

    fn delay(&self, time: Duration) {
        self.set_now(self.now() + time);
    }
}

#[derive(Debug)]
struct Line<T>(Fake, T);

impl Gpio for Fake {
    fn input(&self, pin: Pin, _: InputSettings) -> Result<Box<dyn InputLine>, BoardError> {
        Ok(Box::new(Line(self.clone(), pin)))
    }

    fn inputs(
        &self,
        pins: &[Pin],
        _: InputSettings,
    ) -> Result<Box<dyn sinew_board::backend::InputLines>, BoardError> {
        Err(BoardError::InUse { pin: pins[0] })
    }

    fn output(&self, pin: Pin, initial: Level) -> Result<Box<dyn OutputLine>, BoardError> {
        self.write(Write::Open(pin, initial))?;
        Ok(Box::new(Line(self.clone(), pin)))
    }
}

impl InputLine for Line<Pin> {
    fn level(&mut self) -> Result<Level, BoardError> {
        Ok(*self.0.0.level.lock().unwrap())
    }

    fn poll_edge(&mut self, cx: &mut Context<'_>) -> Poll<Result<Edge, BoardError>> {
        let mut edges = self.0.0.edges.lock().unwrap();
        match edges.waiting.pop_front() {
            Some(item) => Poll::Ready(item.map_err(|why| lost("the line", &why))),
            None => {
                edges.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn drain_edges(&mut self, into: &mut Vec<Edge>) -> Result<(), BoardError> {
        let mut edges = self.0.0.edges.lock().unwrap();
        while let Some(item) = edges.waiting.pop_front() {
            into.push(item.map_err(|why| lost("the line", &why))?);
        }
        Ok(())
    }
}

impl OutputLine for Line<Pin> {
    fn set(&mut self, level: Level) -> Result<(), BoardError> {
        self.0.write(Write::Set(self.1, level))
    }
}

impl Pwm for Fake {
    fn channel(&self, channel: PwmChannel, _: Hertz) -> Result<Box<dyn PwmLine>, BoardError> {
        Ok(Box::new(Line(self.clone(), channel)))
    }
}

impl PwmLine for Line<PwmChannel> {
    fn set_duty(&mut self, duty: f64) -> Result<(), BoardError> {
        self.0.write(Write::Pwm(self.1, duty))
    }
}

/// Address 0x40 acknowledges and answers 7 to every read.
impl Spi for Fake {
    fn open(&self, bus: u8, select: u8, _: SpiSettings) -> Result<Box<dyn SpiLine>, BoardError> {
        if (bus, select) != (0, 0) {
            return Err(BoardError::Unavailable {
                what: format!("SPI{bus} chip select {select}"),
                why: "it is fake".to_owned(),
            });
        }
        Ok(Box::new(Echo))
    }
}

/// Gives each byte back that it is sent.
#[derive(Debug)]
struct Echo;

impl SpiLine for Echo {
    fn transaction(&mut self, operations: &mut [spi::Operation<'_, u8>]) -> Result<(), BoardError> {
        for operation in operations {
            if let spi::Operation::Transfer(into, out) = operation {
                into.copy_from_slice(out);
            }
        }
        Ok(())
    }
}

impl I2c for Fake {
    fn transaction(
        &self,
        bus: u8,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        if address != 0x40 {
            return Err(BusError::NoAcknowledge {
                bus,
                address,
                of: NoAcknowledgeSource::Address,
            });
        }
        for operation in operations {
            if let Operation::Read(bytes) = operation {
                bytes.fill(7);
            }
        }
        Ok(())
    }
}

impl Serial for Fake {
    fn open(&self, _: &str, _: SerialSettings) -> Result<Box<dyn SerialLine>, BoardError> {
        let (near, far) = tokio::io::duplex(64);
        *self.0.far_end.lock().unwrap() = Some(far);
        Ok(Box::new(near))
    }

    fn is_simulated(&self) -> bool {
        true
    }
}

impl InputDevices for Fake {
    fn open(&self, device: &str) -> Result<Box<dyn InputDeviceLine>, BoardError> {
        Err(BoardError::Unavailable {
            what: device.to_owned(),
            why: "the fake has none".to_owned(),
        })
    }
}

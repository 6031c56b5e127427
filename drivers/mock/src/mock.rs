//! The simulated board.

use crate::complaint::Complaint;
use crate::fitted::FittedInfo;
use crate::part::Part;
use crate::socket::TwinId;
use crate::state::State;
use crate::twin::Twin;
use sinew_board::{Backends, backend};
use sinew_messages::Timestamp;
use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What the backends of a mock are called.
const NAME: &str = "mock";

/// A simulated board and the chips on it; a clone is the same board.
///
/// It reads no clock: [`Self::advance`] tells it the time. Everything that happens by itself (an echo, a bouncing
/// contact, bytes on a serial line) happens exactly at its nanosecond.
#[derive(Clone)]
pub struct Mock {
    state: Arc<Mutex<State>>,
    meanwhile: Arc<Mutex<Option<Arc<Meanwhile>>>>,
}

/// Does what is due at a moment, and says when it wants to be asked again.
type Meanwhile = dyn Fn(Timestamp) -> Option<Timestamp> + Send + Sync;

impl Mock {
    /// A board at [`Timestamp::ZERO`], without parts. The same seed gives the same bounces and noise.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            state: Arc::new(Mutex::new(State::new(seed))),
            meanwhile: Arc::default(),
        }
    }

    /// What a [`sinew_board::Board`] is made of.
    #[must_use]
    pub fn backends(&self) -> Backends {
        let board = Arc::new(self.clone());
        Backends {
            name: NAME,
            simulated: true,
            clock: board.clone(),
            gpio: board.clone(),
            motion: board.clone(),
            pwm: board.clone(),
            i2c: board.clone(),
            spi: board.clone(),
            serial: board.clone(),
            input_devices: board,
        }
    }

    /// The board's time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.with(|state| state.wires.now)
    }

    /// When the next thing happens by itself.
    #[must_use]
    pub fn next_event(&self) -> Option<Timestamp> {
        self.with(|state| state.wires.agenda.next_at())
    }

    /// Lets time pass until `to`: everything due by then is carried out, each at its own moment, those of one moment in
    /// the order in which they were planned. Without effect if the board is later already: a driver that blocked
    /// ([`sinew_board::backend::Clock::delay`]) took that time.
    pub fn advance(&self, to: Timestamp) {
        self.with(|state| state.advance(to));
    }

    /// Has this done while a driver blocks, at the moments that it asks for: on hardware a thread of its own ends leases then. What the
    /// closure holds is held until [`Self::forget_while_blocked`].
    pub fn while_blocked(
        &self,
        act: impl Fn(Timestamp) -> Option<Timestamp> + Send + Sync + 'static,
    ) {
        *self.meanwhile() = Some(Arc::new(act));
    }

    /// Ends [`Self::while_blocked`].
    pub fn forget_while_blocked(&self) {
        *self.meanwhile() = None;
    }

    fn meanwhile(&self) -> MutexGuard<'_, Option<Arc<Meanwhile>>> {
        self.meanwhile
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the time pass for which a driver blocks.
    pub(crate) fn block(&self, time: Duration) {
        let to = self.now() + time;
        // Taken out: what is done meanwhile may block as well, and is not done within itself.
        let act = self.meanwhile().take();
        if let Some(act) = act {
            let mut at = self.now();
            while let Some(next) = act(at).filter(|next| at < *next && *next <= to) {
                self.advance(next);
                at = self.now();
            }
            self.meanwhile().get_or_insert(act);
        }
        self.advance(to);
    }

    /// Lets something hold the data line of an I2C bus low, or let go of it: meanwhile each transaction there runs out of
    /// time. `false` if there is no such bus.
    pub fn hold_i2c(&self, bus: u8, held: bool) -> bool {
        self.with(|state| match state.held.get_mut(usize::from(bus)) {
            Some(known) => {
                *known = held;
                true
            }
            None => false,
        })
    }

    /// What is fitted, in the order of fitting.
    #[must_use]
    pub fn fitted(&self) -> Vec<FittedInfo> {
        self.with(|state| {
            let info = |slot: &crate::state::Slot| FittedInfo {
                name: slot.socket.name.clone(),
                part: slot.socket.part,
                resources: slot.socket.resources.clone(),
            };
            state.slots.iter().map(info).collect()
        })
    }

    /// The twin that was fitted under this name; the first of several.
    #[must_use]
    pub fn twin(&self, name: &str) -> Option<Twin> {
        let id = self.with(|state| {
            let index = state
                .slots
                .iter()
                .position(|slot| slot.socket.name == name)?;
            Some(state.slots[index].socket.id)
        })?;
        Some(Twin {
            mock: self.clone(),
            id,
        })
    }

    /// What the mock objects to: at most the first 256, see [`Self::complaint_count`]. A test should find none.
    #[must_use]
    pub fn complaints(&self) -> Vec<Complaint> {
        self.with(|state| state.wires.complaints.kept().to_vec())
    }

    /// How many complaints there were.
    #[must_use]
    pub fn complaint_count(&self) -> u64 {
        self.with(|state| state.wires.complaints.count())
    }

    /// Records from now on what the wires do, as a value change dump (VCD) that PulseView and GTKWave open: pins by number and
    /// part, I2C and SPI as the waveforms of their pins, serial lines, and the duty of PWM channels. A recording that goes
    /// on ends here. Parts that are fitted later have no name in it, so begin when all are fitted.
    ///
    /// # Errors
    ///
    /// If `output` does not take the beginning; what it does not take later, [`Self::end_recording`] tells.
    pub fn record(&self, output: Box<dyn Write + Send>) -> io::Result<()> {
        self.with(|state| {
            let analyzer = state.analyzer(output)?;
            state.wires.analyzer = Some(Box::new(analyzer));
            Ok(())
        })
    }

    /// Ends a recording and writes what is left of it.
    ///
    /// # Errors
    ///
    /// If the output did not take something since the beginning; the recording ends there.
    pub fn end_recording(&self) -> io::Result<()> {
        self.with(|state| {
            let analyzer = state.wires.analyzer.take();
            analyzer.map_or(Ok(()), |analyzer| analyzer.end(state.wires.now))
        })
    }

    /// Does something under the lock, once, and wakes whom it concerns after it.
    pub(crate) fn with<R>(&self, act: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = act(&mut state);
        if !state.wires.wakes.is_empty() {
            let wakes = std::mem::take(&mut state.wires.wakes);
            drop(state);
            wakes.wake();
        }
        result
    }

    /// Fits a part.
    pub(crate) fn fit(
        &self,
        name: &str,
        part_name: &'static str,
        resources: Vec<String>,
        part: Part,
    ) -> Twin {
        let id: TwinId = self.with(|state| state.fit(name, part_name, resources, part));
        Twin {
            mock: self.clone(),
            id,
        }
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").finish_non_exhaustive()
    }
}

/// A driver that blocks takes its time from the whole board, at once: see the crate's section on time.
impl backend::Clock for Mock {
    fn now(&self) -> Timestamp {
        Mock::now(self)
    }

    fn delay(&self, time: Duration) {
        self.block(time);
    }
}

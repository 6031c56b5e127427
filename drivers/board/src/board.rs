//! The board: what a robot's graph claims its parts on.

use crate::bus_thread::BusThreads;
use crate::claim::{Claim, Register, Wanted};
use crate::motion_buses::MotionBuses;
use crate::real_parts::{Port, RealParts};
use crate::{
    Backends, Bias, BoardError, BridgeClaim, ClaimError, ClaimInfo, Clash, Delay, Guarded,
    I2cClaim, IndicatorClaim, InputClaim, InputDeviceClaim, InputGroupClaim, InputSettings, Level,
    MotionInfo, OpenDrainClaim, Pin, Resource, Safety, SafetyPage, SerialClaim, SerialSettings,
    SpiClaim, SpiSettings, Timestamp,
};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The addresses that devices may have (I2C-bus specification UM10204, table 4: the rest is reserved).
const DEVICE_ADDRESSES: RangeInclusive<u8> = 0x08..=0x77;

/// The computer that a robot runs on, real or simulated. Clones are the same board.
///
/// Parts are *claimed* while the graph is wired, and *opened* at each start of their actor. A claim lasts as long
/// as the board.
#[derive(Clone, Debug)]
pub struct Board {
    pub(crate) backends: Backends,
    pub(crate) ports: Arc<BTreeMap<String, Port>>,
    register: Register,
    pub(crate) safety: Safety,
    threads: BusThreads,
    pub(crate) motion_buses: MotionBuses,
    pub(crate) bridges: Arc<Mutex<Vec<BridgeClaim>>>,
    pub(crate) real: Arc<RealParts>,
    pub(crate) guarded: Option<Arc<Mutex<Guarded>>>,
    pub(crate) collecting: bool,
}

impl Board {
    /// A board of these backends: nothing claimed, disarmed.
    #[must_use]
    pub fn new(backends: Backends) -> Self {
        Self {
            backends,
            ports: Arc::default(),
            register: Register::default(),
            safety: Safety::on(Arc::new(SafetyPage::private())),
            threads: BusThreads::default(),
            motion_buses: MotionBuses::default(),
            bridges: Arc::default(),
            real: Arc::default(),
            guarded: None,
            collecting: false,
        }
    }

    /// Puts the board under a guardian, whose lines its real bridges are then driven through. To be said before anything is
    /// claimed.
    #[must_use]
    pub fn guarded_by(mut self, guarded: Guarded) -> Self {
        self.safety = Safety::on(Arc::clone(&guarded.page));
        self.guarded = Some(Arc::new(Mutex::new(guarded)));
        self
    }

    /// Whether a guardian holds its real motion outputs.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        self.guarded.is_some()
    }

    /// Collects clashes of claims instead of refusing them, so that `check` can name all of them. Nothing can be
    /// opened on such a board.
    #[must_use]
    pub fn collecting(mut self) -> Self {
        self.collecting = true;
        self
    }

    /// What a user calls the backends: `mock`, `linux`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.backends.name
    }

    /// Whether pins, PWM and buses are simulated. A serial port may differ: see [`ClaimInfo::simulated`].
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.backends.simulated
    }

    /// Now, on the clock that stamps edges and ends leases.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.backends.clock.now()
    }

    /// Waiting for drivers, on the board's clock.
    #[must_use]
    pub fn delay(&self) -> Delay {
        Delay {
            clock: Arc::clone(&self.backends.clock),
        }
    }

    /// Claims a pin as an input for a part, such as `HC-SR04 echo`.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if something else has the pin.
    pub fn input(&self, part: &str, pin: Pin, bias: Bias) -> Result<InputClaim, ClaimError> {
        Ok(InputClaim {
            claim: self.claim(part, &[Resource::Pin(pin).into()])?,
            gpio: self.gpio(pin),
            pin,
            settings: InputSettings::new(bias),
            collecting: self.collecting,
        })
    }

    /// Claims several pins that are read together, such as the sensors of a line follower.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if something else has one of the pins, or if there is none.
    pub fn inputs(
        &self,
        part: &str,
        pins: &[Pin],
        bias: Bias,
    ) -> Result<InputGroupClaim, ClaimError> {
        let wanted: Vec<Wanted> = pins.iter().map(|pin| Resource::Pin(*pin).into()).collect();
        let mut lines = pins.iter().map(|pin| self.gpio(*pin));
        let Some(first) = lines.next() else {
            let part = part.to_owned();
            return Err(ClaimError::NoPins { part });
        };
        let is_one = lines.all(|gpio| Arc::ptr_eq(&gpio, &first));
        // Real only if all are: what is read of some must not pass for what the robot sees.
        let simulated = !wanted.iter().all(|wanted| self.is_real(wanted.what()));
        let claim = self
            .register
            .claim(part, &wanted, simulated, self.collecting)?;
        Ok(InputGroupClaim {
            claim,
            gpio: is_one.then_some(first),
            pins: pins.to_vec(),
            settings: InputSettings::new(bias),
            collecting: self.collecting,
        })
    }

    /// Claims a pin as a plain output, which takes the level `safe` when its actor ends. Nothing that moves, heats or
    /// opens may hang on it.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if something else has the pin.
    pub fn indicator(
        &self,
        part: &str,
        pin: Pin,
        safe: Level,
    ) -> Result<IndicatorClaim, ClaimError> {
        Ok(IndicatorClaim {
            claim: self.claim(part, &[Wanted::output(Resource::Pin(pin), safe)])?,
            gpio: self.gpio(pin),
            pin,
            safe,
            collecting: self.collecting,
        })
    }

    /// Claims a pin as an open-drain line: it is pulled low or let go of, `bias` holds it meanwhile, and others may pull it too. It is
    /// let go of when its actor ends. The Pi's own resistors are weak (50 kOhm): a long wire wants one of 4.7 kOhm beside them.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if something else has the pin.
    pub fn open_drain(
        &self,
        part: &str,
        pin: Pin,
        bias: Bias,
    ) -> Result<OpenDrainClaim, ClaimError> {
        Ok(OpenDrainClaim {
            // What is read of it counts as an input: a simulated one must not move real motors.
            claim: self.claim(part, &[Resource::Pin(pin).into()])?,
            gpio: self.gpio(pin),
            pin,
            bias,
            collecting: self.collecting,
        })
    }

    /// Claims an address on an I2C bus (1 is the one on the header).
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has the address, or something else the bus's pins.
    pub fn i2c(&self, part: &str, bus: u8, address: u8) -> Result<I2cClaim, ClaimError> {
        if !DEVICE_ADDRESSES.contains(&address) {
            return Err(ClaimError::ReservedAddress {
                part: part.to_owned(),
                address,
            });
        }
        Ok(I2cClaim {
            claim: self.claim(part, &[Resource::I2c { bus, address }.into()])?,
            i2c: Arc::clone(self.real.buses.get(&bus).unwrap_or(&self.backends.i2c)),
            bus,
            address,
            threads: self.threads.clone(),
            motion_buses: self.motion_buses.clone(),
            collecting: self.collecting,
        })
    }

    /// Claims a chip select of an SPI bus (0 is the one on the header), for a chip that wants to be spoken to so.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has the chip select, or something else one of the pins.
    pub fn spi(
        &self,
        part: &str,
        bus: u8,
        select: u8,
        settings: SpiSettings,
    ) -> Result<SpiClaim, ClaimError> {
        Ok(SpiClaim {
            claim: self.claim(part, &[Resource::Spi { bus, select }.into()])?,
            spi: Arc::clone(&self.backends.spi),
            bus,
            select,
            settings,
            threads: self.threads.clone(),
            collecting: self.collecting,
        })
    }

    /// Claims a serial port by the name that the robot gives it.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has the port or the device behind it, or something else
    /// the pins of the UART.
    pub fn serial(
        &self,
        part: &str,
        port: &str,
        settings: SerialSettings,
    ) -> Result<SerialClaim, ClaimError> {
        let mapped = self.ports.get(port);
        let resource = Resource::Serial {
            port: port.to_owned(),
            device: mapped.map(|port| port.device.clone()),
        };
        let simulated = mapped.map_or(self.backends.simulated, |port| port.serial.is_simulated());
        let claim = self
            .register
            .claim(part, &[resource.into()], simulated, self.collecting)?;
        let (serial, device) = match mapped {
            Some(port) => (&port.serial, port.device.as_str()),
            None => (&self.backends.serial, port),
        };
        Ok(SerialClaim {
            claim,
            serial: Arc::clone(serial),
            device: device.to_owned(),
            settings,
            clock: Arc::clone(&self.backends.clock),
            collecting: self.collecting,
        })
    }

    /// Claims what somebody holds by the name that the robot gives it, such as `gamepad`. On Linux a name that nothing is mapped to is
    /// the device's own.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has it or the device behind it.
    pub fn input_device(&self, part: &str, name: &str) -> Result<InputDeviceClaim, ClaimError> {
        let mapped = self.real.input_devices.get(name);
        let resource = Resource::InputDevice {
            name: name.to_owned(),
            device: mapped.map(|(_, device)| device.clone()),
        };
        let simulated = !self.is_real(&resource);
        let claim = self
            .register
            .claim(part, &[resource.into()], simulated, self.collecting)?;
        let (devices, device) = match mapped {
            Some((devices, device)) => (devices, device.as_str()),
            None => (&self.backends.input_devices, name),
        };
        Ok(InputDeviceClaim {
            claim,
            devices: Arc::clone(devices),
            device: device.to_owned(),
            collecting: self.collecting,
        })
    }

    /// All claims, one for each resource, in the order in which they were made.
    #[must_use]
    pub fn claims(&self) -> Vec<ClaimInfo> {
        self.register.claims()
    }

    /// The clashes of a board that collects them.
    #[must_use]
    pub fn clashes(&self) -> Vec<Clash> {
        self.register.clashes()
    }

    /// The arm state and the e-stop.
    #[must_use]
    pub fn safety(&self) -> &Safety {
        &self.safety
    }

    /// When the next lease of a simulated output ends, if any stands; [`Board::enforce`] must be called then.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.safety.next_deadline()
    }

    /// Makes every motion output safe whose lease ends at `now` or has ended before. One that cannot be made safe
    /// disarms the board.
    pub fn enforce(&self, now: Timestamp) {
        self.safety.enforce(now);
    }

    /// The same while a driver blocks the only thread of a simulation, in the middle of whatever it does: an output that is being
    /// written then is left to who writes it.
    pub fn enforce_while_blocked(&self, now: Timestamp) {
        self.safety.enforce_while_blocked(now);
    }

    /// Makes every real motion output safe whose lease is over, by the time of the world; how long until the next one ends.
    /// To be called again by then, by a thread that does nothing else.
    pub fn enforce_real(&self) -> Option<Duration> {
        self.safety.enforce_real()
    }

    /// What the motion outputs do now, in the order in which they were claimed.
    #[must_use]
    pub fn motion(&self) -> Vec<MotionInfo> {
        self.safety.outputs(|output| output.info())
    }

    pub(crate) fn claim(&self, part: &str, wanted: &[Wanted]) -> Result<Claim, ClaimError> {
        let simulated = !wanted.iter().any(|wanted| self.is_real(wanted.what()));
        self.register
            .claim(part, wanted, simulated, self.collecting)
    }
}

/// Refuses to open anything on a board that only collects claims: two parts may believe that they own one pin.
pub(crate) fn may_open(collecting: bool, claim: &Claim) -> Result<(), BoardError> {
    if !collecting {
        return Ok(());
    }
    Err(BoardError::Unavailable {
        what: claim.info().what.to_string(),
        why: "this board only collects claims for `check`; use one without `collecting`".to_owned(),
    })
}

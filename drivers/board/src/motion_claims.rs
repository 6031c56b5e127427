//! How the motion outputs of a board are claimed.

use crate::backend::Clock;
use crate::claim::{Claim, Wanted};
use crate::controller_chip::ControllerChip;
use crate::controller_link::{ControllerLink, Shared};
use crate::controller_port::ControllerPort;
use crate::motion::{MotionOutput, Real};
use crate::motor_wiring::Wired;
use crate::sync::lock;
use crate::{
    Backends, Board, BridgeClaim, BridgePins, ClaimError, I2cClaim, Level, MOST_OUTPUTS,
    MotionSafety, MotorChip, MotorController, MotorProtocol, Resource, SerialClaim, SerialSettings,
};
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::Mutex;

impl Board {
    /// Claims an H-bridge, a motion output: it follows commands only while armed and only under a lease.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if something else has one of its pins or the channel.
    pub fn bridge(
        &self,
        part: &str,
        pins: BridgePins,
        safety: MotionSafety,
    ) -> Result<BridgeClaim, ClaimError> {
        // An H-bridge rests while all its lines are low.
        let wanted = [
            (Resource::Pwm(pins.pwm), "speed"),
            (Resource::Pin(pins.forward), "forward"),
            (Resource::Pin(pins.backward), "backward"),
        ];
        // A bridge with one real line is a real one.
        let simulated = !wanted.iter().any(|(what, _)| self.is_real(what));
        let backends = self.backends_of(pins, simulated);
        let wanted = wanted.map(|(what, role)| Wanted::output(what, Level::Low).called(role));
        self.motion_output(part, &wanted, (Wired::Bridge(pins), backends), safety)
    }

    /// Claims a serial port for a motor controller, of which motors are then claimed.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has the port or the device behind it, or something else
    /// the pins of the UART.
    pub fn motor_controller(
        &self,
        part: &str,
        port: &str,
        settings: SerialSettings,
        protocol: Arc<dyn MotorProtocol>,
    ) -> Result<MotorController, ClaimError> {
        let SerialClaim {
            claim,
            serial,
            device,
            ..
        } = self.serial(part, port, settings)?;
        let clock = self.clock_of(&claim);
        let link = ControllerPort {
            name: port.to_owned(),
            device,
            settings,
            serial,
            protocol,
            clock,
            line: Shared::default(),
            #[cfg(target_os = "linux")]
            file: Shared::default(),
        };
        Ok(self.controller(claim, link))
    }

    /// Claims the address of a chip that drives motors, of which motors are then claimed. From now on nothing on its bus may take
    /// longer than 5 ms, and a bus that hangs is given up after 20 ms: a stop waits behind it.
    ///
    /// # Errors
    ///
    /// [`ClaimError`] naming both owners if another part has the address, or something else the pins of the bus.
    pub fn motor_chip(
        &self,
        part: &str,
        (bus, address): (u8, u8),
        chip: Arc<dyn MotorChip>,
    ) -> Result<MotorController, ClaimError> {
        let I2cClaim { claim, i2c, .. } = self.i2c(part, bus, address)?;
        self.motion_buses.add(bus, i2c.as_ref());
        let link = ControllerChip {
            bus,
            address,
            i2c,
            chip,
            clock: self.clock_of(&claim),
            line: Shared::default(),
            #[cfg(target_os = "linux")]
            file: Shared::default(),
        };
        Ok(self.controller(claim, link))
    }

    fn controller(&self, claim: Claim, link: impl ControllerLink + 'static) -> MotorController {
        MotorController {
            board: self.clone(),
            claim,
            link: Arc::new(link),
        }
    }

    /// The clock of the leases of what this claims.
    fn clock_of(&self, claim: &Claim) -> Arc<dyn Clock> {
        if claim.info().simulated {
            Arc::clone(&self.backends.clock)
        } else {
            crate::linux::backends().clock
        }
    }

    pub(crate) fn controller_motor(
        &self,
        part: &str,
        link: &Arc<dyn ControllerLink>,
        motor: usize,
        safety: MotionSafety,
    ) -> Result<BridgeClaim, ClaimError> {
        let what = link.resource(motor);
        let backends = Backends {
            simulated: !self.is_real(&what),
            ..self.backends.clone()
        };
        let wanted = [Wanted::output(what, Level::Low)];
        let wired = Wired::Controller(Arc::clone(link), motor);
        self.motion_output(part, &wanted, (wired, backends), safety)
    }

    fn motion_output(
        &self,
        part: &str,
        wanted: &[Wanted],
        (wired, backends): (Wired, Backends),
        safety: MotionSafety,
    ) -> Result<BridgeClaim, ClaimError> {
        let place = lock(&self.bridges).len();
        if place == MOST_OUTPUTS {
            let part = part.to_owned();
            return Err(ClaimError::TooManyOutputs { part });
        }
        let claim = self.claim(part, wanted)?;
        let clock = Arc::clone(&self.backends.clock);
        let page = (Arc::clone(self.safety.page()), place);
        let real = (!backends.simulated).then(|| self.real_output(place));
        let output = MotionOutput::new(claim.clone(), wired, safety, page, clock, real);
        let output = Arc::new(output);
        self.safety.add(Arc::clone(&output));
        let claim = BridgeClaim {
            claim,
            output,
            safety: self.safety.clone(),
            backends,
            collecting: self.collecting,
        };
        lock(&self.bridges).push(claim.clone());
        Ok(claim)
    }

    /// What the guardian gave for the output at this place.
    fn real_output(&self, place: usize) -> Real {
        #[cfg(target_os = "linux")]
        let given = self.guarded.as_ref().and_then(|guarded| {
            let wires = &mut lock(guarded).wires;
            wires.get_mut(place).and_then(Option::take)
        });
        #[cfg(not(target_os = "linux"))]
        let _ = place;
        Real {
            clock: crate::linux::backends().clock,
            #[cfg(target_os = "linux")]
            given: Mutex::new(given),
        }
    }

    /// All bridges that were claimed, in that order: for a tool that tries one while no graph runs.
    #[must_use]
    pub fn bridges(&self) -> Vec<BridgeClaim> {
        lock(&self.bridges).clone()
    }
}

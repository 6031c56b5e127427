//! Hardware PWM of the mock.

use crate::mock::Mock;
use sinew_board::backend::{Pwm, PwmLine};
use sinew_board::{BoardError, PwmChannel};
use sinew_messages::Hertz;

/// The fastest PWM that the BCM2835's 19.2 MHz oscillator makes with a resolution of at least 100 steps.
/// Source: BCM2835 ARM Peripherals, section 9 (the range register divides the PWM clock).
const FASTEST: f64 = 192_000.0;

/// An open channel; closing it is dropping this. Its last duty stays, as with a channel that is left enabled.
#[derive(Debug)]
struct Channel {
    mock: Mock,
    channel: PwmChannel,
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.mock
            .with(|state| state.wires.pwm(self.channel).in_use = false);
    }
}

impl Pwm for Mock {
    fn is_simulated(&self) -> bool {
        true
    }

    fn channel(
        &self,
        channel: PwmChannel,
        frequency: Hertz,
    ) -> Result<Box<dyn PwmLine>, BoardError> {
        if !(frequency.0 > 0.0 && frequency.0 <= FASTEST) {
            return Err(BoardError::Frequency {
                channel,
                hertz: frequency.0,
            });
        }
        self.with(|state| {
            let output = state.wires.pwm(channel);
            if output.in_use {
                return Err(BoardError::Unavailable {
                    what: channel.to_string(),
                    why: "it is open already; close it before it is opened again".to_owned(),
                });
            }
            output.in_use = true;
            output.duty = 0.0;
            output.frequency = frequency;
            Ok(())
        })?;
        Ok(Box::new(Channel {
            mock: self.clone(),
            channel,
        }))
    }
}

impl PwmLine for Channel {
    fn set_duty(&mut self, duty: f64) -> Result<(), BoardError> {
        if !(0.0..=1.0).contains(&duty) {
            return Err(BoardError::Unavailable {
                what: self.channel.to_string(),
                why: format!("a duty is between 0 and 1, found {duty}"),
            });
        }
        self.mock.with(|state| {
            state.wires.pwm(self.channel).duty = duty;
            let now = state.wires.now;
            if let Some(analyzer) = &mut state.wires.analyzer {
                analyzer.duty(self.channel.number(), duty, now);
            }
        });
        Ok(())
    }
}

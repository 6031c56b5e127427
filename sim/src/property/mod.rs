//! What must hold at every moment of a run.

mod arm;
mod distance;
mod lease;
mod moment;
mod silence;

pub use arm::{no_motion_while_disarmed, no_motion_while_disarmed_after};
pub use distance::keeps_its_distance;
pub use lease::no_motion_after_its_lease;
pub use moment::{Moment, MotorMoment, SonarMoment};
pub use silence::no_wheel_turns_after_silence;

use sinew_messages::Timestamp;

/// Something that must hold at every step of the simulated world.
pub trait Property {
    /// The property as a sentence.
    fn name(&self) -> String;

    /// Looks at a moment; moments come in order, a few milliseconds apart.
    ///
    /// # Errors
    ///
    /// What was seen instead, in words.
    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String>;

    /// How often that happened which the property speaks of. At zero it held because nothing put it to the test.
    fn occasions(&self) -> u64;
}

/// A property of one's own: `look` says whether the moment was an occasion of it.
///
/// # Examples
///
/// ```
/// use sinew_sim::property;
///
/// let slow = property("the body drives below 1 m/s", |moment| match moment.twist.x.abs().0 {
///     0.0 => Ok(false),
///     speed if speed < 1.0 => Ok(true),
///     speed => Err(format!("it drives at {speed} m/s")),
/// });
/// ```
pub fn property(
    name: &str,
    look: impl FnMut(&Moment<'_>) -> Result<bool, String> + 'static,
) -> impl Property + 'static {
    Sentence {
        name: name.to_owned(),
        look,
        occasions: 0,
    }
}

struct Sentence<F> {
    name: String,
    look: F,
    occasions: u64,
}

impl<F: FnMut(&Moment<'_>) -> Result<bool, String>> Property for Sentence<F> {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn look(&mut self, moment: &Moment<'_>) -> Result<(), String> {
        self.occasions += u64::from((self.look)(moment)?);
        Ok(())
    }

    fn occasions(&self) -> u64 {
        self.occasions
    }
}

/// A property that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Breach {
    /// When.
    pub at: Timestamp,
    /// The property's name.
    pub property: String,
    /// What was seen instead.
    pub seen: String,
}

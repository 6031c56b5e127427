//! How a motor controller is reached: what all its motors share.

use crate::drive::Drive;
use crate::motor_wiring::MotorWiring;
use crate::sync::lock;
use crate::{BoardError, MotionSafety, Resource};
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

/// The way to a motor controller. It outlives every opening of a motor.
pub(crate) trait ControllerLink: Debug + Send + Sync {
    /// How many motors it has.
    fn motors(&self) -> usize;

    /// What it cannot promise of this.
    fn refuses(&self, safety: &MotionSafety) -> Option<String> {
        let _ = safety;
        None
    }

    /// Whether a write to it may wait for others.
    fn may_wait(&self) -> bool {
        false
    }

    /// What whoever drives a motor has for itself.
    fn resource(&self, motor: usize) -> Resource;

    /// Where a motor is, as data.
    fn wiring(&self, motor: usize) -> MotorWiring;

    /// Drives a motor of a simulated controller.
    fn simulated(&self, part: &str, motor: usize) -> Result<Box<dyn Drive>, BoardError>;

    /// Drives a motor through the file that a guardian gave.
    #[cfg(target_os = "linux")]
    fn over(
        &self,
        part: &str,
        motor: usize,
        file: std::os::fd::OwnedFd,
    ) -> Result<Box<dyn Drive>, BoardError>;

    /// Opens a motor for a guardian.
    #[cfg(target_os = "linux")]
    fn hold(&self, motor: usize) -> Result<crate::MotionWires, BoardError>;
}

/// What the first motor opens and the others take part in.
#[derive(Debug)]
pub(crate) struct Shared<T>(Mutex<Option<Arc<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T> Shared<T> {
    pub(crate) fn get(
        &self,
        open: impl FnOnce() -> Result<T, BoardError>,
    ) -> Result<Arc<T>, BoardError> {
        let mut shared = lock(&self.0);
        if let Some(shared) = &*shared {
            return Ok(Arc::clone(shared));
        }
        let new = Arc::new(open()?);
        *shared = Some(Arc::clone(&new));
        Ok(new)
    }
}

/// A file of its own for whoever is handed it.
#[cfg(target_os = "linux")]
pub(crate) fn duplicate(
    file: &std::os::fd::OwnedFd,
    what: impl FnOnce() -> String,
) -> Result<std::os::fd::OwnedFd, BoardError> {
    file.try_clone().map_err(|source| BoardError::System {
        doing: "hold",
        what: what(),
        remedy: "too many files may be open".to_owned(),
        source,
    })
}

//! What every handle to a twin can do.

use crate::mock::Mock;
use crate::random::Random;
use crate::socket::TwinId;

/// A handle to a fitted twin; a clone is the same twin.
#[derive(Clone, Debug)]
pub struct Twin {
    pub(crate) mock: Mock,
    pub(crate) id: TwinId,
}

impl Twin {
    /// What it was called when it was fitted.
    #[must_use]
    pub fn name(&self) -> String {
        self.mock.with(|state| state.twin(self.id).0.name.clone())
    }

    /// Takes its power and all its wires away: wires fall back to their pull, a chip's address answers no more.
    pub fn unplug(&self) {
        self.mock.with(|state| state.unplug(self.id));
    }

    /// Plugs it in again: it begins in its power-on state and is frozen no more.
    pub fn replug(&self) {
        self.mock.with(|state| state.replug(self.id));
    }

    /// Lets it hang: it keeps answering, always with what it said last.
    pub fn freeze(&self) {
        self.mock.with(|state| state.freeze(self.id, true));
    }

    /// Ends [`Self::freeze`].
    pub fn thaw(&self) {
        self.mock.with(|state| state.freeze(self.id, false));
    }

    /// Takes its power away and gives it back, as a brown-out does: it is in its power-on state then.
    pub fn reset(&self) {
        self.mock.with(|state| {
            if state.twin(self.id).0.plugged {
                state.unplug(self.id);
                state.replug(self.id);
            }
        });
    }

    /// Lets a chip on I2C acknowledge its address no more, or again.
    pub fn set_deaf(&self, deaf: bool) {
        self.mock
            .with(|state| state.twin(self.id).0.ills.deaf = deaf);
    }

    /// Lets a chip on I2C let go of the data line after the first byte of each message that is read, or not any more: the others
    /// read as 0xFF.
    pub fn set_falls_silent(&self, falls_silent: bool) {
        self.mock
            .with(|state| state.twin(self.id).0.ills.falls_silent = falls_silent);
    }

    /// Lets the serial line of a part lose bytes and damage others: of a thousand so many each. The seed decides which. `false` if
    /// the part is on no serial line.
    pub fn spoil_line(&self, lost: u16, damaged: u16) -> bool {
        self.mock.with(|state| {
            let (socket, _, wires) = state.twin(self.id);
            let port = socket
                .resources
                .iter()
                .find_map(|what| what.strip_prefix("port "));
            let Some(port) = port.and_then(|name| wires.find_port(name)) else {
                return false;
            };
            let random = Random::new(socket.random.next(), &socket.name);
            wires.ports[port].spoil(lost, damaged, random);
            true
        })
    }

    /// Whether it is plugged in.
    #[must_use]
    pub fn is_plugged(&self) -> bool {
        self.mock.with(|state| state.twin(self.id).0.plugged)
    }

    /// Whether it is frozen.
    #[must_use]
    pub fn is_frozen(&self) -> bool {
        self.mock.with(|state| state.twin(self.id).0.frozen)
    }
}

/// Declares a handle: its doc and name. It is a [`Twin`] with methods of its own.
macro_rules! handle {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(pub(crate) $crate::twin::Twin);

        impl $name {
            /// What it was called when it was fitted.
            #[must_use]
            pub fn name(&self) -> String {
                self.0.name()
            }

            /// Takes its power and all its wires away; see [`Twin::unplug`]($crate::Twin::unplug).
            pub fn unplug(&self) {
                self.0.unplug();
            }

            /// Plugs it in again, in its power-on state; see [`Twin::replug`]($crate::Twin::replug).
            pub fn replug(&self) {
                self.0.replug();
            }

            /// Lets it hang with its last answer; see [`Twin::freeze`]($crate::Twin::freeze).
            pub fn freeze(&self) {
                self.0.freeze();
            }

            /// Ends a freeze.
            pub fn thaw(&self) {
                self.0.thaw();
            }
        }

        impl From<$name> for $crate::Twin {
            fn from(handle: $name) -> Self {
                handle.0
            }
        }
    };
}

pub(crate) use handle;

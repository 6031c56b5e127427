//! The locks and atomics of what several threads share: those of std, or those of a model checker.
//!
//! `cargo xtask models` compiles the tests of this crate with `--cfg sinew_models`; loom then tries the orders in which
//! threads can take their steps, and the values that a weak memory can show them. Nothing else sees a difference.

#[cfg(not(all(test, sinew_models)))]
mod lock;
#[cfg(all(test, sinew_models))]
#[path = "model_lock.rs"]
mod lock;

pub(crate) use lock::{Lock, LockGuard};

#[cfg(not(all(test, sinew_models)))]
pub(crate) use std::{
    sync::atomic::{AtomicBool, AtomicU64, fence},
    thread_local,
};

#[cfg(all(test, sinew_models))]
pub(crate) use loom::sync::atomic::{AtomicBool, AtomicU64, fence};

/// Loom's knows no constants.
#[cfg(all(test, sinew_models))]
macro_rules! thread_local_in_models {
    (static $name:ident: $type:ty = const { $value:expr };) => {
        loom::thread_local! {
            static $name: $type = $value;
        }
    };
}

#[cfg(all(test, sinew_models))]
pub(crate) use thread_local_in_models as thread_local;

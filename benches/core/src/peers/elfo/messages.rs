//! What is sent with elfo: its messages are registered by name, and so not generic.

use elfo::message;

use crate::payload::Small;

/// 16 bytes.
#[message]
pub(super) struct TellSmall(pub(super) [u64; 2]);

/// 128 bytes.
#[message]
pub(super) struct TellLarge(pub(super) [[u64; 4]; 4]);

/// 16 bytes with an answer.
#[message(ret = u64)]
pub(super) struct AskSmall(pub(super) [u64; 2]);

/// 128 bytes with an answer.
#[message(ret = u64)]
pub(super) struct AskLarge(pub(super) [[u64; 4]; 4]);

/// An ordinary message for a worker.
#[message]
pub(super) struct Job;

/// Something urgent for a worker.
#[message]
pub(super) struct Urgent;

/// The end of a counter.
#[message]
pub(super) struct Halt;

pub(super) fn small(number: u64) -> TellSmall {
    TellSmall([number, 1])
}

pub(super) fn large(number: u64) -> TellLarge {
    TellLarge([[number, 1, 2, 3]; 4])
}

/// Messages of elfo are registered by name and so not generic.
pub(super) const fn is_small<M>() -> bool {
    size_of::<M>() == size_of::<Small>()
}

//! Looking for something for a moment before sleeping until it comes.
//!
//! To wake a thread on a core that rests takes tens of microseconds, more than a short transaction does. Who looks for a moment is
//! there at once, and uses a core meanwhile: so it is only done where it paid the last time, and tried again now and then.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::yield_now;

/// After a look in vain so many are left out: what they cost is lost among what the waits take.
const LEFT_OUT: u32 = 100;

/// After so many looks others have their turn: a real-time thread hands its priority and its cores down to the threads that it starts, and
/// who is looked for may be waiting for this very core.
const IN_A_ROW: u32 = 50;

/// Whether it pays to look.
#[derive(Debug, Default)]
pub(crate) struct Lookout {
    left_out: AtomicU32,
}

impl Lookout {
    /// Looks up to so many times whether something is there, or once where looking does not pay.
    pub(crate) fn look(&self, times: u32, mut is_there: impl FnMut() -> bool) -> bool {
        let left_out = self.left_out.load(Ordering::Relaxed);
        if left_out > 0 {
            self.left_out.store(left_out - 1, Ordering::Relaxed);
            return is_there();
        }
        for look in 1..=times {
            if is_there() {
                return true;
            }
            if look % IN_A_ROW == 0 {
                yield_now();
            } else {
                spin_loop();
            }
        }
        self.left_out.store(LEFT_OUT, Ordering::Relaxed);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often it looks for what is never there.
    fn looks(lookout: &Lookout) -> u32 {
        let mut looks = 0;
        lookout.look(50, || {
            looks += 1;
            false
        });
        looks
    }

    #[test]
    fn what_did_not_come_while_one_looked_is_not_looked_for_a_while() {
        let lookout = Lookout::default();
        assert_eq!(looks(&lookout), 50);
        for _ in 0..LEFT_OUT {
            assert_eq!(looks(&lookout), 1);
        }
        assert_eq!(looks(&lookout), 50, "it may pay again");
    }

    #[test]
    fn what_comes_while_one_looks_is_looked_for_each_time() {
        let lookout = Lookout::default();
        for _ in 0..3 {
            let mut looks = 0;
            let found = lookout.look(50, || {
                looks += 1;
                looks == 20
            });
            assert!(found && looks == 20);
        }
    }
}

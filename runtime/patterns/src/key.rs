//! Keys that decide which messages belong together.

use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};

/// The same number for equal keys, in any process.
pub(crate) fn number_of<K: Hash + ?Sized>(key: &K) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 0);
    key.hash(&mut hasher);
    hasher.finish()
}

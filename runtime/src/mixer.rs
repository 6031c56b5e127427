//! A quick hash over a long sequence of words.

/// Mixes one word after the other into a hash, the same on every machine. It keeps apart what happened in two runs; it
/// is no defence against somebody who makes up runs to collide.
///
/// Each step is a multiplication whose two halves are folded into one, as in wyhash (Wang Yi, "Modern non-cryptographic
/// hash function and pseudorandom number generator", 2019). A fifth of the time of `SipHash`, which is built to finish
/// one short key, not to go on for ever.
#[derive(Clone, Debug)]
pub(crate) struct Mixer(u64);

/// Two odd constants without a pattern: the first digits of the fractional part of pi, in hexadecimal.
const WORD: u64 = 0x243f_6a88_85a3_08d3;
const STATE: u64 = 0x1319_8a2e_0370_7345;

impl Mixer {
    /// The hash of nothing.
    pub(crate) const fn new() -> Self {
        Self(STATE)
    }

    /// Mixes a word in.
    #[inline]
    pub(crate) fn add(&mut self, word: u64) {
        // The state is turned first, so that a word that meets it by chance does not erase what came before.
        let wide = u128::from(self.0 ^ word ^ WORD) * u128::from(self.0.rotate_left(32) | STATE);
        self.0 = (wide as u64) ^ ((wide >> 64) as u64) ^ self.0.rotate_left(17);
    }

    /// Mixes bytes in. How many they are is for the caller to mix in: the last word is filled up with zeros.
    #[inline]
    pub(crate) fn add_bytes(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        words
            .iter()
            .for_each(|word| self.add(u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            // A copy of a length that is not known beforehand costs more than the few steps.
            let last = rest.iter().rev();
            self.add(last.fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    /// The hash of all that was mixed in.
    #[inline]
    pub(crate) fn value(&self) -> u64 {
        let mut last = self.clone();
        last.add(WORD);
        last.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn hash(words: &[u64]) -> u64 {
        let mut mixer = Mixer::new();
        words.iter().for_each(|word| mixer.add(*word));
        mixer.value()
    }

    #[test]
    fn each_bit_of_each_word_counts_and_changes_about_half_of_the_hash() {
        let words = [0, 1, u64::MAX, 3, 1 << 63, 5];
        let plain = hash(&words);
        let (mut hashes, mut changed) = (BTreeSet::from([plain]), 0);
        for bit in 0..64 * words.len() {
            let mut other = words;
            other[bit / 64] ^= 1 << (bit % 64);
            hashes.insert(hash(&other));
            let bits = (plain ^ hash(&other)).count_ones();
            assert!((10..=54).contains(&bits), "bit {bit} changes {bits}");
            changed += bits;
        }
        assert_eq!(hashes.len(), 64 * words.len() + 1);
        let mean = f64::from(changed) / (64 * words.len()) as f64;
        assert!((31.0..33.0).contains(&mean), "{mean}");
    }

    #[test]
    fn the_order_and_the_number_of_words_count_zeros_too() {
        let hashes = [&[][..], &[0], &[0, 0], &[1, 2], &[2, 1], &[1, 2, 0]].map(hash);
        assert_eq!(BTreeSet::from(hashes).len(), hashes.len());
    }

    #[test]
    fn a_million_counters_in_a_row_have_hashes_of_their_own() {
        let hashes: BTreeSet<_> = (0..1_000_000).map(|count| hash(&[count, 7])).collect();
        assert_eq!(hashes.len(), 1_000_000);
    }

    #[test]
    fn bytes_are_words_with_the_lowest_byte_first() {
        let mut mixer = Mixer::new();
        mixer.add_bytes(&[1, 0, 0, 0, 0, 0, 0, 2, 3]);
        assert_eq!(mixer.value(), hash(&[2 << 56 | 1, 3]));
    }
}

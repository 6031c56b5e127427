//! Randomness that only a seed decides.

/// A stream of numbers of one part: the same seed and name give the same numbers, whatever else is fitted.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream of the part called `name` on a mock with this seed.
    pub(crate) fn new(seed: u64, name: &str) -> Self {
        // FNV-1a (Fowler, Noll, Vo; 64 bits): spreads the name over the word.
        let spread = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Self(seed ^ spread)
    }

    /// The next number. SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, 0 for a bound of 0. The bias of the remainder is below 2^-32 for bounds below 2^32.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_seed_and_a_name_decide_the_stream() {
        let draw = |seed, name| -> Vec<u64> {
            let mut random = Random::new(seed, name);
            (0..4).map(|_| random.next()).collect()
        };
        assert_eq!(draw(1, "bumper"), draw(1, "bumper"));
        assert_ne!(draw(1, "bumper"), draw(2, "bumper"));
        assert_ne!(draw(1, "bumper"), draw(1, "button"));
    }

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs of the reference implementation (https://prng.di.unimi.it/splitmix64.c) from state 0.
        let mut random = Random(0);
        assert_eq!(random.next(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.next(), 0x6e78_9e6a_a1b9_65f4);
    }
}

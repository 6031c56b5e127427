//! An incremental encoder with two channels, a quarter of a period apart.

/// Counts the edges of channels A and B: four counts for each period of a channel.
///
/// Forward is the direction in which A leads B: (A, B) goes low-low, high-low, high-high, low-high. That is our convention:
/// which way a shaft turns then depends on the encoder and on how it is mounted, so a driver may swap the channels.
///
/// A step that no turning shaft can make (both channels at once, or an edge to the level that already was) means
/// that an edge was lost: it is counted as illegal and does not count as motion, because its direction is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuadratureDecoder {
    a: bool,
    b: bool,
    count: i64,
    illegal: u64,
}

impl QuadratureDecoder {
    /// Starts at zero with the channels at these levels.
    #[must_use]
    pub fn new(a: bool, b: bool) -> Self {
        Self {
            a,
            b,
            count: 0,
            illegal: 0,
        }
    }

    /// Counted since the start; forward counts up.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.count
    }

    /// Steps that cannot be, since the start. Each stands for at least one lost edge.
    #[must_use]
    pub fn illegal(&self) -> u64 {
        self.illegal
    }

    /// Takes an edge of channel A to `level`. Returns the step: 1, -1, or 0 if it was illegal.
    pub fn edge_a(&mut self, level: bool) -> i8 {
        if level == self.a {
            self.illegal += 1;
            return 0;
        }
        // A leads: it becomes what B is not yet.
        self.a = level;
        self.step(level != self.b)
    }

    /// Takes an edge of channel B to `level`. Returns the step: 1, -1, or 0 if it was illegal.
    pub fn edge_b(&mut self, level: bool) -> i8 {
        if level == self.b {
            self.illegal += 1;
            return 0;
        }
        // B follows: it becomes what A already is.
        self.b = level;
        self.step(level == self.a)
    }

    /// Takes the levels of both channels, read at one moment. Returns the step: 1, -1, or 0 if nothing changed or
    /// both did, which is illegal.
    pub fn levels(&mut self, a: bool, b: bool) -> i8 {
        match (a != self.a, b != self.b) {
            (false, false) => 0,
            (true, false) => self.edge_a(a),
            (false, true) => self.edge_b(b),
            (true, true) => {
                (self.a, self.b) = (a, b);
                self.illegal += 1;
                0
            }
        }
    }

    fn step(&mut self, forward: bool) -> i8 {
        let step = if forward { 1 } else { -1 };
        self.count += i64::from(step);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The channels in the order of a forward turn.
    const FORWARD: [(bool, bool); 4] = [(false, false), (true, false), (true, true), (false, true)];

    #[test]
    fn a_period_forward_is_four_counts_and_back_is_none() {
        let mut encoder = QuadratureDecoder::default();
        for step in 1..=4usize {
            let (a, b) = FORWARD[step % 4];
            assert_eq!(encoder.levels(a, b), 1);
        }
        assert_eq!(encoder.count(), 4);
        for step in (0..4usize).rev() {
            let (a, b) = FORWARD[step];
            assert_eq!(encoder.levels(a, b), -1);
        }
        assert_eq!((encoder.count(), encoder.illegal()), (0, 0));
    }

    #[test]
    fn edges_say_the_same_as_levels() {
        let mut encoder = QuadratureDecoder::default();
        let steps = [
            encoder.edge_a(true),
            encoder.edge_b(true),
            encoder.edge_a(false),
            encoder.edge_b(false),
        ];
        assert_eq!(steps, [1, 1, 1, 1]);
        assert_eq!(encoder.edge_b(true), -1);
    }

    #[test]
    fn a_lost_edge_is_illegal_and_no_motion() {
        let mut encoder = QuadratureDecoder::new(true, false);
        assert_eq!(encoder.edge_a(true), 0);
        assert_eq!(encoder.levels(false, true), 0);
        assert_eq!((encoder.count(), encoder.illegal()), (0, 2));
        assert_eq!(encoder.edge_b(false), 1);
    }

    proptest! {
        #[test]
        fn a_shaft_that_turns_to_and_fro_is_followed_exactly(steps in prop::collection::vec(any::<bool>(), 0..400)) {
            let mut encoder = QuadratureDecoder::default();
            let mut shaft = 0i64;
            for forward in steps {
                shaft += if forward { 1 } else { -1 };
                let (a, b) = FORWARD[usize::try_from(shaft.rem_euclid(4)).unwrap()];
                encoder.levels(a, b);
                prop_assert_eq!(encoder.count(), shaft);
            }
            prop_assert_eq!(encoder.illegal(), 0);
        }
    }
}

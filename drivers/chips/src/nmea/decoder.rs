//! From the bytes of a serial line to sentences and damage.

use super::sentence::{Address, Sentence};
use std::fmt;

/// From `$` to the last digit of the checksum. NMEA 0183 allows 82 with the line's end; receivers send more, the
/// longest that gpsd's authors met 100 (a Skytraq's PSTI; its `NMEA_MAX`). This leaves room for more.
pub const LONGEST_SENTENCE: usize = 128;

/// Finds sentences in a stream of bytes. It holds one line at most, allocates nothing and never panics; whatever
/// comes, it finds the next sentence at its `$`.
#[derive(Clone, Debug)]
pub struct NmeaDecoder {
    line: [u8; LONGEST_SENTENCE],
    length: usize,
    state: State,
    counts: NmeaCounts,
}

/// What came out of the line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NmeaItem {
    /// A sentence whose checksum is right and whose fields make sense.
    Sentence(Sentence),
    /// Something else, which was dropped.
    Damage(NmeaDamage),
}

/// Why bytes were dropped. A run of bad bytes up to the next `$` or end of line is one damage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NmeaDamage {
    /// The checksum is wrong or is no number.
    Checksum {
        /// The exclusive or of what came.
        computed: u8,
        /// What the sentence states, if it is a number.
        stated: Option<u8>,
    },
    /// Longer than [`LONGEST_SENTENCE`].
    TooLong,
    /// A byte that is no printable ASCII, in a sentence or outside.
    Binary,
    /// The line or the stream ended, or another sentence began, before the checksum.
    Truncated,
    /// Text outside of any sentence, such as the rest of a damaged one.
    Stray,
    /// The checksum is right, the fields of this sentence make no sense.
    Unreadable(Address),
}

/// How much of each came since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NmeaCounts {
    /// Bytes in all.
    pub bytes: u64,
    /// Good sentences.
    pub sentences: u64,
    /// [`NmeaDamage::Checksum`].
    pub checksum: u64,
    /// [`NmeaDamage::TooLong`].
    pub too_long: u64,
    /// [`NmeaDamage::Binary`].
    pub binary: u64,
    /// [`NmeaDamage::Truncated`].
    pub truncated: u64,
    /// [`NmeaDamage::Stray`].
    pub stray: u64,
    /// [`NmeaDamage::Unreadable`].
    pub unreadable: u64,
}

impl NmeaCounts {
    /// All damages.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.checksum + self.too_long + self.binary + self.truncated + self.stray + self.unreadable
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// At the start of a line, or after a sentence.
    Between,
    /// In a line that begins with `#`: what someone wrote into a recording.
    Comment,
    /// In bad bytes that were already reported.
    Lost,
    /// After `$`.
    Body,
    /// After `*`, with the digits that came.
    Check { high: Option<u8> },
}

impl Default for NmeaDecoder {
    fn default() -> Self {
        Self {
            line: [0; LONGEST_SENTENCE],
            length: 0,
            state: State::Between,
            counts: NmeaCounts::default(),
        }
    }
}

impl NmeaDecoder {
    /// What came so far.
    #[must_use]
    pub fn counts(&self) -> NmeaCounts {
        self.counts
    }

    /// Takes the next byte. A sentence is complete with the last digit of its checksum.
    pub fn push(&mut self, byte: u8) -> Option<NmeaItem> {
        self.counts.bytes += 1;
        let item = self.step(byte);
        if let Some(item) = &item {
            self.count(item);
        }
        item
    }

    /// Takes bytes up to the end of the first item. Returns how many it took, and the item.
    pub fn take(&mut self, bytes: &[u8]) -> (usize, Option<NmeaItem>) {
        for (index, byte) in bytes.iter().enumerate() {
            if let Some(item) = self.push(*byte) {
                return (index + 1, Some(item));
            }
        }
        (bytes.len(), None)
    }

    /// The stream ended: what was begun is truncated. The decoder can be used for another stream.
    pub fn finish(&mut self) -> Option<NmeaItem> {
        let begun = matches!(self.state, State::Body | State::Check { .. });
        self.state = State::Between;
        let item = begun.then_some(NmeaItem::Damage(NmeaDamage::Truncated));
        if let Some(item) = &item {
            self.count(item);
        }
        item
    }

    fn step(&mut self, byte: u8) -> Option<NmeaItem> {
        if byte == b'$' && self.state != State::Comment {
            let begun = matches!(self.state, State::Body | State::Check { .. });
            self.state = State::Body;
            self.length = 0;
            return begun.then_some(NmeaItem::Damage(NmeaDamage::Truncated));
        }
        match (self.state, byte) {
            (State::Between | State::Comment | State::Lost, b'\r' | b'\n') => {
                self.state = State::Between;
                None
            }
            (State::Body | State::Check { .. }, b'\r' | b'\n') => {
                self.state = State::Between;
                Some(NmeaItem::Damage(NmeaDamage::Truncated))
            }
            (State::Lost, _) | (State::Comment, b'\t') => None,
            (_, 0..=31 | 127..=255) => self.lose(NmeaDamage::Binary),
            (State::Between | State::Comment, b'#') | (State::Comment, _) => {
                self.state = State::Comment;
                None
            }
            (State::Between, _) => self.lose(NmeaDamage::Stray),
            (State::Body, b'*') => {
                self.state = State::Check { high: None };
                None
            }
            (State::Body, _) => self.collect(byte),
            (State::Check { high }, _) => self.check(high, byte),
        }
    }

    /// The body may be as long as leaves room for `$`, `*` and two digits.
    fn collect(&mut self, byte: u8) -> Option<NmeaItem> {
        if self.length == LONGEST_SENTENCE - 4 {
            return self.lose(NmeaDamage::TooLong);
        }
        self.line[self.length] = byte;
        self.length += 1;
        None
    }

    fn check(&mut self, high: Option<u8>, byte: u8) -> Option<NmeaItem> {
        let computed = self.body().iter().fold(0, |sum, byte| sum ^ byte);
        let digit = char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok());
        let Some(digit) = digit else {
            return self.lose(NmeaDamage::Checksum {
                computed,
                stated: None,
            });
        };
        let Some(high) = high else {
            self.state = State::Check { high: Some(digit) };
            return None;
        };
        self.state = State::Between;
        let stated = high * 16 + digit;
        if stated != computed {
            let stated = Some(stated);
            return Some(NmeaItem::Damage(NmeaDamage::Checksum { computed, stated }));
        }
        // Only printable ASCII was collected.
        let body = std::str::from_utf8(self.body()).unwrap_or("");
        Some(match Sentence::parse(body) {
            Ok(sentence) => NmeaItem::Sentence(sentence),
            Err(address) => NmeaItem::Damage(NmeaDamage::Unreadable(address)),
        })
    }

    fn body(&self) -> &[u8] {
        &self.line[..self.length]
    }

    fn lose(&mut self, damage: NmeaDamage) -> Option<NmeaItem> {
        self.state = State::Lost;
        Some(NmeaItem::Damage(damage))
    }

    fn count(&mut self, item: &NmeaItem) {
        let counts = &mut self.counts;
        let count = match item {
            NmeaItem::Sentence(_) => &mut counts.sentences,
            NmeaItem::Damage(NmeaDamage::Checksum { .. }) => &mut counts.checksum,
            NmeaItem::Damage(NmeaDamage::TooLong) => &mut counts.too_long,
            NmeaItem::Damage(NmeaDamage::Binary) => &mut counts.binary,
            NmeaItem::Damage(NmeaDamage::Truncated) => &mut counts.truncated,
            NmeaItem::Damage(NmeaDamage::Stray) => &mut counts.stray,
            NmeaItem::Damage(NmeaDamage::Unreadable(_)) => &mut counts.unreadable,
        };
        *count += 1;
    }
}

impl fmt::Display for NmeaDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checksum {
                computed,
                stated: Some(stated),
            } => {
                write!(
                    f,
                    "a sentence's checksum is {computed:02X}, it states {stated:02X}"
                )
            }
            Self::Checksum {
                computed,
                stated: None,
            } => {
                write!(
                    f,
                    "a sentence's checksum is {computed:02X}, it states no number"
                )
            }
            Self::TooLong => write!(f, "a sentence is longer than {LONGEST_SENTENCE} characters"),
            Self::Binary => f.write_str("binary bytes (is the baud rate right?)"),
            Self::Truncated => f.write_str("a sentence ends before its checksum"),
            Self::Stray => f.write_str("text outside of any sentence"),
            Self::Unreadable(address) => write!(f, "the fields of a {address} make no sense"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GGA: &str =
        "$GPGGA,202640.000,4404.1306,N,12118.8515,W,2,10,0.98,1127.7,M,-19.6,M,0000,0000*6C";

    fn items(bytes: &[u8]) -> Vec<NmeaItem> {
        let mut decoder = NmeaDecoder::default();
        let mut items: Vec<_> = bytes
            .iter()
            .filter_map(|byte| decoder.push(*byte))
            .collect();
        items.extend(decoder.finish());
        assert_eq!(decoder.counts().bytes, bytes.len() as u64);
        assert_eq!(
            decoder.counts().sentences + decoder.counts().damaged(),
            items.len() as u64
        );
        items
    }

    /// `s` for a sentence, else the first letter of the damage.
    fn shape(text: impl AsRef<[u8]>) -> String {
        let letter = |item: &NmeaItem| match item {
            NmeaItem::Sentence(_) => 's',
            NmeaItem::Damage(NmeaDamage::Checksum { .. }) => 'C',
            NmeaItem::Damage(NmeaDamage::TooLong) => 'L',
            NmeaItem::Damage(NmeaDamage::Binary) => 'B',
            NmeaItem::Damage(NmeaDamage::Truncated) => 'T',
            NmeaItem::Damage(NmeaDamage::Stray) => 'S',
            NmeaItem::Damage(NmeaDamage::Unreadable(_)) => 'U',
        };
        items(text.as_ref()).iter().map(letter).collect()
    }

    #[test]
    fn every_line_end_will_do_and_none_too() {
        assert_eq!(shape(format!("{GGA}\r\n{GGA}\n{GGA}\r{GGA}{GGA}")), "sssss");
    }

    #[test]
    fn each_kind_of_damage_has_its_name_and_the_next_sentence_is_found() {
        let tail = format!("\r\n{GGA}\r\n");
        let long = format!("$GPTXT,{}*00", "x".repeat(500));
        for (damaged, expected) in [
            ("$GPGGA,1*6C", "Cs"),
            ("$GPGGA,1*6x", "Cs"),
            ("$GPGGA,1*", "Ts"),
            ("$GPGGA,202640", "Ts"),
            ("202640.000,4404.1306,N", "Ss"),
            (&long, "Ls"),
            ("$GPVTG,999,T,,M,,N,,K*77", "Us"),
            ("# a comment with $ and * in it", "s"),
            ("!AIVDM,1,1,,A", "Ss"),
        ] {
            assert_eq!(shape(format!("{damaged}{tail}")), expected, "{damaged}");
        }
    }

    #[test]
    fn a_sentence_cut_by_another_is_one_damage_and_the_other_is_whole() {
        assert_eq!(shape(format!("$GPRMC,2026{GGA}\r\n")), "Ts");
        assert_eq!(shape(format!("{}{GGA}", &GGA[..GGA.len() - 1])), "Ts");
    }

    #[test]
    fn binary_in_a_sentence_and_between_is_one_damage_for_each_run() {
        let mut bytes = b"\xb5\x62\x01\x07\x00\xff".to_vec();
        bytes.extend(GGA.bytes());
        bytes.extend(b"\r\n$GPGGA,\xff\xfe,12\r\n");
        bytes.extend(GGA.bytes());
        assert_eq!(shape(bytes), "BsBs");
    }

    #[test]
    fn a_flood_without_any_line_is_one_damage() {
        assert_eq!(shape("a".repeat(100_000)), "S");
        assert_eq!(shape(vec![0u8; 100_000]), "B");
        assert_eq!(shape(format!("${}", "a".repeat(100_000))), "L");
    }

    #[test]
    fn the_longest_sentence_passes_and_one_more_does_not() {
        let sentence = |length: usize| {
            let body = format!("GPTXT,{}", "x".repeat(length - 10));
            let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
            format!("${body}*{sum:02X}\r\n")
        };
        assert_eq!(shape(sentence(LONGEST_SENTENCE)), "s");
        assert_eq!(shape(sentence(LONGEST_SENTENCE + 1)), "L");
    }

    #[test]
    fn a_checksum_may_be_written_small() {
        assert_eq!(shape(GGA.replace("*6C", "*6c")), "s");
    }

    #[test]
    fn pieces_of_any_size_give_the_same_items() {
        let text = format!("{GGA}\r\n$GPG{GGA}\r\nstray\r\n{GGA}");
        let whole = items(text.as_bytes());
        for size in 1..text.len() {
            let mut decoder = NmeaDecoder::default();
            let mut found = Vec::new();
            for mut piece in text.as_bytes().chunks(size) {
                while !piece.is_empty() {
                    let (taken, item) = decoder.take(piece);
                    piece = &piece[taken..];
                    found.extend(item);
                }
            }
            assert_eq!(found, whole);
        }
    }

    proptest! {
        #[test]
        fn random_bytes_never_stop_it(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
            let mut text = bytes;
            items(&text);
            // Whatever came before, a sentence on a line of its own is found.
            text.extend(b"\n");
            text.extend(GGA.bytes());
            prop_assert!(matches!(items(&text).last(), Some(NmeaItem::Sentence(_))));
        }

        #[test]
        fn text_that_looks_like_sentences_never_stops_it(text in "[$*#,.GPRMCA0-9NSEWVT\r\n-]{0,400}") {
            items(text.as_bytes());
        }

        #[test]
        fn right_checksums_over_random_fields_never_stop_it(
            kind in "(RMC|GGA|GSA|GLL|VTG|ZDA|GNS)", fields in "[0-9,.NSEWAV-]{0,90}",
        ) {
            let body = format!("GP{kind},{fields}");
            let sum = body.bytes().fold(0, |sum, byte| sum ^ byte);
            prop_assert_eq!(items(format!("${body}*{sum:02X}").as_bytes()).len(), 1);
        }

        #[test]
        fn one_wrong_bit_is_never_a_sentence(at in 1usize..82, bit in 0u8..8) {
            let mut bytes = GGA.as_bytes().to_vec();
            prop_assume!(at < bytes.len());
            bytes[at] ^= 1 << bit;
            // The checksum's digits may be written small: that bit is no damage.
            prop_assume!(!bytes.eq_ignore_ascii_case(GGA.as_bytes()) || at < bytes.len() - 2);
            let sentences = items(&bytes).iter().filter(|item| matches!(item, NmeaItem::Sentence(_))).count();
            prop_assert_eq!(sentences, 0);
        }
    }
}

//! NMEA 0183, the text that satellite receivers send: `$GPRMC,202640.000,A,...*73`.
//!
//! Bytes become sentences in [`NmeaDecoder`], sentences become fixes in [`EpochAssembler`].
//!
//! Sources: the standard messages of NMEA 0183 as a maker describes them: "u-blox 8 / u-blox M8 Receiver description",
//! UBX-13003221, R25, chapter NMEA protocol; and what three real receivers sent: `tests/data/gnss`.
//!
//! Why these few fields are read here and not by the `nmea` crate (0.8.0), which the tests compare with: that crate
//! refuses a leap second, a GLL without mode (NMEA before 2.3) and a GNS of more than two satellite systems (most
//! receivers of today), and takes `nan` for a latitude.

mod date;
mod decoder;
mod epoch;
mod fields;
mod sentence;

pub use date::{Date, TimeOfDay};
pub use decoder::{LONGEST_SENTENCE, NmeaCounts, NmeaDamage, NmeaDecoder, NmeaItem};
pub use epoch::EpochAssembler;
pub use sentence::{Address, Kind, Position, Said, Sentence};

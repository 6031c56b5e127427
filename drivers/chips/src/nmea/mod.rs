//! NMEA 0183, the text that satellite receivers send: `$GPRMC,202640.000,A,...*73`.
//!
//! Bytes become sentences in [`NmeaDecoder`], sentences become fixes in [`EpochAssembler`].
//!
//! Sources: NMEA 0183 version 4.10 as far as receivers' manuals repeat it: u-blox 8 / M8 Receiver Description
//! (UBX-13003221, R28), section 31 "NMEA protocol"; MediaTek MT3339 PMTK packet manual (GlobalTop, rev A11);
//! SiRF NMEA Reference Manual (1050-0042, rev 2.2). And what three real receivers sent: `tests/data/gnss`.
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

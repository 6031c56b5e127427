//! One sentence, and what it says about where the receiver is.

use super::fields::{Fields, Malformed};
use super::{Date, TimeOfDay};
use sinew_messages::{Degrees, FixMode, Meters, MetersPerSecond};
use std::fmt;

/// A sentence whose checksum was right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sentence {
    /// Who speaks, and what kind of sentence it is: `GNRMC`.
    pub address: Address,
    /// The kind, if it says something about a fix.
    pub kind: Kind,
    /// What it says.
    pub said: Said,
}

/// The kinds of sentences that say something about a fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Recommended minimum: time, date, position, speed, track.
    Rmc,
    /// Fix: time, position, altitude, satellites.
    Gga,
    /// Mode and the satellites of one system that are used; one for each system.
    Gsa,
    /// Position and its time.
    Gll,
    /// Track and speed.
    Vtg,
    /// Time and date.
    Zda,
    /// Fix of several satellite systems: time, position, altitude, satellites.
    Gns,
    /// Any other: satellites in view, texts, a manufacturer's own.
    Other,
}

/// What one sentence, or all sentences of an epoch, say about the receiver. What they did not say is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Said {
    /// The time of day of the epoch.
    pub time: Option<TimeOfDay>,
    /// Its date.
    pub date: Option<Date>,
    /// Whether the receiver claims to know where it is.
    pub has_fix: Option<bool>,
    /// Where it is.
    pub position: Option<Position>,
    /// Above mean sea level.
    pub altitude: Option<Meters>,
    /// Over ground.
    pub speed: Option<MetersPerSecond>,
    /// Over ground, clockwise from true north.
    pub track: Option<Degrees>,
    /// Used for the position.
    pub satellites: Option<u8>,
    /// How much of a position there is.
    pub mode: Option<FixMode>,
}

/// A place on the WGS 84 ellipsoid.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// North is positive.
    pub latitude: Degrees,
    /// East is positive.
    pub longitude: Degrees,
}

/// The first field of a sentence, cut to its first eight characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address {
    text: [u8; Self::LONGEST],
    length: u8,
}

impl Address {
    /// Longer than any in use: `GNRMC`, `PUBX`, `PMTK001`.
    const LONGEST: usize = 8;

    fn new(text: &str) -> Self {
        let mut address = Self {
            text: [0; Self::LONGEST],
            length: 0,
        };
        for (place, byte) in address.text.iter_mut().zip(text.bytes()) {
            *place = byte;
            address.length += 1;
        }
        address
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Sentences are ASCII, so this cannot fail; if it ever did, the address would be empty.
        std::str::from_utf8(&self.text[..usize::from(self.length)]).unwrap_or("")
    }

    /// The kind: the last three of five letters, after the two of the talker. `P...` is a manufacturer's own.
    fn kind(&self) -> Kind {
        match self.as_str().as_bytes() {
            [talker, _, kind @ ..] if *talker != b'P' => match kind {
                b"RMC" => Kind::Rmc,
                b"GGA" => Kind::Gga,
                b"GSA" => Kind::Gsa,
                b"GLL" => Kind::Gll,
                b"VTG" => Kind::Vtg,
                b"ZDA" => Kind::Zda,
                b"GNS" => Kind::Gns,
                _ => Kind::Other,
            },
            _ => Kind::Other,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Sentence {
    /// Reads what stands between `$` and `*`. `Err` gives the address back whose fields make no sense.
    pub(super) fn parse(body: &str) -> Result<Self, Address> {
        let (address, rest) = body.split_once(',').unwrap_or((body, ""));
        let address = Address::new(address);
        let (kind, mut fields) = (address.kind(), Fields::of(rest));
        let said = match kind {
            Kind::Rmc => rmc(&mut fields),
            Kind::Gga => gga(&mut fields),
            Kind::Gsa => gsa(&mut fields),
            Kind::Gll => gll(&mut fields),
            Kind::Vtg => vtg(&mut fields),
            Kind::Zda => zda(&mut fields),
            Kind::Gns => gns(&mut fields),
            Kind::Other => Ok(Said::default()),
        };
        match said {
            Ok(said) => Ok(Self {
                address,
                kind,
                said,
            }),
            Err(Malformed) => Err(address),
        }
    }
}

/// RMC: time, status, position, speed in knots, track, date, variation (2), mode.
fn rmc(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let time = fields.time()?;
    let valid = fields.letter("AV")? == Some('A');
    let position = fields.position()?;
    let speed = fields.knots()?;
    let track = fields.track()?;
    let date = fields.date()?;
    fields.skip(2);
    let has_fix = valid && fields.text() != "N";
    Ok(Said {
        time,
        date,
        has_fix: Some(has_fix),
        position,
        speed,
        track,
        ..Said::default()
    })
}

/// GGA: time, position, quality (0: none), satellites, HDOP, altitude, its unit, and more.
fn gga(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let time = fields.time()?;
    let position = fields.position()?;
    let quality = fields.whole::<u8>()?;
    let satellites = fields.whole::<u8>()?;
    fields.skip(1);
    let altitude = fields.meters()?;
    Ok(Said {
        time,
        has_fix: Some(quality.is_some_and(|quality| quality != 0)),
        position,
        satellites,
        altitude,
        ..Said::default()
    })
}

/// GSA: manual or automatic, mode, twelve satellites, three dilutions, system.
fn gsa(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    fields.skip(1);
    let mode = fields.letter("123")?.map(|mode| match mode {
        '2' => FixMode::TwoD,
        '3' => FixMode::ThreeD,
        _ => FixMode::None,
    });
    let used = (0..12).filter(|_| !fields.text().is_empty()).count();
    Ok(Said {
        mode,
        satellites: u8::try_from(used).ok(),
        ..Said::default()
    })
}

/// GLL: position, time, status, mode (since NMEA 2.3).
fn gll(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let position = fields.position()?;
    let time = fields.time()?;
    let valid = fields.letter("AV")? == Some('A');
    Ok(Said {
        time,
        has_fix: Some(valid && fields.text() != "N"),
        position,
        ..Said::default()
    })
}

/// VTG: track, `T`, magnetic track, `M`, knots, `N`, km/h, `K`, mode (since NMEA 2.3).
fn vtg(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let track = fields.track()?;
    fields.skip(3);
    let knots = fields.knots()?;
    fields.skip(1);
    let speed = fields.kilometers_per_hour()?;
    Ok(Said {
        speed: knots.or(speed),
        track,
        ..Said::default()
    })
}

/// ZDA: time, day, month, year of four digits, local zone.
fn zda(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let time = fields.time()?;
    let (day, month, year) = (fields.whole()?, fields.whole()?, fields.whole()?);
    let date = match (year, month, day) {
        (Some(year), Some(month), Some(day)) => Some(Date::new(year, month, day).ok_or(Malformed)?),
        _ => None,
    };
    Ok(Said {
        time,
        date,
        ..Said::default()
    })
}

/// GNS: time, position, one mode letter for each system, satellites, HDOP, altitude.
fn gns(fields: &mut Fields<'_>) -> Result<Said, Malformed> {
    let time = fields.time()?;
    let position = fields.position()?;
    let has_fix = fields.text().bytes().any(|mode| mode != b'N');
    let satellites = fields.whole::<u8>()?;
    fields.skip(1);
    let altitude = fields.meters()?;
    Ok(Said {
        time,
        has_fix: Some(has_fix),
        position,
        satellites,
        altitude,
        ..Said::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(body: &str) -> Said {
        Sentence::parse(body)
            .unwrap_or_else(|address| panic!("{address}: {body}"))
            .said
    }

    #[test]
    fn a_sentence_without_a_fix_says_so_and_nothing_else() {
        let none = Said {
            has_fix: Some(false),
            ..Said::default()
        };
        assert_eq!(said("GPRMC,,V,,,,,,,,,,N"), none);
        assert_eq!(said("GPGLL,,,,,,V,N"), none);
        assert_eq!(said("GNGNS,,,,,,NN,,99.99,,,,"), none);
        assert_eq!(
            said("GPGGA,,,,,,0,00,99.99,,,,,,"),
            Said {
                satellites: Some(0),
                ..none
            }
        );
        assert_eq!(said("GPVTG,,,,,,,,,N"), Said::default());
        assert_eq!(said("GPZDA,,,,,,"), Said::default());
        let gsa = said("GPGSA,A,1,,,,,,,,,,,,,,,");
        assert_eq!((gsa.mode, gsa.satellites), (Some(FixMode::None), Some(0)));
    }

    #[test]
    fn a_mode_of_n_is_no_fix_whatever_the_status_says() {
        let position = "4404.14063,N,12118.85478,W";
        let rmc = |mode| {
            said(&format!(
                "GPRMC,171926.00,A,{position},0.1,,180315,,,{mode}"
            ))
        };
        let gll = |mode| said(&format!("GPGLL,{position},171926.00,A,{mode}"));
        assert_eq!(
            (rmc("A").has_fix, rmc("N").has_fix),
            (Some(true), Some(false))
        );
        assert_eq!(
            (gll("A").has_fix, gll("N").has_fix),
            (Some(true), Some(false))
        );
    }

    #[test]
    fn a_leap_second_is_a_time() {
        let said = said("GPRMC,235960.00,A,4404.14063,N,12118.85478,W,0.117,,311216,,,A");
        assert_eq!(said.time.map(TimeOfDay::milliseconds), Some(86_400_000));
    }

    #[test]
    fn a_line_of_an_old_standard_has_fewer_fields() {
        let gll = said("GPGLL,4916.45,N,12311.12,W,225444,A");
        assert_eq!(gll.has_fix, Some(true));
        let vtg = said("GPVTG,054.7,T,034.4,M,005.5,N,010.2,K");
        assert_eq!(vtg.track, Some(Degrees(54.7)));
    }

    #[test]
    fn four_systems_have_four_modes() {
        let one = said("GNGNS,103600.01,5114.51176,N,00012.29380,W,NNFN,07,1.18,111.5,45.6,,,V");
        assert_eq!((one.has_fix, one.satellites), (Some(true), Some(7)));
        assert_eq!(one.altitude, Some(Meters(111.5)));
        assert_eq!(
            said("GNGNS,103600.01,,,,,NNNN,00,99.99,,,,").has_fix,
            Some(false)
        );
    }

    #[test]
    fn a_speed_in_kilometres_will_do() {
        let vtg = said("GPVTG,188.36,T,,M,,N,3.6,K,A");
        assert!((vtg.speed.unwrap().0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn fields_that_make_no_sense_are_refused_by_address() {
        for body in [
            "GPRMC,256060.00,A,4404.1,N,12118.8,W,0.1,,180315,,,A",
            "GPRMC,171926.00,X,4404.1,N,12118.8,W,0.1,,180315,,,A",
            "GPGGA,171926.00,4404.1,N,12118.8,W,one,12,0.9,1147.2,M,,M,,",
            "GPGGA,171926.00,4404.1,N,12118.8,W,1,12,0.9,nan,M,,M,,",
            "GPGSA,A,7,,,,,,,,,,,,,,,",
            "GPVTG,361,T,,M,0.8,N,1.5,K,A",
            "GPZDA,171926.00,31,02,2015,,",
        ] {
            let refused = Sentence::parse(body).unwrap_err();
            assert!(body.starts_with(refused.as_str()), "{body}");
        }
    }

    #[test]
    fn who_speaks_does_not_matter_unless_it_is_a_manufacturer() {
        for talker in ["GP", "GN", "GL", "GA", "GB", "GQ", "BD"] {
            let kind = Sentence::parse(&format!("{talker}RMC,,V,,,,,,,,,,N"))
                .unwrap()
                .kind;
            assert_eq!(kind, Kind::Rmc);
        }
        for other in [
            "PMTK001,604,3",
            "PRMC",
            "GPGSV,1,1,00",
            "",
            "G",
            "GPRMCX",
            "PUBX,00",
            "PGRMZ,1",
        ] {
            assert_eq!(Sentence::parse(other).unwrap().kind, Kind::Other, "{other}");
        }
        assert_eq!(
            Sentence::parse("PMTK001234567,1").unwrap().address.as_str(),
            "PMTK0012"
        );
    }
}

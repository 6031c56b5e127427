//! From the sentences of a receiver's cycle to one fix.

use super::date::{Date, TimeOfDay};
use super::sentence::{Kind, Said, Sentence};
use sinew_messages::{Fix, FixMode, Timestamp};

/// Joins the sentences of one epoch, in whatever order a receiver sends them.
///
/// An epoch is over when a sentence names another time, or when the sentence came that ended the last two epochs:
/// then its fix need not wait for the next cycle. The end is learned again when a receiver changes
/// its cycle. While a receiver knows no time, a cycle ends where a kind of sentence comes again.
///
/// What it does *not* do: it carries nothing from one epoch to the next but the date. A receiver whose cycle
/// *begins* with a sentence that has no time (GSA, VTG) is read as if it ended with it: its mode is then of the
/// next epoch, and its fix comes when the next cycle begins. None of the recorded receivers does that.
#[derive(Clone, Debug, Default)]
pub struct EpochAssembler {
    epoch: Option<Epoch>,
    /// The time of the epoch whose fix is out: sentences that still name it are too late.
    done: Option<TimeOfDay>,
    ending: Ending,
    calendar: Calendar,
    late: u64,
}

/// How many epochs must end with the same sentence before it is taken for the end of the cycle. One is not enough:
/// the true end may just have been damaged.
const CONFIRMED: u8 = 2;

/// Which sentence of an epoch: the first RMC, the second GSA.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    kind: Kind,
    nth: u8,
}

#[derive(Clone, Copy, Debug)]
struct Epoch {
    said: Said,
    /// How often each kind came, in the order of [`KINDS`].
    seen: [u8; KINDS.len()],
    last: Place,
    received_at: Timestamp,
}

/// The kinds that take part in an epoch.
const KINDS: [Kind; 7] = [
    Kind::Rmc,
    Kind::Gga,
    Kind::Gsa,
    Kind::Gll,
    Kind::Vtg,
    Kind::Zda,
    Kind::Gns,
];

impl EpochAssembler {
    /// Takes the next sentence, which arrived at `at`. Returns the fixes of the epochs that are over by it: the one
    /// before, the sentence's own, or both.
    pub fn push(
        &mut self,
        sentence: &Sentence,
        at: Timestamp,
    ) -> impl Iterator<Item = Fix> + use<> {
        let Some(index) = KINDS.iter().position(|kind| *kind == sentence.kind) else {
            return None.into_iter().chain(None);
        };
        if self.is_late(sentence) {
            self.late += 1;
            self.ending = Ending::default();
            return None.into_iter().chain(None);
        }
        let before = self
            .begins_another(sentence, index)
            .then(|| self.end())
            .flatten();
        let epoch = self.epoch.get_or_insert_with(|| Epoch::new(sentence.kind));
        epoch.add(sentence, index, at);
        let own = (self.ending.known == Some(epoch.last))
            .then(|| self.complete())
            .flatten();
        before.into_iter().chain(own)
    }

    /// The stream ended: the fix of what was begun.
    pub fn finish(&mut self) -> Option<Fix> {
        self.done = None;
        self.complete()
    }

    /// Sentences that came after the fix of their epoch was out.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.late
    }

    /// After a fix is out and before another time is named, a sentence of the old time or of none is too late.
    fn is_late(&self, sentence: &Sentence) -> bool {
        match self.done {
            Some(done) if self.epoch.is_none() => {
                sentence.said.time.is_none_or(|time| time == done)
            }
            _ => false,
        }
    }

    fn begins_another(&self, sentence: &Sentence, index: usize) -> bool {
        let Some(epoch) = &self.epoch else {
            return false;
        };
        match (epoch.said.time, sentence.said.time) {
            (Some(ours), Some(its)) => ours != its,
            // No time at all: only a repetition tells. GSA comes once for each system.
            (None, None) => sentence.kind != Kind::Gsa && epoch.seen[index] > 0,
            _ => false,
        }
    }

    /// Ends the epoch because another began, and learns from it.
    fn end(&mut self) -> Option<Fix> {
        if let Some(epoch) = &self.epoch {
            self.ending.learn(epoch.last);
        }
        self.complete()
    }

    fn complete(&mut self) -> Option<Fix> {
        let epoch = self.epoch.take()?;
        self.done = epoch.said.time;
        let day = self.calendar.day_of(&epoch.said);
        // Without a sentence about a position there is nothing to say.
        epoch.said.has_fix.map(|has_fix| epoch.fix(has_fix, day))
    }
}

impl Epoch {
    fn new(first: Kind) -> Self {
        Self {
            said: Said::default(),
            seen: [0; KINDS.len()],
            last: Place {
                kind: first,
                nth: 1,
            },
            received_at: Timestamp::ZERO,
        }
    }

    fn add(&mut self, sentence: &Sentence, index: usize, at: Timestamp) {
        self.seen[index] = self.seen[index].saturating_add(1);
        self.last = Place {
            kind: sentence.kind,
            nth: self.seen[index],
        };
        self.received_at = at;
        let counted_by_fix = self.counted_by_fix();
        let (ours, its) = (&mut self.said, &sentence.said);
        // Of RMC and VTG, which both tell the motion, only RMC is sure to be of this epoch.
        if sentence.kind == Kind::Rmc {
            ours.speed = its.speed.or(ours.speed);
            ours.track = its.track.or(ours.track);
        }
        // GSA counts the satellites of one system, the others those of all.
        ours.satellites = match (sentence.kind, ours.satellites, its.satellites) {
            (Kind::Gsa, Some(sum), Some(more)) if !counted_by_fix => Some(sum.saturating_add(more)),
            (Kind::Gsa, Some(sum), _) => Some(sum),
            (_, old, new) => new.or(old),
        };
        ours.time = ours.time.or(its.time);
        ours.date = ours.date.or(its.date);
        ours.position = ours.position.or(its.position);
        ours.altitude = ours.altitude.or(its.altitude);
        ours.speed = ours.speed.or(its.speed);
        ours.track = ours.track.or(its.track);
        // Every sentence must agree that there is a fix; of the systems, the best mode counts.
        ours.has_fix = match (ours.has_fix, its.has_fix) {
            (Some(ours), Some(its)) => Some(ours && its),
            (ours, its) => ours.or(its),
        };
        ours.mode = ours.mode.max(its.mode);
    }

    /// Whether GGA or GNS counted the satellites.
    fn counted_by_fix(&self) -> bool {
        KINDS
            .iter()
            .zip(self.seen)
            .any(|(kind, seen)| matches!(kind, Kind::Gga | Kind::Gns) && seen > 0)
    }

    fn fix(&self, has_fix: bool, day: Option<Date>) -> Fix {
        let said = &self.said;
        let time = day.zip(said.time).map(|(day, time)| day.at(time));
        let nothing = Fix {
            received_at: self.received_at,
            time,
            satellites: said.satellites,
            ..Fix::default()
        };
        let Some(position) = said.position.filter(|_| has_fix) else {
            return nothing;
        };
        // Without GSA an altitude tells a position in space from one in the plane.
        let mode = said.mode.unwrap_or(match said.altitude {
            Some(_) => FixMode::ThreeD,
            None => FixMode::TwoD,
        });
        if mode == FixMode::None {
            return nothing;
        }
        Fix {
            mode,
            latitude: Some(position.latitude),
            longitude: Some(position.longitude),
            // In the plane the altitude is an assumption of the receiver.
            altitude: said.altitude.filter(|_| mode == FixMode::ThreeD),
            speed: said.speed,
            track: said.track,
            ..nothing
        }
    }
}

/// Which sentence ends a receiver's cycle.
#[derive(Clone, Copy, Debug, Default)]
struct Ending {
    known: Option<Place>,
    candidate: Option<Place>,
    times: u8,
}

impl Ending {
    /// An epoch that was ended by the next one ended with `last`.
    fn learn(&mut self, last: Place) {
        if self.candidate == Some(last) {
            self.times = self.times.saturating_add(1);
        } else {
            self.candidate = Some(last);
            self.times = 1;
        }
        if self.times >= CONFIRMED {
            self.known = Some(last);
        }
    }
}

/// The day of the newest epoch: not every epoch names one, and RMC's may be damaged.
#[derive(Clone, Copy, Debug, Default)]
struct Calendar {
    newest: Option<(Date, TimeOfDay)>,
}

impl Calendar {
    /// Half a day in milliseconds: a time of day that falls by more has passed midnight.
    const HALF_A_DAY: u32 = 12 * 3600 * 1000;

    fn day_of(&mut self, said: &Said) -> Option<Date> {
        let day = said.date.or_else(|| {
            let (day, before) = self.newest?;
            let now = said.time?;
            let passed_midnight = before.milliseconds() > now.milliseconds() + Self::HALF_A_DAY;
            Some(if passed_midnight { day.next() } else { day })
        })?;
        if let Some(time) = said.time {
            self.newest = Some((day, time));
        }
        Some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sinew_messages::{Degrees, Meters};

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_nanos(ms * 1_000_000)
    }

    /// Pushes sentence bodies, one each millisecond.
    fn fixes(assembler: &mut EpochAssembler, bodies: &[String]) -> Vec<(usize, Fix)> {
        let mut found = Vec::new();
        for (index, body) in bodies.iter().enumerate() {
            let sentence =
                Sentence::parse(body).unwrap_or_else(|address| panic!("{address}: {body}"));
            found.extend(
                assembler
                    .push(&sentence, at(index as u64))
                    .map(|fix| (index, fix)),
            );
        }
        found
    }

    fn rmc(time: &str) -> String {
        format!("GNRMC,{time}.00,A,4404.1,N,12118.8,W,1.0,90.0,180315,,,A")
    }

    fn gga(time: &str) -> String {
        format!("GNGGA,{time}.00,4404.1,N,12118.8,W,1,12,0.9,1147.2,M,-21.3,M,,")
    }

    fn gll(time: &str) -> String {
        format!("GNGLL,4404.1,N,12118.8,W,{time}.00,A,A")
    }

    fn gsa(mode: u8) -> String {
        format!("GNGSA,A,{mode},01,11,31,,,,,,,,,,1.56,0.91,1.27")
    }

    fn seconds(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|second| format!("1200{second:02}"))
    }

    fn milliseconds(fix: &Fix) -> u32 {
        fix.time.unwrap().millisecond_of_day
    }

    #[test]
    fn sentences_of_one_time_are_one_fix() {
        let mut assembler = EpochAssembler::default();
        let bodies = [rmc("120000"), gga("120000"), gsa(3), rmc("120001")];
        let found = fixes(&mut assembler, &bodies);
        assert_eq!(found.len(), 1);
        let (index, fix) = found[0];
        assert_eq!((index, fix.received_at), (3, at(2)));
        assert_eq!((fix.mode, fix.satellites), (FixMode::ThreeD, Some(12)));
        assert_eq!(fix.time.unwrap().to_string(), "2015-03-18T12:00:00.000Z");
        assert_eq!(
            (fix.altitude, fix.track),
            (Some(Meters(1147.2)), Some(Degrees(90.0)))
        );
    }

    #[test]
    fn after_two_cycles_the_fix_comes_with_its_last_sentence() {
        let mut assembler = EpochAssembler::default();
        let bodies: Vec<String> = seconds(5)
            .flat_map(|time| {
                [
                    rmc(&time),
                    gga(&time),
                    gsa(3),
                    gsa(3),
                    "GPGSV,1,1,00".into(),
                    gll(&time),
                ]
            })
            .collect();
        let found = fixes(&mut assembler, &bodies);
        let places: Vec<usize> = found.iter().map(|(index, _)| *index).collect();
        // The first two with the next cycle's first sentence, then each with its own GLL.
        assert_eq!(places, [6, 12, 17, 23, 29]);
        assert_eq!(assembler.finish(), None);
    }

    #[test]
    fn every_order_gives_one_whole_fix_for_each_epoch() {
        let kinds: [fn(&str) -> String; 4] = [rmc, gga, gll, |_| gsa(3)];
        for (first, second, third, fourth) in
            [(0, 1, 2, 3), (1, 3, 0, 2), (2, 1, 3, 0), (0, 3, 1, 2)]
        {
            let mut assembler = EpochAssembler::default();
            let bodies: Vec<String> = seconds(10)
                .flat_map(|time| {
                    [first, second, third, fourth].map(|kind: usize| kinds[kind](&time))
                })
                .collect();
            let mut found: Vec<Fix> = fixes(&mut assembler, &bodies)
                .into_iter()
                .map(|(_, fix)| fix)
                .collect();
            found.extend(assembler.finish());
            assert_eq!(found.len(), 10);
            for (second, fix) in found.iter().enumerate() {
                assert_eq!(milliseconds(fix) as usize, 43_200_000 + 1000 * second);
                assert!(
                    fix.mode == FixMode::ThreeD && fix.speed.is_some() && fix.altitude.is_some()
                );
            }
            assert_eq!(assembler.late(), 0);
        }
    }

    #[test]
    fn a_receiver_of_one_kind_of_sentence_gives_a_fix_for_each() {
        let mut assembler = EpochAssembler::default();
        let bodies: Vec<String> = seconds(6).map(|time| rmc(&time)).collect();
        let found = fixes(&mut assembler, &bodies);
        assert_eq!(
            found.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
            [1, 2, 2, 3, 4, 5]
        );
        let times: Vec<u32> = found.iter().map(|(_, fix)| milliseconds(fix)).collect();
        assert!(times.windows(2).all(|pair| pair[1] == pair[0] + 1000));
        assert_eq!(found[0].1.mode, FixMode::TwoD);
    }

    #[test]
    fn a_lost_last_sentence_delays_a_fix_and_loses_none() {
        let mut assembler = EpochAssembler::default();
        let mut bodies: Vec<String> = seconds(8)
            .flat_map(|time| [rmc(&time), gga(&time), gll(&time)])
            .collect();
        bodies.remove(5 * 3 + 2);
        let found = fixes(&mut assembler, &bodies);
        let times: Vec<u32> = found.iter().map(|(_, fix)| milliseconds(fix)).collect();
        assert_eq!(times.len(), 8);
        assert!(times.windows(2).all(|pair| pair[1] == pair[0] + 1000));
    }

    #[test]
    fn a_cycle_that_grows_is_learned_again() {
        let mut assembler = EpochAssembler::default();
        let mut bodies: Vec<String> = seconds(4).flat_map(|time| [gga(&time), gsa(3)]).collect();
        bodies.extend((4..9).flat_map(|second| {
            let time = format!("1200{second:02}");
            [gga(&time), gsa(3), gsa(3), rmc(&time)]
        }));
        let found = fixes(&mut assembler, &bodies);
        let times: Vec<u32> = found
            .iter()
            .map(|(_, fix)| fix.satellites.unwrap().into())
            .collect();
        assert_eq!(times.len(), 9);
        assert_eq!(
            assembler.late(),
            2,
            "GSA and RMC of the first longer cycle, no more"
        );
        assert!(found[6..].iter().all(|(_, fix)| fix.speed.is_some()));
    }

    #[test]
    fn a_fix_needs_every_sentence_to_agree() {
        let mut assembler = EpochAssembler::default();
        let void = "GNRMC,120000.00,V,,,,,,,180315,,,N".to_string();
        let found = fixes(&mut assembler, &[gga("120000"), void, rmc("120001")]);
        let fix = found[0].1;
        assert_eq!(
            (fix.mode, fix.latitude, fix.altitude),
            (FixMode::None, None, None)
        );
        assert_eq!((fix.satellites, fix.time.is_some()), (Some(12), true));
        let mut assembler = EpochAssembler::default();
        let found = fixes(&mut assembler, &[gga("120000"), gsa(1), rmc("120001")]);
        assert_eq!(found[0].1.mode, FixMode::None);
    }

    #[test]
    fn in_the_plane_there_is_no_altitude() {
        let mut assembler = EpochAssembler::default();
        let found = fixes(&mut assembler, &[gga("120000"), gsa(2), gga("120001")]);
        assert_eq!(
            (found[0].1.mode, found[0].1.altitude),
            (FixMode::TwoD, None)
        );
    }

    #[test]
    fn a_receiver_that_knows_nothing_yet_says_so_each_cycle() {
        let mut assembler = EpochAssembler::default();
        let cycle = [
            "GNRMC,,V,,,,,,,,,,N",
            "GNVTG,,,,,,,,,N",
            "GNGGA,,,,,,0,00,99.99,,,,,,",
            "GNGSA,A,1,,,,,,,,,,,,,,,",
        ];
        let bodies: Vec<String> = (0..5).flat_map(|_| cycle.map(String::from)).collect();
        let mut found: Vec<Fix> = fixes(&mut assembler, &bodies)
            .into_iter()
            .map(|(_, fix)| fix)
            .collect();
        found.extend(assembler.finish());
        assert_eq!(found.len(), 5);
        assert!(
            found
                .iter()
                .all(|fix| fix.mode == FixMode::None && fix.time.is_none())
        );
    }

    #[test]
    fn without_a_time_a_second_gsa_is_another_system_and_no_new_cycle() {
        let mut assembler = EpochAssembler::default();
        let cycle = [
            "GNRMC,,V,,,,,,,,,,N",
            "GNGSA,A,1,,,,,,,,,,,,,,,",
            "GNGSA,A,1,,,,,,,,,,,,,,,",
        ];
        let bodies: Vec<String> = (0..2).flat_map(|_| cycle.map(String::from)).collect();
        let found = fixes(&mut assembler, &bodies);
        assert_eq!(
            found.iter().map(|(index, _)| *index).collect::<Vec<_>>(),
            [3]
        );
    }

    #[test]
    fn of_two_motions_rmcs_counts() {
        let mut assembler = EpochAssembler::default();
        let vtg = "GNVTG,80.0,T,,M,5.0,N,,K,A".to_string();
        let found = fixes(&mut assembler, &[vtg, rmc("120000"), rmc("120001")]);
        assert_eq!(found[0].1.track, Some(Degrees(90.0)));
        assert!((found[0].1.speed.unwrap().0 - 0.5144).abs() < 1e-4);
    }

    #[test]
    fn the_date_is_kept_over_midnight_until_it_is_named_again() {
        let mut assembler = EpochAssembler::default();
        let bodies = [
            "GNZDA,235959.00,31,12,2014,00,00".to_string(),
            gga("235959"),
            gga("000000"),
            gga("000001"),
        ];
        let mut found: Vec<Fix> = fixes(&mut assembler, &bodies)
            .into_iter()
            .map(|(_, fix)| fix)
            .collect();
        found.extend(assembler.finish());
        let times: Vec<String> = found
            .iter()
            .map(|fix| fix.time.unwrap().to_string())
            .collect();
        assert_eq!(
            times,
            [
                "2014-12-31T23:59:59.000Z",
                "2015-01-01T00:00:00.000Z",
                "2015-01-01T00:00:01.000Z"
            ]
        );
    }

    #[test]
    fn without_a_date_there_is_no_time() {
        let mut assembler = EpochAssembler::default();
        let found = fixes(&mut assembler, &[gll("120000"), gll("120001")]);
        assert_eq!((found[0].1.time, found[0].1.mode), (None, FixMode::TwoD));
    }

    #[test]
    fn satellites_are_counted_from_gsa_if_nobody_says_their_number() {
        let mut assembler = EpochAssembler::default();
        let found = fixes(
            &mut assembler,
            &[rmc("120000"), gsa(3), gsa(3), rmc("120001")],
        );
        assert_eq!(found[0].1.satellites, Some(6));
        let mut assembler = EpochAssembler::default();
        let found = fixes(
            &mut assembler,
            &[gsa(3), gga("120000"), gsa(3), gga("120001")],
        );
        assert_eq!(found[0].1.satellites, Some(12));
    }

    proptest! {
        #[test]
        fn no_mixture_of_sentences_gives_more_fixes_than_there_are_sentences(
            choices in prop::collection::vec((0usize..6, 0usize..4), 0..200),
        ) {
            let mut assembler = EpochAssembler::default();
            let bodies: Vec<String> = choices
                .iter()
                .map(|(kind, second)| {
                    let time = format!("12000{second}");
                    match kind {
                        0 => rmc(&time),
                        1 => gga(&time),
                        2 => gll(&time),
                        3 => gsa(3),
                        4 => "GNVTG,,T,,M,0.117,N,0.216,K,A".into(),
                        _ => "GNRMC,,V,,,,,,,,,,N".into(),
                    }
                })
                .collect();
            let mut count = fixes(&mut assembler, &bodies).len();
            count += usize::from(assembler.finish().is_some());
            prop_assert!(count <= bodies.len());
        }
    }
}

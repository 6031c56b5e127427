//! What a run comes to.

use serde::Serialize;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What a run came to; `--json` prints exactly this object. What nobody could measure is null: a real board
/// tells neither distance nor coverage, and a bench does not drive.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Summary {
    pub(crate) seconds_simulated: f64,
    pub(crate) seconds_real: f64,
    pub(crate) distance_m: Option<f64>,
    /// The visited part of the free half-metre cells, 0 to 1.
    pub(crate) coverage: Option<f64>,
    pub(crate) closest_approach_m: Option<f64>,
    pub(crate) collisions: Option<u64>,
    pub(crate) messages: u64,
    pub(crate) failures: u64,
    pub(crate) faults_injected: u64,
    pub(crate) seed: u64,
    /// Sixteen hexadecimal digits, because JSON's numbers lose the last ones; null on a real clock.
    pub(crate) trace_hash: Option<String>,
    pub(crate) picture: Option<PathBuf>,
}

impl Summary {
    /// The summary for a person.
    pub(crate) fn to_text(&self, robot: &str) -> String {
        let mut text = format!(
            "{robot}: {:.1} s in {:.2} s real time, seed {}\n",
            self.seconds_simulated, self.seconds_real, self.seed
        );
        if let Some(distance) = self.distance_m {
            let _ = write!(text, "  driven            {distance:.2} m");
            if let Some(coverage) = self.coverage {
                let _ = write!(text, ", {:.0} % of the room visited", coverage * 100.0);
            }
            text.push('\n');
        }
        if let (Some(closest), Some(collisions)) = (self.closest_approach_m, self.collisions) {
            let _ = writeln!(
                text,
                "  closest approach  {closest:.2} m, {collisions} collisions"
            );
        }
        let _ = writeln!(
            text,
            "  messages          {}, {} failures, {} faults injected",
            self.messages, self.failures, self.faults_injected
        );
        if let Some(hash) = &self.trace_hash {
            let _ = writeln!(text, "  trace             {hash}");
        }
        if let Some(picture) = &self.picture {
            let _ = writeln!(text, "  picture           {}", picture.display());
        }
        text
    }
}

/// A number that JSON can hold: of a body that does not move the closest approach is infinite.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary() -> Summary {
        Summary {
            seconds_simulated: 60.0,
            seconds_real: 0.2,
            distance_m: Some(12.3),
            coverage: Some(0.5),
            closest_approach_m: finite(f64::INFINITY),
            collisions: Some(0),
            messages: 7,
            failures: 0,
            faults_injected: 0,
            seed: u64::MAX,
            trace_hash: Some("00000000000000ff".into()),
            picture: Some("/tmp/toy-1.svg".into()),
        }
    }

    #[test]
    fn the_object_has_exactly_the_promised_keys() {
        let value = serde_json::to_value(summary()).unwrap();
        let keys: Vec<_> = value
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut promised = [
            "seconds_simulated",
            "seconds_real",
            "distance_m",
            "coverage",
            "closest_approach_m",
            "collisions",
            "messages",
            "failures",
            "faults_injected",
            "seed",
            "trace_hash",
            "picture",
        ];
        promised.sort_unstable();
        let mut sorted = keys;
        sorted.sort_unstable();
        assert_eq!(sorted, promised);
        assert!(value["closest_approach_m"].is_null());
    }

    #[test]
    fn the_text_tells_distance_picture_and_seed() {
        let text = summary().to_text("toy");
        for part in [
            "12.30 m",
            "50 %",
            "/tmp/toy-1.svg",
            "seed 18446744073709551615",
        ] {
            assert!(text.contains(part), "{text}");
        }
    }
}

//! Every kind of mistake in a `robot.toml`: found with its line, the offending text and a remedy, and no
//! mistake hides another.

use serde::{Deserialize, Deserializer, Serialize};
use sinew::config::{Backend, Loaded};
use sinew::{Finding, FindingKind, SourceText};

#[derive(Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    sonar: Sonar,
    pilot: Pilot,
    stop_distance: f64,
    marks: Vec<Mark>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sonar {
    trigger: String,
    #[serde(deserialize_with = "at_most_four")]
    max_range: f64,
    samples: u8,
}

impl Default for Sonar {
    fn default() -> Sonar {
        Sonar {
            trigger: "GPIO23".into(),
            max_range: 4.0,
            samples: 3,
        }
    }
}

fn at_most_four<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if (0.02..=4.0).contains(&value) {
        return Ok(value);
    }
    Err(serde::de::Error::custom(format!(
        "{value} m is outside 0.02 to 4 m"
    )))
}

/// Two values that must agree, with a default that agrees only with defaults.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, try_from = "RawPilot")]
struct Pilot {
    slow: f64,
    fast: f64,
    mood: Mood,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mood {
    #[default]
    Curious,
    Careful,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct RawPilot {
    slow: f64,
    fast: f64,
    mood: Mood,
}

impl Default for RawPilot {
    fn default() -> RawPilot {
        RawPilot {
            slow: 0.1,
            fast: 0.5,
            mood: Mood::Curious,
        }
    }
}

impl TryFrom<RawPilot> for Pilot {
    type Error = String;
    fn try_from(raw: RawPilot) -> Result<Pilot, String> {
        if raw.slow > raw.fast {
            return Err(format!("slow ({}) is above fast ({})", raw.slow, raw.fast));
        }
        Ok(Pilot {
            slow: raw.slow,
            fast: raw.fast,
            mood: raw.mood,
        })
    }
}

impl Default for Pilot {
    fn default() -> Pilot {
        Pilot {
            slow: 0.1,
            fast: 0.5,
            mood: Mood::Curious,
        }
    }
}

/// An element without defaults.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    x: f64,
    y: f64,
}

fn load(text: &str) -> Loaded<Config> {
    Loaded::parse(&SourceText::new("robot.toml", text))
}

fn facts(finding: &Finding) -> (FindingKind, usize, &str) {
    let place = finding.place().expect("a finding in a file has a place");
    (finding.kind(), place.line(), place.text())
}

/// One file, and what must be found in it: kind, line, offending text, a part of the message, a part of the remedy.
type Case = (
    &'static str,
    &'static [(FindingKind, usize, &'static str, &'static str, &'static str)],
);

use FindingKind::{InvalidValue, OutOfRange, Syntax, UnknownKey, WrongType};

const CASES: &[Case] = &[
    (
        "[sonar]\ntriger = \"GPIO4\"\n",
        &[(
            UnknownKey,
            2,
            "triger",
            "`triger` in [sonar]",
            "did you mean `trigger`?",
        )],
    ),
    (
        "stop_distanc = 1\n",
        &[(
            UnknownKey,
            1,
            "stop_distanc",
            "`stop_distanc`",
            "did you mean `stop_distance`?",
        )],
    ),
    (
        "[sonarr]\ntrigger = \"a\"\nsamples = 1\n",
        &[(UnknownKey, 1, "sonarr", "`sonarr`", "did you mean `sonar`?")],
    ),
    (
        "[sonarr]\n",
        &[(UnknownKey, 1, "sonarr", "`sonarr`", "did you mean `sonar`?")],
    ),
    (
        "[borad]\nbackend = \"mock\"\n",
        &[(UnknownKey, 1, "borad", "`borad`", "did you mean `board`?")],
    ),
    (
        "[sonar]\nqqq = 1\n",
        &[(UnknownKey, 2, "qqq", "`qqq`", "trigger, max_range, samples")],
    ),
    (
        "[sonar]\nsamples = \"three\"\n",
        &[(
            WrongType,
            2,
            "\"three\"",
            "`sonar.samples` must be a whole number from 0 to 255, not the text \"three\"",
            "samples = 3",
        )],
    ),
    (
        "stop_distance = true\n",
        &[(
            WrongType,
            1,
            "true",
            "must be a number, not true",
            "stop_distance = 0.0",
        )],
    ),
    (
        "sonar = 3\n",
        &[(WrongType, 1, "3", "`sonar` must be a table, not 3", "")],
    ),
    (
        "[stop_distance]\n",
        &[(
            WrongType,
            1,
            "[stop_distance]",
            "`stop_distance` must be a number, not a table",
            "",
        )],
    ),
    (
        "[sonar]\nsamples = 2.5\n",
        &[(WrongType, 2, "2.5", "not 2.5", "samples = 3")],
    ),
    (
        "[sonar]\nsamples = 256\n",
        &[(
            OutOfRange,
            2,
            "256",
            "from 0 to 255, not 256",
            "samples = 3",
        )],
    ),
    (
        "[sonar]\nmax_range = 9.0\n",
        &[(
            InvalidValue,
            2,
            "9.0",
            "9 m is outside 0.02 to 4 m",
            "max_range = 4.0",
        )],
    ),
    (
        "[pilot]\nmood = \"carefull\"\n",
        &[(
            InvalidValue,
            2,
            "\"carefull\"",
            "cannot be \"carefull\"",
            "did you mean \"careful\"?",
        )],
    ),
    (
        "[pilot]\nslow = 0.9\n",
        &[(
            InvalidValue,
            1,
            "[pilot]",
            "slow (0.9) is above fast (0.5)",
            "change",
        )],
    ),
    (
        "[[marks]]\nx = 1.0\n",
        &[(InvalidValue, 1, "[[marks]]", "missing field `y`", "add")],
    ),
    (
        "[[marks]]\nx = 1.0\ny = \"b\"\n[[marks]]\nx = 1.0\ny = 1.0\nz = 1.0\n",
        &[
            (WrongType, 3, "\"b\"", "`marks[0].y` must be a number", ""),
            (UnknownKey, 7, "z", "`z` in [marks[1]]", "x, y"),
        ],
    ),
    (
        "[board]\nbackend = \"moc\"\n",
        &[(
            InvalidValue,
            2,
            "\"moc\"",
            "`board.backend`",
            "did you mean \"mock\"?",
        )],
    ),
    (
        "[board]\nbackand = \"mock\"\n",
        &[(
            UnknownKey,
            2,
            "backand",
            "in [board]",
            "did you mean `backend`?",
        )],
    ),
    (
        "[board.ports]\ngnss = 4\n",
        &[(
            WrongType,
            2,
            "4",
            "`board.ports.gnss` must be a text in quotes, not 4",
            "",
        )],
    ),
    (
        "[sonar]\ntrigger = GPIO23\n",
        &[(Syntax, 2, "GPIO23", "must be quoted", "in quotes")],
    ),
    (
        "[sonar]\nsamples = 1\nsamples = 2\n",
        &[(Syntax, 3, "samples", "duplicate key", "one of the two")],
    ),
    (
        "[sonar\ntrigger = \"a\"\n",
        &[(Syntax, 1, "[sonar", "unclosed table", "`]`")],
    ),
    (
        "[sonar]\ntrigger \"a\"\n",
        &[(Syntax, 2, "trigger \"a\"", "no value", "key = value")],
    ),
];

#[test]
fn each_kind_of_mistake_is_found_with_its_line_text_and_remedy() {
    for (text, expected) in CASES {
        let loaded = load(text);
        let found: Vec<_> = loaded.findings.iter().map(facts).collect();
        let wanted: Vec<_> = expected
            .iter()
            .map(|&(kind, line, text, ..)| (kind, line, text))
            .collect();
        assert_eq!(found, wanted, "in\n{text}\n{:#?}", loaded.findings);
        for (finding, (.., message, help)) in loaded.findings.iter().zip(*expected) {
            assert!(
                finding.message().contains(message),
                "{:?} in\n{text}",
                finding.message()
            );
            assert!(
                finding.help().contains(help),
                "{:?} in\n{text}",
                finding.help()
            );
            assert!(!finding.help().is_empty());
        }
    }
}

#[test]
fn no_mistake_hides_another() {
    let all = "stop_distanc = 1\nstop_distance = \"far\"\n[sonar]\ntrigger = GPIO4\nsamples = 300\nmax_range = -1\n\
               [pilot]\nslow = 2.0\nfast = 1.0\n[board]\nbackend = \"wood\"\n[[marks]]\nx = 1\n";
    let kinds: Vec<_> = load(all)
        .findings
        .iter()
        .map(|finding| (finding.kind(), facts(finding).1))
        .collect();
    let wanted = [
        (UnknownKey, 1),
        (WrongType, 2),
        (Syntax, 4),
        (OutOfRange, 5),
        (InvalidValue, 6),
        (InvalidValue, 7),
        (InvalidValue, 11),
        (InvalidValue, 12),
    ];
    assert_eq!(kinds, wanted);
}

#[test]
fn a_right_file_is_read_whole() {
    let text = "stop_distance = 1\n[board]\nbackend = \"linux\"\nports.gnss = \"/dev/ttyUSB0\"\n\
                [pilot]\nslow = 0.8\nfast = 1.0\n[[marks]]\nx = 1\ny = 2\n[sonar]\ntrigger = \"GPIO5\"\n";
    let loaded = load(text);
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    assert_eq!(loaded.config.stop_distance, 1.0);
    assert_eq!(
        loaded.config.pilot,
        Pilot {
            slow: 0.8,
            fast: 1.0,
            mood: Mood::Curious
        }
    );
    assert_eq!(loaded.config.marks, [Mark { x: 1.0, y: 2.0 }]);
    assert_eq!(loaded.config.sonar.trigger, "GPIO5");
    assert_eq!(loaded.board.backend, Backend::Linux);
    assert_eq!(loaded.board.ports["gnss"], "/dev/ttyUSB0");
}

#[test]
fn what_is_right_is_kept_beside_what_is_wrong() {
    let loaded = load("stop_distance = 0.7\n[sonar]\nsamples = 999\ntrigger = \"GPIO9\"\n");
    assert_eq!(loaded.findings.len(), 1);
    assert_eq!(loaded.config.stop_distance, 0.7);
    assert_eq!(
        loaded.config.sonar,
        Sonar {
            trigger: "GPIO9".into(),
            ..Sonar::default()
        }
    );
}

#[test]
fn an_empty_file_is_the_defaults() {
    let loaded = load("");
    assert!(loaded.findings.is_empty());
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn any_bytes_give_findings_or_a_configuration_and_never_a_panic() {
    let seed_text = "[sonar]\ntrigger = \"GPIO23\"\nmax_range = 3.5\n[[marks]]\nx = 1\ny = 2\n[board.ports]\ngnss = 'x'\n";
    let mut state = 1u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize
    };
    for _ in 0..3000 {
        let mut bytes = seed_text.as_bytes().to_vec();
        for _ in 0..1 + next() % 6 {
            let at = next() % bytes.len();
            match next() % 3 {
                0 => bytes[at] = b"[]=\"'#{},.\n\0x9\xc3"[next() % 15],
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"[]=\"'#{},.\n\0x9"[next() % 14]),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for finding in load(&text).findings {
            assert!(!finding.render(false).is_empty());
        }
    }
}

#[test]
fn a_port_that_is_mapped_to_no_device_is_refused() {
    let loaded = Loaded::<Config>::parse(&SourceText::new(
        "robot.toml",
        "[board.ports]\nimu = \"/dev/ttyUSB1\"\ngnss = \"\"\n",
    ));
    let [finding] = &loaded.findings[..] else {
        panic!("{:#?}", loaded.findings);
    };
    assert!(finding.message().contains("is no device"), "{finding}");
    assert_eq!(finding.place().map(|place| place.line()), Some(3));
}

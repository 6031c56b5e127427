//! The rules of the house about Rust files, each with its reason, its exceptions and two samples.

use crate::rule::Rule;
use crate::source::Source;

/// A file of `src` has fewer lines than this without its tests: one noun fits.
pub const MOST_LINES_OF_A_FILE: usize = 400;
/// A function has at most this many lines: it fits a screen.
pub const MOST_LINES_OF_A_FUNCTION: usize = 70;

/// All rules.
pub const RULES: &[Rule] = &[
    Rule {
        name: "a file of src is short",
        check: |source| {
            let lines = if in_src(source) {
                source.lines_without_tests()
            } else {
                0
            };
            let long = lines >= MOST_LINES_OF_A_FILE;
            long.then(|| {
                (
                    1,
                    format!(
                        "{lines} lines without tests, fewer than {MOST_LINES_OF_A_FILE} are allowed"
                    ),
                )
            })
            .into_iter()
            .collect()
        },
        except: &[],
        bad: || ("a/src/b.rs", "//! B.\n".repeat(400)),
        good: || {
            (
                "a/src/b.rs",
                format!(
                    "{}#[cfg(test)]\nmod tests {{\n{}}}\n",
                    "//! B.\n".repeat(390),
                    "\n".repeat(90)
                ),
            )
        },
    },
    Rule {
        name: "a function fits a screen",
        check: |source| {
            let long = source
                .functions()
                .into_iter()
                .filter(|function| function.length > MOST_LINES_OF_A_FUNCTION);
            long.map(|f| {
                (
                    f.line,
                    format!(
                        "fn {} has {} lines, {MOST_LINES_OF_A_FUNCTION} are allowed",
                        f.name, f.length
                    ),
                )
            })
            .collect()
        },
        except: &[],
        bad: || ("a/src/b.rs", format!("fn long() {{{}}}\n", "\n".repeat(70))),
        good: || ("a/src/b.rs", format!("fn long() {{{}}}\n", "\n".repeat(69))),
    },
    Rule {
        name: "a file of src says first what it is",
        check: |source| {
            let begins = ["//! ", "#![doc = include_str!(\"../README.md\")]"]
                .iter()
                .any(|b| source.text.starts_with(b));
            let silent = in_src(source) && !begins;
            silent
                .then(|| {
                    (
                        1,
                        "the first line must be `//! ` and a sentence, or the README as crate doc"
                            .to_owned(),
                    )
                })
                .into_iter()
                .collect()
        },
        except: &[],
        bad: || ("a/src/b.rs", "use std::fmt;\n//! Late.\n".to_owned()),
        good: || {
            (
                "a/src/lib.rs",
                "#![doc = include_str!(\"../README.md\")]\n".to_owned(),
            )
        },
    },
    Rule {
        name: "only the runtime starts tasks and threads",
        check: |source| {
            let words = [
                "tokio::spawn",
                "task::spawn",
                "spawn_local",
                "spawn_blocking",
                "thread::spawn",
                "thread::Builder",
                "thread::scope",
            ];
            let free = source.path.starts_with("runtime/")
                || source.is_test()
                || source.path.starts_with("benches/");
            if free {
                Vec::new()
            } else {
                named(
                    source,
                    &words,
                    "an actor uses an input; only the runtime starts tasks",
                )
            }
        },
        except: &[
            (
                "sinew/src/threads.rs",
                "control socket and signals, which must work while the runtime hangs",
            ),
            (
                "drivers/board/src/bus_thread.rs",
                "blocking transactions of a bus; the board knows no runtime, and in simulation there is none",
            ),
            (
                "safety/examples/guarded.rs",
                "a robot without a runtime, which is killed in the tests of the guardian",
            ),
            (
                "xtask/src/pi/host.rs",
                "a tool beside the robot: the other end of an emulated machine's UART",
            ),
            (
                "xtask/src/safety_mutants.rs",
                "a tool beside the robot: two copies of the repository are compiled at a time",
            ),
            (
                "xtask/src/determinism.rs",
                "a tool beside the robot: a load on every core that cannot outlive it",
            ),
        ],
        bad: || {
            (
                "drivers/devices/src/a.rs",
                "fn f() { tokio::spawn(async {}); }".to_owned(),
            )
        },
        good: || {
            (
                "runtime/src/a.rs",
                "fn f() { tokio::spawn(async {}); }".to_owned(),
            )
        },
    },
    Rule {
        name: "where simulation reaches nobody reads a clock",
        check: |source| {
            // A test that needs real time lifts clippy's ban at its place, with a reason.
            if source.is_test() {
                return Vec::new();
            }
            let source = source.without_words_of("tokio::time", "Instant");
            named(
                &source,
                &["Instant", "SystemTime", "thread::sleep"],
                "simulated time does not pass in it; use Context::now or Board::now",
            )
        },
        except: &[
            (
                "sinew/src/pace.rs",
                "paces what a person watches; the simulation never asks it",
            ),
            ("benches/", "a bench measures real time"),
            (
                "safety/examples/guarded.rs",
                "a robot without a simulation, which is killed in the tests of the guardian",
            ),
            (
                "safety/examples/controller.rs",
                "a stand-in for hardware, in a process of its own",
            ),
            ("runtime/src/clock.rs", "the one real clock of the runtime"),
            (
                "runtime/src/sync/lock.rs",
                "a lock waits for another thread, and a simulation has none",
            ),
            (
                "drivers/board/src/linux/clock.rs",
                "the delay of a real board",
            ),
            (
                "drivers/board/src/linux/pwm.rs",
                "a real device's attributes appear when udev has seen them",
            ),
            (
                "drivers/board/src/elsewhere.rs",
                "the clock and the delay of a real board, where no kernel clock is at hand",
            ),
        ],
        bad: || ("sim/src/a.rs", "use std::time::Instant;".to_owned()),
        good: || {
            (
                "sim/src/a.rs",
                "//! No Instant.\nuse std::time::Duration;".to_owned(),
            )
        },
    },
    Rule {
        name: "a lint is only lifted with a reason",
        check: |source| {
            let lifted = ["#[allow(", "#![allow(", "#[expect(", "#![expect("];
            let at = lifted
                .iter()
                .flat_map(|mark| source.code.match_indices(mark))
                .map(|(at, _)| at);
            let bare = at.filter(|at| {
                !source.code[*at..]
                    .split(']')
                    .next()
                    .unwrap_or_default()
                    .contains("reason")
            });
            bare.map(|at| (source.line_of(at), "say `reason = \"...\"`".to_owned()))
                .collect()
        },
        except: &[],
        bad: || ("a/src/b.rs", "#[allow(dead_code)]\nfn f() {}".to_owned()),
        good: || {
            (
                "a/src/b.rs",
                "#[allow(\n    dead_code,\n    reason = \"used on Windows\"\n)]\nfn f() {}"
                    .to_owned(),
            )
        },
    },
    Rule {
        name: "nothing is left open",
        check: |source| {
            let marks = [
                concat!("TO", "DO"),
                concat!("FIX", "ME"),
                concat!("XX", "X"),
            ];
            let lines = source
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
            let mut open: Vec<_> = lines
                .map(|(line, _)| (line + 1, "finish it, or open an issue".to_owned()))
                .collect();
            open.extend(named(
                source,
                &["todo!", "unimplemented!", "#[ignore", "assert!(true"],
                "do it now, or leave it out",
            ));
            open
        },
        except: &[],
        bad: || ("a/src/b.rs", "#[test]\n#[ignore]\nfn f() {}".to_owned()),
        good: || {
            (
                "a/src/b.rs",
                "#[test]\nfn ignored_lines_are_counted() {}".to_owned(),
            )
        },
    },
    Rule {
        name: "drivers do not know that they are simulated",
        check: |source| {
            let lines = source.text.lines().enumerate().filter(|(_, line)| {
                let line = line.trim_start();
                line.starts_with("#[cfg")
                    && ["mock", "simulat"].iter().any(|word| line.contains(word))
            });
            lines
                .map(|(line, _)| (line + 1, "simulate the chip, not the driver".to_owned()))
                .collect()
        },
        except: &[],
        bad: || {
            (
                "drivers/devices/src/a.rs",
                "#[cfg(feature = \"mock\")]\nfn f() {}".to_owned(),
            )
        },
        good: || {
            (
                "drivers/devices/src/a.rs",
                "// never #[cfg(mock)]\n#[cfg(test)]\nfn f() {}".to_owned(),
            )
        },
    },
    Rule {
        name: "a driver or twin cites its source",
        check: |source| {
            let cites = [
                "datasheet",
                "Datasheet",
                "Source",
                "manual",
                "Manual",
                "NMEA 0183",
                "AV02-",
            ];
            let silent =
                of_a_chip(&source.path) && !cites.iter().any(|word| source.text.contains(word));
            silent
                .then(|| {
                    (
                        1,
                        "cite the document, revision and section that it follows".to_owned(),
                    )
                })
                .into_iter()
                .collect()
        },
        except: &[
            (
                "drivers/chips/src/quadrature.rs",
                "any incremental encoder: the convention is ours and no part's",
            ),
            (
                "drivers/mock/src/twins/led.rs",
                "an LED is lit or not: there is no document to follow",
            ),
            (
                "drivers/mock/src/twins/serial_line.rs",
                "the line that serial twins share, no part of its own",
            ),
        ],
        bad: || {
            (
                "drivers/chips/src/a.rs",
                "//! Reads the A chip.\n".to_owned(),
            )
        },
        good: || {
            (
                "drivers/chips/src/a.rs",
                "//! Reads the A chip (datasheet rev. 2, section 4).\n".to_owned(),
            )
        },
    },
];

/// Crates that one file only may name, so that replacing one is a matter of that file.
pub const CRATES_OF_ONE_FILE: &[&str] = &["rppal", "serialport", "tokio_serial"];

/// The files, tests left out, whose code names this crate.
#[must_use]
pub fn files_naming<'a>(sources: &'a [Source], name: &str) -> Vec<&'a str> {
    sources
        .iter()
        .filter(|source| !source.is_test() && !source.lines_with(name).is_empty())
        .map(|source| source.path.as_str())
        .collect()
}

fn in_src(source: &Source) -> bool {
    source.path.contains("src/") && !source.is_test()
}

/// The main file of a chip's driver or of its twin: what is split off into a folder of its own needs no second source.
fn of_a_chip(path: &str) -> bool {
    let folders = ["drivers/chips/src/", "drivers/mock/src/twins/"];
    let inside = folders.iter().find_map(|folder| path.strip_prefix(folder));
    inside.is_some_and(|file| match file.rsplit_once('/') {
        Some((_, name)) => name == "mod.rs",
        None => !["lib.rs", "mod.rs"].contains(&file),
    })
}

fn named(source: &Source, words: &[&str], text: &str) -> Vec<(usize, String)> {
    let places = words.iter().flat_map(|word| {
        source
            .lines_with(word)
            .into_iter()
            .map(move |line| (line, word))
    });
    places
        .map(|(line, word)| (line, format!("{word}: {text}")))
        .collect()
}

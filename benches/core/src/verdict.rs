//! What is asked of ours, and whether it is met.

use std::error::Error;
use std::fmt::Write;

use crate::case::{Asked, Case};
use crate::cases::CASES;
use crate::peers;
use crate::results::{Figures, Results};
use crate::tables;

/// One figure that is asked.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Of what.
    pub of: &'static str,
    /// What is asked.
    pub asked: String,
    /// What was found, or why nothing was.
    pub found: String,
    /// Whether it is met, if it was measured.
    pub met: Option<bool>,
    /// Whether it is a count, which no other load on the machine can change.
    pub exact: bool,
}

/// All figures that are asked of what was measured.
pub fn all(results: &Results) -> Vec<Verdict> {
    let measured = CASES.iter().filter(|case| results.has(case.name));
    let asked = measured.flat_map(|case| case.asked.iter().map(move |asked| (case, *asked)));
    asked
        .map(|(case, asked)| verdict(results, case, asked))
        .collect()
}

fn verdict(results: &Results, case: &'static Case, asked: Asked) -> Verdict {
    let figures = results.figures(case.name, peers::OURS.name);
    let (found, met) = match figures {
        Ok(figures) => {
            let (found, met) = judge(case, figures, asked);
            (found, Some(met))
        }
        Err(why) => (why.to_owned(), None),
    };
    Verdict {
        of: case.title,
        asked: match asked {
            Asked::RateAtLeast(least) => format!("rate at least {least} of raw tokio's"),
            Asked::TimeAtMost(most) => format!("time at most {most} of raw tokio's"),
            Asked::Below(limit) => {
                format!("below {}", tables::shown(case.unit, limit))
            }
            Asked::Zero => "exactly 0".to_owned(),
        },
        found,
        met,
        exact: asked == Asked::Zero,
    }
}

fn judge(case: &Case, figures: &Figures, asked: Asked) -> (String, bool) {
    let time = figures.to_base.unwrap_or(f64::NAN);
    match asked {
        Asked::RateAtLeast(least) => (format!("{:.2}", 1.0 / time), 1.0 / time >= least),
        Asked::TimeAtMost(most) => (format!("{time:.2}"), time <= most),
        Asked::Below(limit) => (tables::value(case, figures), figures.median < limit),
        Asked::Zero => (tables::value(case, figures), figures.spread.max == 0.0),
    }
}

/// The figures that are asked, as Markdown.
pub fn table(results: &Results) -> String {
    let mut text = "| figure | asked | found | |\n| --- | --- | ---: | --- |\n".to_owned();
    for verdict in all(results) {
        let Verdict {
            of, asked, found, ..
        } = &verdict;
        let met = match verdict.met {
            Some(true) => "met",
            Some(false) => "**NOT met**",
            None => "**not measured**",
        };
        // Writing to a string does not fail.
        let _ = writeln!(text, "| {of} | {asked} | {found} | {met} |");
    }
    text
}

/// Fails when a count is not as asked: no load on the machine can excuse it, as it can a rate.
///
/// # Errors
/// The counts that are wrong.
pub fn exact(results: &Results) -> Result<(), Box<dyn Error>> {
    let all = all(results).into_iter();
    let wrong: Vec<_> = all
        .filter(|verdict| verdict.exact && verdict.met == Some(false))
        .map(|verdict| format!("{}: {} instead of 0", verdict.of, verdict.found))
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(wrong.join("\n").into())
    }
}

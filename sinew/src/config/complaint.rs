//! Turns what serde says about a value into what a person can act on.

use super::leaves::{Route, Step};
use crate::finding::{Finding, FindingKind};
use serde::Serialize;
use std::fmt::Write as _;

/// A key at a distance above this from every known one is no slip of the finger.
const FARTHEST_GUESS: f64 = 0.7;

/// What is known about a configuration: its default values, and top-level names that others own.
pub(super) struct Known {
    defaults: Option<toml::Value>,
    elsewhere: Vec<String>,
}

impl Known {
    pub(super) fn of<C: Serialize>(defaults: &C, elsewhere: &[&str]) -> Known {
        Known {
            // A configuration that TOML cannot hold has no example values; its mistakes are found all the same.
            defaults: toml::Value::try_from(defaults).ok(),
            elsewhere: elsewhere.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    /// The default at a route, written as in a file.
    fn default_of(&self, steps: &[Step]) -> Option<String> {
        let mut value = self.defaults.as_ref()?;
        for step in steps {
            value = match step {
                Step::Key(key) => value.get(key)?,
                Step::Index(index) => value.get(*index)?,
            };
        }
        let written = value.to_string();
        (!value.is_table() && written.len() <= 60).then_some(written)
    }
}

/// A line that is not TOML.
pub(super) fn syntax(message: &str) -> Finding {
    let (what, wanted) = match message.split_once(", expected ") {
        Some((what, wanted)) => (what, Some(wanted)),
        None => (message, None),
    };
    let help = if what.contains("must be quoted") {
        "put the text in quotes: \"GPIO17\"".to_owned()
    } else if what.contains("duplicate key") {
        "keep one of the two".to_owned()
    } else if what.contains("with no value") {
        "write `key = value`".to_owned()
    } else {
        match wanted {
            Some(wanted) if wanted != "nothing" => format!("expected {wanted} here"),
            _ => "see https://toml.io for how TOML is written".to_owned(),
        }
    };
    Finding::new(FindingKind::Syntax, format!("not TOML: {what}"), help)
}

/// Values that each are right and do not go together.
pub(super) fn contradiction(name: &str, message: &str) -> Finding {
    let place = if name.is_empty() {
        String::new()
    } else {
        format!("[{name}]: ")
    };
    let help = if message.starts_with("missing field") {
        "add the key"
    } else {
        "change one of the values that the message names"
    };
    Finding::new(FindingKind::InvalidValue, format!("{place}{message}"), help)
}

/// What serde said about the value at `route`.
pub(super) fn about(message: &str, route: &Route, known: &Known) -> Finding {
    let name = route.name();
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return unknown_key(rest, route, known);
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        let (given, choices) = quoted(rest);
        let mut help = nearest(&given, &choices)
            .map_or(String::new(), |near| format!("did you mean \"{near}\"? "));
        let _ = write!(help, "{}", list("possible values", &choices));
        let text = format!("`{name}` cannot be \"{given}\"");
        return Finding::new(FindingKind::InvalidValue, text, help);
    }
    let typed = message
        .strip_prefix("invalid type: ")
        .or(message.strip_prefix("wanted "));
    if let Some(rest) = typed {
        let (given, wanted) = rest.split_once(", expected ").unwrap_or(("value", rest));
        let text = format!(
            "`{name}` must be {}, not {}",
            plain_type(wanted),
            plain_value(given)
        );
        return Finding::new(FindingKind::WrongType, text, example(route, known));
    }
    let value = message
        .strip_prefix("invalid value: ")
        .or(message.strip_prefix("invalid length "));
    if let Some((given, wanted)) = value.and_then(|rest| rest.split_once(", expected ")) {
        let text = format!(
            "`{name}` must be {}, not {}",
            plain_type(wanted),
            plain_value(given)
        );
        return Finding::new(FindingKind::OutOfRange, text, example(route, known));
    }
    if message.starts_with("missing field") {
        return contradiction(&name, message);
    }
    Finding::new(
        FindingKind::InvalidValue,
        format!("`{name}`: {message}"),
        example(route, known),
    )
}

fn unknown_key(rest: &str, route: &Route, known: &Known) -> Finding {
    let (given, mut choices) = quoted(rest);
    let depth =
        (route.steps.iter()).position(|step| matches!(step, Step::Key(key) if *key == given));
    let above = Route {
        steps: route.steps[..depth.unwrap_or(0)].to_vec(),
        ..route.clone()
    };
    let section = above.name();
    if section.is_empty() {
        choices.extend(known.elsewhere.iter().cloned());
    }
    let place = if section.is_empty() {
        String::new()
    } else {
        format!(" in [{section}]")
    };
    let help = match nearest(&given, &choices) {
        Some(near) => format!("did you mean `{near}`?"),
        None if choices.is_empty() => "remove it: nothing can be set here".to_owned(),
        None => format!("remove it, or use one of: {}", choices.join(", ")),
    };
    Finding::new(
        FindingKind::UnknownKey,
        format!("unknown key `{given}`{place}"),
        help,
    )
}

/// The given name and the known ones, from "`a`, expected one of `b`, `c`".
fn quoted(rest: &str) -> (String, Vec<String>) {
    let mut names = rest.split('`').skip(1).step_by(2).map(str::to_owned);
    let given = names.next().unwrap_or_default();
    (given, names.collect())
}

fn nearest<'c>(given: &str, choices: &'c [String]) -> Option<&'c str> {
    let score =
        |choice: &String| strsim::jaro_winkler(&given.to_lowercase(), &choice.to_lowercase());
    let best = choices
        .iter()
        .max_by(|a, b| score(a).total_cmp(&score(b)))?;
    (score(best) > FARTHEST_GUESS).then_some(best)
}

fn list(what: &str, choices: &[String]) -> String {
    let quoted: Vec<String> = choices
        .iter()
        .map(|choice| format!("\"{choice}\""))
        .collect();
    format!("{what}: {}", quoted.join(", "))
}

fn example(route: &Route, known: &Known) -> String {
    let key = route.steps.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.as_str()),
        Step::Index(_) => None,
    });
    match (key, known.default_of(&route.steps)) {
        (Some(key), Some(default)) => format!("the default is `{key} = {default}`"),
        _ => "change the value, or remove the line".to_owned(),
    }
}

/// serde's name of a type in words.
fn plain_type(wanted: &str) -> String {
    let words = match wanted {
        "f64" | "f32" => "a number",
        "u8" => "a whole number from 0 to 255",
        "i8" => "a whole number from -128 to 127",
        "u16" => "a whole number from 0 to 65535",
        "i16" => "a whole number from -32768 to 32767",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of at least 0",
        "i32" | "i64" | "isize" => "a whole number",
        "a boolean" | "bool" => "true or false",
        "a string" | "a borrowed string" | "str" => "a text in quotes",
        "a map" => "a table",
        "a sequence" => "a list in [ ]",
        "string or table" => "a text in quotes",
        other if other.starts_with("struct ") => "a table",
        other => other,
    };
    words.to_owned()
}

/// serde's description of a value in words.
fn plain_value(given: &str) -> String {
    let given = given.trim_end_matches(" as i128");
    match given.split_once(' ') {
        Some(("string", text)) => format!("the text {text}"),
        Some(("integer" | "boolean", value)) => value.trim_matches('`').to_owned(),
        Some(("floating", rest)) => rest
            .trim_start_matches("point ")
            .trim_matches('`')
            .to_owned(),
        _ if given == "map" => "a table".to_owned(),
        _ if given == "sequence" => "a list".to_owned(),
        _ if given == "value" => "this".to_owned(),
        _ => given.to_owned(),
    }
}

//! `set`: changes a parameter of the running robot, or lists them.

use super::{NOBODY, WRONG};
use crate::arguments::SetArguments;
use crate::out;

#[cfg(not(unix))]
pub(super) fn run(_: &str, _: &SetArguments) -> Result<(), u8> {
    out::error("set is not available on this system: a running robot serves a Unix socket");
    Err(NOBODY)
}

#[cfg(unix)]
pub(super) fn run(robot: &str, arguments: &SetArguments) -> Result<(), u8> {
    use crate::ctl::protocol::Request;
    use crate::ctl::{client, path};

    let request = match (&arguments.parameter, arguments.value) {
        (Some(name), Some(value)) => Request::set(name, value, arguments.save),
        _ => Request::parameters(),
    };
    let socket = arguments
        .socket
        .clone()
        .unwrap_or_else(|| path::of_robot(robot));
    let answer = client::ask_for(&socket, &request).map_err(|error| {
        out::error(&error.to_string());
        NOBODY
    })?;
    if arguments.json {
        // An answer of texts and numbers always has a JSON form.
        out::result(&serde_json::to_string(&answer).unwrap_or_default());
    } else {
        tell(&answer, arguments.parameter.as_deref());
    }
    if answer.ok { Ok(()) } else { Err(WRONG) }
}

#[cfg(unix)]
fn tell(answer: &crate::ctl::protocol::Answer, only: Option<&str>) {
    for why in answer.refusals.iter().chain(&answer.error) {
        out::error(why);
    }
    let mut found = answer.parameters.is_empty();
    for parameter in &answer.parameters {
        if only.is_some_and(|only| only != parameter.name) {
            continue;
        }
        found = true;
        let (low, high) = (parameter.low, parameter.high);
        let began = if parameter.value == parameter.initial {
            String::new()
        } else {
            format!(", began with {}", parameter.initial)
        };
        out::result(&format!(
            "{} = {} ({low} to {high}{began})",
            parameter.name, parameter.value
        ));
    }
    if let (false, Some(only)) = (found, only) {
        out::error(&format!(
            "no parameter is called {only:?}; `set` alone lists them"
        ));
    }
    if let Some(kept) = &answer.kept {
        out::result(&format!("kept in {kept}"));
    }
}

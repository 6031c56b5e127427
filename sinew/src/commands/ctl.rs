//! `ctl`: talks to the running robot.

use crate::arguments::CtlArguments;

#[cfg(not(unix))]
pub(super) fn run(_: &str, _: &CtlArguments) -> Result<(), u8> {
    crate::out::error("ctl is not available on this system: a running robot serves a Unix socket");
    Err(super::NOBODY)
}

#[cfg(unix)]
pub(super) fn run(name: &str, arguments: &CtlArguments) -> Result<(), u8> {
    use crate::ctl::{client, path};
    use crate::out;

    let socket = arguments
        .socket
        .clone()
        .unwrap_or_else(|| path::of_robot(name));
    let answer = client::ask(&socket, arguments.action).map_err(|error| {
        out::error(&error.to_string());
        super::NOBODY
    })?;
    if arguments.json {
        let json = serde_json::to_string(&answer).map_err(|error| {
            out::error(&error.to_string());
            super::WRONG
        })?;
        out::result(&json);
    } else {
        tell(name, arguments.action, &answer);
    }
    if answer.ok { Ok(()) } else { Err(super::WRONG) }
}

/// One line for each, as `set` prints them.
#[cfg(unix)]
fn parameters(all: &[crate::ctl::protocol::ParameterReport]) -> String {
    if all.is_empty() {
        return "no actor declares a parameter".to_owned();
    }
    let line = |it: &crate::ctl::protocol::ParameterReport| {
        format!("{} = {} ({} to {})", it.name, it.value, it.low, it.high)
    };
    all.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(unix)]
fn tell(name: &str, action: crate::ctl::protocol::Action, answer: &crate::ctl::protocol::Answer) {
    use crate::ctl::protocol::Action;
    use crate::out;

    if let Some(error) = &answer.error {
        out::error(error);
    }
    for refusal in &answer.refusals {
        out::note(&format!("refused: {refusal}"));
    }
    if let Some(status) = &answer.status {
        out::result(&status.to_text());
    } else if answer.ok {
        out::result(&match action {
            Action::Arm => format!("{name}: armed"),
            Action::Disarm => format!("{name}: disarmed"),
            Action::Estop => format!("{name}: stopped, and stays so until `ctl reset`"),
            Action::Reset => format!("{name}: e-stop released, disarmed"),
            Action::Status => format!("{name}: no status"),
            Action::Handback => format!("{name}: its pilot drives again"),
            Action::Drive => format!("{name}: driven by hand"),
            Action::Parameters | Action::Set => parameters(&answer.parameters),
        });
    }
}

//! `ctl`: talks to the running robot.

use crate::arguments::CtlArguments;

#[cfg(not(unix))]
pub(super) fn run(_: &str, _: &CtlArguments) -> Result<(), u8> {
    crate::out::error("ctl is not available on this system: a running robot serves a Unix socket");
    Err(super::NOBODY)
}

#[cfg(unix)]
pub(super) fn run(name: &str, arguments: &CtlArguments) -> Result<(), u8> {
    use crate::ctl::protocol::{Action, Request};
    use crate::ctl::{client, path};
    use crate::out;

    let socket = arguments
        .socket
        .clone()
        .unwrap_or_else(|| path::of_robot(name));
    let request = match arguments.action {
        Action::Explain => Request::explain(arguments.output.as_deref()),
        action => Request::new(action),
    };
    let answer = match client::ask_for(&socket, &request) {
        Ok(answer) => answer,
        Err(error) => beside(name, arguments.action).ok_or_else(|| {
            out::error(&error.to_string());
            super::NOBODY
        })?,
    };
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

/// What can be had where no robot answers: the guardian has an e-stop of its own, and what it did last stands in a file.
#[cfg(unix)]
fn beside(
    name: &str,
    action: crate::ctl::protocol::Action,
) -> Option<crate::ctl::protocol::Answer> {
    use crate::ctl::protocol::{Action, Answer, LastStopReport};

    if action == Action::LastStop {
        return Some(match LastStopReport::read(name) {
            Ok(report) => Answer::last_stop(report),
            Err(error) => Answer::error(format!("what the guardian wrote cannot be read: {error}")),
        });
    }
    #[cfg(target_os = "linux")]
    {
        use crate::out;

        let word = match action {
            Action::Estop => "estop",
            Action::Reset => "reset",
            _ => return None,
        };
        let desk = crate::ctl::path::estop(name);
        let said = sinew_safety::guardian::ask(&desk, word).ok()?;
        out::note(&format!(
            "the robot does not answer; its guardian says: {said}"
        ));
        Some(if said.starts_with("ok") {
            Answer::done(None)
        } else {
            Answer::refused(vec![said])
        })
    }
    #[cfg(not(target_os = "linux"))]
    None
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
    if let Some(explanation) = &answer.explanation {
        out::result(&explanation.to_text());
    } else if let Some(stop) = &answer.last_stop {
        out::result(&stop.to_text());
    } else if let Some(status) = &answer.status {
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
            Action::Explain => format!("{name}: no explanation"),
            Action::LastStop => format!(
                "{name}: no stop is noted: the guardian never had to act, or its notes are in another state folder"
            ),
            Action::Parameters | Action::Set => parameters(&answer.parameters),
        });
    }
}

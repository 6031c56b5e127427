//! What goes over the control socket: one line of JSON asks, one line answers.
//!
//! ```text
//! {"v":1,"do":"status"}
//! {"v":1,"ok":true,"status":{"robot":"rover","simulated":true,...}}
//! ```

pub use super::reports::{CommandReport, ExplainReport, LastStopReport};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// The version of the protocol. A change that an old client would misread raises it.
pub const VERSION: u32 = 1;

/// The longest request line in bytes; a request needs forty.
pub const LONGEST_REQUEST: usize = 4096;

/// What can be asked of a running robot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Action {
    /// Print what runs, how it is, and what the motion outputs do
    Status,
    /// Let motion outputs follow commands, or print everything that speaks against it
    Arm,
    /// Make every motion output safe and keep it so until armed again
    Disarm,
    /// Stop at once and stay stopped until reset, whatever the robot's program does
    Estop,
    /// Release the e-stop; the robot stays disarmed
    Reset,
    /// Give the robot back to its pilot, after `teleop`
    Handback,
    /// Drive the robot by hand; on the command line that is `teleop`
    #[value(skip)]
    Drive,
    /// Print why a motion output has its value: its command and lease, its limits, the arm state, its safe actions
    Explain,
    /// Print why the outputs were made safe last by the guardian
    #[value(name = "last-stop")]
    #[serde(rename = "last-stop")]
    LastStop,
    /// Print what may be changed while the robot runs
    Parameters,
    /// Change a parameter; on the command line that is `set`
    #[value(skip)]
    Set,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Request {
    /// [`VERSION`].
    pub v: u32,
    /// What to do.
    #[serde(rename = "do")]
    pub action: Action,
    /// Which parameter to set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    /// What to set it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Which motion output to explain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// How fast to drive forward, in m/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// How fast to turn to the left, in rad/s.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yaw: Option<f64>,
    /// Whether to keep it in the calibration.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub save: bool,
}

impl Request {
    /// A request of this version.
    pub fn new(action: Action) -> Request {
        Request {
            v: VERSION,
            action,
            parameter: None,
            value: None,
            output: None,
            x: None,
            yaw: None,
            save: false,
        }
    }

    /// Drives for 300 ms, unless another command comes.
    pub fn drive(x: f64, yaw: f64) -> Request {
        Request {
            x: Some(x),
            yaw: Some(yaw),
            ..Request::new(Action::Drive)
        }
    }

    /// Asks why a motion output has its value.
    pub fn explain(output: Option<&str>) -> Request {
        Request {
            output: output.map(str::to_owned),
            ..Request::new(Action::Explain)
        }
    }

    /// Asks what may be changed.
    pub fn parameters() -> Request {
        Request::new(Action::Parameters)
    }

    /// Asks to change a parameter, and to keep it in the calibration if `save`.
    pub fn set(parameter: &str, value: f64, save: bool) -> Request {
        Request {
            parameter: Some(parameter.to_owned()),
            value: Some(value),
            save,
            ..Request::new(Action::Set)
        }
    }

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// What is wrong with the line and what a right one looks like, to be sent back.
    pub fn parse(line: &[u8]) -> Result<Request, String> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        const EXAMPLE: &str = "a request is one line such as {\"v\":1,\"do\":\"status\"}";
        // The version first: another one may have other fields.
        let Version { v } =
            serde_json::from_slice(line).map_err(|error| format!("{error}; {EXAMPLE}"))?;
        if v != VERSION {
            return Err(format!(
                "this robot speaks version {VERSION} of the protocol, not {v}"
            ));
        }
        let request: Request =
            serde_json::from_slice(line).map_err(|error| format!("{error}; {EXAMPLE}"))?;
        let driven = request.x.is_some() && request.yaw.is_some();
        let complete = request.parameter.is_some() && request.value.is_some();
        let drives = request.x.is_some() || request.yaw.is_some();
        let sets = request.parameter.is_some() || request.value.is_some() || request.save;
        match request.action {
            Action::Drive if driven && !sets => Ok(request),
            Action::Drive => {
                Err("to drive needs x in m/s and yaw in rad/s, such as {\"v\":1,\"do\":\"drive\",\"x\":0.2,\"yaw\":0}".to_owned())
            }
            Action::Explain if !drives && !sets => Ok(request),
            _ if request.output.is_some() => {
                Err(format!("only `explain` takes an output; {EXAMPLE}"))
            }
            _ if drives => Err(format!("only `drive` takes x and yaw; {EXAMPLE}")),
            Action::Set if !complete => {
                Err("to set a parameter needs its name and a value: {\"v\":1,\"do\":\"set\",\"parameter\":\"drive.max_speed_m_s\",\"value\":0.3}".to_owned())
            }
            Action::Set => Ok(request),
            _ if sets => Err(format!("only `set` takes a parameter; {EXAMPLE}")),
            _ => Ok(request),
        }
    }
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Answer {
    /// [`VERSION`].
    pub v: u32,
    /// Whether it was done.
    pub ok: bool,
    /// Why a request was not understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Everything that speaks against arming.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
    /// What may be changed, and what it is now; after `parameters` and `set`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<ParameterReport>,
    /// The file in which a changed parameter was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// Why a motion output has its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<ExplainReport>,
    /// What the guardian did last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_stop: Option<LastStopReport>,
    /// How the robot is; after every action that was understood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<StatusReport>,
}

impl Answer {
    /// Done.
    pub fn done(status: Option<StatusReport>) -> Answer {
        Answer {
            v: VERSION,
            ok: true,
            status,
            ..Answer::default()
        }
    }

    /// Done: what may be changed, as it is now, and where a change was kept.
    pub fn parameters(parameters: Vec<ParameterReport>, kept: Option<String>) -> Answer {
        Answer {
            parameters,
            kept,
            ..Answer::done(None)
        }
    }

    /// Done: why an output has its value.
    pub fn explanation(report: ExplainReport) -> Answer {
        Answer {
            explanation: Some(report),
            ..Answer::done(None)
        }
    }

    /// Done: what the guardian did last, if it ever acted.
    pub fn last_stop(report: Option<LastStopReport>) -> Answer {
        Answer {
            last_stop: report,
            ..Answer::done(None)
        }
    }

    /// Understood and not done, for these reasons.
    pub fn refused(refusals: Vec<String>) -> Answer {
        Answer {
            v: VERSION,
            refusals,
            ..Answer::default()
        }
    }

    /// Not understood.
    pub fn error(error: impl Into<String>) -> Answer {
        Answer {
            v: VERSION,
            error: Some(error.into()),
            ..Answer::default()
        }
    }
}

/// What may be changed while the robot runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterReport {
    /// The node and the parameter: `drive.left.trim`.
    pub name: String,
    /// Its value now.
    pub value: f64,
    /// What it began with.
    pub initial: f64,
    /// The least it may be.
    pub low: f64,
    /// The most it may be.
    pub high: f64,
}

/// How a running robot is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StatusReport {
    /// The robot's name.
    pub robot: String,
    /// Whether all of its hardware is simulated.
    pub simulated: bool,
    /// What is real where the rest is simulated, such as `gnss: /dev/ttyUSB0`.
    pub real: Vec<String>,
    /// Whether motion outputs follow commands.
    pub armed: bool,
    /// Whether the e-stop is latched.
    pub estopped: bool,
    /// Seconds since the start, on the robot's clock.
    pub seconds: f64,
    /// The nodes of the graph.
    pub nodes: Vec<NodeReport>,
    /// The motion outputs.
    pub motion: Vec<MotionReport>,
}

/// How a node is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeReport {
    /// Its name in the graph.
    pub name: String,
    /// What it does now: `running`, `waiting to restart`, ...
    pub state: String,
    /// How often it was started again.
    pub restarts: u64,
    /// Why it last failed, if it ever did.
    pub last_failure: Option<String>,
    /// How many messages it has handled.
    pub handled: u64,
}

/// What a motion output does.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MotionReport {
    /// The part, such as `left motor`.
    pub part: String,
    /// How hard it is driven, -1 to 1.
    pub duty: f64,
    /// Seconds until its command expires; 0 if none stands.
    pub lease_s: f64,
    /// Why it last took its safe action, if it ever did.
    pub last_safe: Option<String>,
}

impl StatusReport {
    /// The status for a person.
    pub fn to_text(&self) -> String {
        let hardware = match (self.simulated, self.real.is_empty()) {
            (true, _) => "simulated hardware".to_owned(),
            (false, true) => "real hardware".to_owned(),
            (false, false) => format!("simulated hardware, except {}", self.real.join(", ")),
        };
        let stop = if self.estopped { ", E-STOP" } else { "" };
        let armed = if self.armed { "armed" } else { "disarmed" };
        let mut text = format!(
            "{}: {hardware}, {armed}{stop}, {:.1} s\n",
            self.robot, self.seconds
        );
        for node in &self.nodes {
            let _ = write!(
                text,
                "  {:16} {:12} {} handled",
                node.name, node.state, node.handled
            );
            if node.restarts > 0 {
                let _ = write!(text, ", {} restarts", node.restarts);
            }
            if let Some(failure) = &node.last_failure {
                let _ = write!(text, ", last failure: {failure}");
            }
            text.push('\n');
        }
        for output in &self.motion {
            let _ = write!(
                text,
                "  {:16} duty {:+.2}, lease {:.3} s",
                output.part, output.duty, output.lease_s
            );
            if let Some(cause) = &output.last_safe {
                let _ = write!(text, ", last made safe by {cause}");
            }
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_the_line_that_the_documentation_shows() {
        assert_eq!(
            Request::parse(br#"{"v":1,"do":"status"}"#),
            Ok(Request::new(Action::Status))
        );
        let line = serde_json::to_string(&Request::new(Action::Estop)).unwrap();
        assert_eq!(line, r#"{"v":1,"do":"estop"}"#);
    }

    #[test]
    fn another_version_is_refused_by_its_number_before_anything_else() {
        let error = Request::parse(br#"{"v":2,"please":"status"}"#).unwrap_err();
        assert_eq!(error, "this robot speaks version 1 of the protocol, not 2");
    }

    #[test]
    fn what_is_no_request_is_told_how_one_looks() {
        for garbage in [
            &b""[..],
            b"status",
            b"{\"v\":1}",
            b"{\"v\":1,\"do\":\"fly\"}",
            b"{\"v\":1,\"do\":\"arm\",\"x\":1}",
            b"\xff\xfe",
            b"[[[[",
        ] {
            let error = Request::parse(garbage).unwrap_err();
            assert!(error.contains("{\"v\":1,\"do\":\"status\"}"), "{error}");
        }
    }

    #[test]
    fn an_answer_leaves_out_what_it_does_not_say() {
        let json = serde_json::to_string(&Answer::done(None)).unwrap();
        assert_eq!(json, r#"{"v":1,"ok":true}"#);
    }
}

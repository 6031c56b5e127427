//! `teleop`: drives the running robot with the keyboard.

use super::NOBODY;
use crate::arguments::TeleopArguments;
use crate::out;

#[cfg(not(unix))]
pub(super) fn run(_: &str, _: &TeleopArguments) -> Result<(), u8> {
    out::error("teleop is not available on this system: a running robot serves a Unix socket");
    Err(NOBODY)
}

#[cfg(unix)]
pub(super) use on_unix::run;

#[cfg(unix)]
mod on_unix {
    use super::super::WRONG;
    use super::{NOBODY, TeleopArguments, out};
    use crate::ctl::client::{AskError, Session};
    use crate::ctl::path;
    use crate::ctl::protocol::{Action, Answer, Request};
    use crate::keyboard::{Held, Key, Keyboard};
    use crate::pace::{Pace, Speed};
    use std::io::Write as _;
    use std::time::Duration;

    /// How often the robot is told: six times within a command's 300 ms.
    const PERIOD: Duration = Duration::from_millis(50);
    /// By how much a key changes how fast it drives.
    const STEP: f64 = 0.1;

    const HELP: &str = "\
hold the arrows or w a s d to drive; + and - change how fast; space stops
e: e-stop   r: reset   m: arm   p: give it back to its pilot and end   q: end, the robot stands";

    pub(in crate::commands) fn run(robot: &str, arguments: &TeleopArguments) -> Result<(), u8> {
        if !Keyboard::is_possible() {
            out::error("teleop reads the keyboard of a terminal, and this is none");
            return Err(WRONG);
        }
        let socket = arguments.socket.clone();
        let socket = socket.unwrap_or_else(|| path::of_robot(robot));
        let failed = |error: AskError| {
            out::error(&error.to_string());
            NOBODY
        };
        let session = Session::open(&socket).map_err(failed)?;
        let mut teleop = Teleop {
            session,
            arguments,
            share: 0.5,
            news: String::new(),
        };
        // Whoever may not drive hears of it before the screen changes.
        let first = teleop.ask(&Request::drive(0.0, 0.0)).map_err(failed)?;
        if let Some(why) = first.refusals.first().or(first.error.as_ref()) {
            out::error(why);
            return Err(WRONG);
        }
        out::result(HELP);
        let ended = teleop.drive();
        crate::keyboard::restore();
        out::result("");
        match ended {
            Ok(()) => Ok(()),
            Err(Trouble::Robot(error)) => Err(failed(error)),
            Err(Trouble::Terminal(error)) => {
                out::error(&format!("the terminal is gone: {error}; the robot stands"));
                Err(WRONG)
            }
        }
    }

    enum Trouble {
        Robot(AskError),
        Terminal(std::io::Error),
    }

    struct Teleop<'a> {
        session: Session,
        arguments: &'a TeleopArguments,
        /// The part of the fastest speeds that is driven.
        share: f64,
        news: String,
    }

    impl Teleop<'_> {
        fn ask(&mut self, request: &Request) -> Result<Answer, AskError> {
            self.session.ask(request)
        }

        fn drive(&mut self) -> Result<(), Trouble> {
            let mut keyboard = Keyboard::open().map_err(Trouble::Terminal)?;
            let clock = Pace::start(Speed::Max);
            let mut held = Held::default();
            loop {
                let changes = keyboard.changes(PERIOD).map_err(Trouble::Terminal)?;
                for change in changes {
                    match change.key {
                        Key::Forward | Key::Backward | Key::Left | Key::Right => {
                            held.change(change, clock.elapsed());
                        }
                        _ if !change.is_down => {}
                        Key::More => self.share = (self.share + STEP).min(1.0),
                        Key::Less => self.share = (self.share - STEP).max(STEP),
                        Key::Quit => return self.say(0.0, 0.0),
                        Key::Letter('e') => self.act(Action::Estop)?,
                        Key::Letter('r') => self.act(Action::Reset)?,
                        Key::Letter('m') => self.act(Action::Arm)?,
                        Key::Letter('p') => return self.act(Action::Handback),
                        Key::Letter(_) | Key::Other => held.let_go(),
                    }
                }
                let held = held.at(clock.elapsed()).map(|(key, _)| key);
                let (x, yaw) = self.twist(held);
                self.say(x, yaw)?;
                self.show(x, yaw).map_err(Trouble::Terminal)?;
            }
        }

        fn twist(&self, held: Option<Key>) -> (f64, f64) {
            let (x, yaw) = (
                self.arguments.speed * self.share,
                self.arguments.turn * self.share,
            );
            match held {
                Some(Key::Forward) => (x, 0.0),
                Some(Key::Backward) => (-x, 0.0),
                Some(Key::Left) => (0.0, yaw),
                Some(Key::Right) => (0.0, -yaw),
                _ => (0.0, 0.0),
            }
        }

        fn say(&mut self, x: f64, yaw: f64) -> Result<(), Trouble> {
            let answer = self.ask(&Request::drive(x, yaw)).map_err(Trouble::Robot)?;
            self.note(&answer);
            Ok(())
        }

        fn act(&mut self, action: Action) -> Result<(), Trouble> {
            let answer = self.ask(&Request::new(action)).map_err(Trouble::Robot)?;
            self.news = format!("{action:?}: ").to_lowercase();
            self.news
                .push_str(if answer.ok { "done" } else { "refused" });
            self.note(&answer);
            Ok(())
        }

        fn note(&mut self, answer: &Answer) {
            if let Some(why) = answer.refusals.first().or(answer.error.as_ref()) {
                self.news.clone_from(why);
            }
        }

        fn show(&self, x: f64, yaw: f64) -> std::io::Result<()> {
            let mut out = std::io::stdout().lock();
            write!(
                out,
                "\r{x:+.2} m/s {yaw:+.2} rad/s, {:.0} % of the fastest. {}\x1b[K",
                self.share * 100.0,
                self.news
            )?;
            out.flush()
        }
    }
}

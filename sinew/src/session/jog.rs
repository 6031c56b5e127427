//! One motion output driven by a held key, and nothing else running: does the motor turn, and which way?

use super::RunError;
use super::explain;
use super::real;
use crate::board::with_real_parts;
use crate::check::Checked;
use crate::config::{Backend, RobotConfig};
use crate::guard::{Guarding, Wishes};
use crate::keyboard::{Held, Key, Keyboard};
use crate::out;
use crate::pace::{Pace, Speed};
use crate::robot::Robot;
use crate::stop::Stop;
use sinew_board::{Applied, Board, BoardError, Bridge, Duty};
use sinew_mock::Mock;
use sinew_runtime::{Environment, Time};
use sinew_sim::Surroundings;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The most that is driven, and what it begins with.
const STRONGEST: f64 = 0.20;
const GENTLE: f64 = 0.10;
/// By how much a key changes it.
const STEP: f64 = 0.02;
/// How often leases are looked at.
const PERIOD: Duration = Duration::from_millis(10);

/// Why an output was not driven.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JogError {
    /// There is no board, or no graph on it.
    #[error(transparent)]
    Run(#[from] RunError),
    /// No such output.
    #[error("{0}")]
    Which(String),
    /// It cannot be opened or written.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The board does not arm.
    #[error("the board does not arm: {}", .0.join("; "))]
    Arming(Vec<String>),
    /// The person did not agree.
    #[error("nothing was driven: lift the wheels off the ground and answer `yes`")]
    OnTheGround,
    /// The terminal.
    #[error("the terminal is gone: {0}; the output is at rest")]
    Terminal(#[from] io::Error),
}

/// A board and what has to be told of time there.
struct Place {
    board: Board,
    surroundings: Option<Surroundings>,
}

/// Opens the output and drives it while a key is held, until the person ends it or the program is told to stop.
pub(crate) fn jog<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    wishes: Wishes,
    name: Option<&str>,
    checked: Checked<C>,
    stop: &Stop,
) -> Result<(), JogError> {
    let mut guarding = Guarding::begin(robot, backend, wishes, &checked.loaded)?;
    let mut place = place(robot, backend, checked, &mut guarding)?;
    guarding.watch(&place.board)?;
    let claim = explain::find(&place.board, name).map_err(JogError::Which)?;
    stop.protect(&place.board);
    // Refused before anybody lifts a robot for nothing.
    let mut bridge = claim.open()?;
    let part = claim.part();
    let is_real = place
        .board
        .motion()
        .iter()
        .any(|it| it.part == part && it.is_real);
    let hardware = if !is_real {
        "simulated hardware"
    } else {
        "REAL HARDWARE"
    };
    out::result(&format!(
        "{}: {part} on the board `{backend}`, {hardware}. It turns at {:.0} % at most, while a key is held.",
        robot.name,
        STRONGEST * 100.0
    ));
    if !agrees()? {
        return Err(JogError::OnTheGround);
    }
    let arming = guarding.arming(&place.board);
    let refused = |all: Vec<sinew_safety::Refusal>| all.iter().map(ToString::to_string).collect();
    arming.arm().map_err(|all| JogError::Arming(refused(all)))?;
    let _enforcer = Enforcer::start(&place.board)?;
    out::result("hold up or w: forward   hold down or s: backward   + and -: how hard   q: end");
    let driven = drive(&mut place, &mut bridge, &part, stop);
    arming.disarm();
    crate::keyboard::restore();
    out::result("");
    driven
}

/// The board with the robot's claims on it; its graph does not run.
fn place<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    checked: Checked<C>,
    guarding: &mut Guarding,
) -> Result<Place, JogError> {
    let loaded = checked.loaded;
    if backend != Backend::Mock {
        let (_, board) = real::system(robot, backend, &loaded, guarding)?;
        return Ok(Place {
            board,
            surroundings: None,
        });
    }
    let mock = Mock::new(1);
    let board = guarding.board(with_real_parts(Board::new(mock.backends()), &loaded.board));
    (robot.graph)(&board, &loaded.config).map_err(|why| RunError::Wiring {
        board: backend.to_string(),
        why,
    })?;
    let body = (robot.body)(&loaded.config);
    let surroundings = Surroundings::new(checked.world, &body, &mock, &board);
    Ok(Place {
        board,
        surroundings: Some(surroundings),
    })
}

/// Whether the person says that nothing can run away.
fn agrees() -> io::Result<bool> {
    let mut out = io::stdout().lock();
    write!(
        out,
        "Are the wheels off the ground, and all hands away from them? Type yes: "
    )?;
    out.flush()?;
    drop(out);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

/// Ends leases on a thread of its own: a terminal that takes nothing more holds the loop that drives.
#[derive(Debug)]
struct Enforcer(Arc<AtomicBool>);

impl Enforcer {
    #[cfg(unix)]
    fn start(board: &Board) -> io::Result<Self> {
        let over = Arc::new(AtomicBool::new(false));
        let (board, ends) = (board.clone(), Arc::clone(&over));
        crate::threads::start("leases", move || {
            while !ends.load(Ordering::Acquire) {
                board.enforce(board.now());
                crate::pace::sleep(PERIOD);
            }
        })?;
        Ok(Self(over))
    }

    /// Here all hardware is simulated, and its time stands still with the loop.
    #[cfg(not(unix))]
    fn start(_: &Board) -> io::Result<Self> {
        Ok(Self(Arc::default()))
    }
}

impl Drop for Enforcer {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

fn drive(place: &mut Place, bridge: &mut Bridge, part: &str, stop: &Stop) -> Result<(), JogError> {
    let mut keyboard = Keyboard::open()?;
    let clock = Pace::start(Speed::Max);
    let mut held = Held::default();
    let mut strength = GENTLE;
    let mut shown = String::new();
    while !stop.requested() {
        for change in keyboard.changes(PERIOD)? {
            match change.key {
                Key::Forward | Key::Backward => held.change(change, clock.elapsed()),
                _ if !change.is_down => {}
                Key::More => strength = (strength + STEP).min(STRONGEST),
                Key::Less => strength = (strength - STEP).max(STEP),
                Key::Quit => return Ok(bridge.brake()?),
                _ => held.let_go(),
            }
        }
        let now = clock.elapsed();
        if let Some(surroundings) = &mut place.surroundings {
            surroundings.advance(Time::ZERO + now);
        }
        place.board.enforce(place.board.now());
        let what = match held.at(now) {
            Some((key, left)) => {
                let sign = if key == Key::Forward { 1.0 } else { -1.0 };
                push(bridge, &place.board, sign * strength, left)?
            }
            None => {
                bridge.brake()?;
                "at rest".to_owned()
            }
        };
        let line = format!("{part}: {what} (strength {:.0} %)", strength * 100.0);
        if line != shown {
            let mut out = io::stdout().lock();
            write!(out, "\r{line}\x1b[K")?;
            out.flush()?;
            shown = line;
        }
    }
    Ok(bridge.brake()?)
}

/// Drives for as long as the key counts; what became of it.
fn push(
    bridge: &mut Bridge,
    board: &Board,
    duty: f64,
    left: Duration,
) -> Result<String, BoardError> {
    match bridge.drive(Duty::nearest(duty), board.now() + left)? {
        Applied::Driven(duty) => Ok(format!("driven at {:+.0} %", duty.ratio() * 100.0)),
        Applied::Refused(why) => Ok(format!("refused, {why:?}")),
    }
}

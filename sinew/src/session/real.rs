//! A run on a real board.

use super::controls::{RobotControls, keep_in};
use super::failures::Failures;
use super::summary::Summary;
use super::{RunError, announce, conclude, serve};
use crate::arguments::RunArguments;
use crate::board::real_board;
use crate::check::Checked;
use crate::config::{Backend, BoardSection, Loaded, RobotConfig, calibration};
use crate::guard::{Guarding, Wishes};
use crate::out;
use crate::pace::{LOOK, Pace, Speed};
use crate::robot::Robot;
use crate::stop::Stop;
use sinew_board::Board;
use sinew_runtime::{Progress, System, SystemHandle};
use std::time::Duration;

/// Runs on the board of this name, in real time. What the board cannot open is refused, never simulated.
pub(crate) fn run<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    arguments: &RunArguments,
    checked: Checked<C>,
    stop: &Stop,
) -> Result<(), RunError> {
    is_possible(backend, arguments)?;
    let loaded = checked.loaded;
    let mut guarding = Guarding::begin(robot, backend, Wishes::of_run(arguments), &loaded)?;
    let (mut system, board) = system(robot, backend, &loaded, &mut guarding)?;
    let name = backend.to_string();
    guarding.watch(&board)?;
    stop.protect(&board);
    announce(
        arguments,
        &format!(
            "{}: real hardware, board `{name}`, disarmed (configuration: {})",
            robot.name,
            loaded.sources()
        ),
    );
    let kept = arguments.calibration.clone();
    let keep = keep_in::<C>(kept.or_else(|| calibration::place_of(robot.name)));
    let controls = RobotControls::new(
        robot.name,
        &board,
        guarding.arming(&board),
        system.handle(),
        Vec::new(),
        keep,
    );
    let served = serve(robot.name, arguments, controls)?;
    let (start, pace) = (system.now(), Pace::start(Speed::Max));
    let mut failures = Failures::since(start);
    let time = Duration::from_secs_f64(arguments.seconds);
    let ended = drive(&mut system, &board, time, stop, |handle| {
        let news = failures.news(handle);
        news.iter().for_each(|line| out::note(line));
    });
    let seconds = system.now().since(start).as_secs_f64();
    let seconds_real = pace.elapsed().as_secs_f64();
    let report = system.shut_down();
    drop((served, guarding));
    let summary = Summary {
        // Nothing was; the seconds of a real board are all real.
        seconds_simulated: 0.0,
        seconds_real,
        distance_m: None,
        coverage: None,
        closest_approach_m: None,
        collisions: None,
        messages: report.messages,
        failures: report.failures,
        faults_injected: 0,
        seed: arguments.seed,
        trace_hash: None,
        picture: None,
    };
    conclude(robot.name, arguments, stop, &summary);
    ended.map_or(Ok(()), |why| Err(RunError::Ended { seconds, why }))
}

/// Refuses what only a simulation can do.
fn is_possible(backend: Backend, arguments: &RunArguments) -> Result<(), RunError> {
    if arguments
        .speed
        .is_some_and(|speed| speed != Speed::Times(1.0))
    {
        return Err(RunError::Speed);
    }
    if arguments.faults.is_some() {
        let board = backend.to_string();
        return Err(RunError::NoFaults { board });
    }
    if arguments.vcd.is_some() {
        let board = backend.to_string();
        return Err(RunError::NotRecorded { board });
    }
    Ok(())
}

/// The robot wired on the board of this name, and the board.
pub(super) fn system<C: RobotConfig>(
    robot: Robot<C>,
    backend: Backend,
    loaded: &Loaded<C>,
    guarding: &mut Guarding,
) -> Result<(System, Board), RunError> {
    let board = guarding.board(board(backend, &loaded.board)?);
    let graph = (robot.graph)(&board, &loaded.config);
    let system = graph.and_then(|graph| System::real(graph, None));
    match system {
        Ok(system) => Ok((system, board)),
        Err(why) => Err(RunError::Wiring {
            board: backend.to_string(),
            why,
        }),
    }
}

fn board(backend: Backend, section: &BoardSection) -> Result<Board, RunError> {
    let name = backend.to_string();
    let Some((board, note)) = real_board(backend, section) else {
        let why = sinew_runtime::WiringError::new("this program knows no such board");
        return Err(RunError::Wiring { board: name, why });
    };
    if let Some(note) = note {
        out::note(&format!("note: {note}"));
    }
    Ok(board)
}

/// Runs for so long, looked at by `look` now and then, and says why it ended if nobody ended it.
pub(super) fn drive(
    system: &mut System,
    board: &Board,
    time: Duration,
    stop: &Stop,
    mut look: impl FnMut(&SystemHandle),
) -> Option<String> {
    let end = system.now() + time;
    let mut ended = None;
    while system.now() < end && !stop.requested() && ended.is_none() {
        let next = end.min(system.now() + LOOK);
        if let Progress::Ended(why) = system.run_until(next) {
            ended = Some(why);
        }
        board.enforce(board.now());
        look(&system.handle());
    }
    ended
}

//! A run in a simulated world, in virtual time; beside real serial ports, in real time.

use super::controls::{RobotControls, keep_in};
use super::failures::Failures;
use super::recording::Recording;
use super::summary::{Summary, finite};
use super::{RunError, announce, conclude, live, picture, serve};
use crate::arguments::RunArguments;
use crate::board::with_real_parts;
use crate::check::Checked;
use crate::config::{Backend, RobotConfig};
use crate::guard::{Guarding, Wishes};
use crate::out;
use crate::pace::{LOOK, Pace, Speed};
use crate::robot::Robot;
use crate::screen::Screen;
use crate::stop::Stop;
use sinew_runtime::{Progress, Time};
use sinew_sim::{Run, Script, Stage};
use std::path::Path;
use std::time::Duration;

/// On a terminal: a minute is watched in six seconds.
const WATCHED: f64 = 10.0;
/// Frames come this far apart: 25 a second.
const FRAME: Duration = Duration::from_millis(40);

/// Runs to the end, to a stop, or to the robot's own end, and sums up in all three cases.
pub(crate) fn run<C: RobotConfig>(
    robot: Robot<C>,
    arguments: &RunArguments,
    checked: Checked<C>,
    stop: &Stop,
) -> Result<(), RunError> {
    let loaded = checked.loaded;
    let real = loaded.board.real_parts();
    let can_watch = !arguments.json && Screen::is_possible();
    let speed = choose_speed(arguments.speed, !real.is_empty(), can_watch)?;
    let mut guarding = Guarding::begin(robot, Backend::Mock, Wishes::of_run(arguments), &loaded)?;
    let mut stage = Stage::new(
        robot.graph,
        robot.body,
        &loaded.config,
        checked.world,
        arguments.seed,
        |board| guarding.board(with_real_parts(board, &loaded.board)),
    )?;
    guarding.watch(stage.board())?;
    if let Some(path) = &arguments.faults {
        plan_faults(&mut stage, path)?;
    }
    stop.protect(stage.board());
    let recording = Recording::begin(arguments.vcd.as_deref(), stage.mock())?;
    let hardware = hardware(&real);
    announce(
        arguments,
        &format!(
            "{}: {hardware} (configuration: {}, seed {})",
            robot.name,
            loaded.sources(),
            arguments.seed
        ),
    );
    let controls = controls(robot, arguments, &stage, &guarding, real);
    let served = serve(robot.name, arguments, controls)?;
    let mut watch = Watch {
        robot: robot.name,
        hardware,
        speed,
        screen: (can_watch && speed != Speed::Max).then(Screen::open),
        failures: Failures::default(),
        news: String::new(),
        next_frame: Duration::ZERO,
    };
    let (run, seconds_real, ended) = watch.drive(stage, arguments, stop);
    // The socket closes after the robot has stopped, and the terminal is given back before anything is printed.
    drop((watch, served, guarding));
    let recorded = recording.end();
    let picture = picture::write(
        robot.name,
        arguments.seed,
        arguments.picture.as_deref(),
        &run.picture(),
    );
    let summary = sum_up(&run, seconds_real, picture.as_ref().ok());
    conclude(robot.name, arguments, stop, &summary);
    if let Err((path, source)) = picture {
        return Err(RunError::Picture { path, source });
    }
    recorded?;
    match ended {
        Some(why) => Err(RunError::Ended {
            seconds: summary.seconds_simulated,
            why,
        }),
        None => Ok(()),
    }
}

/// Plans what a file says goes wrong.
fn plan_faults(stage: &mut Stage, path: &Path) -> Result<(), RunError> {
    let wrong = |why: String| RunError::Faults {
        path: path.to_path_buf(),
        why,
    };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let script = Script::from_toml(&text).map_err(|error| wrong(error.to_string()))?;
    stage
        .script(&script)
        .map_err(|error| wrong(error.to_string()))
}

/// What the control socket may do with the run.
fn controls<C: RobotConfig>(
    robot: Robot<C>,
    arguments: &RunArguments,
    stage: &Stage,
    guarding: &Guarding,
    real: Vec<String>,
) -> RobotControls {
    let keep = keep_in::<C>(arguments.calibration.clone());
    let (board, handle) = (stage.board(), stage.handle());
    RobotControls::new(
        robot.name,
        board,
        guarding.arming(board),
        handle,
        real,
        keep,
    )
}

/// What was asked for; else as one watches best, and never another than the world's beside real devices.
fn choose_speed(asked: Option<Speed>, real_time: bool, can_watch: bool) -> Result<Speed, RunError> {
    match (real_time, asked) {
        (true, None) => Ok(Speed::Times(1.0)),
        (true, Some(speed)) if speed != Speed::Times(1.0) => Err(RunError::Speed),
        (_, Some(speed)) => Ok(speed),
        (false, None) if can_watch => Ok(Speed::Times(WATCHED)),
        (false, None) => Ok(Speed::Max),
    }
}

/// Everything that looks at a run while it lasts.
struct Watch {
    robot: &'static str,
    hardware: String,
    speed: Speed,
    screen: Option<Screen>,
    failures: Failures,
    news: String,
    next_frame: Duration,
}

impl Watch {
    /// Runs the stage, and stops it in order: what came of it, how long it really took, and why it ended if nobody
    /// ended it.
    fn drive(
        &mut self,
        mut stage: Stage,
        arguments: &RunArguments,
        stop: &Stop,
    ) -> (Run, f64, Option<String>) {
        let end = Time::ZERO + Duration::from_secs_f64(arguments.seconds);
        let pace = Pace::start(if stage.is_real_time() {
            Speed::Max
        } else {
            self.speed
        });
        let step = if stage.is_real_time() {
            LOOK
        } else {
            pace.step()
        };
        let mut ended = None;
        while stage.now() < end && !stop.requested() && ended.is_none() {
            let next = end.min(stage.now() + step);
            if let Progress::Ended(why) = stage.run_until(next) {
                ended = Some(why);
            }
            self.look(&stage, pace.elapsed());
            pace.wait_for(stage.now().since(Time::ZERO), || stop.requested());
        }
        for refusal in stage.waits_for() {
            out::note(&format!("it never armed: {refusal}"));
        }
        let run = stage.finish();
        (run, pace.elapsed().as_secs_f64(), ended)
    }

    fn look(&mut self, stage: &Stage, elapsed: Duration) {
        for line in self.failures.news(&stage.handle()) {
            if self.screen.is_none() {
                out::note(&line);
            }
            self.news = line;
        }
        let Some(screen) = self.screen.as_ref().filter(|_| elapsed >= self.next_frame) else {
            return;
        };
        self.next_frame = elapsed + FRAME;
        screen.show(&live::frame(
            self.robot,
            &self.hardware,
            self.speed,
            &stage.snapshot(),
            &self.news,
            screen.size(),
        ));
    }
}

fn hardware(real: &[String]) -> String {
    if real.is_empty() {
        return "all hardware is simulated".to_owned();
    }
    format!("real: {}; all other hardware is simulated", real.join(", "))
}

fn sum_up(run: &Run, seconds_real: f64, picture: Option<&std::path::PathBuf>) -> Summary {
    // What does not move comes near nothing, and nobody measures how far it drove.
    let closest_approach_m = finite(run.closest_approach().0);
    let driven = |value: f64| closest_approach_m.and(finite(value));
    Summary {
        seconds_simulated: run.duration().as_secs_f64(),
        seconds_real,
        distance_m: driven(run.distance().0),
        coverage: driven(run.coverage()),
        closest_approach_m,
        collisions: Some(run.collisions()),
        messages: run.messages(),
        failures: run.failures(),
        faults_injected: run.faults_injected(),
        seed: run.seed(),
        // Beside real devices no two runs are alike.
        trace_hash: (run.trace_hash() != 0).then(|| format!("{:016x}", run.trace_hash())),
        picture: picture.cloned(),
    }
}

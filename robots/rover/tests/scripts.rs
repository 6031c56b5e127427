//! The rover under faults drawn from seeds: whatever strikes, no motor breaks a rule, and afterwards it drives again or says why not.
//!
//! `SINEW_SCRIPTS` says how many (`cargo xtask soak` many), `SINEW_SCRIPTS_FROM` from which seed on. What fails is printed with
//! its seed, as the shortest script that still fails: `rover run --faults FILE --seed N` plays it.

use rover::{Config, body, rover};
use sinew::prelude::*;
use sinew_sim::{
    Fault, FaultKind, Menu, Progress, Script, Stage, keeps_its_distance, no_motion_after_its_lease,
    no_motion_while_disarmed_after,
};

/// Faults strike between these moments, once the rover drives as fast as this.
const FROM: Duration = secs(3);
const TO: Duration = secs(12);
const FAST: MetersPerSecond = MetersPerSecond(0.2);
/// How long it may take to drive again once it is armed: a node that failed again and again pauses for some seconds.
const PATIENCE: Duration = secs(30);
/// So far it has to drive then.
const AGAIN: Meters = Meters(0.3);

/// No actor that is ready waits longer for its turn.
const LONGEST_WAIT: Duration = ms(50);

/// The sonar looks from 0.1 m before the middle, and the hull ends at 0.11 m.
const BEHIND_THE_HULL: Meters = Meters(0.01);

/// What became of a script.
#[derive(Debug, PartialEq)]
enum Outcome {
    /// It drove again.
    Drives,
    /// It is safe, and this is why it does not drive.
    Safe(String),
}

struct Played {
    outcome: Result<Outcome, String>,
    /// Faults that struck, and how many of them at speed.
    struck: usize,
    at_speed: usize,
}

/// Whether what the sonar says is what is there, and nothing else moves or stops the wheels than the rover: with one wheel that is
/// not driven it turns about that, towards what its sonar did not look at.
fn can_keep_its_distance(script: &Script) -> bool {
    let is_wheel = |part: &str| part.ends_with("-wheel");
    script.faults.iter().all(|fault| {
        !matches!(
            &fault.kind,
            FaultKind::Unplug { part } if is_wheel(part)
        ) && !matches!(
            &fault.kind,
            FaultKind::Freeze { .. }
                | FaultKind::Drift { .. }
                | FaultKind::Spike { .. }
                | FaultKind::OutOfRange { .. }
                | FaultKind::Reversed { .. }
                | FaultKind::Slip { .. }
                | FaultKind::Stalled { .. }
                | FaultKind::Dead { .. }
        )
    })
}

/// Whether it keeps actors from their messages on purpose; a stuck bus does so, for a simulation is one thread.
fn is_held_up(script: &Script) -> bool {
    script.faults.iter().any(|fault| {
        matches!(
            &fault.kind,
            FaultKind::Hang { .. } | FaultKind::Slow { .. } | FaultKind::StuckBus { .. }
        )
    })
}

/// Whether a motor board cannot be told anything meanwhile: its bus is stuck, or it hears nothing.
fn cuts_off(script: &Script) -> bool {
    script.faults.iter().any(|fault| match &fault.kind {
        FaultKind::StuckBus { .. } => true,
        FaultKind::Nak { part } => part == "motors",
        _ => false,
    })
}

/// The longest that a value waited on an edge until it was taken up.
fn longest_wait(stage: &Stage) -> Duration {
    let edges = stage.handle().metrics().edges.into_iter();
    let longest = edges.filter_map(|edge| edge.longest_age_ns).max();
    Duration::from_nanos(longest.unwrap_or_default())
}

fn play(seed: u64, script: &Script, config: &Config) -> Played {
    let mut stage = Stage::new(rover, body, config, World::room(), seed, |board| board)
        .expect("the rover can be staged");
    let on_a_line = config.drive.roboclaw.is_some() || config.drive.motor_board.is_some();
    // What is on a bus that hangs or breaks is stopped by no software: a relay has to do that, and arming asks for one.
    let reaches_the_motors = config.drive.motor_board.is_none() || !cuts_off(script);
    if reaches_the_motors {
        stage.always(no_motion_after_its_lease());
        // On a serial line a stop of both motors is 42 bytes long at most.
        let way = if on_a_line { ms(5) } else { ms(0) };
        stage.always(no_motion_while_disarmed_after(way));
    }
    if reaches_the_motors && can_keep_its_distance(script) {
        // A period of the sonar, the silence that the reflex allows, and a lease.
        let reaction = ms(50) + ms(200) + ms(250);
        let brakes = config.reflex.deceleration_m_s2;
        let stop = config.reflex.stop_distance_m - BEHIND_THE_HULL;
        stage.always(keeps_its_distance(stop, reaction, brakes));
    }
    stage
        .script(script)
        .expect("it names parts and nodes of the rover");
    let outcome = see_through(&mut stage, script).and_then(|outcome| {
        let waited = longest_wait(&stage);
        // An actor that is being started again is not ready.
        let failed = stage.report().nodes.iter().any(|node| node.failures > 0);
        if waited <= LONGEST_WAIT || failed || is_held_up(script) {
            return Ok(outcome);
        }
        Err(format!(
            "something waited for {waited:?} for an actor that was ready"
        ))
    });
    let strikes = stage.strikes();
    let at_speed = strikes.iter().filter(|(_, speed)| *speed >= FAST).count();
    Played {
        outcome,
        struck: strikes.len(),
        at_speed,
    }
}

fn see_through(stage: &mut Stage, script: &Script) -> Result<Outcome, String> {
    let unbroken = |stage: &Stage| match stage.breach() {
        Some(breach) => Err(format!(
            "{}: {} at {:?}",
            breach.property, breach.seen, breach.at
        )),
        None => Ok(()),
    };
    // The last may have waited for speed, and then lasts for four seconds at most.
    let end = Time::ZERO + TO + secs(6);
    if let Progress::Ended(why) = stage.run_until(end) {
        unbroken(stage)?;
        return at_rest(stage, why);
    }
    unbroken(stage)?;
    let mended = script.faults.iter().all(|fault| fault.lasts.is_some());
    assert!(mended, "what is drawn is mended");
    let before = stage.snapshot().distance;
    let mut refused = String::new();
    let give_up = end + PATIENCE;
    while stage.now() < give_up {
        // A person tries again until it is armed, or gives up.
        if let Err(refusals) = stage.arming().arm() {
            refused = refusals
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join("; ");
        }
        if let Progress::Ended(why) = stage.run_until(stage.now() + secs(1)) {
            unbroken(stage)?;
            return at_rest(stage, why);
        }
        unbroken(stage)?;
        if stage.snapshot().distance - before >= AGAIN {
            return Ok(Outcome::Drives);
        }
    }
    if refused.is_empty() {
        let nodes = stage.report().nodes;
        let nodes: Vec<_> = nodes.iter().map(|it| (&it.name, it.failures)).collect();
        return Err(format!(
            "armed and with all its faults mended it does not drive: {nodes:?}"
        ));
    }
    at_rest(stage, refused)
}

/// Whether what ended or was refused leaves it standing.
fn at_rest(stage: &mut Stage, why: String) -> Result<Outcome, String> {
    let _ = stage.run_until(stage.now() + secs(2));
    let speed = stage.snapshot().twist.x;
    if speed.abs() > MetersPerSecond(0.01) {
        return Err(format!("{why}, and it rolls at {speed}"));
    }
    Ok(Outcome::Safe(why))
}

fn menu(config: &Config) -> Menu {
    Menu::of_robot(rover, body, config).expect("the rover can be wired")
}

/// Its motors on a board on the bus that its sensors have as well.
fn on_a_bus() -> Config {
    let mut config = Config::default();
    config.drive.motor_board = Some(MotorBoardConfig::default());
    config
}

/// Its motors behind a controller on a serial port.
fn on_a_port() -> Config {
    let mut config = Config::default();
    config.drive.roboclaw = Some(RoboclawConfig::default());
    config
}

fn number(variable: &str, usual: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => usual,
    }
}

#[test]
fn whatever_strikes_the_rover_is_safe_and_drives_again_or_says_why_not() {
    play_all(number("SINEW_SCRIPTS", 6), &Config::default());
}

#[test]
fn whatever_strikes_a_rover_on_a_motor_controller_is_safe_as_well() {
    play_all(number("SINEW_SCRIPTS", 6).div_ceil(3), &on_a_port());
}

#[test]
fn whatever_strikes_a_rover_on_a_motor_board_is_safe_as_well() {
    play_all(number("SINEW_SCRIPTS", 6).div_ceil(3), &on_a_bus());
}

#[allow(clippy::print_stdout, reason = "figures, for who wants to see them")]
fn play_all(count: u64, config: &Config) {
    let from = number("SINEW_SCRIPTS_FROM", 1);
    let menu = menu(config);
    let (mut drawn, mut struck, mut at_speed, mut drives) = (0, 0, 0, 0);
    let mut failed = Vec::new();
    for seed in from..from + count {
        let script = menu.draw(seed, (FROM, TO), FAST);
        let played = play(seed, &script, config);
        drawn += script.faults.len();
        struck += played.struck;
        at_speed += played.at_speed;
        match played.outcome {
            Ok(Outcome::Drives) => drives += 1,
            Ok(Outcome::Safe(_)) => {}
            Err(why) => {
                let shrunk = script.shrunk(|script| play(seed, script, config).outcome.is_err());
                failed.push(format!("seed {seed}: {why}\n{}", shrunk.to_toml()));
            }
        }
    }
    println!(
        "{count} scripts: {drives} drove again, {} stayed safe and said why; {struck} of {drawn} faults struck, {at_speed} at {FAST} or more",
        count - drives - failed.len() as u64
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(at_speed * 10 >= struck * 9, "a parked rover proves nothing");
    assert!(
        struck * 10 >= drawn * 9,
        "many of the faults struck nothing"
    );
    assert!(drives * 10 >= count * 8, "it hardly ever drives again");
}

#[test]
fn everything_that_can_go_wrong_with_a_rover_is_on_its_menu() {
    let menu = menu(&Config::default());
    let mut kinds: Vec<String> = Vec::new();
    for kind in menu.kinds() {
        let name = format!("{kind:?}");
        let name = name.split(' ').next().unwrap_or_default().to_owned();
        if !kinds.contains(&name) {
            kinds.push(name);
        }
    }
    assert_eq!(kinds.len(), 21, "{kinds:?}");
}

/// Scripts that soaking found, shrunk, each with its seed.
#[test]
fn what_soaking_found_stays_mended() {
    let found = [
        // A thin leg stands beside its nose, and a motor that is driven too hard turns it there.
        (
            8_093,
            Fault::at(
                ms(8_467),
                FaultKind::Unplug {
                    part: "right-encoder".to_owned(),
                },
            )
            .lasting(ms(1_378))
            .when_faster(FAST),
        ),
    ];
    for (seed, fault) in found {
        let script = Script {
            faults: vec![fault],
        };
        let played = play(seed, &script, &Config::default());
        assert_eq!(played.outcome, Ok(Outcome::Drives), "seed {seed}");
        assert_eq!(played.at_speed, 1, "it strikes as it did");
    }
}

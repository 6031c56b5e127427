//! Motion outputs: when they follow a command, in which order their lines change, and what makes them safe.
#![allow(clippy::unwrap_used, reason = "a test may end where it stands")]

mod fake;

use fake::{Fake, Write};
use sinew_board::{
    Applied, Board, Bridge, BridgeClaim, BridgePins, Cause, Duty, Level, MotionSafety, Pin,
    PwmChannel, Refused, SafeAction, Timestamp,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::Duration;

const PWM: PwmChannel = PwmChannel::PWM0;
const FORWARD: Pin = Pin::GPIO5;
const BACKWARD: Pin = Pin::GPIO6;
const LEFT: BridgePins = BridgePins {
    pwm: PWM,
    forward: FORWARD,
    backward: BACKWARD,
};
const RIGHT: BridgePins = BridgePins {
    pwm: PwmChannel::PWM1,
    forward: Pin::GPIO16,
    backward: Pin::GPIO26,
};

const COASTS: [Write; 4] = [
    Write::Pwm(PWM, 0.0),
    Write::Set(FORWARD, Level::Low),
    Write::Set(BACKWARD, Level::Low),
    Write::Pwm(PWM, 0.0),
];
const BRAKES: [Write; 4] = [
    Write::Pwm(PWM, 0.0),
    Write::Set(FORWARD, Level::High),
    Write::Set(BACKWARD, Level::High),
    Write::Pwm(PWM, 1.0),
];

fn ms(ms: u64) -> Timestamp {
    Timestamp::from_nanos(ms * 1_000_000)
}

fn duty(ratio: f64) -> Duty {
    Duty::new(ratio).unwrap()
}

fn claim(board: &Board, pins: BridgePins) -> BridgeClaim {
    board
        .bridge("motor", pins, MotionSafety::default())
        .unwrap()
}

/// An armed board with one open bridge that brakes for every cause.
fn armed() -> (Fake, Board, Bridge) {
    let fake = Fake::default();
    let board = fake.board();
    let bridge = claim(&board, LEFT).open().unwrap();
    assert!(board.safety().arm());
    fake.take();
    (fake, board, bridge)
}

#[test]
fn a_bridge_opens_at_rest_and_follows_nothing_before_the_board_is_armed() {
    let fake = Fake::default();
    let board = fake.board();
    let mut bridge = claim(&board, LEFT).open().unwrap();
    assert_eq!(fake.take()[2..], BRAKES);
    let applied = bridge.drive(duty(0.5), ms(100)).unwrap();
    assert_eq!(applied, Applied::Refused(Refused::Disarmed));
    assert_eq!(fake.take(), []);
    assert_eq!(board.next_deadline(), None);
}

#[test]
fn direction_lines_change_only_while_the_pwm_is_at_zero() {
    let (fake, _board, mut bridge) = armed();
    assert_eq!(
        bridge.drive(duty(0.5), ms(100)).unwrap(),
        Applied::Driven(duty(0.5))
    );
    assert_eq!(
        fake.take(),
        [
            Write::Pwm(PWM, 0.0),
            Write::Set(BACKWARD, Level::Low),
            Write::Set(FORWARD, Level::High),
            Write::Pwm(PWM, 0.5),
        ]
    );
    let _ = bridge.drive(duty(0.75), ms(100)).unwrap();
    assert_eq!(fake.take(), [Write::Pwm(PWM, 0.75)]);
}

#[test]
fn a_reversal_passes_through_letting_go() {
    let (fake, _board, mut bridge) = armed();
    let _ = bridge.drive(duty(1.0), ms(100)).unwrap();
    fake.take();
    let _ = bridge.drive(duty(-0.25), ms(100)).unwrap();
    assert_eq!(
        fake.take(),
        [
            Write::Pwm(PWM, 0.0),
            Write::Set(FORWARD, Level::Low),
            Write::Set(BACKWARD, Level::High),
            Write::Pwm(PWM, 0.25),
        ]
    );
}

#[test]
fn a_duty_of_zero_lets_the_motor_go() {
    let (fake, _board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    fake.take();
    let _ = bridge.drive(Duty::ZERO, ms(100)).unwrap();
    assert_eq!(fake.take(), COASTS);
}

#[test]
fn a_lease_ends_exactly_when_it_says() {
    let (fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(250)).unwrap();
    fake.take();
    assert_eq!(board.next_deadline(), Some(ms(250)));
    board.enforce(ms(250) - Duration::from_nanos(1));
    assert_eq!(fake.take(), []);
    assert_eq!(board.motion()[0].duty, duty(0.5));
    board.enforce(ms(250));
    assert_eq!(fake.take(), BRAKES);
    assert_eq!(board.next_deadline(), None);
    let motion = &board.motion()[0];
    assert_eq!(motion.duty, Duty::ZERO);
    assert_eq!(motion.valid_until, Timestamp::ZERO);
    assert_eq!(motion.last_safe, Some(Cause::LeaseEnd));
    assert!(
        board.safety().is_armed(),
        "the end of a lease disarms nothing"
    );
}

#[test]
fn no_command_stands_longer_than_the_longest_lease_from_now() {
    let (fake, board, mut bridge) = armed();
    fake.set_now(ms(1000));
    let _ = bridge.drive(duty(0.5), Timestamp::NEVER).unwrap();
    assert_eq!(board.next_deadline(), Some(ms(1500)));
}

#[test]
fn a_command_that_comes_at_its_end_or_later_is_refused_and_the_older_one_stands() {
    let (fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(300)).unwrap();
    fake.set_now(ms(200));
    fake.take();
    for late in [ms(200), ms(10)] {
        let applied = bridge.drive(duty(1.0), late).unwrap();
        assert_eq!(applied, Applied::Refused(Refused::Expired));
    }
    assert_eq!(fake.take(), []);
    assert_eq!(board.next_deadline(), Some(ms(300)));
}

#[test]
fn a_newer_command_may_shorten_the_lease() {
    let (_fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(300)).unwrap();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    assert_eq!(board.next_deadline(), Some(ms(100)));
}

#[test]
fn the_lease_stands_before_the_first_line_is_written() {
    let (fake, board, mut bridge) = armed();
    let seen = board.clone();
    fake.before_write(move |write| {
        assert_eq!(seen.next_deadline(), Some(ms(100)), "at {write:?}");
        None
    });
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    assert_eq!(fake.take().len(), 4);
    fake.no_hook();
}

#[test]
fn the_earliest_lease_of_all_outputs_is_the_next_deadline_and_ends_alone() {
    let (fake, board, mut left) = armed();
    let mut right = claim(&board, RIGHT).open().unwrap();
    let _ = left.drive(duty(0.5), ms(200)).unwrap();
    let _ = right.drive(duty(0.5), ms(100)).unwrap();
    assert_eq!(board.next_deadline(), Some(ms(100)));
    fake.take();
    board.enforce(ms(150));
    assert_eq!(fake.take().len(), 4);
    assert_eq!(board.motion()[0].duty, duty(0.5));
    assert_eq!(board.motion()[1].duty, Duty::ZERO);
    assert_eq!(board.next_deadline(), Some(ms(200)));
}

/// Makes a cause happen, and gives back the bridge if it still stands.
type Strike = fn(&Board, Bridge) -> Option<Bridge>;

#[test]
fn each_cause_takes_the_action_that_was_declared_for_it() {
    let causes: [(Cause, Strike); 4] = [
        (Cause::LeaseEnd, |board, bridge| {
            board.enforce(ms(250));
            Some(bridge)
        }),
        (Cause::Disarm, |board, bridge| {
            board.safety().disarm();
            Some(bridge)
        }),
        (Cause::EStop, |board, bridge| {
            board.safety().estop();
            Some(bridge)
        }),
        (Cause::Death, |_, bridge| {
            drop(bridge);
            None
        }),
    ];
    for (cause, strike) in causes {
        for (action, writes) in [(SafeAction::Coast, COASTS), (SafeAction::Brake, BRAKES)] {
            let other = match action {
                SafeAction::Coast => SafeAction::Brake,
                _ => SafeAction::Coast,
            };
            let mut safety = MotionSafety::default();
            for each in [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death] {
                safety = safety.with(each, if each == cause { action } else { other });
            }
            let fake = Fake::default();
            let board = fake.board();
            let mut bridge = board.bridge("motor", LEFT, safety).unwrap().open().unwrap();
            board.safety().arm();
            let _ = bridge.drive(duty(0.5), ms(250)).unwrap();
            fake.take();
            let bridge = strike(&board, bridge);
            assert_eq!(fake.take(), writes, "{action:?} on {cause}");
            assert_eq!(board.motion()[0].last_safe, Some(cause));
            assert_eq!(board.next_deadline(), None);
            drop(bridge);
        }
    }
}

#[test]
fn disarming_and_the_e_stop_stop_every_output_at_once() {
    for stop in [sinew_board::Safety::disarm, sinew_board::Safety::estop] {
        let (fake, board, mut left) = armed();
        let mut right = claim(&board, RIGHT).open().unwrap();
        let _ = left.drive(duty(0.5), ms(200)).unwrap();
        let _ = right.drive(duty(0.5), ms(200)).unwrap();
        fake.take();
        stop(board.safety());
        assert!(!board.safety().is_armed());
        assert_eq!(fake.take().len(), 8);
        assert!(
            board
                .motion()
                .iter()
                .all(|motion| motion.duty == Duty::ZERO)
        );
        assert!(matches!(
            left.drive(duty(0.5), ms(200)).unwrap(),
            Applied::Refused(_)
        ));
        assert_eq!(fake.take(), []);
    }
}

#[test]
fn the_e_stop_latches_and_its_reset_leaves_the_board_disarmed() {
    let (_fake, board, mut bridge) = armed();
    let safety = board.safety();
    safety.estop();
    assert!(!safety.arm());
    assert!(safety.is_estopped() && !safety.is_armed());
    assert_eq!(
        bridge.drive(duty(0.5), ms(100)).unwrap(),
        Applied::Refused(Refused::EStop)
    );
    safety.disarm();
    assert!(safety.is_estopped(), "disarming releases no e-stop");
    safety.reset_estop();
    assert!(!safety.is_estopped() && !safety.is_armed());
    assert!(safety.arm() && safety.is_armed());
}

#[test]
fn no_command_from_before_a_stop_is_obeyed_after_arming() {
    for stop in [sinew_board::Safety::disarm, sinew_board::Safety::estop] {
        let (fake, board, mut bridge) = armed();
        fake.set_now(ms(100));
        let old = ms(350);
        let _ = bridge.drive(duty(0.5), old).unwrap();
        stop(board.safety());
        board.safety().reset_estop();
        fake.set_now(ms(120));
        assert!(board.safety().arm());
        fake.take();
        // The longest lease is 1 s: what ends by then may have been waiting somewhere since before the stop.
        for until in [old, ms(1100)] {
            let applied = bridge.drive(duty(0.5), until).unwrap();
            assert_eq!(
                applied,
                Applied::Refused(Refused::BeforeTheStop),
                "{until:?}"
            );
        }
        assert_eq!(fake.take(), []);
        assert_eq!(board.next_deadline(), None);
        let applied = bridge.drive(duty(0.5), ms(1101)).unwrap();
        assert_eq!(applied, Applied::Driven(duty(0.5)));
    }
}

#[test]
fn every_change_of_the_arm_state_begins_a_new_epoch() {
    let (_fake, board, _bridge) = armed();
    let safety = board.safety();
    let mut epochs = vec![safety.epoch()];
    for change in [
        sinew_board::Safety::disarm,
        sinew_board::Safety::estop,
        sinew_board::Safety::reset_estop,
    ] {
        change(safety);
        epochs.push(safety.epoch());
    }
    safety.arm();
    epochs.push(safety.epoch());
    let counted: Vec<u64> = (epochs[0]..).take(5).collect();
    assert_eq!(epochs, counted, "one by one");
}

#[test]
fn arming_an_armed_board_and_resetting_a_free_one_change_nothing() {
    let (_fake, board, _bridge) = armed();
    let epoch = board.safety().epoch();
    assert!(board.safety().arm());
    board.safety().reset_estop();
    assert!(board.safety().is_armed());
    assert_eq!(board.safety().epoch(), epoch, "a command under way goes on");
}

#[test]
fn a_board_is_not_armed_on_what_was_checked_before_a_stop() {
    let (_fake, board, _bridge) = armed();
    let safety = board.safety();
    safety.disarm();
    let checked = safety.epoch();
    safety.disarm();
    assert!(!safety.arm_in(checked));
    assert!(safety.arm_in(safety.epoch()));
}

/// Yields to the other threads until `done`, but not for ever.
fn wait_until(done: impl Fn() -> bool) {
    let waited = (0..10_000_000).any(|_| {
        std::thread::yield_now();
        done()
    });
    assert!(waited, "what this test waits for does not come");
}

/// Presses the e-stop on another thread just before the write number `at` of the next command, and even arms the board
/// again: the command must see that its moment has passed. The press ends when the command has ended.
fn estop_before_write(fake: &Fake, board: &Board, at: usize, arm_again: bool) -> Receiver<()> {
    let mut count = 0;
    let board = board.clone();
    let (pressed, press) = std::sync::mpsc::channel();
    fake.before_write(move |_| {
        count += 1;
        if count == at {
            let safety = board.safety().clone();
            let begun = safety.epoch();
            let pressed = pressed.clone();
            drop(std::thread::spawn({
                let safety = safety.clone();
                move || {
                    safety.estop();
                    let _ = pressed.send(());
                }
            }));
            wait_until(|| safety.epoch() != begun);
            if arm_again {
                safety.reset_estop();
                safety.arm();
            }
        }
        None
    });
    press
}

#[test]
fn an_e_stop_during_the_last_write_of_a_command_comes_right_after_it() {
    let (fake, board, mut bridge) = armed();
    let press = estop_before_write(&fake, &board, 4, false);
    let applied = bridge.drive(duty(0.5), ms(100)).unwrap();
    assert_eq!(
        applied,
        Applied::Refused(Refused::EStop),
        "a look is taken after it as well"
    );
    press.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!(fake.take()[4..8], BRAKES);
    assert_eq!(board.motion()[0].duty, Duty::ZERO);
    assert_eq!(board.next_deadline(), None);
}

#[test]
fn an_e_stop_between_two_lines_of_a_command_ends_the_command() {
    for at in 1..=3 {
        for arm_again in [false, true] {
            let (fake, board, mut bridge) = armed();
            let press = estop_before_write(&fake, &board, at, arm_again);
            let applied = bridge.drive(duty(0.5), ms(100)).unwrap();
            assert!(matches!(applied, Applied::Refused(_)), "before write {at}");
            press.recv_timeout(Duration::from_secs(10)).unwrap();
            let writes = fake.take();
            assert!(!writes.contains(&Write::Pwm(PWM, 0.5)), "{writes:?}");
            assert_eq!(writes[at..at + 4], BRAKES, "{writes:?}");
            assert_eq!(board.next_deadline(), None);
        }
    }
}

#[test]
fn an_e_stop_does_not_wait_for_a_slow_output_before_it_stops_the_others() {
    let (fake, board, mut left) = armed();
    let mut right = claim(&board, RIGHT).open().unwrap();
    let _ = right.drive(duty(0.5), ms(100)).unwrap();
    fake.take();
    let (others, log) = (board.clone(), fake.clone());
    let stopped = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&stopped);
    let mut first = true;
    fake.before_write(move |_| {
        if std::mem::take(&mut first) {
            let safety = others.safety().clone();
            drop(std::thread::spawn(move || safety.estop()));
            // The left output is busy with this very write, and stays so until the right one rests.
            wait_until(|| log.wrote(Write::Pwm(PwmChannel::PWM1, 1.0)));
            seen.store(true, Ordering::SeqCst);
        }
        None
    });
    let applied = left.drive(duty(0.5), ms(100)).unwrap();
    assert!(stopped.load(Ordering::SeqCst));
    assert_eq!(applied, Applied::Refused(Refused::EStop));
}

#[test]
fn resting_ends_the_lease_and_leaves_what_rests_already_alone() {
    let (fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    fake.take();
    bridge.brake().unwrap();
    assert_eq!(fake.take(), BRAKES);
    assert_eq!(board.next_deadline(), None);
    board.safety().disarm();
    fake.take();
    bridge.coast().unwrap();
    assert_eq!(fake.take(), [], "it rests as its declared action has it");
}

#[test]
fn opening_a_bridge_again_disarms_and_keeps_its_lines_open() {
    let (fake, board, bridge) = armed();
    let claim = claim(&board, RIGHT);
    drop(bridge);
    assert!(
        board.safety().is_armed(),
        "an actor that ends in order disarms nothing"
    );
    let mut bridge = claim.open().unwrap();
    fake.take();
    assert!(
        board.safety().is_armed(),
        "the first opening of a claim disarms nothing"
    );
    drop(bridge);
    fake.take();
    bridge = claim.open().unwrap();
    assert!(!board.safety().is_armed());
    let writes = fake.take();
    assert!(
        !writes.iter().any(|w| matches!(w, Write::Open(..))),
        "{writes:?}"
    );
    assert_eq!(board.motion()[1].last_safe, Some(Cause::Death));
    assert_eq!(
        bridge.drive(duty(0.5), ms(100)).unwrap(),
        Applied::Refused(Refused::Disarmed)
    );
}

#[test]
fn an_older_handle_neither_drives_nor_stops_the_newest_one() {
    let fake = Fake::default();
    let board = fake.board();
    let claim = claim(&board, LEFT);
    let mut older = claim.open().unwrap();
    let mut newest = claim.open().unwrap();
    board.safety().arm();
    // Opening again disarmed the board at 0, and nothing from before that counts.
    fake.set_now(ms(1000));
    let error = older.drive(duty(0.5), ms(1100)).unwrap_err().to_string();
    assert!(error.contains("opened again"), "{error}");
    let _ = newest.drive(duty(0.5), ms(1100)).unwrap();
    fake.take();
    drop(older);
    assert_eq!(fake.take(), []);
    assert_eq!(board.next_deadline(), Some(ms(1100)));
}

#[test]
fn a_line_that_fails_leaves_the_others_at_rest_until_the_bridge_is_opened_again() {
    let fake = Fake::default();
    let board = fake.board();
    let claim = claim(&board, LEFT);
    let mut bridge = claim.open().unwrap();
    board.safety().arm();
    fake.take();
    fake.before_write(|write| {
        matches!(write, Write::Set(FORWARD, _)).then(|| "it fell off".to_owned())
    });
    let error = bridge.drive(duty(0.5), ms(100)).unwrap_err().to_string();
    assert!(error.contains("it fell off"), "{error}");
    let writes = fake.take();
    assert!(!writes.contains(&Write::Pwm(PWM, 0.5)), "{writes:?}");
    assert!(
        !writes.contains(&Write::Pwm(PWM, 1.0)),
        "no brake with a line missing"
    );
    assert_eq!(writes.last(), Some(&Write::Set(BACKWARD, Level::High)));
    assert!(
        board.motion()[0]
            .trouble
            .as_ref()
            .unwrap()
            .contains("it fell off")
    );
    fake.no_hook();
    assert!(
        bridge.drive(duty(0.5), ms(100)).is_err(),
        "until it is opened again"
    );
    drop(bridge);
    fake.take();
    let _bridge = claim.open().unwrap();
    assert!(fake.take().contains(&Write::Open(FORWARD, Level::Low)));
    assert_eq!(board.motion()[0].trouble, None);
}

#[test]
fn an_output_that_cannot_be_made_safe_disarms_the_board() {
    let (fake, board, mut left) = armed();
    let mut right = claim(&board, RIGHT).open().unwrap();
    let _ = left.drive(duty(0.5), ms(100)).unwrap();
    let _ = right.drive(duty(0.5), ms(300)).unwrap();
    fake.before_write(|write| matches!(write, Write::Pwm(PWM, _)).then(|| "stuck".to_owned()));
    board.enforce(ms(100));
    assert!(!board.safety().is_armed());
    assert_eq!(board.motion()[1].last_safe, Some(Cause::Disarm));
    // It is tried again then, and at no moment that stands still.
    let tried = board.next_deadline().unwrap();
    fake.set_now(tried);
    board.enforce(tried);
    assert!(board.next_deadline().unwrap() > tried);
    fake.no_hook();
}

#[test]
fn a_thread_that_died_while_it_wrote_does_not_keep_the_output_from_resting() {
    let (fake, board, mut bridge) = armed();
    fake.before_write(|write| {
        assert_ne!(write, Write::Pwm(PWM, 0.5), "the thread dies here");
        None
    });
    let died = std::thread::spawn(move || {
        let _ = bridge.drive(duty(0.5), ms(100));
    })
    .join();
    assert!(died.is_err());
    // The bridge rested while its thread unwound.
    assert_eq!(board.motion()[0].last_safe, Some(Cause::Death));
    fake.take();
    board.safety().estop();
    assert_eq!(fake.take(), BRAKES);
}

#[test]
fn a_motion_output_of_a_real_board_stays_closed() {
    let fake = Fake::default();
    let board = Board::new(fake.backends(false));
    let error = claim(&board, LEFT).open().unwrap_err().to_string();
    assert!(
        error.contains("guardian") && error.contains("motor"),
        "{error}"
    );
    assert_eq!(fake.take(), []);
}

#[test]
fn motion_names_its_part_and_its_node() {
    let fake = Fake::default();
    let board = fake.board();
    let claim = claim(&board, LEFT);
    claim.owned_by("drive");
    let motion = &board.motion()[0];
    assert_eq!(
        (motion.part.as_str(), motion.owner.as_deref()),
        ("motor", Some("drive"))
    );
    assert_eq!(motion.last_safe, None);
}

/// An armed board whose bridge ramps down for every cause, within 100 ms from full duty.
fn ramping() -> (Fake, Board, Bridge) {
    let causes = [Cause::LeaseEnd, Cause::Disarm, Cause::EStop, Cause::Death];
    let within = MotionSafety::default().ramping_within(Duration::from_millis(100));
    let safety = causes.into_iter().fold(within.unwrap(), |safety, cause| {
        safety.with(cause, SafeAction::Ramp)
    });
    let fake = Fake::default();
    let board = fake.board();
    let bridge = board.bridge("motor", LEFT, safety).unwrap().open().unwrap();
    assert!(board.safety().arm());
    fake.take();
    (fake, board, bridge)
}

fn pwms(fake: &Fake) -> Vec<f64> {
    let pwm = |write| match write {
        Write::Pwm(_, duty) => Some(duty),
        _ => None,
    };
    fake.take().into_iter().filter_map(pwm).collect()
}

/// Lets a board carry out its deadlines until `end`.
fn pass(fake: &Fake, board: &Board, end: Timestamp) {
    while let Some(next) = board.next_deadline().filter(|next| *next <= end) {
        fake.set_now(next);
        board.enforce(next);
        assert!(
            board.next_deadline().is_none_or(|then| then > next),
            "what was due at {next:?} is done"
        );
    }
    fake.set_now(end);
}

#[test]
fn a_ramp_falls_evenly_step_by_step_and_lets_go_at_its_end() {
    let (fake, board, mut bridge) = ramping();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    fake.take();
    pass(&fake, &board, ms(145));
    let duties = pwms(&fake);
    let wanted: Vec<f64> = (0..10).map(|step| 0.5 - f64::from(step) * 0.05).collect();
    assert_eq!(duties.len(), wanted.len(), "{duties:?}");
    for (duty, wanted) in duties.iter().zip(&wanted) {
        assert!((duty - wanted).abs() < 1e-9, "{duties:?}");
    }
    assert!(board.motion()[0].ramps);
    pass(&fake, &board, ms(200));
    assert_eq!(fake.take(), COASTS);
    assert_eq!(board.next_deadline(), None);
    assert!(!board.motion()[0].ramps);
}

#[test]
fn a_ramp_is_not_begun_anew_by_what_comes_while_it_lasts() {
    let (fake, board, mut bridge) = ramping();
    let _ = bridge.drive(duty(-0.5), ms(100)).unwrap();
    board.safety().disarm();
    for end in [10, 20, 30] {
        pass(&fake, &board, ms(end));
        board.safety().estop();
    }
    drop(bridge);
    pass(&fake, &board, ms(49));
    assert!(board.motion()[0].ramps);
    pass(&fake, &board, ms(50));
    assert_eq!(board.motion()[0].duty, Duty::ZERO);
    assert!(!board.motion()[0].ramps);
}

#[test]
fn a_command_in_the_middle_of_a_ramp_is_obeyed_while_armed_and_ends_it() {
    let (fake, board, mut bridge) = ramping();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    pass(&fake, &board, ms(120));
    let _ = bridge.drive(duty(0.25), ms(220)).unwrap();
    fake.take();
    pass(&fake, &board, ms(219));
    assert_eq!(fake.take(), [], "no step follows");
    board.safety().disarm();
    let _ = bridge.drive(duty(0.5), ms(1000)).unwrap();
    pass(&fake, &board, ms(400));
    assert_eq!(board.motion()[0].duty, Duty::ZERO);
}

#[test]
fn the_lease_stands_until_the_stop_is_written() {
    let (fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (all, page) = (Arc::clone(&seen), Arc::clone(board.safety().page()));
    fake.before_write(move |_| {
        all.lock().unwrap().push(page.lease(0));
        None
    });
    bridge.brake().unwrap();
    fake.no_hook();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 4);
    assert!(seen.iter().all(Option::is_some), "{seen:?}");
    assert_eq!(board.next_deadline(), None);
}

#[test]
fn a_stop_that_failed_is_said_again_until_it_is_done() {
    let (fake, board, mut bridge) = armed();
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    fake.before_write(|_| Some("no answer".to_owned()));
    fake.set_now(ms(100));
    board.enforce(ms(100));
    assert!(!board.safety().is_armed());
    assert!(board.safety().page().is_any_unsafe());
    for now in (105..400).step_by(5) {
        fake.set_now(ms(now));
        board.enforce(ms(now));
    }
    assert!(board.safety().page().is_any_unsafe());
    fake.no_hook();
    fake.take();
    for now in (400..460).step_by(5) {
        fake.set_now(ms(now));
        board.enforce(ms(now));
    }
    assert_eq!(fake.take(), BRAKES, "once it can be said, it is, once");
    assert!(!board.safety().page().is_any_unsafe());
    assert_eq!(board.next_deadline(), None);
}

#[test]
fn an_owner_that_brakes_changes_nothing_of_a_safe_action_that_was_taken() {
    let (fake, board, mut bridge) = ramping();
    let _ = bridge.drive(duty(0.9), ms(100)).unwrap();
    board.safety().disarm();
    fake.take();
    bridge.brake().unwrap();
    assert!(board.motion()[0].ramps);
    assert_eq!(fake.take(), []);
    let fake = Fake::default();
    let board = fake.board();
    let coasts = MotionSafety::default().with(Cause::EStop, SafeAction::Coast);
    let claim = board.bridge("motor", LEFT, coasts).unwrap();
    let mut bridge = claim.open().unwrap();
    assert!(board.safety().arm());
    let _ = bridge.drive(duty(0.5), ms(100)).unwrap();
    board.safety().estop();
    fake.take();
    bridge.brake().unwrap();
    assert_eq!(fake.take(), []);
}

#[test]
fn a_command_that_cannot_be_written_disarms_at_once() {
    let (fake, board, mut bridge) = armed();
    fake.before_write(|_| Some("no answer".to_owned()));
    bridge.drive(duty(0.5), ms(100)).unwrap_err();
    assert!(!board.safety().is_armed());
}

#[test]
fn a_write_that_takes_longer_than_its_command_stands_is_followed_by_the_stop() {
    let (fake, board, mut bridge) = armed();
    let slow = fake.clone();
    fake.before_write(move |write| {
        if write == Write::Pwm(PWM, 0.5) {
            slow.set_now(ms(101));
        }
        None
    });
    let applied = bridge.drive(duty(0.5), ms(100)).unwrap();
    fake.no_hook();
    assert_eq!(applied, Applied::Refused(Refused::Expired));
    assert_eq!(fake.take()[4..], BRAKES);
    assert_eq!(board.next_deadline(), None);
}

#[test]
fn a_ramp_that_begins_in_the_middle_of_a_slower_command_begins_with_that() {
    let fake = Fake::default();
    let board = fake.board();
    let ramps = MotionSafety::default().with(Cause::EStop, SafeAction::Ramp);
    let mut bridge = board.bridge("motor", LEFT, ramps).unwrap().open().unwrap();
    assert!(board.safety().arm());
    let _ = bridge.drive(duty(0.9), ms(100)).unwrap();
    let page = Arc::clone(board.safety().page());
    fake.before_write(move |write| {
        if write == Write::Pwm(PWM, 0.1) {
            page.estop();
        }
        None
    });
    fake.take();
    let _ = bridge.drive(duty(0.1), ms(100)).unwrap();
    fake.no_hook();
    assert!(board.motion()[0].ramps);
    let duties = pwms(&fake);
    assert!(!duties.is_empty());
    assert!(duties.iter().all(|duty| *duty <= 0.1), "{duties:?}");
}

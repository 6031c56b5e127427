//! What somebody holds, as the robot hears it.

use crate::bench::{at_ms, board, pass};
use futures_core::Stream;
use sinew_board::{AxisInfo, BoardError, InputDevice, InputDeviceInfo, InputEvent, InputEventKind};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

const BUTTON: u16 = 0x130;
const STICK: u16 = 1;

fn gamepad() -> InputDeviceInfo {
    InputDeviceInfo {
        name: "pad".to_owned(),
        keys: vec![BUTTON],
        axes: vec![AxisInfo {
            code: STICK,
            least: -100,
            most: 100,
            flat: 5,
            value: 0,
        }],
    }
}

fn next(device: &mut InputDevice) -> Poll<Option<Result<InputEvent, BoardError>>> {
    Pin::new(device).poll_next(&mut Context::from_waker(Waker::noop()))
}

/// Kind, code and value of the next event, if there is one.
fn said(device: &mut InputDevice) -> Option<(InputEventKind, u16, i32)> {
    match next(device) {
        Poll::Ready(Some(Ok(event))) => Some((event.kind, event.code, event.value)),
        Poll::Pending => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_done_with_it_comes_in_order_with_its_moment() {
    let (mock, board) = board();
    let hand = mock.input_device("gamepad", gamepad());
    let claim = board.input_device("pilot", "gamepad").unwrap();
    let mut device = claim.open().unwrap();
    assert_eq!(device.info(), Some(&gamepad()));
    assert!(next(&mut device).is_pending());
    pass(&mock, Duration::from_millis(3));
    hand.axis(STICK, 250);
    hand.key(BUTTON, true);
    let Poll::Ready(Some(Ok(event))) = next(&mut device) else {
        panic!("nothing came")
    };
    assert_eq!(
        (event.at, event.value),
        (at_ms(3), 100),
        "as far as it goes"
    );
    let report = Some((InputEventKind::Report, 0, 0));
    assert_eq!(said(&mut device), report);
    assert_eq!(said(&mut device), Some((InputEventKind::Key, BUTTON, 1)));
    assert_eq!(said(&mut device), report);
    assert_eq!(said(&mut device), None);
}

#[test]
fn one_that_is_unplugged_is_lost_and_is_opened_again_where_its_stick_is() {
    let (mock, board) = board();
    let hand = mock.input_device("gamepad", gamepad());
    let claim = board.input_device("pilot", "gamepad").unwrap();
    let mut device = claim.open().unwrap();
    hand.unplug();
    assert!(matches!(
        next(&mut device),
        Poll::Ready(Some(Err(BoardError::Lost { .. })))
    ));
    assert!(matches!(next(&mut device), Poll::Ready(None)));
    assert!(claim.open().unwrap_err().to_string().contains("plugged in"));
    hand.axis(STICK, -40);
    hand.replug();
    let mut again = claim.open().unwrap();
    assert_eq!(again.info().unwrap().axes[0].value, -40);
    assert_eq!(said(&mut again), None, "what was done before is no event");
}

#[test]
fn what_changes_nothing_is_no_event() {
    let (mock, board) = board();
    let hand = mock.input_device("gamepad", gamepad());
    let claim = board.input_device("pilot", "gamepad").unwrap();
    let mut device = claim.open().unwrap();
    hand.axis(STICK, 0);
    hand.key(BUTTON, false);
    assert_eq!(said(&mut device), None);
}

#[test]
fn each_that_has_it_open_hears_all() {
    let (mock, board) = board();
    let hand = mock.input_device("gamepad", gamepad());
    let claim = board.input_device("pilot", "gamepad").unwrap();
    let (mut first, mut second) = (claim.open().unwrap(), claim.open().unwrap());
    hand.key(BUTTON, true);
    let pressed = Some((InputEventKind::Key, BUTTON, 1));
    assert_eq!((said(&mut first), said(&mut second)), (pressed, pressed));
}

#[test]
fn one_that_is_out_of_reach_says_nothing() {
    let (mock, board) = board();
    let hand = mock.input_device("gamepad", gamepad());
    let mut device = board
        .input_device("pilot", "gamepad")
        .unwrap()
        .open()
        .unwrap();
    hand.axis(STICK, 80);
    while said(&mut device).is_some() {}
    hand.freeze();
    hand.axis(STICK, 0);
    assert_eq!(said(&mut device), None);
    hand.thaw();
    let let_go = Some((InputEventKind::Absolute, STICK, 0));
    assert_eq!(
        said(&mut device),
        let_go,
        "back in reach it says where it is"
    );
}

#[test]
fn two_parts_do_not_share_one_and_one_that_is_not_fitted_is_refused_by_name() {
    let (_mock, board) = board();
    let claim = board.input_device("pilot", "gamepad").unwrap();
    let twice = board
        .input_device("camera", "gamepad")
        .unwrap_err()
        .to_string();
    assert!(
        twice.contains("pilot") && twice.contains("camera"),
        "{twice}"
    );
    let refused = claim.open().unwrap_err().to_string();
    assert!(refused.contains("gamepad"), "{refused}");
}

//! The example programs do what they are there to show.

#[path = "../websocket_echo/demo.rs"]
mod demo;
#[cfg(unix)]
#[path = "../growing_pool/foreman.rs"]
mod foreman;
#[allow(dead_code, reason = "a test calls what its `main` calls")]
#[path = "../ping_pong.rs"]
mod ping_pong;
#[allow(dead_code, reason = "a test calls what its `main` calls")]
#[path = "../query.rs"]
mod query;
#[path = "../websocket_echo/server.rs"]
mod server;
#[cfg(unix)]
#[path = "../growing_pool/smith.rs"]
mod smith;

use std::sync::{Arc, Mutex};

/// Runs a program, and returns the lines that it said.
fn said<E: std::fmt::Debug>(
    program: impl FnOnce(Arc<dyn Fn(String) + Send + Sync>) -> Result<(), E>,
) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&lines);
    let say = move |line| noted.lock().expect("nobody panics with it").push(line);
    program(Arc::new(say)).expect("the program ends well");
    let lines = lines.lock().expect("nobody panics with it");
    lines.clone()
}

#[test]
fn the_query_s_asker_hears_of_every_trouble_and_is_answered_after_it() {
    let said = said(query::show);
    let cells = |line: &String| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        cells[1..cells.len() - 1].join(" -> ")
    };
    let (end, rows) = said.split_last().unwrap();
    let rows: Vec<_> = rows.iter().map(cells).collect();
    let wanted = [
        "42 / 6 -> 7, its division number 1",
        "42 / 0 -> refused: ByZero",
        "shake it -> Failed: screw 3 fell out",
        "42 / 7 -> 6, its division number 1",
        "hit it -> Failed: panicked: the lever broke",
        "42 / 14 -> 3, its division number 1",
        "freeze it -> TimedOut: no reply came in time",
        "42 / 21 -> Closed: the actor has ended",
    ];
    assert_eq!(rows, wanted);
    assert_eq!(end, "the divider was built anew 2 times");
}

#[test]
fn every_ball_of_the_ping_pong_comes_back_on_one_thread_and_on_two() {
    let said = said(|say| ping_pong::show(500, &*say));
    let cells = |line: &String| {
        let cells: Vec<_> = line.split('|').map(|it| it.trim().to_owned()).collect();
        (cells[1].clone(), cells[2].clone())
    };
    let rows: Vec<_> = said.iter().skip(2).map(cells).collect();
    let row = |threads: &str| (threads.to_owned(), "1000".to_owned());
    assert_eq!(rows, [row("1"), row("2")]);
}

#[test]
fn each_client_of_the_echo_server_gets_its_own_word_back_and_is_told_goodbye() {
    let mut said = said(|say| demo::show(0, say));
    assert!(said[0].starts_with("listening at ws://127.0.0.1:"));
    said.remove(0);
    said.sort();
    let wanted = [
        "alpha came back",
        "alpha was told goodbye",
        "beta came back",
        "beta was told goodbye",
        "gamma came back",
        "gamma was told goodbye",
        "server stopped, 3 connections closed",
    ];
    assert_eq!(said, wanted);
}

#[cfg(unix)]
#[test]
fn the_smithy_grows_to_four_smiths_and_shrinks_to_one_and_no_order_is_lost_unseen() {
    let said = said(foreman::show);
    let counts: Vec<_> = said
        .iter()
        .filter_map(|line| line.split_once(" there: "))
        .map(|(count, _)| count.parse::<usize>().unwrap())
        .collect();
    assert_eq!(counts.iter().max(), Some(&4), "{said:#?}");
    assert_eq!(counts.last(), Some(&1), "{said:#?}");
    let pieces = said.iter().filter(|line| line.starts_with("piece "));
    assert_eq!(pieces.count(), 9, "{said:#?}");
    let late = "piece 9: horseshoe";
    assert!(said.iter().any(|line| line == late), "{said:#?}");
    let lost = "dead letter to foreman/stranger: its receiver has ended";
    assert!(said.iter().any(|line| line == lost), "{said:#?}");
    assert_eq!(said.last().unwrap(), "9 made, 1 lost");
}

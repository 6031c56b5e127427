//! What is made of several nodes is placed on a thread with all of them.

use crate::common::{Say, ear, mouth, ms};
use sinew_patterns::{Arbiter, Zip};
use sinew_runtime::{Graph, System, Thread};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// Longer than any machine needs for anything here.
const LONG: Duration = Duration::from_secs(15);

/// The thread that this runs on.
fn here() -> String {
    thread::current()
        .name()
        .unwrap_or("without a name")
        .to_owned()
}

/// Lets real time pass until this holds.
fn until(system: &mut System, holds: impl Fn() -> bool) {
    let end = system.now() + LONG;
    while !holds() {
        assert!(system.now() < end, "nothing came of it");
        system.run_until(system.now() + ms(1));
    }
}

#[test]
fn an_arbiter_is_placed_with_the_nodes_of_its_sources_and_locks() {
    static LOCK_ON: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut graph = Graph::new("placement");
    let handle = mouth::<bool>(&mut graph, "handle");
    let person = mouth::<u32>(&mut graph, "person");
    let (drive, log) = ear(&mut graph, "drive");
    let thread = Thread::named("control");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter").on(&mut graph, &thread);
    arbiter.obey(&mut graph, &person, 1, ms(500));
    arbiter.lock(&mut graph, &handle, 2, |held: &bool| {
        LOCK_ON.lock().expect("nobody panics").push(here());
        !held
    });
    graph.command(&arbiter, &drive);
    let mut system = System::real(graph, None).expect("a runtime");
    handle.address().try_tell(Say(true)).unwrap();
    let lock_was_read = || !LOCK_ON.lock().expect("nobody panics").is_empty();
    until(&mut system, lock_was_read);
    assert_eq!(*LOCK_ON.lock().unwrap(), ["control"]);
    until(&mut system, || {
        person.address().try_tell(Say(1)).expect("room");
        log.len() > 0
    });
}

#[test]
fn a_zip_is_placed_with_the_nodes_of_its_sources() {
    let mut graph = Graph::new("placement");
    let left = mouth::<u32>(&mut graph, "left");
    let right = mouth::<u32>(&mut graph, "right");
    let (sink, log) = ear::<String>(&mut graph, "sink");
    let pair = Zip::of(|_: u32, _: u32| here()).on(&Thread::named("control"));
    let pair = pair.add_to(&mut graph, "pair", &left, &right);
    graph.connect(&pair, &sink);
    let mut system = System::real(graph, None).expect("a runtime");
    left.address().try_tell(Say(1)).unwrap();
    right.address().try_tell(Say(2)).unwrap();
    until(&mut system, || log.len() > 0);
    let heard = format!("{:?}", log.take());
    assert!(heard.contains("\"control\""), "{heard}");
}

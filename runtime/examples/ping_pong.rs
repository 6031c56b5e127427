//! Ping-pong between two actors, on one thread and on two, driven by a thread that is no actor's.
//!
//! CompAktor lets its user choose what an actor runs on; here the graph says it, and the actors are the same on either.
//! `main` crosses the bridge: it blocks in a call until the last ball is back, or hears of what failed instead.
//! Run it: `cargo run --release -p sinew-examples --bin ping_pong`.
#![allow(clippy::print_stdout, reason = "it shows what happens")]

use sinew_runtime::{
    Actor, Address, CallError, Context, Failure, Graph, Handler, System, SystemHandle, Thread, Time,
};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// Longer than any machine needs for a game.
const PATIENCE: Duration = Duration::from_secs(60);

/// The ball, and how often it crossed the net.
struct Ball(u64);

/// Play so many round trips.
struct Serve(u64);

/// Serves, and waits for each ball to come back.
#[derive(Clone)]
struct Ping {
    pong: Address<Pong>,
}

/// Returns each ball.
#[derive(Clone)]
struct Pong;

impl Actor for Ping {}
impl Actor for Pong {}

impl Handler<Serve> for Ping {
    type Reply = u64;
    async fn handle(&mut self, it: Serve, _: &mut Context<Self>) -> Result<u64, Failure> {
        let mut crossings = 0;
        for _ in 0..it.0 {
            let Ball(back) = self.pong.ask(Ball(crossings + 1)).await?;
            crossings = back;
        }
        Ok(crossings)
    }
}

impl Handler<Ball> for Pong {
    type Reply = Ball;
    async fn handle(&mut self, ball: Ball, _: &mut Context<Self>) -> Result<Ball, Failure> {
        Ok(Ball(ball.0 + 1))
    }
}

/// The two at their table; each on its thread if there are two.
fn table(threads: &[&str]) -> (Graph, Address<Ping>) {
    let mut graph = Graph::new("table");
    let pong = graph.add("pong", Pong);
    let address = pong.address();
    let ping = graph.add("ping", Ping { pong: address });
    if let [first, .., last] = threads {
        graph.place(&ping, &Thread::named(first));
        graph.place(&pong, &Thread::named(last));
    }
    let ping = ping.address();
    (graph, ping)
}

/// Plays so many round trips, and says how many crossings there were and how long they took.
fn rally(threads: &'static [&'static str], round_trips: u64) -> Result<(u64, Duration), Failure> {
    let (sender, ready) = mpsc::channel();
    // A system stays on the thread that makes it, and this one is going to block.
    let runs = thread::spawn(move || -> Result<(), Failure> {
        let (graph, ping) = table(threads);
        let system = System::real(graph, None);
        let mut system = system.map_err(|error| Failure::new(error.to_string()))?;
        sender.send((system.handle(), ping))?;
        system.run_until(Time::NEVER);
        system.shut_down();
        Ok(())
    });
    let played = ready.recv().map_err(Failure::from).and_then(|both| {
        let played = play(&both, round_trips);
        both.0.stop();
        Ok(played?)
    });
    match runs.join() {
        Ok(ran) => ran?,
        Err(_) => return Err(Failure::new("the thread of the system panicked")),
    }
    played
}

/// Blocks until the last ball is back.
fn play(
    (system, ping): &(SystemHandle, Address<Ping>),
    round_trips: u64,
) -> Result<(u64, Duration), CallError> {
    ping.call(Serve(1))?;
    let begun = system.status().now;
    let crossings = ping.call_within(Serve(round_trips), PATIENCE)?;
    Ok((crossings, system.status().now.since(begun)))
}

/// Plays on one thread and on two.
pub(crate) fn show(round_trips: u64, say: &dyn Fn(String)) -> Result<(), Failure> {
    say("| threads | crossings | round trips per second |".to_owned());
    say("| ---: | ---: | ---: |".to_owned());
    for threads in [&["table"][..], &["ping", "pong"][..]] {
        let (crossings, took) = rally(threads, round_trips)?;
        let per_second = round_trips as f64 / took.as_secs_f64();
        let many = threads.len();
        say(format!("| {many} | {crossings} | {per_second:.0} |"));
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    show(200_000, &|line| println!("{line}"))
}

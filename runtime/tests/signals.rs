//! The first signal ends a program in order, the second at once.
#![cfg(unix)]
#![allow(
    clippy::print_stdout,
    reason = "what the program prints is what the test looks at"
)]

mod common;

use common::made;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::raise;
use sinew_runtime::{Actor, Context, Failure, Graph, Reason, System, Time};
use std::process::{Command, Output};

/// Says to the program that runs in a process of its own which signals it shall get: one, or two.
const SIGNALS: &str = "SIGNALS_OF_THE_TEST";

/// Raises its first signal once it runs, and its second one while it ends.
struct Victim(Vec<i32>);

impl Actor for Victim {
    async fn started(&mut self, _: &mut Context<Self>) -> Result<(), Failure> {
        raise(self.0[0])?;
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        println!("{why}");
        if let Some(second) = self.0.get(1) {
            raise(*second)?;
            // It would not end by itself.
            std::future::pending::<()>().await;
        }
        Ok(())
    }
}

/// A program as the README says.
fn program(signals: &[i32]) {
    let mut graph = Graph::new("program");
    let raised = signals.to_owned();
    graph.add("victim", made(move || Victim(raised.clone())));
    let mut system = System::real(graph, None).expect("the graph is sound");
    let handle = system.handle();
    let mut signals = Signals::new([SIGTERM, SIGINT]).expect("they may be caught");
    std::thread::spawn(move || {
        signals.forever().next().inspect(|_| handle.stop());
        signals
            .forever()
            .next()
            .inspect(|signal| std::process::exit(128 + signal));
    });
    let progress = system.run_until(Time::NEVER);
    let report = system.shut_down();
    println!("{progress:?}, {} failures", report.failures);
}

/// Runs this very test once more, as the program.
fn run(test: &str, signals: &[i32]) -> Output {
    let myself = std::env::current_exe().expect("it runs");
    let signals: Vec<_> = signals.iter().map(i32::to_string).collect();
    let mut command = Command::new(myself);
    command.args(["--exact", test, "--nocapture"]);
    let output = command.env(SIGNALS, signals.join(" ")).output();
    output.expect("this test can be started")
}

/// Whether this process is the program; if so, it has run.
fn was_program() -> bool {
    let Ok(signals) = std::env::var(SIGNALS) else {
        return false;
    };
    let signals = signals.split(' ').map(|it| it.parse().expect("a number"));
    program(&signals.collect::<Vec<_>>());
    true
}

#[test]
fn the_first_signal_ends_the_program_in_order() {
    if was_program() {
        return;
    }
    for signal in [SIGTERM, SIGINT] {
        let output = run("the_first_signal_ends_the_program_in_order", &[signal]);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{output:?}");
        assert!(
            text.contains("stopped\nEnded(\"it was asked to stop\"), 0 failures\n"),
            "{text}"
        );
    }
}

#[test]
fn the_second_signal_ends_the_program_at_once() {
    if was_program() {
        return;
    }
    for signals in [[SIGTERM, SIGINT], [SIGINT, SIGTERM]] {
        let output = run("the_second_signal_ends_the_program_at_once", &signals);
        let text = String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.code(), Some(128 + signals[1]), "{output:?}");
        assert!(
            text.contains("stopped\n") && !text.contains("Ended"),
            "{text}"
        );
    }
}

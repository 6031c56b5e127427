//! A program's lines and its exit are messages, and its process group ends with it, with its time-out, and with whoever
//! runs it.
//!
//! Real programs take real time; what is compared is what they said and what is left of them, never how long it took.
#![cfg(unix)]

use crate::common::{Gate, Log, made, ms};
use sinew_patterns::{Shell, ShellCommand, ShellEvent, ShellOutput};
use sinew_runtime::{
    Actor, Address, ChildStopped, Context, Failure, Graph, Handler, Injection, Lifetime, Reason,
    System,
};
use std::time::Duration;

/// Longer than any machine needs for anything here.
const LONG: Duration = Duration::from_secs(30);

/// Long enough for a shell to have said its first line.
const A_WHILE: Duration = Duration::from_millis(1_500);

/// Runs a command as an input, or as a child, and notes what it hears.
struct Listener {
    command: ShellCommand,
    as_child: bool,
    log: Log<Heard>,
    /// How its child ended.
    ended: Log<Reason>,
    /// What each event but the first waits at before it is noted.
    gate: Option<Gate>,
    heard: u64,
}

#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Out(String),
    Err(String),
    Exit(Option<i32>, bool),
}

impl Actor for Listener {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if self.as_child {
            let shell: Shell<Self> = self.command.clone().told_to(ctx.address());
            let child = ctx.child("shell", shell);
            child.lifetime(Lifetime::Temporary).start()?;
        } else {
            ctx.try_input("shell", self.command.start()?);
        }
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.ended.add(child.reason.clone());
        Ok(())
    }
}

impl Handler<ShellEvent> for Listener {
    type Reply = ();
    async fn handle(&mut self, event: ShellEvent, _: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(gate) = &self.gate
            && self.heard > 0
        {
            gate.passed().await;
        }
        self.heard += 1;
        self.log.add(match event.output {
            ShellOutput::Stdout(line) => Heard::Out(line),
            ShellOutput::Stderr(line) => Heard::Err(line),
            ShellOutput::Exit { status, timed_out } => Heard::Exit(status.code(), timed_out),
        });
        Ok(())
    }
}

struct Stand {
    system: System,
    listener: Address<Listener>,
    log: Log<Heard>,
    ended: Log<Reason>,
    gate: Gate,
}

fn stand(command: &ShellCommand, as_child: bool, gated: bool) -> Stand {
    let mut graph = Graph::new("shell");
    let (log, ended, gate) = (Log::new(), Log::new(), Gate::default());
    let (command, notes, ends) = (command.clone(), log.clone(), ended.clone());
    let waits_at = gated.then(|| gate.clone());
    let make = move || Listener {
        command: command.clone(),
        as_child,
        log: notes.clone(),
        ended: ends.clone(),
        gate: waits_at.clone(),
        heard: 0,
    };
    let listener = graph.add("listener", made(make)).address();
    let system = System::real(graph, None).expect("a runtime");
    Stand {
        system,
        listener,
        log,
        ended,
        gate,
    }
}

impl Stand {
    /// Lets real time pass until this holds of all that was heard so far.
    fn until(&mut self, holds: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        let end = self.system.now() + LONG;
        let mut heard = Vec::new();
        while !holds(&heard) {
            assert!(self.system.now() < end, "heard until now: {heard:?}");
            self.system.run_until(self.system.now() + ms(5));
            heard.append(&mut self.log.take());
        }
        heard
    }

    fn until_exit(&mut self) -> Vec<Heard> {
        self.until(|heard| heard.iter().any(|it| matches!(it, Heard::Exit(..))))
    }

    /// Lets real time pass until the child has ended; how it did.
    fn until_ended(&mut self) -> Reason {
        let end = self.system.now() + LONG;
        while self.ended.len() == 0 {
            assert!(self.system.now() < end, "the child lives");
            self.system.run_until(self.system.now() + ms(5));
        }
        self.ended.take().remove(0)
    }

    /// Lets real time pass until no process of these numbers runs.
    fn until_gone(&mut self, processes: &[String]) {
        let end = self.system.now() + LONG;
        while processes.iter().any(|number| runs(number)) {
            assert!(self.system.now() < end, "one of {processes:?} still runs");
            self.system.run_until(self.system.now() + ms(5));
        }
    }
}

/// Whether a process of this number runs: one that has ended and was not waited for does not.
fn runs(number: &str) -> bool {
    let state = if cfg!(target_os = "linux") {
        let stat = std::fs::read_to_string(format!("/proc/{number}/stat"));
        // `pid (name) state ...`, where the name may hold anything.
        stat.ok()
            .and_then(|stat| Some(stat.rsplit_once(')')?.1.trim().to_owned()))
    } else {
        let asked = std::process::Command::new("ps")
            .args(["-o", "stat=", "-p", number])
            .output();
        asked
            .ok()
            .map(|it| String::from_utf8_lossy(&it.stdout).trim().to_owned())
    };
    state.is_some_and(|state| !state.is_empty() && !state.starts_with('Z'))
}

fn out(line: &str) -> Heard {
    Heard::Out(line.to_owned())
}

/// A line that has `sh` start a process in its group, say its number, and stay itself.
const TWO_THAT_STAY: &str = "sleep 1000 & echo $! $$; wait";

/// The numbers of both, once the line was heard.
fn numbers(stand: &mut Stand) -> Vec<String> {
    let heard = stand.until(|heard| !heard.is_empty());
    let [Heard::Out(line)] = &heard[..] else {
        panic!("{heard:?}");
    };
    let numbers: Vec<_> = line.split(' ').map(str::to_owned).collect();
    assert!(
        numbers.len() == 2 && numbers.iter().all(|it| runs(it)),
        "{line}"
    );
    numbers
}

#[test]
fn lines_of_both_outputs_and_the_exit_are_messages_as_an_input_and_as_an_actor() {
    let line = "echo one; echo two; echo oops >&2; printf three; exit 7";
    for as_child in [false, true] {
        let mut stand = stand(&ShellCommand::sh(line), as_child, false);
        let mut heard = stand.until_exit();
        assert_eq!(heard.pop(), Some(Heard::Exit(Some(7), false)));
        let (out_lines, err_lines): (Vec<_>, Vec<_>) = heard
            .into_iter()
            .partition(|it| matches!(it, Heard::Out(_)));
        assert_eq!(out_lines, [out("one"), out("two"), out("three")]);
        assert_eq!(err_lines, [Heard::Err("oops".to_owned())]);
        if as_child {
            assert_eq!(stand.until_ended(), Reason::Finished);
        }
    }
}

#[test]
fn arguments_environment_folder_and_label_are_as_said() {
    let command = ShellCommand::new("sh")
        .args(["-c", "echo \"$1 $LAMP\"; pwd", "sh", "a b"])
        .env("LAMP", "lit")
        .dir("/")
        .label("lamp");
    let text = "sh -c echo \"$1 $LAMP\"; pwd sh a b";
    assert_eq!(command.to_string(), text);
    let mut stand = stand(&command, false, false);
    let wanted = [out("a b lit"), out("/"), Heard::Exit(Some(0), false)];
    assert_eq!(stand.until_exit(), wanted);
}

#[test]
fn a_time_out_ends_the_whole_group() {
    for as_child in [false, true] {
        let command = ShellCommand::sh(TWO_THAT_STAY).time_out(A_WHILE);
        let mut stand = stand(&command, as_child, false);
        let processes = numbers(&mut stand);
        let heard = stand.until_exit();
        assert_eq!(heard[0], Heard::Exit(None, true), "by a signal");
        stand.until_gone(&processes);
    }
}

#[test]
fn a_time_out_asks_first_and_who_heeds_that_may_say_its_last_words() {
    let command = ShellCommand::sh("trap 'echo bye; exit 5' TERM; echo up; sleep 1000 & wait");
    let mut stand = stand(&command.time_out(A_WHILE), false, false);
    let wanted = [out("up"), out("bye"), Heard::Exit(Some(5), true)];
    assert_eq!(stand.until_exit(), wanted);
}

#[test]
fn who_does_not_heed_the_request_to_end_is_made_to() {
    let command = ShellCommand::sh("trap '' TERM; sleep 1000 & echo $! $$; wait; wait");
    let command = command.time_out(A_WHILE).grace(ms(100));
    let mut stand = stand(&command, false, false);
    let processes = numbers(&mut stand);
    assert_eq!(stand.until_exit(), [Heard::Exit(None, true)]);
    stand.until_gone(&processes);
}

#[test]
fn a_time_out_is_kept_while_the_listener_of_an_actor_has_no_room() {
    // It says more than the listener's mailbox holds, so that its actor waits to tell.
    let line = "sleep 1000 & echo $! $$; seq 200; wait";
    let mut stand = stand(&ShellCommand::sh(line).time_out(A_WHILE), true, true);
    let processes = numbers(&mut stand);
    stand.until_gone(&processes);
    assert_eq!(stand.log.len(), 0, "the listener has handled no more yet");
    stand.gate.open();
    let mut heard = stand.until_exit();
    assert_eq!(heard.pop(), Some(Heard::Exit(None, true)));
    assert_eq!(heard.len(), 200);
}

#[test]
fn it_ends_with_whoever_runs_it_after_a_stop_and_after_a_panic() {
    for (as_child, panics) in [(false, false), (true, false), (false, true), (true, true)] {
        let mut stand = stand(&ShellCommand::sh(TWO_THAT_STAY), as_child, false);
        let processes = numbers(&mut stand);
        if panics {
            assert!(stand.system.handle().inject("listener", Injection::Panic));
        } else {
            stand.listener.stop();
        }
        stand.until_gone(&processes);
    }
}

#[test]
fn what_it_leaves_behind_ends_with_its_exit() {
    let line = "(sleep 1000 | (sleep 0.5; echo late; cat)) & echo $! $$";
    let mut stand = stand(&ShellCommand::sh(line), false, false);
    let heard = stand.until_exit();
    let [Heard::Out(line), Heard::Exit(Some(0), false)] = &heard[..] else {
        panic!("{heard:?}");
    };
    let processes: Vec<_> = line.split(' ').map(str::to_owned).collect();
    stand.until_gone(&processes);
}

#[test]
fn a_slow_listener_slows_the_program_and_loses_no_line() {
    for as_child in [false, true] {
        let mut stand = stand(&ShellCommand::new("seq").args(["20000"]), as_child, true);
        let first = stand.until(|heard| !heard.is_empty());
        assert_eq!(first, [out("1")]);
        stand.system.run_until(stand.system.now() + ms(100));
        assert_eq!(stand.log.len(), 0);
        stand.gate.open();
        let mut heard = stand.until_exit();
        assert_eq!(heard.pop(), Some(Heard::Exit(Some(0), false)));
        let wanted = (2..=20_000).map(|number| out(&number.to_string()));
        assert!(heard.into_iter().eq(wanted), "every line, in its order");
    }
}

#[test]
fn what_cannot_be_started_is_named_and_fails_who_wanted_it() {
    let command = ShellCommand::new("no-such-program");
    let mut stand = stand(&command, true, false);
    let Reason::Failed(why) = stand.until_ended() else {
        panic!("it was not started");
    };
    let text = "cannot start `no-such-program`; is it installed, and in PATH?: ";
    assert!(why.starts_with(text), "{why}");
}

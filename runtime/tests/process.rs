//! A node in a process of its own is to its graph what it is in any other place, and its process never outlives either.
//!
//! The test program is the program that is started once more: with arguments that have it run one test, which builds
//! the graph that is asked for.
#![cfg(unix)]

mod common;

use common::{Doer, Log, job, made, ms, simulated};
use rustix::process::{Pid, getpgid, test_kill_process};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Address, AsMember, Context, Emits, EndActor, Ended, Failure, Graph, Handler, Injection,
    Leased, Node, NodeState, NodeStatus, OwnProcess, Progress, Reason, Report, Silence, Strategy,
    System, Thread,
};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use tracing::Level;

/// Longer than any machine needs for anything here.
const LONG: Duration = Duration::from_secs(15);

/// What the worker is asked to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Task {
    Double(u64),
    Fail,
    Panic,
    Abort,
    Exit(i32),
    End,
    /// Hold the thread for ever.
    Block,
    /// Wait for ever.
    Wait,
    Log(String),
    /// Publish an image every millisecond.
    Film,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Speed(u32);

/// What the worker has to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Word {
    Hello { process: u32 },
    Doubled(u64),
    Speed(u32, u64),
    Silent,
    Bye(String),
}

/// A large event, and its number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Image(usize, String);

/// How large an image is: far more than a socket or a pipe holds.
const IMAGE: usize = 1_000_000;

/// Lives in a process of its own.
#[derive(Clone)]
struct Worker {
    images: usize,
}

#[derive(Clone)]
struct Shoot;

impl Emits<Word> for Worker {}
impl Emits<Image> for Worker {}

impl Actor for Worker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Word::Hello {
            process: std::process::id(),
        });
        Ok(())
    }

    async fn stopped(&mut self, why: &Reason, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Word::Bye(why.to_string()));
        note(&why.to_string())?;
        Ok(())
    }
}

/// Leaves a word for a test that has no other way to hear it.
fn note(word: &str) -> std::io::Result<()> {
    std::env::var("LAST_WORD").map_or(Ok(()), |path| std::fs::write(path, word))
}

impl Handler<Shoot> for Worker {
    type Reply = ();
    async fn handle(&mut self, _: Shoot, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Image(self.images, "x".repeat(IMAGE)));
        self.images += 1;
        Ok(())
    }
}

impl Handler<Task> for Worker {
    type Reply = ();
    async fn handle(&mut self, task: Task, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match task {
            Task::Double(number) => ctx.publish(Word::Doubled(2 * number)),
            Task::Fail => return Err(Failure::new("it will not do")),
            Task::Panic => panic!("it lost its head"),
            Task::Abort => std::process::abort(),
            Task::Exit(code) => std::process::exit(code),
            Task::End => return Err(EndActor.into()),
            Task::Block => {
                note("blocks")?;
                loop {
                    std::thread::park();
                }
            }
            Task::Log(line) => {
                writeln!(std::io::stderr(), "{line}")?;
                ctx.publish(Word::Doubled(0));
            }
            Task::Wait => std::future::pending().await,
            Task::Film => drop(ctx.every(ms(1), Shoot)),
        }
        Ok(())
    }
}

impl Handler<Leased<Speed>> for Worker {
    type Reply = ();
    async fn handle(
        &mut self,
        speed: Leased<Speed>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        let rest = speed.valid_until().since(ctx.now()).as_millis();
        ctx.publish(Word::Speed(speed.value().0, rest as u64));
        Ok(())
    }
}

impl Handler<Silence<Speed>> for Worker {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Speed>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(Word::Silent);
        Ok(())
    }
}

impl Handler<Speed> for Worker {
    type Reply = ();
    async fn handle(&mut self, _: Speed, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// Asks for one task after the other, each once the word for the one before has come, and notes all words. Ends when
/// it has heard `words` of them.
struct Boss {
    tasks: Vec<Task>,
    words: usize,
    log: Log<Word>,
    images: Log<(usize, usize)>,
}

impl Boss {
    /// Publishes the next task, and the one after it if the worker will not be done with it.
    fn next_task(&mut self, ctx: &mut Context<Self>) {
        while !self.tasks.is_empty() {
            let task = self.tasks.remove(0);
            let waits = task == Task::Wait;
            ctx.publish(task);
            if !waits {
                break;
            }
        }
    }
}

impl Emits<Task> for Boss {}
impl Emits<Speed> for Boss {}
impl Actor for Boss {}

impl Handler<Word> for Boss {
    type Reply = ();
    async fn handle(&mut self, word: Word, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if word == Word::Silent {
            ctx.publish(Speed(5));
        }
        let asks = matches!(word, Word::Hello { .. } | Word::Doubled(_));
        self.log.add(word);
        if self.log.len() == self.words {
            ctx.stop();
        } else if asks {
            self.next_task(ctx);
        }
        Ok(())
    }
}

impl Handler<Image> for Boss {
    type Reply = ();
    async fn handle(&mut self, image: Image, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.images.add((image.0, image.1.len()));
        if self.images.len() == self.words {
            ctx.stop();
        }
        Ok(())
    }
}

/// A boss that is gone ends the system: all that a test waits for has happened.
struct Wanted {
    graph: Graph,
    worker: Node<Worker>,
    ender: Node<Ender>,
    log: Log<Word>,
    images: Log<(usize, usize)>,
}

/// The graph of all tests.
fn wanted(tasks: Vec<Task>, words: usize) -> Wanted {
    named("process", tasks, words)
}

/// The graph of this name, also in the worker's process.
fn named(name: &str, tasks: Vec<Task>, words: usize) -> Wanted {
    let silence = if name == "silence" { ms(30) } else { LONG };
    let mut graph = Graph::new(name);
    let (log, images) = (Log::new(), Log::new());
    let (notes, seen) = (log.clone(), images.clone());
    let mut tasks = Some(tasks);
    let boss = graph.add(
        "boss",
        made(move || Boss {
            tasks: tasks.take().unwrap_or_default(),
            words,
            log: notes.clone(),
            images: seen.clone(),
        }),
    );
    let worker = graph.add("worker", Worker { images: 0 });
    let ender = graph.add("ender", Ender);
    graph.connect(boss.out::<Task>(), &worker).keep_oldest(8);
    graph.connect(worker.out::<Word>(), &boss).keep_oldest(64);
    graph.connect(worker.out::<Image>(), &boss).keep_oldest(64);
    graph.command(boss.out::<Speed>(), &worker).lease(ms(900));
    graph
        .connect(ender.out::<Speed>(), &worker)
        .silence_after(silence);
    // Started with these, the program runs the one test below that builds this graph.
    let own = OwnProcess::default();
    let arguments = ["--exact", "the_process_of_a_node", "--nocapture"];
    graph.own_process(&worker, own.with_arguments(arguments));
    Wanted {
        graph,
        worker,
        ender,
        log,
        images,
    }
}

/// Emits nothing.
#[derive(Clone)]
struct Ender;
impl Actor for Ender {}
impl Emits<Speed> for Ender {}

#[test]
fn the_process_of_a_node() {
    let Some((graph, node)) = OwnProcess::current() else {
        return;
    };
    assert_eq!(node, "worker");
    let system = System::real(named(&graph, Vec::new(), usize::MAX).graph, None);
    panic!("it came back from the node's process: {:?}", system.err());
}

fn pid(process: u32) -> Pid {
    Pid::from_raw(process as i32).expect("a process has a number")
}

/// Whether a process lives: one that is only not buried yet does not.
fn lives(process: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    test_kill_process(pid(process)).is_ok() && !stat.contains(") Z ")
}

/// The processes that said hello.
fn processes(words: &[Word]) -> Vec<u32> {
    let said = words.iter().filter_map(|word| match word {
        Word::Hello { process } => Some(*process),
        _ => None,
    });
    said.collect()
}

/// What became of a graph.
struct Ran {
    words: Vec<Word>,
    lines: Vec<(Level, String, String)>,
    /// When the boss had ended.
    then: Report,
    end: Report,
}

/// Runs the graph until the boss has ended, then to its end; no process may be left.
fn run(wanted: Wanted) -> Ran {
    let lines = Log::new();
    let (then, end) = tracing::subscriber::with_default(Lines(lines.clone()), || {
        let mut system = System::real(wanted.graph, None).expect("the graph is sound");
        let until = system.now() + LONG;
        let ended = |system: &System| system.report().nodes[0].state == NodeState::Ended;
        while !ended(&system) && system.now() < until {
            let next = system.now() + ms(5);
            if let Progress::Ended(_) = system.run_until(next) {
                break;
            }
        }
        (system.report(), system.shut_down())
    });
    let words = wanted.log.take();
    let left: Vec<_> = processes(&words)
        .into_iter()
        .filter(|it| lives(*it))
        .collect();
    assert_eq!(left, [0; 0], "processes that are left");
    Ran {
        words,
        lines: lines.take(),
        then,
        end,
    }
}

impl Ran {
    /// The worker at the end.
    fn worker(&self) -> &NodeStatus {
        &self.end.nodes[1]
    }

    fn failure(&self) -> &str {
        self.worker().last_failure.as_deref().unwrap_or_default()
    }
}

fn hello(process: u32) -> Word {
    Word::Hello { process }
}

#[test]
fn values_go_in_and_out_in_their_order() {
    let tasks = (1..=20).map(Task::Double).collect();
    let ran = run(wanted(tasks, 21));
    let process = processes(&ran.words);
    assert_ne!(process, [std::process::id()], "it lives elsewhere");
    let doubled = (1..=20).map(|number| Word::Doubled(2 * number));
    let wanted: Vec<_> = [hello(process[0])].into_iter().chain(doubled).collect();
    assert_eq!(ran.words, wanted);
    assert_eq!((ran.end.failures, ran.end.restarts), (0, 0));
    let edge = &ran.then.edges[0];
    assert_eq!((edge.published, edge.delivered, edge.dropped), (20, 20, 0));
}

#[test]
fn a_death_is_a_failure_and_the_next_life_has_a_new_process() {
    let tasks = vec![
        Task::Double(1),
        Task::Abort,
        Task::Exit(7),
        Task::Double(2),
        Task::Double(3),
    ];
    let ran = run(wanted(tasks, 6));
    let lives = processes(&ran.words);
    assert_eq!(lives.len(), 3);
    assert!(lives[0] != lives[1] && lives[1] != lives[2]);
    let words = [
        hello(lives[0]),
        Word::Doubled(2),
        hello(lives[1]),
        hello(lives[2]),
        Word::Doubled(4),
        Word::Doubled(6),
    ];
    assert_eq!(ran.words, words);
    assert_eq!((ran.worker().failures, ran.worker().restarts), (2, 2));
    let wanted = "failed: its process ended: exit status: 7";
    assert_eq!(ran.failure(), wanted);
    let told = |text: &str| ran.lines.iter().any(|line| line.2.contains(text));
    assert!(told("its process ended: signal: 6"), "{:?}", ran.lines);
}

#[test]
fn a_failure_and_a_panic_keep_their_words() {
    let ran = run(wanted(vec![Task::Fail, Task::Double(1)], 3));
    assert_eq!(
        ran.failure(),
        "failed: in its process: failed: it will not do"
    );
    assert_eq!(ran.worker().failures, 1);

    let ran = run(wanted(vec![Task::Panic, Task::Double(1)], 3));
    assert_eq!(
        ran.failure(),
        "failed: in its process: panicked: it lost its head"
    );
    let panic = (
        Level::WARN,
        "worker".to_owned(),
        "it lost its head".to_owned(),
    );
    assert!(ran.lines.contains(&panic), "{:?}", ran.lines);
}

#[test]
fn a_wish_to_end_ends_the_node_without_a_failure() {
    let ran = run(wanted(vec![Task::Double(1), Task::End], 3));
    assert_eq!(
        ran.words[1..],
        [Word::Doubled(2), Word::Bye("finished".into())]
    );
    assert_eq!((ran.end.failures, ran.worker().restarts), (0, 0));
}

#[test]
fn silence_and_commands_cross_with_their_times() {
    let ran = run(named("silence", Vec::new(), 3));
    assert_eq!(ran.words[1], Word::Silent);
    let Word::Speed(5, rest) = ran.words[2] else {
        panic!("{:?}", ran.words)
    };
    assert!((1..=900).contains(&rest), "{rest} ms of the lease are left");
}

#[test]
fn it_is_stopped_in_its_order_and_its_last_word_arrives() {
    let wanted = wanted(Vec::new(), usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 1);
    let process = processes(&log.copy())[0];
    assert_eq!(
        getpgid(Some(pid(process))),
        Ok(pid(process)),
        "no Ctrl-C reaches it"
    );
    let end = system.shut_down();
    let words = log.take();
    assert_eq!(words[1..], [Word::Bye("stopped".into())]);
    assert_eq!((end.failures, end.nodes[1].state), (0, NodeState::Ended));
    assert!(!lives(process));
}

#[test]
fn a_fault_in_its_graph_ends_its_process_in_order_before_the_next() {
    let wanted = wanted(Vec::new(), usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 1);
    let fault = Injection::Fail("a test wants it".into());
    assert!(system.handle().inject("worker", fault));
    run_while(&mut system, || log.len() < 3);
    let words = log.take();
    let process = processes(&words);
    assert_eq!(words[1], Word::Bye("stopped".into()));
    assert!(process.len() == 2 && !lives(process[0]) && lives(process[1]));
    let worker = &system.shut_down().nodes[1];
    assert_eq!((worker.failures, worker.restarts), (1, 1));
}

#[test]
fn one_that_hangs_is_killed_when_it_does_not_stop_in_time() {
    let wanted = wanted(vec![Task::Double(1), Task::Block], usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 2);
    let process = processes(&log.take())[0];
    let before = system.now();
    let end = system.shut_down();
    assert!(system.now().since(before) < LONG);
    let failure = end.nodes[1].last_failure.as_deref().unwrap_or_default();
    assert!(
        failure.contains("did not end within 1800 ms and was killed"),
        "{failure}"
    );
    assert!(!lives(process));
}

/// Notes an end.
struct Mourner {
    whom: Address<Worker>,
    log: Log<(String, Reason)>,
}

impl Actor for Mourner {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.watch(&self.whom);
        Ok(())
    }
}

impl Handler<Ended> for Mourner {
    type Reply = ();
    async fn handle(&mut self, ended: Ended, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add((ended.name.to_string(), ended.reason));
        Ok(())
    }
}

#[test]
fn to_stop_it_to_watch_it_and_to_wait_for_its_end_is_as_with_any_other() {
    let mut wanted = wanted(Vec::new(), usize::MAX);
    let worker = wanted.worker.address();
    let (mourned, waited) = (Log::new(), Log::new());
    let (whom, log) = (worker.clone(), mourned.clone());
    let make = move || Mourner {
        whom: whom.clone(),
        log: log.clone(),
    };
    wanted.graph.add("mourner", made(make));
    let doer = wanted.graph.add("doer", Doer).address();
    let (whom, ends) = (worker.clone(), waited.clone());
    let wait = job(move || async move { ends.add(whom.ended().await) });
    doer.try_tell(wait).expect("there is room");
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || wanted.log.len() < 1);
    assert_eq!((mourned.len(), waited.len()), (0, 0));
    worker.stop();
    run_while(&mut system, || mourned.len() + waited.len() < 2);
    assert_eq!(waited.take(), [Reason::Stopped]);
    assert_eq!(mourned.take(), [("worker".to_owned(), Reason::Stopped)]);
    assert_eq!(wanted.log.take()[1..], [Word::Bye("stopped".into())]);
}

#[test]
fn it_shares_the_fate_of_its_group() {
    let mut wanted = wanted(vec![Task::Abort], usize::MAX);
    let ender = &wanted.ender;
    let together: [&dyn AsMember; 2] = [&wanted.worker, ender];
    wanted
        .graph
        .supervise_together(Strategy::OneForAll, together);
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || wanted.log.len() < 2);
    let end = system.shut_down();
    let restarts: Vec<_> = end.nodes.iter().map(|node| node.restarts).collect();
    assert_eq!(restarts, [0, 1, 1]);
    assert_eq!((end.nodes[1].failures, end.nodes[2].failures), (1, 0));
}

#[test]
fn its_place_in_the_graph_may_be_on_any_thread() {
    let mut wanted = wanted(vec![Task::Double(1), Task::Abort, Task::Double(2)], 4);
    let thread = Thread::named("bus");
    wanted.graph.place(&wanted.worker, &thread);
    let ran = run(wanted);
    assert_eq!((ran.worker().failures, ran.worker().restarts), (1, 1));
    assert_eq!(
        [&ran.words[1], &ran.words[3]],
        [&Word::Doubled(2), &Word::Doubled(4)]
    );
}

#[test]
fn a_dropped_system_leaves_no_process() {
    let wanted = wanted(Vec::new(), usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 1);
    let process = processes(&log.take())[0];
    assert!(lives(process));
    drop(system);
    assert!(!lives(process));
}

#[test]
fn in_virtual_time_it_is_one_like_all_others() {
    let wanted = wanted(vec![Task::Double(1)], usize::MAX);
    let mut system = simulated(wanted.graph);
    system.run_until(common::at_ms(10));
    let here = std::process::id();
    assert_eq!(wanted.log.take(), [hello(here), Word::Doubled(2)]);
}

#[test]
fn what_is_told_to_its_address_comes_back() {
    let wanted = wanted(Vec::new(), usize::MAX);
    let worker = wanted.worker.address();
    let system = System::real(wanted.graph, None).unwrap();
    let told = worker.try_tell(Task::Double(1));
    assert_eq!(
        told.map_err(|error| error.into_message()),
        Err(Task::Double(1))
    );
    drop(system);
}

/// Has the graph run in a process of its own, which is then killed: the worker's process is an orphan. Gives its
/// number, and where it leaves its last word.
fn orphan(task: &str) -> (u32, PathBuf) {
    let mut parent = Command::new(std::env::current_exe().expect("it runs"));
    parent.args(["--exact", "the_process_of_a_graph", "--nocapture"]);
    let last_word = std::env::temp_dir().join(format!("sinew-{}-{task}", std::process::id()));
    parent.env("TASK", task).env("LAST_WORD", &last_word);
    parent.stdout(Stdio::piped());
    let mut parent = parent.spawn().expect("it can be started");
    let lines = BufReader::new(parent.stdout.take().expect("it is piped")).lines();
    let worker = lines.map_while(Result::ok).find_map(|line| {
        let (_, worker) = line.split_once("worker is ")?;
        worker.parse().ok()
    });
    while task == "block" && last(&last_word).is_none() {
        pause(ms(5));
    }
    parent.kill().expect("it lives");
    parent.wait().expect("it is ours");
    (worker.expect("it said hello"), last_word)
}

fn last(word: &PathBuf) -> Option<String> {
    std::fs::read_to_string(word)
        .ok()
        .filter(|word| !word.is_empty())
}

/// What `orphan` starts.
#[test]
fn the_process_of_a_graph() {
    let Ok(task) = std::env::var("TASK") else {
        return;
    };
    let tasks = match task.as_str() {
        "block" => vec![Task::Double(1), Task::Block],
        _ => vec![Task::Double(1)],
    };
    let wanted = wanted(tasks, usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 2);
    println!("worker is {}", processes(&log.take())[0]);
    run_while(&mut system, || true);
    panic!("nobody killed it");
}

#[test]
fn a_process_ends_with_its_graph_whatever_kills_that_and_whatever_it_is_doing() {
    for (task, said) in [("idle", "stopped"), ("block", "blocks")] {
        let (worker, last_word) = orphan(task);
        let mut looks = 0;
        while lives(worker) {
            looks += 1;
            assert!(looks < 1_500, "the orphan lives");
            pause(ms(10));
        }
        assert_eq!(last(&last_word).as_deref(), Some(said), "{task}");
        let _ = std::fs::remove_file(&last_word);
    }
}

/// Lets real time pass.
fn pause(time: Duration) {
    let (_kept, never) = std::sync::mpsc::channel::<()>();
    assert!(never.recv_timeout(time).is_err(), "nobody sends");
}

/// Runs a system as long as this holds.
fn run_while(system: &mut System, mut holds: impl FnMut() -> bool) {
    let until = system.now() + LONG;
    while holds() {
        assert!(system.now() < until, "it takes too long");
        let next = system.now() + ms(5);
        system.run_until(next);
    }
}

#[test]
fn its_log_is_merged_under_its_name() {
    let line = "12:00:00 ERROR lens: dirty".to_owned();
    let ran = run(wanted(vec![Task::Log(line.clone())], 2));
    let logged = (Level::ERROR, "worker".to_owned(), line);
    assert!(ran.lines.contains(&logged), "{:?}", ran.lines);
}

#[test]
fn what_it_publishes_faster_than_it_is_taken_waits_and_arrives_whole() {
    let wanted = wanted(vec![Task::Film], usize::MAX);
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || wanted.images.len() == 0);
    // Nobody takes anything: it makes no further image, for none may be lost on the way.
    pause(ms(300));
    run_while(&mut system, || wanted.images.len() < 60);
    let end = system.shut_down();
    let images = wanted.images.take();
    let whole: Vec<_> = (0..images.len()).map(|number| (number, IMAGE)).collect();
    assert_eq!(images, whole);
    assert_eq!(end.edges[2].dropped, 0);
}

#[test]
fn what_comes_while_it_is_busy_waits_in_its_graph() {
    let wanted = wanted(vec![Task::Wait, Task::Double(1)], usize::MAX);
    let log = wanted.log.clone();
    let mut system = System::real(wanted.graph, None).unwrap();
    run_while(&mut system, || log.len() < 1);
    for _ in 0..20 {
        let next = system.now() + ms(5);
        system.run_until(next);
    }
    let report = system.report();
    let edge = &report.edges[0];
    assert_eq!((edge.published, edge.delivered, edge.dropped), (2, 1, 0));
    system.shut_down();
    let last_word = Word::Bye("stopped".into());
    assert_eq!(
        log.take()[1..],
        [last_word],
        "what waits is dropped by a stop"
    );
}

/// Keeps what is logged: level, node, text.
struct Lines(Log<(Level, String, String)>);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.is_event()
    }
    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }
    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}
    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let level = *event.metadata().level();
        self.0.add((level, fields.node, fields.message));
    }
    fn enter(&self, _: &tracing::span::Id) {}
    fn exit(&self, _: &tracing::span::Id) {}
}

#[derive(Default)]
struct Fields {
    node: String,
    message: String,
}

impl tracing::field::Visit for Fields {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let text = format!("{value:?}");
        match field.name() {
            "node" => self.node = text.trim_matches('"').to_owned(),
            "message" => self.message.insert_str(0, &text),
            name => self.message.push_str(&format!(" {name}={text}")),
        }
    }
}

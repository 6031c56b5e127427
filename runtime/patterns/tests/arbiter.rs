//! Of several sources of commands the highest that lives is obeyed, and nothing old is ever obeyed.

use crate::common::{
    Do, Doer, Heard, Log, Mouth, Say, Void, at_ms, ear, edge, in_ms, job, made, mouth, ms, say_at,
    simulated,
};
use sinew_patterns::{Arbiter, ArbiterNode, InCharge, Standing, Standings};
use sinew_runtime::{
    Actor, Context, Failure, Graph, GraphFinding, Handler, Injection, Leased, Node, System,
};

/// Three who command, one who is commanded, and the switch of a lock.
struct Robot {
    graph: Graph,
    person: Node<Mouth<u32>>,
    pilot: Node<Mouth<u32>>,
    docker: Node<Mouth<u32>>,
    handle: Node<Mouth<bool>>,
    arbiter: ArbiterNode<u32>,
    obeyed: Log<Heard<u32>>,
}

/// A person before a pilot before one that docks: 10, 5, 1; silent after 500, 300 and 300 ms.
fn robot() -> Robot {
    let mut graph = Graph::new("arbiter");
    let person = mouth(&mut graph, "person");
    let pilot = mouth(&mut graph, "pilot");
    let docker = mouth(&mut graph, "docker");
    let handle = mouth(&mut graph, "handle");
    let (drive, obeyed) = ear(&mut graph, "drive");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    arbiter.obey(&mut graph, &person, 10, ms(500));
    arbiter.obey(&mut graph, &pilot, 5, ms(300));
    arbiter.obey(&mut graph, &docker, 1, ms(300));
    graph.command(&arbiter, &drive);
    Robot {
        graph,
        person,
        pilot,
        docker,
        handle,
        arbiter,
        obeyed,
    }
}

/// The numbers that were obeyed, and when.
fn obeyed(log: &Log<Heard<u32>>) -> Vec<(u32, u64)> {
    let heard = log.take().into_iter();
    heard
        .map(|it| match it {
            Heard::Command(value, at, _) => (value, at),
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Who was put in charge, and when.
struct Lamp(Log<(Option<String>, u64)>);

impl Actor for Lamp {}

impl Handler<InCharge<u32>> for Lamp {
    type Reply = ();
    async fn handle(&mut self, it: InCharge<u32>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add((it.source, in_ms(ctx.now())));
        Ok(())
    }
}

fn lamp(robot: &mut Robot) -> Log<(Option<String>, u64)> {
    let log = Log::new();
    let notes = log.clone();
    let lamp = robot.graph.add("lamp", made(move || Lamp(notes.clone())));
    let out = robot.arbiter.node().out::<InCharge<u32>>();
    robot.graph.connect(out, &lamp).keep_newest(8);
    log
}

/// A standing by name, priority, (lives, locked out, in charge) and (obeyed, refused).
fn standing(source: &str, priority: u8, is: [bool; 3], counts: [u64; 2]) -> Standing {
    let [lives, locked_out, in_charge] = is;
    let [obeyed, refused] = counts;
    Standing {
        source: source.to_owned(),
        priority,
        lives,
        locked_out,
        in_charge,
        obeyed,
        refused,
    }
}

/// How the sources stand at this moment.
fn standings(system: &mut System, robot: (&ArbiterNode<u32>, &Node<Doer>)) -> Vec<Standing> {
    let log = Log::new();
    let (notes, arbiter) = (log.clone(), robot.0.node().address());
    let ask = move || async move { notes.add(arbiter.ask(Standings).await) };
    let job: Do = job(ask);
    robot.1.address().try_tell(job).expect("room");
    let now = system.now();
    system.run_until(now + std::time::Duration::from_nanos(1));
    log.take().remove(0).expect("an arbiter answers")
}

#[test]
fn the_highest_that_lives_is_obeyed_whoever_speaks_last() {
    let robot = robot();
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.docker, 1);
    say_at(&mut system, 10, &robot.pilot, 2);
    say_at(&mut system, 20, &robot.docker, 3);
    say_at(&mut system, 30, &robot.person, 4);
    say_at(&mut system, 40, &robot.pilot, 5);
    say_at(&mut system, 50, &robot.docker, 6);
    say_at(&mut system, 60, &robot.person, 7);
    system.run_until(at_ms(100));
    assert_eq!(obeyed(&robot.obeyed), [(1, 0), (2, 10), (4, 30), (7, 60)]);
}

#[test]
fn when_the_one_in_charge_falls_silent_the_next_is_obeyed_from_its_next_command_on() {
    let robot = robot();
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.person, 1);
    for at in (50..900).step_by(50) {
        say_at(&mut system, at, &robot.pilot, u32::try_from(at).unwrap());
    }
    system.run_until(at_ms(880));
    let obeyed = obeyed(&robot.obeyed);
    let of_pilot: Vec<_> = (500..900)
        .step_by(50)
        .map(|at| (at, u64::from(at)))
        .collect();
    assert_eq!(obeyed[0], (1, 0));
    assert_eq!(
        obeyed[1..],
        of_pilot,
        "at 500 ms, when the person was silent for as long"
    );
}

#[test]
fn what_was_refused_is_never_obeyed_later() {
    let robot = robot();
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.person, 1);
    say_at(&mut system, 499, &robot.pilot, 2);
    system.run_until(at_ms(3_000));
    assert_eq!(obeyed(&robot.obeyed), [(1, 0)]);
}

#[test]
fn of_equal_priorities_the_one_that_was_connected_first_counts() {
    let mut graph = Graph::new("arbiter");
    let first = mouth::<u32>(&mut graph, "first");
    let second = mouth::<u32>(&mut graph, "second");
    let (drive, log) = ear(&mut graph, "drive");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    arbiter.obey(&mut graph, &first, 7, ms(300));
    arbiter.obey(&mut graph, &second, 7, ms(300));
    graph.command(&arbiter, &drive);
    let mut system = simulated(graph);
    say_at(&mut system, 0, &second, 1);
    say_at(&mut system, 10, &first, 2);
    say_at(&mut system, 20, &second, 3);
    say_at(&mut system, 310, &second, 4);
    system.run_until(at_ms(400));
    assert_eq!(obeyed(&log), [(1, 0), (2, 10), (4, 310)]);
}

#[test]
fn a_lease_is_passed_on_and_never_lengthened() {
    let mut graph = Graph::new("arbiter");
    let person = mouth::<u32>(&mut graph, "person");
    let (drive, log) = ear(&mut graph, "drive");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    arbiter.obey(&mut graph, &person, 1, ms(500)).lease(ms(80));
    graph.command(&arbiter, &drive).lease(ms(1_000));
    let mut system = simulated(graph);
    say_at(&mut system, 100, &person, 1);
    system.run_until(at_ms(200));
    let short = Leased::new(2, at_ms(230));
    person.address().try_tell(Say(short)).unwrap();
    system.run_until(at_ms(300));
    let wanted = [Heard::Command(1, 100, 180), Heard::Command(2, 200, 230)];
    assert_eq!(log.take(), wanted);
}

#[test]
fn a_lock_refuses_what_is_below_it_until_it_is_released() {
    let mut robot = robot();
    let lock = |held: &bool| !held;
    robot.arbiter.lock(&mut robot.graph, &robot.handle, 5, lock);
    let mut system = simulated(robot.graph);
    // It is locked until its first word. What is as high as the lock is free.
    say_at(&mut system, 0, &robot.docker, 1);
    say_at(&mut system, 10, &robot.handle, true);
    say_at(&mut system, 20, &robot.docker, 2);
    say_at(&mut system, 30, &robot.handle, false);
    say_at(&mut system, 40, &robot.docker, 3);
    say_at(&mut system, 50, &robot.pilot, 4);
    say_at(&mut system, 400, &robot.handle, true);
    say_at(&mut system, 410, &robot.docker, 5);
    system.run_until(at_ms(500));
    assert_eq!(obeyed(&robot.obeyed), [(2, 20), (4, 50), (5, 410)]);
}

#[test]
fn a_command_of_the_first_moment_finds_the_lock_locked() {
    for seed in 0..50 {
        let mut robot = robot();
        let graph = &mut robot.graph;
        robot.arbiter.lock(graph, &robot.handle, 5, |held| !held);
        robot.docker.address().try_tell(Say(1)).unwrap();
        let mut system = System::simulated(robot.graph, seed, Box::new(Void)).unwrap();
        system.run_until(at_ms(10));
        assert_eq!(robot.obeyed.len(), 0, "seed {seed}");
    }
}

#[test]
fn a_lock_whose_edge_falls_silent_is_locked() {
    let mut robot = robot();
    let edge = robot
        .arbiter
        .lock(&mut robot.graph, &robot.handle, 5, |held: &bool| !held);
    edge.silence_after(ms(200));
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.handle, true);
    for at in (10..400).step_by(60) {
        say_at(&mut system, at, &robot.docker, u32::try_from(at).unwrap());
    }
    say_at(&mut system, 400, &robot.handle, true);
    say_at(&mut system, 420, &robot.docker, 420);
    system.run_until(at_ms(500));
    let wanted = [(10, 10), (70, 70), (130, 130), (190, 190), (420, 420)];
    assert_eq!(obeyed(&robot.obeyed), wanted);
}

#[test]
fn who_is_in_charge_is_told_at_each_change_and_when_the_last_one_falls_silent() {
    let mut robot = robot();
    let lock = |held: &bool| !held;
    robot.arbiter.lock(&mut robot.graph, &robot.handle, 5, lock);
    let told = lamp(&mut robot);
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.handle, true);
    say_at(&mut system, 10, &robot.docker, 1);
    say_at(&mut system, 20, &robot.person, 2);
    say_at(&mut system, 200, &robot.person, 3);
    say_at(&mut system, 650, &robot.docker, 4);
    say_at(&mut system, 750, &robot.docker, 5);
    say_at(&mut system, 800, &robot.handle, false);
    system.run_until(at_ms(1_000));
    let told = told.take();
    let told: Vec<_> = told.iter().map(|(who, at)| (who.as_deref(), *at)).collect();
    let wanted = [
        (Some("docker"), 10),
        (Some("person"), 20),
        (None, 700),
        (Some("docker"), 750),
        (None, 800),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn every_refusal_is_counted_and_can_be_asked_for() {
    let mut robot = robot();
    robot
        .arbiter
        .lock(&mut robot.graph, &robot.handle, 3, |held: &bool| !held);
    let asker = robot.graph.add("asker", Doer);
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.docker, 1);
    say_at(&mut system, 10, &robot.person, 2);
    say_at(&mut system, 20, &robot.pilot, 3);
    say_at(&mut system, 30, &robot.person, 4);
    system.run_until(at_ms(320));
    let wanted = [
        standing("person", 10, [true, false, true], [2, 0]),
        standing("pilot", 5, [false, false, false], [0, 1]),
        standing("docker", 1, [false, true, false], [0, 1]),
    ];
    assert_eq!(standings(&mut system, (&robot.arbiter, &asker)), wanted);
    let report = system.report();
    let ends_at_arbiter = report.edges.iter().filter(|edge| edge.to == "arbiter");
    let delivered: u64 = ends_at_arbiter.map(|edge| edge.delivered).sum();
    assert_eq!(delivered, 4 + 1, "four bids and the lock's first word");
}

#[test]
fn after_a_restart_nothing_that_was_issued_before_is_obeyed() {
    let robot = robot();
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.person, 1);
    system.run_until(at_ms(10));
    assert!(system.handle().inject("arbiter", Injection::Panic));
    // This waits on the edge while the arbiter is down, for about 100 ms.
    say_at(&mut system, 20, &robot.person, 2);
    system.run_until(at_ms(180));
    assert_eq!(obeyed(&robot.obeyed), [(1, 0)]);
    say_at(&mut system, 180, &robot.person, 3);
    system.run_until(at_ms(200));
    assert_eq!(obeyed(&robot.obeyed), [(3, 180)]);
}

#[test]
fn after_a_restart_whoever_is_higher_may_live_until_its_time_out_has_passed() {
    let robot = robot();
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.person, 1);
    system.run_until(at_ms(10));
    assert!(system.handle().inject("arbiter", Injection::Panic));
    for at in (200..1_000).step_by(50) {
        say_at(&mut system, at, &robot.pilot, u32::try_from(at).unwrap());
    }
    let obeyed = obeyed(&robot.obeyed);
    assert_eq!(obeyed[0], (1, 0));
    let (_, first) = obeyed[1];
    assert!(
        (600..=700).contains(&first),
        "500 ms after its second start: {first}"
    );
}

#[test]
fn after_a_restart_a_lock_says_its_state_again() {
    let mut robot = robot();
    robot
        .arbiter
        .lock(&mut robot.graph, &robot.handle, 5, |held: &bool| !held);
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.handle, true);
    system.run_until(at_ms(10));
    assert!(system.handle().inject("arbiter", Injection::Panic));
    say_at(&mut system, 1_000, &robot.docker, 1);
    system.run_until(at_ms(1_010));
    assert_eq!(obeyed(&robot.obeyed), [(1, 1_000)]);
    // A lock that was built anew knows nothing, and is locked until it is told.
    assert!(
        system
            .handle()
            .inject("arbiter.handle.lock", Injection::Panic)
    );
    say_at(&mut system, 1_500, &robot.docker, 2);
    say_at(&mut system, 1_600, &robot.handle, true);
    say_at(&mut system, 1_700, &robot.docker, 3);
    system.run_until(at_ms(1_710));
    assert_eq!(obeyed(&robot.obeyed), [(3, 1_700)]);
}

#[test]
fn a_time_out_of_zero_holds_nobody_off() {
    let mut graph = Graph::new("arbiter");
    let high = mouth::<u32>(&mut graph, "high");
    let low = mouth::<u32>(&mut graph, "low");
    let (drive, log) = ear(&mut graph, "drive");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    arbiter.obey(&mut graph, &high, 2, ms(0));
    arbiter.obey(&mut graph, &low, 1, ms(300));
    graph.command(&arbiter, &drive);
    let mut system = simulated(graph);
    say_at(&mut system, 0, &high, 1);
    say_at(&mut system, 1, &low, 2);
    say_at(&mut system, 2, &high, 3);
    system.run_until(at_ms(400));
    assert_eq!(obeyed(&log), [(1, 0), (2, 1), (3, 2)]);
}

#[test]
fn an_arbiter_that_obeys_nobody_is_a_finding() {
    let mut graph = Graph::new("arbiter");
    let (drive, _) = ear::<u32>(&mut graph, "drive");
    let arbiter = Arbiter::add_to(&mut graph, "arbiter");
    graph.command(&arbiter, &drive);
    let wanted = GraphFinding::NobodyEmits {
        node: "arbiter".to_owned(),
        message: "Bid",
    };
    assert_eq!(graph.findings(), [wanted]);
    let robot = robot();
    assert_eq!(robot.graph.findings(), []);
    let mut system = simulated(robot.graph);
    say_at(&mut system, 0, &robot.pilot, 1);
    system.run_until(at_ms(1));
    assert_eq!(
        edge(&system.report(), 6),
        [1, 1, 0, 0],
        "one command edge leads on"
    );
}

//! Of commands the newest counts, for as long as its lease lasts, and a restart begins without any.

use crate::common::{Log, at_ms, edge, made, ms, simulated};
use serde::{Deserialize, Serialize};
use sinew_runtime::{
    Actor, Context, Emits, Failure, Graph, Handler, Injection, Leased, Node, Time,
};

/// A speed that is wanted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Speed(i32);

/// An event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Bump(i32);

/// Commands what it is told to, plain or with the end of its lease.
#[derive(Clone)]
struct Pilot;

impl Actor for Pilot {}
impl Emits<Speed> for Pilot {}
impl Emits<Bump> for Pilot {}

impl Handler<Vec<i32>> for Pilot {
    type Reply = ();
    async fn handle(&mut self, them: Vec<i32>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        them.into_iter().for_each(|it| ctx.publish(Speed(it)));
        Ok(())
    }
}

impl Handler<Leased<Speed>> for Pilot {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Speed>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(it);
        Ok(())
    }
}

impl Handler<Bump> for Pilot {
    type Reply = ();
    async fn handle(&mut self, it: Bump, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(it);
        Ok(())
    }
}

/// What a drive did, and when.
#[derive(Clone, Debug, PartialEq)]
enum Did {
    Drove(i32, Time),
    Bumped(i32),
    Waited,
    Built,
}

/// Notes what it gets, and passes commands on.
struct Drive(Log<Did>);

/// Takes so long.
struct Wait(u64);

impl Actor for Drive {}
impl Emits<Speed> for Drive {}

impl Handler<Leased<Speed>> for Drive {
    type Reply = ();
    async fn handle(&mut self, it: Leased<Speed>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Did::Drove(it.value().0, it.valid_until()));
        ctx.publish(it.map(|Speed(speed)| Speed(speed / 2)));
        Ok(())
    }
}

impl Handler<Bump> for Drive {
    type Reply = ();
    async fn handle(&mut self, it: Bump, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Did::Bumped(it.0));
        Ok(())
    }
}

impl Handler<Wait> for Drive {
    type Reply = ();
    async fn handle(&mut self, it: Wait, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Did::Waited);
        tokio::time::sleep(ms(it.0)).await;
        Ok(())
    }
}

fn drive(graph: &mut Graph, name: &str) -> (Node<Drive>, Log<Did>) {
    let log = Log::new();
    let notes = log.clone();
    let make = move || {
        notes.add(Did::Built);
        Drive(notes.clone())
    };
    (graph.add(name, made(make)), log)
}

#[test]
fn the_newest_command_counts() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let (drive, log) = drive(&mut graph, "drive");
    graph.command(&pilot, &drive);
    pilot.address().try_tell(vec![1, 2, 3]).unwrap();
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    let wanted = [Did::Built, Did::Drove(3, at_ms(250))];
    let mut found = log.take();
    found.sort_by_key(|it| *it != Did::Built);
    assert_eq!(found, wanted, "and stands for 250 ms if nothing is said");
    assert_eq!(edge(&system.report(), 0), [3, 1, 2, 0]);
}

#[test]
fn a_command_whose_lease_has_ended_is_dropped_and_counted() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let (drive, log) = drive(&mut graph, "drive");
    graph.command(&pilot, &drive).lease(ms(100));
    let mut system = simulated(graph);
    system.run_until(at_ms(1));
    // The command comes 1 ms into a wait of 101 ms: at its end the lease has just run out.
    for (wait, obeyed) in [(101, false), (100, true)] {
        log.take();
        drive.address().try_tell(Wait(wait)).unwrap();
        let now = system.now();
        system.run_until(now + ms(1));
        pilot.address().try_tell(vec![wait as i32]).unwrap();
        system.run_until(now + ms(300));
        let drove = Did::Drove(wait as i32, now + ms(101));
        let wanted = [vec![Did::Waited], vec![drove]];
        assert_eq!(log.take(), wanted[..1 + usize::from(obeyed)].concat());
    }
    assert_eq!(edge(&system.report(), 0), [2, 1, 0, 1]);
}

#[test]
fn a_lease_is_never_extended_along_a_second_edge() {
    for (second, wanted) in [(1_000, 100), (40, 40)] {
        let mut graph = Graph::new("commands");
        let pilot = graph.add("pilot", Pilot);
        let (reflex, _) = drive(&mut graph, "reflex");
        let (wheels, log) = drive(&mut graph, "wheels");
        graph.command(&pilot, &reflex).lease(ms(100));
        graph.command(&reflex, &wheels).lease(ms(second));
        pilot.address().try_tell(vec![8]).unwrap();
        simulated(graph).run_until(at_ms(300));
        assert!(log.take().contains(&Did::Drove(4, at_ms(wanted))));
    }
}

#[test]
fn a_source_may_shorten_a_lease_and_never_lengthen_it() {
    for (said, wanted) in [(30, 30), (900, 250)] {
        let mut graph = Graph::new("commands");
        let pilot = graph.add("pilot", Pilot);
        let (wheels, log) = drive(&mut graph, "wheels");
        graph.command(&pilot, &wheels);
        let command = Leased::new(Speed(2), at_ms(said));
        pilot.address().try_tell(command).unwrap();
        simulated(graph).run_until(at_ms(10));
        assert!(log.take().contains(&Did::Drove(2, at_ms(wanted))));
    }
}

#[test]
fn a_lease_can_be_changed_only_towards_its_end() {
    let lease = Leased::new(1, at_ms(50));
    assert_eq!(lease.shortened(at_ms(70)).valid_until(), at_ms(50));
    assert_eq!(lease.shortened(at_ms(20)).valid_until(), at_ms(20));
    assert_eq!(lease.map(|it| it + 1), Leased::new(2, at_ms(50)));
}

#[test]
fn commands_overtake_what_else_waits() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let (drive, log) = drive(&mut graph, "drive");
    graph.connect(pilot.out::<Bump>(), &drive).keep_newest(9);
    graph.command(pilot.out::<Speed>(), &drive);
    let mut system = simulated(graph);
    drive.address().try_tell(Wait(10)).unwrap();
    system.run_until(at_ms(1));
    log.take();
    pilot.address().try_tell(Bump(1)).unwrap();
    drive.address().try_tell(Bump(2)).unwrap();
    pilot.address().try_tell(vec![3]).unwrap();
    system.run_until(at_ms(20));
    let mut found = log.take();
    assert_eq!(found.remove(0), Did::Drove(3, at_ms(251)));
    assert_eq!(found.len(), 2);
}

#[test]
fn a_restart_drops_the_commands_that_wait_and_keeps_events_and_messages() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let (drive, log) = drive(&mut graph, "drive");
    graph.connect(pilot.out::<Bump>(), &drive).keep_newest(9);
    graph.command(pilot.out::<Speed>(), &drive).lease(ms(1_000));
    let mut system = simulated(graph);
    drive.address().try_tell(Wait(10)).unwrap();
    system.run_until(at_ms(1));
    log.take();
    // All of this waits when the drive panics, at 10 ms.
    pilot.address().try_tell(Bump(1)).unwrap();
    pilot.address().try_tell(vec![2]).unwrap();
    drive.address().try_tell(Wait(0)).unwrap();
    assert!(system.handle().inject("drive", Injection::Panic));
    system.run_until(at_ms(50));
    assert_eq!(log.len(), 0, "it waits to be built anew");
    // This comes before it is built anew, and is as old then.
    pilot.address().try_tell(vec![3]).unwrap();
    system.run_until(at_ms(150));
    let found = log.take();
    assert_eq!(found[0], Did::Built);
    assert!(found.contains(&Did::Bumped(1)) && found.contains(&Did::Waited));
    assert_eq!(found.len(), 3, "no command was replayed: {found:?}");
    assert_eq!(edge(&system.report(), 1), [2, 0, 2, 0]);
    assert_eq!(system.report().nodes[1].dropped_commands, 2);
    // What is commanded from now on is obeyed.
    pilot.address().try_tell(vec![4]).unwrap();
    system.run_until(at_ms(151));
    assert_eq!(log.take(), [Did::Drove(4, at_ms(1_150))]);
}

#[test]
fn an_edge_of_commands_that_is_being_described_says_from_where_to_where_it_goes() {
    let mut graph = Graph::new("commands");
    let pilot = graph.add("pilot", Pilot);
    let (drive, _) = drive(&mut graph, "drive");
    let edge = format!("{:?}", graph.command::<Speed, _, _>(&pilot, &drive));
    assert!(
        edge.contains("CommandEdge") && edge.contains("pilot") && edge.contains("drive"),
        "{edge}"
    );
}

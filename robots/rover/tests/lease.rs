//! A command stands as long as its lease, whatever becomes of its source.

use rover::{Config, body, rover};
use sinew::prelude::*;
use sinew_sim::{Fault, no_motion_after_its_lease, panic, property};

#[test]
fn the_wheels_stop_when_the_pilot_is_gone_and_turn_again_when_it_is_back() {
    // Each time it is back it dies again, until the pause before its return (0.4 s) is longer than the lease.
    let run = Simulation::of(rover, body)
        .seed(2)
        .fault(Fault::at(ms(10_000), panic("pilot")))
        .fault(Fault::at(ms(10_150), panic("pilot")))
        .fault(Fault::at(ms(10_450), panic("pilot")))
        .always(no_motion_after_its_lease())
        .run(secs(60));
    assert_eq!(run.failures(), 3);
    assert_eq!(
        run.vacuous(),
        [""; 0],
        "nothing put the property to the test"
    );
    assert!(
        run.distance() > Meters(6.0),
        "it did not drive on: {}",
        run.distance()
    );
    assert_eq!(run.collisions(), 0);
}

#[test]
fn a_pilot_that_fails_again_and_again_ends_the_run_with_its_name() {
    let mut simulation = Simulation::of(rover, body)
        .seed(2)
        .always(no_motion_after_its_lease());
    for tenth in 0..20 {
        let at = secs(5) + ms(100) * tenth;
        simulation = simulation.fault(Fault::at(at, panic("pilot")));
    }
    let run = simulation.run(secs(30));
    let ended = run
        .report()
        .ended
        .clone()
        .expect("five failures in ten seconds are borne, no more");
    assert!(ended.contains("pilot"), "{ended}");
    assert_eq!(run.collisions(), 0);
}

/// Drives for two seconds, then never returns from its handler.
#[derive(Clone, Debug)]
struct Hanging;

#[derive(Clone, Copy, Debug)]
struct Tick;

impl Actor for Hanging {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(ms(10), Tick);
        Ok(())
    }
}

impl Emits<Twist> for Hanging {}

impl Handler<Tick> for Hanging {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if ctx.now() >= Time::ZERO + secs(2) {
            std::future::pending::<()>().await;
        }
        ctx.publish(Twist::new(MetersPerSecond::ZERO, RadiansPerSecond(1.0)));
        Ok(())
    }
}

fn hanging(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("hanging");
    let pilot = graph.add("pilot", Hanging);
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);
    graph.command(&pilot, &drive);
    Ok(graph)
}

#[test]
fn a_pilot_that_hangs_turns_the_wheels_no_longer_than_its_lease() {
    let turned = property("the wheels turn until 2.25 s and never after", |moment| {
        let driven = moment.motors.iter().any(|motor| motor.duty != Duty::ZERO);
        match (driven, moment.at > Timestamp::ZERO + ms(2_255)) {
            (true, true) => Err("it is driven".to_owned()),
            (driven, _) => Ok(driven),
        }
    });
    let run = Simulation::of(hanging, body)
        .always(turned)
        .always(no_motion_after_its_lease())
        .run(secs(5));
    assert_eq!(run.vacuous(), [""; 0], "nothing put a property to the test");
    assert!(run.stopped_by("drive"));
}

//! Nothing on an edge for longer than it allows is a message.

use crate::common::{Log, at_ms, made, ms, simulated};
use sinew_runtime::{
    Actor, Address, Context, Emits, Failure, Graph, Handler, Injection, Silence, System, Time,
};
use std::time::Duration;

/// Publishes a reading when it is told to, or at a moment.
#[derive(Clone)]
struct Sensor;

/// Publishes after so long.
struct Later(Duration);

impl Actor for Sensor {}
impl Emits<u8> for Sensor {}

impl Handler<()> for Sensor {
    type Reply = ();
    async fn handle(&mut self, (): (), ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.publish(1_u8);
        Ok(())
    }
}

impl Handler<Later> for Sensor {
    type Reply = ();
    async fn handle(
        &mut self,
        Later(delay): Later,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        ctx.after(delay, ());
        Ok(())
    }
}

/// What a watcher got, and when.
#[derive(Clone, Debug, PartialEq)]
enum Got {
    Reading(Time),
    /// When it came, and since when nothing came.
    Silence(Time, Time),
    Told(Time),
}

struct Watcher(Log<Got>);

/// Takes so long.
struct Wait(Duration);

impl Actor for Watcher {}

impl Handler<u8> for Watcher {
    type Reply = ();
    async fn handle(&mut self, _: u8, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Got::Reading(ctx.now()));
        Ok(())
    }
}

impl Handler<Silence<u8>> for Watcher {
    type Reply = ();
    async fn handle(&mut self, it: Silence<u8>, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Got::Silence(ctx.now(), it.since));
        Ok(())
    }
}

impl Handler<Wait> for Watcher {
    type Reply = ();
    async fn handle(&mut self, Wait(time): Wait, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(Got::Told(ctx.now()));
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        Ok(())
    }
}

struct Stand {
    system: System,
    sensor: Address<Sensor>,
    watcher: Address<Watcher>,
    log: Log<Got>,
}

/// A sensor, and a watcher that hears of its silence after 200 ms.
fn stand() -> Stand {
    let mut graph = Graph::new("silence");
    let log = Log::new();
    let notes = log.clone();
    let sensor = graph.add("sensor", Sensor);
    let watcher = graph.add("watcher", made(move || Watcher(notes.clone())));
    graph.connect(&sensor, &watcher).silence_after(ms(200));
    Stand {
        sensor: sensor.address(),
        watcher: watcher.address(),
        system: simulated(graph),
        log,
    }
}

#[test]
fn silence_comes_exactly_when_the_last_reading_is_as_old_as_the_edge_allows() {
    let mut stand = stand();
    let delay = Duration::from_nanos(313_001);
    stand.sensor.try_tell(Later(delay)).unwrap();
    stand.system.run_until(at_ms(1_000));
    let came = Time::ZERO + delay;
    assert_eq!(
        stand.log.take(),
        [Got::Reading(came), Got::Silence(came + ms(200), came)]
    );
    assert_eq!(stand.system.report().edges[0].silences, 1);
}

#[test]
fn silence_comes_also_if_nothing_ever_came() {
    let mut stand = stand();
    stand.system.run_until(at_ms(199));
    assert_eq!(stand.log.len(), 0);
    stand.system.run_until(at_ms(200));
    assert_eq!(stand.log.take(), [Got::Silence(at_ms(200), Time::ZERO)]);
}

#[test]
fn silence_comes_once_and_again_only_after_a_new_reading_and_a_new_silence() {
    let mut stand = stand();
    stand.system.run_until(at_ms(5_000));
    assert_eq!(stand.log.take().len(), 1);
    stand.sensor.try_tell(()).unwrap();
    stand.system.run_until(at_ms(5_100));
    stand.sensor.try_tell(()).unwrap();
    stand.system.run_until(at_ms(9_000));
    let wanted = [
        Got::Reading(at_ms(5_000)),
        Got::Reading(at_ms(5_100)),
        Got::Silence(at_ms(5_300), at_ms(5_100)),
    ];
    assert_eq!(stand.log.take(), wanted);
    assert_eq!(stand.system.report().edges[0].silences, 2);
}

#[test]
fn silence_is_withdrawn_if_a_newer_reading_stands_unhandled() {
    let mut stand = stand();
    stand.watcher.try_tell(Wait(ms(300))).unwrap();
    // The silence is due at 200 ms, while the watcher is busy; a reading comes at 250 ms.
    stand.sensor.try_tell(Later(ms(250))).unwrap();
    stand.system.run_until(at_ms(400));
    let wanted = [Got::Told(Time::ZERO), Got::Reading(at_ms(300))];
    assert_eq!(stand.log.take(), wanted);
    assert_eq!(stand.system.report().edges[0].silences, 0);
    // That reading came at 250 ms, and so its own silence begins there.
    stand.system.run_until(at_ms(500));
    assert_eq!(stand.log.take(), [Got::Silence(at_ms(450), at_ms(250))]);
}

#[test]
fn silence_overtakes_all_that_waits() {
    let mut stand = stand();
    stand.watcher.try_tell(Wait(ms(210))).unwrap();
    stand.system.run_until(at_ms(100));
    for _ in 0..20 {
        stand.watcher.try_tell(Wait(Duration::ZERO)).unwrap();
    }
    stand.watcher.try_tell_urgent(Wait(Duration::ZERO)).unwrap();
    stand.system.run_until(at_ms(300));
    let found = stand.log.take();
    assert_eq!(found[0], Got::Told(Time::ZERO));
    assert_eq!(found[1], Got::Silence(at_ms(210), Time::ZERO));
    assert_eq!(found.len(), 23);
}

#[test]
fn silence_is_counted_anew_from_a_restart() {
    let mut stand = stand();
    stand.sensor.try_tell(()).unwrap();
    stand.system.run_until(at_ms(1_000));
    stand.log.take();
    let handle = stand.system.handle();
    assert!(handle.inject("watcher", Injection::Fail("a test".into())));
    stand.system.run_until(at_ms(3_000));
    let found = stand.log.take();
    let [Got::Silence(came, since)] = found[..] else {
        panic!("{found:?}")
    };
    assert!(since > at_ms(1_000) && came == since + ms(200), "{found:?}");
}

#[test]
fn silence_that_is_never_allowed_to_come_never_comes() {
    let mut graph = Graph::new("silence");
    let log = Log::new();
    let notes = log.clone();
    let sensor = graph.add("sensor", Sensor);
    let watcher = graph.add("watcher", made(move || Watcher(notes.clone())));
    graph
        .connect(&sensor, &watcher)
        .silence_after(Duration::MAX);
    let mut system = simulated(graph);
    system.run_until(at_ms(1_000_000_000));
    system.run_until(Time::NEVER);
    assert_eq!(log.len(), 0);
}

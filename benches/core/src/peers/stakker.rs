//! stakker: one thread, synchronous methods, and calls as closures in one flat queue.

use std::cell::Cell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::{Duration, Instant};

use stakker::{Actor, ActorOwn, CX, Ret, Stakker, actor, call, ret, ret_nop, ret_some_to};

use super::Peer;
use crate::actors::{Link, at_once, close_ring, next};
use crate::case::{Case, Idle, Quantity, Scenario, Size, Threads};
use crate::course::{Course, Reading, Sample, Tally};
use crate::heap;
use crate::memory::Memory;
use crate::outcome::Outcome;
use crate::payload::{Large, Payload, Small};
use crate::scenarios::{self, Urgent, ask, fan_in, fan_out, idle, life, ring, tell, urgent};

/// The peer.
pub const PEER: Peer = Peer {
    name: "stakker",
    package: "stakker",
    title: "stakker",
    note: "one thread; a producer calls a thousand times, then itself; a stop is a call",
    ahead: Some(
        "it lives on one thread, methods are synchronous, queues have no bound, and calls are inlined closures",
    ),
    measure,
};

/// Calls of a producer before others have their turn.
const BURST: u64 = 1_000;

/// Counts.
struct Counter(Tally);

impl Counter {
    fn init(_: CX![], tally: Tally) -> Option<Self> {
        Some(Counter(tally))
    }

    fn tell<M: Payload>(&mut self, _: CX![], message: M) {
        self.0.count(message.number());
    }

    fn ask<M: Payload>(&mut self, _: CX![], message: M, reply: Ret<u64>) {
        self.0.count(message.number());
        ret!([reply], message.number());
    }

    fn halt(&mut self, cx: CX![]) {
        cx.stop();
    }
}

/// Tells each counter the numbers below an end.
struct Producer<M> {
    counters: Vec<Actor<Counter>>,
    end: u64,
    of: PhantomData<M>,
}

impl<M: Payload> Producer<M> {
    fn init(_: CX![], counters: Vec<Actor<Counter>>, end: u64) -> Option<Self> {
        Some(Producer {
            counters,
            end,
            of: PhantomData,
        })
    }

    fn produce(&mut self, cx: CX![], from: u64) {
        let burst = BURST / self.counters.len() as u64;
        let end = self.end.min(from + burst);
        for number in from..end {
            for counter in &self.counters {
                call!([counter], tell(M::of(number)));
            }
        }
        if end < self.end {
            call!([cx], produce(end));
        }
    }
}

/// Asks a counter the numbers below an end.
struct Asker<M> {
    counter: Actor<Counter>,
    sum: Rc<Cell<u64>>,
    of: PhantomData<M>,
}

impl<M: Payload> Asker<M> {
    fn init(_: CX![], counter: Actor<Counter>, sum: Rc<Cell<u64>>) -> Option<Self> {
        Some(Asker {
            counter,
            sum,
            of: PhantomData,
        })
    }

    fn begin(&mut self, cx: CX![]) {
        self.sum.set(0);
        self.ask(cx, 0);
    }

    fn ask(&mut self, cx: CX![], number: u64) {
        let reply = ret_some_to!([cx], answered() as (u64));
        call!([self.counter], ask(M::of(number), reply));
    }

    fn answered(&mut self, cx: CX![], number: u64) {
        self.sum.set(self.sum.get() + number);
        if number + 1 < ask::ASKS {
            self.ask(cx, number + 1);
        }
    }
}

/// Passes on.
struct Relay {
    tally: Tally,
    link: Link<Actor<Relay>>,
}

impl Relay {
    fn init(_: CX![], tally: Tally, link: Link<Actor<Relay>>) -> Option<Self> {
        Some(Relay { tally, link })
    }

    fn pass<M: Payload>(&mut self, _: CX![], message: M) {
        let number = message.number();
        self.tally.count(number);
        if number > 0 {
            let next = next(&self.link);
            call!([next], pass(M::of(number - 1)));
        }
    }
}

/// Handles messages, and notes how many before what is urgent, or before its end.
struct Busy {
    handled: u64,
    before: Rc<Cell<Option<u64>>>,
}

impl Busy {
    fn init(_: CX![], before: Rc<Cell<Option<u64>>>) -> Option<Self> {
        Some(Busy { handled: 0, before })
    }

    fn first(&mut self, cx: CX![], urgent: Urgent) {
        match urgent {
            Urgent::Message => call!([cx], urgent()),
            Urgent::Stop => call!([cx], halt()),
        }
    }

    fn work(&mut self, _: CX![]) {
        self.handled += 1;
    }

    fn urgent(&mut self, _: CX![]) {
        self.before.set(Some(self.handled));
    }

    fn halt(&mut self, cx: CX![]) {
        self.before.set(Some(self.handled));
        cx.stop();
    }
}

fn measure(case: &Case, budget: Duration) -> Outcome {
    if case.threads == Threads::Two {
        return Outcome::Absent("it lives on one thread".to_owned());
    }
    if matches!(case.quantity, Quantity::Allocations | Quantity::Heap) {
        heap::count();
    }
    let stage = &mut Stage(Stakker::new(Instant::now()));
    let samples = match (case.scenario, case.size) {
        (Scenario::Tell, Size::Small) => stage.told::<Small>(Course::new(tell::CHUNK, budget), 1),
        (Scenario::Tell, Size::Large) => stage.told::<Large>(Course::new(tell::CHUNK, budget), 1),
        (Scenario::Ask, Size::Small) => stage.asked::<Small>(Course::new(ask::CHUNK, budget)),
        (Scenario::Ask, Size::Large) => stage.asked::<Large>(Course::new(ask::CHUNK, budget)),
        (Scenario::FanOut, _) => stage.told::<Small>(Course::new(fan_out::CHUNK, budget), 1),
        (Scenario::FanIn, _) => {
            stage.told::<Small>(Course::new(fan_in::CHUNK, budget), fan_in::PRODUCERS as u64)
        }
        (Scenario::Ring, _) => stage.rung::<Small>(Course::new(ring::CHUNK, budget)),
        (Scenario::Life, _) => stage.lived::<Small>(Course::new(life::CHUNK, budget)),
        (Scenario::Idle(done), _) => {
            let memory = scenarios::of_memory(case.quantity, stage.idle::<Small>(done));
            return Outcome::Samples(vec![memory]);
        }
        (Scenario::Urgent(urgent), _) => return Outcome::Samples(vec![stage.urged(urgent)]),
        (Scenario::Publish { .. } | Scenario::Caterpillar(_), _) => {
            return Outcome::Absent(scenarios::ONLY_OURS.to_owned());
        }
    };
    let of = |sample| scenarios::of_message(case.quantity, sample);
    Outcome::Samples(samples.into_iter().map(of).collect())
}

/// The one thread's runtime.
struct Stage(Stakker);

impl Stage {
    fn counter(&mut self, tally: Tally) -> ActorOwn<Counter> {
        actor!(self.0, Counter::init(tally), ret_nop!())
    }

    fn run(&mut self) {
        self.0.run(Instant::now(), false);
    }

    /// Some producers tell all counters of the course what each of these must hear, in equal parts.
    fn told<M: Payload>(&mut self, mut course: Course, producers: u64) -> Vec<Sample> {
        let end = course.chunk().each / producers;
        let tallies = course.tallies().into_iter();
        let counters: Vec<_> = tallies.map(|tally| self.counter(tally)).collect();
        let addresses: Vec<_> = counters
            .iter()
            .map(|counter| Actor::clone(counter))
            .collect();
        let producers: Vec<_> = (0..producers)
            .map(|_| {
                actor!(
                    self.0,
                    <Producer<M>>::init(addresses.clone(), end),
                    ret_nop!()
                )
            })
            .collect();
        while course.goes_on() {
            let began = Reading::now();
            for producer in &producers {
                call!([producer], produce(0));
            }
            self.run();
            at_once(course.arrived(began));
        }
        course.samples()
    }

    fn asked<M: Payload>(&mut self, mut course: Course) -> Vec<Sample> {
        let counter = self.counter(course.tally());
        let sum = Rc::new(Cell::new(0));
        let asker = actor!(
            self.0,
            <Asker<M>>::init(counter.clone(), Rc::clone(&sum)),
            ret_nop!()
        );
        while course.goes_on() {
            let began = Reading::now();
            call!([asker], begin());
            self.run();
            let ended = Reading::now();
            assert_eq!(sum.get(), ask::CHUNK.sum, "the sum of the answers");
            at_once(course.ended(began, ended));
        }
        course.samples()
    }

    fn rung<M: Payload>(&mut self, mut course: Course) -> Vec<Sample> {
        let tallies = course.tallies();
        let links: Vec<Link<Actor<Relay>>> = tallies.iter().map(|_| Link::default()).collect();
        let relays: Vec<_> = tallies
            .into_iter()
            .zip(&links)
            .map(|(tally, link)| actor!(self.0, Relay::init(tally, link.clone()), ret_nop!()))
            .collect();
        let addresses: Vec<_> = relays.iter().map(|relay| Actor::clone(relay)).collect();
        close_ring(&addresses, &links);
        while course.goes_on() {
            let began = Reading::now();
            call!([addresses[0]], pass(M::of(ring::CHUNK.messages() - 1)));
            self.run();
            at_once(course.arrived(began));
        }
        course.samples()
    }

    fn lived<M: Payload>(&mut self, mut course: Course) -> Vec<Sample> {
        while course.goes_on() {
            let began = Reading::now();
            for number in 0..life::CHUNK.each {
                let counter = self.counter(course.tally());
                call!([counter], tell(M::of(number)));
                call!([counter], halt());
                self.run();
            }
            course.lived(began, Reading::now());
        }
        course.samples()
    }

    fn idle<M: Payload>(&mut self, done: Idle) -> Memory {
        const MANY: usize = 20_000;
        let mut course = Course::new(idle::CHUNK, Duration::ZERO);
        let mut start = |count: usize| {
            let counters: Vec<_> = (0..count).map(|_| self.counter(course.tally())).collect();
            for counter in idle::spoken_to(&counters, done) {
                call!([counter], tell(M::of(0)));
                self.run();
                at_once(course.checked());
            }
            (Memory::now(), counters)
        };
        let (_, few) = start(idle::FEW);
        let before = Memory::now();
        let (after, many) = start(MANY);
        drop((few, many));
        after.since(before).each(MANY)
    }

    fn urged(&mut self, urgent: Urgent) -> f64 {
        let before = Rc::new(Cell::new(None));
        let busy = actor!(self.0, Busy::init(Rc::clone(&before)), ret_nop!());
        call!([busy], first(urgent));
        for _ in 0..urgent::WAITING {
            call!([busy], work());
        }
        self.run();
        before.get().expect("it came to it") as f64
    }
}

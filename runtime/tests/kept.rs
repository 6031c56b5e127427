//! What an actor chose to keep survives its incarnations, and is never half changed.

use crate::common::{Log, made, ms, simulated};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Kept, Reason};

/// Two numbers that are always equal, unless a change stopped in the middle.
#[derive(Clone, Debug, PartialEq)]
struct Pair(u64, u64);

/// Counts, and keeps its count; what it does not keep begins anew.
struct Counter {
    kept: Kept<Pair>,
    own: u64,
    log: Log<(u64, Pair)>,
}

impl Actor for Counter {
    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add((self.own, self.kept.get()));
        Ok(())
    }
}

impl Handler<&'static str> for Counter {
    type Reply = ();
    async fn handle(&mut self, how: &'static str, _: &mut Context<Self>) -> Result<(), Failure> {
        self.own += 1;
        self.kept.update(|Pair(one, two)| {
            let changed = Pair(one + 1, two);
            assert!(how != "panic", "in the middle of the change");
            Pair(changed.0, two + 1)
        });
        if how == "fail" {
            return Err(Failure::new("after the change"));
        }
        Ok(())
    }
}

#[test]
fn a_kept_value_survives_failures_and_a_change_that_panics_leaves_it_as_it_was() {
    let mut graph = Graph::new("kept");
    let (kept, log) = (Kept::new(Pair(0, 0)), Log::new());
    let (inside, notes) = (kept.clone(), log.clone());
    let counter = graph.add(
        "counter",
        made(move || Counter {
            kept: inside.clone(),
            own: 0,
            log: notes.clone(),
        }),
    );
    let counter = counter.address();
    let mut system = simulated(graph);
    for (how, wanted) in [
        ("count", Pair(1, 1)),
        ("fail", Pair(2, 2)),
        ("count", Pair(3, 3)),
        ("panic", Pair(3, 3)),
        ("count", Pair(4, 4)),
    ] {
        counter.try_tell(how).unwrap();
        let now = system.now();
        system.run_until(now + ms(500));
        assert_eq!(kept.get(), wanted, "{how}");
    }
    system.shut_down();
    assert_eq!(log.take(), [(2, Pair(2, 2)), (1, Pair(4, 4))]);
}

#[test]
fn a_value_is_set_as_a_whole_and_shared_by_its_clones() {
    let kept = Kept::new(vec![1, 2, 3]);
    let other = kept.clone();
    other.set(vec![4]);
    assert_eq!(kept.get(), [4]);
    kept.update(|mut value| {
        value.push(5);
        value
    });
    assert_eq!(other.get(), [4, 5]);
    assert_eq!(format!("{kept:?}"), "Kept([4, 5])");
}

#[test]
fn a_value_that_panics_over_its_copy_leaves_the_kept_one_usable() {
    struct Fussy(bool);
    impl Clone for Fussy {
        fn clone(&self) -> Self {
            assert!(!self.0, "it does not like to be copied");
            Self(false)
        }
    }
    let kept = Kept::new(Fussy(true));
    let other = kept.clone();
    let copied = std::thread::spawn(move || other.get()).join();
    assert!(copied.is_err());
    kept.set(Fussy(false));
    assert!(!kept.get().0);
}

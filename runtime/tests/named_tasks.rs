//! The example programs do in virtual time what they are there to show.

#[path = "../examples/named_tasks/gardener.rs"]
mod gardener;

use crate::common::{Log, at_ms, ms, simulated};
use gardener::{Forget, Watch, garden};
use std::sync::Arc;

fn watch(bed: &'static str, pause: u64, times: u64) -> Watch {
    Watch {
        bed,
        pause: ms(pause),
        times,
    }
}

#[test]
fn the_gardener_s_tasks_are_added_and_removed_by_name_and_shut_down_in_reverse_order() {
    let log = Log::new();
    let lines = log.clone();
    let (graph, gardener) = garden(Arc::new(move |line| lines.add(line)));
    let gardener = gardener.address();
    let mut system = simulated(graph);
    gardener.try_tell(watch("roses", 500, 100)).unwrap();
    gardener.try_tell(watch("beans", 400, 2)).unwrap();
    system.run_until(at_ms(1_200));
    let begun = [
        "beans is at 0.75",
        "roses is at 0.75",
        "beans is at 0.5",
        "beans was watched",
        "roses is at 0.5",
    ];
    assert_eq!(log.take(), begun);
    gardener.try_tell(watch("cress", 100, 100)).unwrap();
    gardener.try_tell(Forget("beans")).unwrap();
    system.run_until(at_ms(1_350));
    gardener.try_tell(Forget("cress")).unwrap();
    system.run_until(at_ms(2_000));
    let went_on = [
        "cress is at 0.75",
        "cress is forgotten",
        "roses is at 0.25",
        "roses gets 0.5 l",
        "roses is at 0",
    ];
    assert_eq!(log.take(), went_on);
    system.shut_down();
    let shut_down = [
        "journal: pump is off after 0.5 l",
        "journal: roses was left at 0",
        "stopped; the journal has 2 lines",
    ];
    assert_eq!(log.take(), shut_down);
}

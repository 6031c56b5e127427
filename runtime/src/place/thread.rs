//! On which thread an actor runs: said in the graph, never in the actor.

use super::Realtime;
use std::fmt;
use std::sync::Arc;

/// A thread on which nodes of a graph run, by its name: [`Graph::place`](crate::Graph::place).
///
/// A round trip within a thread takes a fraction of a microsecond, one to another thread some microseconds; so the whole
/// graph shares one thread unless it says otherwise. Give a thread of its own to what blocks: the drivers of one bus
/// belong on one thread, because they wait for each other anyway. In virtual time all threads are one.
#[derive(Clone, PartialEq, Eq)]
pub struct Thread {
    name: Arc<str>,
    realtime: Option<Realtime>,
    /// How many threads share the nodes that are placed here.
    width: usize,
}

impl Thread {
    /// The thread with this name; nodes that name the same share it.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: Arc::from(name),
            realtime: None,
            width: 1,
        }
    }

    /// So many threads, `name-0` and so on, which share the nodes that are placed on this one in the order in which they
    /// are: for heavy work, one thread for each core that may be spared. A node stays on its thread.
    #[must_use]
    pub fn pool(name: &str, threads: usize) -> Self {
        Self {
            width: threads.max(1),
            ..Self::named(name)
        }
    }

    /// Makes it a real-time thread: it runs before all that are none, its memory is locked, and its timers are good to
    /// microseconds. Where the system does not permit that, it says so once, with the remedy, and runs as it may.
    #[must_use]
    pub fn realtime(self, settings: Realtime) -> Self {
        Self {
            realtime: Some(settings),
            ..self
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is made a real-time thread, if it is.
    pub(crate) fn settings(&self) -> Option<&Realtime> {
        self.realtime.as_ref()
    }

    /// The name of the thread that the next node gets, after so many that were placed here.
    pub(crate) fn name_of(&self, nodes_before: usize) -> String {
        match self.width {
            1 => self.name.to_string(),
            width => format!("{}-{}", self.name, nodes_before % width),
        }
    }
}

impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Thread({})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_of_a_pool_take_its_threads_in_turn() {
        let pool = Thread::pool("vision", 2);
        let names: Vec<_> = (0..3).map(|before| pool.name_of(before)).collect();
        assert_eq!(names, ["vision-0", "vision-1", "vision-0"]);
        assert_eq!(Thread::named("bus").name_of(7), "bus");
        assert_eq!(Thread::pool("one", 0).name_of(1), "one");
    }
}

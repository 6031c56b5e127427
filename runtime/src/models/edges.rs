//! Edges: what a publisher leaves, its receiver gets, or it is counted as lost.

use super::{Log, Reader, Stage, hub, model, reader};
use crate::cell::{command_port, edge_port};
use crate::edge::{CommandSink, EdgeMeta, Sink, ValueSink, lane_of};
use crate::mailbox::{CommandRing, EdgeRing, Keep};
use crate::sched::ReadyQueue;
use crate::{Address, Context, Failure, Graph, Handler, Leased};
use loom::thread;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

impl Handler<Leased<u8>> for Reader {
    type Reply = ();
    async fn handle(&mut self, it: Leased<u8>, _: &mut Context<Self>) -> Result<(), Failure> {
        self.0.add(it.into_value());
        Ok(())
    }
}

/// A stage with a reader.
fn stage() -> (Stage, Address<Reader>, Log<u8>) {
    let log = Log::new();
    let mut graph = Graph::new("model");
    let address = graph.add("reader", reader(&log)).address();
    (Stage::of(graph), address, log)
}

/// The publisher's end of an edge of readings or events.
fn value_edge(to: &Address<Reader>, keep: Keep) -> ValueSink<Reader> {
    let mailbox = Arc::clone(&to.mailbox);
    let meta = Arc::new(EdgeMeta::new(0));
    let ring = Box::new(EdgeRing::<u8>::new(keep));
    let build = edge_port::<Reader, u8>;
    let port = mailbox
        .lock()
        .add_port(lane_of(false), ring, build, Arc::clone(&meta));
    ValueSink {
        mailbox,
        port,
        meta,
    }
}

/// The publisher's end of an edge of commands.
fn command_edge(to: &Address<Reader>) -> CommandSink<Reader> {
    let mailbox = Arc::clone(&to.mailbox);
    let meta = Arc::new(EdgeMeta::new(0));
    let ring = Box::new(CommandRing::<u8>::new());
    let build = command_port::<Reader, u8>;
    let port = mailbox
        .lock()
        .add_port(lane_of(true), ring, build, Arc::clone(&meta));
    CommandSink {
        mailbox,
        port,
        meta,
        lease: Duration::from_secs(1),
    }
}

/// Publishes these values from a thread of its own. Of all that it published no more than so many wait.
fn publish(
    sink: impl Sink<u8> + 'static,
    to: &Address<Reader>,
    values: &'static [u8],
    may_wait: u64,
) -> thread::JoinHandle<()> {
    let shared = Arc::clone(&to.mailbox.shared);
    thread::spawn(move || {
        let hub = hub(shared, &Arc::new(ReadyQueue::default()));
        for (published, value) in (1..).zip(values) {
            sink.offer(*value, None, &hub);
            let [delivered, dropped] = counts(sink.meta());
            let waiting = published - delivered - dropped;
            assert!(waiting <= may_wait, "{waiting} wait, {may_wait} may");
        }
    })
}

/// What became of the values of an edge: delivered and dropped.
fn counts(meta: &EdgeMeta) -> [u64; 2] {
    [&meta.delivered, &meta.dropped].map(|counter| counter.load(Ordering::Acquire))
}

/// One may wait, and one may be taken and not counted yet.
///
/// Fails if a value that displaces another is not stored; if `push_token` comes after the lock; if `ValueSink::offer`
/// does not wake.
#[test]
fn the_newest_reading_is_handled_last_and_the_others_are_handled_or_counted() {
    model(|| {
        let (mut stage, address, log) = stage();
        let sink = value_edge(&address, Keep::Newest(1));
        let meta = Arc::clone(&sink.meta);
        let publisher = publish(sink, &address, &[1, 2, 3], 2);
        stage.run_until(|| log.all().last() == Some(&3));
        publisher.join().unwrap();
        let came = log.all();
        assert!(came.is_sorted(), "{came:?}");
        let [delivered, dropped] = counts(&meta);
        assert_eq!((delivered, delivered + dropped), (came.len() as u64, 3));
    });
}

/// The receiver counts what it begins with without the lock, so the publisher may think that more is in its hands than
/// is, and never less.
///
/// Fails if `EdgeRing::offer` takes no account of what is in the receiver's hands.
#[test]
fn of_the_oldest_no_more_are_kept_than_there_is_room_for_and_none_is_lost_uncounted() {
    model(|| {
        let (mut stage, address, log) = stage();
        let sink = value_edge(&address, Keep::Oldest(1));
        let meta = Arc::clone(&sink.meta);
        let publisher = publish(sink, &address, &[1, 2, 3], 1);
        stage.run_until(|| log.len() > 0);
        publisher.join().unwrap();
        stage.run_until(|| counts(&meta).iter().sum::<u64>() == 3);
        let came = log.all();
        assert!(came.is_sorted() && came[0] == 1, "{came:?}");
    });
}

/// Fails if the command's lane is not marked as overtaking; if `drop_commands` leaves tokens behind; if it gives the
/// lock back in the middle.
#[test]
fn the_newest_command_is_handled_last_unless_a_restart_forgets_it() {
    model(|| {
        let (mut stage, address, log) = stage();
        let sink = command_edge(&address);
        let meta = Arc::clone(&sink.meta);
        let publisher = publish(sink, &address, &[1, 2], 2);
        let mailbox = Arc::clone(&address.mailbox);
        let forgotten = mailbox.drop_commands();
        stage.run_until(|| log.all().last() == Some(&2) || forgotten > 0);
        publisher.join().unwrap();
        stage.run_until(|| counts(&meta).iter().sum::<u64>() == 2);
        let came = log.all();
        assert!(came.is_sorted() && came.len() + forgotten <= 2, "{came:?}");
    });
}

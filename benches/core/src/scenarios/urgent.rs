//! What is urgent: behind a thousand messages an actor is sent an urgent one, or stopped, while it handles the first.

use tokio::sync::{mpsc, oneshot};

use crate::actors::Actors;
use crate::worker::{Deed, Worker};

/// Messages that wait.
pub const WAITING: u64 = 1_000;

/// What is done while the first message is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgent {
    /// It is sent an urgent message.
    Message,
    /// It is stopped.
    Stop,
}

/// How many of those that wait are handled before it.
pub fn measure<P: Actors>(urgent: Urgent) -> f64 {
    let (send_deed, deed) = oneshot::channel();
    let (report, mut reports) = mpsc::unbounded_channel();
    let room = WAITING as usize + 2;
    let handled = P::busy(room, Worker::new(deed, report), move |busy| async move {
        for _ in 0..=WAITING {
            P::queue(&busy).await;
        }
        let deed: Deed = Box::new(move || match urgent {
            Urgent::Message => P::urge(&busy),
            Urgent::Stop => P::stop(&busy),
        });
        assert!(send_deed.send(deed).is_ok(), "the worker waits for it");
        reports.recv().await
    });
    handled.expect("the worker reports") as f64
}

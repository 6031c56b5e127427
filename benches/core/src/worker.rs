//! A worker behind whose back something urgent is sent while it is busy with its first message.

use tokio::sync::{mpsc, oneshot};

/// Something that is done while the worker handles its first message.
pub type Deed = Box<dyn FnOnce() + Send>;

/// Handles messages, and says how many it handled before what was urgent, or before its end.
pub struct Worker {
    handled: u64,
    first: Option<oneshot::Receiver<Deed>>,
    report: mpsc::UnboundedSender<u64>,
}

impl Worker {
    /// A worker that does one deed in its first handler.
    pub fn new(first: oneshot::Receiver<Deed>, report: mpsc::UnboundedSender<u64>) -> Worker {
        Worker {
            handled: 0,
            first: Some(first),
            report,
        }
    }

    /// Handles a message. The first one waits until the deed is known, and does it.
    pub async fn work(&mut self) {
        match self.first.take() {
            None => self.handled += 1,
            Some(deed) => deed.await.expect("the script sends a deed")(),
        }
    }

    /// As [`work`](Self::work), for peers whose handlers cannot wait: the deed is known before they run.
    pub fn work_now(&mut self) {
        match self.first.take() {
            None => self.handled += 1,
            Some(mut deed) => deed.try_recv().expect("the script has sent a deed")(),
        }
    }

    /// Handles what is urgent.
    pub fn urgent(&self) {
        // After the first report nobody listens.
        let _ = self.report.send(self.handled);
    }
}

/// However it ends, it says what it had handled.
impl Drop for Worker {
    fn drop(&mut self) {
        self.urgent();
    }
}

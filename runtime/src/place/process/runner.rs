//! The node's side: a process that was started for one node runs it, and nothing else of its graph.

use super::crossing::{Answer, Served, Taken};
use super::frame::{self, FrameError, FromNode, Stamp, ToNode};
use super::line::{Line, LineError};
use super::own::OwnProcess;
use super::split::hash_of;
use crate::graph::Graph;
use crate::kin::Kin;
use crate::mailbox::Order;
use crate::{Reason, System, WiringError};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Signal, getpid, kill_process};
use std::fs::File;
use std::future::poll_fn;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// How long a process may outlive its graph: its node has two seconds for its last words.
const MOST_SECONDS_ALONE: i64 = 3;
/// How long its last words may take on their way.
const FAREWELL: Duration = Duration::from_secs(1);

/// Gives the graph back, unless this process was started for one of its nodes: then it runs that node, for as long
/// as its graph wants it, and ends.
///
/// # Errors
///
/// If this process was started for a node, but not of this graph, or its line is missing.
pub(crate) fn divert(graph: Graph) -> Result<Graph, WiringError> {
    let Some((graph_name, node)) = OwnProcess::current() else {
        return Ok(graph);
    };
    let place = graph.nodes().iter().position(|known| known.name == node);
    match place {
        Some(place) if graph.name() == graph_name => {
            let code = serve(graph, place, line_of_stdin()?)?;
            std::process::exit(code);
        }
        _ => Err(WiringError::new(format!(
            "this process was started for the node `{node}` of the graph `{graph_name}`, not for the graph `{}`; \
             build that graph first where `OwnProcess::current` names it",
            graph.name()
        ))),
    }
}

/// The line to the graph, which comes as standard input; who reads that finds it empty from here on.
fn line_of_stdin() -> io::Result<UnixStream> {
    let line = io::stdin().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdin(File::open("/dev/null")?)?;
    Ok(UnixStream::from(line))
}

/// Runs the node until it ends; gives the code with which its process ends.
fn serve(mut graph: Graph, place: usize, socket: UnixStream) -> Result<i32, WiringError> {
    outlive_graph_briefly(&socket)?;
    let outgoing = Arc::default();
    let edges = hash_of(&graph.edges());
    let mut served = Served {
        node: graph.nodes()[place].name.clone(),
        takes: Vec::new(),
        outgoing: Arc::clone(&outgoing),
    };
    for edge in &mut graph.edges {
        edge.crossing.wire_node(&edge.info, &edge.meta, &mut served);
    }
    let node = graph.nodes[place].kin();
    graph.keep_only(place);
    let mut system = System::of_node(graph)?;
    let inside = system.enter();
    let mut link = Link {
        line: Line::over(socket, outgoing)?,
        takes: served.takes,
        answer: None,
        node: Arc::clone(&node),
        alone: false,
    };
    drop(inside);
    link.say(&FromNode::Hello { edges });
    system.run_beside(|cx| link.poll(cx));
    let reason = match node.record().bonds.poll_end(&mut None, Waker::noop()) {
        Poll::Ready(reason) => reason,
        Poll::Pending => Reason::Stopped,
    };
    link.say(&last_word(&reason));
    let farewell = poll_fn(|cx| link.line.poll_flush(cx));
    // Who does not listen any more knows all the same that the process is gone.
    let farewell = async { drop(tokio::time::timeout(FAREWELL, farewell).await) };
    system.block_on(farewell);
    Ok(i32::from(reason.is_failure()))
}

fn last_word(reason: &Reason) -> FromNode {
    if reason.is_failure() {
        let why = reason.to_string();
        FromNode::Failed { why }
    } else {
        FromNode::Finished
    }
}

/// The node's end of the line: takes what the graph says, and answers.
struct Link {
    line: Line,
    takes: Vec<Taken>,
    /// The message in hand.
    answer: Option<Answer>,
    node: Arc<dyn Kin>,
    /// The graph is gone.
    alone: bool,
}

impl Link {
    fn say(&self, word: &FromNode) {
        let said = self
            .line
            .outgoing()
            .add(|buffer| frame::write_header(word, buffer));
        if let Err(error) = said {
            tracing::error!(%error, "a word to the graph was not sent");
        }
    }

    /// Does all that can be done now. Says whether the node may take turns: not while too much of what it published
    /// waits to be sent.
    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(answer) = &mut self.answer
            && let Poll::Ready(handled) = answer.as_mut().poll(cx)
        {
            self.answer = None;
            // A node that did not handle it is about to end, and says why.
            if handled {
                self.say(&FromNode::Handled);
            }
        }
        if self.alone {
            return true;
        }
        if let Err(error) = self.poll_line(cx) {
            tracing::error!(%error, "the graph is given up");
            self.leave();
        }
        self.alone || !self.line.outgoing().is_crowded()
    }

    fn poll_line(&mut self, cx: &mut Context<'_>) -> Result<(), LineError> {
        if let Poll::Ready(Err(error)) = self.line.poll_flush(cx) {
            return Err(error.into());
        }
        while let Poll::Ready(came) = self.line.poll_frame(cx) {
            if !came? {
                self.leave();
                break;
            }
            self.obey(cx)?;
        }
        Ok(())
    }

    /// The graph is gone, or cannot be understood: the node ends in order.
    fn leave(&mut self) {
        self.alone = true;
        self.node.post(Order::Stop);
    }

    fn obey(&mut self, cx: &mut Context<'_>) -> Result<(), FrameError> {
        let (word, bytes) = frame::read(self.line.frame())?;
        match word {
            ToNode::Stop => self.node.post(Order::Stop),
            ToNode::Arrived { .. } if self.answer.is_some() => return Err(FrameError::Early),
            ToNode::Arrived { edge, stamp } => {
                let silence = matches!(stamp, Stamp::Silence(_));
                let mut takes = self.takes.iter();
                let taken = takes.find(|taken| taken.edge == edge && taken.silence == silence);
                let taken = taken.ok_or(FrameError::NoEdge(edge))?;
                self.answer = Some((taken.hand)(stamp, bytes)?);
                // Its first poll, which puts the message into the node's mailbox, is due.
                cx.waker().wake_by_ref();
            }
        }
        self.line.consume();
        Ok(())
    }
}

/// Kills this process a while after its graph has gone, whatever its node is doing then: a thread of its own waits
/// for the other end of the line. (The kernel would kill it at once, if asked to, also amid the node's last words, and
/// also when only the thread has ended that started it.)
fn outlive_graph_briefly(line: &UnixStream) -> io::Result<()> {
    let line = line.try_clone()?;
    let wait = move || {
        while !has_hung_up(&line) {}
        let grace = Timespec {
            tv_sec: MOST_SECONDS_ALONE,
            tv_nsec: 0,
        };
        let _ = poll(&mut [], Some(&grace));
        let _ = kill_process(getpid(), Signal::KILL);
    };
    let thread = thread::Builder::new().name("sinew-orphan".into());
    thread.spawn(wait).map(drop)
}

/// Waits until something happens to the line; whether it was the end of its other side.
fn has_hung_up(line: &UnixStream) -> bool {
    let mut ends = [PollFd::new(line, PollFlags::empty())];
    let waited = poll(&mut ends, None);
    waited.is_ok()
        && ends[0]
            .revents()
            .intersects(PollFlags::HUP | PollFlags::ERR)
}

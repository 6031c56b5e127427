//! The line between a node's process and its graph: frames over a socket, in both directions, bounded in both.

use super::frame::{self, FrameError};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use tokio::net::UnixStream;

/// How much is read at once, so that a length alone reserves no memory.
const CHUNK: usize = 64 * 1024;
/// Above this much that waits to be sent, who sends shall pause.
const PAUSE_ABOVE: usize = 1024 * 1024;
/// Above this much that waits to be sent, what is published is lost: what one turn may publish.
const LOSE_ABOVE: usize = 2 * frame::MOST_BYTES;

/// What ends a line.
#[derive(Debug, thiserror::Error)]
pub(super) enum LineError {
    #[error("the line between its process and this one failed")]
    Socket(#[from] io::Error),
    #[error("the line between its process and this one ended amid a frame")]
    Cut,
    #[error("what came from its process makes no sense")]
    Frame(#[from] FrameError),
}

/// One end of the line.
pub(super) struct Line {
    socket: UnixStream,
    /// What was read and not yet consumed; the first frame begins at `start`.
    incoming: Vec<u8>,
    start: usize,
    chunk: Box<[u8]>,
    outgoing: Arc<Outgoing>,
}

impl Line {
    /// A line over this socket that sends what is added there. Made inside of the runtime that waits for it.
    pub(super) fn over(
        socket: std::os::unix::net::UnixStream,
        outgoing: Arc<Outgoing>,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self {
            socket: UnixStream::from_std(socket)?,
            incoming: Vec::new(),
            start: 0,
            chunk: vec![0; CHUNK].into(),
            outgoing,
        })
    }

    /// Where frames wait to be sent.
    pub(super) fn outgoing(&self) -> &Arc<Outgoing> {
        &self.outgoing
    }

    /// Sends what waits as far as there is room; ready when nothing waits any more. A frame that is added later wakes.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut waiting = self.outgoing.lock();
            if waiting.rest().is_empty() {
                waiting.waker = Some(cx.waker().clone());
                return Poll::Ready(Ok(()));
            }
            match self.socket.try_write(waiting.rest()) {
                Ok(sent) => waiting.sent(sent),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    drop(waiting);
                    ready!(self.socket.poll_write_ready(cx))?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    /// Ready when a whole frame stands at [`frame`](Self::frame), or with `false` when the other end is gone.
    pub(super) fn poll_frame(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, LineError>> {
        loop {
            if frame::end_of_first(self.unread())?.is_ok() {
                return Poll::Ready(Ok(true));
            }
            match self.socket.try_read(&mut self.chunk) {
                Ok(0) if self.unread().is_empty() => return Poll::Ready(Ok(false)),
                Ok(0) => return Poll::Ready(Err(LineError::Cut)),
                Ok(read) => {
                    self.incoming.drain(..self.start);
                    self.start = 0;
                    self.incoming.extend_from_slice(&self.chunk[..read]);
                }
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => ready!(self.socket.poll_read_ready(cx))?,
                    io::ErrorKind::Interrupted => {}
                    // Who is gone and left our frames unread is gone all the same.
                    io::ErrorKind::ConnectionReset => return Poll::Ready(Ok(false)),
                    _ => return Poll::Ready(Err(error.into())),
                },
            }
        }
    }

    /// The frame that stands first; empty if none does.
    pub(super) fn frame(&self) -> &[u8] {
        match frame::end_of_first(self.unread()) {
            Ok(Ok(end)) => &self.unread()[..end],
            _ => &[],
        }
    }

    /// Has the next frame stand first.
    pub(super) fn consume(&mut self) {
        self.start += self.frame().len();
    }

    fn unread(&self) -> &[u8] {
        &self.incoming[self.start..]
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

/// Frames that wait to be sent; added from anywhere, sent by whoever polls the line.
#[derive(Default)]
pub(super) struct Outgoing(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Where what was not sent begins.
    start: usize,
    /// How many values were lost since the last one that was not.
    lost: u32,
    waker: Option<Waker>,
}

impl Waiting {
    fn rest(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    fn sent(&mut self, bytes: usize) {
        self.start += bytes;
        if self.rest().is_empty() {
            self.bytes.clear();
            self.start = 0;
        }
    }
}

impl Outgoing {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a frame, and has the line sent.
    pub(super) fn add(
        &self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), FrameError>,
    ) -> Result<(), FrameError> {
        let mut waiting = self.lock();
        let written = write(&mut waiting.bytes);
        let waker = waiting.waker.take();
        drop(waiting);
        if let Some(waker) = waker {
            waker.wake();
        }
        written
    }

    /// Adds a frame that may be lost if too much waits before it; it is told how many were lost before. `false`: it
    /// was lost.
    pub(super) fn add_or_lose(
        &self,
        write: impl FnOnce(u32, &mut Vec<u8>) -> Result<(), FrameError>,
    ) -> Result<bool, FrameError> {
        let mut waiting = self.lock();
        if waiting.rest().len() > LOSE_ABOVE {
            waiting.lost = waiting.lost.saturating_add(1);
            return Ok(false);
        }
        let lost = waiting.lost;
        drop(waiting);
        self.add(|buffer| write(lost, buffer))?;
        self.lock().lost = 0;
        Ok(true)
    }

    /// Whether so much waits that who sends shall pause.
    pub(super) fn is_crowded(&self) -> bool {
        self.lock().rest().len() > PAUSE_ABOVE
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} bytes)", self.lock().rest().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::process::frame::{FromNode, read, write};
    use std::future::poll_fn;
    use std::io::Write;
    use std::os::unix::net::UnixStream as Socket;

    fn block_on<T>(test: impl Future<Output = T>) -> T {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap().block_on(test)
    }

    fn ends() -> (Line, Line) {
        let (here, there) = Socket::pair().unwrap();
        (
            Line::over(here, Arc::default()).unwrap(),
            Line::over(there, Arc::default()).unwrap(),
        )
    }

    fn published(edge: u32, lost: u32) -> FromNode {
        FromNode::published(edge, None, lost)
    }

    async fn next(line: &mut Line) -> Result<bool, LineError> {
        poll_fn(|cx| line.poll_frame(cx)).await
    }

    #[test]
    fn frames_larger_than_the_sockets_buffer_arrive_whole_and_in_order() {
        block_on(async {
            let (mut here, mut there) = ends();
            let load = "7".repeat(3_000_000);
            for edge in 0..3 {
                let write = |buffer: &mut Vec<u8>| write(&published(edge, 0), &load, buffer);
                here.outgoing().add(write).unwrap();
            }
            assert!(here.outgoing().is_crowded());
            for edge in 0..3 {
                let came = poll_fn(|cx| {
                    let _ = here.poll_flush(cx)?;
                    there.poll_frame(cx)
                });
                assert!(came.await.unwrap());
                let (header, bytes) = read::<FromNode>(there.frame()).unwrap();
                assert_eq!(header, published(edge, 0));
                assert!(frame::message::<String>(bytes).unwrap() == load);
                there.consume();
            }
            assert!(!here.outgoing().is_crowded());
            assert_eq!(there.frame(), [0; 0]);
        });
    }

    #[test]
    fn the_end_of_the_other_side_is_told_from_damage() {
        block_on(async {
            let (here, mut there) = ends();
            drop(here);
            assert!(!next(&mut there).await.unwrap());

            let (mut here, there) = Socket::pair().unwrap();
            let mut there = Line::over(there, Arc::default()).unwrap();
            here.write_all(&[5, 0, 0, 0, 1]).unwrap();
            drop(here);
            assert!(matches!(next(&mut there).await, Err(LineError::Cut)));

            let (mut here, there) = Socket::pair().unwrap();
            let mut there = Line::over(there, Arc::default()).unwrap();
            here.write_all(&[255, 255, 255, 255, 1]).unwrap();
            assert!(matches!(next(&mut there).await, Err(LineError::Frame(_))));
        });
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_lost_is_counted() {
        let outgoing = Outgoing::default();
        let publish = |counted: &mut Vec<u32>| {
            let added = outgoing.add_or_lose(|lost, buffer| {
                counted.push(lost);
                buffer.resize(buffer.len() + LOSE_ABOVE / 4, 0);
                Ok(())
            });
            added.unwrap()
        };
        let mut counted = Vec::new();
        assert!((0..5).all(|_| publish(&mut counted)));
        assert!((0..3).all(|_| !publish(&mut counted)));
        let all = outgoing.lock().rest().len();
        assert!(all <= LOSE_ABOVE + frame::MOST_BYTES, "{all}");
        outgoing.lock().sent(all);
        assert!(publish(&mut counted) && publish(&mut counted));
        assert_eq!(counted, [0, 0, 0, 0, 0, 3, 0]);
    }
}

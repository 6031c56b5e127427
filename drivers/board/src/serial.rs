//! A serial port: bytes in both directions.

use crate::backend::{self, SerialLine};
use crate::claim::Claim;
use crate::reopening::Reopening;
use crate::statistics::Counters;
use crate::{BoardError, SerialSettings};
use embedded_io::ErrorType;
use embedded_io_async::{Read, Write};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// The right to a serial port.
#[derive(Clone, Debug)]
pub struct SerialClaim {
    pub(crate) claim: Claim,
    pub(crate) serial: Arc<dyn backend::Serial>,
    /// The backend's own name for it.
    pub(crate) device: String,
    pub(crate) settings: SerialSettings,
    pub(crate) clock: Arc<dyn backend::Clock>,
    pub(crate) collecting: bool,
}

impl SerialClaim {
    /// Says which node the part belongs to.
    pub fn owned_by(&self, node: &str) {
        self.claim.owned_by(node);
    }

    /// What is claimed, in words.
    pub(crate) fn name(&self) -> String {
        self.claim.info().what.to_string()
    }

    /// The port's bytes and the gaps between them: a port that is not there, or is unplugged, is opened again as soon as it is
    /// there, and the loss and its end are items. To be awaited where tokio's timers work, as in an actor.
    #[must_use]
    pub fn reopening(&self) -> Reopening {
        Reopening::new(self.clone(), Arc::clone(&self.clock))
    }

    /// Opens the port. On Linux this must happen inside a tokio runtime, as in an actor's `started`.
    ///
    /// # Errors
    ///
    /// [`BoardError`] if the port does not exist or cannot be had; opening again may succeed later.
    pub fn open(&self) -> Result<SerialPort, BoardError> {
        crate::board::may_open(self.collecting, &self.claim)?;
        Ok(SerialPort {
            line: self.serial.open(&self.device, self.settings)?,
            what: self.claim.info().what.to_string(),
            counters: self.claim.counters(),
        })
    }
}

/// An open serial port.
///
/// A port has no end: one that vanishes (an unplugged adapter, a closed pseudo-terminal) gives an error, never an
/// end of file, so that the actor fails and is started again.
///
/// # Cancel safety
///
/// Reading and writing lose no byte when they are cancelled between polls.
#[derive(Debug)]
pub struct SerialPort {
    line: Box<dyn SerialLine>,
    what: String,
    counters: Arc<Counters>,
}

impl SerialPort {
    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(error.kind(), format!("{}: {error}", self.what))
    }
}

impl ErrorType for SerialPort {
    type Error = io::Error;
}

/// For drivers over embedded-io-async; tokio's traits do the same.
impl Read for SerialPort {
    async fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        AsyncReadExt::read(self, into).await
    }
}

/// For drivers over embedded-io-async; tokio's traits do the same.
impl Write for SerialPort {
    async fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        AsyncWriteExt::write(self, bytes).await
    }

    async fn flush(&mut self) -> io::Result<()> {
        AsyncWriteExt::flush(self).await
    }
}

impl AsyncRead for SerialPort {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let room = buf.remaining();
        if let Err(error) = ready!(Pin::new(&mut self.line).poll_read(cx, buf)) {
            return Poll::Ready(Err(self.named(&error)));
        }
        let read = buf.filled().len() - before;
        if read == 0 && room > 0 {
            let gone = io::Error::new(io::ErrorKind::UnexpectedEof, "the port is gone");
            return Poll::Ready(Err(self.named(&gone)));
        }
        self.counters.bytes_read.add(read as u64);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for SerialPort {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.line).poll_write(cx, bytes));
        if let Ok(count) = &written {
            self.counters.bytes_written.add(*count as u64);
        }
        Poll::Ready(written.map_err(|error| self.named(&error)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = ready!(Pin::new(&mut self.line).poll_flush(cx));
        Poll::Ready(flushed.map_err(|error| self.named(&error)))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = ready!(Pin::new(&mut self.line).poll_shutdown(cx));
        Poll::Ready(shut.map_err(|error| self.named(&error)))
    }
}

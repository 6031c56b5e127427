//! The lines of a pipe, each as long as it may be and no longer.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// The longest line; what is longer is parted.
const LONGEST: usize = 64 * 1_024;
/// How much is read at once.
const CHUNK: usize = 4 * 1_024;

/// A pipe, and what was read and is no whole line yet.
#[derive(Debug)]
pub(super) struct Lines<R> {
    pipe: R,
    buffer: Vec<u8>,
    /// Up to here there is no end of a line.
    searched: usize,
    ended: bool,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) const fn of(pipe: R) -> Self {
        Self {
            pipe,
            buffer: Vec::new(),
            searched: 0,
            ended: false,
        }
    }

    /// The next line, without its end; `None` at the end of the pipe.
    pub(super) fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Option<String>>> {
        loop {
            if let Some(line) = self.line() {
                return Poll::Ready(Ok(Some(line)));
            }
            if self.ended {
                return Poll::Ready(Ok(None));
            }
            let mut chunk = [0; CHUNK];
            let mut read = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut self.pipe).poll_read(cx, &mut read))?;
            self.ended = read.filled().is_empty();
            self.buffer.extend_from_slice(read.filled());
        }
    }

    /// Takes a line out of what was read.
    fn line(&mut self) -> Option<String> {
        let unseen = &self.buffer[self.searched..];
        let end = unseen.iter().position(|byte| *byte == b'\n');
        let (length, rest) = match end {
            Some(end) if self.searched + end <= LONGEST => {
                (self.searched + end, self.searched + end + 1)
            }
            _ if self.buffer.len() > LONGEST => (LONGEST, LONGEST),
            _ if self.ended && !self.buffer.is_empty() => (self.buffer.len(), self.buffer.len()),
            _ => {
                self.searched = self.buffer.len();
                return None;
            }
        };
        let line = self.buffer[..length].strip_suffix(b"\r");
        let line = line.unwrap_or(&self.buffer[..length]);
        let line = String::from_utf8_lossy(line).into_owned();
        self.buffer.drain(..rest);
        self.searched = 0;
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Waker;

    /// All lines of these bytes, which come this many at a time.
    fn lines(bytes: &[u8], at_a_time: usize) -> Vec<String> {
        let mut lines = Lines::of(Slow(bytes, at_a_time));
        let mut cx = Context::from_waker(Waker::noop());
        let mut found = Vec::new();
        loop {
            match lines.poll_line(&mut cx) {
                Poll::Ready(Ok(Some(line))) => found.push(line),
                Poll::Ready(Ok(None)) => return found,
                other => panic!("{other:?}"),
            }
        }
    }

    struct Slow<'a>(&'a [u8], usize);

    impl AsyncRead for Slow<'_> {
        fn poll_read(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            buf: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            let count = self.1.min(self.0.len()).min(buf.remaining());
            let (now, later) = self.0.split_at(count);
            buf.put_slice(now);
            self.0 = later;
            Poll::Ready(Ok(()))
        }
    }

    #[test]
    fn a_line_is_whole_however_its_bytes_come() {
        let text = "one\n\nthree\r\nla\u{e4}st".as_bytes();
        for at_a_time in 1..=text.len() {
            assert_eq!(lines(text, at_a_time), ["one", "", "three", "la\u{e4}st"]);
        }
        assert_eq!(lines(b"", 1), [""; 0]);
        assert_eq!(lines(b"x\n", 5), ["x"]);
    }

    #[test]
    fn what_is_no_text_is_replaced() {
        assert_eq!(lines(b"a\xffb\n", 9), ["a\u{fffd}b"]);
    }

    #[test]
    fn a_line_that_is_too_long_is_parted() {
        let mut text = vec![b'x'; LONGEST];
        text.push(b'\n');
        assert_eq!(lines(&text, CHUNK).len(), 1, "as long as it may be");
        text.insert(0, b'y');
        text.extend_from_slice(b"z\n");
        let found = lines(&text, CHUNK);
        let lengths: Vec<_> = found.iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST, 1, 1]);
    }
}

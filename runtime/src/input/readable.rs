//! A stream out of a file descriptor that can be polled.

use super::from_fn;
use futures_core::Stream;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The stream of what `read` reads from `source` whenever there is something to read, until `read` says `None`. It is
/// called again when it says [`WouldBlock`](io::ErrorKind::WouldBlock). `source` becomes non-blocking, and with it all
/// descriptors of the same open file.
///
/// ```
/// # use sinew_runtime::{Actor, Context, Failure, Handler, input};
/// use std::net::UdpSocket;
/// # struct Word(Vec<u8>);
/// # struct Ear;
/// # impl Handler<Word> for Ear { type Reply = ();
/// # async fn handle(&mut self, _: Word, _: &mut Context<Self>) -> Result<(), Failure> { Ok(()) } }
/// # impl Actor for Ear {
/// # async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
/// let mut buffer = [0; 1500];
/// let words = input::readable(UdpSocket::bind("127.0.0.1:0")?, move |socket| {
///     let length = socket.recv(&mut buffer)?;
///     Ok(Some(Word(buffer[..length].to_vec())))
/// })?;
/// ctx.try_input("words", words);
/// # Ok(())
/// # }
/// # }
/// ```
///
/// # Errors
///
/// The kernel's, if it cannot poll `source`: a file on a disk, for example.
///
/// # Panics
///
/// Outside of a running system: call it in [`started`](crate::Actor::started) or in a handler.
pub fn readable<F, T, R>(
    source: F,
    mut read: R,
) -> io::Result<impl Stream<Item = io::Result<T>> + Unpin + use<F, T, R>>
where
    F: AsFd,
    R: FnMut(&F) -> io::Result<Option<T>>,
{
    rustix::io::ioctl_fionbio(&source, true)?;
    // A descriptor of our own: whatever becomes of the other, this one stays open and the same.
    let watched = watched(source.as_fd().try_clone_to_owned()?)?;
    Ok(from_fn(async move || {
        let item = watched.async_io(Interest::READABLE, |_| read(&source));
        item.await.transpose()
    }))
}

/// Has tokio report when an open file may be read.
#[allow(unsafe_code, reason = "tokio trusts no safe code with this")]
pub(crate) fn watched(file: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: an `OwnedFd` is open, and stays open and the same until it is dropped, and nobody takes it out of here.
    Ok(unsafe { AsyncFd::register_with_interest(file, Interest::READABLE) }?)
}

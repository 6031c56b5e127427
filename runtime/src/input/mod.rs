//! Makes inputs of what is no stream.
//!
//! An actor takes any `Stream` as an [input](crate::Context::input), and any async closure by
//! [`repeat`](crate::Context::repeat). Here is what is in between, and how what is usual outside becomes an input:
//!
//! | What | How |
//! | --- | --- |
//! | a file descriptor that can be polled: an input device, a CAN socket, a pipe | [`readable`] |
//! | datagrams, connections to accept, of `std` | [`readable`], or tokio's below |
//! | a socket, listener, `AsyncFd` or child process of tokio | `ctx.try_repeat("udp", async move \|\| socket.recv_from(..).await)` |
//! | a channel of tokio | `ctx.input("words", poll_fn(move \|cx\| receiver.poll_recv(cx)))`, with [`poll_fn`] |
//! | frames or lines of an `AsyncRead` | the `FramedRead` of `tokio-util`, whose codecs bound what a line may take |
//! | whatever ends, in an async closure | [`from_fn`] |
//! | a blocking read that cannot be polled | an actor on a [thread](crate::Thread) of its own |

mod from_fn;
mod poll_fn;
#[cfg(unix)]
mod readable;

pub use from_fn::from_fn;
pub use poll_fn::{PollFn, poll_fn};
#[cfg(unix)]
pub use readable::readable;
#[cfg(target_os = "linux")]
pub(crate) use readable::watched;

//! How a robot and its guardian meet: one message each, and open files with the answer.
//!
//! Over a socket that keeps messages apart (`SOCK_SEQPACKET`). The robot says which outputs its graph has, as a digest; the
//! guardian answers with the page and the lines of those, or with a refusal in words.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use sinew_board::backend::{Encoding, Wire};
use sinew_board::{BridgePlan, BridgeWires, GivenWires, MOST_OUTPUTS, MotionWires};
use std::borrow::Cow;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

/// The first word of both messages; another protocol has another.
const FORM: u64 = u64::from_le_bytes(*b"sinew/g1");
/// The page, and three lines for each output; of a controller's motor it is one file.
const MOST_FILES: usize = 1 + 3 * MOST_OUTPUTS;
/// Form, whether it is granted, number of outputs; and for each of their lines two words, of which a controller's motor has the first.
const WORDS: usize = 3 + 2 * 3 * MOST_OUTPUTS;
const ANSWER: usize = WORDS * 8;

/// Why a robot has no guardian.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// The system refused.
    #[error("could not {doing}: {source}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The guardian refused.
    #[error("the guardian refused: {why}")]
    Refused {
        /// In its words.
        why: Cow<'static, str>,
    },
    /// It ended before it answered, or said what no guardian says.
    #[error(
        "the guardian gave no answer that can be understood; is it of this release? Its own messages say why it ended"
    )]
    NoAnswer,
    /// It lives and says nothing.
    #[error(
        "the guardian has said nothing for {} s: it hangs, or is stopped; start it again", waited.as_secs()
    )]
    Silent {
        /// For how long it was waited for.
        waited: Duration,
    },
}

/// How long a guardian may take to answer: it may be opening its outputs still.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn system(doing: &'static str) -> impl Fn(Errno) -> GuardError {
    move |errno| GuardError::System {
        doing,
        source: errno.into(),
    }
}

/// What two programs must agree on: FNV-1a (Fowler, Noll, Vo; 64 bits) of the outputs in words.
pub(super) fn digest(plans: &[BridgePlan]) -> u64 {
    let text = format!("{plans:?}");
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// What a robot says first.
pub(super) fn greet(socket: BorrowedFd<'_>, digest: u64) -> Result<(), GuardError> {
    let mut hello = [0; 16];
    hello[..8].copy_from_slice(&FORM.to_le_bytes());
    hello[8..].copy_from_slice(&digest.to_le_bytes());
    match rustix::net::send(socket, &hello, SendFlags::NOSIGNAL) {
        // It has refused already; what it said is still to be heard.
        Ok(_) | Err(Errno::PIPE) => Ok(()),
        Err(errno) => Err(system("greet the guardian")(errno)),
    }
}

/// The digest of a greeting, if it is one.
pub(super) fn greeting(hello: &[u8]) -> Option<u64> {
    let word = |at: usize| Some(u64::from_le_bytes(hello.get(at..at + 8)?.try_into().ok()?));
    (hello.len() == 16 && word(0)? == FORM).then(|| word(8))?
}

/// Grants a robot the page and the lines. Allocates nothing.
pub(super) fn grant<'a>(
    socket: BorrowedFd<'_>,
    page: BorrowedFd<'a>,
    outputs: impl Iterator<Item = &'a MotionWires>,
) -> io::Result<()> {
    let mut files = [page; MOST_FILES];
    let mut message = [0; ANSWER];
    let mut put = |at: usize, word: u64| {
        message[at * 8..at * 8 + 8].copy_from_slice(&word.to_le_bytes());
    };
    let (mut count, mut sent) = (0, 1);
    for wires in outputs.take(MOST_OUTPUTS) {
        for file in wires.files() {
            files[sent] = file;
            sent += 1;
        }
        let at = 3 + 2 * 3 * count;
        if let MotionWires::Bridge(bridge) = wires {
            let lines = [&bridge.pwm, &bridge.forward, &bridge.backward];
            for (number, wire) in lines.into_iter().enumerate() {
                let [kind, parameter] = words(wire.encoding());
                put(at + 2 * number, kind);
                put(at + 2 * number + 1, parameter);
            }
        } else {
            put(at, CONTROLLER);
        }
        count += 1;
    }
    put(0, FORM);
    put(1, 1);
    put(2, count as u64);
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut rights = SendAncillaryBuffer::new(&mut room);
    let pushed = rights.push(SendAncillaryMessage::ScmRights(&files[..sent]));
    debug_assert!(pushed, "there is room for all");
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    sendmsg(socket, &[IoSlice::new(&message)], &mut rights, flags)?;
    Ok(())
}

/// Refuses a robot in words, at the guardian's end of its socket. Nobody may hear it any more.
pub fn refuse(socket: BorrowedFd<'_>, why: &str) {
    let mut message = [0; ANSWER];
    message[..8].copy_from_slice(&FORM.to_le_bytes());
    let length = why.len().min(ANSWER - 16);
    message[16..16 + length].copy_from_slice(&why.as_bytes()[..length]);
    let message = &message[..16 + length];
    let flags = SendFlags::NOSIGNAL | SendFlags::DONTWAIT;
    let _ = rustix::net::send(socket, message, flags);
}

/// What a guardian answered: the page's file, and the real outputs in their order.
pub(super) fn answer(
    socket: BorrowedFd<'_>,
    patience: Duration,
) -> Result<(OwnedFd, Vec<GivenWires>), GuardError> {
    let wait = Timespec {
        tv_sec: patience.as_secs() as i64,
        tv_nsec: i64::from(patience.subsec_nanos()),
    };
    let mut files = [PollFd::from_borrowed_fd(socket, PollFlags::IN)];
    if poll(&mut files, Some(&wait)).map_err(system("wait for the guardian"))? == 0 {
        let waited = patience;
        return Err(GuardError::Silent { waited });
    }
    let mut message = [0; ANSWER];
    let mut room = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_FILES))];
    let mut rights = RecvAncillaryBuffer::new(&mut room);
    let mut receive = || {
        let room = &mut [IoSliceMut::new(&mut message)];
        recvmsg(socket, room, &mut rights, RecvFlags::CMSG_CLOEXEC)
    };
    let received = match receive() {
        // A guardian that refuses does not wait for the greeting. What it said is kept behind this error (unix_release_sock,
        // net/unix/af_unix.c).
        Err(Errno::CONNRESET) => receive(),
        received => received,
    };
    let received = received.map_err(system("hear the guardian"))?;
    let mut files = Vec::new();
    for received in rights.drain() {
        if let RecvAncillaryMessage::ScmRights(rights) = received {
            files.extend(rights);
        }
    }
    let message = &message[..received.bytes];
    let word = |at: usize| {
        let bytes = message.get(at * 8..at * 8 + 8)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    };
    match (word(0), word(1)) {
        (Some(FORM), Some(1)) => granted(word, files).ok_or(GuardError::NoAnswer),
        (Some(FORM), Some(0)) => Err(GuardError::Refused {
            why: String::from_utf8_lossy(&message[16..]).into_owned().into(),
        }),
        _ => Err(GuardError::NoAnswer),
    }
}

fn granted(
    word: impl Fn(usize) -> Option<u64>,
    files: Vec<OwnedFd>,
) -> Option<(OwnedFd, Vec<GivenWires>)> {
    let count = usize::try_from(word(2)?).ok()?;
    let mut files = files.into_iter();
    let page = files.next()?;
    let mut wires = Vec::new();
    for output in 0..count {
        if word(3 + 2 * 3 * output)? == CONTROLLER {
            wires.push(GivenWires::Controller(files.next()?));
            continue;
        }
        let mut line = |number: usize| {
            let at = 3 + 2 * (3 * output + number);
            let encoding = encoding([word(at)?, word(at + 1)?])?;
            Some(Wire::new(files.next()?, encoding))
        };
        wires.push(GivenWires::Bridge(BridgeWires {
            pwm: line(0)?,
            forward: line(1)?,
            backward: line(2)?,
        }));
    }
    files.next().is_none().then_some((page, wires))
}

/// The word of an output that is a motor of a controller, and has one file.
const CONTROLLER: u64 = 4;

fn words(encoding: Encoding) -> [u64; 2] {
    match encoding {
        Encoding::Duty { period } => [2, period],
        Encoding::Record => [3, 0],
        // The one that is left; a new one is not sent before this knows it.
        _ => [1, 0],
    }
}

fn encoding(words: [u64; 2]) -> Option<Encoding> {
    match words {
        [1, 0] => Some(Encoding::Line),
        [2, period] => Some(Encoding::Duty { period }),
        [3, 0] => Some(Encoding::Record),
        _ => None,
    }
}

/// The two ends of a socket, for a robot and the guardian that it starts.
pub(super) fn pair() -> Result<(OwnedFd, OwnedFd), GuardError> {
    rustix::net::socketpair(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::SEQPACKET,
        rustix::net::SocketFlags::CLOEXEC,
        None,
    )
    .map_err(system("make a socket"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsFd;

    fn wires() -> MotionWires {
        let wire = |encoding| {
            let file = tempfile::tempfile().expect("a file");
            Wire::new(file.into(), encoding)
        };
        MotionWires::Bridge(BridgeWires {
            pwm: wire(Encoding::Duty { period: 50_000 }),
            forward: wire(Encoding::Line),
            backward: wire(Encoding::Record),
        })
    }

    #[test]
    fn what_is_granted_is_what_arrives() {
        let (ours, theirs) = pair().expect("a pair");
        let page = tempfile::tempfile().expect("a file");
        let all: Vec<_> = (0..MOST_OUTPUTS).map(|_| wires()).collect();
        grant(ours.as_fd(), page.as_fd(), all.iter()).expect("sent");
        let (_, received) = answer(theirs.as_fd(), PATIENCE).expect("an answer");
        assert_eq!(received.len(), MOST_OUTPUTS);
        for given in received {
            let GivenWires::Bridge(bridge) = given else {
                panic!("a bridge was sent, and {given:?} came");
            };
            assert_eq!(bridge.pwm.encoding(), Encoding::Duty { period: 50_000 });
            assert_eq!(bridge.forward.encoding(), Encoding::Line);
            assert_eq!(bridge.backward.encoding(), Encoding::Record);
        }
    }

    #[test]
    fn a_refusal_is_heard_in_words_and_silence_is_an_error() {
        let (ours, theirs) = pair().expect("a pair");
        refuse(ours.as_fd(), "no");
        let error = answer(theirs.as_fd(), PATIENCE).expect_err("a refusal");
        assert_eq!(error.to_string(), "the guardian refused: no");
        for nonsense in [&b"hello"[..], &[0; 24], &FORM.to_le_bytes()] {
            rustix::net::send(&ours, nonsense, SendFlags::empty()).expect("sent");
            let error = answer(theirs.as_fd(), PATIENCE).expect_err("nonsense");
            assert!(matches!(error, GuardError::NoAnswer), "{error}");
        }
        drop(ours);
        answer(theirs.as_fd(), PATIENCE).expect_err("nobody is there");
    }

    #[test]
    fn a_refusal_is_heard_although_nobody_heard_the_greeting() {
        let (ours, theirs) = pair().expect("a pair");
        greet(theirs.as_fd(), 1).expect("sent");
        refuse(ours.as_fd(), "no");
        drop(ours);
        let error = answer(theirs.as_fd(), PATIENCE).expect_err("a refusal");
        assert_eq!(error.to_string(), "the guardian refused: no");
    }

    #[test]
    fn a_greeting_is_known_from_anything_else() {
        let (ours, theirs) = pair().expect("a pair");
        greet(ours.as_fd(), 42).expect("sent");
        let mut hello = [0; 64];
        let (_, length) =
            rustix::net::recv(&theirs, &mut hello, RecvFlags::empty()).expect("heard");
        assert_eq!(greeting(&hello[..length]), Some(42));
        for other in [&b""[..], b"B", &hello[..15], &hello[..17], &[0; 16]] {
            assert_eq!(greeting(other), None);
        }
    }

    #[test]
    fn a_guardian_that_says_nothing_is_not_waited_for_without_end() {
        let (_ours, theirs) = pair().expect("a pair");
        let error = answer(theirs.as_fd(), Duration::from_millis(1));
        assert!(matches!(error, Err(GuardError::Silent { .. })));
    }
}

//! What is usual outside is an input: descriptors, sockets, channels, child processes.
//!
//! On the real clock, which a simulation's inputs never see; nothing here waits for it.
#![cfg(unix)]

use crate::common::{Log, made};
use sinew_runtime::{Actor, Context, EndActor, Failure, Graph, Handler, System, input};
use std::io::{self, PipeWriter, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::{UnixListener, UnixStream};
use std::thread;
use std::time::Duration;
use tokio::sync::{mpsc, watch};

/// Longer than any machine needs for anything here.
const LONG: Duration = Duration::from_secs(15);

/// What an ear does when it starts: attach its inputs.
type Attach = Box<dyn FnOnce(&mut Context<Ear>) -> Result<(), Failure> + Send>;

/// Notes what it hears; ends when it hears the last word.
struct Ear {
    attach: Option<Attach>,
    log: Log<String>,
}

/// The word after which an ear ends.
const LAST: &str = "last";

/// A connection that was accepted.
struct Caller<C>(C);

/// An input has ended.
struct Over(&'static str);

impl Actor for Ear {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let attach = self.attach.take().ok_or(EndActor)?;
        attach(ctx)
    }
}

impl Handler<String> for Ear {
    type Reply = ();
    async fn handle(&mut self, word: String, ctx: &mut Context<Self>) -> Result<(), Failure> {
        if word == LAST {
            ctx.stop();
        }
        self.log.add(word);
        Ok(())
    }
}

impl Handler<Over> for Ear {
    type Reply = ();
    async fn handle(&mut self, Over(what): Over, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.log.add(format!("{what} is over"));
        ctx.stop();
        Ok(())
    }
}

impl Handler<Caller<(TcpStream, SocketAddr)>> for Ear {
    type Reply = ();
    async fn handle(
        &mut self,
        Caller((stream, _)): Caller<(TcpStream, SocketAddr)>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add("a caller".to_owned());
        let name = format!("caller {}", self.log.len());
        ctx.try_input(name, input::readable(stream, chunks())?);
        Ok(())
    }
}

impl Handler<Caller<UnixStream>> for Ear {
    type Reply = ();
    async fn handle(
        &mut self,
        Caller(stream): Caller<UnixStream>,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.log.add("a caller".to_owned());
        ctx.try_input("caller", input::readable(stream, chunks())?)
            .on_end(Over("the call"));
        Ok(())
    }
}

/// Reads what there is, until there is no more to come.
fn chunks<S>() -> impl FnMut(&S) -> io::Result<Option<String>>
where
    for<'a> &'a S: Read,
{
    let mut buffer = [0; 64];
    move |mut source| {
        let length = source.read(&mut buffer)?;
        Ok((length > 0).then(|| text(&buffer[..length])))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Has an ear listen until it has heard the last word, while `speak` speaks on a thread of its own.
fn listen(
    attach: impl FnOnce(&mut Context<Ear>) -> Result<(), Failure> + Send + 'static,
    speak: impl FnOnce(&Log<String>) + Send + 'static,
) -> Vec<String> {
    let mut graph = Graph::new("sources");
    let log = Log::new();
    let notes = log.clone();
    let mut attach: Option<Attach> = Some(Box::new(attach));
    let make = move || Ear {
        attach: attach.take(),
        log: notes.clone(),
    };
    graph.add("ear", made(make));
    let mut system = System::real(graph, None).expect("it is sound");
    let heard = log.clone();
    let speaker = thread::spawn(move || speak(&heard));
    let until = system.now() + LONG;
    system.run_until(until);
    let report = system.report();
    assert!(report.ended.is_some(), "{:?}: {report:?}", log.take());
    speaker.join().expect("it said all");
    assert_eq!(report.failures, 0, "{report:?}");
    log.take()
}

/// Waits until so much was heard.
fn until_heard(log: &Log<String>, words: usize) {
    while log.len() < words {
        thread::yield_now();
    }
}

/// Writes word by word, each when the one before was heard.
fn write_all(mut to: impl Write, words: &[&str], log: &Log<String>) {
    for word in words {
        let heard = log.len();
        to.write_all(word.as_bytes()).expect("somebody reads");
        until_heard(log, heard + 1);
    }
}

#[test]
fn a_descriptor_that_can_be_polled() {
    let (reader, writer): (_, PipeWriter) = io::pipe().unwrap();
    let heard = listen(
        |ctx| {
            let pipe = input::readable(reader, chunks())?;
            ctx.try_input("pipe", pipe).on_end(Over("the pipe"));
            Ok(())
        },
        // The writer is dropped at the end.
        |log| write_all(writer, &["one", "two"], log),
    );
    assert_eq!(heard, ["one", "two", "the pipe is over"]);
}

#[test]
fn a_file_that_cannot_be_polled_is_refused() {
    let heard = listen(
        |ctx| {
            let file = std::fs::File::open(env!("CARGO_MANIFEST_PATH"))?;
            let refused = input::readable(file, chunks()).map(drop);
            let refused = refused.expect_err("a file on a disk is always readable");
            ctx.repeat("what came", async move || refused.kind().to_string())
                .times(1)
                .on_end(Over("it"));
            Ok(())
        },
        |_| {},
    );
    assert_eq!(heard, ["permission denied", "it is over"]);
}

#[test]
fn the_datagrams_of_a_socket_of_std() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = socket.local_addr().unwrap();
    let heard = listen(
        |ctx| {
            let mut buffer = [0; 1_500];
            let datagrams = input::readable(socket, move |socket| {
                let (length, _) = socket.recv_from(&mut buffer)?;
                Ok(Some(text(&buffer[..length])))
            })?;
            ctx.try_input("datagrams", datagrams);
            Ok(())
        },
        move |log| send_all(to, log),
    );
    assert_eq!(heard, ["one", "", LAST], "an empty one is no end");
}

#[test]
fn the_datagrams_of_a_socket_of_tokio() {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_nonblocking(true).unwrap();
    let to = socket.local_addr().unwrap();
    let heard = listen(
        |ctx| {
            let socket = tokio::net::UdpSocket::from_std(socket)?;
            let mut buffer = [0; 1_500];
            ctx.try_repeat("datagrams", async move || -> io::Result<String> {
                let (length, _) = socket.recv_from(&mut buffer).await?;
                Ok(text(&buffer[..length]))
            });
            Ok(())
        },
        move |log| send_all(to, log),
    );
    assert_eq!(heard, ["one", "", LAST]);
}

fn send_all(to: SocketAddr, log: &Log<String>) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    for (number, word) in ["one", "", LAST].into_iter().enumerate() {
        let sent = socket.send_to(word.as_bytes(), to);
        assert!(sent.is_ok(), "{sent:?}");
        until_heard(log, number + 1);
    }
}

#[test]
fn the_connections_of_a_listener_each_of_which_is_an_input_added_meanwhile() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let to = listener.local_addr().unwrap();
    let heard = listen(
        |ctx| {
            let callers = input::readable(listener, |listener: &TcpListener| {
                Ok(Some(Caller(listener.accept()?)))
            })?;
            ctx.try_input("callers", callers);
            Ok(())
        },
        move |log| {
            let first = TcpStream::connect(to).unwrap();
            write_all(&first, &["one"], log);
            until_heard(log, 2);
            let second = TcpStream::connect(to).unwrap();
            until_heard(log, 3);
            write_all(&second, &["two"], log);
            write_all(&first, &["three", LAST], log);
        },
    );
    assert_eq!(heard, ["a caller", "one", "a caller", "two", "three", LAST]);
}

#[test]
fn the_connections_of_a_local_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let heard = listen(
        |ctx| {
            let callers = input::readable(listener, |listener: &UnixListener| {
                Ok(Some(Caller(listener.accept()?.0)))
            })?;
            ctx.try_input("callers", callers);
            Ok(())
        },
        move |log| {
            let stream = UnixStream::connect(path).unwrap();
            until_heard(log, 1);
            write_all(stream, &["one", "two"], log);
        },
    );
    assert_eq!(heard, ["a caller", "one", "two", "the call is over"]);
}

#[test]
fn the_channels_of_tokio() {
    let (words, mut heard_words) = mpsc::channel(1);
    let (speeds, mut seen_speeds) = watch::channel(0);
    let heard = listen(
        |ctx| {
            let words = input::poll_fn(move |cx| heard_words.poll_recv(cx));
            ctx.input("words", words).on_end(Over("the talk"));
            let speeds = input::from_fn(async move || {
                seen_speeds.changed().await.ok()?;
                Some(seen_speeds.borrow_and_update().to_string())
            });
            ctx.input("speeds", speeds);
            Ok(())
        },
        move |log| {
            words.blocking_send("one".to_owned()).unwrap();
            until_heard(log, 1);
            speeds.send(7).unwrap();
            until_heard(log, 2);
            words.blocking_send("two".to_owned()).unwrap();
        },
    );
    assert_eq!(heard, ["one", "7", "two", "the talk is over"]);
}

#[test]
fn a_child_process_its_output_and_its_exit() {
    let heard = listen(
        |ctx| {
            let mut child = tokio::process::Command::new("sh")
                .args(["-c", "echo out; read answer; echo $answer; exit 3"])
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .kill_on_drop(true)
                .spawn()?;
            let output = child.stdout.take().ok_or(EndActor)?.into_owned_fd()?;
            let output = input::readable(std::fs::File::from(output), chunks())?;
            let mut to_child = child
                .stdin
                .take()
                .ok_or(EndActor)?
                .into_owned_fd()
                .map(std::fs::File::from)?;
            ctx.try_input("output", output);
            ctx.try_repeat("answer", async move || -> io::Result<String> {
                to_child.write_all(b"heard\n")?;
                Ok("answered".to_owned())
            })
            .times(1);
            ctx.try_repeat("exit", async move || -> io::Result<String> {
                Ok(child.wait().await?.to_string())
            })
            .times(1)
            .on_end(Over("the child"));
            Ok(())
        },
        |_| {},
    );
    let place = |what: &str| heard.iter().position(|it| it == what);
    // The kernel may bring what was written in one piece or in two.
    let output: String = heard
        .iter()
        .filter(|it| it.ends_with('\n'))
        .cloned()
        .collect();
    assert!(output.starts_with("out\n"), "{heard:?}");
    assert!(place("answered").is_some(), "{heard:?}");
    assert!(place("answered") < place("exit status: 3"), "{heard:?}");
    assert!(
        place("exit status: 3") < place("the child is over"),
        "{heard:?}"
    );
}

#[test]
fn no_wake_is_lost_however_many_threads_wake_however_many_inputs() {
    const THREADS: usize = 4;
    const ITEMS: usize = 5_000;
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| mpsc::channel(1)).unzip();
    let heard = listen(
        |ctx| {
            for (number, mut words) in receivers.into_iter().enumerate() {
                let words = input::poll_fn(move |cx| words.poll_recv(cx));
                ctx.input(format!("words {number}"), words);
            }
            Ok(())
        },
        move |log| {
            let speakers = senders.into_iter().enumerate().map(|(number, words)| {
                thread::spawn(move || {
                    for item in 0..ITEMS {
                        let word = format!("{number} {item}");
                        words.blocking_send(word).expect("it is heard");
                    }
                    words
                })
            });
            let speakers: Vec<_> = speakers.collect();
            let senders: Vec<_> = speakers.into_iter().map(|it| it.join().unwrap()).collect();
            until_heard(log, THREADS * ITEMS);
            senders[0].blocking_send(LAST.to_owned()).unwrap();
        },
    );
    assert_eq!(heard.len(), THREADS * ITEMS + 1);
    for number in 0..THREADS {
        let of_one = heard
            .iter()
            .filter(|it| it.starts_with(&format!("{number} ")));
        let wanted = (0..ITEMS).map(|item| format!("{number} {item}"));
        assert!(
            of_one.cloned().eq(wanted),
            "in the order of thread {number}"
        );
    }
}

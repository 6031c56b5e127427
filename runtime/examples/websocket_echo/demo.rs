//! Three clients that visit the server, say something, and stay until the server says goodbye.

use crate::server::{Say, Server, WhichPort};
use futures_util::{SinkExt, StreamExt};
use sinew_runtime::{Actor, Address, ChildStopped, Context, Failure, Graph, Handler, System, Time};
use std::net::Ipv4Addr;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;

/// What they say.
const WORDS: [&str; 3] = ["alpha", "beta", "gamma"];

/// Says one word, and hears what comes back.
#[derive(Clone)]
struct Client {
    word: &'static str,
    server: Address<Server>,
    visit: Address<Visit>,
    say: Say,
}

/// A client got its own word back.
struct Echoed;

impl Actor for Client {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let port = self.server.ask(WhichPort).await?;
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let (socket, _) = client_async(format!("ws://127.0.0.1:{port}/"), socket).await?;
        let (mut out, replies) = socket.split();
        out.send(Message::text(self.word)).await?;
        ctx.try_input("replies", replies);
        Ok(())
    }
}

impl Handler<Message> for Client {
    type Reply = ();
    async fn handle(&mut self, it: Message, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match it {
            Message::Text(text) if text.as_str() == self.word => {
                (self.say)(format!("{} came back", self.word));
                self.visit.tell(Echoed).await?;
            }
            Message::Close(_) => {
                (self.say)(format!("{} was told goodbye", self.word));
                ctx.stop();
            }
            other => return Err(Failure::new(format!("{} became {other}", self.word))),
        }
        Ok(())
    }
}

/// Sends the clients, and stops the server once each of them has heard its echo.
#[derive(Clone)]
struct Visit {
    server: Address<Server>,
    say: Say,
    echoed: usize,
    gone: usize,
}

impl Actor for Visit {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        for word in WORDS {
            let client = Client {
                word,
                server: self.server.clone(),
                visit: ctx.address(),
                say: self.say.clone(),
            };
            ctx.child(word, client).start()?;
        }
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        ctx: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.gone += usize::from(!child.restarts);
        if self.gone == WORDS.len() {
            ctx.stop();
        }
        Ok(())
    }
}

impl Handler<Echoed> for Visit {
    type Reply = ();
    async fn handle(&mut self, _: Echoed, _: &mut Context<Self>) -> Result<(), Failure> {
        self.echoed += 1;
        if self.echoed == WORDS.len() {
            self.server.stop();
        }
        Ok(())
    }
}

/// Runs the server and its clients until all have gone.
pub(crate) fn show(port: u16, say: Say) -> Result<(), Failure> {
    let mut graph = Graph::new("echo");
    let server = graph.add("server", Server::on(port, say.clone())).address();
    let visit = Visit {
        server,
        say,
        echoed: 0,
        gone: 0,
    };
    graph.add("visit", visit);
    let system = System::real(graph, None);
    let mut system = system.map_err(|error| Failure::new(error.to_string()))?;
    system.run_until(Time::NEVER);
    match system.shut_down().failures {
        0 => Ok(()),
        failures => Err(Failure::new(format!("{failures} failures on the way"))),
    }
}

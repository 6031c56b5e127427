//! The server: one actor listens, and one actor per connection says again what it hears.
//!
//! What arrives and what a connection brings are inputs: they are polled only while their actor is idle, so a client
//! that does not read slows its own frames down and nobody else's, and they end with their actor.

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, Stream, StreamExt};
use sinew_runtime::{
    Actor, ChildStopped, Context, EndActor, Factory, Failure, Handler, Lifetime, Reason,
};
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

/// Where the program says what it does.
pub(crate) type Say = Arc<dyn Fn(String) + Send + Sync>;

/// Listens, and gives each connection an actor.
#[derive(Clone)]
pub(crate) struct Server {
    port: u16,
    arrived: u64,
    open: usize,
    say: Say,
}

/// Asks a server for its port.
pub(crate) struct WhichPort;

impl Server {
    /// A server on this port of this machine, or on any if it is zero.
    pub(crate) fn on(port: u16, say: Say) -> Self {
        Self {
            port,
            arrived: 0,
            open: 0,
            say,
        }
    }
}

impl Actor for Server {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        self.port = listener.local_addr()?.port();
        (self.say)(format!("listening at ws://127.0.0.1:{}", self.port));
        ctx.try_input("arrivals", Arrivals(listener));
        Ok(())
    }

    async fn child_stopped(
        &mut self,
        child: &ChildStopped,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.open -= 1;
        (self.say)(format!("{} {}", child.name, child.reason));
        Ok(())
    }

    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        (self.say)(format!("server stopped, {} connections closed", self.open));
        Ok(())
    }
}

/// Connections as they arrive.
struct Arrivals(TcpListener);

impl Stream for Arrivals {
    type Item = std::io::Result<TcpStream>;
    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<Self::Item>> {
        let accepted = self.0.poll_accept(cx);
        accepted.map(|it| Some(it.map(|(socket, _)| socket)))
    }
}

impl Handler<TcpStream> for Server {
    type Reply = ();
    async fn handle(&mut self, it: TcpStream, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.arrived += 1;
        let mut socket = Some(it);
        let make = move || {
            Ok(Connection {
                socket: socket.take(),
                out: None,
            })
        };
        let name = format!("connection-{}", self.arrived);
        let child = ctx.child(&name, Factory::new(make));
        // A connection that is gone cannot be built anew.
        child.lifetime(Lifetime::Temporary).start()?;
        self.open += 1;
        Ok(())
    }
}

impl Handler<WhichPort> for Server {
    type Reply = u16;
    async fn handle(&mut self, _: WhichPort, _: &mut Context<Self>) -> Result<u16, Failure> {
        Ok(self.port)
    }
}

/// Says to one client what it hears from it.
struct Connection {
    /// Until the handshake.
    socket: Option<TcpStream>,
    /// After it.
    out: Option<SplitSink<WebSocketStream<TcpStream>, Message>>,
}

impl Actor for Connection {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let socket = self.socket.take().ok_or(EndActor)?;
        let (out, frames) = accept_async(socket).await?.split();
        self.out = Some(out);
        ctx.try_input("frames", frames);
        Ok(())
    }

    /// However the actor ends, its client is told goodbye.
    async fn stopped(&mut self, _: &Reason, _: &mut Context<Self>) -> Result<(), Failure> {
        if let Some(out) = &mut self.out {
            // One that has gone already needs no goodbye.
            let _ = out.close().await;
        }
        Ok(())
    }
}

impl Handler<Message> for Connection {
    type Reply = ();
    async fn handle(&mut self, it: Message, ctx: &mut Context<Self>) -> Result<(), Failure> {
        match (it, &mut self.out) {
            (Message::Close(_), _) => ctx.stop(),
            (it @ (Message::Text(_) | Message::Binary(_)), Some(out)) => out.send(it).await?,
            // Pings are answered below us.
            _ => {}
        }
        Ok(())
    }
}

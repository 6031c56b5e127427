//! A websocket echo server: `cargo run -p sinew-examples --bin websocket_echo -- [--port N] [--demo]`.
//!
//! What actorio's input tasks are for: one actor per connection, which polls its frames itself. With `--demo` three
//! clients visit it and it ends; without, it serves until Ctrl-C, and closes all its connections then. Without a port it
//! takes any, and says which.
#![allow(clippy::print_stdout, reason = "it shows what happens")]

mod demo;
mod server;

use server::{Say, Server};
use sinew_runtime::{Failure, Graph, System, Time};
use std::sync::Arc;

fn main() -> Result<(), Failure> {
    let (mut port, mut wants_demo) = (0, false);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--demo" => wants_demo = true,
            "--port" => port = args.next().unwrap_or_default().parse()?,
            other => {
                let text = format!("`{other}` is unknown; say --port N, or --demo");
                return Err(Failure::new(text));
            }
        }
    }
    let say: Say = Arc::new(|line| println!("{line}"));
    if wants_demo {
        demo::show(port, say)
    } else {
        serve(port, say)
    }
}

/// Serves until a signal comes.
fn serve(port: u16, say: Say) -> Result<(), Failure> {
    let mut graph = Graph::new("echo");
    graph.add("server", Server::on(port, say));
    let system = System::real(graph, None);
    let mut system = system.map_err(|error| Failure::new(error.to_string()))?;
    #[cfg(unix)]
    {
        let wanted = [signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT];
        let mut signals = signal_hook::iterator::Signals::new(wanted)?;
        let handle = system.handle();
        std::thread::spawn(move || signals.forever().next().inspect(|_| handle.stop()));
    }
    system.run_until(Time::NEVER);
    system.shut_down();
    Ok(())
}

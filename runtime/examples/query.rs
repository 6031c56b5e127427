//! A query whose exception reaches the asker: of each question comes the answer, or why there is none.
//!
//! In cleveland, from which it comes, an asker waits for ever if the handler raises. Here it hears what went wrong, the
//! actor is built anew meanwhile, and its next question is answered.
//! Run it: `cargo run -p sinew-examples --bin query`.
#![allow(clippy::print_stdout, reason = "it shows what happens")]

use sinew_runtime::{Actor, Address, AskError, Context, Failure, Graph, Handler, System, Time};
use std::sync::Arc;
use std::time::Duration;

/// Where the program says what it does.
type Say = Arc<dyn Fn(String) + Send + Sync>;

/// How long an answer may take here.
const PATIENCE: Duration = Duration::from_millis(100);

/// Divides, and counts what it divided since it was built.
#[derive(Clone, Default)]
struct Divider {
    divided: u32,
}

impl Actor for Divider {}

/// Divide the first number by the second.
#[derive(Clone, Copy)]
struct Divide(i32, i32);

/// Why a division is not done; nothing is wrong with the divider then.
#[derive(Debug)]
enum Refusal {
    ByZero,
}

/// The divider was shaken until it lost a screw.
#[derive(Debug, thiserror::Error)]
#[error("screw {0} fell out")]
struct ScrewLost(u8);

/// Things that no division does.
#[derive(Clone, Copy)]
enum Mistreat {
    Shake,
    Hit,
    Freeze,
}

impl Handler<Divide> for Divider {
    /// A refusal is an answer: it is for the asker alone, and the divider goes on.
    type Reply = Result<(i32, u32), Refusal>;
    async fn handle(&mut self, it: Divide, _: &mut Context<Self>) -> Result<Self::Reply, Failure> {
        let Some(quotient) = it.0.checked_div(it.1) else {
            return Ok(Err(Refusal::ByZero));
        };
        self.divided += 1;
        Ok(Ok((quotient, self.divided)))
    }
}

impl Handler<Mistreat> for Divider {
    type Reply = ();
    async fn handle(&mut self, how: Mistreat, _: &mut Context<Self>) -> Result<(), Failure> {
        match how {
            Mistreat::Shake => Err(ScrewLost(3))?,
            Mistreat::Hit => panic!("the lever broke"),
            Mistreat::Freeze => std::future::pending().await,
        }
    }
}

/// Asks one question after the other, the last one to a divider that has ended.
#[derive(Clone)]
struct Asker {
    divider: Address<Divider>,
    say: Say,
}

impl Actor for Asker {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        self.divide(Divide(42, 6)).await;
        self.divide(Divide(42, 0)).await;
        self.mistreat("shake it", Mistreat::Shake).await;
        self.divide(Divide(42, 7)).await;
        self.mistreat("hit it", Mistreat::Hit).await;
        self.divide(Divide(42, 14)).await;
        self.mistreat("freeze it", Mistreat::Freeze).await;
        self.divider.stop();
        self.divider.ended().await;
        self.divide(Divide(42, 21)).await;
        ctx.stop();
        Ok(())
    }
}

impl Asker {
    async fn divide(&self, it: Divide) {
        let answer = match self.divider.ask(it).await {
            Ok(Ok((quotient, nth))) => format!("{quotient}, its division number {nth}"),
            Ok(Err(refusal)) => format!("refused: {refusal:?}"),
            Err(error) => no_answer(&error),
        };
        self.row(&format!("{} / {}", it.0, it.1), &answer);
    }

    async fn mistreat(&self, what: &str, how: Mistreat) {
        let answer = self.divider.ask(how).within(PATIENCE).await;
        let answer = answer.map_or_else(|error| no_answer(&error), |()| "it bore that".to_owned());
        self.row(what, &answer);
    }

    fn row(&self, question: &str, answer: &str) {
        (self.say)(format!("| {question:<9} | {answer:<40} |"));
    }
}

/// Tells the kinds of errors apart, as an asker that tries again has to.
fn no_answer(error: &AskError) -> String {
    match error {
        AskError::Failed(why) => format!("Failed: {why}"),
        AskError::TimedOut => format!("TimedOut: {error}"),
        AskError::Closed => format!("Closed: {error}"),
        other => other.to_string(),
    }
}

/// Asks everything once, and says what came.
pub(crate) fn show(say: Say) -> Result<(), Failure> {
    let mut graph = Graph::new("query");
    let divider = graph.add("divider", Divider::default());
    let restarts = Arc::clone(&say);
    let divider = divider.address();
    graph.add("asker", Asker { divider, say });
    let mut system = System::real(graph, None).map_err(|error| Failure::new(error.to_string()))?;
    system.run_until(Time::NEVER);
    let report = system.shut_down();
    restarts(format!(
        "the divider was built anew {} times",
        report.restarts
    ));
    Ok(())
}

fn main() -> Result<(), Failure> {
    show(Arc::new(|line| println!("{line}")))
}

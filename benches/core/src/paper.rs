//! What is written for people and programs: the page, the figures as JSON, and the picture.

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cost;
use crate::peers;
use crate::plot;
use crate::results::Results;
use crate::tables;
use crate::verdict;

/// Where what may be shown is written.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../results")
}

/// Writes all three.
///
/// # Errors
/// When a file cannot be written.
pub fn write(results: &Results, folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("results.json"),
        serde_json::to_string_pretty(results)? + "\n",
    )?;
    fs::write(folder.join("ratios.svg"), plot::draw(results))?;
    Ok(fs::write(folder.join("README.md"), page(results))?)
}

/// The page.
fn page(results: &Results) -> String {
    let mut text = format!(
        "# How the runtime compares\n\n\
         {}.\n\n\
         Medians of {} rounds; in each round all peers of a case are measured one after the other, each in a new process. \
         A ratio is the median of the rounds' ratios to raw tokio, of a rate (more is better) or of a time (less is \
         better). `cargo run --release --manifest-path benches/Cargo.toml` writes this page; `results.json` beside it has \
         every round, the percentiles of all samples and their number.\n\n\
         ![Ratios to raw tokio](ratios.svg)\n\n",
        results.machine, results.rounds,
    );
    text += "## What is asked, and what was found\n\n";
    text += &verdict::table(results);
    text += "\n";
    text += &ahead();
    text += &tables::all(results);
    text += "## What the cases are\n\n";
    text += CASES_EXPLAINED;
    text += "\n## What one must know of the peers\n\n";
    for peer in peers::ALL {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "* **{}** {}: {}.",
            peer.plain_title(),
            peer.version(),
            peer.note
        );
    }
    text += &cost::section(&folder());
    text
}

/// Who is ahead, and why.
fn ahead() -> String {
    let mut text =
        "Those that come first in the tables give something up to be ahead:\n\n".to_owned();
    for peer in peers::ALL {
        if let Some(why) = peer.ahead {
            let _ = writeln!(text, "* *{}*: {why}.", peer.title);
        }
    }
    text + "\n"
}

const CASES_EXPLAINED: &str = "\
Queues hold 1,024 messages, or 64 where there are many actors. Every receiver counts its messages and adds up their
numbers; a chunk whose count or sum is wrong ends the run. On two threads each has a current-thread runtime of its own.

* **tell**: one sends 20,000 messages to one, waiting for room; the time ends when the last has arrived.
* **ask**: 250 round trips, one after the other. Ours has its deadline of five seconds, the others have none.
* **ring of 1,000**: one message goes round twenty times. For threads it is 1,000 threads.
* **fan-in**: eight send 2,500 messages each to one. **fan-out**: one sends 400 messages to each of fifty, in turn.
* **spawn + stop**: an actor is spawned, told one message, stopped, and its end is waited for; one after the other.
* **idle actor**: it has started, for up to 64 messages; one address of it is held. Of 20,000 (threads: 1,000), beyond the
  first 100. Ours makes at first use: the queue of a message type, which grows as it is used, with the place of its
  handler; slots for answers; the lanes of what overtakes; lists of inputs, timers, children and watchers.
* **allocations**: of the whole process, by a counting allocator that is off in all other cases.
* **behind 1,000**: while an actor handles a message and 1,000 wait, it is sent an urgent one, or stopped, by the quickest way
  that the peer has. The figure is how many of those that wait are handled before.
* **publish in simulation**: values along an edge in virtual time, 500 in a row, with the trace hash on. With full turns
  (`System::full_turns`) the receiver takes them in a turn or a few, else one message a turn, as a simulation does if
  nothing is said. The base is raw tokio's tell. With one value at a time the receiver asks for each by a tell: two turns
  and two messages a value; **a turn** is half of that.
* **caterpillar**: a source, a chain of eight actors that pass a value on, a sink behind each of these. From the publication
  until the last sink has handled it; one value after the other, or one in a millisecond, so that the caches are cold.
";

//! What an edge and a write cost on the linux board, in system calls and wake-ups, beside a bare gpiocdev loop: exact counts, so
//! that an emulated machine can tell them. `cargo xtask pi` runs it there.
//!
//! `cost --sim CHIP=FOLDER`: a gpio-sim chip and its folder under /sys/devices; needs the kernel's tracing. It runs itself
//! once for each way and number; the numbers' difference is what an edge costs, without beginning and end.
#![allow(clippy::print_stdout, reason = "it reports in lines of TAP")]

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("there are no such lines here");
}

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(target_os = "linux")]
mod linux {
    use gpiocdev::Request;
    use gpiocdev::line::{EdgeDetection, Value};
    use sinew_board::{Bias, Board, Edge, Level, Pin};
    use sinew_runtime::{Actor, Context, Factory, Failure, Graph, Handler, System, Time};
    use std::fs;
    use std::io::{BufRead, BufReader, Write};
    use std::path::{Path, PathBuf};
    use std::process::{Command, ExitCode, Stdio};
    use std::time::Duration;

    type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

    const EDGES: Pin = Pin::GPIO5;
    const WRITES: Pin = Pin::GPIO6;
    /// How many of a thing a short and a long run do.
    const COUNTS: [u64; 2] = [20, 120];
    /// Two runs may begin and end with some calls more or less: a page, a lock.
    const NOISE: f64 = 0.1;
    /// From edge to edge: long enough to be awaited one by one.
    const PACE: Duration = Duration::from_millis(10);
    const TRACING: &str = "/sys/kernel/debug/tracing";

    pub(super) fn main() -> ExitCode {
        let words: Vec<String> = std::env::args().skip(1).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let done = match words[..] {
            ["--sim", sim] => report(sim),
            ["edges", "ours", chip, count] => our_edges(chip, count),
            ["edges", "bare", chip, count] => bare_edges(chip, count),
            ["writes", "ours", chip, count] => our_writes(chip, count),
            ["writes", "bare", chip, count] => bare_writes(chip, count),
            _ => Err("usage: cost --sim CHIP=FOLDER".into()),
        };
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                println!("Bail out! {error}");
                ExitCode::FAILURE
            }
        }
    }

    /// What so many of a thing cost.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Cost {
        calls: f64,
        wakes: f64,
    }

    fn report(sim: &str) -> Outcome<()> {
        let (chip, folder) = sim.split_once('=').ok_or("--sim wants CHIP=FOLDER")?;
        let mut failed = false;
        for (number, what) in ["edges", "writes"].into_iter().enumerate() {
            let bare = cost(what, "bare", chip, Path::new(folder))?;
            let ours = cost(what, "ours", chip, Path::new(folder))?;
            let most = |bare: f64| bare + 1.0 + NOISE;
            let ok = ours.calls <= most(bare.calls) && ours.wakes <= most(bare.wakes);
            failed |= !ok;
            let not = if ok { "" } else { "not " };
            println!(
                "{not}ok {} - {what}: {} system calls and {} wake-ups each, a bare loop {} and {}",
                number + 1,
                ours.calls,
                ours.wakes,
                bare.calls,
                bare.wakes
            );
        }
        println!("1..2");
        if failed {
            Err("too dear".into())
        } else {
            Ok(())
        }
    }

    /// What one more of a thing costs: the difference of two runs.
    fn cost(what: &str, way: &str, chip: &str, folder: &Path) -> Outcome<Cost> {
        let [short, long] = [COUNTS[0], COUNTS[1]].map(|count| run(what, way, chip, folder, count));
        let ((calls, wakes), (more_calls, more_wakes)) = (short?, long?);
        let each =
            |less: u64, more: u64| (more as f64 - less as f64) / (COUNTS[1] - COUNTS[0]) as f64;
        Ok(Cost {
            calls: each(calls, more_calls),
            wakes: each(wakes, more_wakes),
        })
    }

    /// Runs a child that does it so many times: its system calls, and how often it slept and was woken.
    fn run(what: &str, way: &str, chip: &str, folder: &Path, count: u64) -> Outcome<(u64, u64)> {
        let trigger = PathBuf::from(TRACING).join("events/raw_syscalls/sys_enter/trigger");
        let counted = "hist:keys=common_pid:size=4096";
        fs::write(&trigger, counted).map_err(|error| format!("{}: {error}", trigger.display()))?;
        let mut child = Command::new(std::env::current_exe()?)
            .args([what, way, chip, &count.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut said = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        if what == "edges" {
            let ready = said.next().ok_or("the child said nothing")??;
            if ready != "ready" {
                return Err(ready.into());
            }
            let pull = folder.join(format!("sim_gpio{}/pull", EDGES.number()));
            // A busy machine may take two pulls for none, and their edges then never were: more are pulled, until all came.
            let mut pulls = 0;
            while child.try_wait()?.is_none() && pulls < 20 * count {
                sinew_board::linux::backends().clock.delay(PACE);
                let way = if pulls % 2 == 0 {
                    "pull-up"
                } else {
                    "pull-down"
                };
                fs::write(&pull, way)?;
                pulls += 1;
            }
        }
        let last = said.next().ok_or("the child said nothing more")??;
        child.wait()?;
        let hist =
            fs::read_to_string(PathBuf::from(TRACING).join("events/raw_syscalls/sys_enter/hist"))?;
        fs::write(&trigger, format!("!{counted}"))?;
        let wakes = last
            .strip_prefix("switches ")
            .ok_or(format!("the child said {last:?}"))?;
        Ok((
            calls_of(&hist, child.id()).ok_or("the child is not in the histogram")?,
            wakes.parse()?,
        ))
    }

    /// `{ common_pid:        123 } hitcount:         45`.
    fn calls_of(hist: &str, process: u32) -> Option<u64> {
        hist.lines().find_map(|line| {
            let (key, count) = line.split_once("} hitcount:")?;
            let key = key.split_once("common_pid:")?.1.trim();
            (key == process.to_string()).then(|| count.trim().parse().ok())?
        })
    }

    /// How often this thread slept and was woken.
    fn end() -> Outcome<()> {
        let status = fs::read_to_string("/proc/self/status")?;
        let mut switches = status
            .lines()
            .filter_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        println!(
            "switches {}",
            switches.next().ok_or("no count of switches")?.trim()
        );
        Ok(())
    }

    fn bare_edges(chip: &str, count: &str) -> Outcome<()> {
        let mut builder = Request::builder();
        builder
            .on_chip(chip)
            .with_line(u32::from(EDGES.number()))
            .as_input();
        let request = builder
            .with_edge_detection(EdgeDetection::BothEdges)
            .request()?;
        let mut buffer = request.new_edge_event_buffer(1);
        println!("ready");
        std::io::stdout().flush()?;
        for number in 1..=count.parse::<u32>()? {
            let event = buffer.read_event()?;
            if event.line_seqno != number {
                return Err(format!("edge {} instead of {number}", event.line_seqno).into());
            }
        }
        end()
    }

    fn board(chip: &str) -> Board {
        let mut devices = sinew_board::linux::Devices::default();
        devices.gpio_chip = Some(PathBuf::from(chip));
        Board::new(sinew_board::linux::backends_at(devices))
    }

    /// An actor that counts the edges of a line, as any sensor does.
    struct Counter {
        pin: sinew_board::InputPin,
        seen: u32,
        wanted: u32,
    }

    impl Actor for Counter {
        async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
            ctx.try_board_input("edges", self.pin.edges());
            println!("ready");
            Ok(std::io::stdout().flush()?)
        }
    }

    impl Handler<Edge> for Counter {
        type Reply = ();
        async fn handle(&mut self, edge: Edge, ctx: &mut Context<Self>) -> Result<(), Failure> {
            self.seen += 1;
            if edge.sequence != self.seen {
                let wrong = format!("edge {} instead of {}", edge.sequence, self.seen);
                return Err(std::io::Error::other(wrong).into());
            }
            if self.seen == self.wanted {
                ctx.stop();
            }
            Ok(())
        }
    }

    fn our_edges(chip: &str, count: &str) -> Outcome<()> {
        let wanted = count.parse()?;
        let claim = board(chip).input("counter", EDGES, Bias::None)?;
        let make = move || {
            Ok(Counter {
                pin: claim.open()?,
                seen: 0,
                wanted,
            })
        };
        let mut graph = Graph::new("cost");
        graph.add("counter", Factory::new(make));
        let mut system = System::real(graph, None).map_err(|error| error.to_string())?;
        system.run_until(Time::NEVER);
        if system.shut_down().failures > 0 {
            return Err("the counter failed".into());
        }
        end()
    }

    fn bare_writes(chip: &str, count: &str) -> Outcome<()> {
        let mut builder = Request::builder();
        builder.on_chip(chip).with_line(u32::from(WRITES.number()));
        let request = builder.as_output(Value::Inactive).request()?;
        for number in 0..count.parse::<u32>()? {
            let value = if number % 2 == 0 {
                Value::Active
            } else {
                Value::Inactive
            };
            request.set_value(u32::from(WRITES.number()), value)?;
        }
        end()
    }

    fn our_writes(chip: &str, count: &str) -> Outcome<()> {
        let claim = board(chip).indicator("LED", WRITES, Level::Low)?;
        let mut led = claim.open()?;
        for number in 0..count.parse::<u32>()? {
            led.set(Level::from(number % 2 == 0))?;
        }
        end()
    }
}

//! Prints each fix of a satellite receiver, or of a recording of one, as a line of JSON:
//! `cargo run -p sinew-devices --example gnss -- PORT|FILE [--baud N]`

use serde::Serialize;
use sinew_board::{Board, linux};
use sinew_chips::{EpochAssembler, NmeaDecoder, NmeaItem};
use sinew_devices::{Gnss, GnssConfig};
use sinew_messages::{Fix, FixMode, Timestamp};
use sinew_runtime::{Actor, Context, Failure, Graph, Handler, Progress, Restart, System};
use std::error::Error;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

const USAGE: &str = "usage: gnss PORT|FILE [--baud N]
  PORT    a serial port, such as /dev/serial/by-id/... or /dev/ttyUSB0; runs until Ctrl-C
  FILE    what a receiver sent; runs to its end
  --baud  bits per second of the port, 9600 if not given";

const PORT_REMEDY: &str = "is it a serial port, plugged in, and may you open it \
    (its group, often dialout: sudo usermod -aG dialout $USER, then log in again)?";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read the fixes has read enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "gnss: {error}");
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    let io = error.downcast_ref::<io::Error>();
    io.is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}

fn run(arguments: impl Iterator<Item = String>) -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = arguments.collect();
    if arguments.iter().any(|one| one == "--help" || one == "-h") {
        writeln!(io::stdout(), "{USAGE}")?;
        return Ok(());
    }
    let (place, baud) = parse(arguments.into_iter())?;
    let kind = std::fs::metadata(&place).map_err(|error| explain(&place, &error))?;
    if kind.is_dir() {
        return Err(format!("{place} is a folder; name a serial port or a file").into());
    }
    if is_port(&kind) {
        return follow(&place, baud);
    }
    let file = File::open(&place).map_err(|error| explain(&place, &error))?;
    replay(file).map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => error.into(),
        _ => format!("could not read {place}: {error}").into(),
    })
}

/// The place and the speed that the command line names.
fn parse(arguments: impl Iterator<Item = String>) -> Result<(String, u32), String> {
    let (mut place, mut baud) = (None, 9600);
    let mut arguments = arguments.peekable();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--baud" => {
                let text = arguments.next().unwrap_or_default();
                let speed = text
                    .parse()
                    .ok()
                    .filter(|speed| (1200..=921_600).contains(speed));
                baud = speed.ok_or_else(|| {
                    format!("--baud is a number between 1200 and 921600, found {text:?}\n{USAGE}")
                })?;
            }
            _ if argument.starts_with('-') => {
                return Err(format!("there is no option {argument}\n{USAGE}"));
            }
            _ if place.is_some() => {
                return Err(format!("one place only, found {argument} too\n{USAGE}"));
            }
            _ => place = Some(argument),
        }
    }
    Ok((place.ok_or(USAGE)?, baud))
}

fn explain(place: &str, error: &io::Error) -> String {
    let remedy = match error.kind() {
        ErrorKind::NotFound => "; see which ports there are: ls /dev/serial/by-id /dev/tty[AU]*",
        ErrorKind::PermissionDenied => "; who may read it: ls -l",
        _ => "",
    };
    format!("could not open {place}: {error}{remedy}")
}

#[cfg(unix)]
fn is_port(kind: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    kind.file_type().is_char_device()
}

#[cfg(not(unix))]
fn is_port(_: &Metadata) -> bool {
    false
}

/// Prints the fixes of a file.
fn replay(mut file: File) -> io::Result<()> {
    let (mut decoder, mut epochs) = (NmeaDecoder::default(), EpochAssembler::default());
    let mut piece = [0; 4096];
    loop {
        let length = match file.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        for byte in &piece[..length] {
            if let Some(NmeaItem::Sentence(sentence)) = decoder.push(*byte) {
                for fix in epochs.push(&sentence, Timestamp::ZERO) {
                    print(&fix)?;
                }
            }
        }
    }
    decoder.finish();
    epochs.finish().map_or(Ok(()), |fix| print(&fix))?;
    let counts = decoder.counts();
    if counts.sentences == 0 {
        let why = "it holds no NMEA sentence; is it what a receiver sent?";
        return Err(io::Error::new(ErrorKind::InvalidData, why));
    }
    if counts.damaged() > 0 {
        let damaged = counts.damaged();
        writeln!(io::stderr(), "gnss: {damaged} damaged places were left out")?;
    }
    Ok(())
}

/// Prints the fixes of a port as they come.
fn follow(port: &str, baud: u32) -> Result<(), Box<dyn Error>> {
    let linux = linux::backends();
    let board = Board::new(linux.clone()).with_port("gnss", linux.serial, port);
    let mut graph = Graph::new("gnss");
    let gnss = graph.add("gnss", Gnss::on(&board, &GnssConfig::at("gnss", baud))?);
    let printer = graph.add("printer", Printer);
    graph.connect(gnss.out::<Fix>(), &printer).keep_newest(64);
    // The receiver may be unplugged and come back; a printer that cannot print is the end.
    graph.supervise(&gnss, Restart::patient());
    graph.supervise(&printer, Restart::never());

    let mut system = System::real(graph, None).map_err(|error| error.to_string())?;
    let (mut first, mut told) = (true, 0);
    loop {
        let progress = system.run_until(system.now() + Duration::from_millis(250));
        let nodes = system.handle().status().nodes;
        if let Some(why) = nodes[1].last_failure.as_deref() {
            // The runtime hands on texts, not errors.
            let closed = why.contains(&io::Error::from(ErrorKind::BrokenPipe).to_string());
            return if closed { Ok(()) } else { Err(why.into()) };
        }
        if nodes[0].failures > told {
            told = nodes[0].failures;
            let why = nodes[0].last_failure.as_deref().unwrap_or_default();
            if first {
                return Err(format!("{why}; {PORT_REMEDY}").into());
            }
            writeln!(io::stderr(), "gnss: {why}; trying again")?;
        }
        if let Progress::Ended(why) = progress {
            return Err(why.into());
        }
        first = false;
    }
}

/// Prints the fixes that it is sent.
#[derive(Clone, Debug)]
struct Printer;

impl Actor for Printer {}

impl Handler<Fix> for Printer {
    type Reply = ();
    async fn handle(&mut self, fix: Fix, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(print(&fix)?)
    }
}

/// One line; `null` where the receiver said nothing.
#[derive(Serialize)]
struct Line {
    time: Option<String>,
    /// 1: none, 2: in the plane, 3: in space, as in NMEA's GSA and in gpsd.
    mode: u8,
    lat: Option<f64>,
    lon: Option<f64>,
    alt_m: Option<f64>,
    speed_mps: Option<f64>,
    track_deg: Option<f64>,
    satellites: Option<u8>,
}

fn print(fix: &Fix) -> io::Result<()> {
    let line = Line {
        time: fix.time.map(|time| time.to_string()),
        mode: match fix.mode {
            FixMode::None => 1,
            FixMode::TwoD => 2,
            FixMode::ThreeD => 3,
        },
        lat: fix.latitude.map(|angle| angle.0),
        lon: fix.longitude.map(|angle| angle.0),
        alt_m: fix.altitude.map(|height| height.0),
        speed_mps: fix.speed.map(|speed| speed.0),
        track_deg: fix.track.map(|angle| angle.0),
        satellites: fix.satellites,
    };
    let mut out = io::stdout().lock();
    serde_json::to_writer(&mut out, &line)?;
    out.write_all(b"\n")?;
    out.flush()
}

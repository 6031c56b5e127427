//! An emulated Raspberry Pi 3: the linux board is held to its word on devices of a real kernel.

mod host;
mod qmp;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::args::Args;
use crate::{Outcome, cross, shell};
use host::Host;

/// How often the rover is killed if nothing is said.
const KILLS: u64 = 20;
/// How long the machine may run, in seconds, without kills and for each: some three times what it takes on a machine with
/// other work.
const LIMIT: u64 = 300;
const LIMIT_OF_A_KILL: u64 = 20;
/// The chips on its buses and what is plugged in, as qemu knows them.
const DEVICES: [&str; 5] = [
    "m25p80,drive=flash,bus=spi",
    "tmp105,id=thermometer,bus=i2c-bus.1,address=0x48",
    "lsm303dlhc_mag,bus=i2c-bus.1,address=0x1e",
    "ds1338,bus=i2c-bus.0,address=0x68",
    "usb-serial,chardev=nowhere,always-plugged=true,port=1",
];

/// Boots the machine, and has it run the checks of `drivers/board/examples/kernel.rs`, drivers of others, and the rover, which it
/// kills `--kills` times while it drives.
///
/// # Errors
/// When a check fails or none ran, or where it can't be set up.
pub(crate) fn pi(mut args: Args) -> Outcome {
    let kills: u64 = args.option("--kills")?.unwrap_or(KILLS);
    args.end()?;
    if kills < 8 {
        return Err(
            "--kills must be at least 8: both halves have one that is stopped instead".to_owned(),
        );
    }
    cross::set_up()?;
    let folder = shell::scratch("pi")?;
    let kernel = folder.join("kernel");
    shell::run(shell::command("xtask/emulated/kernel.sh").arg(&kernel))?;
    shell::run(&mut cross::cargo(
        "cargo build --locked -p sinew-board --features evdev --example kernel --example gamepad",
    ))?;
    shell::run(&mut cross::cargo(
        "cargo build --locked -p sinew-devices --example cost",
    ))?;
    shell::run(&mut cross::cargo(
        "cargo build --locked -p sinew-safety --example guarded",
    ))?;
    shell::run(&mut cross::cargo("cargo build --locked -p rover"))?;
    shell::run(&mut cross::cargo(
        "cargo build --locked -p sinew-foreign-drivers --example emulated",
    ))?;
    let image = image(&folder, &kernel)?;
    let host = Host::listen(&folder)?;
    let printed = run(machine(&kernel, &image, &host, kills))?;
    host.end()?;
    report(&printed)
}

/// Packs what the machine boots.
fn image(folder: &Path, kernel: &Path) -> Outcome<PathBuf> {
    let image = folder.join("initramfs.gz");
    let mut pack = shell::command("xtask/emulated/initramfs.sh");
    pack.args([kernel, &image]);
    for name in ["init", "test", "kills", "bus"] {
        pack.arg(format!("xtask/emulated/guest/{name}={name}"));
    }
    let programs = shell::scratch("pi/programs")?;
    for built in [
        "examples/kernel",
        "examples/gamepad",
        "examples/cost",
        "examples/emulated",
        "examples/guarded",
        "rover",
    ] {
        let built = cross::programs("debug").join(built);
        let name = built.file_name().unwrap_or_default();
        let stripped = programs.join(name);
        shell::run(
            Command::new("aarch64-linux-gnu-strip")
                .arg("-o")
                .args([&stripped, &built]),
        )?;
        pack.arg(format!("{}=bin/{}", stripped.display(), name.display()));
    }
    shell::run(&mut pack)?;
    Ok(image)
}

/// The machine, switched off. Emulated by hand: where there is `/dev/kvm`, it is none for this processor.
fn machine(kernel: &Path, image: &Path, host: &Host, kills: u64) -> Command {
    let mut qemu = Command::new("timeout");
    let limit = LIMIT + kills * LIMIT_OF_A_KILL;
    qemu.args([&limit.to_string(), "qemu-system-aarch64", "-M", "raspi3b"])
        .args([
            "-accel",
            "tcg,thread=multi",
            "-display",
            "none",
            "-no-reboot",
        ])
        .arg("-kernel")
        .arg(kernel.join("vmlinuz"))
        .arg("-dtb")
        .arg(kernel.join("pi.dtb"))
        .arg("-initrd")
        .arg(image)
        .arg("-append")
        .arg(format!(
            "console=ttyAMA0,115200 iomem=relaxed panic=-1 quiet rdinit=/init kills={kills}"
        ))
        .args(["-serial", "stdio", "-serial"])
        .arg(format!("unix:{}", host.uart().display()))
        .arg("-qmp")
        .arg(format!(
            "unix:{},server=on,wait=off",
            host.monitor().display()
        ));
    qemu.args(["-chardev", "null,id=nowhere"]);
    qemu.args([
        "-blockdev",
        "driver=null-co,node-name=flash,size=1048576,read-zeroes=on",
    ]);
    for device in DEVICES {
        qemu.args(["-device", device]);
    }
    qemu
}

/// Runs the machine until it switches itself off; what it printed, which the user sees as it comes.
fn run(mut machine: Command) -> Outcome<String> {
    let mut running = machine
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("cannot start {machine:?}: {e}"))?;
    let printed = read(&mut running);
    let status = running
        .wait()
        .map_err(|e| format!("the machine is lost: {e}"))?;
    match status.code() {
        Some(0) => printed,
        Some(124) => Err("the machine did not end in time".to_owned()),
        _ => Err(format!("the emulator failed: {status}")),
    }
}

fn read(running: &mut Child) -> Outcome<String> {
    let console = running.stdout.take().ok_or("the console is not there")?;
    let mut console = BufReader::new(console);
    let mut printed = String::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = console.read_until(b'\n', &mut line);
        if read.map_err(|e| format!("the console broke: {e}"))? == 0 {
            return Ok(printed);
        }
        let text = String::from_utf8_lossy(&line).replace('\r', "");
        print!("{text}");
        printed.push_str(&text);
    }
}

/// Counts the lines of TAP, and looks how the machine says that its test ended.
fn report(printed: &str) -> Outcome {
    let count = |start: &str| {
        printed
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    let (passed, failed) = (count("ok "), count("not ok "));
    println!("checks on the emulated Pi: {passed} passed, {failed} failed");
    let plans = printed.lines().filter_map(|line| line.strip_prefix("1.."));
    let planned: usize = plans.filter_map(|count| count.parse::<usize>().ok()).sum();
    if planned != passed + failed {
        return Err("the checks did not come to their end".to_owned());
    }
    if passed == 0 || failed > 0 || !printed.lines().any(|line| line == "ended: 0") {
        return Err("a check failed on the emulated Pi".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_wants_all_checks_passed_and_the_end_seen() {
        let whole = "ok 1 - a\n1..1\nok 1 - b\nok 2 - c\n1..2\nended: 0\n";
        assert_eq!(report(whole), Ok(()));
        let failed = whole.replace("ok 2", "not ok 2");
        let cut = whole.replace("1..2\n", "");
        let crashed = whole.replace("ended: 0", "ended: 139");
        for bad in [failed.as_str(), &cut, &crashed, "1..0\nended: 0\n", ""] {
            assert!(report(bad).is_err(), "{bad}");
        }
    }
}

//! What can be seen of the machine without asking anybody: its model, its kernel, and the nodes of its devices.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Where the nodes of devices are, and how they begin.
const NODES: [(&str, &[&str]); 2] = [
    (
        "/dev",
        &[
            "gpiochip", "i2c-", "spidev", "ttyAMA", "ttyS0", "ttyUSB", "ttyACM", "serial0",
        ],
    ),
    ("/sys/class/pwm", &["pwmchip"]),
];

/// A few lines of Markdown.
pub(super) fn describe() -> String {
    let read = |path: &str| {
        let text = fs::read_to_string(path).ok()?;
        Some(text.trim_matches(['\0', '\n', ' ']).to_owned())
    };
    let model = read("/proc/device-tree/model").unwrap_or_else(|| "not a Raspberry Pi".to_owned());
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_else(|| "not Linux".to_owned());
    let mut text = format!(
        "* model: {model}\n* processor: {}\n* kernel: {kernel}\n",
        std::env::consts::ARCH
    );
    for (folder, begins) in NODES {
        let mut found = nodes(Path::new(folder), begins);
        found.sort();
        let found = if found.is_empty() {
            "none".to_owned()
        } else {
            found.join(", ")
        };
        let _ = writeln!(text, "* in {folder}: {found}");
    }
    text
}

/// Those whose names begin so, each with who may use it.
fn nodes(folder: &Path, begins: &[&str]) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        let is_one = begins.iter().any(|begin| name.starts_with(begin));
        is_one.then(|| format!("{name}{}", access(&entry.path())))
    });
    names.collect()
}

/// Mode, owner and group: ` (660 0:997)`.
#[cfg(unix)]
fn access(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    match fs::metadata(path) {
        Ok(it) => format!(" ({:o} {}:{})", it.mode() & 0o777, it.uid(), it.gid()),
        Err(error) => format!(" ({error})"),
    }
}

#[cfg(not(unix))]
fn access(_: &Path) -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_is_described_and_only_what_begins_so_is_listed() {
        assert!(describe().contains("* kernel: "));
        let folder = tempfile::tempdir().unwrap();
        for name in ["i2c-1", "i2c-0", "sda"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let mut found = nodes(folder.path(), &["i2c-"]);
        found.sort();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("i2c-0") && found[1].starts_with("i2c-1"));
        assert_eq!(nodes(Path::new("/nowhere"), &["i2c-"]), [""; 0]);
    }
}

//! Which serial ports there are, and under which name each stays itself.
//!
//! `ttyUSB0` is whichever adapter was seen first. udev gives each a second name that says which one it is: by its maker, product
//! and serial number (`/dev/serial/by-id`), or by the socket that it is plugged into (`/dev/serial/by-path`), where two have no
//! number or the same. What a port is comes from sysfs (Linux, Documentation/ABI/stable/sysfs-bus-usb and
//! Documentation/ABI/testing/sysfs-tty).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A serial port of this computer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SerialPortInfo {
    /// As the kernel calls it now: `/dev/ttyUSB0`.
    pub device: PathBuf,
    /// A path that means this port again after it was unplugged, or the computer started anew; `None` where udev gives none, as to
    /// the ports of the computer itself, whose names stay.
    pub stable: Option<PathBuf>,
    /// What it is: maker, product and serial number on USB, else the kernel's driver.
    pub what: String,
}

impl SerialPortInfo {
    /// What to write into `robot.toml`.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.stable.as_deref().unwrap_or(&self.device)
    }
}

impl fmt::Display for SerialPortInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.path().display(), self.what)
    }
}

/// The serial ports of this computer, by the kernel's names; those behind which there is no hardware are left out.
#[must_use]
pub fn serial_ports() -> Vec<SerialPortInfo> {
    listed(Path::new("/sys/class/tty"), Path::new("/dev"))
}

/// What this computer has, for somebody who named a port that it has not.
pub(super) fn there_are(ports: &[SerialPortInfo]) -> String {
    if ports.is_empty() {
        return "it is not plugged in: this computer has no serial port now".to_owned();
    }
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    format!(
        "it is not plugged in, or has another name; there are: {}",
        ports.join(", ")
    )
}

fn listed(class: &Path, dev: &Path) -> Vec<SerialPortInfo> {
    let by_path = names(&dev.join("serial/by-path"));
    let by_id = names(&dev.join("serial/by-id"));
    let Ok(ports) = fs::read_dir(class) else {
        return Vec::new();
    };
    let mut found = ports
        .filter_map(Result::ok)
        .filter(|port| is_there(&port.path()))
        .map(|port| {
            let device = dev.join(port.file_name());
            let usb = Usb::of(&port.path());
            let by_path = by_path.get(&device).cloned();
            // Without a number of its own an adapter shares its name with all of its kind, and the last one seen has it.
            let by_id = by_id.get(&device).cloned();
            let by_id = by_id.filter(|_| usb.as_ref().is_some_and(|usb| usb.number.is_some()));
            let info = SerialPortInfo {
                stable: by_id.or(by_path.clone()),
                what: usb.as_ref().map_or_else(|| driver(&port.path()), Usb::told),
                device,
            };
            (info, usb, by_path)
        })
        .collect::<Vec<_>>();
    found.sort_by(|one, other| one.0.device.cmp(&other.0.device));
    // So do two whose maker gave all the same number.
    let twins = |usb: &Usb| {
        let same = found
            .iter()
            .filter(|(_, other, _)| other.as_ref() == Some(usb));
        let places: BTreeSet<_> = same
            .map(|(_, it, _)| it.as_ref().map(|it| &it.place))
            .collect();
        places.len() > 1
    };
    let infos = found.iter().map(|(info, usb, by_path)| {
        let mut info = info.clone();
        if usb.as_ref().is_some_and(twins) {
            info.stable.clone_from(by_path);
        }
        info
    });
    infos.collect()
}

/// Virtual terminals have no device; a PC's ports without hardware are of type 0 (`PORT_UNKNOWN`, include/uapi/linux/serial_core.h).
fn is_there(port: &Path) -> bool {
    port.join("device").exists() && text(&port.join("type")).as_deref() != Some("0")
}

/// The links of a folder, by what each leads to.
fn names(folder: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let Ok(links) = fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    let mut links: Vec<PathBuf> = links.filter_map(|link| Some(link.ok()?.path())).collect();
    // Of several names the first.
    links.sort_by(|one, other| other.cmp(one));
    let leads = links
        .into_iter()
        .filter_map(|link| Some((fs::canonicalize(&link).ok()?, link)));
    leads.collect()
}

/// A USB adapter, by what it says of itself.
#[derive(Clone, Debug)]
struct Usb {
    /// Where it is plugged in.
    place: PathBuf,
    kind: [Option<String>; 4],
    number: Option<String>,
}

/// Two are the same where nothing that they say tells them apart.
impl PartialEq for Usb {
    fn eq(&self, other: &Self) -> bool {
        (&self.kind, &self.number) == (&other.kind, &other.number)
    }
}

impl Usb {
    /// That behind a port, if it is on USB.
    fn of(port: &Path) -> Option<Self> {
        let device = fs::canonicalize(port.join("device")).ok()?;
        let place = device
            .ancestors()
            .find(|it| it.join("idVendor").is_file())?;
        let said = |name| text(&place.join(name));
        Some(Self {
            kind: ["idVendor", "idProduct", "manufacturer", "product"].map(said),
            number: said("serial"),
            place: place.to_owned(),
        })
    }

    fn told(&self) -> String {
        let [vendor, product, names @ ..] = &self.kind;
        let names: Vec<&str> = names.iter().flatten().map(String::as_str).collect();
        let mut told = if names.is_empty() {
            let number = |it: &Option<String>| it.clone().unwrap_or_default();
            format!("USB {}:{}", number(vendor), number(product))
        } else {
            names.join(" ")
        };
        if let Some(number) = &self.number {
            told += &format!(", number {number}");
        }
        told
    }
}

/// The driver of a port that is not on USB.
fn driver(port: &Path) -> String {
    let device = fs::canonicalize(port.join("device")).unwrap_or_default();
    let drivers = device.ancestors().filter_map(|it| {
        let driver = fs::canonicalize(it.join("driver")).ok()?;
        Some(driver.file_name()?.to_string_lossy().into_owned())
    });
    // Since 6.5 the kernel puts two devices of its own between a port and its hardware (drivers/tty/serial/serial_base_bus.c).
    let mut drivers = drivers.filter(|driver| driver != "port" && driver != "ctrl");
    drivers
        .next()
        .unwrap_or_else(|| "of this computer".to_owned())
}

/// What a file of sysfs says, if it says anything.
fn text(file: &Path) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A computer with an adapter that has a number, one that has none, two that have the same, a port of its own, and what is no port.
    fn computer() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let put = |path: &str, text: &str| {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), text).unwrap();
        };
        let link = |from: &str, to: &str| {
            fs::create_dir_all(at(from).parent().unwrap()).unwrap();
            symlink(at(to), at(from)).unwrap();
        };
        for (usb, port) in [
            ("1-1", "ttyUSB0"),
            ("1-2", "ttyUSB1"),
            ("1-3", "ttyUSB2"),
            ("1-4", "ttyUSB3"),
        ] {
            put(&format!("sys/usb/{usb}/idVendor"), "0403\n");
            put(&format!("sys/usb/{usb}/idProduct"), "6001\n");
            fs::create_dir_all(at(&format!("sys/usb/{usb}/{usb}:1.0/{port}"))).unwrap();
            link(
                &format!("class/{port}/device"),
                &format!("sys/usb/{usb}/{usb}:1.0/{port}"),
            );
            put(&format!("dev/{port}"), "");
            link(
                &format!("dev/serial/by-path/platform-{usb}-port0"),
                &format!("dev/{port}"),
            );
        }
        put("sys/usb/1-1/manufacturer", "FTDI\n");
        put("sys/usb/1-1/product", "FT232R USB UART\n");
        put("sys/usb/1-1/serial", "A5028\n");
        // One that has no number has a name all the same, which all of its kind share; and two have the same number.
        link(
            "dev/serial/by-id/usb-1a86_USB_Serial-if00-port0",
            "dev/ttyUSB1",
        );
        for usb in ["1-3", "1-4"] {
            put(&format!("sys/usb/{usb}/serial"), "0001\n");
        }
        link(
            "dev/serial/by-id/usb-0403_6001_0001-if00-port0",
            "dev/ttyUSB3",
        );
        link(
            "dev/serial/by-id/usb-FTDI_FT232R_USB_UART_A5028-if00-port0",
            "dev/ttyUSB0",
        );
        fs::create_dir_all(at("drivers/uart-pl011")).unwrap();
        fs::create_dir_all(at("drivers/port")).unwrap();
        link("sys/uart/driver", "drivers/uart-pl011");
        link("sys/uart/uart:0/uart:0.0/driver", "drivers/port");
        link("class/ttyAMA0/device", "sys/uart/uart:0/uart:0.0");
        put("class/ttyAMA0/type", "32\n");
        put("class/ttyS0/type", "0\n");
        link("class/ttyS0/device", "sys/uart");
        fs::create_dir_all(at("class/tty1")).unwrap();
        root
    }

    #[test]
    fn each_port_has_the_name_that_stays_its_own_and_says_what_it_is() {
        let root = computer();
        let found = listed(&root.path().join("class"), &root.path().join("dev"));
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        let dev = root.path().join("dev");
        let dev = dev.display();
        assert_eq!(
            told,
            [
                format!("{dev}/ttyAMA0 (uart-pl011)"),
                format!(
                    "{dev}/serial/by-id/usb-FTDI_FT232R_USB_UART_A5028-if00-port0 (FTDI FT232R USB UART, number A5028)"
                ),
                format!("{dev}/serial/by-path/platform-1-2-port0 (USB 0403:6001)"),
                format!("{dev}/serial/by-path/platform-1-3-port0 (USB 0403:6001, number 0001)"),
                format!("{dev}/serial/by-path/platform-1-4-port0 (USB 0403:6001, number 0001)"),
            ]
        );
    }

    #[test]
    fn a_computer_without_ports_says_so() {
        let nowhere = Path::new("/nowhere");
        assert_eq!(listed(nowhere, nowhere), []);
        assert!(there_are(&[]).contains("no serial port"));
    }

    #[test]
    fn whoever_names_a_port_that_is_not_there_reads_which_are() {
        let root = computer();
        let found = listed(&root.path().join("class"), &root.path().join("dev"));
        assert!(there_are(&found).contains("by-id/usb-FTDI"));
    }
}

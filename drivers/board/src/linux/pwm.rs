//! Hardware PWM through `/sys/class/pwm`.

use super::refusal::{Device, refused};
use crate::backend::{Encoding, Pwm, PwmLine, Wire};
use crate::{BoardError, PwmChannel};
use rustix::io::Errno;
use sinew_messages::Hertz;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the devices of the header's PWM end: Raspberry Pi 1 to 3 and Zero, 4, 5 (device trees of Linux; the RP1 of a
/// Pi 5 has two, of which the first is on the header).
const DEVICES: [&str; 4] = [
    "2020c000.pwm",
    "3f20c000.pwm",
    "fe20c000.pwm",
    "1f00098000.pwm",
];
/// How long udev may take to give an exported channel to its group.
const PATIENCE: u32 = 50;
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// The channels of the header's PWM chip.
#[derive(Debug)]
pub(super) struct Channels {
    class: PathBuf,
}

impl Channels {
    /// The channels under this folder, on a computer `/sys/class/pwm`.
    pub(super) fn new(class: PathBuf) -> Self {
        Self { class }
    }

    /// The chip on the header, found by its device; the only one, if there is one of another make.
    fn chip(&self, channel: PwmChannel) -> Result<PathBuf, BoardError> {
        let none = |why: String| BoardError::Unavailable {
            what: named(channel),
            why,
        };
        let mut chips: Vec<PathBuf> = match fs::read_dir(&self.class) {
            Ok(entries) => entries
                .filter_map(|entry| Some(entry.ok()?.path()))
                .collect(),
            Err(_) => Vec::new(),
        };
        chips.sort();
        let on_the_header = chips.iter().find(|chip| {
            let device = fs::canonicalize(chip.join("device")).unwrap_or_default();
            let name = device.file_name().unwrap_or_default().to_string_lossy();
            DEVICES.contains(&name.as_ref())
        });
        match (on_the_header, &chips[..]) {
            (Some(chip), _) => Ok(chip.clone()),
            (None, [only]) => Ok(only.clone()),
            (None, []) => Err(none(format!(
                "{} has no PWM chip; switch it on (dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4 in config.txt)",
                self.class.display()
            ))),
            (None, several) => Err(none(format!(
                "{} has {} PWM chips, and none is that of a Raspberry Pi's header",
                self.class.display(),
                several.len()
            ))),
        }
    }

    /// Opens a channel, at nothing and enabled.
    fn open(&self, channel: PwmChannel, frequency: Hertz) -> Result<Wire, BoardError> {
        let period = period(frequency).ok_or(BoardError::Frequency {
            channel,
            hertz: frequency.0,
        })?;
        let chip = self.chip(channel)?;
        let folder = chip.join(format!("pwm{}", channel.number()));
        export(&chip, &folder, channel)?;
        let refused = |doing, source| {
            let what = format!("{} under {}", named(channel), folder.display());
            refused(doing, what, source, Device::Pwm)
        };
        let write = |name: &str, text: &str| put(&open(&folder.join(name))?, text);
        // A duty above the new period would refuse the period; a polarity can be set while it is off alone, and it is
        // normal wherever nobody asked for the other.
        let duty = open(&folder.join("duty_cycle")).map_err(|error| refused("open", error))?;
        // A channel that never had a period takes no duty, not even none.
        let before = fs::read_to_string(folder.join("period")).unwrap_or_default();
        if before.trim() != "0" {
            put(&duty, "0").map_err(|error| refused("set the duty of", error))?;
        }
        write("period", &period.to_string()).map_err(|error| match code(&error) {
            Some(Errno::INVAL | Errno::RANGE) => BoardError::Frequency {
                channel,
                hertz: frequency.0,
            },
            _ => refused("set the period of", error),
        })?;
        put(&duty, "0").map_err(|error| refused("set the duty of", error))?;
        write("enable", "1").map_err(|error| refused("enable", error))?;
        Ok(Wire::new(duty.into(), Encoding::Duty { period }))
    }
}

impl Pwm for Channels {
    fn channel(
        &self,
        channel: PwmChannel,
        frequency: Hertz,
    ) -> Result<Box<dyn PwmLine>, BoardError> {
        let duty = self.open(channel, frequency)?;
        Ok(Box::new(Line { channel, duty }))
    }

    fn wire(&self, channel: PwmChannel, frequency: Hertz) -> Result<Wire, BoardError> {
        self.open(channel, frequency)
    }
}

/// An open channel: its duty's file stays open. It is never disabled, not even as a safe action: what the pin does then
/// is the chip's own affair, and duty 0 is low on all.
#[derive(Debug)]
struct Line {
    channel: PwmChannel,
    duty: Wire,
}

impl PwmLine for Line {
    fn set_duty(&mut self, duty: f64) -> Result<(), BoardError> {
        self.duty.put(duty).map_err(|error| match code(&error) {
            Some(Errno::NODEV) => BoardError::Lost {
                what: named(self.channel),
                why: "its chip is gone".to_owned(),
            },
            _ => refused("set the duty of", named(self.channel), error, Device::Pwm),
        })
    }
}

/// The nanoseconds of a period, if a frequency has one.
fn period(frequency: Hertz) -> Option<u64> {
    let nanos = (1e9 / frequency.0).round();
    (nanos.is_finite() && (1.0..=f64::from(u32::MAX)).contains(&nanos)).then_some(nanos as u64)
}

/// Has the kernel show the channel, and waits until it may be written: udev gives it to its group a little later.
fn export(chip: &Path, folder: &Path, channel: PwmChannel) -> Result<(), BoardError> {
    let failed = |error| {
        let what = format!("{} of {}", named(channel), chip.display());
        refused("export", what, error, Device::Pwm)
    };
    if !folder.is_dir() {
        let number = channel.number().to_string();
        let exported = open(&chip.join("export")).and_then(|file| put(&file, &number));
        match exported {
            Ok(()) => {}
            // Another program was quicker; the channel is there all the same.
            Err(error) if code(&error) == Some(Errno::BUSY) && folder.is_dir() => {}
            Err(error) => return Err(failed(error)),
        }
    }
    let mut looked = 0;
    loop {
        match open(&folder.join("duty_cycle")) {
            Ok(_) => return Ok(()),
            Err(error) if looked == PATIENCE => return Err(failed(error)),
            Err(_) => looked += 1,
        }
        #[allow(clippy::disallowed_methods, reason = "udev is waited for in real time")]
        std::thread::sleep(LOOK_EVERY);
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).open(path)
}

/// Writes a whole attribute in one system call, as sysfs wants it.
fn put(file: &File, text: &str) -> io::Result<()> {
    file.write_all_at(text.as_bytes(), 0)
}

fn code(error: &io::Error) -> Option<Errno> {
    error.raw_os_error().map(Errno::from_raw_os_error)
}

fn named(channel: PwmChannel) -> String {
    let pin = channel.pin();
    format!("{channel} ({pin}, header pin {})", pin.header_pin())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that looks as `/sys/class/pwm` does with its channels exported. A shorter text over a longer one leaves
    /// the end of that, which sysfs does not.
    struct Class {
        class: tempfile::TempDir,
        _devices: tempfile::TempDir,
    }

    impl Class {
        fn with(chips: &[(&str, &str)]) -> Self {
            let folder = || tempfile::tempdir().expect("a folder");
            let (class, devices) = (folder(), folder());
            for (chip, device) in chips {
                let chip = class.path().join(chip);
                let device = devices.path().join(device);
                fs::create_dir_all(&device).expect("a device");
                for channel in ["pwm0", "pwm1"] {
                    fs::create_dir_all(chip.join(channel)).expect("a channel");
                    for name in ["duty_cycle", "period", "enable"] {
                        fs::write(chip.join(channel).join(name), "").expect("an attribute");
                    }
                }
                std::os::unix::fs::symlink(&device, chip.join("device")).expect("a link");
            }
            Self {
                class,
                _devices: devices,
            }
        }

        fn channels(&self) -> Channels {
            Channels::new(self.class.path().to_owned())
        }

        fn read(&self, path: &str) -> String {
            fs::read_to_string(self.class.path().join(path)).expect("an attribute")
        }
    }

    #[test]
    fn the_chip_of_the_header_is_found_among_others() {
        let chips = [("pwmchip0", "fan.pwm"), ("pwmchip2", "1f00098000.pwm")];
        let class = Class::with(&chips);
        let line = class.channels().channel(PwmChannel::PWM0, Hertz(50.0));
        line.expect("a channel");
        assert_eq!(class.read("pwmchip2/pwm0/period"), "20000000");
        assert_eq!(class.read("pwmchip0/pwm0/period"), "");
    }

    #[test]
    fn of_several_chips_none_is_guessed() {
        let class = Class::with(&[("pwmchip0", "fan.pwm"), ("pwmchip1", "light.pwm")]);
        let refused = class.channels().channel(PwmChannel::PWM0, Hertz(50.0));
        let text = refused.expect_err("none is the header's").to_string();
        assert!(text.contains("2 PWM chips"), "{text}");
    }

    #[test]
    fn a_channel_is_set_to_nothing_before_its_period_and_enabled() {
        let class = Class::with(&[("pwmchip0", "other.pwm")]);
        let channels = class.channels();
        let mut line = channels
            .channel(PwmChannel::PWM1, Hertz(20_000.0))
            .expect("a channel");
        assert_eq!(class.read("pwmchip0/pwm1/period"), "50000");
        assert_eq!(class.read("pwmchip0/pwm1/enable"), "1");
        assert_eq!(class.read("pwmchip0/pwm1/duty_cycle"), "0");
        line.set_duty(0.25).expect("it takes any duty");
        assert_eq!(class.read("pwmchip0/pwm1/duty_cycle"), "12500");
        line.set_duty(7.0).expect("it takes any duty");
        assert_eq!(class.read("pwmchip0/pwm1/duty_cycle"), "50000");
        line.set_duty(f64::NAN).expect("it takes any duty");
        assert!(class.read("pwmchip0/pwm1/duty_cycle").starts_with('0'));
        assert_eq!(
            class.read("pwmchip0/pwm1/enable"),
            "1",
            "it is never disabled"
        );
    }

    #[test]
    fn a_frequency_without_a_period_is_refused() {
        let class = Class::with(&[("pwmchip0", "other.pwm")]);
        let channels = class.channels();
        for hertz in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-3, 1e12] {
            let refused = channels.channel(PwmChannel::PWM0, Hertz(hertz));
            assert!(
                matches!(refused, Err(BoardError::Frequency { .. })),
                "{hertz}"
            );
        }
    }

    #[test]
    fn a_computer_without_pwm_says_how_to_switch_it_on() {
        let empty = tempfile::tempdir().expect("a folder");
        let channels = Channels::new(empty.path().to_owned());
        let refused = channels.channel(PwmChannel::PWM0, Hertz(50.0));
        let text = refused.expect_err("there is none").to_string();
        assert!(
            text.contains("dtoverlay=pwm-2chan") && text.contains("GPIO12"),
            "{text}"
        );
    }
}

//! I2C buses through `i2c-dev`.

use super::only_holder::only_holder;
use super::refusal::{Device, remedy};
use crate::backend::I2c;
use crate::sync::lock;
use crate::{BoardError, BusError};
use embedded_hal::i2c::{NoAcknowledgeSource, Operation};
use i2cdev::core::{I2CMessage, I2CTransfer};
use i2cdev::linux::{LinuxI2CBus, LinuxI2CMessage};
use rustix::io::Errno;
use rustix::ioctl::{IntegerSetter, Opcode};
use sinew_messages::Hertz;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many messages one transaction may have (`I2C_RDWR_IOCTL_MAX_MSGS` of Linux, include/uapi/linux/i2c-dev.h).
const MOST_MESSAGES: usize = 42;
/// How many bytes one message may have (`i2cdev_ioctl_rdwr` of Linux, drivers/i2c/i2c-dev.c).
const MOST_BYTES: usize = 8_192;

/// How long a transaction may keep its thread, unless told otherwise: as long as a command stands by default. The kernel lets
/// it be a second.
pub(super) const PATIENCE: Duration = Duration::from_millis(250);
/// The same of a bus with motors: a stop waits for it.
pub(super) const PATIENCE_WITH_MOTORS: Duration = Duration::from_millis(20);
/// Unless the device tree says otherwise.
const STANDARD_MODE: Hertz = Hertz(100_000.0);
/// Sets an adapter's patience, in hundredths of a second (`I2C_TIMEOUT` of Linux, include/uapi/linux/i2c-dev.h).
const I2C_TIMEOUT: u32 = 0x0702;

/// The buses of a computer. Each is opened at its first use and stays open.
#[derive(Debug)]
pub(super) struct Buses {
    folder: PathBuf,
    patience: Duration,
    open: Mutex<BTreeMap<u8, Arc<Mutex<LinuxI2CBus>>>>,
    /// Those with motors on them.
    with_motors: Mutex<BTreeSet<u8>>,
    /// Those that were opened to be handed on.
    handed_on: Mutex<BTreeMap<u8, OwnedFd>>,
}

impl Buses {
    /// The buses `i2c-N` of this folder.
    pub(super) fn new(folder: PathBuf, patience: Duration) -> Self {
        Self {
            folder,
            patience,
            open: Mutex::default(),
            with_motors: Mutex::default(),
            handed_on: Mutex::default(),
        }
    }

    fn path(&self, bus: u8) -> PathBuf {
        self.folder.join(format!("i2c-{bus}"))
    }

    /// How long a transaction on it may take.
    fn patience(&self, bus: u8) -> Duration {
        if lock(&self.with_motors).contains(&bus) {
            PATIENCE_WITH_MOTORS
        } else {
            self.patience
        }
    }

    fn not_opened(&self, bus: u8, error: &io::Error) -> String {
        let errno = error.raw_os_error().map(Errno::from_raw_os_error);
        let path = self.path(bus);
        let remedy = remedy(Device::I2c, errno);
        format!("could not open {} ({error}); {remedy}", path.display())
    }

    fn bus(&self, bus: u8) -> Result<Arc<Mutex<LinuxI2CBus>>, BusError> {
        let mut open = lock(&self.open);
        if let Some(open) = open.get(&bus) {
            return Ok(Arc::clone(open));
        }
        let opened = LinuxI2CBus::new(self.path(bus)).map_err(io::Error::from);
        let patience = self.patience(bus);
        let opened = opened.and_then(|bus| {
            set_patience(file_of(&bus), patience)?;
            Ok(bus)
        });
        let opened = opened.map_err(|error| BusError::NoSuchBus {
            bus,
            why: self.not_opened(bus, &error),
        })?;
        let opened = Arc::new(Mutex::new(opened));
        open.insert(bus, Arc::clone(&opened));
        Ok(opened)
    }
}

/// Sets how long the adapter waits for a transaction, for all who use it: no setting is for one of them.
#[allow(unsafe_code, reason = "no crate has this call")]
pub(super) fn set_patience(file: BorrowedFd<'_>, patience: Duration) -> io::Result<()> {
    let hundredths = usize::try_from(patience.as_millis().div_ceil(10)).unwrap_or(usize::MAX);
    // SAFETY: the call takes an integer, of which the kernel refuses what it cannot use; another kind of file refuses it.
    let set = unsafe {
        let request = IntegerSetter::<{ I2C_TIMEOUT as Opcode }>::new_usize(hundredths.max(1));
        rustix::ioctl::ioctl(file, request)
    };
    Ok(set?)
}

#[allow(
    unsafe_code,
    reason = "the crate gives its descriptor as a number only"
)]
fn file_of(bus: &LinuxI2CBus) -> BorrowedFd<'_> {
    // SAFETY: the descriptor belongs to `bus`, which outlives this.
    unsafe { BorrowedFd::borrow_raw(bus.as_raw_fd()) }
}

impl I2c for Buses {
    fn transaction(
        &self,
        bus: u8,
        address: u8,
        operations: &mut [Operation<'_>],
    ) -> Result<(), BusError> {
        let mut parts = parts(operations);
        check(&parts, bus, address)?;
        if parts.is_empty() {
            return Ok(());
        }
        let open = self.bus(bus)?;
        let mut messages: Vec<LinuxI2CMessage<'_>> = parts
            .iter_mut()
            .map(|part| match part {
                Part::Write(bytes) => LinuxI2CMessage::write(bytes),
                Part::Read(bytes) => LinuxI2CMessage::read(bytes),
            })
            .map(|message| message.with_address(u16::from(address)))
            .collect();
        let done = lock(&open).transfer(&mut messages);
        done.map_err(|error| failed(bus, address, io::Error::from(error)))?;
        hand_out(&parts, operations);
        Ok(())
    }

    fn carry_motion(&self, bus: u8) {
        lock(&self.with_motors).insert(bus);
        if let Some(open) = lock(&self.open).get(&bus) {
            // The guardian has set the same when it opened the bus, and would have failed.
            let _ = set_patience(file_of(&lock(open)), PATIENCE_WITH_MOTORS);
        }
    }

    /// As the boot configuration has it, which the device tree tells.
    fn clock(&self, bus: u8) -> Hertz {
        let told = format!("/sys/class/i2c-adapter/i2c-{bus}/of_node/clock-frequency");
        let told: Option<[u8; 4]> = std::fs::read(told).ok().and_then(|it| it.try_into().ok());
        told.map_or(STANDARD_MODE, |it| Hertz(f64::from(u32::from_be_bytes(it))))
    }

    /// One file for all its chips: the lock that keeps another guardian away goes with it.
    fn wire(&self, bus: u8) -> Result<OwnedFd, BoardError> {
        let refused = |error: io::Error| BusError::NoSuchBus {
            bus,
            why: self.not_opened(bus, &error),
        };
        let mut handed_on = lock(&self.handed_on);
        if let Some(file) = handed_on.get(&bus) {
            return Ok(file.try_clone().map_err(refused)?);
        }
        let file = File::options().read(true).write(true).open(self.path(bus));
        let file = OwnedFd::from(file.map_err(refused)?);
        set_patience(file.as_fd(), PATIENCE_WITH_MOTORS).map_err(refused)?;
        only_holder(&file, || format!("I2C{bus}"))?;
        let own = file.try_clone().map_err(refused)?;
        handed_on.insert(bus, own);
        Ok(file)
    }
}

/// Bytes in one direction, between two starts.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Write(Vec<u8>),
    Read(Vec<u8>),
}

/// Operations of one kind that follow each other are one part: embedded-hal wants no repeated start between them.
fn parts(operations: &[Operation<'_>]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::with_capacity(operations.len());
    for operation in operations {
        match (parts.last_mut(), operation) {
            (Some(Part::Write(bytes)), Operation::Write(more)) => bytes.extend_from_slice(more),
            (Some(Part::Read(bytes)), Operation::Read(more)) => {
                bytes.resize(bytes.len() + more.len(), 0);
            }
            (_, Operation::Write(bytes)) => parts.push(Part::Write(bytes.to_vec())),
            (_, Operation::Read(bytes)) => parts.push(Part::Read(vec![0; bytes.len()])),
        }
    }
    parts
}

/// Refuses what the kernel would refuse without saying why.
fn check(parts: &[Part], bus: u8, address: u8) -> Result<(), BusError> {
    let longest = parts.iter().map(|part| match part {
        Part::Write(bytes) | Part::Read(bytes) => bytes.len(),
    });
    let longest = longest.max().unwrap_or(0);
    let why = if parts.len() > MOST_MESSAGES {
        format!(
            "a transaction of {} messages; Linux takes {MOST_MESSAGES}: use several transactions",
            parts.len()
        )
    } else if longest > MOST_BYTES {
        format!("a message of {longest} bytes; Linux takes {MOST_BYTES}: use several messages")
    } else {
        return Ok(());
    };
    Err(BusError::Other { bus, address, why })
}

/// Copies what was read to where it was asked for.
fn hand_out(parts: &[Part], operations: &mut [Operation<'_>]) {
    let read = parts.iter().filter_map(|part| match part {
        Part::Read(bytes) => Some(bytes.as_slice()),
        Part::Write(_) => None,
    });
    let mut bytes = read.flatten();
    for operation in operations {
        if let Operation::Read(into) = operation {
            into.iter_mut()
                .zip(&mut bytes)
                .for_each(|(to, from)| *to = *from);
        }
    }
}

/// What an error number of a transfer means (Documentation/i2c/fault-codes.rst of Linux).
pub(super) fn failed(bus: u8, address: u8, error: io::Error) -> BusError {
    match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NXIO | Errno::REMOTEIO) => BusError::NoAcknowledge {
            bus,
            address,
            of: NoAcknowledgeSource::Unknown,
        },
        Some(Errno::AGAIN) => BusError::ArbitrationLost { bus, address },
        Some(Errno::TIMEDOUT) => BusError::TimedOut { bus, address },
        Some(Errno::NODEV) => BusError::NoSuchBus {
            bus,
            why: "it is gone: its adapter was unplugged, or its driver unloaded".to_owned(),
        },
        Some(Errno::OPNOTSUPP) => BusError::Other {
            bus,
            address,
            why: "the adapter speaks SMBus alone, and no plain I2C; use another bus".to_owned(),
        },
        _ => BusError::Other {
            bus,
            address,
            why: error.to_string(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_of_one_kind_are_one_message() {
        let (mut first, mut second) = ([0; 2], [0; 3]);
        let operations = [
            Operation::Write(&[1]),
            Operation::Write(&[2, 3]),
            Operation::Read(&mut first),
            Operation::Read(&mut second),
            Operation::Write(&[4]),
        ];
        let wanted = [
            Part::Write(vec![1, 2, 3]),
            Part::Read(vec![0; 5]),
            Part::Write(vec![4]),
        ];
        assert_eq!(parts(&operations), wanted);
    }

    #[test]
    fn what_was_read_is_handed_out_in_order() {
        let (mut first, mut second, mut third) = ([0; 2], [0; 1], [0; 1]);
        let mut operations = [
            Operation::Read(&mut first),
            Operation::Read(&mut second),
            Operation::Write(&[9]),
            Operation::Read(&mut third),
        ];
        let parts = [
            Part::Read(vec![1, 2, 3]),
            Part::Write(vec![9]),
            Part::Read(vec![4]),
        ];
        hand_out(&parts, &mut operations);
        assert_eq!((first, second, third), ([1, 2], [3], [4]));
    }

    #[test]
    fn more_messages_than_linux_takes_are_refused_with_the_limit() {
        let buses = Buses::new(PathBuf::from("/nowhere"), PATIENCE);
        let mut bytes = [[0; 1]; 43];
        let mut operations: Vec<Operation<'_>> = Vec::new();
        for byte in &mut bytes {
            operations.push(Operation::Read(byte));
            operations.push(Operation::Write(&[0]));
        }
        let text = buses
            .transaction(1, 0x48, &mut operations)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("86 messages") && text.contains("42"),
            "{text}"
        );
        let long = vec![0; MOST_BYTES + 1];
        let text = buses
            .transaction(1, 0x48, &mut [Operation::Write(&long)])
            .unwrap_err()
            .to_string();
        assert!(text.contains("8193 bytes"), "{text}");
    }

    #[test]
    fn a_bus_that_is_not_there_says_where_it_was_looked_for_and_how_to_switch_it_on() {
        let buses = Buses::new(PathBuf::from("/nowhere"), PATIENCE);
        let error = buses.transaction(1, 0x48, &mut [Operation::Write(&[0])]);
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("/nowhere/i2c-1") && text.contains("raspi-config"),
            "{text}"
        );
    }

    #[test]
    fn a_file_that_is_no_bus_is_refused_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("i2c-1"), "").unwrap();
        let buses = Buses::new(folder.path().to_owned(), PATIENCE);
        let error = buses.transaction(1, 0x48, &mut [Operation::Write(&[0])]);
        let error = error.unwrap_err();
        assert!(
            matches!(error, BusError::NoSuchBus { bus: 1, .. }),
            "{error}"
        );
    }

    #[test]
    fn each_error_number_has_its_meaning() {
        let failed =
            |errno: Errno| failed(1, 0x48, io::Error::from_raw_os_error(errno.raw_os_error()));
        for errno in [Errno::NXIO, Errno::REMOTEIO] {
            assert!(matches!(
                failed(errno),
                BusError::NoAcknowledge {
                    bus: 1,
                    address: 0x48,
                    ..
                }
            ));
        }
        assert!(matches!(
            failed(Errno::AGAIN),
            BusError::ArbitrationLost { .. }
        ));
        assert!(matches!(failed(Errno::TIMEDOUT), BusError::TimedOut { .. }));
        assert!(matches!(failed(Errno::NODEV), BusError::NoSuchBus { .. }));
        assert!(matches!(failed(Errno::IO), BusError::Other { .. }));
    }
}

//! Input devices of a real kernel, one of which this program makes itself (uinput): prints a line of TAP for each promise. It needs
//! root and the modules `evdev` and `uinput`; `cargo xtask pi` runs it on the emulated Pi.
#![allow(clippy::print_stdout, reason = "its result is a report")]

#[cfg(target_os = "linux")]
fn main() -> std::process::ExitCode {
    linux::main()
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("1..0 # skip there is no Linux here");
}

#[cfg(target_os = "linux")]
mod linux {
    use evdev::uinput::VirtualDevice;
    use evdev::{
        AbsInfo, AbsoluteAxisCode, AttributeSet, EventType, InputEvent as Said, KeyCode,
        UinputAbsSetup,
    };
    use futures_core::Stream;
    use sinew_board::{Board, InputDevice, InputEvent, InputEventKind, linux};
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::process::ExitCode;
    use std::time::Duration;

    type Check = Result<(), String>;

    const NAME: &str = "a gamepad of uinput";
    const STICK: u16 = AbsoluteAxisCode::ABS_Y.0;
    const BUTTON: u16 = 0x130; // BTN_SOUTH
    /// More than the kernel keeps for a reader (drivers/input/evdev.c: at least 64), and so many that what is left ends here and there.
    const FLOODS: [i32; 3] = [1_984, 2_000, 2_015];

    pub(super) fn main() -> ExitCode {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("tokio runs here");
        let checks = runtime.block_on(all());
        println!("1..{}", checks.len());
        for (number, (what, done)) in (1..).zip(&checks) {
            match done {
                Ok(()) => println!("ok {number} - {what}"),
                Err(why) => println!("not ok {number} - {what}\n  # {why}"),
            }
        }
        ExitCode::from(u8::from(checks.iter().any(|(_, done)| done.is_err())))
    }

    async fn all() -> Vec<(&'static str, Check)> {
        let driven = driven().await;
        vec![
            (
                "a gamepad is found by its name, and what is done with it comes in order and on time",
                driven,
            ),
            (
                "a stick that nobody read in time is where it is",
                flooded().await,
            ),
            (
                "one that is unplugged is lost, and says so once",
                lost().await,
            ),
            (
                "one that is not there is refused with those that are",
                absent(),
            ),
        ]
    }

    fn plug() -> Result<VirtualDevice, String> {
        let mut buttons = AttributeSet::new();
        buttons.insert(KeyCode(BUTTON));
        let stick = UinputAbsSetup::new(
            AbsoluteAxisCode(STICK),
            // No fuzz: the kernel would keep small steps for itself.
            AbsInfo::new(0, -32_768, 32_767, 0, 128, 0),
        );
        let made = VirtualDevice::builder().and_then(|it| {
            it.name(NAME)
                .with_keys(&buttons)?
                .with_absolute_axis(&stick)?
                .build()
        });
        made.map_err(|error| format!("uinput: {error}"))
    }

    fn claim(name: &str) -> Result<InputDevice, String> {
        let board = Board::new(linux::backends());
        let claim = board.input_device("gamepad", name).map_err(text)?;
        claim.open().map_err(text)
    }

    /// Its file appears a moment after the device.
    async fn open() -> Result<InputDevice, String> {
        for _ in 0..50 {
            if let Ok(device) = claim(NAME) {
                return Ok(device);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        claim(NAME)
    }

    fn text(error: impl std::fmt::Display) -> String {
        error.to_string()
    }

    async fn next(device: &mut InputDevice) -> Result<Option<Result<InputEvent, String>>, String> {
        let next = poll_fn(|cx| Pin::new(&mut *device).poll_next(cx));
        let next = tokio::time::timeout(Duration::from_secs(5), next).await;
        next.map(|event| event.map(|event| event.map_err(text)))
            .map_err(|_| "nothing came within five seconds".to_owned())
    }

    async fn event(device: &mut InputDevice) -> Result<InputEvent, String> {
        let next = next(device).await?;
        next.ok_or_else(|| "the stream has ended".to_owned())?
    }

    fn equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Check {
        if found == wanted {
            return Ok(());
        }
        Err(format!("{what}: {found:?} instead of {wanted:?}"))
    }

    async fn driven() -> Check {
        let mut gamepad = plug()?;
        let mut device = open().await?;
        let info = device.info().ok_or("it says nothing of itself")?;
        equal("name", info.name.as_str(), NAME)?;
        equal("keys", info.keys.as_slice(), &[BUTTON])?;
        let axis = info.axes.first().ok_or("it has no axis")?;
        equal(
            "axis",
            (axis.code, axis.least, axis.most),
            (STICK, -32_768, 32_767),
        )?;
        equal("flat", axis.flat, 128)?;
        let board = Board::new(linux::backends());
        let mut last = board.now();
        for (kind, code, value) in [
            (InputEventKind::Absolute, STICK, -20_000),
            (InputEventKind::Key, BUTTON, 1),
            (InputEventKind::Absolute, STICK, 0),
            (InputEventKind::Key, BUTTON, 0),
        ] {
            let of = match kind {
                InputEventKind::Key => EventType::KEY,
                _ => EventType::ABSOLUTE,
            };
            gamepad
                .emit(&[Said::new(of.0, code, value)])
                .map_err(text)?;
            let found = event(&mut device).await?;
            equal(
                "event",
                (found.kind, found.code, found.value),
                (kind, code, value),
            )?;
            equal(
                "report",
                event(&mut device).await?.kind,
                InputEventKind::Report,
            )?;
            let now = board.now();
            // The kernel gives microseconds, cut off.
            if found.at + Duration::from_micros(1) < last || found.at > now {
                return Err(format!("{found:?} is not between {last:?} and {now:?}"));
            }
            last = now;
        }
        Ok(())
    }

    async fn flooded() -> Check {
        for last in FLOODS {
            flooded_up_to(last)
                .await
                .map_err(|why| format!("after {last}: {why}"))?;
        }
        Ok(())
    }

    async fn flooded_up_to(last: i32) -> Check {
        let mut gamepad = plug()?;
        let mut device = open().await?;
        for value in 1..=last {
            let moved = Said::new(EventType::ABSOLUTE.0, STICK, value);
            gamepad.emit(&[moved]).map_err(text)?;
        }
        let mut stick = 0;
        while stick != last {
            let found = event(&mut device)
                .await
                .map_err(|why| format!("{why}; the stick is said to be at {stick}"))?;
            if found.kind == InputEventKind::Absolute {
                stick = found.value;
            }
        }
        Ok(())
    }

    async fn lost() -> Check {
        let gamepad = plug()?;
        let mut device = open().await?;
        drop(gamepad);
        let Some(Err(why)) = next(&mut device).await? else {
            return Err("it is still there".to_owned());
        };
        equal("what is told", why.contains("unplugged"), true)?;
        equal("end", next(&mut device).await?.is_none(), true)
    }

    fn absent() -> Check {
        let _other = plug()?;
        let Err(why) = claim("gamepad") else {
            return Err("there is a device of this name".to_owned());
        };
        for part in ["gamepad", "[board.input_devices]"] {
            equal(part, why.contains(part), true)?;
        }
        let Err(why) = claim("/dev/null") else {
            return Err("/dev/null is a gamepad".to_owned());
        };
        equal(&why, why.contains("no input device"), true)
    }
}

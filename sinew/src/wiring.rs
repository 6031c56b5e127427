//! What is wired to the 40-pin header, and what the computer has to be told for it when it starts.

mod boot;
mod svg;
mod text;

use sinew_board::{ClaimInfo, HeaderPin, Pin, Resource};

/// The header with what sits on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wiring {
    /// The robot's name.
    robot: String,
    claims: Vec<ClaimInfo>,
}

/// One pin of the header.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// 1 to 40.
    number: u8,
    /// `GPIO17`, `3.3 V`.
    carries: String,
    /// What is wired to it, if anything is: `sonar: HC-SR04 echo`.
    fitted: Option<String>,
    kind: Kind,
}

/// What a pin is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A line that is in use.
    Used,
    /// A line that is free.
    Free,
    /// 3.3 V or 5 V.
    Supply,
    /// 0 V.
    Ground,
    /// Reserved.
    Reserved,
}

impl Wiring {
    /// What these claims come to.
    pub(crate) fn new(robot: &str, claims: Vec<ClaimInfo>) -> Self {
        Self {
            robot: robot.to_owned(),
            claims,
        }
    }

    /// A table of the parts, the header as it lies on the table, and the lines for `config.txt`.
    pub(crate) fn to_text(&self) -> String {
        text::write(self)
    }

    /// The header as a picture.
    pub(crate) fn to_svg(&self) -> String {
        svg::draw(self)
    }

    /// The pins of the header, in their order.
    fn places(&self) -> impl Iterator<Item = Place> {
        (1..=40).filter_map(|number| Some(self.place(number, HeaderPin::at(number)?)))
    }

    fn place(&self, number: u8, pin: HeaderPin) -> Place {
        let line = match pin {
            HeaderPin::Gpio(gpio) => Pin::gpio(gpio).ok(),
            HeaderPin::Other(_) => None,
        };
        let carries = match (line, pin) {
            (Some(line), _) => line.to_string(),
            (None, HeaderPin::Other(what)) => what.to_owned(),
            (None, HeaderPin::Gpio(gpio)) => format!("GPIO{gpio}"),
        };
        let fitted = line.and_then(|line| self.fitted(line));
        let kind = match (&fitted, line) {
            (Some(_), _) => Kind::Used,
            (None, Some(_)) => Kind::Free,
            (None, None) if carries.ends_with(" V") => Kind::Supply,
            (None, None) if carries == "ground" => Kind::Ground,
            (None, None) => Kind::Reserved,
        };
        Place {
            number,
            carries,
            fitted,
            kind,
        }
    }

    /// All that is wired to a line.
    fn fitted(&self, line: Pin) -> Option<String> {
        let here = self
            .claims
            .iter()
            .filter(|claim| claim.what.pins().contains(&line));
        let mut names: Vec<String> = here.map(|claim| on_pin(claim, line)).collect();
        names.dedup();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

/// `sonar: HC-SR04 echo`; `drive: left H-bridge, forward`.
fn name(claim: &ClaimInfo) -> String {
    let name = match &claim.owner {
        Some(owner) if owner == &claim.part => owner.clone(),
        Some(owner) => format!("{owner}: {}", claim.part),
        None => claim.part.clone(),
    };
    match claim.role {
        Some(role) => format!("{name}, {role}"),
        None => name,
    }
}

/// What a claim has this one of its pins for.
fn on_pin(claim: &ClaimInfo, line: Pin) -> String {
    let is_first = claim.what.pins().first() == Some(&line);
    match &claim.what {
        Resource::I2c { bus, address } => {
            let wire = if is_first { "SDA" } else { "SCL" };
            format!("{wire}{bus} {} ({address:#04x})", name(claim))
        }
        Resource::Spi { bus, select } => {
            let wires = ["MOSI", "MISO", "SCLK"];
            let place = claim.what.pins().iter().position(|pin| *pin == line);
            match place.and_then(|place| wires.get(place)) {
                Some(wire) => format!("{wire}{bus} {}", name(claim)),
                None => format!("CE{select} {}", name(claim)),
            }
        }
        Resource::Serial { .. } => {
            format!("{} {}", if is_first { "TXD" } else { "RXD" }, name(claim))
        }
        Resource::Pwm(channel) => format!("{channel} {}", name(claim)),
        _ => name(claim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sinew_board::{Bias, Board, BridgePins, Level, MotionSafety, PwmChannel, SerialSettings};
    use sinew_mock::Mock;

    fn wiring() -> Wiring {
        let board = Board::new(Mock::new(0).backends());
        let echo = board
            .input("HC-SR04 echo", Pin::GPIO24, Bias::None)
            .unwrap();
        echo.owned_by("sonar");
        board.indicator("lamp", Pin::GPIO5, Level::Low).unwrap();
        board.indicator("relay", Pin::GPIO27, Level::High).unwrap();
        board.indicator("buzzer", Pin::GPIO22, Level::Low).unwrap();
        board.i2c("MPU6050", 1, 0x68).unwrap().owned_by("imu");
        board.i2c("INA219", 1, 0x40).unwrap().owned_by("battery");
        let pins = BridgePins {
            pwm: PwmChannel::PWM0,
            forward: Pin::GPIO20,
            backward: Pin::GPIO21,
        };
        let bridge = board.bridge("left wheel", pins, MotionSafety::default());
        bridge.unwrap().owned_by("drive");
        let settings = SerialSettings::new(9_600);
        board.serial("receiver", "/dev/serial0", settings).unwrap();
        Wiring::new("toy", board.claims())
    }

    #[test]
    fn each_part_stands_at_its_pins() {
        let places: Vec<Place> = wiring().places().collect();
        assert_eq!(places.len(), 40);
        let fitted = |number: usize| places[number - 1].fitted.clone().unwrap_or_default();
        assert_eq!(fitted(18), "sonar: HC-SR04 echo");
        assert_eq!(
            fitted(3),
            "SDA1 imu: MPU6050 (0x68), SDA1 battery: INA219 (0x40)"
        );
        assert_eq!(
            fitted(5),
            "SCL1 imu: MPU6050 (0x68), SCL1 battery: INA219 (0x40)"
        );
        assert_eq!(
            (fitted(8), fitted(10)),
            ("TXD receiver".into(), "RXD receiver".into())
        );
        assert_eq!(fitted(32), "PWM0 drive: left wheel, speed");
        assert_eq!(fitted(40), "drive: left wheel, backward");
        let kinds = [1, 2, 6, 7, 18, 27].map(|number| places[number - 1].kind);
        assert_eq!(
            kinds,
            [
                Kind::Supply,
                Kind::Supply,
                Kind::Ground,
                Kind::Free,
                Kind::Used,
                Kind::Reserved
            ]
        );
    }

    #[test]
    fn what_a_pin_does_before_a_program_runs_is_told_to_the_firmware() {
        let lines = boot::lines(&wiring().claims);
        let lines: Vec<&str> = lines.iter().map(|line| line.setting.as_str()).collect();
        assert_eq!(
            lines,
            [
                "dtparam=i2c_arm=on",
                "dtoverlay=pwm,pin=12,func=4",
                "dtparam=audio=off",
                "enable_uart=1",
                // Pulled high at power-on, and rests low; pulled low, and rests high. GPIO22 is pulled to where it rests.
                "gpio=5=op,dl",
                "gpio=27=op,dh",
            ]
        );
        assert_eq!(boot::lines(&[]), []);
    }

    #[test]
    fn the_text_has_a_row_for_each_part_and_each_pair_of_pins() {
        let text = wiring().to_text();
        for part in [
            "GPIO24  18",
            "sonar: HC-SR04 echo",
            "(17) (18)",
            "gpio=5=op,dl",
            "ground",
        ] {
            assert!(text.contains(part), "no {part:?} in\n{text}");
        }
    }

    #[test]
    fn the_picture_escapes_what_a_robot_is_called() {
        let wiring = Wiring::new("a<b>&\"c\"", wiring().claims);
        let svg = wiring.to_svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("a&lt;b&gt;&amp;&quot;c&quot;") && svg.contains("HC-SR04 echo"));
        assert_eq!(svg.matches("<circle").count(), 40);
    }
}

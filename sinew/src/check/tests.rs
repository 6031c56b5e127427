//! Each kind of mistake in wiring, body and world: found, placed where it is written, with a remedy.

use super::*;
use crate::config::Loaded;
use crate::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    sonar: HcSr04Config,
    bumper: BumperConfig,
    gnss: GnssConfig,
    drive: DifferentialDriveConfig,
    lease_ms: u64,
    second_pilot: bool,
    same_name: bool,
    deaf_pilot: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            sonar: HcSr04Config::at(Pin::GPIO23, Pin::GPIO24),
            bumper: BumperConfig::at(Pin::GPIO17),
            gnss: GnssConfig::at("gnss", 9600),
            drive: DifferentialDriveConfig::default(),
            lease_ms: 250,
            second_pilot: false,
            same_name: false,
            deaf_pilot: false,
        }
    }
}

#[derive(Clone, Debug)]
struct Pilot;

impl Actor for Pilot {
    fn needs(needs: &mut Needs) {
        needs.value::<Range>();
    }
}
impl Emits<Twist> for Pilot {}
impl Handler<Range> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Range, _: &mut Context<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

fn graph(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("cart");
    let sonar = graph.add("sonar", HcSr04::on(board, &config.sonar)?);
    graph.add("bumper", Bumper::on(board, &config.bumper)?);
    graph.add("gnss", Gnss::on(board, &config.gnss)?);
    let pilot = graph.add("pilot", Pilot);
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);
    if !config.deaf_pilot {
        graph.connect(sonar.out::<Range>(), &pilot).latest();
    }
    graph
        .command(pilot.out::<Twist>(), &drive)
        .lease(ms(config.lease_ms));
    if config.second_pilot {
        let second = graph.add("copilot", Pilot);
        graph.connect(sonar.out::<Range>(), &second);
        graph.command(second.out::<Twist>(), &drive);
    }
    if config.same_name {
        let again = graph.add("pilot", Pilot);
        graph.connect(sonar.out::<Range>(), &again);
    }
    Ok(graph)
}

fn body(config: &Config) -> Body {
    let motor = |bridge: &BridgeConfig| BridgeMotorPins {
        pwm: bridge.pwm,
        forward: bridge.forward,
        backward: bridge.backward,
    };
    let wheel = Wheel {
        radius: Meters(0.03),
        offset: Meters(0.08),
        motor: MotorModel::default(),
    };
    let eyes = HcSr04Pins {
        trigger: config.sonar.trigger,
        echo: config.sonar.echo,
    };
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .wheel("left", Side::Left, motor(&config.drive.left), wheel)
    .wheel("right", Side::Right, motor(&config.drive.right), wheel)
    .sonar("sonar", eyes, Pose::default(), Radians(0.5))
    .bumper("bumper", config.bumper.pin, Radians(1.0))
    .gnss("gnss", &config.gnss.port, 9600, Hertz(1.0))
}

/// The same without the bumper, and with a lamp that no device drives.
fn odd_body(config: &Config) -> Body {
    let motor = |bridge: &BridgeConfig| BridgeMotorPins {
        pwm: bridge.pwm,
        forward: bridge.forward,
        backward: bridge.backward,
    };
    let wheel = Wheel {
        radius: Meters(0.03),
        offset: Meters(0.08),
        motor: MotorModel::default(),
    };
    let eyes = HcSr04Pins {
        trigger: config.sonar.trigger,
        echo: config.sonar.echo,
    };
    Body::new(Circle {
        radius: Meters(0.1),
    })
    .wheel("left", Side::Left, motor(&config.drive.left), wheel)
    .wheel("right", Side::Right, motor(&config.drive.right), wheel)
    .sonar("sonar", eyes, Pose::default(), Radians(0.5))
    .led("lamp", Pin::GPIO4)
    .gnss("gnss", &config.gnss.port, 9600, Hertz(1.0))
}

fn look(body: crate::robot::BodyFn<Config>, text: &str) -> Vec<Finding> {
    let mut loaded: Loaded<Config> = Loaded::parse(&SourceText::new("robot.toml", text));
    let mut findings = std::mem::take(&mut loaded.findings);
    findings.extend(
        wiring::check(
            Robot {
                name: "cart",
                graph,
                body,
            },
            &loaded,
        )
        .2,
    );
    findings
}

/// The only finding: its kind, line, offending text, message and help.
fn only(findings: &[Finding]) -> (FindingKind, Option<(usize, &str)>, &str, &str) {
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = &findings[0];
    let place = finding.place().map(|place| (place.line(), place.text()));
    (finding.kind(), place, finding.message(), finding.help())
}

#[test]
fn a_sound_robot_has_no_findings() {
    assert_eq!(look(body, ""), []);
    assert_eq!(look(body, "[board.ports]\ngnss = \"/dev/ttyUSB0\"\n"), []);
}

#[test]
fn two_owners_of_a_pin_are_both_named_where_the_file_says_so() {
    let findings = look(
        body,
        "[sonar]\necho = \"GPIO17\"\n[bumper]\npin = \"header:11\"\n",
    );
    let (kind, place, message, help) = only(&findings);
    assert_eq!(kind, FindingKind::Clash);
    assert_eq!(place, Some((2, "\"GPIO17\"")));
    for part in ["GPIO17 (header pin 11)", "\"sonar\"", "\"bumper\""] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(help, "move one of them to a free pin");
    let shown = findings[0].render(false);
    assert!(
        shown.contains("header:11") && shown.contains("and here"),
        "{shown}"
    );
}

#[test]
fn a_device_without_a_part_and_a_part_without_a_device_are_both_found() {
    let findings = look(odd_body, "[bumper]\npin = \"GPIO17\"\n");
    let kinds: Vec<_> = findings.iter().map(Finding::kind).collect();
    assert_eq!(kinds, [FindingKind::NotFitted, FindingKind::NoDevice]);
    assert_eq!(findings[0].place().map(|place| place.line()), Some(2));
    assert!(
        findings[0]
            .message()
            .contains("of node \"bumper\" uses GPIO17 (header pin 11)"),
        "{}",
        findings[0].message()
    );
    let lamp = findings[1].place().map(|place| place.text());
    assert_eq!(lamp, Some("led(\"lamp\", Pin::GPIO4)"));
    assert!(
        findings[1]
            .message()
            .contains("\"lamp\" (LED) is fitted to GPIO4"),
        "{}",
        findings[1].message()
    );
}

#[test]
fn a_mapped_port_that_nobody_uses_is_found() {
    let findings = look(body, "[board.ports]\ngps = \"/dev/ttyUSB0\"\n");
    let (kind, place, _, help) = only(&findings);
    assert_eq!(
        (kind, place),
        (FindingKind::UnusedPort, Some((2, "\"/dev/ttyUSB0\"")))
    );
    assert!(help.contains("gnss"), "{help}");
}

#[test]
fn a_mapped_input_device_that_nobody_uses_is_found() {
    let findings = look(body, "[board.input_devices]\ngamepad = \"Pro 2\"\n");
    let (kind, place, message, _) = only(&findings);
    assert_eq!(
        (kind, place),
        (FindingKind::UnusedPort, Some((2, "\"Pro 2\"")))
    );
    assert!(message.contains("input device `gamepad`"), "{message}");
}

#[test]
fn what_is_wrong_with_the_graph_is_found() {
    for (text, cause, parts) in [
        ("lease_ms = 1500", "command(pilot.out", ["lease", "1500 ms"]),
        (
            "second_pilot = true",
            "command(second.out",
            ["`pilot` and `copilot`", "arbiter"],
        ),
        (
            "same_name = true",
            "add(\"pilot\"",
            ["two nodes are called `pilot`", "name of its own"],
        ),
        (
            "deaf_pilot = true",
            "add(\"pilot\"",
            ["nothing emits `Range` to `pilot`", "connect"],
        ),
    ] {
        let findings = look(body, text);
        let (kind, place, message, help) = only(&findings);
        assert_eq!(kind, FindingKind::Graph);
        assert!(
            place.is_some_and(|(_, code)| code.contains(cause)),
            "{text}: {place:?}"
        );
        let all = format!("{message}; {help}");
        assert!(parts.iter().all(|part| all.contains(part)), "{text}: {all}");
    }
}

#[test]
fn mistakes_of_file_graph_body_and_claims_are_told_together() {
    let text = "second_pilot = true\nlease_ms = \"long\"\n[sonar]\ntriger = \"GPIO5\"\necho = \"GPIO17\"\n";
    let mut kinds: Vec<_> = look(odd_body, text).iter().map(Finding::kind).collect();
    kinds.sort();
    use FindingKind::{Clash, Graph, NoDevice, UnknownKey, WrongType};
    assert_eq!(kinds, [UnknownKey, WrongType, Clash, NoDevice, Graph]);
}

#[test]
fn a_graph_that_cannot_be_wired_is_a_finding() {
    fn broken(_: &Board, _: &Config) -> Result<Graph, WiringError> {
        Err(WiringError::new(
            "no wheel has a radius; set odometer.wheel_radius_m",
        ))
    }
    let (graph, _, findings) = wiring::check(
        Robot {
            name: "cart",
            graph: broken,
            body,
        },
        &Loaded::defaults(),
    );
    assert!(graph.is_none());
    let (kind, _, message, help) = only(&findings);
    assert_eq!(kind, FindingKind::Wiring);
    assert!(message.ends_with("no wheel has a radius"), "{message}");
    assert_eq!(help, "set odometer.wheel_radius_m");
}

#[test]
fn a_world_file_has_findings_of_its_own() {
    let findings = parse_world(&SourceText::new(
        "w.toml",
        "[bounds]\nx = [0, 4]\ny = [0, 2]\n[[circle]]\ncenter = [3, 1]\nradios = 0.4\n",
    ));
    let findings = findings.map(|_| ()).unwrap_err();
    assert!(
        findings
            .iter()
            .all(|finding| finding.kind() == FindingKind::World)
    );
    let place = findings.iter().find_map(|finding| {
        finding
            .place()
            .filter(|place| place.text().contains("radios"))
    });
    assert_eq!(place.map(|place| place.line()), Some(6), "{findings:#?}");
}

#[test]
fn a_clash_of_defaults_is_placed_where_the_code_adds_the_nodes() {
    fn twice(board: &Board, config: &Config) -> Result<Graph, WiringError> {
        let mut graph = graph(board, config)?;
        graph.add("knock", Bumper::on(board, &config.bumper)?);
        Ok(graph)
    }
    let robot = Robot {
        name: "cart",
        graph: twice,
        body,
    };
    let findings = wiring::check(robot, &Loaded::defaults()).2;
    let (kind, place, ..) = only(&findings);
    assert_eq!(kind, FindingKind::Clash);
    assert!(
        place.is_some_and(|(_, code)| code.contains("add(\"bumper\"")),
        "{place:?}"
    );
    assert!(
        findings[0].render(false).contains("add(\"knock\""),
        "{}",
        findings[0]
    );
}

#[test]
fn a_body_that_does_not_fit_wherever_a_seed_puts_it_is_found_before_it_runs() {
    let found = |start: &str, body: &Body| {
        let text = format!("[bounds]\nx = [0, 4]\ny = [0, 4]\n[start]\n{start}\n");
        let source = SourceText::new("w.toml", text);
        room_to_start(&parse_world(&source).unwrap(), body, &source)
    };
    let cart = body(&Config::default());
    assert_eq!(found("x = 1\ny = 1\nspread_m = 0.5", &cart), None);
    for start in ["x = 0.05\ny = 1", "x = 1\ny = 1\nspread_m = 2"] {
        let finding = found(start, &cart).unwrap();
        assert!(finding.help().contains("spread_m"), "{finding}");
        assert_eq!(finding.place().map(|place| place.line()), Some(4));
        assert_eq!(found(start, &Body::bench()), None);
    }
}

#[test]
fn a_clash_marks_the_lines_of_its_own_two_owners_only() {
    let text = "[sonar]\ntrigger = \"GPIO4\"\necho = \"GPIO7\"\n[bumper]\npin = \"GPIO4\"\n\
                [drive.left]\nforward = \"GPIO4\"\n";
    let findings = look(body, text);
    let of = |owner: &str| {
        let clash = findings.iter().find(|finding| {
            finding.kind() == FindingKind::Clash
                && finding.message().contains(owner)
                && finding.message().contains("node \"bumper\"")
        });
        clash.unwrap().render(false)
    };
    assert!(
        !of("node \"drive\"").contains("trigger"),
        "{}",
        of("node \"drive\"")
    );
    assert!(
        !of("node \"sonar\"").contains("forward"),
        "{}",
        of("node \"sonar\"")
    );
    assert!(of("node \"sonar\"").contains("trigger = "));
}

#[test]
fn a_real_pin_or_bus_that_nobody_uses_is_found() {
    let findings = look(
        body,
        "[board]\nreal_pins = [\"GPIO17\", \"GPIO27\"]\nreal_i2c = [1]\n",
    );
    let texts: Vec<String> = findings.iter().map(|it| it.render(false)).collect();
    let all = texts.join("\n");
    assert_eq!(findings.len(), 2, "{all}");
    assert!(all.contains("GPIO27") && all.contains("I2C1"), "{all}");
}

#![doc = include_str!("../README.md")]

mod config;
mod explorer;
mod ground;
mod logbook;
mod pilot;
mod reflex;
mod view;

pub use config::Config;
pub use explorer::{Explorer, Habits};
pub use logbook::{LogEntry, Logbook, ReadLog};
pub use pilot::{Pilot, PilotConfig};
pub use reflex::{Reflex, ReflexConfig};

use sinew::prelude::*;

/// The rover's nervous system: read it top to bottom.
///
/// # Errors
///
/// [`WiringError`] if two parts want one pin, bus address or port, or a measure makes no sense.
pub fn rover(board: &Board, config: &Config) -> Result<Graph, WiringError> {
    let mut graph = Graph::new("rover");
    let sonar = sensor(&mut graph, "sonar", HcSr04::on(board, &config.sonar)?);
    let bumper = sensor(&mut graph, "bumper", Bumper::on(board, &config.bumper)?);
    let imu = sensor(&mut graph, "imu", Mpu6050::on(board, &config.imu)?);
    let battery = sensor(&mut graph, "battery", Ina219::on(board, &config.battery)?);
    let gnss = sensor(&mut graph, "gnss", Gnss::on(board, &config.gnss)?);
    let left = sensor(
        &mut graph,
        "left-encoder",
        WheelEncoder::on(board, &config.left_encoder)?,
    );
    let right = sensor(
        &mut graph,
        "right-encoder",
        WheelEncoder::on(board, &config.right_encoder)?,
    );
    share_a_thread(&mut graph, &imu, &battery);
    let odometer = graph.add("odometer", Odometer::new(&config.odometer)?);
    let logbook = graph.add("logbook", Logbook::default());
    let pilot = graph.add("pilot", Pilot::new(&config.pilot));
    let teleop = graph.add("teleop", Teleop::new());
    let reflex = graph.add(
        "reflex",
        Reflex::new(&config.reflex, config.odometer.track_m),
    );
    let drive = graph.add("drive", DifferentialDrive::on(board, &config.drive)?);

    graph
        .connect(left.out::<WheelMotion>(), &odometer)
        .keep_newest(4);
    graph
        .connect(right.out::<WheelMotion>(), &odometer)
        .keep_newest(4);
    graph
        .connect(odometer.out::<Odometry>(), &pilot)
        .latest()
        .silence_after(ms(200));
    graph.connect(sonar.out::<Range>(), &pilot).latest();
    graph
        .connect(bumper.out::<Contact>(), &pilot)
        .keep_newest(8);
    graph
        .connect(battery.out::<BatteryState>(), &pilot)
        .latest()
        .silence_after(ms(1000));

    graph
        .connect(sonar.out::<Range>(), &reflex)
        .latest()
        .silence_after(ms(200));
    graph
        .connect(bumper.out::<Contact>(), &reflex)
        .keep_newest(8);
    graph
        .connect(imu.out::<Imu>(), &reflex)
        .latest()
        .silence_after(ms(100));
    graph.connect(odometer.out::<Odometry>(), &reflex).latest();
    graph.command(pilot.out::<Twist>(), &teleop);
    graph.command(teleop.out::<Twist>(), &reflex);
    graph.command(reflex.out::<Twist>(), &drive);

    graph.connect(gnss.out::<Fix>(), &logbook).keep_newest(8);
    graph
        .connect(battery.out::<BatteryState>(), &logbook)
        .latest();
    graph.connect(odometer.out::<Odometry>(), &logbook).latest();
    Ok(graph)
}

/// Adds what can be unplugged: it is tried again for ever, and meanwhile its silence keeps the wheels still.
fn sensor<A: Actor>(graph: &mut Graph, name: &str, factory: Factory<A>) -> Node<A> {
    let node = graph.add(name, factory);
    graph.supervise(&node, Restart::patient());
    node
}

/// Their drivers block while the bus transfers: on the robot they share a thread, and hold up nobody else.
fn share_a_thread(graph: &mut Graph, imu: &Node<Mpu6050>, battery: &Node<Ina219>) {
    let i2c = Thread::named("i2c");
    graph.place(imu, &i2c);
    graph.place(battery, &i2c);
}

/// What is fitted where, for the simulation.
#[must_use]
pub fn body(config: &Config) -> Body {
    let nose = Pose {
        x: Meters(0.1),
        ..Pose::default()
    };
    let beam = Radians(0.524);
    let sonar = HcSr04Pins {
        trigger: config.sonar.trigger,
        echo: config.sonar.echo,
    };
    let (imu, battery) = (&config.imu, &config.battery);
    Body::new(Circle {
        radius: Meters(0.11),
    })
    .drive(&config.drive, MotorModel::default())
    .encoders(&config.left_encoder, &config.right_encoder)
    .sonar("sonar", sonar, nose, beam)
    .bumper("bumper", config.bumper.pin, Radians(2.1))
    .imu("imu", imu.bus, imu.address)
    .battery(
        "battery",
        battery.bus,
        battery.address,
        battery.shunt_ohms,
        BatteryModel::default(),
    )
    .gnss("gnss", &config.gnss.port, config.gnss.baud, Hertz(10.0))
}

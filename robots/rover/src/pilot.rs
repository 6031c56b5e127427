//! The pilot: tells the rover where to go.
//!
//! Takes odometry, ranges, contacts and the battery's state; commands a [`Twist`] a hundred times a second. It stands
//! still while it does not know where it is, and when the battery is low.

use crate::explorer::{Explorer, Habits};
use serde::{Deserialize, Serialize};
use sinew::prelude::*;

/// How often it commands: 25 times within a lease of 250 ms, so that many may be lost.
const PERIOD: Duration = Duration::from_millis(10);

/// The speed of sound in air of 20 degrees Celsius.
const SOUND: MetersPerSecond = MetersPerSecond(343.2);

/// How the pilot drives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PilotConfig {
    /// The speed on a free way.
    pub cruise_m_s: MetersPerSecond,
    /// How fast it turns to look around.
    pub look_rad_s: RadiansPerSecond,
    /// From the rover's middle forward to its sonar.
    pub sonar_ahead_m: Meters,
    /// What stays free between the rover's middle and what ends a way.
    pub margin_m: Meters,
    /// What stays free to both sides of the middle of a way.
    pub clearance_m: Meters,
    /// The longest way before it looks around again.
    pub longest_way_m: Meters,
    /// Below this it stands still: a lead or lithium pack dies of more.
    pub battery_empty_v: Volts,
}

impl Default for PilotConfig {
    fn default() -> Self {
        Self {
            cruise_m_s: MetersPerSecond(0.6),
            look_rad_s: RadiansPerSecond(3.0),
            sonar_ahead_m: Meters(0.1),
            margin_m: Meters(0.35),
            clearance_m: Meters(0.30),
            longest_way_m: Meters(3.5),
            battery_empty_v: Volts(6.0),
        }
    }
}

/// The actor.
#[derive(Clone, Debug)]
pub struct Pilot {
    explorer: Explorer,
    battery_empty: Volts,
    odometry: Option<Odometry>,
    ahead: Option<Meters>,
    is_empty: bool,
}

/// Time to command.
#[derive(Clone, Copy, Debug)]
struct Tick;

impl Pilot {
    /// A pilot that has been nowhere.
    #[must_use]
    pub fn new(config: &PilotConfig) -> Self {
        let habits = Habits {
            cruise: config.cruise_m_s,
            look: config.look_rad_s,
            mounted: config.sonar_ahead_m,
            margin: config.margin_m,
            clearance: config.clearance_m,
            longest_way: config.longest_way_m,
        };
        Self {
            explorer: Explorer::new(habits),
            battery_empty: config.battery_empty_v,
            odometry: None,
            ahead: None,
            is_empty: false,
        }
    }
}

/// Where the rover was and looked when it called out: the wheels were read a little before the echo came, and
/// sound takes 6 ms there and back for each metre. At three radians a second that is some degrees.
fn pose_at_ping(odometry: &Odometry, range: &Range) -> Pose {
    let flight = range
        .distance
        .map_or(0.0, |distance| 2.0 * distance.0 / SOUND.0);
    let after = range.measured_at.seconds() - flight - odometry.measured_at.seconds();
    let Pose { x, y, heading } = odometry.pose;
    Pose {
        x,
        y,
        heading: heading + Radians(odometry.twist.yaw.0 * after),
    }
}

impl Actor for Pilot {
    async fn started(&mut self, ctx: &mut Context<Self>) -> Result<(), Failure> {
        ctx.every(PERIOD, Tick);
        Ok(())
    }

    fn needs(needs: &mut Needs) {
        needs.value::<Odometry>().value::<Range>();
    }
}

impl Emits<Twist> for Pilot {}

impl Handler<Odometry> for Pilot {
    type Reply = ();
    async fn handle(&mut self, odometry: Odometry, _: &mut Context<Self>) -> Result<(), Failure> {
        self.odometry = Some(odometry);
        Ok(())
    }
}

impl Handler<Range> for Pilot {
    type Reply = ();
    async fn handle(&mut self, range: Range, _: &mut Context<Self>) -> Result<(), Failure> {
        self.ahead = range.distance;
        if let Some(odometry) = self.odometry {
            self.explorer.hear(pose_at_ping(&odometry, &range), &range);
        }
        Ok(())
    }
}

impl Handler<Contact> for Pilot {
    type Reply = ();
    async fn handle(&mut self, contact: Contact, _: &mut Context<Self>) -> Result<(), Failure> {
        if let (true, Some(odometry)) = (contact.touching, self.odometry) {
            self.explorer.touch(odometry.pose);
        }
        Ok(())
    }
}

impl Handler<BatteryState> for Pilot {
    type Reply = ();
    async fn handle(
        &mut self,
        battery: BatteryState,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        // A voltage that is no number counts as empty.
        let is_full = battery.voltage >= self.battery_empty;
        self.is_empty = !is_full;
        Ok(())
    }
}

/// A battery that nobody measures counts as empty.
impl Handler<Silence<BatteryState>> for Pilot {
    type Reply = ();
    async fn handle(
        &mut self,
        _: Silence<BatteryState>,
        _: &mut Context<Self>,
    ) -> Result<(), Failure> {
        self.is_empty = true;
        Ok(())
    }
}

/// Without odometry it does not know where it is.
impl Handler<Silence<Odometry>> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Silence<Odometry>, _: &mut Context<Self>) -> Result<(), Failure> {
        self.odometry = None;
        Ok(())
    }
}

impl Handler<Tick> for Pilot {
    type Reply = ();
    async fn handle(&mut self, _: Tick, ctx: &mut Context<Self>) -> Result<(), Failure> {
        let twist = match self.odometry {
            Some(Odometry { pose, .. }) if !self.is_empty => self.explorer.step(pose, self.ahead),
            _ => Twist::ZERO,
        };
        ctx.publish(twist);
        Ok(())
    }
}

//! One step of the world.

use super::{Rig, STEP, collisions};
use crate::plant::{Lean, place};
use crate::world::World;
use sinew_board::{Duty, Timestamp};
use sinew_messages::{Meters, Pose, Radians, RadiansPerSecond, Side, Vector3};
use sinew_mock::BridgeState;

impl Rig {
    /// Moves the body for one step, which ends at `at`.
    pub(super) fn step(&mut self, at: Timestamp) {
        self.turn_motors();
        if let Some(chassis) = &mut self.chassis {
            let (left, right) = (
                self.fitted.speed(Side::Left),
                self.fitted.speed(Side::Right),
            );
            if self.lean.as_ref().is_some_and(Lean::lies) {
                // Its wheels turn in the air.
                chassis.step(
                    &self.world,
                    RadiansPerSecond::ZERO,
                    RadiansPerSecond::ZERO,
                    STEP,
                );
            } else {
                chassis.step(&self.world, left, right, STEP);
            }
            if let Some(lean) = &mut self.lean {
                if self.board.safety().is_armed() {
                    lean.let_go();
                }
                lean.step(chassis.acceleration().x, STEP);
            }
        }
        for encoder in &self.fitted.encoders {
            let turned = self.fitted.speed(encoder.side) * STEP;
            encoder.twin.turn(turned * encoder.sees, at - STEP, at);
        }
        if let Some(chassis) = &self.chassis {
            for (arc, bumper) in &self.fitted.bumpers {
                bumper.set(chassis.touches_ahead(*arc), at);
            }
        }
        self.rest.step(&self.drives, STEP);
        self.record(at);
        let now = self.truth.now();
        self.watch.look(
            at,
            &now,
            self.lean.as_ref().map_or(Radians::ZERO, Lean::tilt),
            (collisions(self.chassis.as_ref()), || {
                ahead(&self.world, now.pose, self.hull)
            }),
            &self.board,
            &self.drives,
        );
        drop(now);
        self.look_at_lurking(at);
    }

    /// Lets the motors turn, and draws their current.
    fn turn_motors(&mut self) {
        self.drives.clear();
        for motor in &self.fitted.motors {
            let duty = match motor.twin.state() {
                BridgeState::Drive(duty) => duty,
                BridgeState::Coast | BridgeState::Brake => Duty::ZERO,
            };
            self.drives.push((duty, motor.speed));
        }
        let forward: f64 = self.drives.iter().map(|(duty, _)| duty.ratio()).sum();
        let chassis = self.chassis.as_ref();
        let held = chassis.is_some_and(|chassis| chassis.is_held(forward));
        for (motor, drive) in self.fitted.motors.iter_mut().zip(&mut self.drives) {
            motor.speed = motor.twin.step(STEP, held || motor.stalled);
            if motor.reversed {
                motor.speed = -motor.speed;
            }
            drive.1 = motor.speed;
        }
        let motors = self.fitted.motors.iter().zip(&self.drives);
        let loads = motors.map(|(motor, (duty, speed))| {
            let turning = *speed / motor.model.top_speed;
            if *duty == Duty::ZERO {
                0.0
            } else {
                (duty.ratio() - turning).abs()
            }
        });
        self.battery.draw(loads, STEP);
    }

    /// Tells the chips, the map and the picture where the body is.
    pub(super) fn record(&mut self, at: Timestamp) {
        let mut now = self.truth.now();
        if let Some(chassis) = &self.chassis {
            now.pose = chassis.pose();
            now.twist = chassis.twist();
            now.acceleration = chassis.acceleration();
            now.turns = Vector3 {
                z: now.twist.yaw.0,
                ..Vector3::default()
            };
        }
        if let Some(lean) = &self.lean {
            (now.turns, now.acceleration) = lean.feels(now.twist.yaw.0, now.acceleration);
        }
        now.voltage = self.battery.voltage();
        now.current = self.battery.current();
        self.coverage.visit(place(now.pose), at);
        let range = now.echoes.first().and_then(|echo| echo.distance);
        self.journey.offer(at, now.pose, range);
    }
}

/// From the hull to the nearest thing straight ahead of its middle, a quarter of the hull to each side: as wide as a beam of 30 degrees
/// is where a robot should stand. What stands in the way of the hull's edge alone is the bumper's.
fn ahead(world: &World, pose: Pose, hull: Meters) -> Meters {
    /// Nobody asks for what is farther.
    const FAR: Meters = Meters(10.0);
    let ray = |aside: f64| {
        let from = place(pose).ahead(pose.heading, 0.0, aside);
        // The hull is round: beside its middle it begins later.
        let half = (hull.0 * hull.0 - aside * aside).max(0.0).sqrt();
        let free = world.cast(from, pose.heading, FAR)?;
        Some(Meters((free.0 - half).max(0.0)))
    };
    let edge = hull.0 * 0.25;
    let rays = [0.0, edge, -edge].into_iter().filter_map(ray);
    rays.reduce(Meters::min).unwrap_or(Meters(f64::INFINITY))
}

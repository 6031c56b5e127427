//! Where a body is and how it moves, in the plane.

use crate::{Meters, MetersPerSecond, Radians, RadiansPerSecond, Timestamp};
use serde::{Deserialize, Serialize};

/// The velocity of a body, in its own frame (`base_link`: x forward, y left).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Twist {
    /// Forward.
    pub x: MetersPerSecond,
    /// To the left; zero for a body that cannot move sideways.
    pub y: MetersPerSecond,
    /// Counter-clockwise, seen from above.
    pub yaw: RadiansPerSecond,
}

impl Twist {
    /// Standing still.
    pub const ZERO: Self = Self {
        x: MetersPerSecond::ZERO,
        y: MetersPerSecond::ZERO,
        yaw: RadiansPerSecond::ZERO,
    };

    /// Forward and turning, as a differential drive moves.
    #[must_use]
    pub const fn new(x: MetersPerSecond, yaw: RadiansPerSecond) -> Self {
        Self {
            x,
            y: MetersPerSecond::ZERO,
            yaw,
        }
    }
}

/// A place and a heading in the plane; the doc of the field or message names the frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// Along the frame's x axis.
    pub x: Meters,
    /// Along the frame's y axis.
    pub y: Meters,
    /// From the frame's x axis, counter-clockwise.
    pub heading: Radians,
}

/// Pose and velocity estimated from the wheels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Odometry {
    /// When the newest wheel reading that it holds was measured.
    pub measured_at: Timestamp,
    /// In the frame `odom`, which begins where the robot started.
    pub pose: Pose,
    /// In the frame `base_link`.
    pub twist: Twist,
}

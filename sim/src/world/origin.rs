//! Where on the globe a world lies.

use crate::world::Point;
use sinew_messages::{Degrees, Meters};

/// Equatorial radius of WGS 84 (NGA.STND.0036, table 3.1).
const SEMI_MAJOR_AXIS: f64 = 6_378_137.0;
/// Flattening of WGS 84 (the same).
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// The place on the globe (WGS 84) of a world's point (0, 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Origin {
    /// North positive.
    pub latitude: Degrees,
    /// East positive.
    pub longitude: Degrees,
    /// Above mean sea level.
    pub altitude: Meters,
}

impl Origin {
    /// Latitude and longitude of a point of the world, on the plane that touches the ellipsoid at the origin:
    /// within a millimeter of the ellipsoid's own figure for a world of 100 m.
    #[must_use]
    pub fn of(&self, point: Point) -> (Degrees, Degrees) {
        let (sin, cos) = libm::sincos(self.latitude.0.to_radians());
        let eccentricity = FLATTENING * (2.0 - FLATTENING);
        let bent = 1.0 - eccentricity * sin * sin;
        // Radii of curvature along the meridian and across it.
        let meridian = SEMI_MAJOR_AXIS * (1.0 - eccentricity) / (bent * bent.sqrt());
        let across = SEMI_MAJOR_AXIS / bent.sqrt();
        (
            self.latitude + Degrees((point.y.0 / meridian).to_degrees()),
            self.longitude + Degrees((point.x.0 / (across * cos)).to_degrees()),
        )
    }
}

/// The Royal Observatory at Greenwich.
impl Default for Origin {
    fn default() -> Self {
        Self {
            latitude: Degrees(51.4779),
            longitude: Degrees(-0.0015),
            altitude: Meters(47.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_has_the_lengths_that_the_ellipsoid_gives_it() {
        // 110,574 m and 111,320 m at the equator, 111,132 m and 78,847 m at 45 degrees (WGS 84).
        for (latitude, north, east) in [(0.0, 110_574.3, 111_319.5), (45.0, 111_131.7, 78_846.8)] {
            let origin = Origin {
                latitude: Degrees(latitude),
                longitude: Degrees(0.0),
                altitude: Meters(0.0),
            };
            let (lat, lon) = origin.of(Point::new(100.0, 100.0));
            assert!((100.0 / (lat.0 - latitude) - north).abs() < 1.0, "{lat}");
            assert!((100.0 / lon.0 - east).abs() < 1.0, "{lon}");
        }
    }
}

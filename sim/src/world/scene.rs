//! A world as the geometry engine sees it.

use crate::world::obstacle::{Outline, edges};
use crate::world::{Bounds, Obstacle, Point};
use parry2d::math::Vector;
use parry2d::query::{PointQuery, Ray, RayCast};
use parry2d::shape::{Ball, Segment};

/// The surfaces of a world: sides of outlines and discs, each with the box around it.
///
/// A surface is passed over by its box before the engine is asked. Worlds have some dozens of surfaces,
/// where that is faster than a tree.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    surfaces: Vec<Surface>,
}

/// The surface that is nearest to a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Nearest {
    /// From the point to the surface, in meters; negative inside of a disc.
    pub(crate) distance: f64,
    /// Of length one, from the surface to the point.
    pub(crate) away: (f64, f64),
}

#[derive(Clone, Debug)]
struct Surface {
    form: Form,
    low: Vector,
    high: Vector,
}

#[derive(Clone, Debug)]
enum Form {
    Side(Segment),
    Disc(Ball, Vector),
}

impl Scene {
    pub(crate) fn new(bounds: &Bounds, obstacles: &[Obstacle]) -> Self {
        let mut surfaces: Vec<Surface> = edges(&bounds.corners()).map(side).collect();
        for obstacle in obstacles {
            match &obstacle.outline {
                Outline::Circle { center, radius } => surfaces.push(disc(*center, radius.0)),
                Outline::Polygon(corners) => surfaces.extend(edges(corners).map(side)),
            }
        }
        Self { surfaces }
    }

    /// How far a ray of direction (`cos`, `sin`) goes from `from` before it meets a surface, at most `limit` meters.
    pub(crate) fn cast(&self, from: Point, cos: f64, sin: f64, limit: f64) -> Option<f64> {
        let ray = Ray::new(vector(from), Vector::new(cos as f32, sin as f32));
        let mut reach = limit as f32;
        let mut met = false;
        for surface in &self.surfaces {
            if !surface.is_on_the_way(&ray, reach) {
                continue;
            }
            if let Some(distance) = surface.form.cast(&ray, reach) {
                reach = distance;
                met = true;
            }
        }
        met.then_some(f64::from(reach))
    }

    /// The surface nearest to `point`.
    pub(crate) fn nearest(&self, point: Point) -> Nearest {
        let point = vector(point);
        let mut nearest = f32::INFINITY;
        let mut on_surface = point;
        for surface in &self.surfaces {
            let gap = (surface.low - point)
                .max(point - surface.high)
                .max(Vector::ZERO);
            if nearest > 0.0 && gap.length_squared() >= nearest * nearest {
                continue;
            }
            let (distance, foot) = surface.form.nearest(point);
            if distance < nearest {
                nearest = distance;
                on_surface = foot;
            }
        }
        let away =
            (point - on_surface).normalize_or_zero() * if nearest < 0.0 { -1.0 } else { 1.0 };
        Nearest {
            distance: f64::from(nearest),
            away: (f64::from(away.x), f64::from(away.y)),
        }
    }
}

impl Surface {
    /// Whether the box can be met within `reach`: no corner test, only the half planes along the axes.
    fn is_on_the_way(&self, ray: &Ray, reach: f32) -> bool {
        let end = ray.origin + ray.dir * reach;
        let (low, high) = (ray.origin.min(end), ray.origin.max(end));
        low.cmple(self.high).all() && high.cmpge(self.low).all()
    }
}

impl Form {
    fn cast(&self, ray: &Ray, reach: f32) -> Option<f32> {
        match self {
            Self::Side(segment) => segment.cast_local_ray(ray, reach, true),
            Self::Disc(ball, center) => {
                let local = Ray::new(ray.origin - *center, ray.dir);
                ball.cast_local_ray(&local, reach, true)
            }
        }
    }

    /// The distance to the surface and the surface's point there.
    fn nearest(&self, point: Vector) -> (f32, Vector) {
        match self {
            Self::Side(segment) => {
                let foot = segment.project_local_point(point, true).point;
                ((point - foot).length(), foot)
            }
            Self::Disc(ball, center) => {
                let local = point - *center;
                let foot = ball.project_local_point(local, false).point;
                (local.length() - ball.radius, foot + *center)
            }
        }
    }
}

fn side((from, to): (Point, Point)) -> Surface {
    let (from, to) = (vector(from), vector(to));
    Surface {
        form: Form::Side(Segment::new(from, to)),
        low: from.min(to),
        high: from.max(to),
    }
}

fn disc(center: Point, radius: f64) -> Surface {
    let (center, radius) = (vector(center), radius as f32);
    Surface {
        form: Form::Disc(Ball::new(radius), center),
        low: center - Vector::splat(radius),
        high: center + Vector::splat(radius),
    }
}

fn vector(point: Point) -> Vector {
    Vector::new(point.x.0 as f32, point.y.0 as f32)
}

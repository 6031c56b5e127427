//! Everything that can be found wrong without running.

mod code;
mod fitting;
#[cfg(test)]
mod tests;
mod wiring;

use crate::config::{Backend, Loaded, RobotConfig, calibration, read_text};
use crate::finding::{Finding, FindingKind};
use crate::robot::Robot;
use crate::source::SourceText;
use sinew_board::ClaimInfo;
use sinew_messages::Meters;
use sinew_runtime::Graph;
use sinew_sim::{Body, World};
use std::path::{Path, PathBuf};

/// A robot that was looked at.
#[derive(Debug)]
pub(crate) struct Checked<C> {
    /// Its configuration.
    pub(crate) loaded: Loaded<C>,
    /// Its surroundings; the built-in room unless a file was named.
    pub(crate) world: World,
    /// Its graph, if it could be wired.
    pub(crate) graph: Option<Graph>,
    /// What its parts claimed of the board.
    pub(crate) claims: Vec<ClaimInfo>,
    /// Everything that is wrong.
    pub(crate) findings: Vec<Finding>,
}

/// The files that are looked at, where they are named.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Files<'a> {
    /// The configuration.
    pub(crate) config: Option<&'a Path>,
    /// The surroundings.
    pub(crate) world: Option<&'a Path>,
    /// What was found out about the specimen.
    pub(crate) calibration: Option<&'a Path>,
    /// Whether that file may be made by the run, so that it need not exist.
    pub(crate) makes_calibration: bool,
    /// The board, if not the configuration's.
    pub(crate) board: Option<Backend>,
}

impl<'a> Files<'a> {
    /// A configuration alone.
    pub(crate) fn config(config: Option<&'a Path>) -> Self {
        Self {
            config,
            ..Self::default()
        }
    }

    /// The calibration that counts: the named one; on real hardware the one that is kept for the robot, if there is one.
    fn calibration(&self, robot: &str, backend: Backend) -> Option<PathBuf> {
        match (self.calibration, self.board.unwrap_or(backend)) {
            (Some(file), _) => {
                let counts = file.exists() || !self.makes_calibration;
                counts.then(|| file.to_path_buf())
            }
            (None, Backend::Mock) => None,
            (None, _) => calibration::place_of(robot).filter(|file| file.exists()),
        }
    }
}

/// Looks at everything, and goes on after what is wrong.
pub(crate) fn check<C: RobotConfig>(robot: Robot<C>, files: Files<'_>) -> Checked<C> {
    let Files { config, world, .. } = files;
    let mut loaded = Loaded::<C>::find(config);
    if let Some(file) = files.calibration(robot.name, loaded.board.backend) {
        loaded.calibrate(&file);
    }
    let mut findings = std::mem::take(&mut loaded.findings);
    let world = match world.map(read_world) {
        Some(Err(wrong)) => {
            findings.extend(wrong);
            World::room()
        }
        Some(Ok((world, source))) => {
            let body = (robot.body)(&loaded.config);
            findings.extend(room_to_start(&world, &body, &source));
            world
        }
        None => World::room(),
    };
    let (graph, claims, wrong) = wiring::check(robot, &loaded);
    findings.extend(wrong);
    Checked {
        loaded,
        world,
        graph,
        claims,
        findings,
    }
}

fn read_world(path: &Path) -> Result<(World, SourceText), Vec<Finding>> {
    let source = read_text(path, "world file").map_err(|finding| vec![finding])?;
    Ok((parse_world(&source)?, source))
}

/// A body that moves must fit wherever a seed may put it down, or some seeds would run and others not.
fn room_to_start(world: &World, body: &Body, source: &SourceText) -> Option<Finding> {
    let radius = body.hull().radius;
    let gap = world.start_clearance(radius);
    if !body.moves() || gap >= Meters(0.0) {
        return None;
    }
    let message = format!(
        "the body does not fit at the start: its hull of {radius} radius can reach {:.2} into something",
        -gap
    );
    let help = "move [start] or what stands there, or make its spread_m smaller";
    let finding = Finding::new(FindingKind::World, message, help);
    // A start may be written in more ways than as a section; then only the message names it.
    let begin = source.text().find("[start]");
    Some(match begin {
        Some(begin) => finding.at(source.place(begin..begin + "[start]".len())),
        None => finding,
    })
}

fn parse_world(source: &SourceText) -> Result<World, Vec<Finding>> {
    World::from_toml(source.text(), source.name()).map_err(|wrong| {
        let finding = |wrong: sinew_sim::WorldFinding| {
            Finding::new(FindingKind::World, wrong.message, wrong.help).at(source.place(wrong.span))
        };
        wrong.into_iter().map(finding).collect()
    })
}

//! Everything that can be found wrong without running.

mod code;
mod fitting;
#[cfg(test)]
mod tests;
mod wiring;

use crate::config::{Loaded, RobotConfig, read_text};
use crate::finding::{Finding, FindingKind};
use crate::robot::Robot;
use crate::source::SourceText;
use sinew_runtime::Graph;
use sinew_sim::World;
use std::path::Path;

/// A robot that was looked at.
#[derive(Debug)]
pub(crate) struct Checked<C> {
    /// Its configuration.
    pub(crate) loaded: Loaded<C>,
    /// Its surroundings; the built-in room unless a file was named.
    pub(crate) world: World,
    /// Its graph, if it could be wired.
    pub(crate) graph: Option<Graph>,
    /// Everything that is wrong.
    pub(crate) findings: Vec<Finding>,
}

/// Looks at everything, and goes on after what is wrong.
pub(crate) fn check<C: RobotConfig>(
    robot: Robot<C>,
    config: Option<&Path>,
    world: Option<&Path>,
) -> Checked<C> {
    let mut loaded = Loaded::<C>::find(config);
    let mut findings = std::mem::take(&mut loaded.findings);
    let world = match world.map(read_world) {
        Some(Err(wrong)) => {
            findings.extend(wrong);
            World::room()
        }
        Some(Ok(world)) => world,
        None => World::room(),
    };
    let (graph, wrong) = wiring::check(robot, &loaded);
    findings.extend(wrong);
    Checked {
        loaded,
        world,
        graph,
        findings,
    }
}

fn read_world(path: &Path) -> Result<World, Vec<Finding>> {
    let source = read_text(path, "world file").map_err(|finding| vec![finding])?;
    parse_world(&source)
}

fn parse_world(source: &SourceText) -> Result<World, Vec<Finding>> {
    World::from_toml(source.text(), source.name()).map_err(|wrong| {
        let finding = |wrong: sinew_sim::WorldFinding| {
            Finding::new(FindingKind::World, wrong.message, wrong.help).at(source.place(wrong.span))
        };
        wrong.into_iter().map(finding).collect()
    })
}

//! What is seen while one watches: the map, a line above, two below.

use crate::pace::Speed;
use sinew_sim::{Snapshot, text_map};

/// The lines around the map.
const AROUND: usize = 3;

/// One frame for a screen of so many columns and lines.
pub(super) fn frame(
    robot: &str,
    hardware: &str,
    speed: Speed,
    snapshot: &Snapshot,
    news: &str,
    (width, height): (usize, usize),
) -> String {
    let times = match speed {
        Speed::Max => "full speed".to_owned(),
        Speed::Times(factor) => format!("{factor} times real time"),
    };
    let state = match (snapshot.is_armed, snapshot.is_touching) {
        (false, _) => "DISARMED",
        (true, true) => "touching",
        (true, false) => "armed",
    };
    let drive = if snapshot.closest_approach.0.is_finite() {
        format!(
            "{:5.2} m driven  {:3.0} % visited  nearest {:.2} m  {} collisions",
            snapshot.distance.0,
            snapshot.coverage * 100.0,
            snapshot.closest_approach.0,
            snapshot.collisions,
        )
    } else {
        "stays where it is".to_owned()
    };
    let figures = format!("{:5.1} s  {drive}  {state}", snapshot.at.seconds());
    let map = text_map(snapshot, width, height.saturating_sub(AROUND));
    let mut lines = vec![format!("{robot}: {hardware}, {times}. Ctrl-C stops.")];
    lines.extend(map.lines().map(str::to_owned));
    lines.extend([figures, news.to_owned()]);
    let cut = lines
        .iter()
        .take(height)
        .map(|line| line.chars().take(width).collect::<String>());
    cut.collect::<Vec<_>>().join("\n")
}

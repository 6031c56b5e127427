//! The `robot.toml` beside the rover says what the code says.

use rover::Config;
use sinew::config::{Leaf, Loaded};
use std::path::Path;

#[test]
fn the_committed_robot_toml_is_sound_and_states_the_defaults() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("robot.toml");
    let loaded = Loaded::<Config>::find(Some(&file));
    assert!(loaded.findings.is_empty(), "{:#?}", loaded.findings);
    let stated: Vec<&Leaf> = loaded.leaves.iter().collect();
    assert!(stated.len() > 20, "it says hardly anything: {stated:#?}");
    let (stated, default) = (loaded.config, Config::default());
    assert_eq!(format!("{stated:#?}"), format!("{default:#?}"));
}

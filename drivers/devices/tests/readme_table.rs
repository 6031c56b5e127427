//! The table in the README and the files agree.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const EVIDENCE: [&str; 4] = [
    "twin only",
    "third-party driver agrees",
    "maker's frames or recording",
    "no hardware",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Source file -> (device, feature, evidence), as the README says.
fn rows() -> BTreeMap<String, (String, String, String)> {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let plain = |cell: &str| cell.trim().trim_matches('`').to_owned();
    readme
        .lines()
        .filter(|line| line.starts_with('|') && line.contains("`src/"))
        .map(|line| {
            let cells: Vec<String> = line.trim_matches('|').split('|').map(plain).collect();
            let [_, device, _, _, file, feature, evidence] = &cells[..] else {
                panic!("a row has seven cells: {line}");
            };
            (
                file.clone(),
                (device.clone(), feature.clone(), evidence.clone()),
            )
        })
        .collect()
}

/// Source file -> the public actor in it.
fn devices() -> BTreeMap<String, String> {
    let mut devices = BTreeMap::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue; // Parts of a device stand in a folder of its name.
        }
        let text = fs::read_to_string(&path).unwrap();
        for line in text.lines() {
            let actor = line.strip_prefix("impl Actor for ");
            if let Some(actor) = actor.and_then(|rest| rest.split([' ', '{']).next()) {
                let file = format!("src/{}", path.file_name().unwrap().to_str().unwrap());
                devices.insert(file, actor.to_owned());
            }
        }
    }
    devices
}

#[test]
fn every_device_has_a_row_and_every_row_a_device() {
    let said: BTreeMap<String, String> = rows()
        .into_iter()
        .map(|(file, (device, _, _))| (file, device))
        .collect();
    assert_eq!(said, devices());
    assert!(said.len() >= 9);
}

#[test]
fn evidence_is_one_of_the_kinds_that_the_readme_explains() {
    for (file, (_, _, evidence)) in rows() {
        assert!(EVIDENCE.contains(&&*evidence), "{file}: {evidence}");
    }
}

#[test]
fn a_feature_is_named_exactly_where_the_module_asks_for_it() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for (file, (_, feature, _)) in rows() {
        let module = Path::new(&file).file_stem().unwrap().to_str().unwrap();
        let gate = lib
            .lines()
            .zip(lib.lines().skip(1))
            .find(|(_, line)| *line == format!("mod {module};"))
            .map(|(before, _)| before.to_owned())
            .unwrap_or_default();
        let asked = gate.contains("cfg(feature");
        assert_eq!(asked, !feature.is_empty(), "{file}");
        assert!(
            !asked || gate.contains(&format!("\"{feature}\"")),
            "{file}: {gate}"
        );
    }
}

#[test]
fn every_device_says_how_it_is_wired_when_it_fails_and_where_that_is_from() {
    for file in devices().keys() {
        let text = fs::read_to_string(root().join(file)).unwrap();
        let head: String = text
            .lines()
            .take_while(|line| line.starts_with("//!"))
            .collect();
        for word in ["**Wiring.**", "**Messages.**", "**Fails**", "Source:"] {
            assert!(head.contains(word), "{file} does not say {word}");
        }
    }
}

//! The guarantees of the README and the files of this folder belong together.

use std::collections::BTreeSet;
use std::path::Path;

/// The guarantees: each bullet of their section, in one line.
fn guarantees() -> Vec<String> {
    let readme = include_str!("../README.md");
    let section = readme
        .split("\n## ")
        .find(|part| part.starts_with("Guarantees"));
    let section = section.expect("the README has a section `Guarantees`");
    let bullets = section.split("\n* ").skip(1);
    bullets
        .map(|bullet| {
            let end = bullet.find("\n\n").unwrap_or(bullet.len());
            bullet[..end]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect()
}

/// The test files that exist, but for this one.
fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let entries = folder.read_dir().expect("the folder of this file");
    entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".rs") && name != "readme.rs")
        .collect()
}

#[test]
fn each_guarantee_is_one_sentence_and_names_its_test_file() {
    let files = files();
    let guarantees = guarantees();
    assert!(
        guarantees.len() >= 15,
        "the section was not found: {guarantees:?}"
    );
    for guarantee in guarantees {
        let (sentence, file) = guarantee
            .rsplit_once(" (`")
            .unwrap_or_else(|| panic!("no file is named: {guarantee}"));
        let file = file.trim_end_matches("`)");
        assert!(
            files.contains(file),
            "there is no tests/{file}: {guarantee}"
        );
        assert!(sentence.ends_with('.'), "{guarantee}");
        assert!(
            !sentence.contains(". "),
            "more than one sentence: {guarantee}"
        );
    }
}

#[test]
fn each_test_file_is_named_by_one_guarantee() {
    for file in files() {
        let name = format!("(`{file}`)");
        let named = guarantees().iter().filter(|it| it.contains(&name)).count();
        assert_eq!(named, 1, "guarantees that name {file}");
    }
}

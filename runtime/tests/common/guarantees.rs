//! The guarantees of a README and the test files of its crate belong together.

use std::collections::BTreeSet;
use std::path::Path;

/// Panics unless each guarantee is one sentence that names its test file. There must be as many as that at least, or
/// they were not found.
pub(crate) fn each_is_one_sentence_and_names_its_test_file(
    readme: &str,
    crate_folder: &str,
    at_least: usize,
) {
    let (guarantees, files) = (guarantees(readme), files(crate_folder));
    assert!(
        guarantees.len() >= at_least,
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

/// Panics unless each test file is named by exactly one guarantee.
pub(crate) fn each_test_file_is_named_once(readme: &str, crate_folder: &str) {
    let guarantees = guarantees(readme);
    for file in files(crate_folder) {
        let name = format!("(`{file}`)");
        let named = guarantees.iter().filter(|it| it.contains(&name)).count();
        assert_eq!(named, 1, "guarantees that name {file}");
    }
}

/// Panics unless each test file is part of the one program or a program of its own: Cargo finds none by itself.
pub(crate) fn each_test_file_runs(crate_folder: &str) {
    let read = |path: &str| {
        let path = Path::new(crate_folder).join(path);
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    };
    let (program, manifest) = (read("tests/main.rs"), read("Cargo.toml"));
    for file in files(crate_folder) {
        let name = file.trim_end_matches(".rs");
        let is_part = program.lines().any(|line| line == format!("mod {name};"));
        let is_program = manifest.contains(&format!("[[test]]\nname = \"{name}\"\n"));
        assert!(
            is_part != is_program,
            "tests/{file}: a line `mod {name};` in tests/main.rs, or a [[test]] in Cargo.toml"
        );
    }
}

/// The guarantees: each bullet of their section, in one line.
fn guarantees(readme: &str) -> Vec<String> {
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

/// The test files that exist, but for the one that looks at them and the one that joins them.
fn files(crate_folder: &str) -> BTreeSet<String> {
    let entries = Path::new(crate_folder).join("tests").read_dir();
    let entries = entries.expect("the crate has tests");
    entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".rs") && name != "readme.rs" && name != "main.rs")
        .collect()
}

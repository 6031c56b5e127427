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

/// The test files that exist, but for the one that looks at them.
fn files(crate_folder: &str) -> BTreeSet<String> {
    let entries = Path::new(crate_folder).join("tests").read_dir();
    let entries = entries.expect("the crate has tests");
    entries
        .map(|entry| entry.expect("it can be read").file_name())
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".rs") && name != "readme.rs")
        .collect()
}

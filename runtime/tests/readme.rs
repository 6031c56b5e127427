//! The guarantees of the README and the files of this folder belong together.

#[path = "common/guarantees.rs"]
mod guarantees;

const README: &str = include_str!("../README.md");
const CRATE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn each_guarantee_is_one_sentence_and_names_its_test_file() {
    guarantees::each_is_one_sentence_and_names_its_test_file(README, CRATE, 15);
}

#[test]
fn each_test_file_is_named_by_one_guarantee() {
    guarantees::each_test_file_is_named_once(README, CRATE);
}

#[test]
fn each_test_file_runs() {
    guarantees::each_test_file_runs(CRATE);
}

//! The files of the repository, in a fixed order, without what is built.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository's root folder.
#[must_use]
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests is a folder of the repository")
}

/// All files, as paths relative to the root with `/` between folders, sorted.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn files() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder)
            .unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()));
        for entry in entries {
            let path = entry
                .unwrap_or_else(|e| panic!("cannot read {}: {e}", folder.display()))
                .path();
            if path.is_dir() {
                folders.extend(Some(path).filter(|path| !is_built(path)));
            } else if path.file_name().is_some_and(|name| name != ".git") {
                found.push(relative(&path));
            }
        }
    }
    found.sort();
    found
}

/// All files whose name ends so.
#[must_use]
pub fn files_ending(end: &str) -> Vec<String> {
    files()
        .into_iter()
        .filter(|path| path.ends_with(end))
        .collect()
}

/// The text of a file, or `None` where it is not UTF-8.
///
/// # Panics
/// When it cannot be read.
#[must_use]
pub fn text(path: &str) -> Option<String> {
    let bytes = fs::read(root().join(path)).unwrap_or_else(|e| panic!("cannot read {path}: {e}"));
    String::from_utf8(bytes).ok()
}

/// Folders that hold what was made, not what was written.
fn is_built(folder: &Path) -> bool {
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name == ".git"
        || name.starts_with("mutants.out")
        || folder.join("CACHEDIR.TAG").exists()
        || name == "target"
}

fn relative(path: &Path) -> String {
    let inside: PathBuf = path
        .strip_prefix(root())
        .expect("the walk began at the root")
        .to_path_buf();
    inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_finds_sources_and_papers_and_nothing_built() {
        let all = files();
        for expected in [
            "Cargo.toml",
            "tests/src/tree.rs",
            ".ci/run",
            ".github/workflows/ci.yml",
        ] {
            assert!(
                all.iter().any(|path| path == expected),
                "{expected} is not found"
            );
        }
        assert!(
            !all.iter()
                .any(|path| path.starts_with("target/") || path.starts_with(".git/"))
        );
    }
}

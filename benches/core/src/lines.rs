//! Lines of code: neither blank, nor comment, nor of a module of tests.

use std::error::Error;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// What cargo says about a project, as far as it counts here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    repository: Option<String>,
    manifest_path: String,
}

/// Lines of a package and of all others from its repository.
///
/// # Errors
/// When the metadata are not cargo's, or a file cannot be read.
pub fn of_family(metadata: &str, package: &str) -> Result<usize, Box<dyn Error>> {
    let metadata: Metadata = serde_json::from_str(metadata)?;
    let head = metadata.packages.iter().find(|other| other.name == package);
    let head = head.ok_or_else(|| format!("{package} is not among the packages"))?;
    let mut lines = 0;
    for other in &metadata.packages {
        let related = other.repository.is_some() && other.repository == head.repository;
        if related || other.name == package {
            let folder = Path::new(&other.manifest_path).parent();
            lines += of_folder(&folder.ok_or("a manifest is in a folder")?.join("src"))?;
        }
    }
    Ok(lines)
}

fn of_folder(folder: &Path) -> Result<usize, Box<dyn Error>> {
    let mut lines = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            lines += of_folder(&path)?;
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            lines += of_text(&fs::read_to_string(&path)?);
        }
    }
    Ok(lines)
}

fn of_text(text: &str) -> usize {
    let mut lines = 0;
    let mut in_comment = false;
    let mut all = text.lines().map(str::trim).peekable();
    while let Some(line) = all.next() {
        if line == "#[cfg(test)]"
            && all
                .peek()
                .is_some_and(|next| next.starts_with("mod tests {"))
        {
            break;
        }
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lines += 1;
        }
        in_comment &= !line.ends_with("*/");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_blank_lines_and_tests_are_no_code() {
        let text = "//! A.\n\nfn a() {} // b\n/* c\nd */\nfn e() {}\n#[cfg(test)]\nmod tests {\nfn f() {}\n}\n";
        assert_eq!(of_text(text), 2);
    }
}

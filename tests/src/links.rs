//! The links of a Markdown file: which of them lead nowhere.

use std::path::Path;

/// The links of a text that lead to no file below `root`, or to no heading.
///
/// `path` is the file's own, relative to `root`. Links to other hosts are not followed.
#[must_use]
pub fn broken(root: &Path, path: &str, text: &str) -> Vec<String> {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let leads_nowhere = |link: &&str| {
        let (file, heading) = link
            .split_once('#')
            .map_or((*link, None), |(file, heading)| (file, Some(heading)));
        let target = if file.is_empty() {
            root.join(path)
        } else {
            root.join(folder).join(file)
        };
        let found = if file.is_empty() {
            Some(text.to_owned())
        } else {
            std::fs::read_to_string(&target).ok()
        };
        let has_heading =
            |heading: &str| found.is_some_and(|text| headings(&text).iter().any(|h| h == heading));
        !(file.is_empty() || target.exists())
            || heading.is_some_and(|heading| !has_heading(heading))
    };
    links(text)
        .into_iter()
        .filter(|link| !is_elsewhere(link))
        .filter(leads_nowhere)
        .map(str::to_owned)
        .collect()
}

/// Other hosts, and items of a crate doc (`Address::tell`), which rustdoc checks.
fn is_elsewhere(link: &str) -> bool {
    ["::", "http://", "https://", "mailto:"]
        .iter()
        .any(|mark| link.contains(mark))
}

/// What stands behind `](`, `src="` and `href="` outside code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        for (opening, closing) in [("](", ')'), ("src=\"", '"'), ("href=\"", '"')] {
            let ends = line
                .match_indices(opening)
                .filter(|(at, _)| line[..*at].matches('`').count() % 2 == 0);
            let link = ends.filter_map(|(at, _)| line[at + opening.len()..].split(closing).next());
            found.extend(link.filter_map(|link| link.split_whitespace().next()));
        }
    }
    found
}

/// The headings as the hosting site names them: lower case, `-` for a space, other marks dropped.
fn headings(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| -> String {
        let kept = line
            .trim_start_matches('#')
            .trim()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
        kept.map(|c| {
            if c == ' ' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
    };
    lines.map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn broken_in_readme(text: &str) -> Vec<String> {
        broken(tree::root(), "tests/README.md", text)
    }

    #[test]
    fn a_link_to_a_missing_file_or_heading_is_broken() {
        assert_eq!(
            broken_in_readme("[a](src/none.rs) and [b](#nowhere)\n# Here"),
            ["src/none.rs", "#nowhere"]
        );
        assert_eq!(broken_in_readme("<img src=\"none.svg\">"), ["none.svg"]);
        assert_eq!(
            broken_in_readme("[a](../CONTRIBUTING.md#no-such-part)"),
            ["../CONTRIBUTING.md#no-such-part"]
        );
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "# The Way, Out\n[a](src/links.rs), [b](#the-way-out), [c](../CONTRIBUTING.md#the-review-card), [d](https://mutants.rs)";
        assert!(broken_in_readme(text).is_empty());
        assert!(
            broken_in_readme("```\n[a](none)\n```\n`[b](none)`").is_empty(),
            "code is no link"
        );
    }
}

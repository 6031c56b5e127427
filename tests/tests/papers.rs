//! The papers beside the code: they are there, their links lead somewhere, and each crate's is its crate doc.

use sinew_tests::{links, tree};

#[test]
fn every_link_of_every_paper_leads_somewhere() {
    let papers = tree::files_ending(".md");
    assert!(
        papers.len() > 5,
        "only {papers:?} were found: the walk is broken"
    );
    let of_paper = |path: &String| {
        let text = tree::text(path).unwrap_or_else(|| panic!("{path} is not UTF-8"));
        links::broken(tree::root(), path, &text)
            .into_iter()
            .map(|link| format!("{path}: {link}"))
            .collect::<Vec<_>>()
    };
    let broken: Vec<String> = papers.iter().flat_map(of_paper).collect();
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_library_takes_its_readme_as_crate_doc() {
    let roots = tree::files_ending("src/lib.rs");
    assert!(
        roots.len() > 8,
        "only {roots:?} were found: the walk is broken"
    );
    let mut findings = Vec::new();
    for root in roots {
        let crate_folder = root.trim_end_matches("src/lib.rs");
        if !tree::root().join(crate_folder).join("README.md").is_file() {
            findings.push(format!("{crate_folder} has no README.md"));
        }
        if !takes_readme(&tree::text(&root).unwrap_or_default()) {
            findings.push(format!(
                "{root} must begin with #![doc = include_str!(\"../README.md\")]"
            ));
        }
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn takes_readme(text: &str) -> bool {
    text.starts_with("#![doc = include_str!(\"../README.md\")]")
}

#[test]
fn a_library_with_a_doc_of_its_own_is_seen() {
    assert!(!takes_readme("//! Words of its own.\n"));
    assert!(takes_readme(
        "#![doc = include_str!(\"../README.md\")]\n\nmod a;"
    ));
}

#[test]
fn the_house_papers_are_there_and_say_what_they_must() {
    let must = [
        ("LICENSE-MIT", "The Sinew developers"),
        ("LICENSE-APACHE", "Copyright 2026 The Sinew developers"),
        ("NOTICE", "Mozilla Public License 2.0"),
        ("NOTICE", "BSD-2-Clause"),
        ("CONTRIBUTING.md", "cargo test"),
        (
            "SECURITY.md",
            "A motor that does not stop is a security bug",
        ),
        ("CHANGELOG.md", "## [Unreleased]"),
        ("Cross.toml", "# Untested"),
        ("ARCHITECTURE.md", "#"),
        ("README.md", "cargo run -p rover"),
    ];
    for (path, words) in must {
        assert!(tree::root().join(path).is_file(), "{path} is missing");
        assert!(
            tree::text(path).is_some_and(|text| text.contains(words)),
            "{path} does not say `{words}`"
        );
    }
}

/// What a reader must see without scrolling, and within how many lines.
const FIRST_SCREEN: (usize, &[&str]) = (
    40,
    &[
        ".svg",
        "cargo run -p rover",
        "cargo test",
        "Status",
        "no physical robot",
    ],
);

fn missing_on_first_screen(readme: &str) -> Vec<&'static str> {
    let (lines, must) = FIRST_SCREEN;
    let screen: Vec<&str> = readme.lines().take(lines).collect();
    let screen = screen.join("\n");
    must.iter()
        .filter(|words| !screen.contains(**words))
        .copied()
        .collect()
}

#[test]
fn the_readmes_first_screen_shows_it_says_how_and_how_far_it_is() {
    let readme = tree::text("README.md").unwrap_or_default();
    assert_eq!(missing_on_first_screen(&readme), Vec::<&str>::new());
    let late = format!("{}{readme}", "\n".repeat(40));
    assert_eq!(
        missing_on_first_screen(&late),
        FIRST_SCREEN.1,
        "what comes later does not count"
    );
}

//! What must not be written down: folders of one developer's machine, hosts of package registries, secrets.

use sinew_tests::tree;

/// Parts of a line that tell of one machine. Put together here, or this file would hold them itself.
const MARKS: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "a developer's folder"),
    (concat!("/ho", "me/"), "a developer's folder"),
    (concat!("/Us", "ers/"), "a developer's folder"),
    (concat!("/ro", "ot/"), "a developer's folder"),
    (concat!("C:\\Us", "ers"), "a developer's folder"),
    (concat!("index.crat", "es.io"), "a registry's host"),
    (concat!("static.crat", "es.io"), "a registry's host"),
    (concat!("registry.np", "mjs.org"), "a registry's host"),
    (concat!("files.pythonho", "sted.org"), "a registry's host"),
    (concat!("deb.debi", "an.org"), "a registry's host"),
    (concat!("PRIVATE ", "KEY-----"), "a private key"),
];

/// What a text holds that it must not: line and mark.
fn findings(text: &str) -> Vec<(usize, &'static str)> {
    let of_line = |(line, content): (usize, &str)| {
        let marks = MARKS.iter().filter(|(mark, _)| content.contains(mark));
        marks.map(|(_, what)| (line + 1, *what)).collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(of_line).collect()
}

#[test]
fn no_file_tells_of_one_machine() {
    let of_file = |path: String| {
        let found = tree::text(&path)
            .map(|text| findings(&text))
            .unwrap_or_default();
        found
            .into_iter()
            .map(|(line, what)| format!("{path}:{line}: {what}"))
            .collect::<Vec<_>>()
    };
    let all: Vec<String> = tree::files().into_iter().flat_map(of_file).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn a_developers_folder_is_seen_with_its_line() {
    let text = format!("a\nfile at {}someone/x", concat!("/ho", "me/"));
    assert_eq!(findings(&text), [(2, "a developer's folder")]);
    assert!(findings("the work of a home/office robot; crates.io").is_empty());
}

//! Which crate may know which: the arrows as a table, held against what cargo says.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use sinew_tests::tree;

/// A crate of ours, the crates that its code may know, and those that its tests may know besides.
struct Arrow {
    from: &'static str,
    to: &'static [&'static str],
    in_tests: &'static [&'static str],
}

const fn arrow(
    from: &'static str,
    to: &'static [&'static str],
    in_tests: &'static [&'static str],
) -> Arrow {
    Arrow { from, to, in_tests }
}

const BELOW_SIM: &[&str] = &[
    "sinew-board",
    "sinew-control",
    "sinew-messages",
    "sinew-mock",
    "sinew-runtime",
    "sinew-safety",
];
const BELOW_SINEW: &[&str] = &[
    "sinew-board",
    "sinew-chips",
    "sinew-control",
    "sinew-devices",
    "sinew-messages",
    "sinew-mock",
    "sinew-runtime",
    "sinew-safety",
    "sinew-sim",
];

/// The house, from the ground up. A robot names `sinew-devices` only to switch on the features of its parts.
const ARROWS: &[Arrow] = &[
    arrow("sinew-messages", &[], &[]),
    arrow("sinew-control", &["sinew-messages"], &[]),
    arrow("sinew-runtime", &[], &[]),
    arrow("sinew-patterns", &["sinew-runtime"], &[]),
    arrow("sinew-examples", &["sinew-patterns", "sinew-runtime"], &[]),
    arrow("sinew-chips", &["sinew-messages"], &[]),
    arrow("sinew-board", &["sinew-messages"], &[]),
    arrow("sinew-mock", &["sinew-board", "sinew-messages"], &[]),
    arrow(
        "sinew-devices",
        &[
            "sinew-board",
            "sinew-chips",
            "sinew-control",
            "sinew-messages",
            "sinew-runtime",
        ],
        &["sinew-mock"],
    ),
    arrow(
        "sinew-safety",
        &["sinew-board", "sinew-messages", "sinew-runtime"],
        &["sinew-chips", "sinew-devices", "sinew-mock"],
    ),
    arrow("sinew-sim", BELOW_SIM, &["sinew-devices"]),
    arrow("sinew", BELOW_SINEW, &[]),
    arrow("rover", &["sinew", "sinew-devices", "sinew-sim"], &[]),
    arrow("balancer", &["sinew", "sinew-devices", "sinew-sim"], &[]),
    arrow("blinky", &["sinew", "sinew-sim"], &[]),
    arrow("sinew-tests", &[], &[]),
    arrow(
        "sinew-foreign-drivers",
        &["sinew-board", "sinew-mock"],
        &["sinew-messages"],
    ),
    arrow("xtask", &[], &[]),
];

/// Which of our crates each of them names, in its code and in its tests.
type Named = BTreeMap<String, Vec<(String, DependencyKind)>>;

fn metadata() -> Metadata {
    let manifest = tree::root().join("Cargo.toml");
    MetadataCommand::new()
        .manifest_path(manifest)
        .exec()
        .expect("cargo metadata reads the workspace")
}

fn named(metadata: &Metadata) -> Named {
    let ours: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let of_package = |package: &&cargo_metadata::Package| {
        let dependencies = package
            .dependencies
            .iter()
            .filter(|dependency| ours.contains(&dependency.name));
        let named = dependencies
            .map(|dependency| (dependency.name.clone(), dependency.kind))
            .collect();
        (package.name.to_string(), named)
    };
    metadata
        .workspace_packages()
        .iter()
        .map(of_package)
        .collect()
}

/// Every arrow that is not in the table.
fn findings(named: &Named) -> Vec<String> {
    let mut findings = Vec::new();
    for (from, dependencies) in named {
        let Some(arrow) = ARROWS.iter().find(|arrow| arrow.from == from) else {
            findings.push(format!(
                "{from} is not in the table: say which crates it may know"
            ));
            continue;
        };
        for (to, kind) in dependencies {
            let in_tests =
                *kind == DependencyKind::Development && arrow.in_tests.contains(&to.as_str());
            if !in_tests && !arrow.to.contains(&to.as_str()) {
                findings.push(format!("{from} must not know {to} ({kind})"));
            }
        }
    }
    findings
}

#[test]
fn every_arrow_between_crates_is_in_the_table() {
    let named = named(&metadata());
    let findings = findings(&named);
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    for arrow in ARROWS {
        assert!(
            named.contains_key(arrow.from),
            "{} is in the table and not in the workspace",
            arrow.from
        );
    }
}

#[test]
fn an_arrow_that_points_up_is_refused_even_in_tests() {
    let sample =
        |from: &str, to: &str, kind| Named::from([(from.to_owned(), vec![(to.to_owned(), kind)])]);
    let normal = DependencyKind::Normal;
    assert_eq!(
        findings(&sample("sinew-runtime", "sinew-messages", normal)),
        ["sinew-runtime must not know sinew-messages (normal)"]
    );
    assert_eq!(
        findings(&sample("sinew-devices", "sinew-mock", normal)).len(),
        1,
        "mock stands beside devices"
    );
    assert!(
        findings(&sample(
            "sinew-devices",
            "sinew-mock",
            DependencyKind::Development
        ))
        .is_empty()
    );
    assert_eq!(
        findings(&sample(
            "sinew-runtime",
            "sinew-board",
            DependencyKind::Development
        ))
        .len(),
        1
    );
    assert_eq!(
        findings(&sample("sinew-new", "sinew-board", normal)).len(),
        1,
        "a crate without a row"
    );
}

#[test]
fn the_table_has_no_circle() {
    let mut below: BTreeSet<&str> = BTreeSet::new();
    for arrow in ARROWS {
        let unknown: Vec<_> = arrow.to.iter().filter(|to| !below.contains(*to)).collect();
        let stands_later = ARROWS.iter().filter(|other| unknown.contains(&&other.from));
        // Rows stand above what they know, but for the two that stand beside each other in the list.
        for later in stands_later {
            assert!(
                !later.to.contains(&arrow.from),
                "{} and {} know each other",
                arrow.from,
                later.from
            );
        }
        below.insert(arrow.from);
    }
}

#[test]
fn no_package_needs_a_c_compiler_or_a_c_library() {
    // These carry `-sys` in their names and are pure Rust: constants, and signatures of what the system itself has.
    let pure = |name: &str| {
        ["linux-raw-sys", "core-foundation-sys", "ioctl-sys"].contains(&name)
            || name.starts_with("windows-sys")
    };
    let platforms = [
        "x86_64-unknown-linux-gnu",
        "aarch64-unknown-linux-gnu",
        "aarch64-apple-darwin",
    ];
    for platform in platforms {
        let mut command = MetadataCommand::new();
        command.manifest_path(tree::root().join("Cargo.toml"));
        command.other_options(vec!["--filter-platform".to_owned(), platform.to_owned()]);
        let metadata = command
            .exec()
            .expect("cargo metadata resolves the workspace");
        for package in &metadata.packages {
            let name = package.name.as_str();
            let builds_c = ["cc", "cmake", "bindgen", "pkg-config"].contains(&name);
            assert!(
                !builds_c && (pure(name) || !name.ends_with("-sys")),
                "{name} is compiled on {platform}"
            );
        }
    }
}

#[test]
fn every_crate_keeps_the_workspaces_lints_compiler_and_licence() {
    let metadata = metadata();
    let root = std::fs::read_to_string(tree::root().join("Cargo.toml"))
        .expect("the workspace has a manifest");
    for package in metadata.workspace_packages() {
        let manifest =
            std::fs::read_to_string(&package.manifest_path).expect("cargo read it as well");
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{}: [lints] workspace = true is missing",
            package.name
        );
        let version = package
            .rust_version
            .as_ref()
            .unwrap_or_else(|| panic!("{}: no rust-version", package.name));
        assert!(
            root.contains(&format!(
                "rust-version = \"{}.{}\"",
                version.major, version.minor
            )),
            "{}",
            package.name
        );
        assert_eq!(
            package.license.as_deref(),
            Some("MIT OR Apache-2.0"),
            "{}",
            package.name
        );
        assert!(
            package.description.is_some(),
            "{} says in no word what it is",
            package.name
        );
    }
}

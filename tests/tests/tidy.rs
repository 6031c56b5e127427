//! The rules of the house about Rust files, held against all of them.

use sinew_tests::rule::Rule;
use sinew_tests::rules::{self, CRATES_OF_ONE_FILE, RULES};
use sinew_tests::source::Source;
use sinew_tests::tree;

fn sources() -> Vec<Source> {
    let text = |path: &String| tree::text(path).map(|text| Source::new(path, &text));
    let sources: Vec<Source> = tree::files_ending(".rs").iter().filter_map(text).collect();
    assert!(
        sources.len() > 30,
        "only {} Rust files were found: the walk is broken",
        sources.len()
    );
    sources
}

#[test]
fn every_file_keeps_every_rule() {
    let sources = sources();
    let told = |rule: &Rule| {
        rule.findings(&sources)
            .into_iter()
            .map(|f| format!("{f}\n    ({})", rule.name))
            .collect::<Vec<_>>()
    };
    let findings: Vec<String> = RULES.iter().flat_map(told).collect();
    assert!(
        findings.is_empty(),
        "{} findings:\n{}",
        findings.len(),
        findings.join("\n")
    );
}

#[test]
fn every_rule_refuses_its_bad_sample_and_accepts_its_good_one() {
    for rule in RULES {
        let findings = |(path, text): (&str, String)| (rule.check)(&Source::new(path, &text));
        assert!(
            !findings((rule.bad)()).is_empty(),
            "{}: the bad sample passes",
            rule.name
        );
        assert_eq!(
            findings((rule.good)()),
            [],
            "{}: the good sample fails",
            rule.name
        );
    }
}

#[test]
fn an_exception_that_nothing_needs_is_a_finding() {
    let rule = Rule {
        except: &[("a/src/", "it was needed once")],
        ..first_rule()
    };
    let (path, text) = (rule.bad)();
    assert_eq!(
        rule.findings(&[Source::new(path, &text)]),
        Vec::<String>::new(),
        "the exception covers the folder"
    );
    assert!(rule.findings(&[])[0].contains("not needed"));
}

fn first_rule() -> Rule {
    let rule = &RULES[0];
    Rule {
        name: rule.name,
        check: rule.check,
        except: rule.except,
        bad: rule.bad,
        good: rule.good,
    }
}

#[test]
fn a_wrapped_crate_is_named_by_one_file() {
    let sources = sources();
    for name in CRATES_OF_ONE_FILE {
        let files = rules::files_naming(&sources, name);
        assert!(
            files.len() <= 1,
            "{name} is named by {files:?}: wrap it in one of them"
        );
    }
}

#[test]
fn a_second_file_that_names_a_wrapped_crate_is_seen() {
    let samples = [
        Source::new("a/src/b.rs", "use rppal::gpio::Gpio;"),
        Source::new("a/src/c.rs", "fn f() { rppal::system(); }"),
        Source::new("a/src/d.rs", "// not as rppal does\nlet name = \"rppal\";"),
    ];
    assert_eq!(
        rules::files_naming(&samples, "rppal"),
        ["a/src/b.rs", "a/src/c.rs"]
    );
}

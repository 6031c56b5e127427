//! What the README promises: its commands and its picture, read from it so that checks cannot drift from it.

use crate::{Outcome, shell};

/// The picture of the README, and the command under it that draws it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The file, relative to the repository's root.
    pub(crate) file: String,
    /// The command line, as it stands there.
    pub(crate) command: String,
}

/// The text of the README.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn text() -> Outcome<String> {
    let path = shell::root().join("README.md");
    std::fs::read_to_string(&path).map_err(|e| format!("cannot read {}: {e}", path.display()))
}

/// The first command of a code block that begins with these words.
///
/// # Errors
/// When no code block has one.
pub(crate) fn command(text: &str, begins: &str) -> Outcome<String> {
    let is_it = |line: &String| line == begins || line.starts_with(&format!("{begins} "));
    let found = commands(text)
        .into_iter()
        .filter(|command| command.in_block)
        .map(|command| command.line)
        .find(is_it);
    found.ok_or_else(|| {
        format!("README.md: no code block has a command that begins with `{begins}`")
    })
}

/// The first SVG that the README shows, and the first `cargo run` after it.
///
/// # Errors
/// When there is no picture, or no command under it.
pub(crate) fn picture(text: &str) -> Outcome<Picture> {
    let (line, file) = text
        .lines()
        .enumerate()
        .find_map(|(line, content)| Some((line, svg_of(content)?)))
        .ok_or("README.md shows no .svg file")?;
    let command = commands(text)
        .into_iter()
        .find(|command| command.number >= line && command.line.starts_with("cargo run"))
        .ok_or_else(|| format!("README.md: no `cargo run` command stands under {file}"))?;
    Ok(Picture {
        file,
        command: command.line,
    })
}

/// The file of an image, in Markdown's form or HTML's.
fn svg_of(line: &str) -> Option<String> {
    ["](", "src=\""].into_iter().find_map(|opening| {
        let begin = line.find(opening)? + opening.len();
        let end = begin + line[begin..].find([')', '"', ' '])?;
        line[begin..end]
            .ends_with(".svg")
            .then(|| line[begin..end].to_owned())
    })
}

/// What may be a command: a line of a code block, or inline code.
struct Code {
    number: usize,
    line: String,
    in_block: bool,
}

/// Every line of the code blocks and every inline code of the text between them, in order.
fn commands(text: &str) -> Vec<Code> {
    let mut in_block = false;
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = |line: &str| Code {
            number,
            line: without_prompt_and_comment(line),
            in_block,
        };
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push(code(line));
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(code));
        }
    }
    found
}

fn without_prompt_and_comment(line: &str) -> String {
    let line = line.trim();
    let line = line.strip_prefix("$ ").unwrap_or(line);
    line.split(" #").next().unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str = "\
# Name

![the rover explores](docs/rover.svg)

Made by `cargo run --release -p rover -- --seed 7`, which `cargo xtask picture --check` compares.

```sh
$ cargo run -p rover          # a map, then a summary
cargo test --workspace        # all
```
";

    #[test]
    fn a_command_is_given_as_it_stands_without_prompt_and_comment() {
        assert_eq!(
            command(README, "cargo test").unwrap(),
            "cargo test --workspace"
        );
        assert_eq!(
            command(README, "cargo run -p rover").unwrap(),
            "cargo run -p rover"
        );
    }

    #[test]
    fn a_missing_command_is_an_error_that_names_it() {
        assert!(
            command(README, "cargo bench")
                .unwrap_err()
                .contains("`cargo bench`")
        );
        assert!(
            command("cargo test", "cargo test").is_err(),
            "prose is not a command"
        );
        assert!(
            command("`cargo test`", "cargo test").is_err(),
            "nor is code in a sentence"
        );
    }

    #[test]
    fn the_picture_goes_with_the_command_under_it() {
        let expected = Picture {
            file: "docs/rover.svg".to_owned(),
            command: "cargo run --release -p rover -- --seed 7".to_owned(),
        };
        assert_eq!(picture(README).unwrap(), expected);
        let html = README.replace(
            "![the rover explores](docs/rover.svg)",
            "<img src=\"docs/rover.svg\" width=600>",
        );
        assert_eq!(picture(&html).unwrap(), expected);
    }

    #[test]
    fn a_picture_without_a_command_is_an_error() {
        assert!(picture("![a](b.svg)\n").unwrap_err().contains("b.svg"));
        assert!(picture("![a](b.png)\n`cargo run`").is_err());
    }
}

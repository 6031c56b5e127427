//! The README's picture: drawn by the command under it, and compared byte for byte.

use std::path::Path;

use crate::args::Args;
use crate::rover::Summary;
use crate::{Outcome, readme, shell, smoke};

/// Draws the picture again; with `--check` compares it and writes nothing.
///
/// # Errors
/// With `--check`, when the committed picture is another.
pub(crate) fn picture(mut args: Args) -> Outcome {
    let check = args.flag("--check");
    args.end()?;
    let promised = readme::picture(&readme::text()?)?;
    let committed = shell::root().join(&promised.file);
    // Drawn elsewhere, or a command that names the committed file would compare it with itself.
    let drawn = shell::scratch("picture")?.join("drawn.svg");
    let line = smoke::with_json(&drawing_to(&promised.command, &drawn.display().to_string()));
    println!("$ {line}");
    let text = shell::output(&mut shell::command(&line))?;
    Summary::from_json(&text)?;
    if check {
        compare(&drawn, &committed)?;
        println!("{} is what its command draws", promised.file);
    } else {
        let copied = std::fs::copy(&drawn, &committed);
        let bytes = copied.map_err(|e| {
            format!(
                "cannot copy {} to {}: {e}",
                drawn.display(),
                committed.display()
            )
        })?;
        println!("{}: {bytes} bytes", promised.file);
    }
    Ok(())
}

/// The command with its picture going to `file`, wherever it would go by itself.
fn drawing_to(command: &str, file: &str) -> String {
    let mut words: Vec<&str> = command.split_whitespace().collect();
    if let Some(at) = words.iter().position(|word| *word == "--picture") {
        words.drain(at..words.len().min(at + 2));
    }
    if !words.contains(&"--") {
        words.push("--");
    }
    words.extend(["--picture", file]);
    words.join(" ")
}

/// Compares two files byte for byte.
///
/// # Errors
/// Names the first byte that differs, and the remedy.
fn compare(drawn: &Path, committed: &Path) -> Outcome {
    let read = |path: &Path| {
        std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))
    };
    let (new, old) = (read(drawn)?, read(committed)?);
    if new == old {
        return Ok(());
    }
    let at = new.iter().zip(&old).take_while(|(a, b)| a == b).count();
    Err(format!(
        "{} is not what its command draws (they part at byte {at}; {} and {} bytes): look at {}, then renew it with \
         `cargo xtask picture`",
        committed.display(),
        old.len(),
        new.len(),
        drawn.display(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_drawn_beside_the_committed_one() {
        assert_eq!(
            drawing_to("cargo run -p rover", "x.svg"),
            "cargo run -p rover -- --picture x.svg"
        );
        let expected = "cargo run -p rover -- --seed 1 --picture x.svg";
        assert_eq!(
            drawing_to("cargo run -p rover -- --seed 1", "x.svg"),
            expected
        );
        assert_eq!(
            drawing_to(
                "cargo run -p rover -- --picture docs/r.svg --seed 1",
                "x.svg"
            ),
            expected
        );
    }

    #[test]
    fn equal_files_pass_and_the_first_different_byte_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (a, b, c) = (
            write("a", "<svg>1"),
            write("b", "<svg>1"),
            write("c", "<svg>2"),
        );
        assert_eq!(compare(&a, &b), Ok(()));
        assert!(compare(&a, &c).unwrap_err().contains("part at byte 5"));
        assert!(compare(&a, &folder.path().join("none")).is_err());
    }
}

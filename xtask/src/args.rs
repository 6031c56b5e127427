//! The arguments of a command: words, options with a value, flags; what is left over is an error.

use std::str::FromStr;

use crate::Outcome;

/// Arguments that have not been taken yet.
#[derive(Debug)]
pub(crate) struct Args {
    left: Vec<String>,
    passed_on: Vec<String>,
}

impl Args {
    /// Takes all arguments; those after `--` are kept apart, to be passed on.
    pub(crate) fn new(all: impl Iterator<Item = String>) -> Args {
        let mut left: Vec<String> = all.collect();
        let mut passed_on = Vec::new();
        if let Some(at) = left.iter().position(|arg| arg == "--") {
            passed_on = left.split_off(at).into_iter().skip(1).collect();
        }
        Args { left, passed_on }
    }

    /// The next argument that is no option.
    pub(crate) fn word(&mut self) -> Option<String> {
        let first = self.left.first()?;
        (!first.starts_with("--") || first == "--help").then(|| self.left.remove(0))
    }

    /// The value of `--name VALUE`, or `None` where it was not given.
    pub(crate) fn option<T: FromStr>(&mut self, name: &str) -> Outcome<Option<T>> {
        let Some(at) = self.left.iter().position(|arg| arg == name) else {
            return Ok(None);
        };
        if at + 1 >= self.left.len() {
            return Err(format!("{name} needs a value"));
        }
        let value = self.left.remove(at + 1);
        self.left.remove(at);
        value
            .parse()
            .map(Some)
            .map_err(|_| format!("{name}: `{value}` is not a value for it"))
    }

    /// Whether `--name` was given.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.left.iter().position(|arg| arg == name);
        at.map(|at| self.left.remove(at)).is_some()
    }

    /// Ends the reading; what stood after `--` comes back.
    ///
    /// # Errors
    /// Names the first argument that nobody took.
    pub(crate) fn end(self) -> Outcome<Vec<String>> {
        match self.left.first() {
            None => Ok(self.passed_on),
            Some(extra) => Err(format!("`{extra}` is not an argument of this command")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Args {
        Args::new(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn words_options_and_flags_are_taken_in_any_order() {
        let mut args = args("budget run --check --count 7 -- --shard 1/4");
        assert_eq!(args.word().as_deref(), Some("budget"));
        assert_eq!(args.word().as_deref(), Some("run"));
        assert_eq!(args.option::<u32>("--count"), Ok(Some(7)));
        assert!(args.flag("--check") && !args.flag("--check"));
        assert_eq!(args.end(), Ok(vec!["--shard".to_owned(), "1/4".to_owned()]));
    }

    #[test]
    fn what_nobody_takes_is_an_error_that_names_it() {
        assert!(args("--cuont 7").end().unwrap_err().contains("--cuont"));
        assert!(
            args("--count x")
                .option::<u32>("--count")
                .unwrap_err()
                .contains("`x`")
        );
        assert!(args("--count").option::<u32>("--count").is_err());
    }
}

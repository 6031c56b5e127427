//! A Rust file as text: its comments and strings blanked, its functions and its test items found.

/// One Rust file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Relative to the repository's root, with `/`.
    pub path: String,
    /// As written.
    pub text: String,
    /// The text with comments, strings and character literals blanked; lines and columns stay.
    pub code: String,
}

/// A function with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its `fn`, from 1.
    pub line: usize,
    /// From `fn` to the closing brace, both included.
    pub length: usize,
}

impl Source {
    /// Takes a file's path and its text.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Source {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: blanked(text),
        }
    }

    /// Whether the whole file is a test: it stands in a `tests` folder, or is a module of tests.
    #[must_use]
    pub fn is_test(&self) -> bool {
        let test_file = self.path.ends_with("/tests.rs") || self.path.ends_with("_tests.rs");
        test_file
            || self
                .path
                .split('/')
                .rev()
                .skip(1)
                .any(|folder| folder == "tests")
                && !self.path.starts_with("tests/src/")
    }

    /// The code without items under `#[cfg(test)]`; their lines are gone, the others keep no number.
    #[must_use]
    pub fn code_without_tests(&self) -> String {
        let mut rest = self.code.as_str();
        let mut kept = String::new();
        while let Some(at) = ["#[cfg(test)]", "#[cfg(all(test"]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
        {
            kept.push_str(&rest[..at]);
            rest = &rest[at + item_length(&rest[at..])..];
        }
        kept.push_str(rest);
        kept
    }

    /// How many lines the file has without its tests, up to the last that is not blank.
    #[must_use]
    pub fn lines_without_tests(&self) -> usize {
        if self.code_without_tests().len() == self.code.len() {
            return self.text.trim_end().lines().count();
        }
        let in_tests = self.code.lines().count() - self.code_without_tests().lines().count();
        self.text
            .trim_end()
            .lines()
            .count()
            .saturating_sub(in_tests)
    }

    /// Its functions, in order.
    #[must_use]
    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for at in words(&self.code, "fn") {
            let after = &self.code[at + 2..];
            let name: String = after
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            // `fn(` is a type; a `;` before the brace is a declaration.
            let Some(open) = after
                .find(['{', ';'])
                .filter(|open| !name.is_empty() && after[*open..].starts_with('{'))
            else {
                continue;
            };
            let end = open + block_length(&after[open..]);
            let line = self.line_of(at);
            found.push(Function {
                name,
                line,
                length: after[..end].lines().count(),
            });
        }
        found
    }

    /// The file with a word taken out of its code where it belongs to this module: `tokio::time`'s `Instant`, which a
    /// simulation pauses, is another than the standard library's.
    #[must_use]
    pub fn without_words_of(&self, module: &str, word: &str) -> Source {
        let imported = self.code.split(';').any(|item| {
            let from = item.split_once("use ").map_or("", |(_, from)| from.trim());
            from.starts_with(module) && words(from, word).next().is_some()
        });
        let whole = format!("{module}::{word}");
        let word = if imported { word } else { &whole };
        let code = self.code.replace(word, "");
        Source {
            code,
            ..self.clone()
        }
    }

    /// The line, from 1, of a place in the code.
    #[must_use]
    pub fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// The lines, from 1, on which this word stands in the code.
    #[must_use]
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        let mut lines: Vec<usize> = words(&self.code, word).map(|at| self.line_of(at)).collect();
        lines.dedup();
        lines
    }
}

/// Where a word stands that no letter, digit or `_` touches.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let part_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| {
            !part_of_name(code[..*at].chars().next_back())
                && !part_of_name(code[at + word.len()..].chars().next())
        })
}

/// The length of the item that begins here: up to the end of its first block, or its `;` where that comes first.
fn item_length(code: &str) -> usize {
    match code.find(['{', ';']) {
        Some(at) if code[at..].starts_with('{') => at + block_length(&code[at..]),
        Some(at) => at + 1,
        None => code.len(),
    }
}

/// The length of the block whose `{` stands first, both braces included.
fn block_length(code: &str) -> usize {
    let mut depth = 0usize;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    code.len()
}

/// The text with everything blanked that is no code.
fn blanked(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_name = false;
    while let Some(first) = rest.chars().next() {
        let length = if in_name { 0 } else { literal_length(rest) }.max(unnamed_length(rest));
        if length > 0 {
            let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
            code.extend(rest[..length].chars().map(blank));
            rest = &rest[length..];
            in_name = false;
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            in_name = first.is_alphanumeric() || first == '_';
        }
    }
    code
}

/// The length of the comment, string or character that begins here, or 0.
fn unnamed_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment_length(rest);
    }
    match rest.chars().next() {
        Some('"') => string_length(rest),
        Some('\'') => character_length(rest),
        _ => 0,
    }
}

/// The length of the literal with a prefix (`r"`, `br#"`, `b'`, `c"`) that begins here, or 0.
fn literal_length(rest: &str) -> usize {
    let prefix = rest
        .chars()
        .take_while(|c| matches!(c, 'r' | 'b' | 'c'))
        .count();
    if prefix == 0 || prefix > 2 {
        return 0;
    }
    let after = &rest[prefix..];
    let hashes = after.chars().take_while(|c| *c == '#').count();
    let raw = rest[..prefix].contains('r');
    if raw && after[hashes..].starts_with('"') {
        let close = format!("\"{}", "#".repeat(hashes));
        let body = prefix + hashes + 1;
        return rest[body..]
            .find(&close)
            .map_or(rest.len(), |end| body + end + close.len());
    }
    match after.chars().next() {
        Some('"') if !raw => prefix + string_length(after),
        Some('\'') if rest.starts_with("b'") => prefix + character_length(after),
        _ => 0,
    }
}

fn block_comment_length(rest: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn string_length(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal's length, or 0 for a lifetime.
fn character_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            // What is escaped may be a quote itself.
            chars.next();
            chars.find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => chars
            .next()
            .filter(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::new("a/src/b.rs", text).code
    }

    #[test]
    fn comments_strings_and_characters_are_blanked_and_lines_stay() {
        assert_eq!(code("a // b\nc"), "a     \nc");
        assert_eq!(code("a /* b /* c */ d\n*/ e"), "a               \n   e");
        assert_eq!(
            code(r#"f("a \" b", 'x', '\'', b'\n') g"#).replace(' ', ""),
            "f(,,,)g"
        );
        assert_eq!(
            code("f(r#\"a \" { b\"#, br\"x\", c\"y\") g").replace(' ', ""),
            "f(,,)g"
        );
        assert_eq!(
            code("fn f<'a>(x: &'a str) { bar\"x\" }")
                .matches('\'')
                .count(),
            2,
            "lifetimes stay"
        );
    }

    #[test]
    fn functions_are_measured_from_fn_to_the_closing_brace() {
        let source = Source::new(
            "a.rs",
            "fn a();\n\nfn b() {\n  \"}\";\n  {\n  }\n}\ntype F = fn(u8);\nfn c() {}\n",
        );
        let lengths: Vec<_> = source
            .functions()
            .into_iter()
            .map(|f| (f.name, f.line, f.length))
            .collect();
        assert_eq!(lengths, [("b".to_owned(), 3, 5), ("c".to_owned(), 9, 1)]);
    }

    #[test]
    fn items_under_cfg_test_do_not_count() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[cfg(test)]\nmod other;\n";
        let source = Source::new("a/src/b.rs", text);
        assert!(!source.code_without_tests().contains("fn b"));
        assert!(source.code_without_tests().contains("fn c"));
        assert_eq!(
            source.lines_without_tests(),
            4,
            "the two left, and the line end of each item taken out"
        );
    }

    #[test]
    fn a_word_is_found_whole_with_its_line() {
        let source = Source::new(
            "a.rs",
            "Instant\nInstants MyInstant\n// Instant\nx::Instant::now()\n",
        );
        assert_eq!(source.lines_with("Instant"), [1, 4]);
    }

    #[test]
    fn a_word_of_another_module_is_taken_out_however_it_is_named() {
        let lines = |text| {
            let source = Source::new("a.rs", text);
            source
                .without_words_of("tokio::time", "Instant")
                .lines_with("Instant")
        };
        assert!(lines("use tokio::time::{self, Instant};\nInstant::now()").is_empty());
        assert!(lines("tokio::time::Instant::now()").is_empty());
        assert_eq!(lines("use tokio::time;\nuse std::time::Instant;"), [2]);
        assert_eq!(lines("tokio::time::Instant::now();\nInstant::now()"), [2]);
    }

    #[test]
    fn test_files_are_known_by_their_place() {
        let is_test = |path: &str| Source::new(path, "").is_test();
        assert!(
            is_test("runtime/tests/ask.rs")
                && is_test("sim/src/world/tests.rs")
                && is_test("tests/tests/tidy.rs")
        );
        assert!(!is_test("runtime/src/ask.rs") && !is_test("tests/src/rules.rs"));
    }
}

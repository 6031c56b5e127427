//! A text file as it was read, and places in it.

use std::ops::Range;
use std::sync::Arc;

/// A text with the name of the file that it came from. Clones share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText(Arc<(String, String)>);

impl SourceText {
    /// A text and the name to call it by.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceText {
        SourceText(Arc::new((name.into(), text.into())))
    }

    /// The file's name as the user gave it.
    pub fn name(&self) -> &str {
        &self.0.0
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.0.1
    }

    /// The place of a byte range, which is moved to the nearest character boundaries inside the text.
    pub fn place(&self, span: Range<usize>) -> Place {
        let text = self.text();
        let start = floor_boundary(text, span.start);
        let end = floor_boundary(text, span.end).max(start);
        Place {
            source: self.clone(),
            span: start..end,
        }
    }
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    source: SourceText,
    span: Range<usize>,
}

impl Place {
    /// The file.
    pub fn source(&self) -> &SourceText {
        &self.source
    }

    /// The byte range.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        line_of(self.source.text(), self.span.start)
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        let before = &self.source.text()[..self.span.start];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        before[line_start..].chars().count() + 1
    }

    /// The offending text; where the range is empty, the line in which it stands.
    pub fn text(&self) -> &str {
        let text = self.source.text();
        if !self.span.is_empty() {
            return &text[self.span.clone()];
        }
        text.lines().nth(self.line() - 1).unwrap_or("")
    }

    /// The range to mark: an empty one at the end of the text covers the last character instead.
    pub(crate) fn visible_span(&self) -> Range<usize> {
        let text = self.source.text();
        if self.span.is_empty() && self.span.start == text.len() && !text.is_empty() {
            return floor_boundary(text, text.len() - 1)..text.len();
        }
        self.span.clone()
    }
}

/// The line of a byte, counted from 1.
pub(crate) fn line_of(text: &str, byte: usize) -> usize {
    let before = &text.as_bytes()[..byte.min(text.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

fn floor_boundary(text: &str, mut byte: usize) -> usize {
    byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_from_one_and_in_characters() {
        let source = SourceText::new("f", "é = 1\nä = ö\n");
        let place = source.place(12..14);
        assert_eq!((place.line(), place.column(), place.text()), (2, 5, "ö"));
    }

    #[test]
    fn a_range_that_ends_inside_a_character_or_beyond_the_text_is_no_panic() {
        let source = SourceText::new("f", "aé");
        assert_eq!(source.place(0..2).text(), "a");
        assert_eq!(source.place(1..99).text(), "é");
        assert_eq!(SourceText::new("f", "").place(5..9).text(), "");
    }
}

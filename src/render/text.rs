//! Text for people: aligned columns, wrapped sentences, sparse colours.

use crate::output;

mod table;

pub use table::Table;

/// The role of a word, which its colour shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// As any other.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// As it should not be.
    Bad,
    /// To be noticed.
    Strong,
    /// Of less interest.
    Faint,
}

/// Whether tones are marked, so that the writer may colour them.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    marked: bool,
}

impl Paint {
    /// Marks for standard output.
    #[must_use]
    pub const fn for_output() -> Self {
        Self { marked: true }
    }

    /// No marks, as for files.
    #[must_use]
    pub const fn none() -> Self {
        Self { marked: false }
    }

    /// The text in its tone.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        let mark = match tone {
            Tone::Plain => return text.to_owned(),
            Tone::Good => 0,
            Tone::Bad => 1,
            Tone::Strong => 2,
            Tone::Faint => 3,
        };
        if !self.marked || text.is_empty() {
            return text.to_owned();
        }
        format!("{}{text}{}", output::mark(mark), output::mark(4))
    }
}

/// Breaks a sentence into lines that fit beside `indent` columns, without indenting them.
#[must_use]
pub fn wrap(sentence: &str, indent: usize) -> String {
    wrap_in(sentence, output::width().saturating_sub(indent).max(24))
}

/// Breaks a sentence into lines of at most this many columns, save for longer words.
fn wrap_in(sentence: &str, room: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for word in sentence.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > room {
            text.push('\n');
            used = 0;
        } else if used > 0 {
            text.push(' ');
            used += 1;
        }
        text += word;
        used += length;
    }
    text
}

/// A sentence, wrapped and moved to the right.
#[must_use]
pub fn paragraph(sentence: &str, indent: usize) -> String {
    let margin = " ".repeat(indent);
    wrap(sentence, indent).lines().map(|line| format!("{margin}{line}\n")).collect()
}

/// A count with its noun, in the plural where it belongs.
#[must_use]
pub fn count(number: u64, noun: &str) -> String {
    let number_text = grouped(number);
    if number == 1 { format!("1 {noun}") } else { format!("{number_text} {noun}s") }
}

/// A number in groups of three digits: `1 234 567`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        let texts = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1 000", "1 234 567"]);
        assert_eq!((count(1, "state"), count(2, "state")), ("1 state".into(), "2 states".into()));
    }
}

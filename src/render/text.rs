//! Text for people: aligned columns, wrapped sentences, sparse colours.

use crate::output;

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

/// Rows whose columns are aligned; the last column is wrapped.
#[derive(Clone, Debug)]
pub struct Table {
    paint: Paint,
    indent: usize,
    rows: Vec<Vec<(Tone, String)>>,
}

impl Table {
    /// A table without rows, `indent` spaces from the margin.
    #[must_use]
    pub const fn new(paint: Paint, indent: usize) -> Self {
        Self { paint, indent, rows: Vec::new() }
    }

    /// Adds a row in plain tone.
    pub fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(|cell| (Tone::Plain, cell.to_owned())).to_vec());
    }

    /// Adds a row, each cell in its tone.
    pub fn toned<const N: usize>(&mut self, cells: [(Tone, &str); N]) {
        self.rows.push(cells.map(|(tone, cell)| (tone, cell.to_owned())).to_vec());
    }

    /// Adds a row of any length, each cell in its tone.
    pub fn cells(&mut self, cells: Vec<(Tone, String)>) {
        self.rows.push(cells);
    }

    /// Adds a row for each name with its count, under a title.
    pub fn counted<N: AsRef<str>>(
        &mut self,
        title: &str,
        counts: impl IntoIterator<Item = (N, u64)>,
    ) {
        for (at, (name, number)) in counts.into_iter().enumerate() {
            let (title, name) = (if at == 0 { title } else { "" }, name.as_ref());
            let tone = if name == "S_OK" { Tone::Good } else { Tone::Plain };
            let number = format!("{:>12}", grouped(number));
            self.toned([(Tone::Strong, title), (tone, name), (Tone::Plain, &number)]);
        }
    }

    /// The rows as lines.
    #[must_use]
    pub fn render(&self) -> String {
        let mut widths = Vec::new();
        for row in &self.rows {
            widths.resize(row.len().max(widths.len()), 0);
            for ((_, cell), width) in row.iter().zip(&mut widths) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for row in &self.rows {
            text += &self.line(row, &widths);
        }
        text
    }

    fn line(&self, row: &[(Tone, String)], widths: &[usize]) -> String {
        let Some(((tone, last), cells)) = row.split_last() else {
            return "\n".to_owned();
        };
        let mut line = " ".repeat(self.indent);
        let mut at = self.indent;
        for ((tone, cell), width) in cells.iter().zip(widths) {
            line += &self.paint.paint(*tone, cell);
            line += &" ".repeat(width - cell.chars().count() + 2);
            at += width + 2;
        }
        let wrapped = wrap(last, at);
        let mut lines = wrapped.lines();
        line += &self.paint.paint(*tone, lines.next().unwrap_or_default());
        let mut text = line.trim_end().to_owned() + "\n";
        for rest in lines {
            text += &(" ".repeat(at) + &self.paint.paint(*tone, rest) + "\n");
        }
        text
    }
}

/// Breaks a sentence into lines that fit beside `indent` columns, without indenting them.
#[must_use]
pub fn wrap(sentence: &str, indent: usize) -> String {
    let room = output::width().saturating_sub(indent).max(24);
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
    fn columns_are_aligned_and_the_last_is_wrapped() {
        let mut table = Table::new(Paint::none(), 2);
        table.row(["a", "bbb", "one"]);
        table.row(["aaaa", "b", &"word ".repeat(20)]);
        let text = table.render();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "  a     bbb  one");
        assert!(lines[1].starts_with("  aaaa  b    word"));
        assert!(lines[2].starts_with("             word") && lines.len() == 3);
        assert!(lines.iter().all(|line| line.len() <= output::width()));
    }

    #[test]
    fn numbers_are_grouped() {
        let texts = [0, 999, 1000, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "999", "1 000", "1 234 567"]);
        assert_eq!((count(1, "state"), count(2, "state")), ("1 state".into(), "2 states".into()));
    }
}

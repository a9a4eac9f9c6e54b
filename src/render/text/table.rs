//! Tables: rows whose columns are aligned, no wider than the terminal.

use super::{Paint, Tone, grouped, wrap_in};
use crate::output;

/// Columns of the terminal between two cells.
const GAP: usize = 2;

/// Columns for the last cell beside the others, if it needs as many; more for long words, up to.
const LAST: usize = 24;
const LONG: usize = 40;

/// Columns before the last cell where it stands below the others.
const BELOW: usize = 4;

/// Fewest columns of a cell where even words are cut.
const LEAST: usize = 4;

/// Rows whose columns are aligned; the last cell is wrapped, and on a narrow terminal all are.
#[derive(Clone, Debug)]
pub struct Table {
    paint: Paint,
    indent: usize,
    rows: Vec<Vec<(Tone, String)>>,
}

/// How wide all cells but the last of a row are, and whether the last one stands below them.
struct Layout {
    widths: Vec<usize>,
    below: bool,
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

    /// Adds a row, each cell in its tone. Cells that begin with a space stand at the right.
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
        self.render_in(output::width())
    }

    fn render_in(&self, width: usize) -> String {
        let layout = self.layout(width);
        self.rows.iter().map(|row| self.lines(row, &layout, width)).collect()
    }

    /// Cells are as wide as what is in them, if the last one has room beside them; else they lose
    /// spaces, then are wrapped between words; else the last one goes below, and words are cut.
    fn layout(&self, width: usize) -> Layout {
        let last = self.rows.iter().filter_map(|row| row.last());
        let word = |cell: &str| cell.split_whitespace().map(chars).max().unwrap_or_default();
        let needed = |cell: &str| chars(cell).min(LAST.max(word(cell))).min(LONG);
        let last = last.map(|(_, cell)| needed(cell)).max().unwrap_or_default();
        let whole = self.widest(chars);
        let floors = [
            self.widest(|cell| chars(cell.trim())),
            self.widest(|cell| longest(cell, &JOINTS)),
            self.widest(|cell| longest(cell, &SEAMS)),
            vec![LEAST; whole.len()],
        ];
        let gaps = GAP * whole.len();
        let room = width.saturating_sub(self.indent + gaps);
        let mut widths = whole.clone();
        let fits = |floor: &Vec<usize>| shrink(&mut widths, floor, room.saturating_sub(last));
        if floors.iter().take(2).any(fits) {
            return Layout { widths, below: false };
        }
        let mut widths = whole;
        floors.iter().any(|floor| shrink(&mut widths, floor, room + GAP));
        Layout { widths, below: true }
    }

    /// The largest measure of each column but the last one of a row.
    fn widest(&self, measure: fn(&str) -> usize) -> Vec<usize> {
        let mut widest: Vec<usize> = Vec::new();
        for row in &self.rows {
            let cells = row.split_last().map_or(&[][..], |(_, cells)| cells);
            widest.resize(cells.len().max(widest.len()), 0);
            for ((_, cell), most) in cells.iter().zip(&mut widest) {
                *most = measure(cell).max(*most);
            }
        }
        widest
    }

    fn lines(&self, row: &[(Tone, String)], layout: &Layout, width: usize) -> String {
        let Some(((tone, last), cells)) = row.split_last() else {
            return "\n".to_owned();
        };
        let fitted = cells.iter().zip(&layout.widths);
        let mut columns: Vec<_> =
            fitted.map(|((tone, cell), width)| (*tone, fit(cell, *width), *width)).collect();
        let taken: usize = columns.iter().map(|(_, _, width)| width + GAP).sum();
        let at = self.indent + if layout.below { BELOW } else { taken };
        let last = wrap_in(last, width.saturating_sub(at).max(LAST));
        let last: Vec<_> = last.lines().map(str::to_owned).collect();
        let mut text = String::new();
        if layout.below {
            text += &self.side_by_side(&columns, self.indent);
            columns.clear();
        }
        columns.push((*tone, last, 0));
        text + &self.side_by_side(&columns, if layout.below { at } else { self.indent })
    }

    /// Cells of several lines side by side, each with its tone and width.
    fn side_by_side(&self, columns: &[(Tone, Vec<String>, usize)], indent: usize) -> String {
        let height = columns.iter().map(|(_, lines, _)| lines.len()).max().unwrap_or_default();
        let mut text = String::new();
        for at in 0..height {
            let mut line = " ".repeat(indent);
            for (tone, lines, width) in columns {
                let part = lines.get(at).map_or("", String::as_str);
                line += &self.paint.paint(*tone, part);
                line += &" ".repeat(width.saturating_sub(chars(part)) + GAP);
            }
            text += line.trim_end();
            text.push('\n');
        }
        text
    }
}

/// Takes columns from the widest cells until all fit into the room; whether they do.
fn shrink(widths: &mut [usize], floor: &[usize], room: usize) -> bool {
    while widths.iter().sum::<usize>() > room {
        let spare = widths.iter_mut().zip(floor).filter(|(width, floor)| **width > **floor);
        let Some((widest, _)) = spare.max_by_key(|(width, _)| **width) else {
            return false;
        };
        *widest -= 1;
    }
    true
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Letters behind which a cell is broken: those that join names, and those inside names.
const JOINTS: [char; 2] = [':', '|'];
const SEAMS: [char; 6] = [':', '|', '_', '-', '/', '.'];

/// The longest part of a cell that is not broken.
fn longest(cell: &str, joints: &[char]) -> usize {
    parts(cell, joints).iter().map(|part| chars(part.trim())).max().unwrap_or_default()
}

/// The parts between which a cell is broken: words, but not the groups of a number or its unit, and
/// what these letters join.
fn parts<'c>(cell: &'c str, joints: &[char]) -> Vec<&'c str> {
    let (mut parts, mut begin) = (Vec::new(), 0);
    for (at, letter) in cell.char_indices() {
        let (before, rest) = cell.split_at(at + letter.len_utf8());
        let number = before.trim_end().ends_with(|letter: char| letter.is_ascii_digit());
        let next = rest.split(' ').next().unwrap_or_default();
        let of_number = next.starts_with(|letter: char| letter.is_ascii_digit())
            || matches!(next, "us" | "ms" | "s" | "h" | "%");
        let breaks = match letter {
            ' ' => !(before.trim().is_empty() || number && of_number),
            letter => joints.contains(&letter),
        };
        if breaks && !rest.is_empty() && !rest.starts_with(' ') {
            parts.push(&cell[begin..before.len()]);
            begin = before.len();
        }
    }
    parts.push(&cell[begin..]);
    parts
}

/// A cell as lines that are no wider than this; at the right, if it stood there.
fn fit(cell: &str, width: usize) -> Vec<String> {
    if chars(cell) <= width {
        return vec![cell.to_owned()];
    }
    let mut lines = vec![String::new()];
    for part in parts(cell.trim(), &JOINTS) {
        let seams = if chars(part.trim()) > width { &SEAMS[..] } else { &JOINTS };
        for part in parts(part, seams) {
            let line =
                lines.last_mut().filter(|line| chars(line) + chars(part.trim_end()) <= width);
            match line {
                Some(line) => line.push_str(part),
                None => lines.push(part.to_owned()),
            }
        }
    }
    let cut = |line: String| {
        let letters: Vec<char> = line.trim_end().chars().collect();
        letters.chunks(width.max(1)).map(|part| part.iter().collect()).collect::<Vec<String>>()
    };
    let lines = lines.into_iter().flat_map(cut);
    if cell.starts_with(' ') {
        return lines.map(|line| format!("{line:>width$}")).collect();
    }
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOMES: [[&str; 4]; 2] = [
        ["client", "call", "result", "services, providers"],
        [
            "app",
            "OpenMsgStore:Mailbox",
            "MAPI_E_LOGON_FAILED",
            "service A disabled; logged-on: B, C",
        ],
    ];

    fn table(rows: &[[&str; 4]]) -> Table {
        let mut table = Table::new(Paint::none(), 2);
        for row in rows {
            table.row(*row);
        }
        table
    }

    #[test]
    fn columns_are_aligned_and_the_last_is_wrapped() {
        let mut table = Table::new(Paint::none(), 2);
        table.row(["a", "bbb", "one"]);
        table.row(["aaaa", "b", &"word ".repeat(20)]);
        let text = table.render_in(100);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[0], "  a     bbb  one");
        assert!(lines[1].starts_with("  aaaa  b    word"));
        assert!(lines[2].starts_with("             word") && lines.len() == 3);
        assert!(lines.iter().all(|line| line.len() <= 100));
    }

    #[test]
    fn no_line_is_wider_than_a_narrow_terminal_and_no_letter_is_lost() {
        let letters = |text: &str| text.chars().filter(|letter| *letter != ' ').count();
        let all: usize = OUTCOMES.iter().flatten().map(|cell| letters(cell)).sum();
        for width in 40..120 {
            let text = table(&OUTCOMES).render_in(width);
            assert!(text.lines().all(|line| chars(line) <= width), "{width}:\n{text}");
            assert_eq!(letters(&text.replace('\n', "")), all, "{width}:\n{text}");
        }
    }

    #[test]
    fn narrow_cells_break_between_words_and_the_last_goes_below() {
        let text = table(&OUTCOMES).render_in(72);
        let below = "          Mailbox                               logged-on: B, C";
        assert_eq!(text.lines().nth(2), Some(below), "{text}");
        let text = table(&OUTCOMES).render_in(50);
        assert!(text.contains("\n      service A disabled; logged-on: B, C\n"), "{text}");
    }

    #[test]
    fn numbers_lose_spaces_before_words_are_broken_and_are_never_broken_themselves() {
        let rows = [
            ["name", "       states", "     seconds", ""],
            ["a b", "    1 234 567", "        12 s", ""],
        ];
        let text = table(&rows).render_in(30);
        assert_eq!(text, "  name     states    seconds\n  a b   1 234 567       12 s\n");
    }
}

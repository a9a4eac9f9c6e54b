//! The document: sections and tables of `docs/spec.md`, as its Markdown has them.
//!
//! `model/spec.md` is a symbolic link to that file, so that a package of this crate contains it.

use std::sync::LazyLock;

/// The specification as its readers have it.
pub(super) const TEXT: &str = include_str!("../../spec.md");

const _: () = assert!(
    TEXT.len() > 10_000,
    "model/spec.md must be docs/spec.md: check it out as a symbolic link (core.symlinks)"
);

/// The specification, read once.
pub(super) static DOCUMENT: LazyLock<Document> = LazyLock::new(|| Document::read(TEXT));

/// A section of the specification, cited as `SPEC 7.1`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its number, such as `7.1`; empty for the one that precedes the numbered ones.
    pub number: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Its text as Markdown, without the sections below it.
    pub text: &'static str,
}

impl Section {
    /// Its text without tables and marks.
    #[must_use]
    pub fn prose(&self) -> String {
        let lines = self.text.lines();
        let lines: Vec<_> = lines.filter(|line| !line.starts_with('|')).collect();
        plain(&lines.join("\n"))
    }
}

/// A table, with the paragraph that introduces it.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) section: Section,
    pub(super) caption: &'static str,
    pub(super) heads: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// The cells of a row, as Markdown.
pub(super) type Row = Vec<String>;

/// Sections and tables in order, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) sections: Vec<Section>,
    pub(super) tables: Vec<Table>,
    pub(super) problems: Vec<String>,
}

impl Document {
    pub(super) fn read(text: &'static str) -> Self {
        let mut document = Self::default();
        document.find_sections(text);
        let mut section = Section::default();
        let (mut caption, mut headings, mut inside) = ("", 0, false);
        for (at, line) in text.lines().enumerate() {
            if line.starts_with("## ") || line.starts_with("### ") {
                section = document.sections[headings];
                headings += 1;
            }
            let Some(cells) = cells(line) else {
                inside = false;
                caption = if line.is_empty() { caption } else { line };
                continue;
            };
            if inside {
                document.add(cells, at + 1);
                continue;
            }
            inside = true;
            document.tables.push(Table {
                section,
                caption,
                heads: cells.iter().map(|cell| plain(cell)).collect(),
                rows: Vec::new(),
            });
        }
        document
    }

    fn find_sections(&mut self, text: &'static str) {
        let parts = text.split("\n## ").skip(1);
        for part in parts.flat_map(|part| part.split("\n### ")) {
            let (heading, text) = part.split_once('\n').unwrap_or((part, ""));
            let numbered = heading.starts_with(|first: char| first.is_ascii_digit());
            let (number, title) =
                heading.split_once(' ').filter(|_| numbered).unwrap_or(("", heading));
            self.sections.push(Section { number, title, text: text.trim() });
        }
    }

    /// Adds a row to the table at hand; the line below the heads is none.
    fn add(&mut self, row: Row, line: usize) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        let (found, wanted) = (row.len(), table.heads.len());
        if found != wanted {
            let problem = format!("docs/spec.md:{line}: {found} cells under {wanted} heads");
            self.problems.push(problem);
        } else if !row.iter().all(|cell| cell.starts_with(':')) {
            table.rows.push(row);
        }
    }

    /// The section of this number.
    pub(super) fn section(&self, number: &str) -> Option<&Section> {
        let mut sections = self.sections.iter();
        sections.find(|section| section.number == number)
    }

    /// The tables of the section of this number or heading.
    pub(super) fn tables_of<'d>(&'d self, section: &'d str) -> impl Iterator<Item = &'d Table> {
        let names =
            move |table: &&Table| [table.section.number, table.section.title].contains(&section);
        self.tables.iter().filter(names)
    }
}

impl Table {
    /// Whether it has a column of this head.
    pub(super) fn has(&self, head: &str) -> bool {
        self.heads.iter().any(|one| one == head)
    }

    /// The cell of a row under this head.
    pub(super) fn cell<'t>(&self, row: &'t Row, head: &str) -> Option<&'t str> {
        let at = self.heads.iter().position(|one| one == head)?;
        row.get(at).map(String::as_str)
    }
}

/// The cells of a line of a table, with `\|` as `|`.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.strip_prefix('|')?.trim_end();
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    let hidden = inner.replace("\\|", "\0");
    let cells = hidden.split('|');
    Some(cells.map(|cell| cell.trim().replace('\0', "|")).collect())
}

/// A text without its marks: `**`, backquotes, and asterisks around words.
pub(super) fn plain(markdown: &str) -> String {
    let text = markdown.replace("**", "").replace('`', "").replace("_ ", "_");
    let letters: Vec<char> = text.chars().collect();
    let is_mark = |at: usize| {
        let before = at.checked_sub(1).map_or(' ', |at| letters[at]);
        let after = letters.get(at + 1).copied().unwrap_or(' ');
        let opens = after.is_alphabetic() && (before == ' ' || before == '(');
        let closes = before.is_alphabetic() && !after.is_alphanumeric() && after != '-';
        letters[at] == '*' && (opens || closes)
    };
    (0..letters.len()).filter(|at| !is_mark(*at)).map(|at| letters[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_well_formed() {
        assert_eq!(DOCUMENT.problems, [""; 0]);
        assert!(DOCUMENT.tables.iter().all(|table| !table.rows.is_empty()));
    }

    #[test]
    fn a_row_with_a_cell_too_many_is_a_problem_with_its_line() {
        let document = Document::read("\n## 1 One\n| Id | Clause |\n|:--|:--|\n| A-1 | b | c |\n");
        assert_eq!(document.problems, ["docs/spec.md:5: 3 cells under 2 heads"]);
    }

    #[test]
    fn sections_have_their_number_heading_and_text() {
        let section = DOCUMENT.section("7.1").unwrap();
        assert_eq!(section.title, "States");
        assert!(section.text.starts_with("Call states: **Q0** Fresh"));
        assert!(DOCUMENT.section("7.4").is_none());
        let captions: Vec<_> = DOCUMENT.tables_of("2.3").map(|table| table.caption).collect();
        assert!(captions[1].starts_with("PAR-12, resolution table"));
    }

    #[test]
    fn marks_are_taken_out_and_wildcards_stay() {
        assert_eq!(plain("`a` **b** (*advice*; c)"), "a b (advice; c)");
        assert_eq!(plain("iprofadmin-*.md, INV-*"), "iprofadmin-*.md, INV-*");
    }
}

//! The clauses: each row of a table of the specification as a sentence.

use super::document::{Document, Row, Table, plain};
use super::machine::{named, numbers_in};
use super::{Clause, ClauseKind, Reading, cited};

/// How the columns of a table make a sentence. The first that a table has all columns of applies;
/// columns without a place in it become facts.
const SENTENCES: &[&str] = &[
    "{From}: {Guard} → {Action / outcome} → {To}",
    "{Clause}",
    "{Edge / decision}",
    "{Rule}",
    "{Property}",
    "{Goal}",
    "{Flag} ({Bit}): {Effect}",
    "NEW {NEW}, ALLOW {ALLOW}, SHX {SHX}: {Result}",
    "{Result}: {When}",
    "name {Name}, USE_DEFAULT {USE_DEFAULT}, EXPLICIT {EXPLICIT}, \
     ui_profile {ui_profile}: {Outcome}",
    "{Method}: {Outcome}",
    "{Method}",
    "{Code / class}: {1st try}. 2nd try: {2nd try}",
    "{Name} = {Value}: {Role in logon}",
    "{Fault}: {Default code}",
    "{Seed, sentence}: {Literal reading of the translation}. Right: {Right reading and reason}",
    "{Question and readings}",
];

/// Columns that say where a statement comes from.
const SOURCES: [&str; 3] = ["Source", "Clauses", "Justification"];

/// Columns that do not become facts: the clause has a field for them.
const APART: [&str; 5] = ["Id", "Policy", "From", "To", "Orig."];

/// Every clause of the document, in its order, and what could not be read.
pub(super) fn clauses(document: &'static Document) -> (Vec<Clause>, Vec<String>) {
    let (mut clauses, mut problems) = (Vec::new(), document.problems.clone());
    for table in document.tables.iter().filter(|table| table.heads[0] == "Id") {
        let fits = |sentence: &&&str| places(sentence).all(|(_, column)| table.has(column));
        let Some(sentence) = SENTENCES.iter().find(fits) else {
            problems.push(format!("no sentence for the heads {:?}", table.heads));
            continue;
        };
        let mut own = Vec::new();
        for row in &table.rows {
            let ids = cited(&row[0]);
            if ids.is_empty() {
                problems.push(format!("docs/spec.md: a row without an id: {row:?}"));
            }
            let cells = |at| Cells { table, row, ids: &ids, at };
            own.extend((0..ids.len()).map(|at| cells(at).clause(sentence)));
        }
        clauses.extend(bases(table, &own));
        clauses.append(&mut own);
    }
    (clauses, problems)
}

/// The places of a sentence: what stands before each, and its column.
fn places(sentence: &str) -> impl Iterator<Item = (&str, &str)> {
    let pieces = sentence.split_terminator('}');
    pieces.filter_map(|piece| piece.split_once('{'))
}

/// Clauses for the ids that introduce a table of their lettered parts, as `PAR-12` does.
fn bases(table: &'static Table, rows: &[Clause]) -> Vec<Clause> {
    let known = |id: &str| rows.iter().any(|clause| clause.id == id);
    let whole = |id: &String| !known(id) && known(&format!("{id}a"));
    let base = |id: String| Clause {
        id: id.leak(),
        section: table.section.number,
        seed: false,
        kind: ClauseKind::Clause,
        text: plain(table.caption).trim_end_matches(':').to_owned().leak(),
        source: "",
        facts: &[],
        from: &[],
        to: &[],
        policies: &[],
    };
    cited(table.caption).into_iter().filter(whole).map(base).collect()
}

/// One id of a row, and what of the row's cells belongs to it.
struct Cells<'r> {
    table: &'static Table,
    row: &'static Row,
    ids: &'r [String],
    at: usize,
}

impl Cells<'_> {
    fn clause(&self, sentence: &'static str) -> Clause {
        let id = &self.ids[self.at];
        let used = |head: &str| places(sentence).any(|(_, column)| column == head);
        let free = self.table.heads.iter().filter(|head| {
            !used(head) && !SOURCES.contains(&head.as_str()) && !APART.contains(&head.as_str())
        });
        let facts = free.map(|head| (head.as_str(), self.part(head)));
        let facts = facts.chain([("context", self.context())]);
        let facts = facts.filter(|(_, value)| !is_blank(value));
        let facts: Vec<_> = facts.map(|(head, value)| (head, &*value.leak())).collect();
        Clause {
            id: id.clone().leak(),
            section: self.table.section.number,
            seed: self.row[0].contains("[SEED]"),
            kind: ClauseKind::of(id),
            text: self.sentence(sentence).leak(),
            source: self.source().leak(),
            facts: facts.leak(),
            from: numbers_in(self.cell("From")).leak(),
            to: self.entered().leak(),
            policies: readings(self.cell("Policy")).leak(),
        }
    }

    /// The sentence with its places filled; a place without content is left out.
    fn sentence(&self, sentence: &str) -> String {
        let mut text = String::new();
        for (before, column) in places(sentence) {
            let part = match column {
                "From" | "To" => named(&self.part(column)),
                _ => self.part(column),
            };
            if !is_blank(&part) {
                text += before;
                text += &part;
            }
        }
        text
    }

    /// What introduces a table whose rows have no source of their own.
    fn context(&self) -> String {
        let sourced = SOURCES.iter().any(|head| self.table.has(head));
        let caption = self.table.caption;
        if sourced || caption.starts_with('#') { String::new() } else { plain(caption) }
    }

    fn cell(&self, head: &str) -> &'static str {
        self.table.cell(self.row, head).unwrap_or_default()
    }

    /// What of a cell belongs to this id, without marks: in a row of several ids the part with its
    /// number, or the part in its place where each id has one part.
    fn part(&self, head: &str) -> String {
        let cell = self.cell(head);
        let marks: Vec<_> = self.ids.iter().map(|id| mark(id)).collect();
        if self.ids.len() > 1 && marks.iter().all(|mark| cell.contains(mark)) {
            let lead = cell.split("**").next().unwrap_or_default();
            let (_, own) = cell.split_once(&marks[self.at]).unwrap_or_default();
            let ends = marks.iter().filter_map(|mark| own.find(mark.as_str())).min();
            return plain((lead.to_owned() + own[..ends.unwrap_or(own.len())].trim()).trim());
        }
        let parts: Vec<_> = cell.split("; ").collect();
        if !self.table.has("Value") || parts.len() != self.ids.len() {
            return plain(cell);
        }
        let part = plain(parts[self.at]);
        match head {
            "Name" if part.starts_with('_') => format!("MAPI_E{part}"),
            "Value" if part.len() == 3 => format!("0x80040{part}"),
            _ => part,
        }
    }

    /// Where the statement comes from; a part such as `19: page.md` is that of STA-19 alone.
    fn source(&self) -> String {
        let number = self.ids[self.at].split('-').nth(1).unwrap_or_default();
        let columns = SOURCES.iter().map(|head| self.cell(head));
        let parts = columns.flat_map(|cell| cell.split("; ")).filter_map(|part| {
            let numbered = part.split_once(": ");
            let numbered = numbered.filter(|(to, _)| to.parse::<u16>().is_ok());
            numbered.map_or(Some(part), |(to, part)| (to == number).then_some(part))
        });
        let mut parts: Vec<_> = parts.map(plain).filter(|part| !is_blank(part)).collect();
        parts.extend(origin(self.cell("Orig.")).map(str::to_owned));
        if self.row[0].contains("[DER]") {
            parts.push("[DER]".to_owned());
        }
        parts.join("; ")
    }

    /// The states entered; a row that goes on "as T-43, T-44" enters what these enter.
    fn entered(&self) -> Vec<&'static str> {
        let cell = self.cell("To");
        let entered = numbers_in(cell);
        if !entered.is_empty() {
            return entered;
        }
        let others = cited(cell);
        let rows = self.table.rows.iter();
        let rows = rows.filter(|row| others.contains(&row[0]));
        rows.flat_map(|row| numbers_in(self.table.cell(row, "To").unwrap_or_default())).collect()
    }
}

/// How a row of several ids marks the part of one, such as `**5**:` for INI-5.
fn mark(id: &str) -> String {
    let number = id.split('-').nth(1).unwrap_or_default();
    format!("**{number}**: ")
}

fn is_blank(cell: &str) -> bool {
    cell.is_empty() || cell == "–"
}

/// Where the number of a result code was read.
fn origin(cell: &str) -> Option<&'static str> {
    match cell.chars().next()? {
        'H' => Some("MAPICode.h"),
        'W' => Some("MAPICode.h, winerror.h"),
        _ => Some("the documentation"),
    }
}

/// The switches of a cell such as `` `START` = eager | on_open ``.
fn readings(cell: &str) -> Vec<Reading> {
    let switches = cell.split(';').filter_map(|part| {
        let (name, rest) = part.trim().strip_prefix('`')?.split_once('`')?;
        let values = rest.trim().strip_prefix("= ").unwrap_or_default();
        let values = values.split('|').map(|value| &*plain(value.trim()).leak());
        Some(Reading {
            name: name.to_owned().leak(),
            values: values.filter(|value| !value.is_empty()).collect::<Vec<_>>().leak(),
        })
    });
    switches.collect()
}

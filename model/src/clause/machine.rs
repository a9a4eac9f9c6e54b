//! The drawings of the specification as data: the states of the machine (SPEC 7.1), the flowchart
//! of session logon (SPEC 1.3), and what seed clauses are traced to (SPEC 11.2).

use std::sync::LazyLock;

use super::document::{DOCUMENT, plain};

/// The states of a logon call (`Q`) and of an attachment to a session (`W`): number, name, meaning.
pub static STATES: LazyLock<Vec<(&str, &str, &str)>> = LazyLock::new(|| {
    let mut marked = text_of("7.1").split("**").skip(1);
    let mut states = Vec::new();
    while let (Some(number), Some(rest)) = (marked.next(), marked.next()) {
        let rest = rest.trim_start().lines().next().unwrap_or_default();
        let name = rest.split(|c: char| !c.is_alphanumeric()).next();
        let meaning = rest.split_once(" (").and_then(|(_, rest)| rest.split_once(')'));
        let meaning = meaning.map_or("", |(meaning, _)| meaning);
        states.push((number, name.unwrap_or_default(), meaning));
    }
    states
});

/// The boxes of the flowchart `amapi_47.gif`: its name in the specification and what it says.
///
/// `D` is a decision, `A` an action, `X` an end; evaluation starts at `D1` (`FLW-1`).
pub static FLOWCHART_NODES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let mut lines = text_of("1.3").lines();
    let nodes = lines.find_map(|line| line.strip_prefix("Nodes: ")).unwrap_or_default();
    let pieces = nodes.trim_end_matches('.').split([',', ';']);
    let nodes = pieces.filter_map(|piece| {
        let at = piece.find(boxes(piece).next()?)?;
        let (id, says) = piece[at..].split_once(' ')?;
        let says = says.trim_end_matches(" (start)").trim_matches('"');
        let (first, rest) = says.split_at_checked(1)?;
        Some((id, &*(first.to_uppercase() + rest).leak()))
    });
    nodes.collect()
});

/// The arrows of the flowchart: from, to, label (empty where none is drawn) and clause.
pub static FLOWCHART_EDGES: LazyLock<Vec<(&str, &str, &str, &str)>> = LazyLock::new(|| {
    let rows = DOCUMENT.tables_of("1.3").flat_map(|table| &table.rows);
    let mut edges = Vec::new();
    for row in rows {
        let id = row[0].split(' ').next().unwrap_or_default();
        let Some((left, right)) = row[1].split_once('→') else {
            continue;
        };
        let labels = ["yes", "no"].into_iter().find(|label| left.split(' ').any(|w| w == *label));
        let to = boxes(right).next();
        edges.extend(
            boxes(left)
                .zip(to.into_iter().cycle())
                .map(|(from, to)| (from, to, labels.unwrap_or_default(), id)),
        );
    }
    edges
});

/// Which transitions and properties carry which seed clauses.
pub(super) static TRACE: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let rows = DOCUMENT.tables_of("11.2").flat_map(|table| &table.rows);
    rows.map(|row| (row[0].clone(), format!("{}, {}", row[1], row[2]))).collect()
});

fn text_of(section: &str) -> &'static str {
    DOCUMENT.section(section).map_or("", |section| section.text)
}

/// The boxes of the flowchart that a text names.
fn boxes(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| matches!(word.as_bytes(), [b'D' | b'A' | b'X', b'0'..=b'9']))
}

/// The states that a text names by number, in its order.
pub(super) fn numbers_in(text: &'static str) -> Vec<&'static str> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| name_of(word).is_some()).collect()
}

/// The text with the name of each state behind its number: `Q13 Load`.
pub(super) fn named(text: &str) -> String {
    let mut named = String::new();
    for piece in plain(text).split_inclusive(|c: char| !c.is_alphanumeric()) {
        let number = piece.trim_end_matches(|c: char| !c.is_alphanumeric());
        named += number;
        if let Some(name) = name_of(number) {
            named += &format!(" {name}");
        }
        named += &piece[number.len()..];
    }
    named
}

fn name_of(number: &str) -> Option<&'static str> {
    let mut states = STATES.iter();
    states.find(|(known, _, _)| *known == number).map(|(_, name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_have_a_number_a_name_and_mostly_a_meaning() {
        assert_eq!(STATES.len(), 28);
        assert_eq!(STATES[13], ("Q13", "Load", "library, entry point, version"));
        assert_eq!(STATES[27], ("W4", "Closed", ""));
        assert_eq!(named("Q13/Q14 or W4"), "Q13 Load/Q14 Logon or W4 Closed");
    }

    #[test]
    fn flowchart_is_closed_and_cites_its_clauses() {
        let known = |node: &str| FLOWCHART_NODES.iter().any(|(name, _)| *name == node);
        for (from, to, _, _) in FLOWCHART_EDGES.iter() {
            assert!(known(from) && known(to));
        }
        for number in 2..=17 {
            let id = format!("FLW-{number}");
            assert!(FLOWCHART_EDGES.iter().any(|edge| edge.3 == id), "{id}");
        }
        assert_eq!((FLOWCHART_NODES.len(), FLOWCHART_EDGES.len()), (15, 18));
    }
}

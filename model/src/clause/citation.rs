//! Citations: the ids that a text names.

/// Every id that a text names, in its order: alone, or in a range such as `T-45..53`,
/// `PAR-12a..f`, `PAR-12c/e` or `INV-1 to INV-47`.
#[must_use]
pub fn cited(text: &str) -> Vec<String> {
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(at) = text[from..].find('-').map(|at| from + at) {
        from = at + 1;
        let family = family(&text[..at]);
        let Some((number, letter, rest)) =
            leading_number(&text[from..]).filter(|_| !family.is_empty())
        else {
            continue;
        };
        let end = rest.strip_prefix("..").or_else(|| {
            let end = rest.strip_prefix(" to ")?.strip_prefix(family)?;
            end.strip_prefix('-')
        });
        let letters = match (letter, end.or_else(|| rest.strip_prefix('/')).and_then(lone_letter)) {
            (Some(first), Some(last)) if end.is_some() => (first..=last).collect(),
            (Some(first), Some(second)) => vec![first, second],
            (first, _) => first.into_iter().collect(),
        };
        let last = end.and_then(leading_number);
        let (last, rest) = last.map_or((number, rest), |(last, _, rest)| (last, rest));
        for number in number..=last {
            let id = format!("{family}-{number}");
            found.extend(letters.iter().map(|letter| format!("{id}{letter}")));
            found.extend(letters.is_empty().then_some(id));
        }
        from = text.len() - rest.len();
    }
    found
}

/// The one to three capital letters at the end of a text, if they stand alone.
fn family(text: &str) -> &str {
    let start = text.trim_end_matches(|letter: char| letter.is_ascii_uppercase());
    let family = &text[start.len()..];
    let joined = start.ends_with(|last: char| last.is_alphanumeric() || "-_".contains(last));
    if joined || family.len() > 3 { "" } else { family }
}

/// The number at the beginning of a text, the letter behind it, and the rest.
fn leading_number(text: &str) -> Option<(u16, Option<char>, &str)> {
    let rest = text.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let number = text[..text.len() - rest.len()].parse().ok()?;
    let letter = rest.chars().next().filter(char::is_ascii_lowercase);
    let rest = if letter.is_some() { &rest[1..] } else { rest };
    let joined = rest.starts_with(|next: char| next.is_alphanumeric() || next == '_');
    (!joined).then_some((number, letter, rest))
}

/// The letter at the beginning of a text, if it is not part of a word.
fn lone_letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let letter = letters.next().filter(char::is_ascii_lowercase);
    letter.filter(|_| !letters.next().is_some_and(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_ranges_are_found_in_running_text() {
        for (text, ids) in [
            ("see T-43, (PRV-52).", "T-43 PRV-52"),
            ("T-45..47 and INV-1 to INV-3", "T-45 T-46 T-47 INV-1 INV-2 INV-3"),
            ("PAR-12a..c, PAR-12c/e", "PAR-12a PAR-12b PAR-12c PAR-12c PAR-12e"),
            ("T-1 to an end, T-10/T-10a", "T-1 T-10 T-10a"),
            ("Q13/Q14, a-1, WS_T-1, S12–S14", ""),
        ] {
            assert_eq!(cited(text).join(" "), ids);
        }
    }
}

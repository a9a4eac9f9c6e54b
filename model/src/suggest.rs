//! Words and places of messages: the written text, the admissible ones, the one probably meant.

use std::cmp::Reverse;

/// Fewest characters of a first word that stands for a whole name.
const FIRST_WORD: usize = 4;

/// Most characters of a value that a message repeats.
const QUOTE_LENGTH: usize = 72;

/// Most words that a message lists beside the one probably meant.
const MANY: usize = 20;

/// The candidate nearest to `written`, if one is near enough to be a slip; of equally near ones
/// that with the longest common prefix. Where none is near enough, the one whose first word is, as
/// `retry` is to `retry-storm`, unless there are several.
#[must_use]
pub fn nearest<'a>(
    written: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    // The search takes time and memory of the order of the lengths multiplied.
    if written.chars().count() > QUOTE_LENGTH {
        return None;
    }
    let folded = written.to_lowercase();
    let distance = |word: &str| strsim::damerau_levenshtein(&folded, &word.to_lowercase());
    let slip = |word: &str| {
        let length = word.chars().count();
        Some(distance(word)).filter(|far| *far <= 1 + length / 4 && *far < length)
    };
    let common = |word: &str| {
        let word = word.to_lowercase();
        folded.chars().zip(word.chars()).take_while(|(one, other)| one == other).count()
    };
    let candidates: Vec<&'a str> = candidates.into_iter().collect();
    let near = candidates.iter().copied().filter_map(|word| Some((slip(word)?, word)));
    let nearest = near.min_by_key(|(far, word)| (*far, Reverse(common(word))));
    if let Some((_, word)) = nearest {
        return Some(word);
    }
    let mut begun = candidates.into_iter().filter(|word| {
        let first = word.split(['-', '_']).next().unwrap_or_default();
        first.chars().count() >= FIRST_WORD && first != *word && slip(first).is_some()
    });
    let word = begun.next()?;
    begun.next().is_none().then_some(word)
}

/// `; did you mean …?` or nothing.
#[must_use]
pub fn hint<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(written, candidates)
        .map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

/// Line and column, both from 1, of byte `at` of a text; columns count characters.
#[must_use]
pub fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let column = line.trim_start_matches('\u{feff}').chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// The message for bytes that are not text.
#[must_use]
pub fn not_utf8(bytes: &[u8]) -> String {
    let byte = bytes.first().copied().unwrap_or_default();
    format!("byte 0x{byte:02X} is not UTF-8")
}

/// What was written, fit for one line of a message.
#[must_use]
pub fn quoted(written: &str) -> String {
    let mut quote = String::from("`");
    for (count, character) in written.chars().enumerate() {
        if count == QUOTE_LENGTH {
            quote.push('…');
            break;
        }
        if character.is_control() {
            quote.extend(character.escape_default());
        } else {
            quote.push(character);
        }
    }
    quote.push('`');
    quote
}

/// The admissible words, and the one probably meant; that one alone, if the others are too many.
#[must_use]
pub fn admissible(written: &str, known: &[&str]) -> String {
    let words: Vec<_> = known.iter().map(|word| quoted(word)).collect();
    let (words, hint) = (words.join(", "), hint(written, known.iter().copied()));
    match known {
        [] => "there is none".to_owned(),
        many if many.len() > MANY && !hint.is_empty() => hint.trim_start_matches("; ").to_owned(),
        [_] => format!("the only one is {words}{hint}"),
        _ => format!("it is one of {words}{hint}"),
    }
}

/// The message for an unknown name, with the known ones.
#[must_use]
pub fn unknown<'a>(what: &str, written: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let choice = admissible(written, &known);
    format!("unknown {what} {}; {choice}", quoted(written))
}

/// The error of serde in plain words; `value` and `section` are what the message calls the
/// value that is wrong or the section that lacks one.
#[must_use]
pub fn reworded(told: &str, value: &str, section: &str) -> String {
    if let Some(key) = told.strip_prefix("missing field ") {
        return format!("{section} needs the key {key}");
    }
    let (fault, wanted) = told.rsplit_once(", expected ").unwrap_or((told, ""));
    let of_value =
        if value.starts_with('`') { format!("value of {value}:") } else { "word".to_owned() };
    for (serde, what) in [("unknown field `", "key"), ("unknown variant `", &of_value)] {
        if let Some(written) = fault.strip_prefix(serde) {
            let known = wanted.split('`').skip(1).step_by(2);
            return unknown(what, written.trim_end_matches('`'), known);
        }
    }
    let kinds = ["invalid type: ", "invalid value: "];
    let Some(found) = kinds.iter().find_map(|kind| fault.strip_prefix(kind)) else {
        return told.to_owned();
    };
    let found = match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => {
            let written = found.find(['`', '"']).map_or(found, |at| &found[at..]);
            quoted(written.trim_matches('`'))
        }
    };
    let wanted = match wanted {
        "a map" => "a table",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "i64" => "a whole number",
        "f64" => "a number",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{value} must be {wanted}, not {found}")
}

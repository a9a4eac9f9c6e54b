//! The search by words, where nothing has the name that was written.

use mapi_logon_model::policy::Switch;

use super::{Explanation, Related};
use crate::catalogue::{Entry, Thing, entries};

/// Most things that a search lists.
const LISTED: usize = 8;

/// The things whose texts have most of the words, half of them at least; those come first in which
/// the words are a larger part.
pub(super) fn search(written: &str) -> Option<Explanation> {
    let words: Vec<String> = split(written).filter(|word| word.len() > 2).collect();
    let all = entries().into_iter().filter(is_searched).map(|entry| {
        let text: Vec<String> = split(&text(&entry)).collect();
        let has = |word: &&String| text.iter().any(|one| one.starts_with(stem(word)));
        (words.iter().filter(has).count(), text.len(), entry)
    });
    let mut found: Vec<_> = all.collect();
    let most = found.iter().map(|(number, ..)| *number).max().unwrap_or_default();
    if most == 0 || most * 2 < words.len() {
        return None;
    }
    found.retain(|(number, ..)| *number == most);
    found.sort_by_key(|(_, length, _)| *length);
    let about = match found.len() {
        ..=LISTED => "Nothing has this name. These have its words:".to_owned(),
        all => format!("Nothing has this name. These have its words, and {} more:", all - LISTED),
    };
    let mut explanation = Explanation::blank(written, "words", &about);
    let listed = found.into_iter().take(LISTED).map(|(_, _, entry)| Related {
        id: entry.name,
        kind: entry.thing.kind(),
        text: entry.text.into(),
    });
    explanation.related = listed.collect();
    Some(explanation)
}

/// What the specification says, and the policies about it.
const fn is_searched(entry: &Entry) -> bool {
    matches!(entry.thing, Thing::Clause(_) | Thing::Policy(..))
}

/// What is searched of a thing: its name, and what is said of it and of its values.
fn text(entry: &Entry) -> String {
    let meanings = Switch::named(entry.name).map_or(&[][..], |switch| switch.meanings);
    format!("{} {} {}", entry.name, entry.text, meanings.concat())
}

/// The words in lower case.
fn split(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// A word without the ending of a plural.
fn stem(word: &str) -> &str {
    word.strip_suffix("ies").or_else(|| word.strip_suffix('s')).unwrap_or(word)
}

//! What is wrong with the file? A place, and a message that says what is admissible.

use crate::suggest;

/// Most characters of a value that a message repeats.
const QUOTE_LENGTH: usize = 72;

/// What is wrong, and at which byte of the text.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) at: usize,
    pub(super) message: String,
}

impl Mistake {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// What was read, or the mistake.
pub(super) type Read<T> = Result<T, Mistake>;

/// What was written, fit for one line of a message.
pub(super) fn quoted(written: &str) -> String {
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

/// The admissible words, and the one probably meant.
pub(super) fn admissible(written: &str, known: &[&str]) -> String {
    let words = known.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
    // The search for a slip takes time and memory of the order of the lengths multiplied.
    let short = written.chars().count() <= QUOTE_LENGTH;
    let hint = if short { suggest::hint(written, known.iter().copied()) } else { String::new() };
    match known {
        [] => "there is none".to_owned(),
        [_] => format!("the only one is {words}{hint}"),
        _ => format!("it is one of {words}{hint}"),
    }
}

/// What a word stands for, or what is wrong with it.
pub(super) fn lookup<T: Copy>(written: &str, what: &str, known: &[(&str, T)]) -> Result<T, String> {
    known.iter().find(|(word, _)| *word == written).map(|(_, meaning)| *meaning).ok_or_else(|| {
        let words: Vec<_> = known.iter().map(|(word, _)| *word).collect();
        format!("unknown {what} {}; {}", quoted(written), admissible(written, &words))
    })
}

/// Refuses what is over a limit of [`crate::ids`].
pub(super) fn within(count: usize, limit: usize, name: &str, what: &str, at: usize) -> Read<()> {
    if count < limit {
        return Ok(());
    }
    Err(Mistake::new(at, format!("a scenario has at most {limit} {what} (limit {name})")))
}

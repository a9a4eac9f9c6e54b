//! Foreign text on a terminal: names and log lines may hold characters that act on it or are not
//! seen, and these are written as escapes.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::path::byte;

/// Characters that turn the direction of text, are not seen, or are no characters; control
/// characters come on top.
const HIDDEN: [RangeInclusive<char>; 21] = [
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{2028}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{e000}'..='\u{f8ff}',
    '\u{fdd0}'..='\u{fdef}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{fffe}'..='\u{ffff}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{10ffff}',
];

/// How an escape is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// For people: `\u{202e}`, and `\xff` for a byte of a path that is not UTF-8.
    Human,
    /// Inside JSON strings: `\u202e`, which means the same there.
    Json,
}

/// The text with escapes for what would act on a terminal or hide in it; lines stay lines.
pub(crate) fn escaped(text: &str, how: Escapes) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match how {
            _ if !is_hidden(letter) => safe.push(letter),
            Escapes::Human => match byte(letter) {
                Some(byte) => safe += &format!("\\x{byte:02x}"),
                None => safe.extend(letter.escape_unicode()),
            },
            Escapes::Json => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    safe += &format!("\\u{unit:04x}");
                }
            }
        }
    }
    Cow::Owned(safe)
}

fn is_hidden(letter: char) -> bool {
    letter != '\n' && (letter.is_control() || HIDDEN.iter().any(|hidden| hidden.contains(&letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_bidirectional_and_invisible_characters_are_escaped() {
        let foreign = "a\u{1b}[31mb\u{202e}c\u{200b}d\r\t\u{9b}e";
        assert_eq!(
            escaped(foreign, Escapes::Human),
            "a\\u{1b}[31mb\\u{202e}c\\u{200b}d\\u{d}\\u{9}\\u{9b}e"
        );
        assert_eq!(escaped("Zürich 東京\n", Escapes::Human), "Zürich 東京\n");
    }

    #[test]
    fn escaped_json_means_what_it_meant() {
        let name = "x\u{202e}y\u{e0041}z\u{7f}";
        let written = serde_json::to_string(name).unwrap();
        let safe = escaped(&written, Escapes::Json);
        assert!(safe.is_ascii(), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), name);
    }
}

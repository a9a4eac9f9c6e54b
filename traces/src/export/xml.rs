//! Text that may stand in XML and HTML: control characters and noncharacters have no place there,
//! escaped or not.

use std::borrow::Cow;

/// The text with U+FFFD in place of what XML or HTML does not have. Every file in either goes
/// through this as a whole.
#[must_use]
pub fn admissible(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_admissible) {
        return Cow::Borrowed(text);
    }
    let replaced =
        |letter| if is_admissible(letter) { letter } else { char::REPLACEMENT_CHARACTER };
    Cow::Owned(text.chars().map(replaced).collect())
}

/// The text with escapes for the letters that mean something to XML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            letter => escaped.push(letter),
        }
    }
    escaped
}

fn is_admissible(letter: char) -> bool {
    let code = u32::from(letter);
    let nonchar = (0xfdd0..=0xfdef).contains(&code) || code & 0xfffe == 0xfffe;
    matches!(letter, '\n' | '\t' | '\r') || !letter.is_control() && !nonchar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_does_not_have_is_replaced() {
        let foreign = "a\0b\u{1b}c\u{85}d\u{fffe}e\u{ffff}f\u{1ffff}g\u{fdd0}h";
        assert_eq!(
            admissible(foreign),
            "a\u{fffd}b\u{fffd}c\u{fffd}d\u{fffd}e\u{fffd}f\u{fffd}g\u{fffd}h"
        );
        assert!(matches!(admissible("Zürich\t東京\r\n"), Cow::Borrowed(_)));
    }
}

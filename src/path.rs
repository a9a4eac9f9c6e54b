//! Paths as text: bytes of them that are not UTF-8 are kept, and are shown escaped.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser};

/// A byte that is not UTF-8 is the character with this number more. That is a character for private
/// use, which output shows as `\xNN`.
const BYTES: u32 = 0x10_ff00;

/// The text of a path on the command line.
pub(crate) fn parser() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().map(text_of)
}

/// What is read of a path, or of something else, on the command line.
pub(crate) fn parsed<T: Clone + Send + Sync + 'static>(
    read: fn(&str) -> Result<T, String>,
) -> impl TypedValueParser<Value = T> {
    parser().try_map(move |text| read(&text))
}

/// The text of a path, from which [`real`] makes the same path.
pub(crate) fn text_of(path: impl AsRef<OsStr>) -> String {
    let mut text = String::new();
    for part in path.as_ref().as_encoded_bytes().utf8_chunks() {
        for letter in part.valid().chars() {
            match byte(letter) {
                // A name that has such a character itself.
                Some(_) => text.extend(letters(letter.to_string().as_bytes())),
                None => text.push(letter),
            }
        }
        text.extend(letters(part.invalid()));
    }
    text
}

fn letters(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.iter().filter_map(|byte| char::from_u32(BYTES + u32::from(*byte)))
}

/// The path of which this is the text.
#[cfg(unix)]
pub(crate) fn real(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt as _;
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars() {
        match byte(letter) {
            Some(byte) => bytes.push(byte),
            None => bytes.extend(letter.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    std::ffi::OsString::from_vec(bytes).into()
}

/// The path of which this is the text.
#[cfg(not(unix))]
pub(crate) fn real(text: &str) -> PathBuf {
    text.into()
}

/// A word with bytes that are not UTF-8, quoted for a shell.
pub(crate) fn quoted(word: &str) -> String {
    let letters = word.chars().map(|letter| match byte(letter) {
        Some(byte) => format!("\\x{byte:02x}"),
        None if matches!(letter, '\'' | '\\') => format!("\\{letter}"),
        None => letter.to_string(),
    });
    format!("$'{}'", letters.collect::<String>())
}

/// The byte that is not UTF-8 for which the character stands.
pub(crate) fn byte(letter: char) -> Option<u8> {
    let byte = u8::try_from(u32::from(letter).checked_sub(BYTES)?).ok()?;
    (!byte.is_ascii()).then_some(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn path_of_the_text_of_a_path_is_the_same() {
        use std::os::unix::ffi::OsStrExt as _;
        use std::path::Path;
        for bytes in [&b"a/b"[..], "Zürich".as_bytes(), b"\xff\xc3(", "\u{10ff80}".as_bytes()] {
            let path = Path::new(OsStr::from_bytes(bytes));
            assert_eq!(real(&text_of(path)), path);
        }
        assert_eq!(text_of("Zürich"), "Zürich");
        assert_eq!(quoted(&text_of(OsStr::from_bytes(b"a'\xff"))), r"$'a\'\xff'");
    }
}

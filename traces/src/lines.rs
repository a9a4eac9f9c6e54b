//! Untrusted files of lines: read one line at a time, of bounded length, errors with their places.

use std::fmt;
use std::io::{BufRead, ErrorKind};

use mapi_logon_model::suggest::{not_utf8, place, reworded};

use crate::import::text::latin;

/// Most bytes of a line: room for the largest scenario, written as one JSON string.
pub const LONGEST: usize = 4 << 20;

/// Most lines of a file that is kept in memory as a whole \[DER\].
pub const MOST_LINES: u64 = 1_000_000;

/// Most bytes of such a file \[DER\].
pub const MOST_BYTES: u64 = 128 << 20;

/// What is wrong with a file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileError {
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// The column, from 1.
    pub column: usize,
    /// What is wrong.
    pub reason: String,
}

impl FileError {
    /// An error in a line as a whole.
    pub fn at(line: u64, reason: impl Into<String>) -> Self {
        Self { line, column: 1, reason: reason.into() }
    }

    /// An error at a byte of a text.
    pub fn in_text(text: &str, at: usize, reason: impl Into<String>) -> Self {
        let (line, column) = place(text, at);
        Self { column, ..Self::at(line as u64, reason) }
    }

    /// What `serde_json` found wrong with a text that begins in a line.
    #[must_use]
    pub fn of_json(line: u64, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let told = text.split(" at line ").next().unwrap_or(&text);
        Self {
            column: error.column().max(1),
            ..Self::at(line, reworded(told, "a value", "the line"))
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.reason),
            line => write!(f, "{line}:{}: {}", self.column, self.reason),
        }
    }
}

impl std::error::Error for FileError {}

/// The lines of a file, blank ones left out.
#[derive(Debug)]
pub struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
    /// How many lines and bytes may still come, where what is read is kept.
    left: Option<(u64, u64)>,
    /// Letters that are no UTF-8 and were read as Windows-1252, where that is done.
    replaced: Option<u64>,
}

impl<R: BufRead> Lines<R> {
    /// Starts at the first line.
    pub const fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new(), left: None, replaced: None }
    }

    /// The same for a file that is kept: no more than [`MOST_LINES`] and [`MOST_BYTES`] of it.
    #[must_use]
    pub const fn kept(mut self) -> Self {
        self.left = Some((MOST_LINES, MOST_BYTES));
        self
    }

    /// The same for a log: a line that is no UTF-8 is read as Windows-1252.
    #[must_use]
    pub const fn of_log(mut self) -> Self {
        self.replaced = Some(0);
        self
    }

    /// How many letters were read as Windows-1252.
    #[must_use]
    pub fn replaced(&self) -> u64 {
        self.replaced.unwrap_or(0)
    }

    /// The number of the line read last, from 1.
    #[must_use]
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// The next line that is not blank, without its end.
    ///
    /// # Errors
    /// [`FileError`] where the file cannot be read, a line has more than [`LONGEST`] bytes, or is
    /// not UTF-8.
    pub fn next_line(&mut self) -> Result<Option<&str>, FileError> {
        loop {
            self.number += 1;
            if !self.fill()? {
                return Ok(None);
            }
            if self.number == 1 && self.buffer.starts_with("\u{feff}".as_bytes()) {
                self.buffer.drain(..'\u{feff}'.len_utf8());
            }
            self.count()?;
            if !self.buffer.iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        let number = self.number;
        if let Some(replaced) = &mut self.replaced
            && std::str::from_utf8(&self.buffer).is_err()
        {
            let (text, letters) = latin(&self.buffer);
            *replaced += letters;
            self.buffer = text.into_bytes();
        }
        let text = std::str::from_utf8(&self.buffer).map_err(|error| {
            let (good, bad) = self.buffer.split_at(error.valid_up_to());
            FileError {
                column: String::from_utf8_lossy(good).chars().count() + 1,
                ..FileError::at(number, not_utf8(bad))
            }
        })?;
        Ok(Some(text.trim_end_matches(['\n', '\r'])))
    }

    /// Takes the line from what may still come.
    fn count(&mut self) -> Result<(), FileError> {
        let Some((lines, bytes)) = &mut self.left else {
            return Ok(());
        };
        let length = self.buffer.len() as u64;
        let reason = match (lines.checked_sub(1), bytes.checked_sub(length)) {
            (Some(fewer), Some(less)) => {
                (*lines, *bytes) = (fewer, less);
                return Ok(());
            }
            (None, _) => format!("the file has more than {MOST_LINES} lines"),
            (_, None) => format!("the file is longer than {MOST_BYTES} bytes"),
        };
        Err(FileError::at(self.number, reason))
    }

    /// Reads up to the next end of line; was there anything?
    fn fill(&mut self) -> Result<bool, FileError> {
        self.buffer.clear();
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(FileError::at(self.number, error.to_string())),
            };
            if chunk.is_empty() {
                return Ok(!self.buffer.is_empty());
            }
            let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(chunk.len());
            if self.buffer.len() + taken > LONGEST {
                let reason = format!("the line is longer than {LONGEST} bytes");
                return Err(FileError::at(self.number, reason));
            }
            self.buffer.extend_from_slice(&chunk[..taken]);
            self.reader.consume(taken);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn lines_are_numbered_and_blank_ones_left_out() {
        let mut lines = Lines::new("\u{feff}a\r\n\n  \nb".as_bytes());
        assert_eq!(lines.next_line(), Ok(Some("a")));
        assert_eq!(lines.next_line(), Ok(Some("b")));
        assert_eq!(lines.number(), 4);
        assert_eq!(lines.next_line(), Ok(None));
    }

    #[test]
    fn a_line_that_never_ends_is_refused_before_it_fills_the_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x').take(100 << 20));
        let mut lines = Lines::new(endless);
        assert!(lines.next_line().unwrap_err().reason.contains("longer than"));
        assert!(lines.buffer.len() <= LONGEST);
    }

    #[test]
    fn a_file_that_is_kept_has_an_end() {
        let endless = || std::io::BufReader::new(std::io::repeat(b'\n'));
        let told = Lines::new(endless()).kept().next_line().unwrap_err();
        assert_eq!(
            told.to_string(),
            format!("{}:1: the file has more than {MOST_LINES} lines", MOST_LINES + 1)
        );
        let line = [&b"x".repeat(LONGEST - 1)[..], b"\n"].concat();
        let many = line.repeat(33);
        let mut lines = Lines::new(many.as_slice()).kept();
        let told = loop {
            if let Err(told) = lines.next_line() {
                break told;
            }
        };
        assert_eq!(told.to_string(), format!("33:1: the file is longer than {MOST_BYTES} bytes"));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_with_their_place() {
        let mut lines = Lines::new(&b"ab\xffc"[..]);
        let told = lines.next_line().unwrap_err().to_string();
        assert_eq!(told, "1:3: byte 0xFF is not UTF-8");
    }
}

//! The text of a log, whatever its encoding: UTF-8, UTF-16, or the Latin letters of Windows.

use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are decoded at once.
const CHUNK: usize = 8 << 10;

/// A log as UTF-8, as far as its encoding shows at its beginning.
///
/// UTF-16 is known by its byte order mark, or by every other byte being zero.
///
/// # Errors
/// When the log cannot be read.
pub fn decoded<'r>(source: impl Read + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
    let mut source = BufReader::new(source);
    let head = source.fill_buf()?;
    let zeros = |at: usize| head.len() > at && head.iter().skip(at).step_by(2).all(|one| *one == 0);
    let encoding = match head {
        [0xFF, 0xFE, ..] => Some(UTF_16LE),
        [0xFE, 0xFF, ..] => Some(UTF_16BE),
        [_, 0, ..] if zeros(1) => Some(UTF_16LE),
        [0, ..] if zeros(0) => Some(UTF_16BE),
        _ => None,
    };
    Ok(match encoding {
        None => Box::new(source),
        Some(encoding) => {
            let decoder = encoding.new_decoder();
            Box::new(BufReader::new(Utf16 { source, decoder, ready: Vec::new(), ended: false }))
        }
    })
}

/// A line that is no UTF-8, read as Windows-1252 (Latin-1 and more), with the number of letters
/// that are not ASCII.
pub(crate) fn latin(line: &[u8]) -> (String, u64) {
    let (text, _) = WINDOWS_1252.decode_without_bom_handling(line);
    let foreign = line.iter().filter(|byte| !byte.is_ascii()).count();
    (text.into_owned(), foreign as u64)
}

/// UTF-16 that is decoded as it is read.
struct Utf16<R> {
    source: R,
    decoder: Decoder,
    ready: Vec<u8>,
    ended: bool,
}

impl<R: BufRead> Utf16<R> {
    fn decode(&mut self) -> io::Result<()> {
        while self.ready.is_empty() && !self.ended {
            let chunk = self.source.fill_buf()?;
            self.ended = chunk.is_empty();
            let taken = chunk.len().min(CHUNK);
            let mut text = String::with_capacity(CHUNK * 3 + 16);
            let (_, read, _) =
                self.decoder.decode_to_string(&chunk[..taken], &mut text, self.ended);
            self.source.consume(read);
            self.ready = text.into_bytes();
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decode()?;
        let given = self.ready.len().min(buffer.len());
        buffer[..given].copy_from_slice(&self.ready[..given]);
        self.ready.drain(..given);
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let mut text = String::new();
        decoded(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let log = "[1] a > MAPILogonEx \u{e4}\u{1F600}\r\nb\n".repeat(3000);
        let little: Vec<u8> = log.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = log.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in [(&b"\xff\xfe"[..], &little), (b"\xfe\xff", &big)] {
            assert_eq!(text(&[mark, bytes.as_slice()].concat()), log);
        }
        let plain: Vec<u8> = "a > b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(&plain), "a > b\n");
        assert_eq!(text("a\u{e4}\n".as_bytes()), "a\u{e4}\n");
    }

    #[test]
    fn latin_letters_are_counted() {
        assert_eq!(latin(b"Postf\xe4cher \x80"), ("Postf\u{e4}cher \u{20ac}".to_owned(), 2));
    }
}

//! Amounts of memory and time as the command line writes them: a number and a unit.

use std::fmt::{Display, Formatter};
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

/// An amount of memory; a number alone is meant in megabytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemorySize {
    /// In bytes.
    pub bytes: u64,
}

/// A length of time; a number alone is meant in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// In milliseconds.
    pub ms: u64,
}

/// Units of memory and their bytes, the default first.
const SIZES: [(&str, u64); 4] =
    [("MB", 1_000_000), ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("kB", 1_000)];

/// Units of time and their milliseconds, the default first.
const TIMES: [(&str, u64); 4] = [("s", 1_000), ("h", 3_600_000), ("min", 60_000), ("ms", 1)];

impl From<Time> for Duration {
    fn from(time: Time) -> Self {
        Self::from_millis(time.ms)
    }
}

impl FromStr for MemorySize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = read(text, &SIZES)?;
        Ok(Self { bytes })
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let ms = read(text, &TIMES)?;
        Ok(Self { ms })
    }
}

impl Display for MemorySize {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write(self.bytes, &SIZES, out)
    }
}

impl Display for Time {
    fn fmt(&self, out: &mut Formatter<'_>) -> std::fmt::Result {
        write(self.ms, &TIMES, out)
    }
}

/// Reads a whole number as people write large ones: `1000000`, `1_000_000` or `1e6`.
///
/// # Errors
/// When it is none, or does not fit.
pub fn number<N: TryFrom<u64>>(text: &str) -> Result<N, String> {
    let plain = text.replace('_', "");
    let (digits, zeros) = plain.split_once(['e', 'E']).unwrap_or((&plain, "0"));
    let power = zeros.parse().ok().and_then(|zeros| 10_u64.checked_pow(zeros));
    let value = digits.parse::<u64>().ok().zip(power);
    let value = value.and_then(|(digits, power)| digits.checked_mul(power));
    let value = value.and_then(|value| N::try_from(value).ok());
    let whole = |text: &str| !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    value.ok_or_else(|| match whole(digits) && whole(zeros) {
        true => "too large; expected a whole number, as 1000000, 1_000_000 or 1e6".to_owned(),
        false => "expected a whole number, as 1000000, 1_000_000 or 1e6".to_owned(),
    })
}

/// Reads a number of at least one, as [`number`] reads it.
///
/// # Errors
/// What is admissible, where the text is no such number, or zero.
pub fn positive<N: TryFrom<NonZeroU64>>(text: &str) -> Result<N, String> {
    let value = NonZeroU64::new(number(text)?).and_then(|value| N::try_from(value).ok());
    value.ok_or_else(|| "expected a whole number from 1, as 1000000, 1_000_000 or 1e6".to_owned())
}

fn read(text: &str, units: &[(&str, u64)]) -> Result<u64, String> {
    let names = || units.iter().map(|(name, _)| *name);
    let wrong = || {
        let names: Vec<_> = names().collect();
        let names = names.join(", ");
        format!("expected a whole number, alone or followed by {names}")
    };
    let text = text.trim();
    let end = text.find(|letter: char| !letter.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim();
    let known = units.iter().position(|(name, _)| name.eq_ignore_ascii_case(unit));
    let at = if unit.is_empty() { Some(0) } else { known };
    let (_, factor) = at.and_then(|at| units.get(at)).ok_or_else(wrong)?;
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(*factor).ok_or_else(|| "that is too much to be counted".to_owned())
}

/// In the largest unit of which it is a multiple.
fn write(amount: u64, units: &[(&str, u64)], out: &mut Formatter<'_>) -> std::fmt::Result {
    let whole = units.iter().filter(|(_, factor)| amount.is_multiple_of(*factor));
    match whole.max_by_key(|(_, factor)| *factor) {
        Some((name, factor)) => write!(out, "{}{name}", amount / factor),
        None => write!(out, "{amount}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_with_and_without_a_unit() {
        for (text, bytes) in
            [("512", 512_000_000), ("512MB", 512_000_000), ("2 gb", 2_000_000_000), ("7kB", 7_000)]
        {
            assert_eq!(text.parse(), Ok(MemorySize { bytes }), "{text}");
        }
        for (text, ms) in [("90", 90_000), ("250ms", 250), ("5min", 300_000), ("0", 0)] {
            assert_eq!(text.parse(), Ok(Time { ms }), "{text}");
        }
    }

    #[test]
    fn other_amounts_are_refused_with_what_is_admissible() {
        for text in ["", "much", "-1", "1.5", "3 days", "MB"] {
            let refused = text.parse::<Time>().unwrap_err();
            assert!(refused.contains("followed by s, h, min, ms"), "{text}: {refused}");
        }
        assert!("99999999999999999999".parse::<MemorySize>().is_err());
        assert!("99999999999999".parse::<MemorySize>().unwrap_err().contains("too much"));
    }

    #[test]
    fn large_numbers_are_read_as_people_write_them() {
        for text in ["1000000", "1_000_000", "1e6", "10E5"] {
            assert_eq!(number(text), Ok(1_000_000_u64), "{text}");
        }
        for text in ["", "-1", "1.5e3", "1e99", "many", "99999999999999999999999"] {
            assert!(number::<u64>(text).unwrap_err().contains("1e6"), "{text}");
        }
        assert!(number::<u8>("300").is_err());
        assert_eq!(positive("1e3"), Ok(1_000_u64));
        assert!(positive::<u64>("0").unwrap_err().contains("from 1"));
    }

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for written in ["512MB", "2GB", "1TB", "90s", "250ms", "2h"] {
            let again = written.parse().map(|memory: MemorySize| memory.to_string());
            let time = written.parse().map(|time: Time| time.to_string());
            assert_eq!(again.or(time).as_deref(), Ok(written));
        }
    }
}

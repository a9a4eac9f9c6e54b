//! Single values of a scenario file, and their errors.

use std::fmt::Display;
use std::ops::RangeInclusive;

use crate::scenario::error::{Mistake, Resolved, Within};
use crate::suggest::quoted;

pub(super) fn wrong<T>(message: impl Into<String>) -> Resolved<T> {
    Err(Mistake::new(message))
}

/// Refuses what is over a limit of [`crate::ids`].
pub(super) fn limit(count: usize, most: usize, whole: &str, part: &str) -> Resolved {
    if count < most {
        return Ok(());
    }
    wrong(format!("{whole} has at most {most} {part}s"))
}

/// A string of one line that says something.
pub(super) fn title(key: &str, text: &str) -> Resolved {
    if text.is_empty() {
        let message = format!("`{key}` is empty; it has at least one character");
        return wrong(message);
    }
    if text.chars().any(char::is_control) {
        let message = format!("`{key}` has a control character: {}", quoted(text));
        return wrong(message);
    }
    Ok(())
}

/// A whole number from 0, where it is given.
pub(super) fn optional(number: Option<i64>, key: &str, most: u32) -> Resolved<Option<u32>> {
    let number = number.map(|number| whole(number, key, 0..=most.into()));
    number.transpose()
}

/// A whole number of a range.
pub(super) fn whole<T: TryFrom<i64>>(
    number: i64,
    key: &str,
    range: RangeInclusive<i64>,
) -> Resolved<T> {
    match T::try_from(number) {
        Ok(fitting) if range.contains(&number) => Ok(fitting),
        _ => out_of_range("a whole number", number, key, &range),
    }
}

/// Is the number under a key of this range?
pub(super) fn number(number: f64, key: &str, range: RangeInclusive<f64>) -> Resolved {
    if range.contains(&number) {
        return Ok(());
    }
    out_of_range("a number", number, key, &range)
}

pub(super) fn out_of_range<T, N: Display>(
    sort: &str,
    found: N,
    key: &str,
    range: &RangeInclusive<N>,
) -> Resolved<T> {
    let (least, most) = (range.start(), range.end());
    let message = format!("`{key}` must be {sort} from {least} to {most}, not `{found}`");
    wrong(message).under(key)
}

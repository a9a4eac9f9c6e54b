//! Times of logs: plain numbers, clock times and ISO dates, in seconds.

/// Seconds of a day.
const DAY: f64 = 86_400.0;

/// A log's clock: where lines have no date, a time that falls back by half a day or more belongs to
/// the next day.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Clock {
    days: f64,
    last: Option<f64>,
}

impl Clock {
    /// The time that is written so; nothing where it is none.
    pub(super) fn read(&mut self, written: &str) -> Option<f64> {
        if let Ok(number) = written.parse::<f64>() {
            return Some(number).filter(|number| number.is_finite());
        }
        let written = written.trim();
        if let Some((date, time)) =
            written.split_once(['T', ' ']).filter(|(date, _)| date.contains('-'))
        {
            return Some(day(date)? * DAY + of_day(time)?);
        }
        let time = of_day(written)?;
        if self.last.is_some_and(|last| last - time >= DAY / 2.0) {
            self.days += DAY;
        }
        self.last = Some(time);
        Some(self.days + time)
    }
}

/// `08:58`, `08:58:42.021` or `8:58:42,021 PM`, perhaps with a zone, in seconds.
fn of_day(written: &str) -> Option<f64> {
    let written = written.trim();
    let upper = written.to_ascii_uppercase();
    let (bare, noon) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(bare), _) => (bare, Some(0.0)),
        (_, Some(bare)) => (bare, Some(12.0)),
        (None, None) => (upper.as_str(), None),
    };
    let zone = bare.find(['Z', '+']).or_else(|| bare.rfind('-'));
    let bare = bare[..zone.unwrap_or(bare.len())].trim().replace(',', ".");
    let parts: Vec<&str> = bare.split(':').collect();
    let ([hours, minutes] | [hours, minutes, _]) = parts.as_slice() else {
        return None;
    };
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let seconds: f64 = parts.get(2).map_or(Some(0.0), |text| text.parse().ok())?;
    if hours > 24 || minutes > 59 || !(0.0..62.0).contains(&seconds) {
        return None;
    }
    let hours = noon.map_or_else(|| f64::from(hours), |noon| f64::from(hours % 12) + noon);
    Some(hours * 3600.0 + f64::from(minutes) * 60.0 + seconds)
}

/// The number of a day, `2026-02-27`, in the Gregorian calendar.
fn day(written: &str) -> Option<f64> {
    let mut parts = written.split('-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the leap day comes last.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leaps = years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400);
    let days = years * 365 + leaps + (months * 153 + 2) / 5 + day;
    i32::try_from(days).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(written: &str) -> Option<f64> {
        Clock::default().read(written)
    }

    #[test]
    fn clock_times_and_dates_are_seconds() {
        assert_eq!(read("12.5"), Some(12.5));
        assert_eq!(read("08:58:42.5"), Some(32_322.5));
        assert_eq!(read("08:58:42,5"), Some(32_322.5));
        assert_eq!(read("8:58:42 PM"), Some(32_322.0 + 43_200.0));
        assert_eq!(read("12:00 AM"), Some(0.0));
        let between = |one: &str, other: &str| read(other).unwrap() - read(one).unwrap();
        assert_eq!(between("2024-02-28T23:59:59Z", "2024-03-01 00:00:00"), DAY + 1.0);
        assert_eq!(between("1999-12-31T00:00:00+01:00", "2000-01-01T00:00:00.250"), DAY + 0.25);
        for wrong in ["", "soon", "25:00:00", "08:61", "2024-13-01T00:00", "inf", "nan"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn midnight_comes_once() {
        let mut clock = Clock::default();
        let times = ["23:59:59", "00:00:01", "00:00:00", "12:00:00"].map(|time| clock.read(time));
        assert_eq!(times, [86_399.0, 86_401.0, 86_400.0, 129_600.0].map(Some));
    }
}

//! The course of a load over time: a bounded number of equal slices of virtual time.

use hdrhistogram::Histogram;

use super::measure::LogonCall;
use crate::duration::{Nanos, ms, seconds};
use mapi_logon_model::mapi::Code;

/// Most slices; when there would be more, each two are merged.
const SLICES: usize = 480;

/// The latencies that a slice resolves: a microsecond to two years, to one digit.
const BOUNDS: (u64, u64) = (1, 1 << 46);

/// What happened in a slice of time.
#[derive(Clone, Debug, Default)]
struct Slice {
    /// Logon calls made.
    offered: u64,
    /// Logon calls that returned `S_OK`.
    served: u64,
    /// Logon calls that returned something else.
    failed: u64,
    /// Dialogs displayed.
    dialogs: u64,
    /// Services disabled.
    disabled: u64,
    /// Most sessions open at a time.
    sessions: u32,
    wait: u128,
    waited: u64,
    /// Microseconds.
    total: Coarse,
    max: Nanos,
}

/// A histogram to one digit.
#[derive(Clone, Debug)]
struct Coarse(Histogram<u32>);

impl Default for Coarse {
    fn default() -> Self {
        // The bounds are constants that the crate accepts.
        let histogram = Histogram::new_with_bounds(BOUNDS.0, BOUNDS.1, 1);
        Self(histogram.unwrap_or_else(|_| unreachable!("admissible bounds")))
    }
}

/// Slices from the beginning of virtual time on.
#[derive(Clone, Debug)]
pub struct Series {
    width: Nanos,
    slices: Vec<Slice>,
    sessions: u32,
}

/// A slice as it is reported: seconds, milliseconds and rates per second.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SeriesRow {
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
    /// Logon calls made per second.
    pub offered: f64,
    /// Logon calls that returned `S_OK`, per second.
    pub served: f64,
    /// Logon calls that returned something else, per second.
    pub failed: f64,
    /// Mean mutex wait of the calls that returned.
    pub wait_mean: f64,
    /// Median latency of the calls that returned, to one digit.
    pub total_p50: f64,
    /// Their 99th percentile, to one digit.
    pub total_p99: f64,
    /// Their maximum.
    pub total_max: f64,
    /// Most sessions open at a time.
    pub sessions: u32,
    /// Dialogs displayed.
    pub dialogs: u64,
    /// Services disabled.
    pub disabled: u64,
}

impl Slice {
    fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.served += other.served;
        self.failed += other.failed;
        self.dialogs += other.dialogs;
        self.disabled += other.disabled;
        self.sessions = self.sessions.max(other.sessions);
        self.wait += other.wait;
        self.waited += other.waited;
        // Both have the same bounds.
        self.total.0.add(&other.total.0).unwrap_or_default();
        self.max = self.max.max(other.max);
    }
}

impl Default for Series {
    fn default() -> Self {
        // A tenth of a second to begin with.
        Self { width: 100_000_000, slices: Vec::new(), sessions: 0 }
    }
}

impl Series {
    /// A logon call is made.
    pub(super) fn called(&mut self, now: Nanos) {
        self.slice(now).offered += 1;
    }

    /// A logon call returns this code.
    pub(super) fn returned(&mut self, call: &LogonCall, at: Nanos, code: Code) {
        let slice = self.slice(at);
        if code == Code::Ok {
            slice.served += 1;
        } else {
            slice.failed += 1;
        }
        if call.asked {
            let total = at - call.called;
            slice.wait += u128::from(call.wait(at));
            slice.waited += 1;
            slice.total.0.saturating_record(total.div_ceil(1000));
            slice.max = slice.max.max(total);
        }
    }

    /// Dialogs are displayed and services disabled, and this many sessions are open.
    pub(super) fn disturbed(&mut self, now: Nanos, dialogs: u64, disabled: u64, sessions: u32) {
        self.sessions = sessions;
        let slice = self.slice(now);
        slice.dialogs += dialogs;
        slice.disabled += disabled;
        slice.sessions = slice.sessions.max(sessions);
    }

    /// The slice that a time falls into.
    fn slice(&mut self, now: Nanos) -> &mut Slice {
        while now / self.width >= SLICES as u64 {
            self.halve();
        }
        let at = usize::try_from(now / self.width).unwrap_or(SLICES - 1);
        while self.slices.len() <= at {
            self.slices.push(Slice { sessions: self.sessions, ..Slice::default() });
        }
        &mut self.slices[at]
    }

    /// Makes one slice of every two.
    fn halve(&mut self) {
        let halved = self.slices.chunks(2).map(|pair| {
            let mut both = pair[0].clone();
            pair[1..].iter().for_each(|other| both.add(other));
            both
        });
        self.slices = halved.collect();
        self.width = self.width.saturating_mul(2);
    }

    /// Every slice, in order.
    pub fn rows(&self) -> impl Iterator<Item = SeriesRow> + '_ {
        (0_u64..).zip(&self.slices).map(|(number, slice)| {
            let width = seconds(self.width);
            let from = self.width.saturating_mul(number);
            let at = |quantile| {
                let nanos = slice.total.0.value_at_quantile(quantile).saturating_mul(1000);
                ms(nanos.min(slice.max))
            };
            SeriesRow {
                from: seconds(from),
                to: seconds(from.saturating_add(self.width)),
                offered: slice.offered as f64 / width,
                served: slice.served as f64 / width,
                failed: slice.failed as f64 / width,
                wait_mean: slice.wait as f64 / slice.waited.max(1) as f64 / 1e6,
                total_p50: at(0.5),
                total_p99: at(0.99),
                total_max: ms(slice.max),
                sessions: slice.sessions,
                dialogs: slice.dialogs,
                disabled: slice.disabled,
            }
        })
    }

    /// The slices as comma-separated values under a line of names.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = String::from(
            "from_s,to_s,offered_per_s,served_per_s,failed_per_s,wait_mean_ms,total_p50_ms,\
             total_p99_ms,total_max_ms,sessions,dialogs,services_disabled\n",
        );
        for row in self.rows() {
            let SeriesRow { from, to, .. } = row;
            let rates = [row.offered, row.served, row.failed];
            let latencies = [row.wait_mean, row.total_p50, row.total_p99, row.total_max];
            text += &format!("{from},{to}");
            for number in rates.into_iter().chain(latencies) {
                text += &format!(",{number:.3}");
            }
            text += &format!(",{},{},{}\n", row.sessions, row.dialogs, row.disabled);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_stay_few_and_lose_nothing() {
        let mut series = Series::default();
        for second in 0..10_000 {
            series.called(second * 1_000_000_000);
        }
        let rows: Vec<_> = series.rows().collect();
        assert!(rows.len() <= SLICES && rows.len() > SLICES / 4, "{}", rows.len());
        let offered: f64 = rows.iter().map(|row| row.offered * (row.to - row.from)).sum();
        assert!((offered - 10_000.0).abs() < 1e-6, "{offered}");
        assert_eq!(series.to_csv().lines().count(), rows.len() + 1);
    }
}

//! How fast a system is that was driven.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::{Paint, Table, grouped};

/// How fast a system is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rates {
    /// Calls a second of real time, worlds included.
    pub calls_per_second: f64,
    /// Logons a second of the time spent in calls.
    pub logons_per_second: f64,
    /// Microseconds of each call: how many there were, and the 50th, 90th and 99th percentile and
    /// the longest.
    pub calls: BTreeMap<String, [u64; 5]>,
}

/// How long calls took.
#[derive(Clone, Debug, Default)]
pub struct Latency(BTreeMap<String, Vec<u64>>);

impl Latency {
    /// Adds the calls of a world.
    pub fn add(&mut self, times: &[(String, Duration)]) {
        for (call, time) in times {
            let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            self.0.entry(call.clone()).or_default().push(micros);
        }
    }

    /// Percentiles, and rates over this time.
    #[expect(clippy::cast_precision_loss, reason = "rates are rounded")]
    #[must_use]
    pub fn summary(mut self, took: Duration) -> Rates {
        let all: usize = self.0.values().map(Vec::len).sum();
        let spent: u64 = self.0.values().flatten().sum();
        let logons = self.0.get("MAPILogonEx").map_or(0, Vec::len);
        let row = |times: &mut Vec<u64>| {
            times.sort_unstable();
            let at = |share: usize| times[(times.len() - 1) * share / 100];
            [times.len() as u64, at(50), at(90), at(99), at(100)]
        };
        Rates {
            calls_per_second: all as f64 / took.as_secs_f64().max(1e-9),
            logons_per_second: logons as f64 / (spent as f64 / 1e6).max(1e-9),
            calls: self.0.iter_mut().map(|(call, times)| (call.clone(), row(times))).collect(),
        }
    }
}

/// The figures for people.
#[must_use]
pub(super) fn latency(rates: &Rates, paint: Paint) -> String {
    let mut table = Table::new(paint, 2);
    table.row(["call", "number", "50 %", "90 %", "99 %", "longest"]);
    for (call, [number, half, most, nearly, longest]) in &rates.calls {
        let micros = |one: &u64| format!("{} us", grouped(*one));
        table.row([
            call,
            &grouped(*number),
            &micros(half),
            &micros(most),
            &micros(nearly),
            &micros(longest),
        ]);
    }
    format!(
        "\n{:.0} calls a second, {:.0} logons a second of time in calls\n{}",
        rates.calls_per_second,
        rates.logons_per_second,
        table.render()
    )
}

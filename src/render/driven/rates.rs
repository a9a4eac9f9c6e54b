//! How fast a system is that was driven, and what that means for clients that log on together.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mapi_logon_model::scenario::{Distribution, Load, Scenario, Timing};
use mapi_logon_sim::load::{Figures, Latency, load};
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::{Paint, Table, grouped};

/// How fast a system is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rates {
    /// Calls a second of real time, worlds included.
    pub calls_per_second: f64,
    /// Successful logons a second of the time spent in them.
    pub logons_per_second: f64,
    /// How long each call took.
    pub calls: BTreeMap<String, Times>,
    /// What the load simulation predicts with the measured time of a logon.
    pub predicted: Vec<Predicted>,
}

/// How long a call took, in microseconds.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Times {
    /// How many were made.
    pub number: u64,
    /// The mean.
    pub mean: f64,
    /// The median.
    pub p50: f64,
    /// The 90th percentile.
    pub p90: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The maximum.
    pub max: f64,
}

/// A load that the model predicts.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Predicted {
    /// Clients that arrive a second.
    pub arrivals_per_second: f64,
    /// The share of its time in which the logon mutex is needed; null without a mutex.
    pub utilisation: Option<f64>,
    /// The median time of a logon, its wait included, in microseconds.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
}

/// The call whose service time the prediction needs.
const LOGON: &str = "MAPILogonEx";

/// Loads that are predicted, as shares of what one logon after the other allows.
const SHARES: [f64; 3] = [0.5, 0.8, 0.95];

/// Clients that arrive in a prediction.
const ARRIVALS: u64 = 20_000;

/// How long calls took.
#[derive(Clone, Debug, Default)]
pub struct Measured(BTreeMap<String, Latency>);

impl Measured {
    /// Adds the calls of a world.
    pub fn add(&mut self, times: &[(String, Duration)]) {
        for (call, time) in times {
            let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            self.0.entry(call.clone()).or_default().record(nanos);
        }
    }

    /// Percentiles, rates over this time, and a prediction.
    #[expect(clippy::cast_precision_loss, reason = "rates are rounded")]
    #[must_use]
    pub fn summary(&self, took: Duration, (scenario, seed): (&Scenario, u64)) -> Rates {
        let all: u64 = self.0.values().map(Latency::count).sum();
        let logon = self.0.get(LOGON).map(Latency::figures);
        Rates {
            calls_per_second: all as f64 / took.as_secs_f64().max(1e-9),
            logons_per_second: logon.map_or(0.0, |one| 1e3 / one.mean.max(1e-9)),
            calls: self.0.iter().map(|(call, times)| (call.clone(), Times::of(times))).collect(),
            predicted: logon.map_or_else(Vec::new, |logon| predicted(scenario, logon, seed)),
        }
    }
}

impl Times {
    fn of(latency: &Latency) -> Self {
        let Figures { mean, p50, p90, p99, p999, max } = latency.figures();
        let [mean, p50, p90, p99, p999, max] = [mean, p50, p90, p99, p999, max].map(micros);
        Self { number: latency.count(), mean, p50, p90, p99, p999, max }
    }

    /// The percentiles that are drawn.
    #[must_use]
    pub const fn percentiles(&self) -> [(&'static str, f64); 5] {
        [
            ("50 %", self.p50),
            ("90 %", self.p90),
            ("99 %", self.p99),
            ("99.9 %", self.p999),
            ("longest", self.max),
        ]
    }
}

/// Milliseconds as microseconds, to a tenth.
fn micros(ms: f64) -> f64 {
    (ms * 10_000.0).round() / 10.0
}

/// What becomes of clients that arrive at random, if a logon takes what was measured.
fn predicted(scenario: &Scenario, logon: Figures, seed: u64) -> Vec<Predicted> {
    if logon.p50 <= 0.0 {
        return Vec::new();
    }
    // A lognormal distribution with this median and this mean, which decides the utilisation.
    let deviation = (2.0 * (logon.mean / logon.p50).max(1.0).ln()).sqrt();
    let tail = (1.645 * deviation).exp();
    let timing = Timing {
        profile_load: Distribution::Lognormal(logon.p50, logon.p50 * tail.max(1.0)),
        session: Distribution::Constant(0.0),
        ..Timing::default()
    };
    let predict = |share: f64| {
        let arrivals_per_second = share * 1e3 / logon.mean.max(1e-9);
        let arriving =
            Load { arrivals_per_second, logons: ARRIVALS, outages: Vec::new(), fault_rate: None };
        let scenario = Scenario { timing: Some(timing), load: Some(arriving), ..scenario.clone() };
        let report = load(&scenario, seed, &AtomicBool::new(false)).ok()?;
        let total = report.logons.total.figures();
        Some(Predicted {
            arrivals_per_second,
            utilisation: report.utilisation.share(),
            p50: micros(total.p50),
            p99: micros(total.p99),
        })
    };
    SHARES.into_iter().filter_map(predict).collect()
}

/// The figures for people.
#[must_use]
pub(super) fn latency(rates: &Rates, paint: Paint) -> String {
    let mut table = Table::new(paint, 2);
    table.row(["call", "number", "50 %", "90 %", "99 %", "99.9 %", "longest"]);
    let us = |micros: f64| format!("{micros:.0} us");
    for (call, times) in &rates.calls {
        let number = grouped(times.number);
        let [half, most, nearly, all, longest] = times.percentiles().map(|(_, time)| us(time));
        table.row([call, &number, &half, &most, &nearly, &all, &longest]);
    }
    let mut text = format!(
        "\n{:.0} calls a second, {:.0} logons a second of time in logons\n{}",
        rates.calls_per_second,
        rates.logons_per_second,
        table.render()
    );
    if rates.predicted.is_empty() {
        return text;
    }
    let mut table = Table::new(paint, 2);
    table.row(["arrivals", "mutex utilisation", "50 %", "99 %"]);
    for one in &rates.predicted {
        let share = one.utilisation.map_or("-".to_owned(), |share| format!("{:.0} %", share * 1e2));
        let arrivals = format!("{:.0} /s", one.arrivals_per_second);
        table.row([&arrivals, &share, &us(one.p50), &us(one.p99)]);
    }
    text += "\nLogons of clients that arrive at random, as the load simulation predicts them\n";
    text + &table.render()
}

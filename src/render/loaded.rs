//! The report on a load, for people and for programs.

use std::collections::BTreeMap;

use anyhow::Result;
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::CALL_NAMES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::duration::seconds;
use mapi_logon_sim::load::{Figures, LoadReport, Overload, Utilisation};
use mapi_logon_sim::tally::LOGON;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::output;
use crate::render::json::{Counts, counts, pretty};
use crate::render::text::{Paint, Table, Tone, count, grouped, paragraph};

/// Columns of a terminal from which on all figures of a latency stand side by side.
const SIDE_BY_SIDE: usize = 80;

/// A load that has been run.
#[derive(Debug)]
pub struct ShownLoad<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its result.
    pub report: &'a LoadReport,
    /// The seed of all random choices.
    pub seed: u64,
    /// The command that gives the same report.
    pub repeat: String,
}

/// The result of `mapi-logon simulate --load`.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct LoadResult<'a> {
    /// The scenario.
    scenario: &'a str,
    /// The seed of all random choices.
    seed: u64,
    /// Clients that arrived.
    arrivals: u64,
    /// Logon calls.
    logons: u64,
    /// When the last client was done, in virtual seconds.
    virtual_seconds: f64,
    /// Logon calls made per virtual second.
    offered_per_second: f64,
    /// Logon calls that returned `S_OK` per virtual second.
    served_per_second: f64,
    /// Mutex utilisation: the share of its time that logons need; null where there is no mutex.
    mutex_utilisation: Option<f64>,
    /// Is the mutex overloaded?
    overload: bool,
    /// Latency of logon calls.
    logon: LogonResult,
    /// How often logon calls answered what.
    results: Counts,
    /// How often each other method answered what.
    session_calls: BTreeMap<&'static str, Counts>,
    /// How often each service was disabled.
    services_disabled: Counts,
    /// How often each dialog was displayed.
    dialogs: Counts,
    /// Most sessions open at the same time.
    peak_sessions: u32,
    /// Sessions open at the end.
    open_sessions: u32,
    /// Clients that cannot continue: a dialog is open to which the scenario allows no answer.
    stuck: u64,
    /// Was the load interrupted?
    interrupted: bool,
    /// The command that gives the same.
    repeat: &'a str,
}

/// Latency of logon calls in virtual milliseconds: mean, percentiles and maximum.
#[derive(Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct LogonResult {
    /// Waiting for the mutex.
    #[serde(serialize_with = "figures")]
    #[schemars(with = "BTreeMap<String, f64>")]
    mutex_wait_ms: Figures,
    /// From taking the mutex to the return.
    #[serde(serialize_with = "figures")]
    #[schemars(with = "BTreeMap<String, f64>")]
    work_ms: Figures,
    /// Both.
    #[serde(serialize_with = "figures")]
    #[schemars(with = "BTreeMap<String, f64>")]
    total_ms: Figures,
}

fn figures<S: Serializer>(figures: &Figures, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(figures.named())
}

impl ShownLoad<'_> {
    /// The load in a sentence.
    #[must_use]
    pub fn lead(&self) -> String {
        let logons = &self.report.logons;
        let figures = logons.total.figures().named();
        let told = figures
            .into_iter()
            .map(|(name, ms)| format!("{} {:.3} s", name.replace("999", "99.9"), ms / 1e3));
        let told: Vec<_> = told.collect();
        format!("{}, in virtual time: {}.", count(logons.calls, "logon"), told.join(", "))
    }

    /// The report for programs.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn json(&self) -> Result<String> {
        let report = self.report;
        let model = Model::new(self.scenario.clone());
        let tally = &report.tally;
        let calls = CALL_NAMES.iter().enumerate().filter(|(method, _)| *method != LOGON);
        let calls = calls.map(|(method, name)| (*name, counts(tally.results(method))));
        pretty(&LoadResult {
            scenario: self.name,
            seed: self.seed,
            arrivals: report.arrivals,
            logons: report.logons.calls,
            virtual_seconds: seconds(report.end),
            offered_per_second: self.offered(),
            served_per_second: self.served(),
            mutex_utilisation: report.utilisation.share(),
            overload: report.utilisation.overload().is_some(),
            logon: LogonResult {
                mutex_wait_ms: report.logons.wait.figures(),
                work_ms: report.logons.work.figures(),
                total_ms: report.logons.total.figures(),
            },
            results: counts(tally.results(LOGON)),
            session_calls: calls.filter(|(_, results)| !results.is_empty()).collect(),
            services_disabled: counts(tally.services_lost(&model)),
            dialogs: counts(tally.dialogs(&model)),
            peak_sessions: report.peak_sessions,
            open_sessions: report.open_sessions,
            stuck: report.stuck,
            interrupted: report.interrupted,
            repeat: &self.repeat,
        })
    }

    /// Logon calls made per virtual second, up to the last.
    fn offered(&self) -> f64 {
        rate(self.report.logons.calls, self.report.logons.last_call)
    }

    /// Logon calls that returned `S_OK` per virtual second, up to the last return.
    fn served(&self) -> f64 {
        rate(self.report.logons.served, self.report.logons.last_return)
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = self.summary(paint) + "\n" + &self.latency(paint) + "\n";
        text += &self.counts(paint);
        for said in self.remarks() {
            text += "\n";
            text += &paint.paint(Tone::Bad, paragraph(&said, 0).trim_end());
            text += "\n";
        }
        text + "\n" + &self.repeat + "\n"
    }

    fn summary(&self, paint: Paint) -> String {
        let report = self.report;
        let mut table = Table::new(paint, 0);
        let mut row = |name: &str, said: &str| {
            table.toned([(Tone::Faint, name), (Tone::Plain, said)]);
        };
        row("scenario", self.name);
        row("seed", &self.seed.to_string());
        let arrivals = count(report.arrivals, "client");
        let last = seconds(report.logons.last_call);
        row(
            "arrived",
            &format!("{arrivals}; the last logon began after {last:.1} virtual seconds"),
        );
        row("ended", &format!("after {:.1} virtual seconds", seconds(report.end)));
        row("offered", &format!("{:.3} logons per second", self.offered()));
        row("served", &format!("{:.3} logons per second", self.served()));
        row("mutex utilisation", &mutex(report.utilisation));
        row("peak sessions", &grouped(u64::from(report.peak_sessions)));
        table.render()
    }

    fn latency(&self, paint: Paint) -> String {
        if output::width() < SIDE_BY_SIDE {
            return self.narrow_latency(paint);
        }
        let mut table = Table::new(paint, 0);
        let heads = ["MAPILogonEx, ms", "mean", "p50", "p90", "p99", "p99.9", "max"];
        let width = |text: &str| format!("{text:>11}");
        let [first, heads @ ..] = heads;
        let heads = heads.map(width);
        let mut row = |first: &str, rest: &[String; 6], tone: Tone| {
            let [a, b, c, d, e, f] = rest.each_ref().map(|cell| (tone, cell.as_str()));
            // The last column loses its leading spaces, so nothing stands in it.
            table.toned([(Tone::Strong, first), a, b, c, d, e, f, (tone, "")]);
        };
        row(first, &heads, Tone::Faint);
        let logons = &self.report.logons;
        for (name, latency) in
            [("mutex wait", &logons.wait), ("work", &logons.work), ("total", &logons.total)]
        {
            let figures: Figures = latency.figures();
            let figures = figures.named().map(|(_, figure)| width(&format!("{figure:.3}")));
            row(name, &figures, Tone::Plain);
        }
        table.render()
    }

    /// The same with a row for each figure.
    fn narrow_latency(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        let cells = ["MAPILogonEx, ms", " mutex wait", "       work", "      total", ""];
        table.toned(cells.map(|cell| (Tone::Faint, cell)));
        let logons = &self.report.logons;
        let latencies = [&logons.wait, &logons.work, &logons.total];
        let [wait, work, total] = latencies.map(|latency| latency.figures().named());
        for (((name, wait), (_, work)), (_, total)) in wait.into_iter().zip(work).zip(total) {
            let [wait, work, total] = [wait, work, total].map(|ms| format!("{ms:>11.3}"));
            let name = name.replace("999", "99.9");
            table.toned([
                (Tone::Strong, name.as_str()),
                (Tone::Plain, wait.as_str()),
                (Tone::Plain, work.as_str()),
                (Tone::Plain, total.as_str()),
                (Tone::Plain, ""),
            ]);
        }
        table.render()
    }

    fn counts(&self, paint: Paint) -> String {
        let model = Model::new(self.scenario.clone());
        let tally = &self.report.tally;
        let mut table = Table::new(paint, 0);
        for (method, name) in CALL_NAMES.iter().enumerate() {
            table.counted(name, tally.results(method));
        }
        table.counted("services lost", tally.services_lost(&model));
        table.counted("dialogs", tally.dialogs(&model));
        table.render()
    }

    /// Warnings about the result.
    fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if let Utilisation::Needed { share, overload: Some(overload) } = self.report.utilisation {
            let needed = share * 100.0;
            let gave_up = count(self.report.logons.gave_up(), "call");
            let what = match overload {
                Overload::Grows => {
                    "and the queue grows for as long as clients arrive. Waits only reflect how \
                     long the load lasted."
                        .to_owned()
                }
                Overload::GivesUp => format!(
                    "but the queue does not grow: calls with MAPI_TIMEOUT_SHORT give up, and \
                     {gave_up} did."
                ),
            };
            remarks.push(format!("Overload: the mutex utilisation is {needed:.1} %, {what}"));
        }
        if self.report.stuck > 0 {
            let clients = count(self.report.stuck, "client");
            remarks.push(format!(
                "{clients} cannot continue: a dialog is open to which the scenario allows no \
                 answer."
            ));
        }
        if self.report.interrupted {
            remarks.push("Interrupted: the report covers the load up to then.".to_owned());
        }
        remarks
    }
}

/// The utilisation of the mutex.
fn mutex(utilisation: Utilisation) -> String {
    match utilisation {
        Utilisation::Absent => "there is no mutex, no logon waits for it".to_owned(),
        Utilisation::Held(share) => format!(
            "held for {:.1} % of the time; too few logons to estimate the utilisation",
            share * 100.0
        ),
        Utilisation::Needed { share, .. } => {
            format!("{:.1} %", share * 100.0)
        }
    }
}

/// A count per virtual second, up to a moment.
fn rate(count: u64, until: u64) -> f64 {
    if until == 0 { 0.0 } else { count as f64 / seconds(until) }
}

//! What the default readings show: a reading gives up only witnesses that they do (SPEC 8.0).

use std::cell::OnceCell;
use std::sync::atomic::AtomicBool;

use mapi_logon_checker::{Decision, End, Limits, Options, Paths};
use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::Policy;
use mapi_logon_model::property::{PROPERTIES, PropertySet};
use mapi_logon_model::scenario::Scenario;

use crate::cached::check_cached;
use crate::explorable::{Counts, Explorable};

/// How many states are explored under the default readings.
const MOST: u64 = 3_000_000;

/// The witnesses that a scenario expects, looked for under the default readings once, when the
/// first of them is asked for.
#[derive(Debug)]
pub struct Defaults<'a> {
    scenario: &'a Scenario,
    interrupt: &'a AtomicBool,
    missing: OnceCell<Option<Vec<&'static str>>>,
}

impl<'a> Defaults<'a> {
    /// Of a scenario, under whatever readings.
    #[must_use]
    pub const fn of(scenario: &'a Scenario, interrupt: &'a AtomicBool) -> Self {
        Self { scenario, interrupt, missing: OnceCell::new() }
    }

    /// Whether some run shows the witness; none where a limit or an interrupt came first.
    pub(super) fn show(&self, id: &str) -> Option<bool> {
        let missing = self.missing.get_or_init(|| self.search());
        missing.as_ref().map(|missing| !missing.contains(&id))
    }

    /// The expected witnesses that no run shows.
    fn search(&self) -> Option<Vec<&'static str>> {
        let mut scenario = Scenario { policy: Policy::default(), ..self.scenario.clone() };
        scenario.max_sessions = None;
        let expected = |at: usize| self.scenario.expect.iter().any(|id| id == PROPERTIES[at].id);
        let asked = PropertySet::ALL.those(|at| at < PROPERTIES.len() && expected(at));
        let world = Explorable::new(Model::new(scenario).forgetting(), asked);
        let options = Options {
            paths: Paths::None,
            limits: Limits { states: Some(MOST), ..Limits::default() },
            interrupt: Some(self.interrupt),
            ..Options::default()
        };
        let report = check_cached(&world.counting(Counts::Nothing), &options).ok()?;
        let findings = PROPERTIES.iter().zip(&report.findings);
        let missing = findings.filter(|(_, found)| found.verdict == Decision::NotFound);
        (report.end == End::Complete).then(|| missing.map(|(property, _)| property.id).collect())
    }
}

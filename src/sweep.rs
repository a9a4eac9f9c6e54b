//! The grid of a sweep: verdicts by reading, by number of clients and by number of faults.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use mapi_logon_checker::{End, Limits, Options, Paths, Pulse};
use mapi_logon_model::machine::Model;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::arguments::Setting;
use crate::cached::{Steps, check_cached};
use crate::explorable::{Counts, Explorable};
use crate::size::resized;
use crate::symmetric::check_symmetric;
use crate::verdict::{Defaults, Overall, Row, Verdict};

/// What is varied; what is empty stays as the scenario has it.
#[derive(Clone, Debug, Default)]
pub struct Dimensions {
    /// Policies with the values each takes.
    pub policies: Vec<(String, Vec<String>)>,
    /// Numbers of clients.
    pub clients: Vec<usize>,
    /// Numbers of faults that may strike.
    pub budgets: Vec<u8>,
    /// With symmetry, or without.
    pub symmetry: Vec<bool>,
}

/// One value of everything that is varied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Combination {
    /// The switches that are varied, with their values.
    #[serde(serialize_with = "by_switch")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub settings: Vec<Setting>,
    /// The number of clients, if that is varied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<usize>,
    /// How many faults may strike, if that is varied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<u8>,
    /// Is symmetry reduction used?
    pub symmetry: bool,
}

/// The settings as an object.
fn by_switch<S: Serializer>(settings: &[Setting], serializer: S) -> Result<S::Ok, S::Error> {
    let pairs = settings.iter().map(|one| (&one.policy, &one.value));
    serializer.collect_map(pairs.collect::<BTreeMap<_, _>>())
}

/// The result of a combination.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Swept {
    /// Which.
    #[serde(flatten)]
    pub combination: Combination,
    /// What `check` says of it.
    pub verdict: Overall,
    /// States explored.
    pub states: u64,
    /// Steps between them.
    pub transitions: u64,
    /// How many steps the furthest is away.
    pub depth: u32,
    /// Ids that are broken, and expected witnesses that are missing.
    pub broken: Vec<&'static str>,
    /// What readings give up.
    pub given_up: Vec<GivenUp>,
    /// Witnesses that some run shows.
    #[serde(skip)]
    pub found: Vec<&'static str>,
    /// Witnesses that the first reading shows with equal numbers of clients and faults, and this
    /// one does not.
    pub lost: Vec<&'static str>,
    /// How long it took, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// A property that a reading in force gives up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct GivenUp {
    /// The property.
    pub id: &'static str,
    /// The reading; several, if each of them may.
    pub by: String,
}

/// How each combination is explored.
#[derive(Clone, Copy, Debug)]
pub struct SweepMeans<'a> {
    /// The most states.
    pub max_states: Option<u64>,
    /// Do properties given up count as violated?
    pub strict: bool,
    /// Is the time of each measured?
    pub timed: bool,
    /// Threads.
    pub workers: Option<NonZeroUsize>,
    /// What the scenario shows under the default readings.
    pub defaults: &'a Defaults<'a>,
    /// Set on interrupt.
    pub interrupt: &'a AtomicBool,
}

impl Dimensions {
    /// All combinations: readings vary slowest, the first policy slowest of all, then the number of
    /// clients, that of faults, and symmetry fastest.
    #[must_use]
    pub fn combinations(&self) -> Vec<Combination> {
        let mut readings = vec![Vec::new()];
        for (policy, values) in &self.policies {
            let with = |reading: &Vec<Setting>, value: &String| {
                let (policy, value) = (policy.clone(), value.clone());
                let mut reading = reading.clone();
                reading.push(Setting { policy, value });
                reading
            };
            let longer = |reading| values.iter().map(move |value| with(reading, value));
            readings = readings.iter().flat_map(longer).collect();
        }
        let mut all = Vec::new();
        for settings in readings {
            for clients in choices(&self.clients) {
                for budget in choices(&self.budgets) {
                    for symmetry in choices(&self.symmetry) {
                        all.push(Combination {
                            settings: settings.clone(),
                            clients,
                            budget,
                            symmetry: symmetry.unwrap_or(false),
                        });
                    }
                }
            }
        }
        all
    }
}

/// Each value, or none where none is given.
fn choices<T: Copy>(values: &[T]) -> Vec<Option<T>> {
    if values.is_empty() { vec![None] } else { values.iter().copied().map(Some).collect() }
}

impl Combination {
    /// The scenario with these values. Its expectations hold for its own clients and faults only.
    ///
    /// # Errors
    /// When a policy has no such value, or there are too many clients or faults.
    pub fn apply(&self, scenario: &Scenario) -> Result<Scenario> {
        let mut scenario = scenario.clone();
        for Setting { policy, value } in &self.settings {
            scenario.policy.set(policy, value)?;
        }
        resized(scenario, self.clients, self.budget)
    }

    /// What is varied, in one line.
    #[must_use]
    pub fn name(&self) -> String {
        let settings = self.settings.iter();
        let mut parts: Vec<_> =
            settings.map(|one| format!("{} = {}", one.policy, one.value)).collect();
        parts.extend(self.clients.map(|number| format!("clients = {number}")));
        parts.extend(self.budget.map(|number| format!("faults = {number}")));
        if parts.is_empty() { "the scenario as it is".to_owned() } else { parts.join(", ") }
    }

    /// Does it differ from the other in readings alone?
    fn compares_with(&self, other: &Self) -> bool {
        let sizes = |one: &Self| (one.clients, one.budget, one.symmetry);
        sizes(self) == sizes(other)
    }
}

impl Swept {
    /// Explores a combination; `before` are those explored so far. None if it was interrupted.
    ///
    /// # Errors
    /// When it cannot be explored.
    pub fn explore(
        combination: &Combination,
        scenario: Scenario,
        before: &[Self],
        means: &SweepMeans<'_>,
        watch: &(dyn Fn(&Pulse) + Sync),
    ) -> Result<Option<Self>> {
        let world = Explorable::new(Model::new(scenario).forgetting(), PropertySet::ALL);
        let world = world.counting(Counts::Nothing);
        let options = Options {
            workers: means.workers,
            paths: Paths::None,
            limits: Limits { states: means.max_states, ..Limits::default() },
            interrupt: Some(means.interrupt),
            watch: Some(watch),
            ..Options::default()
        };
        let report = if combination.symmetry {
            check_symmetric(&world, &options, Steps::Remembered)?
        } else {
            check_cached(&world, &options)?
        };
        if report.end == End::Interrupted {
            return Ok(None);
        }
        let rows = Row::all(&world, &report, &[], true, means.defaults);
        let with = |wanted: Verdict| {
            let rows = rows.iter().filter(move |row| row.verdict == wanted);
            rows.map(|row| row.id).collect::<Vec<_>>()
        };
        let found = with(Verdict::Found);
        let broken = rows.iter().filter(|row| row.is_bad()).map(|row| row.id).collect();
        let given_up = rows.iter().filter(|row| row.verdict == Verdict::GivenUp);
        let given_up = given_up.map(|row| GivenUp { id: row.id, by: row.reason.clone() });
        let first = before.iter().find(|one| one.combination.compares_with(combination));
        let open = with(Verdict::Undecided);
        let is_lost = |id: &&&str| !found.contains(*id) && !open.contains(*id);
        let lost = first.map_or(&[][..], |first| &first.found);
        let lost = lost.iter().filter(is_lost).copied().collect();
        Ok(Some(Self {
            combination: combination.clone(),
            verdict: Overall::of(&rows, means.strict),
            states: report.states,
            transitions: report.transitions,
            depth: report.depth,
            broken,
            given_up: given_up.collect(),
            found,
            lost,
            seconds: means.timed.then_some(report.cost.seconds),
        }))
    }
}

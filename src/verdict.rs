//! The verdict: the checker's findings as one row for each id of the specification.

use std::collections::BTreeMap;

use mapi_logon_checker as checker;
use mapi_logon_model::clause;
use mapi_logon_model::property::{Decided, Kind, PROPERTIES, Property, given_up_by};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::explorable::Explorable;
use crate::run::{Told, tell};

mod decisive;
mod defaults;

use decisive::decisive;
pub use defaults::Defaults;

/// The verdict on a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// An invariant or progress property that no run breaks.
    Holds,
    /// An invariant or progress property that some run breaks.
    Violated,
    /// One that some run breaks, or an expected witness that no run shows, where a reading in force
    /// is declared to give it up (SPEC 8.0).
    GivenUp,
    /// A witness that some run shows.
    Found,
    /// A witness that no run shows.
    NotFound,
    /// The scenario or the engine leaves nothing to decide.
    NotApplicable,
    /// No exploration of states decides it.
    NotModelled,
    /// The search ended too early to tell.
    Undecided,
}

/// The verdict on all rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overall {
    /// No property is violated, no expected witness is missing, nothing is undecided.
    Holds,
    /// A property is violated or an expected witness missing; if strict, also one given up.
    Violated,
    /// The search ended too early, or nothing was asked that it could decide.
    Inconclusive,
}

/// A property with its verdict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Row {
    /// The id of the specification.
    pub id: &'static str,
    /// `invariant`, `witness` or `progress`.
    #[serde(serialize_with = "in_lower_case")]
    #[schemars(with = "String")]
    pub kind: Kind,
    /// What is known of it.
    pub verdict: Verdict,
    /// Does the scenario expect this witness?
    #[serde(skip_serializing_if = "is_not")]
    pub expected: bool,
    /// In how many explored steps the antecedent of an invariant occurred, in how many explored
    /// states the obligation of progress was open; of a property that holds 0 means that nothing
    /// here could break it. Absent where a reduced search met none: steps left out may have some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tested: Option<u64>,
    /// Why there is nothing to decide, or the readings that give it up; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The run that breaks or shows it, if one was asked for.
    #[serde(flatten)]
    pub run: Option<ToldRun>,
}

/// A run in words: its steps, then the cycle that it repeats forever, if there is one.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ToldRun {
    /// From the initial state on.
    #[serde(rename = "trace")]
    pub steps: Vec<Told>,
    /// What is repeated forever after that, so that a progress property is broken; empty where
    /// nothing more happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<Vec<Told>>,
    /// What is done in `steps`, then in `cycle`.
    #[serde(skip)]
    pub actions: Vec<Action>,
    /// Where its last step breaks a property: the effects without which it would not, each by its
    /// step and its place there, both from 0.
    #[serde(skip)]
    pub decisive: Option<Vec<(usize, usize)>>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
const fn is_not(expected: &bool) -> bool {
    !*expected
}

fn in_lower_case<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format!("{kind:?}").to_lowercase())
}

impl Verdict {
    /// As JSON names it; in human text hyphens become spaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::GivenUp => "given-up",
            Self::Found => "found",
            Self::NotFound => "not-found",
            Self::NotApplicable => "not-applicable",
            Self::NotModelled => "not-modelled",
            Self::Undecided => "undecided",
        }
    }
}

impl Overall {
    /// As JSON and people name it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Violated => "violated",
            Self::Inconclusive => "inconclusive",
        }
    }

    /// The verdict on the rows; if `strict`, what is given up counts as violated.
    #[must_use]
    pub fn of(rows: &[Row], strict: bool) -> Self {
        let any = |wanted: fn(&Row) -> bool| rows.iter().any(wanted);
        if any(|row| row.is_bad()) || strict && any(|row| row.verdict == Verdict::GivenUp) {
            Self::Violated
        } else if any(|row| row.verdict == Verdict::Undecided) || !any(Row::is_decided) {
            Self::Inconclusive
        } else {
            Self::Holds
        }
    }
}

impl Row {
    /// What the specification says of it.
    #[must_use]
    pub fn text(&self) -> &'static str {
        clause::find(self.id).map_or("", |clause| clause.text)
    }

    /// Is it broken, or expected and missing, if only because it does not apply?
    #[must_use]
    pub const fn is_bad(&self) -> bool {
        use Verdict::{
            Found, GivenUp, Holds, NotApplicable, NotFound, NotModelled, Undecided, Violated,
        };
        match self.verdict {
            Violated => true,
            NotFound | NotApplicable | NotModelled => self.expected,
            Holds | GivenUp | Found | Undecided => false,
        }
    }

    /// The step that breaks it, and the decisive effects of the run; nothing where a cycle does, or
    /// nothing breaks it.
    #[must_use]
    pub fn breaks(&self) -> Option<String> {
        let run = self.run.as_ref()?;
        let decisive = run.decisive.as_ref()?;
        let last = run.steps.len();
        let (id, mut parts) = (self.id, Vec::new());
        for (step, place) in decisive {
            let told = run.steps.get(*step)?;
            let effect = told.effects.get(*place)?;
            let here =
                if told.step == last { "here".to_owned() } else { format!("step {}", told.step) };
            parts.push(format!("\"{effect}\" ({here})"));
        }
        Some(match parts.as_slice() {
            [] => format!("Step {last} breaks {id}."),
            parts => format!("Step {last} breaks {id}. Decisive: {}.", parts.join(", ")),
        })
    }

    /// Does it hold vacuously, because nothing explored tested it?
    #[must_use]
    pub fn is_vacuous(&self) -> bool {
        self.verdict == Verdict::Holds && self.tested == Some(0)
    }

    /// Did the search decide it?
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        use Verdict::{Found, GivenUp, Holds, NotFound, Violated};
        matches!(self.verdict, Holds | Violated | GivenUp | Found | NotFound)
    }

    /// A row for every id, in the order of the specification; with `asked`, for those alone.
    #[must_use]
    pub fn all(
        world: &Explorable,
        report: &checker::Report,
        asked: &[&str],
        decides_progress: bool,
        defaults: &Defaults<'_>,
    ) -> Vec<Self> {
        let scenario = world.model().scenario();
        let mut parts: BTreeMap<usize, Vec<Part<'_>>> = BTreeMap::new();
        for (entry, finding) in report.findings.iter().enumerate().take(PROPERTIES.len()) {
            let id = PROPERTIES[entry].id;
            let place = clause::all().iter().position(|clause| clause.id == id);
            let part = Part::new(entry, finding, scenario, decides_progress);
            parts.entry(place.unwrap_or(usize::MAX)).or_default().push(part);
        }
        let reduced = report.reduction == checker::Reduction::Done;
        let rows = parts.into_values().filter_map(|parts| Self::of(world, &parts, reduced));
        let mut rows: Vec<Self> =
            rows.filter(|row| asked.is_empty() || asked.contains(&row.id)).collect();
        rows.iter_mut().for_each(|row| row.confirms(defaults));
        rows
    }

    /// SPEC 8.0: a reading gives up only witnesses that the default ones show.
    fn confirms(&mut self, defaults: &Defaults<'_>) {
        if self.kind != Kind::Witness || self.verdict != Verdict::GivenUp {
            return;
        }
        let (verdict, reason) = match defaults.show(self.id) {
            Some(true) => return,
            Some(false) => (Verdict::NotFound, "nor under the default readings"),
            None => (Verdict::Undecided, "not decided under the default readings"),
        };
        (self.verdict, self.reason) = (verdict, reason.to_owned());
    }

    /// The row of an id that asks for these things.
    fn of(world: &Explorable, parts: &[Part<'_>], reduced: bool) -> Option<Self> {
        let first = parts.first()?;
        let kind = first.property.kind;
        let decisive = parts.iter().max_by_key(|part| part.weight());
        let decisive = decisive.unwrap_or(first);
        let scenario = world.model().scenario();
        let id = first.property.id;
        let expected = scenario.expect.iter().any(|wanted| wanted == id);
        let (mut verdict, mut reason) = (decisive.verdict, decisive.reason.clone());
        let missing = expected && matches!(verdict, Verdict::NotFound | Verdict::NotApplicable);
        if verdict == Verdict::Violated || missing {
            let given_up = given_up_by(id, scenario);
            if !given_up.is_empty() {
                (verdict, reason) = (Verdict::GivenUp, given_up.join(", "));
            }
        }
        let asks = kind != Kind::Witness
            && matches!(verdict, Verdict::Holds | Verdict::Violated | Verdict::GivenUp);
        let tested = parts.iter().map(|part| part.tested).max().unwrap_or_default();
        Some(Self {
            id,
            kind,
            verdict,
            expected,
            tested: (asks && !(reduced && tested == 0)).then_some(tested),
            reason,
            run: ToldRun::of(world, decisive),
        })
    }
}

/// One of the things an id asks for.
struct Part<'r> {
    /// Its place in [`PROPERTIES`].
    entry: usize,
    property: &'static Property,
    finding: &'r checker::Decision,
    verdict: Verdict,
    tested: u64,
    reason: String,
}

impl<'r> Part<'r> {
    fn new(
        entry: usize,
        found: &'r checker::Finding,
        scenario: &Scenario,
        decides_progress: bool,
    ) -> Self {
        let property = &PROPERTIES[entry];
        let (verdict, reason) = match (property.not_applicable(scenario), property.decided) {
            (_, Decided::Elsewhere(reason)) => (Verdict::NotModelled, reason.to_owned()),
            (Some(reason), _) => (Verdict::NotApplicable, reason.to_owned()),
            (None, Decided::Eventually(_)) if !decides_progress => {
                (Verdict::NotApplicable, "not decided by stateright".to_owned())
            }
            (None, _) => (decided(&found.verdict), String::new()),
        };
        Self { entry, property, finding: &found.verdict, verdict, tested: found.tested, reason }
    }

    /// The part that weighs most speaks for all: an id holds only if all of it does, and a
    /// witness is found only if all of it that can be asked for is.
    const fn weight(&self) -> (u8, u32) {
        let depth = match self.finding {
            checker::Decision::Found(example) => example.depth,
            checker::Decision::Holds
            | checker::Decision::Violated(_)
            | checker::Decision::Starved(_)
            | checker::Decision::NotFound
            | checker::Decision::Undecided => 0,
        };
        let weight = match (self.verdict, self.property.kind) {
            (Verdict::NotApplicable, Kind::Witness) => 0,
            (Verdict::Holds, _) => 1,
            (Verdict::Found, _) => 2,
            (Verdict::NotApplicable, Kind::Invariant | Kind::Progress) => 3,
            (Verdict::NotModelled, _) => 4,
            (Verdict::Undecided, _) => 5,
            (Verdict::NotFound, _) => 6,
            (Verdict::Violated | Verdict::GivenUp, _) => 7,
        };
        (weight, depth)
    }
}

const fn decided(finding: &checker::Decision) -> Verdict {
    match finding {
        checker::Decision::Holds => Verdict::Holds,
        checker::Decision::Violated(_) | checker::Decision::Starved(_) => Verdict::Violated,
        checker::Decision::Found(_) => Verdict::Found,
        checker::Decision::NotFound => Verdict::NotFound,
        checker::Decision::Undecided => Verdict::Undecided,
    }
}

impl ToldRun {
    fn of(world: &Explorable, part: &Part<'_>) -> Option<Self> {
        let start = world.model().start();
        match part.finding {
            checker::Decision::Violated(example) | checker::Decision::Found(example) => {
                let actions = world.actions(example.path.as_ref()?);
                let steps = tell(world.model(), &start, &actions, 1);
                let breaks = matches!(part.finding, checker::Decision::Violated(_));
                let decisive = breaks.then(|| decisive(world.model(), &actions, part.entry));
                Some(Self { steps, cycle: None, actions, decisive })
            }
            checker::Decision::Starved(lasso) => {
                let actions = world.actions(lasso.stem.as_ref()?);
                let steps = tell(world.model(), &start, &actions, 1);
                let round = world.world(&lasso.loop_state);
                let around = world.actions_from(&lasso.loop_state, &lasso.cycle);
                let cycle = tell(world.model(), &round, &around, steps.len() + 1);
                let actions = [actions, around].concat();
                Some(Self { steps, cycle: Some(cycle), actions, decisive: None })
            }
            checker::Decision::Holds
            | checker::Decision::NotFound
            | checker::Decision::Undecided => None,
        }
    }
}

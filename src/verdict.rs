//! The verdict: the checker's findings as one row for each id of the specification.

use std::collections::BTreeMap;

use mapi_logon_checker as checker;
use mapi_logon_model::clause;
use mapi_logon_model::property::{Applies, Decided, Kind, PROPERTIES, Property};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::explorable::Explorable;
use crate::run::{Told, tell};

/// What is known of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// An invariant or progress property that no run breaks.
    Holds,
    /// An invariant or progress property that some run breaks.
    Violated,
    /// A witness that some run shows.
    Found,
    /// A witness that no run shows.
    NotFound,
    /// The scenario, a policy or the engine leaves nothing to decide.
    NotApplicable,
    /// No exploration of states decides it.
    NotModelled,
    /// The search ended too early to tell.
    Undecided,
}

/// What all rows come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overall {
    /// Nothing is broken, nothing expected is missing, nothing is left open.
    Holds,
    /// Something is broken, or an expected witness is missing.
    Violated,
    /// The search ended too early to tell, or nothing was asked that it could decide.
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
    #[serde(skip)]
    pub expected: bool,
    /// If it holds: has anything explored put it to the test, or could nothing break it here?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tested: Option<bool>,
    /// Why there is nothing to decide; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The run that breaks or shows it, if one was asked for.
    #[serde(flatten)]
    pub run: Option<ToldRun>,
}

/// A run in words; what is repeated for ever, if anything is, stands apart.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ToldRun {
    /// From the initial state on.
    #[serde(rename = "trace")]
    pub steps: Vec<Told>,
    /// What is repeated for ever after that, so that a progress property is broken; empty where
    /// nothing more happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cycle: Option<Vec<Told>>,
    /// What is done in `steps`, then in `cycle`.
    #[serde(skip)]
    pub actions: Vec<Action>,
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

    /// What the rows come to.
    #[must_use]
    pub fn of(rows: &[Row]) -> Self {
        let any = |wanted: fn(&Row) -> bool| rows.iter().any(wanted);
        if any(|row| row.is_bad()) {
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
        use Verdict::{Found, Holds, NotApplicable, NotFound, NotModelled, Undecided, Violated};
        match self.verdict {
            Violated => true,
            NotFound | NotApplicable | NotModelled => self.expected,
            Holds | Found | Undecided => false,
        }
    }

    /// Did the search decide it?
    #[must_use]
    pub const fn is_decided(&self) -> bool {
        use Verdict::{Found, Holds, NotFound, Violated};
        matches!(self.verdict, Holds | Violated | Found | NotFound)
    }

    /// A row for every id, in the order of the specification; with `asked`, for those alone.
    #[must_use]
    pub fn all(
        world: &Explorable,
        report: &checker::Report,
        asked: &[&str],
        decides_progress: bool,
    ) -> Vec<Self> {
        let scenario = world.model().scenario();
        let mut parts: BTreeMap<usize, Vec<Part<'_>>> = BTreeMap::new();
        let tested = report.tested;
        for (bit, (property, finding)) in PROPERTIES.iter().zip(&report.findings).enumerate() {
            let place = clause::all().iter().position(|clause| clause.id == property.id);
            let mut part = Part::new(property, &finding.verdict, scenario, decides_progress);
            part.tested = tested.contains(bit);
            parts.entry(place.unwrap_or(usize::MAX)).or_default().push(part);
        }
        let rows = parts.into_values().filter_map(|parts| Self::of(world, &parts));
        rows.filter(|row| asked.is_empty() || asked.contains(&row.id)).collect()
    }

    /// The row of an id that asks for these things.
    fn of(world: &Explorable, parts: &[Part<'_>]) -> Option<Self> {
        let first = parts.first()?;
        let kind = first.property.kind;
        let decisive = parts.iter().max_by_key(|part| part.weight());
        let decisive = decisive.unwrap_or(first);
        let expect = &world.model().scenario().expect;
        Some(Self {
            id: first.property.id,
            kind,
            verdict: decisive.verdict,
            expected: expect.iter().any(|id| id == first.property.id),
            tested: (decisive.verdict == Verdict::Holds)
                .then(|| parts.iter().any(|part| part.tested)),
            reason: decisive.reason.clone(),
            run: ToldRun::of(world, decisive.finding),
        })
    }
}

/// One of the things an id asks for.
struct Part<'r> {
    property: &'static Property,
    finding: &'r checker::Decision,
    verdict: Verdict,
    tested: bool,
    reason: String,
}

impl<'r> Part<'r> {
    fn new(
        property: &'static Property,
        finding: &'r checker::Decision,
        scenario: &Scenario,
        decides_progress: bool,
    ) -> Self {
        let (verdict, reason) = match (property.applies(scenario), property.decided) {
            (_, Decided::Elsewhere(reason)) => (Verdict::NotModelled, reason.to_owned()),
            (Applies::ChangedBy(policy), _) => {
                (Verdict::NotApplicable, format!("{policy} makes it another property"))
            }
            (Applies::Never(reason), _) => (Verdict::NotApplicable, reason.to_owned()),
            (Applies::Yes, Decided::Eventually(_)) if !decides_progress => {
                (Verdict::NotApplicable, "this engine decides no progress".to_owned())
            }
            (Applies::Yes, _) => (decided(finding), String::new()),
        };
        Self { property, finding, verdict, tested: false, reason }
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
            (Verdict::Violated, _) => 7,
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
    fn of(world: &Explorable, finding: &checker::Decision) -> Option<Self> {
        let start = world.model().start();
        match finding {
            checker::Decision::Violated(example) | checker::Decision::Found(example) => {
                let actions = world.actions(example.path.as_ref()?);
                let steps = tell(world.model(), &start, &actions, 1);
                Some(Self { steps, cycle: None, actions })
            }
            checker::Decision::Starved(lasso) => {
                let actions = world.actions(lasso.stem.as_ref()?);
                let steps = tell(world.model(), &start, &actions, 1);
                let round = world.world(&lasso.loop_state);
                let around = world.actions_from(&lasso.loop_state, &lasso.cycle);
                let cycle = tell(world.model(), &round, &around, steps.len() + 1);
                let actions = [actions, around].concat();
                Some(Self { steps, cycle: Some(cycle), actions })
            }
            checker::Decision::Holds
            | checker::Decision::NotFound
            | checker::Decision::Undecided => None,
        }
    }
}

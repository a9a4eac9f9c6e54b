//! Mutants that were tried, for people and for programs.

use mapi_logon_model::mutant::Mutation;
use schemars::JsonSchema;
use serde::Serialize;

use crate::mutants::{Fate, Ground, Tried};
use crate::render::text::{Paint, Table, Tone, count, grouped, paragraph};
use crate::reports::{Case, CaseVerdict};
use crate::run::{Told, tell};
use crate::survivors::{reason, survivors};

/// How the page begins.
const HEAD: &str = "\
# Mutants

`mapi-logon mutants` measures how strong the properties are: it makes wrong machines and records
which property kills each. Besides those written by hand there are systematic ones, made from the
tables of the machine:

| Id | What is wrong |
|:--|:--|
| `drop:T` | what would take the transition does nothing; a call that would begin with it fails |
| `send:T=Q` | the transition leads to another place |
| `silent:E@P` | an effect is left out after a transition, or before any from a place |
| `code:T` | what follows the transition has another result code |
| `negate:G` | a guard holds where it does not, and the other way round |
| `read:P=V` | a policy is read otherwise |

A mutant is *killed* when it breaks an invariant or progress property that the machine keeps; an
expected witness does not count. States are those of the mutant that were visited until then. It is
*equivalent* when its labelled state graph is that of the machine in every scenario, although its
rule was applied. All others *survive*. The command fails (exit 1) for a survivor that is not listed
in `src/survivors.tsv` with its reason, and for a listed one that does not survive.

`mapi-logon mutants --format markdown` writes this page. The default set of scenarios is every
built-in one but `retry-storm`, with `anyone` in its smallest size: one client, no fault.
`--scenarios all` takes all of them as they are.

";

/// The result of `mapi-logon mutants`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Mutants {
    /// The mutants, in order; fewer after an interrupt.
    mutants: Vec<Row>,
    /// Mutants that are listed as survivors and did not survive, or are none.
    #[serde(skip)]
    stale: Vec<&'static str>,
}

/// A mutant that was tried.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Row {
    /// What it is called.
    id: String,
    /// The clause it breaks; of a guard, those between which it decides.
    clause: &'static str,
    /// What became of it.
    verdict: Verdict,
    /// The property that killed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<&'static str>,
    /// States of the mutant that were visited, over all scenarios.
    states: u64,
    /// The scenario in which it was killed, or in which it differs from the machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    scenario: Option<String>,
    /// Why it survived.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// The shortest run on which it differs from the machine, in its last step, as the mutant
    /// does it.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<Vec<Told>>,
    /// Is it listed as a survivor?
    #[serde(skip)]
    listed: Option<&'static str>,
}

/// What became of a mutant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Verdict {
    /// A property killed it.
    Killed,
    /// It does what the machine does.
    Equivalent,
    /// No property killed it.
    Survived,
}

impl Verdict {
    const fn name(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Equivalent => "equivalent",
            Self::Survived => "survived",
        }
    }
}

impl Row {
    fn of(tried: &Tried, grounds: &[Ground]) -> Self {
        let mutation = tried.mutation;
        let id = mutation.id();
        let mut row = Self {
            clause: mutation.clause(),
            verdict: Verdict::Survived,
            by: None,
            states: tried.states,
            scenario: None,
            reason: None,
            run: None,
            listed: reason(&id),
            id,
        };
        match &tried.fate {
            Fate::Killed { by, ground } => {
                (row.verdict, row.by) = (Verdict::Killed, Some(*by));
                row.scenario = Some(grounds[*ground].name.clone());
            }
            Fate::Equivalent => row.verdict = Verdict::Equivalent,
            Fate::Unreached => row.reason = Some("never reached"),
            Fate::Undecided => row.reason = Some("undecided within the limit of states"),
            Fate::Survived { ground, run } => {
                let ground = &grounds[*ground];
                row.reason = Some(row.listed.unwrap_or("no property says so"));
                row.scenario = Some(ground.name.clone());
                row.run = Some(told(ground, mutation, run));
            }
        }
        row
    }
}

/// The run as the mutant takes it; as the machine does where only the machine can take its end.
fn told(ground: &Ground, mutation: Mutation, run: &[mapi_logon_model::Action]) -> Vec<Told> {
    let start = ground.machine().start();
    let wrong = tell(&ground.mutated(mutation), &start, run, 1);
    if wrong.len() == run.len() { wrong } else { tell(ground.machine(), &start, run, 1) }
}

impl Mutants {
    /// The rows of what was tried; of all mutants, or of some.
    #[must_use]
    pub fn of(tried: &[Tried], grounds: &[Ground], all: bool) -> Self {
        let mutants: Vec<Row> = tried.iter().map(|one| Row::of(one, grounds)).collect();
        let survives = |id: &str| {
            let row = mutants.iter().find(|row| row.id == id);
            row.map_or(!all, |row| row.verdict == Verdict::Survived)
        };
        let stale = survivors().map(|(id, _)| id).filter(|id| !survives(id)).collect();
        Self { mutants, stale }
    }

    /// Are those that survived the ones that are listed?
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.stale.is_empty() && self.unlisted().next().is_none()
    }

    fn unlisted(&self) -> impl Iterator<Item = &Row> {
        let survived = self.with(Verdict::Survived);
        survived.filter(|row| row.listed.is_none())
    }

    fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Row> {
        self.mutants.iter().filter(move |row| row.verdict == verdict)
    }

    /// The rows for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = paragraph(&self.summary(), 0) + "\n";
        let mut table = Table::new(paint, 0);
        let head = ["mutant", "clause", "verdict", "by", "states", "scenario"];
        table.toned(head.map(|head| (Tone::Faint, head)));
        for row in &self.mutants {
            let tone = match (row.verdict, row.listed) {
                (Verdict::Killed, _) => Tone::Good,
                (Verdict::Survived, None) => Tone::Bad,
                (Verdict::Equivalent, _) | (Verdict::Survived, Some(_)) => Tone::Plain,
            };
            let states = format!("{:>9}", grouped(row.states));
            table.toned([
                (Tone::Strong, &*row.id),
                (Tone::Plain, row.clause),
                (tone, row.verdict.name()),
                (Tone::Plain, row.by.unwrap_or_default()),
                (Tone::Plain, &states),
                (Tone::Plain, row.scenario.as_deref().or(row.reason).unwrap_or_default()),
            ]);
        }
        text += &table.render();
        for row in self.unlisted() {
            let why = row.reason.unwrap_or_default();
            text += &format!("\n{}", paragraph(&format!("{} survived: {why}", row.id), 0));
            if let Some(run) = &row.run {
                text.extend(run.iter().map(|step| step.text(paint)));
            }
        }
        for id in &self.stale {
            text += &format!("\n{id} is listed as a survivor and does not survive\n");
        }
        text
    }

    /// The rows as test cases.
    pub(crate) fn cases(&self) -> Vec<Case> {
        let case = |row: &Row| {
            let survives = row.verdict == Verdict::Survived;
            let verdict = match (survives, row.listed) {
                (true, None) => {
                    let why = row.reason.unwrap_or_default();
                    CaseVerdict::Failed(format!("It survived: {why}."), String::new())
                }
                (false, Some(_)) => CaseVerdict::Failed(
                    "It is listed as a survivor and does not survive.".to_owned(),
                    String::new(),
                ),
                (true, Some(_)) | (false, None) => CaseVerdict::Passed,
            };
            let about = format!("A wrong machine that breaks {}", row.clause);
            Case { name: row.id.clone(), about, verdict, place: None }
        };
        self.mutants.iter().map(case).collect()
    }

    /// The page `docs/mutants.md`.
    #[must_use]
    pub fn page(&self) -> String {
        let mut text = HEAD.to_owned() + &self.summary() + "\n";
        let listed = |row: &Row| row.listed.unwrap_or("not listed");
        for (verdict, title) in
            [(Verdict::Survived, "Survivors"), (Verdict::Equivalent, "Equivalent mutants")]
        {
            text += &format!("\n## {title}\n\n| Mutant | Breaks | Seen in | Reason |\n");
            text += "|:--|:--|:--|:--|\n";
            for row in self.with(verdict) {
                let seen = row.scenario.as_deref().or(row.reason).unwrap_or("no scenario");
                let why = if verdict == Verdict::Survived { listed(row) } else { "" };
                text += &format!("| `{}` | {} | {seen} | {why} |\n", row.id, row.clause);
            }
        }
        text += "\n## Killed\n\n| Mutant | Breaks | By | In | States |\n|:--|:--|:--|:--|--:|\n";
        for row in self.with(Verdict::Killed) {
            let (by, seen) = (row.by.unwrap_or_default(), row.scenario.as_deref());
            let seen = seen.unwrap_or_default();
            let states = grouped(row.states);
            text += &format!("| `{}` | {} | {by} | {seen} | {states} |\n", row.id, row.clause);
        }
        text
    }

    /// Counts, and the share of those killed that differ from the machine.
    fn summary(&self) -> String {
        let [killed, equivalent, survived] =
            [Verdict::Killed, Verdict::Equivalent, Verdict::Survived]
                .map(|verdict| self.with(verdict).count() as u64);
        let unlisted = self.unlisted().count() as u64;
        let different = (killed + survived).max(1);
        let listed =
            if unlisted == 0 { "all listed".to_owned() } else { format!("{unlisted} not listed") };
        format!(
            "{}: {} killed, {} equivalent, {} survived ({listed}). Killed of those that are not \
             equivalent: {}.{} %.",
            count(self.mutants.len() as u64, "mutant"),
            grouped(killed),
            grouped(equivalent),
            grouped(survived),
            killed * 1000 / different / 10,
            killed * 1000 / different % 10,
        )
    }
}

//! Campaigns with goals: worlds that follow plans to what is still missing, or play given traces.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Choice, Fate};
use mapi_logon_model::scenario::{Scenario, split_call};
use mapi_logon_traces::cover::{Allowed, Atlas, Uncovered, Way};
use mapi_logon_traces::tracer::Tracer;
use schemars::JsonSchema;
use serde::Serialize;

use crate::bench::{Bench, Unusable};
use crate::campaign::{Campaign, Each, Tally};
use crate::course::End;
use crate::plan::{Lead, Plan};
use crate::protocol::{Dialogs, Hello, Providers};
use crate::repertoire::UI;
use crate::repertoire::dialogs_of;

/// How often a system may take another branch before a goal counts as refused.
pub const TRIES: u32 = 8;

/// What a campaign has covered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Covered {
    /// The goals that the system showed, by name.
    pub covered: Vec<String>,
    /// Goals that the system declined: it took another allowed branch each time, or deviated.
    pub refused: Vec<Refused>,
    /// Goals that a limit left untried.
    pub open: Vec<String>,
    /// Goals out of reach, and why.
    pub beyond: Vec<Uncovered>,
}

/// A goal that the system declined: it took another branch, or deviated on the way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// The goal.
    pub goal: String,
    /// How often it was tried.
    pub tries: u32,
}

/// A trace that was played.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Played {
    /// Its name.
    pub name: String,
    /// How many of its steps the system showed.
    pub shown: usize,
    /// How many steps it has.
    pub steps: usize,
    /// How often it was played.
    pub tries: u32,
    /// Why the system did not show the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// The system deviated on the way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deviated: bool,
}

impl Played {
    /// Takes down how far it came this time.
    fn played(&mut self, lead: &Lead<'_>, end: End) {
        let through = lead.is_through() && end == End::Complete;
        self.shown = self.shown.max(if through { lead.shown() } else { lead.confirmed() });
        self.tries += 1;
        self.deviated |= matches!(end, End::Deviated(_));
        self.left = match end {
            _ if self.is_reached() => None,
            End::Deviated(found) => {
                Some(format!("{} of {} deviated: {}", found.call, found.client, found.observed))
            }
            End::Unsupported(_, what) => Some(format!("the adapter does not support {what}")),
            End::Undecided(limit) => Some(format!("the judge reached its limit on {limit}")),
            End::Interrupted => Some("the run was interrupted".to_owned()),
            End::Complete | End::Stuck => lead.left().map(str::to_owned),
        };
    }

    /// Did the system show all of it?
    #[must_use]
    pub const fn is_reached(&self) -> bool {
        self.shown == self.steps
    }
}

/// Goals that are still to be shown.
#[derive(Debug)]
struct Hunt<'h> {
    atlas: &'h Atlas,
    missing: BTreeSet<usize>,
    tries: BTreeMap<usize, u32>,
    /// Edges that the system did not take when it could.
    declined: BTreeSet<usize>,
    /// Calls that the adapter turned out not to support.
    unsupported: BTreeSet<Action>,
}

impl Hunt<'_> {
    /// A way that leads to missing goals, one after the other, with at most this many calls, as far
    /// as it needs no more for the first of them. Edges that were declined are avoided where there
    /// is another way.
    fn way(
        &self,
        choices: &dyn Fn(Action) -> bool,
        calls: usize,
        pick: &mut dyn FnMut(usize) -> usize,
    ) -> Way {
        let choices = &|action| choices(action) && !self.unsupported.contains(&action);
        let (mut way, mut missing) = (Way::default(), self.missing.clone());
        let none = BTreeSet::new();
        let mut declined = &self.declined;
        loop {
            let before = way.edges.len();
            let more = self.atlas.extend(&mut way, &missing, &Allowed { choices, declined }, pick);
            let begins = |action: &Action| matches!(action.choice, Choice::Begin(_));
            let made = self.atlas.actions(&way).iter().filter(|action| begins(action)).count();
            match (more, before) {
                (false, 0) if !declined.is_empty() => declined = &none,
                (false, _) => return way,
                (true, 1..) if made > calls => {
                    way.edges.truncate(before);
                    return way;
                }
                (true, _) => {
                    for edge in &way.edges[before..] {
                        self.atlas.shows(*edge).iter().for_each(|goal| {
                            missing.remove(goal);
                        });
                    }
                    declined = &self.declined;
                }
            }
        }
    }

    /// The system has shown this many edges of the way for certain, and was led as far as that.
    fn showed(&mut self, way: &Way, (certain, shown): (usize, usize), covered: &mut Vec<String>) {
        for edge in &way.edges[..certain] {
            for goal in self.atlas.shows(*edge) {
                if self.missing.remove(goal) {
                    covered.push(self.atlas.name(*goal));
                }
            }
        }
        self.declined.extend(way.edges.get(shown).or(way.edges.get(certain)));
        let sought = way.edges[certain..].iter().find_map(|edge| {
            self.atlas.shows(*edge).iter().find(|goal| self.missing.contains(goal))
        });
        if let Some(sought) = sought {
            *self.tries.entry(*sought).or_default() += 1;
        }
    }

    /// Goals that were declined too often are no longer sought.
    fn give_up(&mut self) -> Vec<Refused> {
        let often: Vec<_> = self.tries.extract_if(.., |_, tries| *tries >= TRIES).collect();
        let refused = |(goal, tries): (usize, u32)| {
            let sought = self.missing.remove(&goal);
            sought.then(|| Refused { goal: self.atlas.name(goal), tries })
        };
        often.into_iter().filter_map(refused).collect()
    }
}

/// Drives worlds along ways to goals, until everything within reach is shown or a limit is reached.
///
/// The atlas is that of the model, which is built from the bench's own scenario with the calls that
/// it lists. A world ends where
/// the system takes another branch that is allowed; the next is planned anew.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used.
pub fn cover(
    bench: &mut Bench<'_>,
    mut campaign: Campaign<'_>,
    (model, atlas): (&Model, &Atlas),
    lost: Vec<Uncovered>,
    each: &mut Each<'_>,
) -> Result<(Tally, Covered), Unusable> {
    let (hello, listed) = (bench.hello().clone(), bench.listed().clone());
    let (none, asks) = (BTreeSet::new(), asks(bench));
    let choices = |action: Action| can((&hello, asks), &listed, model, action);
    let missing = atlas.within_reach(&Allowed { choices: &choices, declined: &none });
    // What the adapter keeps out of reach comes first.
    let mut never = atlas.beyond();
    never.retain(|one| !lost.iter().any(|own| own.id == one.id));
    let mut covered = Covered { beyond: lost, ..Covered::default() };
    covered.beyond.extend(
        (0..atlas.goals())
            .filter(|goal| !missing.contains(goal))
            .map(|goal| Uncovered { id: atlas.name(goal), why: BEYOND.to_owned() }),
    );
    let first = covered.beyond.len();
    covered.beyond.extend(never);
    let mut hunt = Hunt {
        atlas,
        missing,
        tries: BTreeMap::new(),
        declined: BTreeSet::new(),
        unsupported: BTreeSet::new(),
    };
    while campaign.goes_on() && !hunt.missing.is_empty() {
        let mut stream = campaign.stream();
        let mut pick = |of: usize| usize::try_from(stream.below(of as u64)).unwrap_or_default();
        let way = hunt.way(&choices, campaign.limits.per_world, &mut pick);
        if way.edges.is_empty() {
            // Whatever is left needs a call that is not supported.
            let left = std::mem::take(&mut hunt.missing).into_iter();
            let beyond = |goal| Uncovered { id: atlas.name(goal), why: UNSUPPORTED.to_owned() };
            covered.beyond.splice(first..first, left.map(beyond));
            break;
        }
        let actions = atlas.actions(&way);
        let plan = Plan::of(Tracer::listed(model.clone()), actions.iter().copied());
        if let Some(line) = plan.line_of(bench.refused()) {
            hunt.unsupported.insert(actions[line]);
            continue;
        }
        let plan = if asks { plan } else { plan.unasked() };
        let mut lead = Lead::new(&plan);
        let ended = campaign.drive(bench, &mut lead, each)?;
        let through = lead.is_through() && matches!(ended.end, End::Complete);
        let certain = if through { lead.shown() } else { lead.confirmed() };
        let most = |shown: usize| shown.min(way.edges.len());
        hunt.showed(&way, (most(certain), most(lead.shown())), &mut covered.covered);
        covered.refused.extend(hunt.give_up());
    }
    covered.open = hunt.missing.iter().map(|goal| atlas.name(*goal)).collect();
    covered.covered.sort_unstable();
    Ok((campaign.end(), covered))
}

/// Does the tool answer for providers?
fn asks(bench: &Bench<'_>) -> bool {
    bench.hello().controls.providers == Providers::Live && !bench.is_preset()
}

/// Why a goal that some run shows is out of reach.
const BEYOND: &str = "needs a choice that the adapter does not control, or an order of the \
                      system's own steps that nothing from outside brings about";

/// Why a goal is out of reach that only an unsupported call leads to.
const UNSUPPORTED: &str = "needs a call that the adapter does not support";

/// Can the tool make this choice, or must it only wait for it?
fn can((hello, live): (&Hello, bool), listed: &Scenario, model: &Model, action: Action) -> bool {
    let scripted = dialogs_of(hello, listed) == Dialogs::Scripted;
    match action.choice {
        Choice::Begin(call) => {
            let name = model.words().call(call);
            let shows = call.logon().is_some_and(|logon| logon.flags.intersects(UI));
            let makes = hello.calls.iter().any(|one| one == split_call(&name).0);
            makes && (scripted || !shows)
        }
        Choice::Proceed | Choice::TimeOut => true,
        Choice::Configure { .. } => hello.observes.provider_calls,
        Choice::Try(fate) => live || fate == Fate::default(),
        Choice::Postpone => live,
        Choice::Answer(_) => scripted,
        Choice::Refuse(_) => false,
    }
}

/// Plays traces, each in a world of its own, up to `tries` times until the system shows all of it.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used.
pub fn play(
    bench: &mut Bench<'_>,
    mut campaign: Campaign<'_>,
    plans: &[(String, Plan)],
    tries: u32,
    each: &mut Each<'_>,
) -> Result<(Tally, Vec<Played>), Unusable> {
    let (mut all, asks) = (Vec::new(), asks(bench));
    for (name, plan) in plans {
        let plan = if asks { plan.clone() } else { plan.clone().unasked() };
        let mut played = Played {
            name: name.clone(),
            shown: 0,
            steps: plan.lines(),
            tries: 0,
            left: Some("a limit ended the run before it was played".to_owned()),
            deviated: false,
        };
        while !played.is_reached() && played.tries < tries && campaign.goes_on() {
            let mut lead = Lead::new(&plan);
            let ended = campaign.drive(bench, &mut lead, each)?;
            played.played(&lead, ended.end);
        }
        all.push(played);
    }
    Ok((campaign.end(), all))
}

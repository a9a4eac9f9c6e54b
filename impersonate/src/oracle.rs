//! The model made deterministic for who sees its answers alone: subset construction over what a
//! client observes, built as calls come and kept for the next run.
//!
//! A belief is the set of states that the answers so far leave possible. Calls are made one after
//! the other, so a call runs from its beginning to its return with nothing between; what the model
//! chooses on the way (faults, codes of providers, answers of users) is tried in every way.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Action, Call, Choice, Effect, Offer, Status, StatusRow, Task};
use mapi_logon_model::world::{Sight, State};
use mapi_logon_sim::load::{Spending, spending};
use rustc_hash::FxBuildHasher;

use crate::pace::Weather;

/// Most states that are met in a call; what is beyond is left out, and said so.
const WIDEST: usize = 20_000;

/// Most states that are kept from one run to the next.
const KEPT: usize = 1_000_000;

type Set<T> = IndexSet<T, FxBuildHasher>;

/// A row of a table: a name, and in the status table a status.
pub type Row = (String, Option<Status>);

/// An answer to a call that the client can tell from others.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// What the call returns.
    pub result: Code,
    /// The rows of the table that it opens.
    pub rows: Vec<Row>,
    /// What takes time on the first way to it.
    pub spent: Vec<Spending>,
    /// What is possible after it.
    pub next: Belief,
}

/// A set of states, by its number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Belief(u32);

/// The model, as far as it was asked.
#[derive(Debug)]
pub struct Oracle {
    model: Model,
    states: Set<State>,
    beliefs: Set<Box<[u32]>>,
    known: BTreeMap<Question, Arc<[Reply]>>,
    incomplete: bool,
}

/// A call of a client where it is possible, and which servers are away then.
type Question = (Belief, ClientId, Call, Option<Weather>);

/// A call on its way: where it is, the rows that it has shown, and what took time.
type Way = (State, Vec<Row>, Vec<Spending>);

impl Oracle {
    /// What nobody has asked yet.
    #[must_use]
    pub fn new(model: Model) -> Self {
        let mut oracle = Self {
            model,
            states: Set::default(),
            beliefs: Set::default(),
            known: BTreeMap::new(),
            incomplete: false,
        };
        oracle.reset();
        oracle
    }

    fn reset(&mut self) {
        self.states.clear();
        self.beliefs.clear();
        self.known.clear();
        self.states.insert(self.model.initial());
        self.beliefs.insert(Box::new([0]));
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// Whether more was possible somewhere than was followed.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        self.incomplete
    }

    /// What is possible before the first call.
    pub fn begin(&mut self) -> Belief {
        if self.states.len() > KEPT {
            self.reset();
        }
        Belief(0)
    }

    /// The states of a belief.
    pub fn states(&self, belief: Belief) -> impl Iterator<Item = &State> {
        self.beliefs[belief.0 as usize].iter().map(|state| &self.states[*state as usize])
    }

    /// One of the states of a belief; of several the first is the one where least went wrong.
    pub fn narrowed(&mut self, belief: Belief, at: usize) -> Belief {
        let states = &self.beliefs[belief.0 as usize];
        let one = Box::from([states[at % states.len()]]);
        Belief(u32::try_from(self.beliefs.insert_full(one).0).unwrap_or(u32::MAX))
    }

    /// The answers to a call, success first; none where each way ends before a dialog that nobody
    /// may answer. Under a weather providers fail by it alone.
    pub fn replies(
        &mut self,
        belief: Belief,
        client: ClientId,
        call: Call,
        weather: Option<Weather>,
    ) -> Arc<[Reply]> {
        let asked = (belief, client, call, weather);
        if let Some(known) = self.known.get(&asked) {
            return Arc::clone(known);
        }
        let found = self.find(belief, client, call, asked.3.as_ref());
        self.known.insert(asked, Arc::clone(&found));
        found
    }

    fn find(
        &mut self,
        belief: Belief,
        client: ClientId,
        call: Call,
        weather: Option<&Weather>,
    ) -> Arc<[Reply]> {
        type Ends = IndexMap<(Code, Vec<Row>), (Set<State>, Vec<Spending>), FxBuildHasher>;
        let mut ends = Ends::default();
        let mut met: Set<(State, Vec<Row>)> = Set::default();
        let mut open: Vec<Way> =
            self.states(belief).map(|state| (state.clone(), Vec::new(), Vec::new())).collect();
        open.reverse();
        let mut begun = open.len();
        let mut step = Step::at(self.model.initial());
        while let Some((state, rows, spent)) = open.pop() {
            if met.len() > WIDEST {
                self.incomplete = true;
                break;
            }
            let mut choices = Vec::new();
            // The states before the call lie at the bottom.
            if open.len() < begun {
                begun = open.len();
                self.model.beginnings(client, call, &mut |choice| choices.push(choice));
            } else {
                let sight = self.model.sight(&state);
                self.model.continuations(sight, client, &mut |choice| choices.push(choice));
                choices
                    .retain(|choice| weather.is_none_or(|own| suits(own, sight, client, *choice)));
            }
            let mut further = Vec::new();
            for choice in choices {
                if self.model.step_into(&state, Action { client, choice }, &mut step).is_err() {
                    continue;
                }
                let (mut shown, mut spent) = (rows.clone(), spent.clone());
                spent.extend(spending(&step.effects, &step.taken));
                match self.watch(&step, client, &mut shown) {
                    Some(result) => {
                        let first = || (Set::default(), spent);
                        let (ending, _) = ends.entry((result, shown)).or_insert_with(first);
                        ending.insert(step.state.clone());
                    }
                    None => {
                        if met.insert((step.state.clone(), shown.clone())) {
                            further.push((step.state.clone(), shown, spent));
                        }
                    }
                }
            }
            open.extend(further.into_iter().rev());
        }
        // A success first: what happens where nothing goes wrong.
        ends.sort_by(|(a, _), _, (b, _), _| (*a != Code::Ok).cmp(&(*b != Code::Ok)));
        let replies = ends.into_iter().map(|((result, rows), (states, spent))| {
            let next = self.believe(states);
            Reply { result, rows, spent, next }
        });
        replies.collect::<Vec<_>>().into()
    }

    /// Adds the rows that a step shows; the result if the call returns with it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a client sees no more than these")]
    fn watch(&self, step: &Step, client: ClientId, rows: &mut Vec<Row>) -> Option<Code> {
        let mut returned = None;
        let words = self.model.words();
        for effect in &step.effects {
            match *effect {
                Effect::StatusRow { row, status, .. } => {
                    let name = match row {
                        StatusRow::Subsystem(_) => "MAPI_SUBSYSTEM",
                        StatusRow::Spooler => "MAPI_SPOOLER",
                        StatusRow::AddressBook => "MAPI_AB",
                        StatusRow::Provider(id) => words.provider(id),
                    };
                    rows.push((name.to_owned(), Some(status)));
                }
                Effect::StoreRow { provider, .. } => {
                    rows.push((words.provider(provider).to_owned(), None));
                }
                Effect::Returned { client: whose, result, .. } if whose == client => {
                    returned = Some(result);
                }
                _ => {}
            }
        }
        returned
    }

    fn believe(&mut self, states: Set<State>) -> Belief {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let all: Vec<u32> =
            states.into_iter().map(|state| number(self.states.insert_full(state).0)).collect();
        Belief(number(self.beliefs.insert_full(all.into()).0))
    }
}

/// Whether a provider that is tried meets what the weather has for it.
fn suits(weather: &Weather, sight: Sight<'_>, client: ClientId, choice: Choice) -> bool {
    let (Choice::Try(fate), Offer::Try(Task::Run(provider))) = (choice, sight.offer(client)) else {
        return true;
    };
    let met = weather.get(provider.index()).copied().flatten();
    let had = sight.fault(provider);
    fate.struck == met.filter(|_| had != met) && fate.repaired == (had.is_some() && had != met)
}

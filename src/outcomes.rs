//! Outcomes: everything a scenario can look like from outside, found by trying everything.
//!
//! A node of the search is a state together with what its calls came to so far, so that runs that
//! look alike and have the same future are followed once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::{Action, Dialog, Effect};
use mapi_logon_model::scenario::split_call;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use crate::intern::{Interner, Set};

/// What the search found.
#[derive(Debug)]
pub struct Outcomes {
    /// Every distinct outcome, sorted by its text.
    pub outcomes: Vec<Vec<CallRecord>>,
    /// How many nodes were visited.
    pub nodes: usize,
    /// How many nodes end before a dialog that nobody may answer.
    pub blocked: usize,
    /// Was everything visited?
    pub complete: bool,
}

/// What a client's calls came to: a list, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Entry {
    before: u32,
    record: Record,
    dialogs: u32,
}

/// The dialogs of a call: a list, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Shown {
    before: u32,
    dialog: Dialog,
}

/// The end of every list.
const NOTHING: u32 = u32::MAX;

struct Search<'a, const SHORTEST: bool> {
    model: &'a Model,
    with_dialogs: bool,
    entries: Interner<Entry>,
    shown: Interner<Shown>,
    /// The nodes from which a step leads on.
    goes_on: Vec<bool>,
    enough: &'a mut dyn FnMut(usize, u64) -> bool,
}

/// What each client's calls came to so far, and the dialogs of its call in progress.
type Past = Box<[(u32, u32)]>;

/// Finds every outcome; gives up after `max_nodes`.
#[must_use]
pub fn outcomes(model: &Model, with_dialogs: bool, max_nodes: usize) -> Outcomes {
    outcomes_until(model, with_dialogs, &mut |nodes, _| nodes > max_nodes)
}

/// Finds every outcome, unless `enough` says so of the number of nodes met so far and of the bytes
/// they take.
#[must_use]
pub fn outcomes_until(
    model: &Model,
    with_dialogs: bool,
    enough: &mut dyn FnMut(usize, u64) -> bool,
) -> Outcomes {
    find::<false>(model, with_dialogs, enough).0
}

/// As [`outcomes_until`], with a shortest run to each outcome.
#[must_use]
pub fn shortest_until(
    model: &Model,
    with_dialogs: bool,
    enough: &mut dyn FnMut(usize, u64) -> bool,
) -> (Outcomes, Vec<Vec<Action>>) {
    find::<true>(model, with_dialogs, enough)
}

/// The outcomes, and if they are asked for the shortest runs to them.
fn find<const SHORTEST: bool>(
    model: &Model,
    with_dialogs: bool,
    enough: &mut dyn FnMut(usize, u64) -> bool,
) -> (Outcomes, Vec<Vec<Action>>) {
    let mut search = Search::<SHORTEST> {
        model,
        with_dialogs,
        entries: Interner::default(),
        shown: Interner::default(),
        goes_on: Vec::new(),
        enough,
    };
    let nothing = vec![(NOTHING, NOTHING); model.scenario().clients.len()];
    let explored = model.explore_with(nothing.into(), &mut search);
    let mut ended = Set::default();
    let mut texts = Vec::new();
    let mut blocked = 0;
    search.goes_on.resize(explored.len(), false);
    explored.unvisited.iter().for_each(|node| search.goes_on[*node] = true);
    for node in (0..explored.len()).filter(|node| !search.goes_on[*node]) {
        if !model.has_ended(&explored.world(model, node).cursor) {
            blocked += 1;
            continue;
        }
        let ends: Vec<_> = explored.kept(node).iter().map(|(end, _)| *end).collect();
        if ended.insert(ends.clone()) {
            let outcomes = search.outcomes(&ends).into_iter();
            texts.extend(outcomes.map(|(text, outcome)| (text, outcome, node)));
        }
    }
    texts.sort_by(|a, b| (&a.0, a.2).cmp(&(&b.0, b.2)));
    texts.dedup_by(|a, b| a.0 == b.0);
    let runs = texts.iter().filter(|_| SHORTEST).map(|(_, _, node)| explored.run(*node)).collect();
    let found = Outcomes {
        outcomes: texts.into_iter().map(|(_, outcome, _)| outcome).collect(),
        nodes: explored.len(),
        blocked,
        complete: explored.complete,
    };
    (found, runs)
}

impl<const SHORTEST: bool> Visitor<Past> for Search<'_, SHORTEST> {
    // A search that ends early has outcomes of some runs rather than the first steps of all.
    const DEPTH_FIRST: bool = !SHORTEST;

    /// Adds what the step showed to the lists of its client.
    fn keep(&mut self, visit: &Visit<'_, Past>) -> Option<Past> {
        let mut past = visit.kept.clone();
        let (list, dialogs) = &mut past[visit.action.client.index()];
        if self.with_dialogs {
            for effect in &visit.step.effects {
                if let Effect::Displayed { dialog, .. } = *effect {
                    let before = *dialogs;
                    *dialogs = self.shown.id(Shown { before, dialog });
                }
            }
        }
        if let Some(record) = Record::of(self.model, visit.world, visit.action, visit.step) {
            *list = self.entries.id(Entry { before: *list, record, dialogs: *dialogs });
            *dialogs = NOTHING;
        }
        Some(past)
    }

    fn meet(&mut self, visit: &Visit<'_, Past>, _to: usize) {
        let most = self.goes_on.len().max(visit.from + 1);
        self.goes_on.resize(most, false);
        self.goes_on[visit.from] = true;
    }

    fn is_done(&mut self, known: usize) -> bool {
        let bytes = self.bytes(known);
        (self.enough)(known, bytes)
    }
}

impl<const SHORTEST: bool> Search<'_, SHORTEST> {
    /// Bytes in use, as far as they grow with the search.
    fn bytes(&self, nodes: usize) -> u64 {
        // What a table takes beside an item; a table that grows is there twice for a moment.
        const BESIDE: usize = 16;
        let words = (self.model.layout().bits() as usize).div_ceil(64).max(1);
        let past = self.model.scenario().clients.len();
        let node = (words + past) * size_of::<u64>() + 6 * BESIDE + size_of::<Action>();
        let entries = self.entries.len() * 2 * (size_of::<Entry>() + BESIDE);
        let shown = self.shown.len() * 2 * (size_of::<Shown>() + BESIDE);
        (nodes * 2 * node + entries + shown) as u64
    }

    /// The outcomes that end so and their JSON texts, sessions numbered by first appearance: one
    /// for each choice between names that mean the same.
    fn outcomes(&self, ends: &[u32]) -> Vec<(String, Vec<CallRecord>)> {
        let mut sessions = Vec::new();
        let mut outcomes = vec![Vec::new()];
        for end in ends {
            for entry in chain(*end, |at| self.entries.at(at), |entry| entry.before) {
                let number = entry.record.session.map(|session| {
                    let known = sessions.iter().position(|one| *one == session);
                    known.unwrap_or_else(|| {
                        sessions.push(session);
                        sessions.len() - 1
                    }) + 1
                });
                let mut record = CallRecord::new(self.model, &entry.record, number);
                if self.with_dialogs {
                    let shown = chain(entry.dialogs, |at| self.shown.at(at), |one| one.before);
                    let words = self.model.words();
                    let names = shown.into_iter().map(|one| words.dialog(one.dialog));
                    record.dialogs = Some(names.collect());
                }
                outcomes = each_name(self.model, &entry.record, &record, &outcomes);
            }
        }
        let text = |records: &Vec<_>| serde_json::to_string(records).unwrap_or_default();
        outcomes.into_iter().map(|records| (text(&records), records)).collect()
    }
}

/// The outcomes with this record added, one for each name that the call may have passed.
fn each_name(
    model: &Model,
    record: &Record,
    call: &CallRecord,
    outcomes: &[Vec<CallRecord>],
) -> Vec<Vec<CallRecord>> {
    let client = &model.scenario().clients[record.client.index()];
    let names: Vec<_> = match record.passed {
        None => vec![None],
        Some(logon) => client.passed(logon.name).map(|name| Some(given(name))).collect(),
    };
    let longer = |outcome: &Vec<CallRecord>| {
        let longer = names.iter().map(|name| {
            let added = CallRecord { name: name.clone(), ..call.clone() };
            outcome.iter().cloned().chain([added]).collect()
        });
        longer.collect::<Vec<_>>()
    };
    outcomes.iter().flat_map(longer).collect()
}

/// A name as an outcome has it: an empty one is none (AMB-30).
fn given(name: Option<&str>) -> Option<String> {
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// A list in the order in which it grew.
fn chain<T: Copy>(end: u32, at: impl Fn(u32) -> T, before: impl Fn(&T) -> u32) -> Vec<T> {
    let mut items = Vec::new();
    let mut place = end;
    while place != NOTHING {
        let item = at(place);
        place = before(&item);
        items.push(item);
    }
    items.reverse();
    items
}

/// What a call came to: an outcome is a list of these, `mapi-logon outcomes` writes all outcomes.
///
/// Outcomes are sorted by their JSON text with sorted keys, so the fields are in that order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallRecord {
    /// Which of the client's calls, from 1.
    pub call: u32,
    /// Who called.
    pub client: String,
    /// The dialogs displayed, in order, with `--dialogs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialogs: Option<Vec<String>>,
    /// The flags that a logon passed, sorted, where its client chooses its parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<Vec<String>>,
    /// Did the call join a session?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<bool>,
    /// `shared` if others can join the session under the readings in force, else `individual`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Cow<'static, str>>,
    /// What.
    pub method: String,
    /// The profile name that a logon passed, if any, where its client chooses its parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(default, deserialize_with = "even_null")]
    #[allow(clippy::option_option, reason = "null is said, and so is nothing")]
    pub name: Option<Option<String>>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Run-states of providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<BTreeMap<String, Cow<'static, str>>>,
    /// The result.
    pub result: Cow<'static, str>,
    /// The stores of `GetMsgStoresTable`, in profile order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<Vec<String>>,
    /// Services, `enabled` or `disabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<BTreeMap<String, Cow<'static, str>>>,
    /// The session, numbered by first appearance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<usize>,
    /// On what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

/// A value that is there, and may be null.
#[allow(clippy::option_option, reason = "null is said, and so is nothing")]
fn even_null<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(from).map(Some)
}

impl CallRecord {
    /// The record of a call, its session under the number the outcome gives it.
    #[must_use]
    pub fn new(model: &Model, record: &Record, number: Option<usize>) -> Self {
        let scenario = model.scenario();
        let client = &scenario.clients[record.client.index()];
        let (method, target) = split_call(&client.written[usize::from(record.call)]);
        let mut call = Self {
            call: u32::from(record.call) + 1,
            client: client.name.clone(),
            method: method.to_owned(),
            target: target.map(str::to_owned),
            result: record.code.name().into(),
            ..Self::default()
        };
        call.flags = record.passed.map(|logon| {
            let mut flags: Vec<_> = logon.flags.iter_names().map(|(name, _)| name).collect();
            flags.sort_unstable();
            flags.into_iter().map(str::to_owned).collect()
        });
        let Some(number) = number else {
            return call;
        };
        call.session = Some(number);
        if method == "MAPILogonEx" {
            let flags = record.snapshot.map(|snapshot| snapshot.flags());
            let shared = flags.is_some_and(|flags| model.is_shared(flags));
            let profile = record.snapshot.and_then(|snapshot| snapshot.profile());
            call.joined = Some(record.joined);
            call.kind = Some(if shared { "shared" } else { "individual" }.into());
            call.profile = profile.map(|profile| scenario.profiles[profile.index()].name.clone());
        }
        if method == "GetMsgStoresTable" {
            let rows = record
                .stores(model)
                .map(|provider| scenario.providers[provider.index()].name.clone());
            call.rows = Some(rows.collect());
        }
        if record.snapshot.is_some() {
            let services = record.services().map(|(service, disabled)| {
                let state = if disabled { "disabled" } else { "enabled" };
                (scenario.services[service.index()].name.clone(), state.into())
            });
            let providers = record.providers(model).map(|(provider, state)| {
                let name = scenario.providers[provider.index()].name.clone();
                (name, state.name().into())
            });
            call.services = Some(services.collect());
            call.providers = Some(providers.collect());
        }
        call
    }
}

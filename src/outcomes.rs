//! What can a scenario look like from outside? Every distinct outcome, found by trying everything.
//!
//! A node of the search is a state together with what its calls came to so far, so that runs that
//! look alike and have the same future are followed once.

use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::effect::{Dialog, Effect};
use mapi_logon_model::ids::{CLIENTS, ClientId};
use mapi_logon_model::model::Model;
use mapi_logon_model::outcome::Record;
use mapi_logon_model::scenario::split_call;
use mapi_logon_model::step::Step;
use serde_json::{Map, Value, json};

use crate::intern::{Interner, Set};

/// What the search found.
#[derive(Debug)]
pub struct Outcomes {
    /// Every distinct outcome, sorted by its text.
    pub outcomes: Vec<Value>,
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

struct Search<'a> {
    model: &'a Model,
    with_dialogs: bool,
    words: usize,
    entries: Interner<Entry>,
    shown: Interner<Shown>,
    seen: Set<Box<[u64]>>,
    open: Vec<Box<[u64]>>,
    ended: Set<[u32; CLIENTS]>,
    blocked: usize,
}

/// Finds every outcome; gives up after `max_nodes`.
#[must_use]
pub fn outcomes(model: &Model, with_dialogs: bool, max_nodes: usize) -> Outcomes {
    outcomes_until(model, with_dialogs, &mut |nodes, _| nodes > max_nodes)
}

/// Finds every outcome, unless `enough` says so of the number of nodes visited so far and of the
/// bytes they take.
#[must_use]
pub fn outcomes_until(
    model: &Model,
    with_dialogs: bool,
    enough: &mut dyn FnMut(usize, u64) -> bool,
) -> Outcomes {
    let words = (model.state_bits() as usize).div_ceil(64).max(1);
    let mut search = Search {
        model,
        with_dialogs,
        words,
        entries: Interner::default(),
        shown: Interner::default(),
        seen: Set::default(),
        open: Vec::new(),
        ended: Set::default(),
        blocked: 0,
    };
    let mut first = vec![0; words + CLIENTS];
    model.encode(&model.initial(), &mut BitWriter::new(&mut first[..words]));
    first[words..].fill(pair(NOTHING, NOTHING));
    search.visit(&first);
    let mut step = Step::at(model.initial());
    while let Some(node) = search.open.pop() {
        if enough(search.seen.len(), search.bytes()) {
            search.open.push(node);
            break;
        }
        search.expand(&node, &mut step);
    }
    let ended = search.ended.iter();
    let mut texts: Vec<(String, Value)> = ended.map(|ends| search.outcome(ends)).collect();
    texts.sort_by(|a, b| a.0.cmp(&b.0));
    texts.dedup_by(|a, b| a.0 == b.0);
    Outcomes {
        outcomes: texts.into_iter().map(|(_, value)| value).collect(),
        nodes: search.seen.len(),
        blocked: search.blocked,
        complete: search.open.is_empty(),
    }
}

impl Search<'_> {
    /// Bytes in use, as far as they grow with the search.
    fn bytes(&self) -> u64 {
        // Every node and item is an allocation or a slot of its own, with some bytes beside it.
        const BESIDE: usize = 16;
        let node = (self.words + CLIENTS) * size_of::<u64>() + BESIDE;
        let nodes = (self.seen.len() + self.open.len()) * node;
        // A table or list that grows is there twice for a moment, the second time twice as large.
        let places = (self.seen.capacity() + self.open.capacity()) * 3 * (BESIDE + 1);
        let entries = self.entries.len() * 2 * (size_of::<Entry>() + BESIDE);
        let shown = self.shown.len() * 2 * (size_of::<Shown>() + BESIDE);
        let ended = self.ended.capacity() * (size_of::<[u32; CLIENTS]>() + BESIDE);
        (nodes + places + entries + shown + ended) as u64
    }

    fn visit(&mut self, node: &[u64]) {
        if !self.seen.contains(node) {
            let node: Box<[u64]> = node.into();
            self.seen.insert(node.clone());
            self.open.push(node);
        }
    }

    fn expand(&mut self, node: &[u64], step: &mut Step) {
        let model = self.model;
        let state = model.decode(&mut BitReader::new(&node[..self.words]));
        let mut next = node.to_vec();
        let mut any = false;
        model.each_successor(&state, step, &mut |action, step| {
            any = true;
            next[self.words..].copy_from_slice(&node[self.words..]);
            self.remember(action.client, step, &mut next);
            model.encode(&step.state, &mut BitWriter::new(&mut next[..self.words]));
            self.visit(&next);
        });
        if model.has_ended(&state) {
            let mut ends = [NOTHING; CLIENTS];
            for (end, packed) in ends.iter_mut().zip(&node[self.words..]) {
                *end = unpair(*packed).0;
            }
            self.ended.insert(ends);
        } else if !any {
            self.blocked += 1;
        }
    }

    /// Adds what the step showed to the lists of its client.
    fn remember(&mut self, client: ClientId, step: &Step, node: &mut [u64]) {
        let place = self.words + client.index();
        let (mut list, mut dialogs) = unpair(node[place]);
        if self.with_dialogs {
            for effect in &step.effects {
                if let Effect::Displayed { dialog, .. } = *effect {
                    dialogs = self.shown.id(Shown { before: dialogs, dialog });
                }
            }
        }
        if let Some(record) = Record::of(self.model, step) {
            list = self.entries.id(Entry { before: list, record, dialogs });
            dialogs = NOTHING;
        }
        node[place] = pair(list, dialogs);
    }

    /// An outcome as text and as JSON, its sessions numbered by first appearance.
    fn outcome(&self, ends: &[u32; CLIENTS]) -> (String, Value) {
        let mut sessions = Vec::new();
        let mut records = Vec::new();
        for end in ends {
            for entry in chain(*end, |at| self.entries.at(at), |entry| entry.before) {
                let number = entry.record.session.map(|session| {
                    let known = sessions.iter().position(|one| *one == session);
                    known.unwrap_or_else(|| {
                        sessions.push(session);
                        sessions.len() - 1
                    }) + 1
                });
                let mut record = record_json(self.model, &entry.record, number);
                if self.with_dialogs {
                    let shown = chain(entry.dialogs, |at| self.shown.at(at), |one| one.before);
                    let words = self.model.words();
                    let names = shown.into_iter().map(|one| words.dialog(one.dialog));
                    record.insert("dialogs".to_owned(), names.collect());
                }
                records.push(Value::Object(record));
            }
        }
        let value = Value::Array(records);
        (value.to_string(), value)
    }
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

/// A record as JSON, its session under the number the outcome gives it.
#[must_use]
pub fn record_json(model: &Model, record: &Record, number: Option<usize>) -> Map<String, Value> {
    let scenario = model.scenario();
    let client = &scenario.clients[record.client.index()];
    let (method, target) = split_call(&client.written[usize::from(record.call)]);
    let mut json = Map::new();
    json.insert("call".to_owned(), json!(record.call + 1));
    json.insert("client".to_owned(), json!(client.name));
    json.insert("method".to_owned(), json!(method));
    if let Some(target) = target {
        json.insert("target".to_owned(), json!(target));
    }
    json.insert("result".to_owned(), json!(record.code.name()));
    let Some((session, number)) = record.session.zip(number) else {
        return json;
    };
    json.insert("session".to_owned(), json!(number));
    if method == "MAPILogonEx" {
        let shared = model.establishing(session).shareable;
        json.insert("joined".to_owned(), json!(record.joined));
        json.insert("kind".to_owned(), json!(if shared { "shared" } else { "individual" }));
        let profile = record.snapshot.and_then(|snapshot| snapshot.profile());
        let profile = profile.map(|profile| scenario.profiles[profile.index()].name.as_str());
        json.insert("profile".to_owned(), json!(profile));
    }
    if record.snapshot.is_some() {
        let services: Map<String, Value> = record
            .services()
            .map(|(service, disabled)| {
                let state = if disabled { "disabled" } else { "enabled" };
                (scenario.services[service.index()].name.clone(), json!(state))
            })
            .collect();
        let providers: Map<String, Value> = record
            .providers(model)
            .map(|(p, state)| (scenario.providers[p.index()].name.clone(), json!(state.name())))
            .collect();
        json.insert("services".to_owned(), Value::Object(services));
        json.insert("providers".to_owned(), Value::Object(providers));
    }
    json
}

fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves of a word")]
fn unpair(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

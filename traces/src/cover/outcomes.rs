//! How is every outcome shown by the shortest run? States are told apart by what led to them.

use std::collections::BTreeMap;

use mapi_logon_model::action::Action;
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::ids::CLIENTS;
use mapi_logon_model::model::Model;
use mapi_logon_model::outcome::Record;
use mapi_logon_model::state::Session;
use mapi_logon_model::step::Step;

use super::{Coverage, Criterion, Size, Suite};
use crate::fold::{Set, Table};
use crate::trace::Expect;
use crate::write::Trace;

/// What calls have come to: a list, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Entry {
    before: u32,
    record: Record,
}

/// The end of a list, and the parent of the first node.
const NOTHING: u32 = u32::MAX;

struct Search<'a> {
    model: &'a Model,
    words: usize,
    /// State and lists of every node, one after the other.
    nodes: Vec<u64>,
    came: Vec<(u32, Action)>,
    seen: Set<Box<[u64]>>,
    entries: Vec<Entry>,
    numbers: Table<Entry, u32>,
}

/// The runs that show every outcome, each the shortest that does.
pub(super) fn cover(model: &Model, goes_on: &mut dyn FnMut(usize) -> bool) -> Suite {
    let words = (model.state_bits() as usize).div_ceil(64).max(1);
    let mut search = Search {
        model,
        words,
        nodes: Vec::new(),
        came: Vec::new(),
        seen: Set::default(),
        entries: Vec::new(),
        numbers: Table::default(),
    };
    let (found, complete) = search.run(goes_on);
    let mut traces = Vec::new();
    for node in found.values() {
        let run = search.actions(*node);
        let outcome = format!("outcome {}", traces.len() + 1);
        let expect = Expect { covers: vec![outcome], ..Expect::conforms() };
        traces.extend(Trace::record(model, run, expect));
    }
    let steps = traces.iter().map(|trace| trace.lines.len()).sum();
    let size = Size { traces: traces.len(), steps };
    let coverage = Coverage {
        criterion: Criterion::Outcomes,
        covered: traces.len(),
        reachable: found.len(),
        complete,
        states: search.came.len(),
        size,
        at_least: size,
        uncovered: Vec::new(),
    };
    Suite { traces, coverage }
}

/// An outcome as it can be compared: sessions numbered by first appearance.
type Outcome = Vec<(u8, u8, u8, Option<usize>, bool, [u64; 4])>;

impl Search<'_> {
    /// The first node, breadth first, with every outcome; was everything explored?
    fn run(&mut self, goes_on: &mut dyn FnMut(usize) -> bool) -> (BTreeMap<Outcome, u32>, bool) {
        let model = self.model;
        let mut node = vec![0; self.words + CLIENTS];
        model.encode(&model.initial(), &mut BitWriter::new(&mut node[..self.words]));
        node[self.words..].fill(u64::from(NOTHING));
        let first = Action {
            client: mapi_logon_model::ids::ClientId(0),
            choice: mapi_logon_model::action::Choice::Proceed,
        };
        self.visit(&node, NOTHING, first);
        let mut found = BTreeMap::new();
        let mut step = Step::at(model.initial());
        let mut at = 0;
        while at < self.came.len() && goes_on(self.came.len()) {
            let place = at * (self.words + CLIENTS);
            let node: Vec<u64> = self.nodes[place..place + self.words + CLIENTS].to_vec();
            let state = model.decode(&mut BitReader::new(&node[..self.words]));
            let number = u32::try_from(at).unwrap_or(NOTHING);
            if model.has_ended(&state) {
                found.entry(self.outcome(&node[self.words..])).or_insert(number);
            }
            let mut next = node.clone();
            model.each_successor(&state, &mut step, &mut |action, step| {
                next[self.words..].copy_from_slice(&node[self.words..]);
                self.remember(action, step, &mut next);
                model.encode(&step.state, &mut BitWriter::new(&mut next[..self.words]));
                self.visit(&next, number, action);
            });
            at += 1;
        }
        (found, at == self.came.len())
    }

    fn visit(&mut self, node: &[u64], from: u32, action: Action) {
        if !self.seen.contains(node) {
            self.seen.insert(node.into());
            self.nodes.extend_from_slice(node);
            self.came.push((from, action));
        }
    }

    /// Adds what the step returned to the list of its client.
    fn remember(&mut self, action: Action, step: &Step, node: &mut [u64]) {
        let Some(record) = Record::of(self.model, step) else {
            return;
        };
        let list = &mut node[self.words + action.client.index()];
        let entry = Entry { before: u32::try_from(*list).unwrap_or(NOTHING), record };
        let next = u32::try_from(self.entries.len()).unwrap_or(NOTHING);
        let number = *self.numbers.entry(entry).or_insert_with(|| {
            self.entries.push(entry);
            next
        });
        *list = u64::from(number);
    }

    fn outcome(&self, lists: &[u64]) -> Outcome {
        let mut outcome = Outcome::new();
        let mut sessions = Vec::new();
        for list in lists {
            let mut own = Vec::new();
            let mut at = u32::try_from(*list).unwrap_or(NOTHING);
            while let Some(entry) = self.entries.get(at as usize) {
                own.push(entry.record);
                at = entry.before;
            }
            for record in own.into_iter().rev() {
                let session = record.session.map(|session| {
                    let known = sessions.iter().position(|one| *one == session);
                    known.unwrap_or_else(|| {
                        sessions.push(session);
                        sessions.len() - 1
                    })
                });
                let shown = shown(self.model, &record);
                let code = record.code as u8;
                outcome.push((record.client.0, record.call, code, session, record.joined, shown));
            }
        }
        outcome
    }

    fn actions(&self, node: u32) -> Vec<Action> {
        let mut actions = Vec::new();
        let mut at = node;
        while let Some((from, action)) = self.came.get(at as usize).filter(|_| at != 0) {
            actions.push(*action);
            at = *from;
        }
        actions.reverse();
        actions
    }
}

/// What a record shows of its session: profile and kind, services, providers.
fn shown(model: &Model, record: &Record) -> [u64; 4] {
    let slot = record.snapshot.unwrap_or(Session::NONE);
    let profile = slot.profile().map_or(0, |profile| u64::from(profile.0) + 1);
    let shared = record.session.is_some_and(|session| model.establishing(session).shareable);
    let services = u64::from(slot.services().0) << 16 | u64::from(slot.disabled().0);
    let running = u64::from(slot.running().0) << 32 | u64::from(slot.deferred().0);
    [profile, u64::from(shared), services, running]
}

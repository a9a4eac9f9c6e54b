//! The shortest run to every outcome: states that differ in what led to them are kept apart.

use std::collections::BTreeMap;

use indexmap::IndexSet;
use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::{Dialog, Effect};
use mapi_logon_model::world::Session;
use rustc_hash::FxBuildHasher;

use super::suite::{Coverage, Criterion, Size, Suite};
use crate::trace::Expect;
use crate::write::Trace;

/// What a call came to, or a dialog on the way: a list, newest first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Entry {
    before: u32,
    shown: Shown,
}

/// What clients and users see.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Shown {
    /// The result of a call.
    Result(Record),
    /// A dialog.
    Dialog(Dialog),
}

/// The end of a list.
const NOTHING: u32 = u32::MAX;

/// For each client the list of the results of its calls, and of their dialogs.
type Lists = Box<[u32]>;

struct Explorer<'a> {
    model: &'a Model,
    with_dialogs: bool,
    entries: IndexSet<Entry, FxBuildHasher>,
    goes_on: &'a mut dyn FnMut(usize) -> bool,
}

impl Visitor<Lists> for Explorer<'_> {
    /// Adds what the step showed and returned to the list of its client.
    fn keep(&mut self, visit: &Visit<'_, Lists>) -> Option<Lists> {
        let mut lists = visit.kept.clone();
        let list = &mut lists[visit.action.client.index()];
        let mut add = |shown| {
            let number = self.entries.insert_full(Entry { before: *list, shown }).0;
            *list = u32::try_from(number).unwrap_or(NOTHING);
        };
        for effect in visit.step.effects.iter().filter(|_| self.with_dialogs) {
            if let Effect::Displayed { dialog, .. } = *effect {
                add(Shown::Dialog(dialog));
            }
        }
        if let Some(record) = Record::of(self.model, visit.world, visit.action, visit.step) {
            add(Shown::Result(record));
        }
        Some(lists)
    }

    fn is_done(&mut self, known: usize) -> bool {
        !(self.goes_on)(known)
    }
}

/// The runs that show every outcome, each the shortest that does.
pub(super) fn cover(
    model: &Model,
    criterion: Criterion,
    goes_on: &mut dyn FnMut(usize) -> bool,
) -> Suite {
    let with_dialogs = criterion == Criterion::OutcomesWithDialogs;
    let mut explorer = Explorer { model, with_dialogs, entries: IndexSet::default(), goes_on };
    let first = vec![NOTHING; model.scenario().clients.len()];
    let explored = model.explore_with(first.into(), &mut explorer);
    let mut found = BTreeMap::new();
    for node in 0..explored.len() {
        if model.has_ended(&explored.world(model, node).cursor) {
            let outcome = explorer.outcome(explored.kept(node));
            found.entry(outcome).or_insert(node);
        }
    }
    let mut traces = Vec::new();
    for node in found.values() {
        let expect =
            Expect { covers: vec![format!("outcome {}", traces.len() + 1)], ..Expect::conforms() };
        traces.extend(Trace::record(model, explored.run(*node), expect));
    }
    let size =
        Size { traces: traces.len(), steps: traces.iter().map(|trace| trace.lines.len()).sum() };
    let coverage = Coverage {
        criterion,
        covered: traces.len(),
        reachable: found.len(),
        complete: explored.complete,
        states: explored.len(),
        size,
        clauses: super::clauses(&traces),
        at_least: size,
        uncovered: Vec::new(),
    };
    Suite { traces, coverage }
}

/// An outcome as it can be compared: sessions numbered by first appearance.
type Outcome = Vec<(Vec<Dialog>, u32, u8, u8, Option<usize>, bool, [u64; 4])>;

impl Explorer<'_> {
    fn outcome(&self, lists: &[u32]) -> Outcome {
        let mut outcome = Outcome::new();
        let mut sessions = IndexSet::<_, FxBuildHasher>::default();
        for list in lists {
            let mut own = Vec::new();
            let mut at = *list;
            while let Some(entry) = self.entries.get_index(at as usize) {
                own.push(entry.shown);
                at = entry.before;
            }
            let mut dialogs = Vec::new();
            for entry in own.into_iter().rev() {
                let record = match entry {
                    Shown::Result(record) => record,
                    Shown::Dialog(dialog) => {
                        dialogs.push(dialog);
                        continue;
                    }
                };
                let session = record.session.map(|session| sessions.insert_full(session).0);
                let shown = shown(self.model, &record);
                let (client, code) = (record.client.0, record.code as u8);
                let dialogs = std::mem::take(&mut dialogs);
                outcome.push((dialogs, client, record.call, code, session, record.joined, shown));
            }
        }
        outcome
    }
}

/// What a record shows of its session: profile and kind, services, providers.
fn shown(model: &Model, record: &Record) -> [u64; 4] {
    let slot = record.snapshot.unwrap_or(Session::NONE);
    let profile = slot.profile().map_or(0, |profile| u64::from(profile.0) + 1);
    let shared = model.is_shared(slot.flags());
    let services = u64::from(slot.services().0) << 16 | u64::from(slot.disabled().0);
    let running = u64::from(slot.running().0) << 32 | u64::from(slot.deferred().0);
    [profile, u64::from(shared), services, running]
}

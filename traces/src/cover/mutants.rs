//! How does a wrong machine show? By the shortest run whose last step the right one does not take.

use mapi_logon_model::action::Action;
use mapi_logon_model::bits::BitWriter;
use mapi_logon_model::model::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;

use crate::fold::Set;
use crate::machine::Run;
use crate::trace::{Calls, Expect, Header, Verdict};
use crate::write::Trace;

/// The shortest run of the mutant that the machine cannot follow, if there is one within `most`
/// states; some steps after the one that differs are kept.
#[must_use]
pub fn divergence(model: &Model, mutant: Mutant, most: usize) -> Option<Trace> {
    let wrong = Model::new(model.scenario().clone()).mutated(mutant);
    let actions = shortest(model, &wrong, most)?;
    let line = u64::try_from(actions.len()).ok()? + 1;
    let expect = Expect {
        verdict: Verdict::Diverges,
        line: Some(line),
        property: mutant.killers().first().map(|id| (*id).to_owned()),
        mutant: Some(mutant.name().to_owned()),
        covers: Vec::new(),
    };
    let header = Header::new(model.scenario(), Calls::Listed, expect);
    let mut run = Run::of(wrong);
    let mut lines = Vec::new();
    for action in actions {
        lines.push(run.take(action)?);
    }
    for _ in 0..2 {
        let mut next = None;
        let state = *run.state();
        run.model().successors(&state, |action, _| next = next.or(Some(action)));
        lines.extend(next.and_then(|action| run.take(action)));
    }
    Some(Trace { header, lines })
}

/// A step of the search: what both machines came to, where from, and by what.
type Node = (State, State, usize, Option<Action>);

/// Breadth first through what both machines do, until they part visibly.
fn shortest(model: &Model, wrong: &Model, most: usize) -> Option<Vec<Action>> {
    let start = (model.initial(), wrong.initial());
    let mut seen: Set<(State, State)> = Set::default();
    seen.insert(start);
    let mut queue: Vec<Node> = vec![(start.0, start.1, usize::MAX, None)];
    let mut own = Step::at(model.initial());
    let mut step = Step::at(model.initial());
    let mut at = 0;
    while at < queue.len() && queue.len() < most {
        let (right, other, ..) = queue[at];
        let mut parting = None;
        let mut found: Vec<Node> = Vec::new();
        wrong.each_successor(&other, &mut step, &mut |action, theirs| {
            let enabled = model.step_into(&right, action, &mut own).is_ok();
            if !enabled || differs(model, &own, theirs) {
                parting = parting.or(Some(action));
            } else if seen.insert((own.state, theirs.state)) {
                found.push((own.state, theirs.state, at, Some(action)));
            }
        });
        if let Some(last) = parting {
            let mut actions = vec![last];
            let mut place = at;
            while let Some((_, _, before, Some(action))) = queue.get(place) {
                actions.push(*action);
                place = *before;
            }
            actions.reverse();
            return Some(actions);
        }
        queue.extend(found);
        at += 1;
    }
    None
}

/// Do two steps differ in what a trace says of them?
fn differs(model: &Model, own: &Step, theirs: &Step) -> bool {
    let words = |state: &State| {
        let mut words = vec![0; (model.state_bits() as usize).div_ceil(64).max(1)];
        model.encode(state, &mut BitWriter::new(&mut words));
        words
    };
    own.effects != theirs.effects
        || own.taken != theirs.taken
        || words(&own.state) != words(&theirs.state)
}

//! How does a wrong machine show? By the shortest run whose last step the right one does not take.

use mapi_logon_model::action::Action;
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::model::Model;
use mapi_logon_model::mutant::Mutant;
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

/// Breadth first through the states that both come to, until they part.
fn shortest(model: &Model, wrong: &Model, most: usize) -> Option<Vec<Action>> {
    let words = (model.state_bits() as usize).div_ceil(64).max(1);
    let mut first = vec![0; words];
    model.encode(&model.initial(), &mut BitWriter::new(&mut first));
    let mut seen: Set<Box<[u64]>> = Set::default();
    seen.insert(first.as_slice().into());
    let mut queue = vec![(first, usize::MAX, None)];
    let mut own = Step::at(model.initial());
    let mut step = Step::at(model.initial());
    let mut at = 0;
    while at < queue.len() && queue.len() < most {
        let state = model.decode(&mut BitReader::new(&queue[at].0));
        let mut parting = None;
        let mut found = Vec::new();
        wrong.each_successor(&state, &mut step, &mut |action, theirs| {
            let same = model.step_into(&state, action, &mut own).is_ok() && own == *theirs;
            if !same {
                parting = parting.or(Some(action));
                return;
            }
            let mut next = vec![0; words];
            model.encode(&own.state, &mut BitWriter::new(&mut next));
            if seen.insert(next.as_slice().into()) {
                found.push((next, at, Some(action)));
            }
        });
        if let Some(last) = parting {
            let mut actions = vec![last];
            let mut place = at;
            while let Some((_, before, Some(action))) = queue.get(place) {
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

//! The shortest run that distinguishes a mutant: the machine does not take its last step.

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::world::State;

use crate::trace::{Calls, Expect, Header, TraceVerdict};
use crate::tracer::Tracer;
use crate::write::Trace;

/// The shortest run of the mutant that the machine cannot follow, if there is one within `most`
/// states; some steps after the one that differs are kept.
#[must_use]
pub fn divergence(model: &Model, mutant: Mutant, most: usize) -> Option<Trace> {
    let wrong = Model::new(model.scenario().clone()).mutated(mutant);
    let actions = shortest(model, &wrong, most)?;
    let line = u64::try_from(actions.len()).ok()? + 1;
    let expect = Expect {
        verdict: TraceVerdict::Diverges,
        line: Some(line),
        property: mutant.killers().first().map(|id| (*id).to_owned()),
        mutant: Some(mutant.name().to_owned()),
        covers: Vec::new(),
    };
    let header = Header::new(model, model.scenario(), Calls::Listed, expect);
    let mut run = Tracer::listed(wrong);
    let mut lines = Vec::new();
    for action in actions {
        lines.push(run.record(action)?);
    }
    for _ in 0..2 {
        let mut next = None;
        let each = |action, _: &Step, _| next = next.or(Some(action));
        run.model().successors(&run.world(), each);
        lines.extend(next.and_then(|action| run.record(action)));
    }
    Some(Trace { header, lines })
}

/// Follows both machines until they part visibly; the state of the right one is kept beside that
/// of the mutant.
struct Pair<'m> {
    right: &'m Model,
    own: Step,
    most: usize,
    /// The node in which they part, and by what.
    parting: Option<(usize, Action)>,
}

impl Visitor<State> for Pair<'_> {
    fn keep(&mut self, visit: &Visit<'_, State>) -> Option<State> {
        let Self { right, own, .. } = self;
        let enabled = right.step_into(visit.kept, visit.action, own).is_ok();
        if !enabled || own != visit.step {
            self.parting = self.parting.or(Some((visit.from, visit.action)));
            return None;
        }
        Some(own.state.clone())
    }

    fn is_done(&mut self, known: usize) -> bool {
        self.parting.is_some() || known >= self.most
    }
}

/// Breadth first through what both machines do, until they part visibly.
fn shortest(right: &Model, wrong: &Model, most: usize) -> Option<Vec<Action>> {
    let mut pair = Pair { right, own: Step::at(right.initial()), most, parting: None };
    let explored = wrong.explore_with(right.initial(), &mut pair);
    let (node, last) = pair.parting?;
    let mut actions = explored.run(node);
    actions.push(last);
    Some(actions)
}

//! The decisive effects of a run that breaks a property: those without which it would not.

use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::world::{Cursor, World};
use mapi_logon_sim::judge::Judge;

/// A step with the worlds on both sides.
struct Taken {
    before: World,
    action: Action,
    step: Step,
    after: Cursor,
}

/// The decisive effects of a run whose last step breaks entry `property` of `PROPERTIES`: each by
/// the number of its step and its place in it, both from 0. Each is found by judging the run
/// without that one effect, so that none is found where several of them alike break the property.
pub(super) fn decisive(model: &Model, actions: &[Action], property: usize) -> Vec<(usize, usize)> {
    let model = model.clone().remembering();
    let Some(mut run) = follow(&model, actions) else {
        return Vec::new();
    };
    let mut judge = Judge::new(&model);
    if !last_marks(&mut judge, &run).contains(property) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for number in 0..run.len() {
        for place in 0..run[number].step.effects.len() {
            let effect = run[number].step.effects.remove(place);
            if !last_marks(&mut judge, &run).contains(property) {
                found.push((number, place));
            }
            run[number].step.effects.insert(place, effect);
        }
    }
    found
}

fn follow(model: &Model, actions: &[Action]) -> Option<Vec<Taken>> {
    let mut world = model.start();
    let mut run = Vec::new();
    for action in actions {
        let step = model.step(&world.state, *action).ok()?;
        let after = model.advance(&world.cursor, action.client, &step);
        let before =
            std::mem::replace(&mut world, World { cursor: after, state: step.state.clone() });
        run.push(Taken { before, action: *action, step, after });
    }
    Some(run)
}

/// What the last step of a run marks.
fn last_marks(judge: &mut Judge<'_>, run: &[Taken]) -> PropertySet {
    judge.forget();
    let steps = run.iter();
    let judged = steps.map(|one| judge.see(&one.before, one.action, &one.step, &one.after));
    judged.last().unwrap_or(PropertySet::EMPTY)
}

//! Which choices are worth offering where a call rests? [`Model::step`] alone says which are enabled.

use crate::action::{Answer, Choice, Fate};
use crate::ids::ClientId;
use crate::mapi::FaultSet;
use crate::model::Model;
use crate::state::{Phase, State, Task};

impl Model {
    /// Calls `each` with every choice that could be enabled for the client.
    pub(super) fn candidates(
        &self,
        state: &State,
        client: ClientId,
        each: &mut impl FnMut(Choice),
    ) {
        match state.client(client).phase {
            Phase::Ready => each(Choice::Begin),
            Phase::Waiting => {
                each(Choice::Proceed);
                each(Choice::TimeOut);
            }
            Phase::Choosing
            | Phase::Opening { .. }
            | Phase::Disabling(..)
            | Phase::Finishing
            | Phase::Undoing(_) => each(Choice::Proceed),
            Phase::PickingProfile => {
                for profile in self.scenario().listed() {
                    each(Choice::Answer(Answer::Pick(profile)));
                }
                each(Choice::Answer(Answer::Cancel));
            }
            Phase::GivingPassword
            | Phase::Forced(_)
            | Phase::Prompting(..)
            | Phase::Asking(..) => supplying(each),
            Phase::Trying(provider, _) => {
                fates(self.scenario().providers[provider.index()].faults, each);
                each(Choice::Postpone);
            }
            Phase::Informing(task, _) => recovering(task, each),
            Phase::Reconfiguring { .. } => {
                supplying(each);
                each(Choice::Configure { completed: false });
                each(Choice::Configure { completed: true });
            }
            Phase::Confirming => {
                each(Choice::Answer(Answer::Confirm));
                each(Choice::Answer(Answer::Refuse));
            }
        }
    }
}

/// Answers to a dialog that asks for data.
fn supplying(each: &mut impl FnMut(Choice)) {
    for answer in [Answer::Supply, Answer::SupplyIncomplete, Answer::Cancel] {
        each(Choice::Answer(answer));
    }
}

/// Answers to the offer of a second try.
fn recovering(task: Task, each: &mut impl FnMut(Choice)) {
    each(Choice::Answer(Answer::Retry));
    each(Choice::Answer(Answer::Correct { completed: false }));
    if matches!(task, Task::Configure(_)) {
        each(Choice::Answer(Answer::Correct { completed: true }));
    }
    each(Choice::Answer(Answer::Decline));
}

/// Everything the environment may do to a try.
fn fates(kinds: FaultSet, each: &mut impl FnMut(Choice)) {
    for repaired in [false, true] {
        for password_found in [false, true] {
            each(Choice::Try(Fate { repaired, password_found, struck: None }));
        }
        for fault in kinds.iter() {
            each(Choice::Try(Fate { repaired, password_found: false, struck: Some(fault) }));
        }
    }
}

//! Which choices are worth offering where a call rests? [`Model::step`] says which are enabled.

use crate::action::{Answer, Choice, Fate, Scripted};
use crate::ids::ClientId;
use crate::mapi::FaultSet;
use crate::model::Model;
use crate::scenario::Provider;
use crate::state::{Phase, State, Task};

impl Model {
    /// Calls `each` with every choice that could be enabled for the client.
    pub fn candidates(&self, state: &State, client: ClientId, each: &mut impl FnMut(Choice)) {
        match state.client(client).phase {
            Phase::Ready => {
                each(Choice::Begin);
                for code in self.may_refuse(client).iter() {
                    each(Choice::Refuse(code));
                }
            }
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
            Phase::GivingPassword | Phase::Forced(_) | Phase::Prompting(..) | Phase::Asking(..) => {
                supplying(each)
            }
            Phase::Trying(provider, _) => {
                let sick = state.fault(provider).is_some();
                let strikes = state.budget > 0;
                let kinds = self.scenario().providers[provider.index()].faults;
                fates(if strikes { kinds } else { FaultSet::default() }, sick, each);
                if state.refused.contains(provider) {
                    let found = Fate { repaired: sick, password_found: true, ..Fate::default() };
                    each(Choice::Try(found));
                }
                scripts(&self.scenario().providers[provider.index()], sick, each);
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

/// What the environment may do to a try: a fault stays, goes or strikes.
fn fates(kinds: FaultSet, sick: bool, each: &mut impl FnMut(Choice)) {
    each(Choice::Try(Fate::default()));
    if sick {
        each(Choice::Try(Fate { repaired: true, ..Fate::default() }));
    }
    for fault in kinds.iter() {
        each(Choice::Try(Fate { repaired: sick, struck: Some(fault), ..Fate::default() }));
    }
}

/// What the provider may answer of its own accord.
fn scripts(provider: &Provider, sick: bool, each: &mut impl FnMut(Choice)) {
    if provider.init_codes.is_empty() && provider.logon_codes.is_empty() {
        return;
    }
    let init = provider.init_codes.iter().map(Scripted::Init);
    for scripted in init.chain(provider.logon_codes.iter().map(Scripted::Logon)) {
        let scripted = Some(scripted);
        each(Choice::Try(Fate { repaired: sick, scripted, ..Fate::default() }));
    }
}

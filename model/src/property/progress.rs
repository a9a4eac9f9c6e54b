//! Which obligations are open in a state? SPEC 8.3, to be decided on the finished graph.
//!
//! Fairness: providers return, waiting threads are served, and users answer. A dialog to which the
//! scenario allows no answer is where that last assumption ends: LIV-1, LIV-4 and LIV-10 excuse a
//! call that waits for such an answer, and LIV-1 the calls that wait for the mutex behind it.
//! LIV-3 excuses nobody, so that it fails for a user who never answers, as it should.

use crate::action::{Action, Answer, Choice};
use crate::effect::{Effect, Event};
use crate::ids::{ClientId, LogonId};
use crate::mapi::{Code, LogoffFlags, LogonFlags, ProviderKind};
use crate::model::Model;
use crate::observer::Memory;
use crate::policy::{Start, XpStart};
use crate::property::PROPERTIES;
use crate::property::seen::Seen;
use crate::scenario::Call;
use crate::state::{Phase, Session, State};

impl Model {
    /// Who takes the action, as fairness counts: the client in whose call it happens.
    #[must_use]
    pub const fn actor(action: Action) -> u8 {
        action.client.0
    }

    /// The actors (bit `a` for actor `a`) that are fair when entry `index` of
    /// [`PROPERTIES`] is decided.
    #[must_use]
    pub fn fair(&self, index: usize) -> u64 {
        if PROPERTIES.get(index).is_none_or(|property| property.id != "LIV-2") {
            return u64::MAX;
        }
        // Whoever holds the mutex may stop for ever: only those with a short time-out go on.
        clients(self).filter(|client| is_short(self, *client)).fold(0, |set, c| set | 1 << c.0)
    }
}

fn clients(model: &Model) -> impl Iterator<Item = ClientId> + use<> {
    (0..model.scenario().clients.len()).map(ClientId::from)
}

fn is_short(model: &Model, client: ClientId) -> bool {
    let flags = model.scenario().clients[client.index()].flags;
    flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT)
}

/// Does the client's call wait for an answer that the scenario does not allow the user?
pub(super) fn is_blocked(model: &Model, state: &State, client: ClientId) -> bool {
    let allowed = |answers: &[Answer]| {
        answers.iter().any(|answer| model.scenario().answers.0 >> answer.bit() & 1 == 1)
    };
    let supplies = [Answer::Supply, Answer::SupplyIncomplete, Answer::Cancel];
    match state.client(client).phase() {
        Phase::PickingProfile => {
            let listed = model.scenario().listed().without(state.marked());
            let picks = listed.first().is_some_and(|profile| allowed(&[Answer::Pick(profile)]));
            !picks && !allowed(&[Answer::Cancel])
        }
        Phase::GivingPassword | Phase::Forced(_) | Phase::Prompting(..) | Phase::Asking(..) => {
            !allowed(&supplies)
        }
        Phase::Reconfiguring { .. } => {
            let session = match model.next_call(state, client) {
                Some(Call::LogonEx(logon)) => Some(logon),
                Some(_) | None => model.session_held(state, client),
            };
            session.is_some_and(|session| model.establishing(session).ui_cfg) && !allowed(&supplies)
        }
        Phase::Informing(..) => {
            let corrects = Answer::Correct { completed: false };
            !allowed(&[Answer::Retry, corrects, Answer::Decline])
        }
        Phase::Confirming => !allowed(&[Answer::Confirm, Answer::Refuse]),
        Phase::Ready
        | Phase::Waiting
        | Phase::Choosing
        | Phase::Opening { .. }
        | Phase::Trying(..)
        | Phase::Disabling(..)
        | Phase::Finishing
        | Phase::Undoing(_) => false,
    }
}

/// LIV-1: somebody is inside a logon, and no user is to blame.
pub(super) fn logon_under_way(model: &Model, state: &State, _: &Memory) -> bool {
    let held_up = model.mutex_holder(state).is_some_and(|holder| is_blocked(model, state, holder));
    let waits = |client| state.client(client).phase() == Phase::Waiting;
    clients(model).any(|client| {
        let blocked = is_blocked(model, state, client) || waits(client) && held_up;
        !blocked && model.logon_in_progress(state, client).is_some()
    })
}

/// LIV-2: somebody with `MAPI_TIMEOUT_SHORT` waits for the mutex.
pub(super) fn short_wait(model: &Model, state: &State, _: &Memory) -> bool {
    clients(model)
        .any(|client| state.client(client).phase() == Phase::Waiting && is_short(model, client))
}

/// LIV-2, at each moment: who waits so can go on at once, whatever others do.
pub(super) fn short_wait_stuck(seen: &Seen<'_>) -> bool {
    let (model, after) = (seen.moment.model, seen.after());
    let can = |client, choice| {
        let mut step = seen.spare.borrow_mut();
        let action = Action { client, choice };
        model.step_into(after, action, &mut step).is_ok()
    };
    clients(model).any(|client| {
        after.client(client).phase() == Phase::Waiting
            && is_short(model, client)
            && !can(client, Choice::TimeOut)
            && !can(client, Choice::Proceed)
    })
}

/// LIV-3: the mutex is held.
pub(super) fn mutex_held(_: &Model, _: &State, memory: &Memory) -> bool {
    memory.mutex.is_some()
}

/// LIV-4: a first failure has been followed by nothing yet, and no user is to blame.
pub(super) fn failure_unanswered(model: &Model, state: &State, memory: &Memory) -> bool {
    clients(model).any(|client| {
        let trial = memory.trials[client.index()];
        trial.failures == 1 && !trial.declined && !is_blocked(model, state, client)
    })
}

/// LIV-5: a second failure has had no consequence yet.
pub(super) fn failure_without_consequence(model: &Model, _: &State, memory: &Memory) -> bool {
    clients(model).any(|client| memory.trials[client.index()].is_lost())
}

/// LIV-6: a logon ends well only after every provider it starts has had its turn, but for those of
/// disabled services. Transports count where the logon starts them: for a download (FLG-10), or by
/// `XP_START = after_logon`; others have their turn when they are needed (PRV-4).
pub(super) fn turn_denied(seen: &Seen<'_>) -> bool {
    let model = seen.moment.model;
    let policy = &model.scenario().policy;
    seen.effects().any(|effect| {
        let Effect::SessionOpened(session) = effect else {
            return false;
        };
        let slot = seen.after().session(session);
        let enabled = model.providers_of(slot.services().without(slot.disabled()));
        let me = model.establishing(session);
        let early = me.force_download || policy.xp_start == XpStart::AfterLogon;
        let due = if early && !me.no_mail {
            enabled
        } else {
            enabled.without(model.kind(ProviderKind::Transport))
        };
        policy.start == Start::Eager && !due.without(seen.progress().turned).is_empty()
    })
}

/// LIV-8: a shared logoff tells every other member in the same breath.
pub(super) fn member_not_told(seen: &Seen<'_>) -> bool {
    let (Some(Call::Logoff(flags)), Some(session)) = (seen.call, seen.session) else {
        return false;
    };
    let model = seen.moment.model;
    let under_way = flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
        && model.establishing(session).shareable
        && seen.returned.is_some_and(|(code, _)| code == Code::Ok);
    let told = |slot: LogonId| {
        let client = model.scenario().logons[slot.index()].client;
        let event = Event::CriticalError;
        seen.effects().any(|effect| effect == Effect::Notified { client, session, event })
    };
    let own = model.attachment_held(seen.before(), seen.client);
    under_way && seen.before().attachments(session).any(|slot| Some(slot) != own && !told(slot))
}

/// LIV-9: nobody holds the session any more, and nobody is about to.
pub(super) fn session_abandoned(model: &Model, state: &State, _: &Memory) -> bool {
    let made = |session| clients(model).any(|c| model.logon_in_progress(state, c) == Some(session));
    (0..model.scenario().logons.len()).map(LogonId::from).any(|session| {
        *state.session(session) != Session::NONE && !state.is_open(session) && !made(session)
    })
}

/// LIV-9: a marked profile goes in the moment in which it is used no more.
pub(super) fn marked_profile_stays(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    after.marked().any(|profile| {
        let free = after.uses(profile) == 0;
        let freed = free && (before.uses(profile) > 0 || !before.marked().contains(profile));
        freed && !seen.effects().any(|effect| effect == Effect::ProfileRemoved(profile))
    })
}

/// LIV-10: somebody is inside a logoff, and no user is to blame.
pub(super) fn logoff_under_way(model: &Model, state: &State, _: &Memory) -> bool {
    clients(model).any(|client| {
        let leaves = matches!(
            model.next_call(state, client),
            Some(Call::Logoff(_) | Call::Release | Call::Uninitialize)
        );
        let inside = state.client(client).phase() != Phase::Ready;
        leaves && inside && !is_blocked(model, state, client)
    })
}

//! The obligations that are open in a state (SPEC 8.3), to be decided on the finished graph.
//!
//! Fairness: providers return, waiting threads are served, and users answer. A dialog to which the
//! scenario allows no answer is where that last assumption ends: LIV-1, LIV-4 and LIV-10 excuse a
//! call that waits for such an answer, and LIV-1 the calls that wait for the mutex behind it.
//! LIV-3 excuses nobody, so that it fails for a user who never answers, as it should.

use crate::ids::{ClientId, ProviderSet, SessionId};
use crate::machine::Model;
use crate::mapi::{Code, LogoffFlags, LogonFlags, ProviderKind};
use crate::observe::{Passed, Recall};
use crate::policy::{Start, XpStart};
use crate::property::seen::Seen;
use crate::property::table::PROPERTIES;
use crate::protocol::{Action, Answer, Choice, Effect, Event, Method, Offer};
use crate::world::asked::Fact;
use crate::world::{Attachment, Sight};

impl Model {
    /// The actors (bit `a` for actor `a`) that are fair when entry `index` of
    /// [`PROPERTIES`] is decided.
    #[must_use]
    pub fn fair(&self, index: usize) -> u64 {
        if PROPERTIES.get(index).is_none_or(|property| property.id != "LIV-2") {
            return u64::MAX;
        }
        // Whoever holds the mutex may stop forever: only those with a short time-out go on.
        let clients = self.scenario().clients.iter().zip(0..);
        clients
            .filter(|(client, _)| client.may_set(LogonFlags::MAPI_TIMEOUT_SHORT))
            .fold(0, |set, (_, at)| set | 1 << at)
    }
}

/// Does the client's call wait for an answer that the scenario does not allow the user?
pub(super) fn is_blocked(model: &Model, sight: Sight<'_>, client: ClientId) -> bool {
    let allowed = |answers: &[Answer]| {
        let user = model.scenario().answers;
        answers.iter().any(|answer| user.allow(*answer))
    };
    let supplies = [Answer::Supply, Answer::SupplyIncomplete, Answer::Cancel];
    match sight.offer(client) {
        Offer::Profile => {
            let mut listed = model.scenario().listed().without(sight.marked());
            let picks = listed.next().is_some_and(|profile| allowed(&[Answer::Pick(profile)]));
            !picks && !allowed(&[Answer::Cancel])
        }
        Offer::Data => !allowed(&supplies),
        Offer::EntryPoint => {
            let flags = sight.flags_of_call(client).map(Passed);
            flags.is_some_and(Passed::ui_cfg) && !allowed(&supplies)
        }
        Offer::Recovery(_) => {
            let corrects = Answer::Correct { completed: false };
            !allowed(&[Answer::Retry, corrects, Answer::Decline])
        }
        Offer::Logoff => !allowed(&[Answer::Confirm, Answer::Refuse]),
        Offer::Call | Offer::Turn | Offer::Step | Offer::Try(_) | Offer::Open(_) => false,
    }
}

/// LIV-1: somebody is inside a logon, and no user is to blame.
pub(super) fn logon_under_way(model: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    let held_up = memory.mutex().is_some_and(|holder| is_blocked(model, sight, holder));
    let waits = |client| sight.waits(client);
    sight.clients().any(|client| {
        let blocked = is_blocked(model, sight, client) || waits(client) && held_up;
        !blocked && sight.is_logging_on(client)
    })
}

/// LIV-2: somebody with `MAPI_TIMEOUT_SHORT` waits for the mutex.
pub(super) fn short_wait(_: &Model, sight: Sight<'_>, _: Recall<'_>) -> bool {
    sight.clients().any(|client| sight.waits_shortly(client))
}

/// LIV-2, at each moment: who waits so can go on at once, whatever others do.
pub(super) fn short_wait_stuck(seen: &Seen<'_>) -> bool {
    let (model, after) = (seen.moment.model, seen.after());
    let can = |client, choice| {
        let mut step = seen.spare.borrow_mut();
        let action = Action { client, choice };
        model.step_into(&seen.moment.step.state, action, &mut step).is_ok()
    };
    after.clients().any(|client| {
        let stuck = || !can(client, Choice::TimeOut) && !can(client, Choice::Proceed);
        after.waits_shortly(client) && model.as_guest(client, stuck)
    })
}

/// LIV-3: the mutex is held, or a logon is where it should be.
pub(super) fn mutex_held(_: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    let past_q3 = |client| sight.is_logging_on(client) && !sight.waits(client);
    memory.mutex().is_some() || sight.clients().any(past_q3)
}

/// LIV-4: a first failure has been followed by nothing yet, and no user is to blame; or the call
/// has gone on without an answer to it, which nothing mends.
pub(super) fn failure_unanswered(model: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    let open = |client| memory.is_unanswered(client) && !is_blocked(model, sight, client);
    memory.owes_try() || sight.clients().any(open)
}

/// LIV-5: a second failure has had no consequence yet, or the call has gone on without one.
pub(super) fn failure_without_consequence(_: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    memory.owes_loss() || sight.clients().any(|client| memory.is_lost(client))
}

/// LIV-6: a logon that has lost services ends well only after every provider of the others has had
/// its turn. Transports count where the logon starts them: for a download (FLG-10), or by
/// `XP_START = after_logon`; others have their turn when they are needed (PRV-4).
pub(super) fn turn_denied(seen: &Seen<'_>) -> bool {
    opened(seen).any(|session| {
        let lost = !seen.after().session(session).disabled().is_empty();
        lost && !without_turn(seen, session).is_empty()
    })
}

/// INV-114: a session opens before every provider that its logon starts has had its turn.
pub(super) fn opens_without_turns(seen: &Seen<'_>) -> bool {
    let eager = seen.scenario().policy.start == Start::Eager;
    let transports = seen.moment.model.kind(ProviderKind::Transport);
    opened(seen).any(|session| {
        let left = without_turn(seen, session);
        let due = if eager { left } else { left.and(transports) };
        !due.is_empty()
    })
}

fn opened(seen: &Seen<'_>) -> impl Iterator<Item = SessionId> {
    seen.effects().filter_map(|effect| {
        let Effect::SessionOpened { session } = effect else {
            return None;
        };
        Some(session)
    })
}

/// The providers of enabled services that the logon starts and that have had no turn.
fn without_turn(seen: &Seen<'_>, session: SessionId) -> ProviderSet {
    let model = seen.moment.model;
    let policy = &model.scenario().policy;
    let slot = seen.after().session(session);
    let enabled = model.providers_of(slot.services().without(slot.disabled()));
    let me = seen.own_passed();
    let early = me.force_download() || policy.xp_start == XpStart::AfterLogon;
    let due = if early && !me.lacks_mail(policy) {
        enabled
    } else {
        enabled.without(model.kind(ProviderKind::Transport))
    };
    due.without(seen.progress().turned)
}

/// LIV-6: a logon that has lost a service still has providers of others to start.
pub(super) fn turn_due(model: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    sight.clients().any(|client| {
        model.notes().fact(client, Fact::TurnDue);
        is_turn_due(model, sight.unnoted(), memory.unnoted(), client)
    })
}

/// As [`turn_due`], of one client's logon: nothing but what that has done is looked at.
pub(crate) fn is_turn_due(
    model: &Model,
    sight: Sight<'_>,
    memory: Recall<'_>,
    client: ClientId,
) -> bool {
    let logon = memory.logon(client);
    logon.making.is_some_and(|session| {
        let slot = sight.session(session);
        let enabled = slot.services().without(slot.disabled());
        let due = model.providers_of(enabled).without(model.kind(ProviderKind::Transport));
        !slot.disabled().is_empty() && !due.without(logon.turned).is_empty()
    })
}

/// LIV-7: some task is at hand.
pub(super) fn task_at_hand(_: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    sight.clients().any(|client| memory.is_at_task(client))
}

/// LIV-8: a shared logoff is under way, and there is somebody else.
pub(super) fn member_to_tell(_: &Model, sight: Sight<'_>, _: Recall<'_>) -> bool {
    sight.clients().any(|client| {
        let others = |own: Attachment| sight.members(own.session).any(|one| *one != own);
        sight.tells(client).is_some_and(others)
    })
}

/// LIV-9: a marked profile is in use.
pub(super) fn marked_in_use(_: &Model, sight: Sight<'_>, _: Recall<'_>) -> bool {
    sight.marked().any(|profile| sight.uses(profile) > 0)
}

/// LIV-11: a task has failed once, and its user can help.
pub(super) fn help_due(_: &Model, sight: Sight<'_>, memory: Recall<'_>) -> bool {
    sight.clients().any(|client| {
        let helps = |flags: LogonFlags| Passed(flags).ui_cfg();
        memory.has_failed_once(client) && sight.flags_of_call(client).is_some_and(helps)
    })
}

/// LIV-8: a shared logoff tells every other member in the same breath.
pub(super) fn member_not_told(seen: &Seen<'_>) -> bool {
    let shared = |method| {
        let flag = LogoffFlags::MAPI_LOGOFF_SHARED;
        matches!(method, Method::Logoff(flags) if flags.contains(flag))
    };
    let Some((session, Code::Ok)) = seen.reply(shared) else {
        return false;
    };
    let told = |member: &Attachment| {
        let told = Effect::Notified { client: member.client, session, event: Event::CriticalError };
        seen.effects().any(|effect| effect == told)
    };
    seen.established(session).allows_others()
        && others_in(seen, session).any(|member| !told(member))
}

/// The members of a session but for the attachment that the call acts through.
pub(super) fn others_in<'a>(
    seen: &Seen<'a>,
    session: SessionId,
) -> impl Iterator<Item = &'a Attachment> {
    let own = seen.own(seen.before()).map(|own| own.slot);
    seen.before().members(session).filter(move |member| Some(member.slot) != own)
}

/// LIV-9: nobody holds the session any more, and nobody is about to.
pub(super) fn session_abandoned(_: &Model, sight: Sight<'_>, _: Recall<'_>) -> bool {
    let made = |session| sight.clients().any(|client| sight.makes(client) == Some(session));
    let mut used = sight.clients().flat_map(|client| sight.in_use(client));
    used.any(|session| !sight.is_open(session) && !made(session))
}

/// LIV-9: a marked profile goes in the moment in which it is used no more.
pub(super) fn marked_profile_stays(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    after.marked().any(|profile| {
        let free = after.uses(profile) == 0;
        let freed = free && (before.uses(profile) > 0 || !before.marked().contains(profile));
        freed && !seen.effects().any(|effect| effect == Effect::ProfileRemoved { profile })
    })
}

/// LIV-10: somebody is inside a logoff, and no user is to blame.
pub(super) fn logoff_under_way(model: &Model, sight: Sight<'_>, _: Recall<'_>) -> bool {
    sight.clients().any(|client| sight.is_leaving(client) && !is_blocked(model, sight, client))
}

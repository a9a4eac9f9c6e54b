//! Properties of sessions and those who share them.

use crate::ids::{ClientId, SessionId, SlotId};
use crate::mapi::{Code, LogoffFlags, ProviderKind};
use crate::observe::Passed;
use crate::property::calls::is_plain_logoff;
use crate::property::seen::Seen;
use crate::property::shown::{
    ATTACHED, CURRENT, DISPLAYED, ENTRY_POINT, ESTABLISHING, FAILED, NOTIFIED, PROFILE_OPENED,
    PROVIDER_CALLED, PROVIDER_STOPPED, RESOLVED, SESSION_OPENED, SOUGHT, STORE,
};
use crate::protocol::{Effect, Method, Status, StatusRow};
use crate::world::{Session, Sight};

/// INV-6: a join runs nothing (SHR-10).
pub(super) fn join_does_more(seen: &Seen<'_>) -> bool {
    let profile = RESOLVED | PROFILE_OPENED | SOUGHT | STORE;
    let providers = ENTRY_POINT | PROVIDER_CALLED | PROVIDER_STOPPED | FAILED;
    seen.shown(DISPLAYED | ESTABLISHING | profile | providers) || seen.progress().making.is_some()
}

/// INV-7: an individual session has one attachment until it closes.
pub(super) fn individual_shared(seen: &Seen<'_>) -> bool {
    affected(seen).any(|session| {
        let members = |sight: Sight<'_>| sight.members(session).count();
        let after = members(seen.after());
        let in_use = *seen.after().session(session) != Session::NONE;
        let abandoned = in_use && after == 0 && members(seen.before()) > 0;
        !seen.established(session).allows_others() && (after > 1 || abandoned)
    })
}

/// INV-8: a session keeps its profile, and has one as long as somebody holds it.
pub(super) fn profile_changes(seen: &Seen<'_>) -> bool {
    affected(seen).any(|session| {
        let before = seen.before().session(session).profile();
        let after = seen.after().session(session).profile();
        let held = seen.after().is_open(session);
        let changed = before.is_some() && before != after;
        changed && (after.is_some() || !seen.closes(session)) || held && after.is_none()
    })
}

/// INV-9: the current session is the one others may join: shareable, open, nobody ending it.
pub(super) fn current_not_joinable(seen: &Seen<'_>) -> bool {
    let current = seen.after().current();
    let fit = |session: SessionId| {
        seen.established(session).allows_others() && seen.after().is_open(session)
    };
    current != seen.remembered().joinable() || current.is_some_and(|session| !fit(session))
}

/// INV-21: a service out of use stays so until its session closes.
pub(super) fn enabled_again(seen: &Seen<'_>) -> bool {
    seen.touched.into_iter().any(|session| {
        let before = seen.before().session(session).disabled();
        let after = seen.after().session(session).disabled();
        !before.without(after).is_empty() && !seen.closes(session)
    })
}

/// INV-23: losing a service changes its session and nothing else.
pub(super) fn loss_spreads(seen: &Seen<'_>) -> bool {
    let Some(loss) = seen.lost else { return false };
    seen.shown(STORE) || seen.touched.into_iter().any(|session| session != loss.session)
}

/// INV-40: `MAPI_LOGOFF_SHARED` on an individual session concerns nobody else.
pub(super) fn individual_logoff_felt(seen: &Seen<'_>) -> bool {
    let (Some(Method::Logoff(flags)), Some(session)) = (seen.method(), seen.session) else {
        return false;
    };
    let asked = flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
        && seen.returned.is_some_and(|(code, _)| code == Code::Ok)
        && !seen.established(session).allows_others();
    asked && (seen.shown(NOTIFIED) || others_feel(seen))
}

/// INV-41: a plain logoff of one member leaves the others their session as it is.
pub(super) fn plain_logoff_felt(seen: &Seen<'_>) -> bool {
    seen.call.is_some_and(is_plain_logoff) && others_feel(seen)
}

/// Does the step change an attachment of another client, or a session that one holds?
fn others_feel(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    let others = seen.moved.into_iter().any(|slot| owner(seen, slot) != seen.client);
    let ended = before.current().filter(|_| after.current() != before.current());
    let held = |session: SessionId| {
        before.clients().any(|one| one != seen.client && before.holds(one, session))
    };
    others || seen.touched.into_iter().chain(ended).any(held)
}

/// INV-43: what is done to a profile does not reach the open sessions on it.
pub(super) fn services_change(seen: &Seen<'_>) -> bool {
    seen.touched.into_iter().any(|session| {
        let (before, after) = (seen.before().session(session), seen.after().session(session));
        before.profile().is_some()
            && after.profile().is_some()
            && before.services() != after.services()
    })
}

/// INV-45: who has no mail sees the spooler fail and no transports.
pub(super) fn mail_in_view(seen: &Seen<'_>) -> bool {
    let transports = seen.moment.model.kind(ProviderKind::Transport);
    let no_mail = seen.own_passed().no_mail();
    seen.effects().any(|effect| {
        let Effect::StatusRow { row, status, .. } = effect else {
            return false;
        };
        let wrong = match row {
            StatusRow::Spooler => status != Status::Failure,
            StatusRow::Provider(provider) => transports.contains(provider),
            StatusRow::Subsystem(_) | StatusRow::AddressBook => false,
        };
        wrong && no_mail
    })
}

/// INV-47: when a session opens, each of its services is disabled or configured.
pub(super) fn pending_when_open(seen: &Seen<'_>) -> bool {
    let pending = |session: SessionId| {
        let slot = seen.after().session(session);
        let enabled = slot.services().without(slot.disabled());
        !enabled.without(seen.progress().settled).is_empty()
    };
    let unreached = |session: SessionId| {
        let slot = seen.after().session(session);
        let lost = slot.disabled().without(slot.services());
        !lost.without(seen.scenario().foreign()).is_empty()
    };
    let opens = |effect| matches!(effect, Effect::SessionOpened { session } if pending(session));
    seen.shown(SESSION_OPENED) && seen.effects().any(opens)
        || seen.touched.into_iter().any(unreached)
}

/// INV-55: a Logoff that the user refuses changes nothing, neither when it is called nor when it
/// returns.
pub(super) fn refusal_felt(seen: &Seen<'_>) -> bool {
    let logoff = matches!(seen.method(), Some(Method::Logoff(_))) && seen.session.is_some();
    let refused = match seen.returned {
        Some((code, _)) => code == Code::UserCancel,
        None => true,
    };
    let calls = PROVIDER_CALLED | PROVIDER_STOPPED | NOTIFIED;
    let felt = !seen.touched.is_empty() || seen.shown(ATTACHED | CURRENT | STORE | calls);
    logoff && refused && felt
}

/// INV-56: a Logoff that succeeds ends the one attachment, and the session with the last one.
pub(super) fn other_than_one_ended(seen: &Seen<'_>) -> bool {
    let Some(session) = logged_off(seen) else {
        return false;
    };
    let before = seen.before();
    let Some(own) = seen.own(before) else {
        return true;
    };
    let kept = seen.after().attachments_of(seen.client).any(|one| one.slot == own.slot);
    let last = before.members(session).count() == 1;
    kept || seen.moved.into_iter().any(|slot| slot != own.slot) || seen.closes(session) != last
}

/// INV-56: the session that a Logoff leaves.
pub(super) fn logged_off(seen: &Seen<'_>) -> Option<SessionId> {
    let (session, code) = seen.reply(|method| matches!(method, Method::Logoff(_)))?;
    (code == Code::Ok).then_some(session)
}

/// INV-62: no more sessions are open than there may be.
pub(super) fn too_many_open(seen: &Seen<'_>) -> bool {
    let open = || u32::try_from(seen.after().open_sessions().count()).unwrap_or(u32::MAX);
    seen.scenario().max_sessions.is_some_and(|most| open() > most)
}

/// INV-66: who joins finds a session whose maker allows others.
pub(super) fn joined_uninvited(seen: &Seen<'_>) -> bool {
    let before = seen.before();
    seen.effects().any(|effect| {
        matches!(effect, Effect::Joined { session, .. }
            if !Passed(before.session(session).flags()).allows_others())
    })
}

/// The sessions that differ, or that somebody gains or loses hold of.
fn affected<'a>(seen: &'a Seen<'_>) -> impl Iterator<Item = SessionId> + 'a {
    let moved = seen.moved.into_iter().flat_map(|slot| {
        let held = |sight: Sight<'_>| {
            let mut own = sight.attachments_of(owner(seen, slot));
            own.find(|one| one.slot == slot).map(|one| one.session)
        };
        [held(seen.before()), held(seen.after())].into_iter().flatten()
    });
    seen.touched.into_iter().chain(moved)
}

/// Whose slot it is.
fn owner(seen: &Seen<'_>, slot: SlotId) -> ClientId {
    seen.before().creator(slot.session())
}

//! Properties of sessions and those who share them.

use crate::ids::SessionId;
use crate::mapi::{Code, LogoffFlags, ProviderKind};
use crate::property::calls::is_plain_logoff;
use crate::property::seen::Seen;
use crate::property::shown::{
    DISPLAYED, ENTRY_POINT, ESTABLISHING, FAILED, NOTIFIED, PROFILE_OPENED, PROVIDER_CALLED,
    PROVIDER_STOPPED, RESOLVED, SESSION_OPENED, SOUGHT, STORE,
};
use crate::protocol::{Effect, Method, Status, StatusRow};
use crate::world::{Attachment, Session, Sight};

/// INV-6: a join runs nothing (SHR-10).
pub(super) fn join_does_more(seen: &Seen<'_>) -> bool {
    let profile = RESOLVED | PROFILE_OPENED | SOUGHT | STORE;
    let providers = ENTRY_POINT | PROVIDER_CALLED | PROVIDER_STOPPED | FAILED;
    seen.shown(DISPLAYED | ESTABLISHING | profile | providers) || seen.progress().making.is_some()
}

/// INV-7: an individual session has one attachment until it closes.
pub(super) fn individual_shared(seen: &Seen<'_>) -> bool {
    seen.sessions().any(|session| {
        let members = |sight: Sight<'_>| sight.members(session).count();
        let after = members(seen.after());
        let in_use = *seen.after().session(session) != Session::NONE;
        let abandoned = in_use && after == 0 && members(seen.before()) > 0;
        !seen.permitted(session).shareable && (after > 1 || abandoned)
    })
}

/// INV-8: a session keeps its profile, and has one as long as somebody holds it.
pub(super) fn profile_changes(seen: &Seen<'_>) -> bool {
    seen.sessions().any(|session| {
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
    let fit =
        |session: SessionId| seen.permitted(session).shareable && seen.after().is_open(session);
    current != seen.moment.remembered.joinable || current.is_some_and(|session| !fit(session))
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
        && !seen.permitted(session).shareable;
    asked && (seen.shown(NOTIFIED) || others_feel(seen))
}

/// INV-41: a plain logoff of one member leaves the others their session as it is.
pub(super) fn plain_logoff_felt(seen: &Seen<'_>) -> bool {
    seen.call.is_some_and(is_plain_logoff) && others_feel(seen)
}

/// Does the step change an attachment of another client, or a session that one holds?
fn others_feel(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    let other = |one: &&Attachment| one.client != seen.client;
    let mut held = before.attachments().iter().filter(other);
    let kept = after.attachments().iter().filter(other);
    let same = held.clone().eq(kept);
    !same
        || held.any(|one| {
            let session = one.session;
            let current = before.current() == Some(session) && after.current() != before.current();
            seen.touched.contains(session) || current
        })
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
    let no_mail = seen.own_permissions().no_mail;
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
    let foreign = |session: SessionId| {
        let slot = seen.after().session(session);
        !slot.disabled().without(slot.services()).is_empty()
    };
    let opens = |effect| matches!(effect, Effect::SessionOpened { session } if pending(session));
    seen.shown(SESSION_OPENED) && seen.effects().any(opens) || seen.touched.into_iter().any(foreign)
}

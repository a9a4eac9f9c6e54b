//! Properties of calls, the mutex, initialisation and results.

use crate::mapi::{Code, LogoffFlags, LogonFlags};
use crate::observe::Cancelled;
use crate::property::seen::Seen;
use crate::property::shown::{
    CRIPPLED, DISPLAYED, ESTABLISHING, INITIALIZED, JOINED, LIMIT, LOGON_OK, MUTEX_RELEASED,
    MUTEX_TAKEN,
};
use crate::protocol::{Call, Dialog, Effect, Method, Phase, ProviderCall};
use crate::world::Session;

/// INV-1: the call past Q3 owns the mutex, and it alone.
pub(super) fn mutex_shared(seen: &Seen<'_>) -> bool {
    let (memory, remembered) = (seen.memory(), seen.remembered());
    let taken_twice = seen.shown(MUTEX_TAKEN) && memory.mutex().is_some();
    let not_its_own = seen.shown(MUTEX_RELEASED) && memory.mutex() != Some(seen.client);
    let phase = seen.after().client(seen.client).phase();
    let inside = seen.logon().is_some() && !matches!(phase, Phase::Ready | Phase::Waiting);
    let concerned = seen.logon().is_some() || seen.shown(MUTEX_TAKEN | MUTEX_RELEASED);
    let differs = || inside != (remembered.mutex() == Some(seen.client));
    taken_twice || not_its_own || concerned && differs()
}

/// INV-2: who times out has asked for it and found the mutex held.
pub(super) fn times_out_unasked(seen: &Seen<'_>) -> bool {
    let held = || seen.memory().mutex().is_some_and(|holder| holder != seen.client);
    let timed_out =
        seen.logon().is_some() && seen.returned.is_some_and(|(code, _)| code == Code::Timeout);
    timed_out && !(held() && seen.flag(LogonFlags::MAPI_TIMEOUT_SHORT))
}

/// INI-1: the client lists `MAPIInitialize` among its calls, and its count is zero.
pub(super) fn calls_uninitialized(seen: &Seen<'_>) -> bool {
    seen.me().initializes && seen.before().client(seen.client).initialized() == 0
}

/// INV-3: nothing but `MAPIInitialize` [DER] succeeds at a count of zero; it is implied for those
/// who never count themselves.
pub(super) fn served_uninitialized(seen: &Seen<'_>) -> bool {
    let success = seen.returned.is_some_and(|(code, _)| code.is_success());
    let implied = !seen.me().initializes && seen.shown(INITIALIZED);
    let counted = seen.before().client(seen.client).initialized() > 0 || implied;
    success && !counted && seen.call != Some(Call::Initialize)
}

/// INV-57: the count goes by ones, and nothing but the two calls moves it; above zero no attachment
/// ends by it.
pub(super) fn count_wrong(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    let count = before.client(seen.client).initialized();
    let success = seen.returned.is_some_and(|(code, _)| code.is_success());
    let implied = !seen.me().initializes && seen.shown(INITIALIZED);
    let expected = match seen.call {
        Some(Call::Initialize) if success => count.saturating_add(1),
        Some(Call::Uninitialize) if success => count.saturating_sub(1),
        Some(_) | None if count == 0 && implied => 1,
        Some(_) | None => count,
    };
    let mut others = seen.changed.into_iter().filter(|one| *one != seen.client);
    let moves = |one| before.client(one).initialized() != after.client(one).initialized();
    let ends = seen.call == Some(Call::Uninitialize) && expected > 0 && !seen.moved.is_empty();
    after.client(seen.client).initialized() != expected || ends || others.any(moves)
}

/// INV-58: the results that a logon has.
pub(super) fn result_unlisted(seen: &Seen<'_>) -> bool {
    let listed = |code| {
        matches!(
            code,
            Code::Ok | Code::LogonFailed | Code::Timeout | Code::UserCancel | Code::NotInitialized
        )
    };
    seen.returned.is_some_and(|(code, _)| !listed(code))
}

/// INV-61: a logon that has lost what is critical does not succeed.
pub(super) fn succeeds_crippled(seen: &Seen<'_>) -> bool {
    seen.shown(LOGON_OK) && (seen.progress().crippled || seen.shown(CRIPPLED))
}

/// INV-4: a call with `MAPI_NEW_SESSION` returns the session it has made itself.
pub(super) fn new_session_is_old(seen: &Seen<'_>) -> bool {
    let session = seen.returned.and_then(|(_, session)| session);
    seen.flag(LogonFlags::MAPI_NEW_SESSION) && session != seen.progress().making
}

/// INV-5: a call without it returns the session that can be joined when it chooses [DER] (T-9).
pub(super) fn joinable_passed_over(seen: &Seen<'_>) -> bool {
    let Some(session) = seen.memory().joinable() else {
        return false;
    };
    let joins = seen.shown(JOINED) && seen.returned == Some((Code::Ok, Some(session)));
    !seen.flag(LogonFlags::MAPI_NEW_SESSION) && !joins
}

/// INV-10: a logon that succeeds keeps its pointer in a slot of its own, and moves no other.
pub(super) fn pointer_not_its_own(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    let Some(made) = seen.own(after) else {
        return true;
    };
    seen.own(before).is_some() || seen.moved.into_iter().any(|slot| slot != made.slot)
}

/// INV-31: all or nothing (RES-8).
pub(super) fn half_done(seen: &Seen<'_>) -> bool {
    let (Some(own), Some((code, session))) = (seen.making(), seen.returned) else {
        return false;
    };
    let attached = seen.own(seen.after()).map(|held| held.session);
    let holds = seen.remembered().mutex() == Some(seen.client);
    let wrong = if seen.shown(LOGON_OK) {
        code != Code::Ok || session.is_none() || attached != session
    } else {
        session.is_some() || attached.is_some() || *seen.after().session(own) != Session::NONE
    };
    wrong || holds
}

/// INV-32: `MAPI_E_USER_CANCEL` comes of a cancel in a dialog of the logon itself.
pub(super) fn cancelled_by_nobody(seen: &Seen<'_>) -> bool {
    seen.returned.is_some_and(|(code, _)| code == Code::UserCancel)
        && seen.progress().cancelled == Cancelled::Nothing
}

/// INV-33: `MAPI_E_SESSION_LIMIT` is the word of a provider, or of `MAPIInitialize`, and concerns
/// one session.
pub(super) fn limit_not_a_providers(seen: &Seen<'_>) -> bool {
    let heard = seen.memory().trial(seen.client).limit || seen.shown(LIMIT);
    let said = seen.returned.is_some_and(|(code, _)| code == Code::SessionLimit);
    let spreads = seen.shown(LIMIT) && seen.touched.into_iter().any(|s| Some(s) != seen.session);
    said && !heard && seen.call != Some(Call::Initialize) || spreads
}

/// INV-34: who has the mutex joins a session or begins to make one.
pub(super) fn refused_by_number(seen: &Seen<'_>) -> bool {
    !seen.shown(JOINED | ESTABLISHING)
}

/// INV-44: `OpenAddressBook` on a session one holds succeeds, if with a warning.
pub(super) fn no_address_book(seen: &Seen<'_>) -> bool {
    let failed = seen.returned.is_some_and(|(code, _)| !code.is_success());
    seen.method() == Some(Method::OpenAddressBook) && seen.session.is_some() && failed
}

/// INV-46: who sets both flags gets neither past the check of parameters nor a dialog.
pub(super) fn honours_both_flags(seen: &Seen<'_>) -> bool {
    let both = LogonFlags::MAPI_LOGON_UI | LogonFlags::MAPI_PASSWORD_UI;
    let dialog = |effect| {
        matches!(effect, Effect::Displayed { dialog: Dialog::Profile | Dialog::Password, .. })
    };
    seen.flag(both)
        && (seen.shown(MUTEX_TAKEN) || seen.shown(DISPLAYED) && seen.effects().any(dialog))
}

/// INV-39: the pointer given up is of no use, and giving it up is what Logoff does. [DER] No
/// provider is reached through that pointer; through others the session may live on.
pub(super) fn used_after_logoff(seen: &Seen<'_>) -> bool {
    let Some(method) = seen.method() else {
        return false;
    };
    let success = seen.returned.is_some_and(|(code, _)| code.is_success());
    let Some(held) = seen.own(seen.before()) else {
        let reached = |effect| {
            matches!(
                effect,
                Effect::EntryPoint { .. }
                    | Effect::Provider {
                        call: ProviderCall::Load | ProviderCall::Init | ProviderCall::Logon,
                        ..
                    }
            )
        };
        return success && method != Method::Release || seen.effects().any(reached);
    };
    let leaves = matches!(method, Method::Logoff(_) | Method::Release) && success;
    leaves && seen.after().attachments_of(seen.client).any(|one| *one == held)
}

/// Is it a logoff, by whatever call, that asks nothing of the other members?
pub(super) const fn is_plain_logoff(call: Call) -> bool {
    match call.method() {
        Some(Method::Logoff(flags)) => !flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED),
        Some(_) | None => call.is_leaving(),
    }
}

//! The antecedents of SPEC 8.1 that a step does not show by itself, number by number.

use crate::ids::{ProfileId, ProviderId, SessionId};
use crate::mapi::{Code, Fault, LogoffFlags, LogonFlags, ProviderKind};
use crate::observe::Passed;
use crate::property::calls::is_plain_logoff;
use crate::property::profiles::{Name, dialogs, name_of};
use crate::property::progress::others_in;
use crate::property::providers::starts;
use crate::property::seen::Seen;
use crate::property::sessions::logged_off;
use crate::property::shown::*;
use crate::property::tries::fault_at_work;
use crate::protocol::{Call, Dialog, Effect, Method, Phase, ProviderCall};
use crate::scenario::Named;
use crate::world::Sight;

/// Does the call return this code?
fn returns(seen: &Seen<'_>, wanted: Code) -> bool {
    seen.returned.is_some_and(|(code, _)| code == wanted)
}

/// Does the call leave Q4 without joining, or is it about to fail there?
fn establishes(seen: &Seen<'_>) -> bool {
    seen.shown(CHOSEN) && !seen.shown(JOINED)
}

/// Does anybody hold a session?
fn any_session(seen: &Seen<'_>) -> bool {
    let before = seen.before();
    before.clients().any(|client| before.holds_any(client))
}

fn any_lost(seen: &Seen<'_>, session: SessionId) -> bool {
    !seen.before().session(session).disabled().is_empty()
}

/// The providers that the step tries.
fn tried(seen: &Seen<'_>) -> impl Iterator<Item = ProviderId> {
    seen.effects().filter_map(|effect| {
        let Effect::Provider { provider, call, .. } = effect else {
            return None;
        };
        starts(call).then_some(provider)
    })
}

fn tries_of(seen: &Seen<'_>, kind: ProviderKind) -> bool {
    let of_kind = seen.moment.model.kind(kind);
    tried(seen).any(|provider| of_kind.contains(provider))
}

pub(super) fn logon_past_q3(seen: &Seen<'_>) -> bool {
    let resting = |phase| matches!(phase, Phase::Ready | Phase::Waiting);
    let inside = |sight: Sight<'_>| !resting(sight.client(seen.client).phase());
    let own = seen.logon().is_some() && (inside(seen.before()) || inside(seen.after()));
    own || seen.memory().mutex().is_some()
}

pub(super) fn timed_out(seen: &Seen<'_>) -> bool {
    seen.logon().is_some() && returns(seen, Code::Timeout)
}

pub(super) fn new_beside_old(seen: &Seen<'_>) -> bool {
    seen.flag(LogonFlags::MAPI_NEW_SESSION) && any_session(seen)
}

pub(super) fn could_join(seen: &Seen<'_>) -> bool {
    !seen.flag(LogonFlags::MAPI_NEW_SESSION) && seen.memory().joinable().is_some()
}

pub(super) fn beside_individual(seen: &Seen<'_>) -> bool {
    let before = seen.before();
    let individual = |session| !seen.established(session).allows_others();
    before.clients().filter(|client| *client != seen.client).any(|client| {
        let mut held = before.attachments_of(client);
        held.any(|one| individual(one.session))
    })
}

pub(super) fn joined_by_name(seen: &Seen<'_>) -> bool {
    let name = seen.logon().unwrap_or_default().name;
    let profile = |session| seen.before().session(session).profile();
    let joined = seen.returned.and_then(|(_, session)| session);
    !name.is_absent() && joined.is_some_and(|session| profile(session) != name.profile())
}

pub(super) fn logged_on_again(seen: &Seen<'_>) -> bool {
    seen.before().holds_any(seen.client)
}

pub(super) fn default_unwanted(seen: &Seen<'_>) -> bool {
    !seen.flag(LogonFlags::MAPI_USE_DEFAULT) && seen.scenario().default_profile != Named::Nothing
}

pub(super) fn nothing_to_go_by(seen: &Seen<'_>) -> bool {
    let wanted = LogonFlags::MAPI_USE_DEFAULT | LogonFlags::MAPI_LOGON_UI;
    seen.logon().is_some_and(|logon| logon.name.is_absent() && !logon.flags.intersects(wanted))
}

/// INV-15: something is wanting that a dialog could ask for, and none may.
pub(super) fn wanting_in_silence(seen: &Seen<'_>) -> bool {
    if !seen.passed().is_silent() {
        return false;
    }
    let nameless = seen.shown(ESTABLISHING) && name_of(seen) == Name::Error;
    let profiles = &seen.scenario().profiles;
    let data = seen.effects().any(|effect| {
        matches!(effect, Effect::Sought { found: false, .. })
            || matches!(effect, Effect::ProfileOpened { profile, .. }
                if profiles[profile.index()].password)
    });
    nameless || data || seen.shown(FAILED) || is_unready(seen)
}

pub(super) fn asks_for_data(seen: &Seen<'_>) -> bool {
    dialogs(seen).any(|dialog| matches!(dialog, Dialog::Configure(_) | Dialog::Provider(_)))
}

/// INV-21: the session of the step, or one that it touches, has lost a service.
pub(super) fn in_lost_session(seen: &Seen<'_>) -> bool {
    seen.session.is_some_and(|session| any_lost(seen, session))
        || seen.touched.into_iter().any(|session| any_lost(seen, session))
}

/// INV-22: a call is made on such a session, or its logon goes on to what comes next.
pub(super) fn disabled_passed(seen: &Seen<'_>) -> bool {
    let called = seen.shown(CALLED) && seen.method().is_some();
    let goes_on = seen.making().is_some() && seen.shown(PROVIDER_CALLED | SESSION_OPENED);
    (called || goes_on) && seen.session.is_some_and(|session| any_lost(seen, session))
}

pub(super) fn first_is_unconfigured(seen: &Seen<'_>) -> bool {
    let trial = seen.memory().trial(seen.client);
    seen.failed.is_some_and(|(task, code)| {
        code == Code::Unconfigured && (trial.task != Some(task) || trial.failures == 0)
    })
}

pub(super) fn store_beside_books(seen: &Seen<'_>) -> bool {
    let Some(session) = seen.making() else {
        return false;
    };
    let all = seen.moment.model.providers_of(seen.before().session(session).services());
    !all.and(seen.moment.model.kind(ProviderKind::AddressBook)).is_empty()
        && tries_of(seen, ProviderKind::MessageStore)
}

pub(super) fn transport_started(seen: &Seen<'_>) -> bool {
    tries_of(seen, ProviderKind::Transport)
}

pub(super) fn started_in_logon(seen: &Seen<'_>) -> bool {
    seen.making().is_some() && tried(seen).next().is_some()
}

pub(super) fn other_version_tried(seen: &Seen<'_>) -> bool {
    tried(seen).any(|provider| {
        matches!(seen.after().fault(provider), Some(Fault::ProviderTooNew | Fault::ProviderTooOld))
    })
}

pub(super) fn cancelled(seen: &Seen<'_>) -> bool {
    returns(seen, Code::UserCancel)
}

pub(super) fn limited(seen: &Seen<'_>) -> bool {
    seen.shown(LIMIT) || returns(seen, Code::SessionLimit)
}

pub(super) fn chosen_beside_others(seen: &Seen<'_>) -> bool {
    any_session(seen)
}

pub(super) fn tried_when_full(seen: &Seen<'_>) -> bool {
    tried(seen).any(|provider| {
        let cap = seen.scenario().providers[provider.index()].session_cap;
        cap.is_some_and(|cap| seen.before().live_logons(provider) >= cap)
    })
}

pub(super) fn closed_with_logons(seen: &Seen<'_>) -> bool {
    let ran = |session| !seen.before().session(session).running().is_empty();
    seen.effects().any(|effect| matches!(effect, Effect::SessionClosed { session } if ran(session)))
}

pub(super) fn object_ends(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| {
        matches!(
            effect,
            Effect::Provider { call: ProviderCall::Shutdown | ProviderCall::Release, .. }
        )
    })
}

pub(super) fn library_freed(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| matches!(effect, Effect::LibraryFreed { .. }))
}

pub(super) fn called_after_logoff(seen: &Seen<'_>) -> bool {
    seen.method().is_some() && seen.session.is_none()
}

pub(super) fn individual_told(seen: &Seen<'_>) -> bool {
    let asks = matches!(seen.method(), Some(Method::Logoff(flags))
        if flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED));
    asks && seen.session.is_some_and(|session| !seen.established(session).allows_others())
}

pub(super) fn plain_beside_others(seen: &Seen<'_>) -> bool {
    let plain = seen.call.is_some_and(is_plain_logoff);
    plain && seen.session.is_some_and(|session| others_in(seen, session).next().is_some())
}

pub(super) fn marked_in_use(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| {
        matches!(effect, Effect::ProfileMarked { profile } if seen.before().uses(profile) > 0)
    })
}

pub(super) fn open_profile_changed(seen: &Seen<'_>) -> bool {
    let before = seen.before();
    let open = |profile| {
        let mut held = before.attachments().iter();
        held.any(|one| before.session(one.session).profile() == Some(profile))
    };
    seen.effects().any(|effect| {
        let Effect::ServiceRemoved { service } = effect else {
            return false;
        };
        seen.scenario().services[service.index()].profile.is_some_and(open)
    })
}

pub(super) fn book_missing(seen: &Seen<'_>) -> bool {
    let reply = seen.reply(|method| method == Method::OpenAddressBook);
    reply.is_some_and(|(session, _)| {
        let slot = seen.after().session(session);
        let books = seen.moment.model.providers_of(slot.services());
        let books = books.and(seen.moment.model.kind(ProviderKind::AddressBook));
        !books.without(slot.running()).is_empty()
    })
}

pub(super) fn view_without_mail(seen: &Seen<'_>) -> bool {
    seen.own_passed().no_mail()
}

pub(super) fn both_flags(seen: &Seen<'_>) -> bool {
    seen.flag(LogonFlags::MAPI_LOGON_UI) && seen.flag(LogonFlags::MAPI_PASSWORD_UI)
}

pub(super) fn opened_with_services(seen: &Seen<'_>) -> bool {
    seen.making().is_some_and(|session| !seen.after().session(session).services().is_empty())
}

/// A method of this kind on a session held returns.
pub(super) fn store_replies(seen: &Seen<'_>) -> bool {
    seen.reply(|method| matches!(method, Method::OpenMsgStore(_))).is_some()
}

pub(super) fn books_reply(seen: &Seen<'_>) -> bool {
    let reply = seen.reply(|method| method == Method::OpenAddressBook);
    reply.is_some_and(|(_, code)| code.is_success())
}

pub(super) fn identity_replies(seen: &Seen<'_>) -> bool {
    seen.reply(|method| method == Method::QueryIdentity).is_some()
}

pub(super) fn table_replies(seen: &Seen<'_>) -> bool {
    let table = |method| matches!(method, Method::GetStatusTable | Method::GetMsgStoresTable);
    seen.reply(table).is_some()
}

pub(super) fn logoff_refused(seen: &Seen<'_>) -> bool {
    let reply = seen.reply(|method| matches!(method, Method::Logoff(_)));
    reply.is_some_and(|(_, code)| code == Code::UserCancel)
}

pub(super) fn logoff_done(seen: &Seen<'_>) -> bool {
    logged_off(seen).is_some()
}

pub(super) fn counted(seen: &Seen<'_>) -> bool {
    matches!(seen.call, Some(Call::Initialize | Call::Uninitialize)) && returns(seen, Code::Ok)
}

pub(super) fn password_profile(seen: &Seen<'_>) -> bool {
    let asks = |profile: ProfileId| seen.scenario().profiles[profile.index()].password;
    seen.effects()
        .any(|effect| matches!(effect, Effect::ProfileOpened { profile, .. } if asks(profile)))
}

/// INV-60: a provider is tried that lacks something.
pub(super) fn is_unready(seen: &Seen<'_>) -> bool {
    let ready = seen.before().supplied().and(seen.before().passwords());
    seen.shown(PROVIDER_CALLED | DISPLAYED)
        && (tried(seen).any(|provider| !ready.contains(provider))
            || dialogs(seen).any(|dialog| matches!(dialog, Dialog::Provider(_))))
}

/// INV-61: a task of a critical service is left without success, or has nothing left to try.
pub(super) fn critical_fails(seen: &Seen<'_>) -> bool {
    let final_now = seen.shown(FINAL) && {
        let task = seen.failed.map(|(task, _)| task);
        task.or(seen.memory().trial(seen.client).task).is_some_and(|task| seen.is_critical(task))
    };
    seen.logon().is_some() && (final_now || seen.shown(CRIPPLED))
}

pub(super) fn chosen_when_full(seen: &Seen<'_>) -> bool {
    let open = || u32::try_from(seen.before().open_sessions().count()).unwrap_or(u32::MAX);
    establishes(seen) && seen.scenario().max_sessions.is_some_and(|most| open() >= most)
}

pub(super) fn failed_by_fault(seen: &Seen<'_>) -> bool {
    fault_at_work(seen).is_some()
}

/// INV-65.
pub(super) fn service_asks(seen: &Seen<'_>) -> bool {
    let dialogs = LogonFlags::MAPI_LOGON_UI
        | LogonFlags::MAPI_PASSWORD_UI
        | LogonFlags::MAPI_SERVICE_UI_ALWAYS;
    let passed = Passed(seen.logon().unwrap_or_default().flags);
    establishes(seen) && passed.any(LogonFlags::MAPI_NT_SERVICE) && passed.any(dialogs)
}

/// INV-108: an entry point called for a further try ends.
pub(super) fn entry_point_ended(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| matches!(effect, Effect::EntryPoint { forced: false, .. }))
}

/// INV-111: `OpenMsgStore` or `OpenAddressBook` on a session in which such a provider is logged on.
pub(super) fn opens_what_is_open(seen: &Seen<'_>) -> bool {
    let running = seen.session.map(|session| seen.before().session(session).running());
    let running = running.unwrap_or_default();
    match seen.method() {
        Some(Method::OpenMsgStore(provider)) => running.contains(provider),
        Some(Method::OpenAddressBook) => {
            !running.and(seen.moment.model.kind(ProviderKind::AddressBook)).is_empty()
        }
        Some(_) | None => false,
    }
}

/// INV-112: a call on a session begins that somebody else holds, too.
pub(super) fn calls_beside_others(seen: &Seen<'_>) -> bool {
    let method = seen.method().is_some();
    method && seen.session.is_some_and(|session| others_in(seen, session).next().is_some())
}

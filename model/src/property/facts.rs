//! What a step shows against what it changes: effects, tables and dialogs have to agree with the
//! facts of the state before and after.

use crate::ids::{ProviderId, ProviderSet, ServiceSet};
use crate::mapi::ProviderKind;
use crate::observe::{is_strict, succeeds};
use crate::policy::{Deferred, LogoffOrder, ReuseOpenStore, StatusRows};
use crate::property::seen::Seen;
use crate::property::shown::{
    COUNTED, INITIALIZED, LIBRARY, NOTED, PROFILE_MARKED, PROFILE_OPENED, PROFILES, REGISTERED,
    RUNNING, SESSION_OPENED, STORE,
};
use crate::protocol::{
    Dialog, Effect, Method, OpenDialog, Phase, ProviderCall, Status, StatusRow, Task,
};

/// What effects say of profiles and libraries.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
struct Noted {
    configured: ServiceSet,
    removed: ServiceSet,
    supplied: ProviderSet,
    passwords: ProviderSet,
    loaded: ProviderSet,
    freed: ProviderSet,
}

impl Noted {
    fn shown(seen: &Seen<'_>) -> Self {
        let mut noted = Self::default();
        for effect in seen.effects() {
            if let Effect::ServiceConfigured { service } = effect {
                noted.configured.insert(service);
            } else if let Effect::ServiceRemoved { service } = effect {
                noted.removed.insert(service);
            } else if let Effect::ProviderConfigured { provider } = effect {
                noted.supplied.insert(provider);
            } else if let Effect::PasswordStored { provider } = effect {
                noted.passwords.insert(provider);
            } else if let Effect::LibraryLoaded { provider } = effect {
                noted.loaded.insert(provider);
            } else if let Effect::LibraryFreed { provider } = effect {
                noted.freed.insert(provider);
            }
        }
        noted
    }

    fn done(seen: &Seen<'_>) -> Self {
        let (before, after) = (seen.before(), seen.after());
        Self {
            configured: after.configured().without(before.configured()),
            removed: after.removed().without(before.removed()),
            supplied: after.supplied().without(before.supplied()),
            passwords: after.passwords().without(before.passwords()),
            loaded: after.libraries().without(before.libraries()),
            freed: before.libraries().without(after.libraries()),
        }
    }
}

/// INV-104: a fact changes if and only if an effect says so.
pub(super) fn effects_belie_facts(seen: &Seen<'_>) -> bool {
    seen.shown(STORE | LIBRARY | NOTED) && Noted::shown(seen) != Noted::done(seen)
        || seen.shown(COUNTED | INITIALIZED) && miscounts(seen)
        || seen.shown(STORE | PROFILES | PROFILE_OPENED | PROFILE_MARKED) && mislabels(seen)
        || seen.shown(RUNNING | REGISTERED) && misregisters(seen)
}

fn miscounts(seen: &Seen<'_>) -> bool {
    let before = seen.before().client(seen.client).initialized();
    let after = seen.after().client(seen.client).initialized();
    let counts = seen.effects().filter_map(|effect| {
        let Effect::Initialized { count, .. } = effect else {
            return None;
        };
        Some(count)
    });
    !counts.eq((before != after).then_some(after))
}

fn mislabels(seen: &Seen<'_>) -> bool {
    let (before, after) = (seen.before(), seen.after());
    let fresh = after.marked().without(before.marked());
    let marked = seen.effects().filter_map(|effect| {
        let Effect::ProfileMarked { profile } = effect else {
            return None;
        };
        Some(profile)
    });
    let opened = seen.effects().filter_map(|effect| {
        let Effect::ProfileOpened { session, profile } = effect else {
            return None;
        };
        Some((session, profile))
    });
    let used = seen.touched.into_iter().filter_map(|session| {
        let profile = after.session(session).profile()?;
        before.session(session).profile().is_none().then_some((session, profile))
    });
    !marked.eq(fresh) || !opened.eq(used)
}

/// A provider is registered when it logs on and no longer when it logs off (STA-11, OFF-13).
fn misregisters(seen: &Seen<'_>) -> bool {
    seen.touched.into_iter().any(|session| {
        let before = seen.before().session(session).running();
        let after = seen.after().session(session).running();
        let (mut come, mut gone) = (ProviderSet::EMPTY, ProviderSet::EMPTY);
        for effect in seen.effects() {
            if let Effect::Registered { session: one, provider, registered } = effect
                && one == session
            {
                if registered { come.insert(provider) } else { gone.insert(provider) }
            }
        }
        (come, gone) != (after.without(before), before.without(after))
    })
}

/// INV-105: a call that waits for an answer has opened the dialog that asks for it, and one that
/// opens a profile has said which.
pub(super) fn waits_without_dialog(seen: &Seen<'_>) -> bool {
    let phase = seen.after().client(seen.client).phase();
    if let Phase::Opening { profile, origin } = phase {
        let client = seen.client;
        return !seen
            .effects()
            .any(|effect| effect == Effect::Resolved { client, profile, origin });
    }
    let wanted = match phase.row().dialog {
        None => return false,
        Some(OpenDialog::Dialog(dialog)) => dialog,
        Some(OpenDialog::EntryPointOf(provider)) => {
            if !seen.passed().may_configure(&seen.scenario().policy) {
                return false;
            }
            Dialog::Configure(seen.service_of(Task::Run(provider)))
        }
    };
    let client = seen.client;
    !seen.effects().any(|effect| effect == Effect::Displayed { client, dialog: wanted })
}

/// INV-106: the spooler hears of a session when it opens: that there is one, unless
/// `MAPI_NO_MAIL`, and whether to fetch everything first.
pub(super) fn spooler_misinformed(seen: &Seen<'_>) -> bool {
    let told = !seen.passed().lacks_mail(&seen.scenario().policy);
    let download = told && seen.passed().force_download();
    let spooler = seen.effects().filter(|effect| matches!(effect, Effect::Spooler { .. }));
    let session = seen.session.filter(|_| seen.shown(SESSION_OPENED));
    let wanted = session.map(|session| Effect::Spooler { session, told, download });
    !spooler.eq(wanted)
}

/// INV-109: the rows of the status table.
pub(super) fn status_rows_wrong(seen: &Seen<'_>) -> bool {
    let reply = seen.reply(|method| method == Method::GetStatusTable);
    let Some((session, _)) = reply else {
        return false;
    };
    let shown = seen.effects().filter_map(|effect| {
        let Effect::StatusRow { row, status, .. } = effect else {
            return None;
        };
        Some((row, status))
    });
    let slot = seen.after().session(session);
    let no_mail = seen.own_passed().lacks_mail(&seen.scenario().policy);
    let spooler = if no_mail { Status::Failure } else { Status::Available };
    let own = [
        slot.profile().map(|profile| (StatusRow::Subsystem(profile), Status::Available)),
        Some((StatusRow::Spooler, spooler)),
        Some((StatusRow::AddressBook, Status::Available)),
    ];
    let status = |provider: ProviderId| {
        let definition = &seen.scenario().providers[provider.index()];
        if no_mail && definition.kind == ProviderKind::Transport {
            None
        } else if !slot.running().contains(provider) {
            let all = seen.scenario().policy.status_rows == StatusRows::All;
            all.then_some(Status::Offline)
        } else if slot.disabled().contains(definition.service) {
            Some(Status::Failure)
        } else {
            Some(Status::Available)
        }
    };
    let theirs = seen.moment.model.providers_of(slot.services()).or(slot.running());
    let theirs = theirs.filter_map(|one| Some((StatusRow::Provider(one), status(one)?)));
    !shown.eq(own.into_iter().flatten().chain(theirs))
}

/// INV-110: providers of a session are logged off in the order of `LOGOFF_ORDER`.
pub(super) fn logged_off_out_of_order(seen: &Seen<'_>) -> bool {
    let by_kind = seen.scenario().policy.logoff_order == LogoffOrder::XpAbMs;
    let place = |provider: ProviderId| {
        let kind = seen.scenario().providers[provider.index()].kind;
        let order =
            [ProviderKind::Transport, ProviderKind::AddressBook, ProviderKind::MessageStore];
        let rank = order.iter().position(|one| *one == kind).filter(|_| by_kind);
        (rank, provider)
    };
    let mut last = None;
    for effect in seen.effects() {
        if let Effect::Provider { session, provider, call: ProviderCall::Logoff, .. } = effect {
            let next = (session, place(provider));
            if last.is_some_and(|(one, before)| one == session && before > next.1) {
                return true;
            }
            last = Some(next);
        }
    }
    false
}

/// INV-111: a call that opens something logs off nothing that is logged on.
pub(super) fn reopens(seen: &Seen<'_>) -> bool {
    let policy = &seen.scenario().policy;
    let reuses = policy.reuse_open_store == ReuseOpenStore::On && policy.deferred == Deferred::Off;
    let opens = seen.call.is_some_and(|call| call.method().is_some() && !call.is_leaving());
    let logs_off = |effect| matches!(effect, Effect::Provider { call: ProviderCall::Logoff, .. });
    let siblings = seen.lost.is_some();
    reuses && opens && !siblings && seen.effects().any(logs_off)
}

/// INV-112: a call on a session begins while no other client is inside a call on it.
pub(super) fn calls_overlap(seen: &Seen<'_>) -> bool {
    let Some(session) = seen.session.filter(|_| seen.method().is_some()) else {
        return false;
    };
    let before = seen.before();
    before.clients().any(|client| client != seen.client && before.is_busy_on(client, session))
}

/// INV-116: a transport that has logged on names its address types and may then carry traffic.
pub(super) fn transport_unheard(seen: &Seen<'_>) -> bool {
    let transports = seen.moment.model.kind(ProviderKind::Transport);
    let of_transports = seen.effects().filter_map(|effect| {
        let Effect::Provider { provider, call, result, .. } = effect else {
            return None;
        };
        transports.contains(provider).then_some((provider, call, result))
    });
    let mut due: Option<(ProviderId, ProviderCall)> = None;
    for (provider, call, result) in of_transports {
        if due.is_some_and(|due| due != (provider, call)) {
            return true;
        }
        due = match call {
            ProviderCall::Logon if succeeds(result, is_strict(seen.scenario())) => {
                Some((provider, ProviderCall::AddressTypes))
            }
            ProviderCall::AddressTypes => Some((provider, ProviderCall::Notify)),
            ProviderCall::Load
            | ProviderCall::Init
            | ProviderCall::Logon
            | ProviderCall::Notify
            | ProviderCall::Logoff
            | ProviderCall::ReleaseLogon
            | ProviderCall::Shutdown
            | ProviderCall::Release => None,
        };
    }
    due.is_some()
}

//! Properties of calls to service providers and their entry points.

use crate::ids::{ProviderId, ProviderSet, ServiceId, ServiceSet, SessionId};
use crate::mapi::{Code, Fault, ProviderKind};
use crate::observe::{Recall, is_strict, succeeds};
use crate::property::seen::Seen;
use crate::protocol::{Choice, Effect, Method, ProviderCall, Task};
use crate::scenario::EntryPoint;

/// A call to a provider as an effect tells it.
fn called(effect: Effect) -> Option<(SessionId, ProviderId, ProviderCall)> {
    let Effect::Provider { session, provider, call, .. } = effect else {
        return None;
    };
    Some((session, provider, call))
}

pub(super) const fn starts(call: ProviderCall) -> bool {
    matches!(call, ProviderCall::Load | ProviderCall::Init | ProviderCall::Logon)
}

const fn ends(call: ProviderCall) -> bool {
    matches!(
        call,
        ProviderCall::Logoff
            | ProviderCall::ReleaseLogon
            | ProviderCall::Shutdown
            | ProviderCall::Release
    )
}

/// INV-22: a disabled service hears nothing until its session ends, and then it is shut down.
pub(super) fn disabled_called(seen: &Seen<'_>) -> bool {
    let lost_any = |session| !seen.before().session(session).disabled().is_empty();
    if seen.lost.is_none() && !seen.concerned().into_iter().any(lost_any) {
        return false;
    }
    let mut fresh = ServiceSet::EMPTY;
    seen.effects().any(|effect| {
        if let Effect::ServiceDisabled { service, .. } = effect {
            fresh.insert(service);
        }
        let lost = |session| seen.before().session(session).disabled().or(fresh);
        if let Effect::EntryPoint { session, service, .. } = effect {
            return lost(session).contains(service);
        }
        called(effect).is_some_and(|(session, provider, call)| {
            let service = seen.scenario().providers[provider.index()].service;
            lost(session).contains(service) && !(ends(call) && seen.closes(session))
        })
    })
}

/// INV-27: no store logs on in a logon before every address book has had its turn.
pub(super) fn store_before_books(seen: &Seen<'_>) -> bool {
    let Some(session) = seen.making() else {
        return false;
    };
    let model = seen.moment.model;
    let slot = seen.before().session(session);
    let enabled = model.providers_of(slot.services().without(slot.disabled()));
    let left = enabled.and(model.kind(ProviderKind::AddressBook));
    let left = left.without(seen.progress().turned);
    !left.is_empty() && logs_on(seen, model.kind(ProviderKind::MessageStore))
}

fn logs_on(seen: &Seen<'_>, of: ProviderSet) -> bool {
    seen.effects().any(|effect| {
        called(effect)
            .is_some_and(|(_, provider, call)| call == ProviderCall::Logon && of.contains(provider))
    })
}

/// INV-28: a transport starts when a download is asked for or the status table is read, by a
/// member with mail. [DER] The call that establishes the session counts by its own flags.
pub(super) fn transport_unneeded(seen: &Seen<'_>) -> bool {
    let model = seen.moment.model;
    let transports = model.kind(ProviderKind::Transport);
    let me = seen.own_passed();
    let asked = match seen.method() {
        Some(method) => method == Method::GetStatusTable,
        None => me.force_download(),
    };
    let needed = !me.no_mail() && asked;
    let started = |effect| {
        called(effect)
            .is_some_and(|(_, provider, call)| starts(call) && transports.contains(provider))
    };
    !needed && seen.effects().any(started)
}

/// INV-29: no provider starts before the forced round and the configuration of all services are
/// over.
pub(super) fn started_unconfigured(seen: &Seen<'_>) -> bool {
    let (Some(session), model) = (seen.making(), seen.moment.model) else {
        return false;
    };
    let slot = seen.before().session(session);
    let enabled = slot.services().without(slot.disabled());
    let progress = seen.progress();
    let services = &model.scenario().services;
    let due = |service: &ServiceId| services[service.index()].entry_point != EntryPoint::None;
    let round = seen.own_passed().forces(&model.scenario().policy)
        && slot.services().filter(due).any(|service| !progress.forced.contains(service));
    let early = round || !enabled.without(progress.settled).is_empty();
    early && seen.effects().filter_map(called).any(|(_, _, call)| starts(call))
}

/// INV-30: who logs on has agreed on a version, both ways. It does so when the try begins; what
/// becomes of the provider while a dialog of the try is open does not matter any more.
pub(super) fn version_disagrees(seen: &Seen<'_>) -> bool {
    let disagrees = |provider| {
        let fault = seen.after().fault(provider);
        matches!(fault, Some(Fault::ProviderTooNew | Fault::ProviderTooOld))
    };
    let strict = is_strict(seen.scenario());
    let begins = matches!(seen.moment.action.choice, Choice::Try(_));
    let mut taken = false;
    for effect in seen.effects() {
        let Effect::Provider { provider, call, result: code, .. } = effect else {
            continue;
        };
        let accepted = matches!(call, ProviderCall::Init | ProviderCall::Logon);
        if accepted && succeeds(code, strict) && disagrees(provider) {
            taken = true;
        } else if call == ProviderCall::Release {
            taken = false;
        }
    }
    begins && taken
}

/// INV-35: a provider carries no more logons than its cap.
pub(super) fn over_cap(seen: &Seen<'_>) -> bool {
    let providers = &seen.moment.model.scenario().providers;
    seen.effects().filter_map(called).any(|(_, provider, _)| {
        let cap = providers[provider.index()].session_cap;
        cap.is_some_and(|cap| seen.after().live_logons(provider) > cap)
    })
}

/// INV-36: each successful logon is logged off once, before its session closes; what runs is
/// what has logged on and not off.
pub(super) fn logons_unbalanced(seen: &Seen<'_>) -> bool {
    let strict = is_strict(seen.scenario());
    seen.concerned().into_iter().any(|session| {
        let mut running = seen.before().session(session).running();
        for effect in seen.effects() {
            let closes = matches!(effect, Effect::SessionClosed { session: one } if one == session);
            if closes && !running.is_empty() {
                return true;
            }
            let Some((provider, call, code)) = called_in(session, effect) else {
                continue;
            };
            let carries = running.contains(provider);
            if call == ProviderCall::Logon && succeeds(code, strict) {
                if carries {
                    return true;
                }
                running.insert(provider);
            } else if call == ProviderCall::Logoff {
                if !carries {
                    return true;
                }
                running.remove(provider);
            }
        }
        running != seen.after().session(session).running()
    })
}

/// A call of a provider in this session, and what it answers.
fn called_in(session: SessionId, effect: Effect) -> Option<(ProviderId, ProviderCall, Code)> {
    let Effect::Provider { session: one, provider, call, result } = effect else {
        return None;
    };
    (one == session).then_some((provider, call, result))
}

/// INV-37, OFF-12: a provider object is shut down after its logon, and released after that.
pub(super) fn released_out_of_order(seen: &Seen<'_>) -> bool {
    seen.concerned().into_iter().any(|session| is_released_out_of_order(seen, session))
}

fn is_released_out_of_order(seen: &Seen<'_>, session: SessionId) -> bool {
    let strict = is_strict(seen.scenario());
    let mut logons = seen.before().session(session).running();
    let (mut shut, mut fresh) = (ProviderSet::EMPTY, ProviderSet::EMPTY);
    for (provider, call, code) in seen.effects().filter_map(|one| called_in(session, one)) {
        match call {
            ProviderCall::Load
            | ProviderCall::AddressTypes
            | ProviderCall::Notify
            | ProviderCall::Logoff => {}
            // An object refused for its version is released as it is (PRV-14).
            ProviderCall::Init => fresh.insert(provider),
            ProviderCall::Logon => {
                fresh.remove(provider);
                if succeeds(code, strict) {
                    logons.insert(provider);
                }
            }
            ProviderCall::ReleaseLogon => logons.remove(provider),
            ProviderCall::Shutdown if logons.contains(provider) => return true,
            ProviderCall::Shutdown => shut.insert(provider),
            ProviderCall::Release if !shut.contains(provider) && !fresh.contains(provider) => {
                return true;
            }
            ProviderCall::Release => shut.remove(provider),
        }
    }
    false
}

/// INV-37, with PRV-16: an object is made once and released once [DER]: there is one for each
/// provider that runs, and one for a task whose next try goes on in its logon method.
pub(super) fn objects_unbalanced(seen: &Seen<'_>) -> bool {
    seen.concerned().into_iter().any(|session| are_objects_unbalanced(seen, session))
}

fn are_objects_unbalanced(seen: &Seen<'_>, session: SessionId) -> bool {
    let strict = is_strict(seen.scenario());
    let at_work = |memory: Recall<'_>| {
        let trial = memory.trial(seen.client);
        match trial.task {
            Some(Task::Run(provider)) if trial.object && seen.session == Some(session) => {
                Some(provider)
            }
            Some(_) | None => None,
        }
    };
    let mut objects = seen.before().session(session).running();
    if let Some(provider) = at_work(seen.memory()) {
        objects.insert(provider);
    }
    for (provider, call, code) in seen.effects().filter_map(|one| called_in(session, one)) {
        let there = objects.contains(provider);
        if call == ProviderCall::Init && succeeds(code, strict) {
            if there {
                return true;
            }
            objects.insert(provider);
        } else if call == ProviderCall::Release {
            if !there {
                return true;
            }
            objects.remove(provider);
        }
    }
    if let Some(provider) = at_work(seen.remembered()) {
        objects.remove(provider);
    }
    objects != seen.after().session(session).running()
}

/// INV-38: a library is freed once for each time it was loaded, at the latest when the last client
/// has uninitialised. [DER] the machine loads a library once.
pub(super) fn libraries_unbalanced(seen: &Seen<'_>) -> bool {
    let mut loaded = seen.before().libraries();
    for effect in seen.effects() {
        if let Effect::LibraryLoaded { provider } = effect {
            if loaded.contains(provider) {
                return true;
            }
            loaded.insert(provider);
        } else if let Effect::LibraryFreed { provider } = effect {
            if !loaded.contains(provider) {
                return true;
            }
            loaded.remove(provider);
        }
    }
    let after = seen.after();
    let initialized = after.clients().any(|client| after.is_initialized(client));
    loaded != seen.after().libraries() || !initialized && !loaded.is_empty()
}

/// INV-60: who logs on has its data complete and its password stored and right.
pub(super) fn logs_on_unready(seen: &Seen<'_>) -> bool {
    let after = seen.after();
    let ready = after.supplied().and(after.passwords());
    seen.effects().any(|effect| {
        let Effect::Provider { provider, call: ProviderCall::Logon, result, .. } = effect else {
            return false;
        };
        succeeds(result, is_strict(seen.scenario())) && !ready.contains(provider)
    })
}

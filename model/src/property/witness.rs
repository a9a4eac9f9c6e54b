//! Witnesses: the goals of SPEC 8.2, each at the step that reaches it.

use crate::ids::{ProviderSet, SessionId};
use crate::mapi::{Code, LogonFlags, ProviderKind};
use crate::observe::{Cancelled, Passed, is_strict, succeeds};
use crate::property::seen::Seen;
use crate::property::tries::Loss;
use crate::protocol::{Choice, Dialog, Effect, Method, Phase, ProviderCall, Task};
use crate::scenario::Named;
use crate::world::Session;

/// The session that opens in this step.
fn opened<'a>(seen: &Seen<'a>) -> Option<(SessionId, &'a Session)> {
    seen.effects().find_map(|effect| {
        let Effect::SessionOpened { session } = effect else {
            return None;
        };
        Some((session, seen.after().session(session)))
    })
}

/// The session that is joined in this step.
fn joined(seen: &Seen<'_>) -> Option<SessionId> {
    seen.effects().find_map(|effect| {
        let Effect::Joined { session, .. } = effect else {
            return None;
        };
        Some(session)
    })
}

/// The providers of the service that is lost.
fn its_providers(seen: &Seen<'_>, loss: &Loss) -> ProviderSet {
    seen.moment.model.scenario().services[loss.service.index()].providers
}

/// Is it a provider of that kind whose two failures disable the service?
fn failed_twice(seen: &Seen<'_>, loss: &Loss, kind: ProviderKind) -> bool {
    let of_kind = seen.moment.model.kind(kind);
    loss.trial.failures > 1
        && matches!(loss.trial.task, Some(Task::Run(provider)) if of_kind.contains(provider))
}

/// RCH-1.
pub(super) fn all_enabled(seen: &Seen<'_>) -> bool {
    opened(seen).is_some_and(|(_, slot)| !slot.services().is_empty() && slot.disabled().is_empty())
}

/// RCH-2.
pub(super) fn some_lost(seen: &Seen<'_>) -> bool {
    opened(seen).is_some_and(|(_, slot)| {
        !slot.disabled().is_empty() && !slot.services().without(slot.disabled()).is_empty()
    })
}

/// RCH-3.
pub(super) fn made_good(seen: &Seen<'_>) -> bool {
    seen.lost.is_none()
}

/// RCH-4, repaired: the fault behind a first failure is gone at the second try.
pub(super) fn repaired(seen: &Seen<'_>, kind: &str) -> bool {
    let trial = *seen.memory().trial(seen.client);
    let Some(Task::Run(provider)) = trial.task else {
        return false;
    };
    let fault = seen.before().fault(provider);
    trial.failures == 1
        && fault.is_some_and(|fault| fault.kind() == kind)
        && seen.effects().any(|effect| effect == Effect::Repaired { provider })
}

/// RCH-4, unrepaired: it is still there, and the second try fails by it.
pub(super) fn unrepaired(seen: &Seen<'_>, kind: &str) -> bool {
    let trial = *seen.memory().trial(seen.client);
    let Some(Task::Run(provider)) = trial.task else {
        return false;
    };
    let fault = seen.before().fault(provider);
    let stays = matches!(seen.moment.action.choice, Choice::Try(fate) if !fate.repaired);
    stays && trial.failures == 1 && fault.is_some_and(|fault| fault.kind() == kind)
}

/// RCH-5.
pub(super) fn lost_without_dialog(seen: &Seen<'_>) -> bool {
    let Some(loss) = &seen.lost else { return false };
    let missing = match loss.trial.task {
        Some(Task::Configure(service)) => !seen.before().configured().contains(service),
        Some(Task::Run(provider)) => !seen.before().supplied().contains(provider),
        None => false,
    };
    missing && seen.passed().is_silent()
}

/// RCH-6.
pub(super) fn lost_by_cancels(seen: &Seen<'_>) -> bool {
    seen.progress().spurned
}

/// RCH-7.
pub(super) fn lost_by_decline(seen: &Seen<'_>) -> bool {
    seen.lost
        .is_some_and(|loss| loss.trial.declined && matches!(loss.trial.task, Some(Task::Run(_))))
}

/// RCH-8.
pub(super) fn book_quarantined(seen: &Seen<'_>) -> bool {
    let Some(loss) = &seen.lost else { return false };
    let books = seen.moment.model.kind(ProviderKind::AddressBook);
    let running = seen.after().session(loss.session).running();
    failed_twice(seen, loss, ProviderKind::MessageStore)
        && running
            .and(books)
            .and(its_providers(seen, loss))
            .any(|book| seen.after().fault(book).is_none())
}

/// RCH-9.
pub(super) fn logged_on_later(seen: &Seen<'_>) -> bool {
    seen.logon().is_none()
        && seen.effects().any(|effect| {
            let Effect::Provider { session, provider, call, result: code } = effect else {
                return false;
            };
            call == ProviderCall::Logon
                && succeeds(code, is_strict(seen.scenario()))
                && seen.before().session(session).deferred().contains(provider)
        })
}

/// RCH-10.
pub(super) fn joined_by_another_name(seen: &Seen<'_>) -> bool {
    let profile = |session| seen.before().session(session).profile();
    let name = seen.logon().unwrap_or_default().name;
    joined(seen).is_some_and(|session| {
        let named = name.profile();
        !name.is_absent() && (named.is_none() || profile(session) != named)
    })
}

/// RCH-11.
pub(super) fn joined_with_loss(seen: &Seen<'_>) -> bool {
    joined(seen).is_some_and(|session| {
        !seen.before().session(session).disabled().is_empty()
            && !seen.memory().late().contains(session)
    })
}

/// RCH-12.
pub(super) fn timed_out_behind_prompt(seen: &Seen<'_>) -> bool {
    let Some(holder) = seen.memory().mutex() else {
        return false;
    };
    let dialogs = |flags: Option<_>| flags.is_none_or(|flags| Passed(flags).ui_cfg());
    seen.before().prompt(holder).is_some_and(dialogs)
        && seen.returned.is_some_and(|(code, _)| code == Code::Timeout)
}

/// RCH-13.
pub(super) fn profile_cancelled(seen: &Seen<'_>) -> bool {
    seen.returned.is_some_and(|(code, _)| code == Code::UserCancel)
        && seen.progress().cancelled == Cancelled::Profile
}

/// RCH-14. [DER] the same user is who uses the same profile.
pub(super) fn limited_here_only(seen: &Seen<'_>) -> bool {
    let Some(loss) = &seen.lost else { return false };
    let Some(Task::Run(provider)) = loss.trial.task else {
        return false;
    };
    let after = seen.after();
    let elsewhere = |client| {
        let service = loss.service;
        after.at_work(client).any(|(session, running, disabled)| {
            let carries = running.contains(provider) && !disabled.contains(service);
            session != loss.session && carries && after.is_open(session)
        })
    };
    loss.trial.limit && after.clients().any(elsewhere)
}

/// RCH-15. [DER] another user is who uses another profile.
pub(super) fn two_users(seen: &Seen<'_>) -> bool {
    let Some((_, slot)) = opened(seen) else {
        return false;
    };
    let after = seen.after();
    after
        .attachments_of(seen.client)
        .any(|one| after.session(one.session).profile() != slot.profile())
}

/// RCH-16.
pub(super) fn all_lost(seen: &Seen<'_>) -> bool {
    opened(seen)
        .is_some_and(|(_, slot)| !slot.services().is_empty() && slot.services() == slot.disabled())
}

/// RCH-17.
pub(super) fn enabled_next_time(seen: &Seen<'_>) -> bool {
    let Some((session, slot)) = opened(seen) else {
        return false;
    };
    let enabled = slot.services().without(slot.disabled());
    let after = seen.after();
    let lost_in = |client| {
        let mut lost = after.lost_in(client);
        lost.any(|(other, lost)| other != session && !lost.and(enabled).is_empty())
    };
    !seen.memory().lost().and(enabled).is_empty() || after.clients().any(lost_in)
}

/// RCH-18.
pub(super) fn last_one_closes(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| {
        let Effect::SessionClosed { session } = effect else {
            return false;
        };
        seen.memory().leaving().contains(session)
    })
}

/// RCH-19.
pub(super) fn removed_when_unused(seen: &Seen<'_>) -> bool {
    !seen.effects().any(|effect| matches!(effect, Effect::ProfileMarked { .. }))
}

/// RCH-20, by the provider.
pub(super) fn version_refused_by_provider(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| {
        let Effect::Provider { call, result: code, .. } = effect else {
            return false;
        };
        call == ProviderCall::Init && code == Code::Version
    })
}

/// RCH-20, by MAPI: the object it was given is released unused.
pub(super) fn version_refused_by_mapi(seen: &Seen<'_>) -> bool {
    let called = |wanted: ProviderCall| {
        seen.effects()
            .any(|effect| matches!(effect, Effect::Provider { call, .. } if call == wanted))
    };
    let released = called(ProviderCall::Release) && !called(ProviderCall::Shutdown);
    let refused = seen.effects().any(|effect| {
        let Effect::Failed { result: code, .. } = effect else {
            return false;
        };
        code == Code::Version
    });
    released && refused
}

/// RCH-21.
pub(super) fn transport_drags_down(seen: &Seen<'_>) -> bool {
    let Some(loss) = &seen.lost else { return false };
    let running = seen.before().session(loss.session).running();
    seen.logon().is_none()
        && failed_twice(seen, loss, ProviderKind::Transport)
        && !running.and(its_providers(seen, loss)).is_empty()
}

/// RCH-22.
pub(super) fn password_given(seen: &Seen<'_>) -> bool {
    let profiles = &seen.moment.model.scenario().profiles;
    opened(seen)
        .and_then(|(_, slot)| slot.profile())
        .is_some_and(|profile| profiles[profile.index()].password)
}

/// RCH-23.
pub(super) fn identity_lost(seen: &Seen<'_>) -> bool {
    let (Some(Method::QueryIdentity), Some(session)) = (seen.method(), seen.session) else {
        return false;
    };
    let services = &seen.moment.model.scenario().services;
    seen.returned.is_some_and(|(code, _)| code == Code::NoService)
        && seen.before().session(session).disabled().any(|s| services[s.index()].identity)
}

/// RCH-24, without UI: the call fails for want of a name.
pub(super) fn no_default_fails(seen: &Seen<'_>) -> bool {
    let phase = seen.after().client(seen.client).phase();
    wants_missing_default(seen) && matches!(phase, Phase::Undoing(Code::LogonFailed))
}

/// RCH-24, with UI: the user is asked.
pub(super) fn no_default_asks(seen: &Seen<'_>) -> bool {
    let asked = |effect| matches!(effect, Effect::Displayed { dialog: Dialog::Profile, .. });
    wants_missing_default(seen) && seen.effects().any(asked)
}

fn wants_missing_default(seen: &Seen<'_>) -> bool {
    seen.logon().is_some_and(|logon| logon.name.is_absent())
        && seen.flag(LogonFlags::MAPI_USE_DEFAULT)
        && seen.moment.model.scenario().default_profile == Named::Nothing
}

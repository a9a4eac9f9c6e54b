//! Properties of tries and of the loss of a service.

use crate::ids::{ProviderId, ServiceId, ServiceSet, SessionId};
use crate::mapi::{Code, Fault};
use crate::observe::Trial;
use crate::property::seen::Seen;
use crate::property::shown::SECOND_FAILURE;
use crate::protocol::{Answer, Choice, Dialog, Effect, ProviderCall, Task};

/// A service is disabled.
#[derive(Clone, Copy)]
pub(super) struct Loss {
    pub(super) session: SessionId,
    pub(super) service: ServiceId,
    /// The task at hand then.
    pub(super) trial: Trial,
}

/// A service is lost, and the task at hand is one of its own.
fn loss(seen: &Seen<'_>) -> Option<(Loss, bool)> {
    let loss = seen.lost?;
    let own = loss.trial.task.is_some_and(|task| seen.service_of(task) == loss.service);
    Some((loss, own))
}

/// INV-17: two failed tries of one task, or one and a declined offer, disable its service.
pub(super) fn lost_too_early(seen: &Seen<'_>) -> bool {
    loss(seen).is_some_and(|(loss, own)| !own || !loss.trial.is_lost())
}

/// INV-19: a second success leaves the service enabled.
pub(super) fn lost_by_success(seen: &Seen<'_>) -> bool {
    loss(seen).is_some_and(|(loss, own)| own && loss.trial.won && loss.trial.failures > 0)
}

/// INV-24: `MAPI_E_FAILONEPROVIDER` alone disables nothing.
pub(super) fn lost_by_skip(seen: &Seen<'_>) -> bool {
    loss(seen).is_some_and(|(loss, own)| own && loss.trial.skipped && loss.trial.failures == 0)
}

/// INV-26: nor does `MAPI_E_UNCONFIGURED` at the first try [DER].
pub(super) fn lost_unconfigured(seen: &Seen<'_>) -> bool {
    loss(seen).is_some_and(|(loss, own)| {
        own && loss.trial.conf && loss.trial.failures == 1 && !loss.trial.declined
    })
}

/// LIV-11: where the user helps and no fault stays or strikes, a second try succeeds. Session caps
/// and calls without UI are another matter [DER].
pub(super) fn lost_in_spite_of_help(seen: &Seen<'_>) -> bool {
    if !seen.passed().ui_cfg() || !is_helpful(seen) {
        return false;
    }
    if let Some((loss, own)) = loss(seen) {
        return !own || !loss.trial.is_lost();
    }
    let capped = |task| match task {
        Task::Run(provider) => {
            seen.moment.model.scenario().providers[provider.index()].session_cap.is_some()
        }
        Task::Configure(_) => false,
    };
    seen.shown(SECOND_FAILURE)
        && seen
            .effects()
            .any(|effect| matches!(effect, Effect::Failed { task, .. } if !capped(task)))
}

fn is_helpful(seen: &Seen<'_>) -> bool {
    match seen.moment.action.choice {
        Choice::Try(fate) => {
            let task = seen.memory().trial(seen.client).task;
            let sick = task.is_some_and(|task| seen.before().fault_of(task).is_some());
            fate.struck.is_none() && fate.scripted.is_none() && (fate.repaired || !sick)
        }
        Choice::Answer(answer) => match answer {
            Answer::Pick(_)
            | Answer::Supply
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Confirm => true,
            Answer::SupplyIncomplete | Answer::Cancel | Answer::Decline | Answer::Refuse => false,
        },
        Choice::Configure { completed } => completed,
        Choice::Begin(_) | Choice::Proceed => true,
        Choice::TimeOut | Choice::Postpone | Choice::Refuse(_) => false,
    }
}

/// INV-63: a try that a fault fails has the code of that fault.
pub(super) fn fault_with_another_code(seen: &Seen<'_>) -> bool {
    let (Some(fault), Some((_, code))) = (fault_at_work(seen), seen.failed) else {
        return false;
    };
    let wanted = match fault {
        Fault::InvalidPath => Code::NotFound,
        Fault::ProviderTooNew | Fault::ProviderTooOld => Code::Version,
        Fault::ServerUnavailable => Code::NetworkError,
        Fault::DataCorruption => Code::CorruptData,
    };
    code != wanted
}

/// INV-117: what is repaired could be: by the environment, or by a further try after the answer
/// Correct, which mends a path or finds a server and nothing else (FLT-10).
pub(super) fn repaired_by_nobody(seen: &Seen<'_>) -> bool {
    let rules = seen.scenario().faults;
    let phase = seen.before().client(seen.client).phase();
    let corrected = phase.attempt().is_some_and(|attempt| attempt.corrected);
    let correctable = |task| match seen.before().fault_of(task) {
        Some(Fault::InvalidPath | Fault::ServerUnavailable) => true,
        Some(Fault::ProviderTooNew | Fault::ProviderTooOld | Fault::DataCorruption) | None => false,
    };
    seen.effects().any(|effect| {
        let task = if let Effect::Repaired { provider } = effect {
            Task::Run(provider)
        } else if let Effect::ServiceRepaired { service } = effect {
            Task::Configure(service)
        } else {
            return false;
        };
        let by_user = rules.repair_by_user && corrected && correctable(task);
        !(rules.repair_by_environment || by_user)
    })
}

/// The fault by which the try of this step fails: one that strikes it, or one that has stayed.
pub(super) fn fault_at_work(seen: &Seen<'_>) -> Option<Fault> {
    let (Choice::Try(fate), Some((task, _))) = (seen.moment.action.choice, seen.failed) else {
        return None;
    };
    let stays = if fate.repaired { None } else { seen.before().fault_of(task) };
    fate.struck.or(stays)
}

/// What LIV-7 grants once: a forced dialog to each service; a load, a call of the logon method and
/// a prompt to each try.
pub(super) struct Granted {
    pub(super) forced: ServiceSet,
    pub(super) sought: Option<ServiceId>,
    /// Whose logon method the try has called; that is the end of the try, in the same step.
    pub(super) called: Option<ProviderId>,
}

impl Granted {
    /// Is the effect one too many? `trial` is the task before it.
    pub(super) fn is_exceeded(&mut self, trial: &Trial, effect: &Effect) -> bool {
        if let Effect::EntryPoint { service, forced: true, .. } = *effect {
            let again = self.forced.contains(service);
            self.forced.insert(service);
            again
        } else if let Effect::Sought { service, .. } = *effect {
            self.sought = Some(service);
            false
        } else if let Effect::Displayed { dialog: Dialog::Configure(service), .. } = *effect {
            trial.task == Some(Task::Configure(service)) && self.sought.take() != Some(service)
        } else if let Effect::Provider { provider, call: ProviderCall::Load, .. } = *effect {
            trial.open && trial.task == Some(Task::Run(provider))
        } else if let Effect::Provider { provider, call: ProviderCall::Logon, .. } = *effect {
            self.called.replace(provider) == Some(provider)
        } else if let Effect::Failed { .. } = effect {
            self.called = None;
            false
        } else {
            false
        }
    }
}

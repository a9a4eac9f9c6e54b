//! Mutants that fail or go on without a cause, and whose effects belie what they do.

use crate::mapi::{Code, ProviderKind};
use crate::mutant::Mutant;
use crate::mutant::distort::Distortion;
use crate::protocol::{
    Answer, Call, Choice, Dialog, Effect, Method, Origin, Phase, ProviderCall, Status, StatusRow,
    Task,
};

/// A mutant that answers a dialog of the logon with the end of the logon: the phase in which it is
/// open, the answer, and what the logon then comes to.
type Ended = (Mutant, fn(Phase) -> bool, Answer, Phase);

const ENDED: &[Ended] = &[
    (Mutant::PickCancelled, picks, Answer::Cancel, Phase::Undoing(Code::LogonFailed)),
    (Mutant::PasswordCancelled, gives, Answer::Cancel, Phase::Undoing(Code::LogonFailed)),
    (Mutant::PasswordRefused, gives, Answer::Supply, Phase::Undoing(Code::LogonFailed)),
    (Mutant::PasswordTaken, gives, Answer::SupplyIncomplete, Phase::Finishing),
    (Mutant::ForcedAborts, forces, Answer::Cancel, Phase::Undoing(Code::UserCancel)),
    (Mutant::SuppliedInVain, prompts, Answer::Supply, Phase::Undoing(Code::LogonFailed)),
];

fn picks(phase: Phase) -> bool {
    phase == Phase::PickingProfile
}
fn gives(phase: Phase) -> bool {
    phase == Phase::GivingPassword
}
fn forces(phase: Phase) -> bool {
    matches!(phase, Phase::Forced(_))
}
fn prompts(phase: Phase) -> bool {
    matches!(phase, Phase::Prompting(..))
}

impl Distortion<'_> {
    /// Makes causes, results and effects disagree.
    pub(super) fn of_causes(&mut self, mutant: Mutant, choice: Choice) {
        let before = self.sight.client(self.client).phase();
        let after = self.model.sight(&self.step.state).client(self.client).phase();
        let own = |(one, is, answer, _): &&Ended| {
            *one == mutant && is(before) && choice == Choice::Answer(*answer)
        };
        if let Some((.., phase)) = ENDED.iter().find(own) {
            self.rests(*phase);
        } else if self.in_logon() {
            self.leads_astray(mutant, before, after);
        }
        self.belies(mutant);
        self.belies_sessions(mutant);
    }

    /// A logon comes to rest where it should not.
    fn leads_astray(&mut self, mutant: Mutant, before: Phase, after: Phase) {
        let fails = matches!(after, Phase::Undoing(_));
        let undone = Phase::Undoing(Code::LogonFailed);
        if mutant == Mutant::RefusedAtOnce && after == Phase::Waiting {
            self.refuses_at_once();
        } else if mutant == Mutant::FailsForNothing && !fails && is_opening(before) {
            self.rests(undone);
        } else if mutant == Mutant::LossPassedOver
            && matches!(after, Phase::Disabling(Task::Configure(_), _))
            || mutant == Mutant::PromptPassedOver && prompts(after)
        {
            self.rests(Phase::Finishing);
        } else if mutant == Mutant::EntryPointSkipped
            && let Phase::Reconfiguring(provider, attempt) = after
        {
            self.rests(Phase::Trying(provider, attempt));
            self.hides(|effect| {
                matches!(effect, Effect::Displayed { dialog: Dialog::Configure(_), .. })
            });
        } else if mutant == Mutant::EntryPointFinal
            && let Phase::Trying(provider, _) = after
            && self.shows(|effect| {
                matches!(effect, Effect::EntryPoint { result: Code::Unconfigured, .. })
            })
        {
            self.rests(Phase::Disabling(Task::Run(provider), None));
        } else if mutant == Mutant::SkippedTurn
            && let Phase::Trying(provider, _) = after
            && self.model.kind(ProviderKind::MessageStore).contains(provider)
        {
            self.rests(Phase::Finishing);
        }
    }

    fn refuses_at_once(&mut self) {
        let (client, Some(call)) = (self.client, self.call) else {
            return;
        };
        let me = &mut self.step.state.parts_mut().clients[client.index()];
        (me.call, me.phase) = (None, Phase::Ready);
        let (result, session) = (Code::LogonFailed, None);
        self.step.effects.push(Effect::Returned { client, call, result, session });
    }

    fn hides(&mut self, hidden: impl Fn(&Effect) -> bool) {
        self.step.effects.retain(|effect| !hidden(effect));
    }

    /// Effects say something else than what happens.
    fn belies(&mut self, mutant: Mutant) {
        if mutant == Mutant::DialogUnseen {
            self.hides(|one| matches!(one, Effect::Displayed { dialog: Dialog::Provider(_), .. }));
        } else if mutant == Mutant::PasswordUnnoted {
            self.hides(|one| matches!(one, Effect::PasswordStored { .. }));
        } else if mutant == Mutant::IdentityUnnamed {
            self.hides(|one| matches!(one, Effect::Identity { .. }));
        } else if mutant == Mutant::TransportUnheard {
            self.hides(|one| matches!(one, Effect::Provider { call: ProviderCall::Notify, .. }));
        } else if mutant == Mutant::SpoolerSilent {
            self.hides(|one| matches!(one, Effect::Spooler { .. }));
        } else if mutant == Mutant::UninitializeRefused && self.call == Some(Call::Uninitialize) {
            self.returns(Code::Ok, Code::CallFailed);
        } else if mutant == Mutant::ReturnsTwice
            && self.replies(|method| method == Method::QueryIdentity).is_some()
        {
            self.step.effects.extend(self.step.effects.last().copied());
        } else if mutant == Mutant::LastFirst {
            self.turns_round();
        }
        for effect in &mut self.step.effects {
            match (mutant, effect) {
                (Mutant::PickConfused, Effect::Resolved { origin, .. }) => {
                    if *origin == Origin::Picked {
                        *origin = Origin::Given;
                    }
                }
                (
                    Mutant::CancelUncoded,
                    Effect::Failed {
                        task: Task::Configure(_),
                        result: result @ Code::UserCancel,
                        ..
                    },
                ) => *result = Code::Unconfigured,
                (Mutant::SpoolerAlwaysTold, Effect::Spooler { told, .. }) => *told = true,
                (
                    Mutant::QuarantinedAvailable,
                    Effect::StatusRow { row: StatusRow::Provider(_), status, .. },
                ) => *status = Status::Available,
                (_, _) => {}
            }
        }
    }

    /// The provider that should be logged off first is the last, and so on.
    fn turns_round(&mut self) {
        let is_logoff =
            |effect: &Effect| matches!(effect, Effect::Provider { call: ProviderCall::Logoff, .. });
        let effects = &mut self.step.effects;
        let Some(first) = effects.iter().position(is_logoff) else {
            return;
        };
        let mut groups: Vec<Vec<Effect>> = Vec::new();
        for effect in effects.drain(first..) {
            let goes_on = matches!(effect, Effect::Provider { .. } | Effect::Registered { .. });
            match groups.last_mut() {
                Some(group) if goes_on && !is_logoff(&effect) => group.push(effect),
                Some(_) | None => groups.push(vec![effect]),
            }
        }
        let offs = groups.iter().filter(|group| is_logoff(&group[0])).count();
        groups[..offs].reverse();
        effects.extend(groups.into_iter().flatten());
    }

    /// Holds on sessions are other than what calls return.
    fn belies_sessions(&mut self, mutant: Mutant) {
        let kept = self.sight.attachments().to_vec();
        let opens = self.shows(|effect| matches!(effect, Effect::SessionOpened { .. }));
        let releases = self.replies(|method| method == Method::Release) == Some(Code::Ok);
        let store = self.replies(|method| matches!(method, Method::OpenMsgStore(_)));
        let parts = self.step.state.parts_mut();
        if mutant == Mutant::InitializeUncounted && self.call == Some(Call::Initialize) {
            parts.clients[self.client.index()].initialized =
                self.sight.client(self.client).initialized();
        } else if mutant == Mutant::NeverCurrent && opens {
            parts.shared.current = None;
        } else if mutant == Mutant::SuccessWithoutHold && opens
            || mutant == Mutant::ReleaseEndsNothing && releases
        {
            *parts.attachments = kept;
        } else if mutant == Mutant::ReopensStore
            && store == Some(Code::Ok)
            && let (Some(session), Some(Method::OpenMsgStore(provider))) =
                (self.session, self.call.and_then(Call::method))
        {
            let (call, result) = (ProviderCall::Logoff, Code::Ok);
            self.step.effects.insert(1, Effect::Provider { session, provider, call, result });
        }
    }

    /// Leaves out what the end of the session asks of providers that are quarantined.
    pub(super) fn forgets_quarantined(&mut self) {
        let (model, before) = (self.model, self.sight);
        self.step.effects.retain(|effect| {
            let Effect::Provider { session, provider, .. } = *effect else {
                return true;
            };
            let service = model.scenario().providers[provider.index()].service;
            !before.session(session).disabled().contains(service)
        });
    }
}

fn is_opening(phase: Phase) -> bool {
    matches!(phase, Phase::Opening { .. })
}

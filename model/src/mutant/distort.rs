//! Which mutants make a finished step wrong?

use crate::action::{Action, Choice};
use crate::effect::{Dialog, Effect, Event, ProviderCall};
use crate::ids::{ClientId, LogonId, ServiceSet, SessionId};
use crate::mapi::{Code, LogoffFlags};
use crate::model::Model;
use crate::mutant::Mutant;
use crate::scenario::{Call, Named};
use crate::state::{Attempt, Phase, State, Task};
use crate::step::{Disabled, Step};
use crate::view::{Row, Status};

/// A step to be made wrong.
struct Distortion<'a> {
    model: &'a Model,
    before: &'a State,
    client: ClientId,
    call: Option<Call>,
    step: &'a mut Step,
}

impl Model {
    /// Makes a finished step wrong.
    pub(crate) fn distort(
        &self,
        before: &State,
        action: Action,
        step: &mut Step,
    ) -> Result<(), Disabled> {
        let Some(mutant) = self.mutant() else {
            return Ok(());
        };
        if is_unheard(mutant, before, action) {
            return Err(Disabled);
        }
        let client = action.client;
        let call = self.next_call(before, client);
        let mut distortion = Distortion { model: self, before, client, call, step };
        distortion.of_logons(mutant);
        distortion.of_sessions(mutant);
        distortion.of_effects(mutant);
        Ok(())
    }
}

/// Mutants that cannot go on.
fn is_unheard(mutant: Mutant, before: &State, action: Action) -> bool {
    let phase = before.client(action.client).phase();
    match phase {
        Phase::Informing(..) => mutant == Mutant::OfferIgnored,
        Phase::Disabling(..) => mutant == Mutant::LossPostponed,
        Phase::Confirming => mutant == Mutant::ConfirmationIgnored,
        Phase::Waiting => mutant == Mutant::TimeoutNever && action.choice == Choice::TimeOut,
        Phase::Ready
        | Phase::Choosing
        | Phase::PickingProfile
        | Phase::Opening { .. }
        | Phase::GivingPassword
        | Phase::Forced(_)
        | Phase::Prompting(..)
        | Phase::Trying(..)
        | Phase::Asking(..)
        | Phase::Reconfiguring { .. }
        | Phase::Finishing
        | Phase::Undoing(_) => false,
    }
}

impl Distortion<'_> {
    fn shows(&self, wanted: impl FnMut(&Effect) -> bool) -> bool {
        self.step.effects.iter().any(wanted)
    }

    fn joined(&self) -> Option<SessionId> {
        self.step.effects.iter().find_map(|effect| {
            let Effect::Joined { session, .. } = *effect else {
                return None;
            };
            Some(session)
        })
    }

    fn closed(&self) -> Option<SessionId> {
        self.step.effects.iter().find_map(|effect| {
            let Effect::SessionClosed(session) = *effect else {
                return None;
            };
            Some(session)
        })
    }

    const fn logon(&self) -> Option<LogonId> {
        match self.call {
            Some(Call::LogonEx(logon)) => Some(logon),
            Some(_) | None => None,
        }
    }

    fn rests(&mut self, phase: Phase) {
        self.step.state.clients[self.client.index()].phase = phase;
    }

    /// Other codes for calls that return one.
    fn returns(&mut self, wrong: Code, right: Code) {
        for effect in &mut self.step.effects {
            if let Effect::Returned { code, .. } = effect
                && *code == wrong
            {
                *code = right;
            }
        }
    }

    fn of_logons(&mut self, mutant: Mutant) {
        let phase = self.before.client(self.client).phase();
        let lost = self.shows(|effect| matches!(effect, Effect::ServiceDisabled { .. }));
        if mutant == Mutant::Trn1 {
            self.disables_on_success(phase);
        } else if mutant == Mutant::TurnDenied && lost && self.logon().is_some() {
            self.rests(Phase::Finishing);
        } else if mutant == Mutant::Trn16 && phase == Phase::Choosing && self.logon().is_some() {
            let again = self.model.session_held(self.before, self.client).is_some();
            if again && self.shows(|effect| matches!(effect, Effect::Establishing(_))) {
                self.step.state = *self.before;
                self.step.effects.clear();
                self.rests(Phase::Undoing(Code::SessionLimit));
            }
        } else if mutant == Mutant::HalfUndone
            && let (Phase::Undoing(_), Some(own)) = (phase, self.logon())
        {
            self.step.state.sessions[own.index()] = *self.before.session(own);
        } else if mutant == Mutant::PointerReused
            && let (Some(session), Some(own)) = (self.joined(), self.logon())
            && self.model.session_held(self.before, self.client) == Some(session)
        {
            self.step.state.attached[own.index()] = None;
        }
    }

    /// The step in which a second try succeeds ends where a second failure would.
    fn disables_on_success(&mut self, phase: Phase) {
        let (Phase::Trying(provider, attempt) | Phase::Asking(provider, attempt, _)) = phase else {
            return;
        };
        let second = matches!(attempt, Attempt::Second { .. }) && self.logon().is_some();
        let success = self.shows(|effect| {
            matches!(effect, Effect::Provider { call: ProviderCall::Logon, code: Code::Ok, .. })
        });
        if second && success {
            self.rests(Phase::Disabling(Task::Run(provider), None));
        }
    }

    fn of_sessions(&mut self, mutant: Mutant) {
        if let Some(session) = self.joined() {
            let named = self.model.scenario().clients[self.client.index()].named;
            let slot = &mut self.step.state.sessions[session.index()];
            if mutant == Mutant::JoinEnables {
                slot.disabled = ServiceSet::EMPTY;
            } else if mutant == Mutant::JoinRebinds
                && let Named::Profile(profile) = named
            {
                slot.profile = Some(profile);
            } else if mutant == Mutant::JoinPrompts {
                let (client, dialog) = (self.client, Dialog::Password);
                self.step.effects.insert(0, Effect::Displayed { client, dialog });
            }
        }
        if mutant == Mutant::SessionKept
            && let (Some(session), None) = (self.closed(), self.logon())
        {
            self.step.state.sessions[session.index()] = *self.before.session(session);
            let gone = |effect: &Effect| {
                matches!(effect, Effect::SessionClosed(_) | Effect::Provider { .. })
            };
            self.step.effects.retain(|effect| !gone(effect));
        }
        if mutant == Mutant::IndividualLogoffFelt
            && let Some(Call::Logoff(flags)) = self.call
            && let Some(session) = self.model.session_held(self.before, self.client)
            && flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
            && !self.model.establishing(session).shareable
        {
            self.step.state.current = None;
            let others = self.before.attached.iter().enumerate();
            for (slot, held) in others.filter(|(_, held)| **held != Some(session)) {
                let client = self.model.scenario().logons.get(slot).map(|logon| logon.client);
                if let (Some(client), Some(session)) = (client, *held) {
                    let event = Event::CriticalError;
                    self.step.effects.push(Effect::Notified { client, session, event });
                }
            }
        }
    }

    fn of_effects(&mut self, mutant: Mutant) {
        if mutant == Mutant::ServedUninitialized {
            self.returns(Code::NotInitialized, Code::Ok);
        } else if mutant == Mutant::ServedAfterLogoff {
            self.returns(Code::InvalidObject, Code::Ok);
        } else if mutant == Mutant::NoBookNoPointer {
            self.returns(Code::ErrorsReturned, Code::CallFailed);
        } else if mutant == Mutant::SilentOffer {
            let told = |effect: &Effect| {
                matches!(effect, Effect::Displayed { dialog: Dialog::Failure(_), .. })
            };
            self.step.effects.retain(|effect| !told(effect));
        } else if mutant == Mutant::MarkedKept {
            let removed = |effect: &Effect| matches!(effect, Effect::ProfileRemoved(_));
            self.step.effects.retain(|effect| !removed(effect));
        } else if mutant == Mutant::QuarantinedForgotten && self.closed().is_some() {
            self.forgets_quarantined();
        } else if mutant == Mutant::LibrariesKept {
            self.step.state.libraries = self.step.state.libraries.or(self.before.libraries);
            let freed = |effect: &Effect| matches!(effect, Effect::LibraryFreed(_));
            self.step.effects.retain(|effect| !freed(effect));
        }
        if matches!(mutant, Mutant::LoadedTwice | Mutant::ForcedTwice | Mutant::PromptedTwice) {
            self.doubles(mutant);
        }
        let mut more = Vec::new();
        for effect in &mut self.step.effects {
            distort_effect(mutant, effect, &mut self.step.state, &mut more);
        }
        self.step.effects.extend(more);
    }

    /// Shows twice what the mutant does twice.
    fn doubles(&mut self, mutant: Mutant) {
        let prompts = self.shows(|effect| matches!(effect, Effect::Sought { .. }));
        let effects = std::mem::take(&mut self.step.effects);
        for effect in effects {
            self.step.effects.push(effect);
            let loads = matches!(effect, Effect::Provider { call: ProviderCall::Load, .. });
            let forced = matches!(effect, Effect::EntryPoint { forced: true, .. });
            let dialog = matches!(effect, Effect::Displayed { dialog: Dialog::Configure(_), .. });
            let again = loads && mutant == Mutant::LoadedTwice
                || forced && mutant == Mutant::ForcedTwice
                || dialog && prompts && mutant == Mutant::PromptedTwice;
            if again {
                self.step.effects.push(effect);
            }
        }
    }

    /// Leaves out what the end of the session asks of providers that are quarantined.
    fn forgets_quarantined(&mut self) {
        let (model, before) = (self.model, self.before);
        self.step.effects.retain(|effect| {
            let Effect::Provider { session, provider, .. } = *effect else {
                return true;
            };
            let service = model.scenario().providers[provider.index()].service;
            !before.session(session).disabled().contains(service)
        });
    }
}

fn distort_effect(mutant: Mutant, effect: &mut Effect, state: &mut State, more: &mut Vec<Effect>) {
    if let Effect::ServiceDisabled { service, .. } = effect
        && mutant == Mutant::DisablingKept
    {
        state.removed.insert(*service);
    } else if let Effect::ServiceRemoved(service) = effect
        && mutant == Mutant::RemovalFelt
    {
        for session in &mut state.sessions {
            session.services.remove(*service);
        }
    } else if let Effect::EntryPoint { forced: false, .. } = effect
        && mutant == Mutant::EntryPointTwice
    {
        more.push(*effect);
    } else if let Effect::ProfileMarked(profile) = effect
        && mutant == Mutant::RemovedAtOnce
    {
        more.push(Effect::ProfileRemoved(*profile));
    } else if let Effect::StatusRow { row: Row::Spooler, status, .. } = effect
        && mutant == Mutant::SpoolerFine
    {
        *status = Status::Available;
    } else if let Effect::Provider { call, .. } = effect
        && mutant == Mutant::ShutdownFirst
    {
        *call = match *call {
            ProviderCall::ReleaseLogon => ProviderCall::Shutdown,
            ProviderCall::Shutdown => ProviderCall::ReleaseLogon,
            other @ (ProviderCall::Load
            | ProviderCall::Init
            | ProviderCall::Logon
            | ProviderCall::AddressTypes
            | ProviderCall::Notify
            | ProviderCall::Logoff
            | ProviderCall::Release) => other,
        };
    }
}

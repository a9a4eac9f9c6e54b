//! Mutants that make a finished step wrong.

use crate::ids::{ClientId, ServiceSet, SessionId};
use crate::machine::{Disabled, Model, Step};
use crate::mapi::{Code, LogoffFlags, ProviderKind};
use crate::mutant::rule::Rule;
use crate::mutant::{Mutant, Mutation, Wrong};
use crate::protocol::{
    Action, Call, Choice, Dialog, Effect, Event, Method, Phase, ProviderCall, Status, StatusRow,
    Task,
};
use crate::world::{Attachment, Sight, State};

/// A step to be made wrong.
pub(super) struct Distortion<'a> {
    pub(super) model: &'a Model,
    before: &'a State,
    pub(super) sight: Sight<'a>,
    pub(super) client: ClientId,
    pub(super) call: Option<Call>,
    pub(super) session: Option<SessionId>,
    pub(super) step: &'a mut Step,
}

impl Wrong {
    /// Makes a finished step wrong.
    pub(crate) fn distort(
        &self,
        model: &Model,
        before: &State,
        action: Action,
        step: &mut Step,
    ) -> Result<(), Disabled> {
        let mutant = match self.mutation {
            Mutation::Written(mutant) => mutant,
            Mutation::Systematic(rule) => {
                if step.taken.iter().any(|taken| rule == Rule::Drop(taken.transition)) {
                    self.was_done();
                    ignores(before, action, step);
                }
                return Ok(());
            }
        };
        let sight = model.sight(before);
        if is_unheard(mutant, sight, action) {
            return Err(Disabled);
        }
        let client = action.client;
        let call = sight.call_of(action);
        let mut distortion = Distortion {
            model,
            before,
            sight,
            client,
            call,
            session: call.and_then(|call| sight.session_of(client, call)),
            step,
        };
        distortion.of_logons(mutant);
        distortion.of_sessions(mutant);
        distortion.of_effects(mutant);
        distortion.of_replies(mutant);
        distortion.of_causes(mutant, action.choice);
        Ok(())
    }
}

/// Nothing comes of the choice: the call stays where it is, and one that begins fails at once.
fn ignores(before: &State, action: Action, step: &mut Step) {
    step.state.clone_from(before);
    step.effects.clear();
    step.taken.clear();
    if let Choice::Begin(call) = action.choice {
        let (client, result, session) = (action.client, Code::CallFailed, None);
        step.effects.push(Effect::Called { client, call });
        step.effects.push(Effect::Returned { client, call, result, session });
    }
}

/// Mutants that cannot go on.
fn is_unheard(mutant: Mutant, before: Sight<'_>, action: Action) -> bool {
    let phase = before.client(action.client).phase();
    mutant == Mutant::OfferIgnored && matches!(phase, Phase::Informing(..))
        || mutant == Mutant::LossPostponed && matches!(phase, Phase::Disabling(..))
        || mutant == Mutant::ConfirmationIgnored && phase == Phase::Confirming
        || mutant == Mutant::TimeoutNever && action.choice == Choice::TimeOut
}

impl Distortion<'_> {
    pub(super) fn shows(&self, wanted: impl FnMut(&Effect) -> bool) -> bool {
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
            let Effect::SessionClosed { session } = *effect else {
                return None;
            };
            Some(session)
        })
    }

    pub(super) fn in_logon(&self) -> bool {
        self.call.is_some_and(|call| call.logon().is_some())
    }

    pub(super) fn rests(&mut self, phase: Phase) {
        let call = self.call;
        let me = &mut self.step.state.parts_mut().clients[self.client.index()];
        (me.call, me.phase) = (call, phase);
    }

    /// A first failure ends the call.
    fn passes_over(&mut self) {
        let first = self.step.effects.iter().find_map(|effect| {
            let Effect::Failed { k: 1, result, .. } = *effect else {
                return None;
            };
            Some(result)
        });
        let (Some(result), Some(call), false) = (first, self.call, self.in_logon()) else {
            return;
        };
        let (client, session) = (self.client, self.session);
        let me = &mut self.step.state.parts_mut().clients[client.index()];
        if me.call.take().is_none() {
            return;
        }
        me.phase = Phase::Ready;
        self.step.effects.retain(|effect| !matches!(effect, Effect::Displayed { .. }));
        self.step.effects.push(Effect::Returned { client, call, result, session });
    }

    /// The attachments of the client to the session of its call go.
    fn detaches(&mut self) {
        let (client, session) = (self.client, self.session);
        let own = |one: &Attachment| one.client == client && Some(one.session) == session;
        self.step.state.parts_mut().attachments.retain(|one| !own(one));
    }

    /// What a call returns, if it is this method.
    pub(super) fn replies(&self, method: impl Fn(Method) -> bool) -> Option<Code> {
        let last = self.step.effects.last().copied();
        match (self.call.and_then(Call::method), last) {
            (Some(called), Some(Effect::Returned { result, .. })) if method(called) => Some(result),
            _ => None,
        }
    }

    fn of_replies(&mut self, mutant: Mutant) {
        let logoff = self.replies(|method| matches!(method, Method::Logoff(_)));
        if mutant == Mutant::PassedOver {
            self.passes_over();
        } else if mutant == Mutant::StoreOpens
            && self.replies(|method| matches!(method, Method::OpenMsgStore(_))).is_some()
        {
            self.returns(Code::LogonFailed, Code::Ok);
        } else if mutant == Mutant::WarningHidden {
            self.returns(Code::ErrorsReturned, Code::Ok);
        } else if mutant == Mutant::IdentityKept {
            self.returns(Code::NoService, Code::Ok);
        } else if mutant == Mutant::RefusedDetached && logoff == Some(Code::UserCancel)
            || mutant == Mutant::LogoffEndsBoth && logoff == Some(Code::Ok)
        {
            self.detaches();
        } else if mutant == Mutant::CountedTwice && self.call == Some(Call::Uninitialize) {
            let me = &mut self.step.state.parts_mut().clients[self.client.index()];
            me.initialized = me.initialized.saturating_sub(1);
        } else if mutant == Mutant::DisabledListed
            && self.replies(|method| method == Method::GetMsgStoresTable).is_some()
        {
            self.lists_disabled();
        }
    }

    /// The stores of disabled services stand in the table, too.
    fn lists_disabled(&mut self) {
        let (client, Some(session)) = (self.client, self.session) else {
            return;
        };
        let disabled = self.model.providers_of(self.sight.session(session).disabled());
        for provider in disabled.and(self.model.kind(ProviderKind::MessageStore)) {
            self.step.effects.insert(0, Effect::StoreRow { client, session, provider });
        }
    }

    /// Other codes for calls that return one.
    pub(super) fn returns(&mut self, wrong: Code, right: Code) {
        for effect in &mut self.step.effects {
            if let Effect::Returned { result, .. } = effect
                && *result == wrong
            {
                *result = right;
            }
        }
    }

    fn of_logons(&mut self, mutant: Mutant) {
        let phase = self.sight.client(self.client).phase();
        let lost = self.shows(|effect| matches!(effect, Effect::ServiceDisabled { .. }));
        if mutant == Mutant::Trn1 {
            self.disables_on_success(phase);
        } else if mutant == Mutant::TurnDenied && lost && self.in_logon() {
            self.rests(Phase::Finishing);
        } else if mutant == Mutant::Trn16 && phase == Phase::Choosing && self.in_logon() {
            let again = self.sight.session_held(self.client).is_some();
            if again && self.shows(|effect| matches!(effect, Effect::Establishing { .. })) {
                self.step.state.clone_from(self.before);
                self.step.effects.clear();
                self.rests(Phase::Undoing(Code::SessionLimit));
            }
        } else if mutant == Mutant::HalfUndone
            && let (Phase::Undoing(_), Some(own)) = (phase, self.session)
        {
            self.step.state.parts_mut().sessions[own.index()] = *self.sight.session(own);
        } else if mutant == Mutant::PointerReused
            && let Some(session) = self.joined()
            && self.sight.session_held(self.client) == Some(session)
        {
            let kept = self.sight.attachments().to_vec();
            *self.step.state.parts_mut().attachments = kept;
        }
    }

    /// The step in which a second try succeeds ends where a second failure would.
    fn disables_on_success(&mut self, phase: Phase) {
        let (Phase::Trying(provider, attempt) | Phase::Asking(provider, attempt, _)) = phase else {
            return;
        };
        let second = attempt.k > 1 && self.in_logon();
        let success = self.shows(|effect| {
            matches!(effect, Effect::Provider { call: ProviderCall::Logon, result: Code::Ok, .. })
        });
        if second && success {
            self.rests(Phase::Disabling(Task::Run(provider), None));
        }
    }

    fn of_sessions(&mut self, mutant: Mutant) {
        if let Some(session) = self.joined() {
            let named = self.call.and_then(Call::logon).unwrap_or_default().name.profile();
            let slot = &mut self.step.state.parts_mut().sessions[session.index()];
            if mutant == Mutant::JoinEnables {
                slot.disabled = ServiceSet::EMPTY;
            } else if mutant == Mutant::JoinRebinds
                && let Some(profile) = named
            {
                slot.profile = Some(profile);
            } else if mutant == Mutant::JoinPrompts {
                let (client, dialog) = (self.client, Dialog::Password);
                self.step.effects.insert(0, Effect::Displayed { client, dialog });
            }
        }
        if mutant == Mutant::SessionKept
            && let (Some(session), false) = (self.closed(), self.in_logon())
        {
            self.step.state.parts_mut().sessions[session.index()] = *self.sight.session(session);
            let gone = |effect: &Effect| {
                matches!(effect, Effect::SessionClosed { .. } | Effect::Provider { .. })
            };
            self.step.effects.retain(|effect| !gone(effect));
        }
        if mutant == Mutant::IndividualLogoffFelt
            && let Some(Method::Logoff(flags)) = self.call.and_then(Call::method)
            && let Some(session) = self.session
            && flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
            && !self.model.permissions(self.sight.session(session).flags()).shareable
        {
            self.step.state.parts_mut().shared.current = None;
            let others = self.sight.attachments().iter();
            for other in others.filter(|other| other.session != session) {
                self.step.effects.push(Effect::Notified {
                    client: other.client,
                    session: other.session,
                    event: Event::CriticalError,
                });
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
                matches!(effect, Effect::Displayed { dialog: Dialog::Failure(..), .. })
            };
            self.step.effects.retain(|effect| !told(effect));
        } else if mutant == Mutant::MarkedKept {
            let removed = |effect: &Effect| matches!(effect, Effect::ProfileRemoved { .. });
            self.step.effects.retain(|effect| !removed(effect));
        } else if mutant == Mutant::QuarantinedForgotten && self.closed().is_some() {
            self.forgets_quarantined();
        } else if mutant == Mutant::LibrariesKept {
            let kept = self.sight.libraries();
            let shared = self.step.state.parts_mut().shared;
            shared.libraries = shared.libraries.or(kept);
            let freed = |effect: &Effect| matches!(effect, Effect::LibraryFreed { .. });
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
}

fn distort_effect(mutant: Mutant, effect: &mut Effect, state: &mut State, more: &mut Vec<Effect>) {
    if let Effect::ServiceDisabled { service, .. } = effect
        && mutant == Mutant::DisablingKept
    {
        state.parts_mut().shared.removed.insert(*service);
    } else if let Effect::ServiceRemoved { service } = effect
        && mutant == Mutant::RemovalFelt
    {
        for session in state.parts_mut().sessions {
            session.services.remove(*service);
        }
    } else if let Effect::EntryPoint { forced: false, .. } = effect
        && mutant == Mutant::EntryPointTwice
    {
        more.push(*effect);
    } else if let Effect::ProfileMarked { profile } = effect
        && mutant == Mutant::RemovedAtOnce
    {
        more.push(Effect::ProfileRemoved { profile: *profile });
    } else if let Effect::Failed { result, .. } | Effect::Provider { result, .. } = effect
        && mutant == Mutant::FaultsConfused
    {
        if *result == Code::NotFound {
            *result = Code::CorruptData;
        } else if *result == Code::CorruptData {
            *result = Code::NotFound;
        }
    } else if let Effect::StatusRow { row: StatusRow::Spooler, status, .. } = effect
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

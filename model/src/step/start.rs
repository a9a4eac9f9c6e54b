//! Which provider is started next, and how does its logon end? T-35 to T-44.

use super::{Disabled, Turn, Verdict};
use crate::action::{Choice, Fate, Scripted};
use crate::effect::{Dialog, Effect, ProviderCall};
use crate::ids::{ProviderId, SessionId};
use crate::mapi::{Class, Code, Fault, ProviderKind};
use crate::mutant::Mutant;
use crate::policy::{Deferred, FailureCodes, Start, XpStart};
use crate::state::{Asked, Attempt, Phase, Task};
use crate::transition::Place::{Q13, Q14, Q18, Q19};
use crate::transition::Transition::{T35, T36, T37, T38, T39, T40, T41, T42, T43, T44, T56};

use super::configure::supply_answer;

impl Turn<'_> {
    /// Q18, phases (c) to (e): the next provider after `done`; with none left, Q19.
    pub(super) fn start_next(&mut self, done: Option<ProviderId>) -> Verdict {
        let session = *self.state.session(self.own_logon()?);
        let scenario = self.model.scenario();
        let all = self.model.providers_of(session.services);
        let mut done = done;
        let kinds = self.starting_kinds();
        let reached = done.map(|done| scenario.providers[done.index()].kind);
        for kind in kinds.into_iter().flatten() {
            if reached.is_some_and(|reached| place_in(kinds, reached) > place_in(kinds, kind)) {
                continue;
            }
            let of_kind = self.model.kind(kind).and(all);
            let left = match done.take() {
                Some(done) if reached == Some(kind) => of_kind.after(done),
                Some(_) | None => of_kind,
            };
            for provider in left {
                let lost = session.disabled.contains(scenario.providers[provider.index()].service);
                if lost && !self.model.is(Mutant::DisabledStarted) {
                    // T-36: no call reaches a disabled service (DIS-4, DIS-6).
                    self.takes(T36, Q18);
                    continue;
                }
                self.takes(T35, Q13);
                self.rests(Phase::Trying(provider, Attempt::First));
                return Ok(());
            }
        }
        // T-56: no task is left.
        self.takes(T56, Q19);
        self.rests(Phase::Finishing);
        Ok(())
    }

    /// The kinds a logon starts, in order: PRV-2 to PRV-5, with AMB-13 and AMB-15.
    fn starting_kinds(&self) -> [Option<ProviderKind>; 3] {
        let policy = &self.model.scenario().policy;
        let me = self.model.permissions(self.client);
        let eager = policy.start == Start::Eager;
        let ab = eager.then_some(ProviderKind::AddressBook);
        let ms = eager.then_some(ProviderKind::MessageStore);
        if self.model.is(Mutant::StoresFirst) {
            return [ms, ab, None];
        }
        match policy.xp_start {
            XpStart::OnNeed => {
                let xp = (me.force_download && !me.no_mail).then_some(ProviderKind::Transport);
                [ab, ms, xp]
            }
            // [DER] transports of a messaging session start before its stores.
            XpStart::AfterLogon => [ab, (!me.no_mail).then_some(ProviderKind::Transport), ms],
        }
    }

    /// Q13, Q14: one try, from its fault decision to its result or first dialog.
    pub(super) fn trying(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        choice: Choice,
    ) -> Verdict {
        match choice {
            Choice::Try(fate) => self.try_provider(provider, attempt, fate),
            Choice::Postpone => self.postpone(provider, attempt),
            Choice::Begin
            | Choice::Proceed
            | Choice::TimeOut
            | Choice::Refuse(_)
            | Choice::Configure { .. }
            | Choice::Answer(_) => Err(Disabled),
        }
    }

    /// SCENARIO rules 2 and 3.
    fn try_provider(&mut self, provider: ProviderId, attempt: Attempt, fate: Fate) -> Verdict {
        let rules = self.model.scenario().faults;
        let slot = provider.index();
        match (self.state.faults[slot], fate.repaired) {
            (None, false) => {}
            (Some(_), true) => {
                let corrected = matches!(attempt, Attempt::Second { corrected: true, .. });
                if !(rules.repair_by_environment || rules.repair_by_user && corrected) {
                    return Err(Disabled);
                }
                self.state.faults[slot] = None;
                self.shows(Effect::Repaired(provider));
            }
            (Some(fault), false) if fate == Fate::default() => {
                return self.strike(provider, attempt, fault);
            }
            (None, true) | (Some(_), false) => return Err(Disabled),
        }
        if let Some(fault) = fate.struck {
            let kinds = self.model.scenario().providers[slot].faults;
            let otherwise = fate.password_found || fate.scripted.is_some();
            if otherwise || self.state.budget == 0 || !kinds.contains(fault) {
                return Err(Disabled);
            }
            self.state.budget -= 1;
            self.state.faults[slot] = Some(fault);
            self.shows(Effect::Struck(provider, fault));
            return self.strike(provider, attempt, fault);
        }
        if fate.password_found {
            if !self.state.refused.contains(provider) {
                return Err(Disabled);
            }
            self.store_password(provider);
        }
        if let Some(scripted) = fate.scripted {
            return self.recite(provider, attempt, scripted);
        }
        self.load(provider, attempt);
        self.log_on(provider, attempt)
    }

    /// AMB-35: the provider answers what the scenario lets it answer, whatever its data.
    fn recite(&mut self, provider: ProviderId, attempt: Attempt, answer: Scripted) -> Verdict {
        let definition = &self.model.scenario().providers[provider.index()];
        let loaded = matches!(attempt, Attempt::Second { loaded: true, .. });
        match answer {
            Scripted::Init(code) if !loaded && definition.init_codes.contains(code) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, code);
                match self.class(code) {
                    Class::Succ => {
                        self.takes(T37, Q14);
                        self.log_on(provider, attempt)
                    }
                    Class::Skip => {
                        self.takes(T37, Q14);
                        self.puts_off(provider, code)
                    }
                    Class::Conf | Class::Canc | Class::Fail => {
                        self.takes(T38, Q13);
                        self.fails(Task::Run(provider), attempt, code, [T43, T44])
                    }
                }
            }
            Scripted::Logon(code) if definition.logon_codes.contains(code) => {
                self.load(provider, attempt);
                match self.class(code) {
                    Class::Succ => self.logged_on(provider, code),
                    Class::Skip => {
                        self.calls(provider, ProviderCall::Logon, code);
                        self.lets_go(Task::Run(provider));
                        self.puts_off(provider, code)
                    }
                    Class::Conf | Class::Canc | Class::Fail => {
                        self.refuses(provider, attempt, code)
                    }
                }
            }
            Scripted::Init(_) | Scripted::Logon(_) => Err(Disabled),
        }
    }

    /// What the code of a provider comes to (PRV-50 to PRV-59).
    fn class(&self, code: Code) -> Class {
        let strict = self.model.scenario().policy.failure_codes == FailureCodes::Mapi4linux;
        match code.class() {
            Class::Succ if strict && code != Code::Ok => Class::Fail,
            class @ (Class::Succ | Class::Skip | Class::Conf | Class::Canc | Class::Fail) => class,
        }
    }

    /// The try fails by a fault (FLT-1 to FLT-4); a version is refused at load (FLT-6).
    fn strike(&mut self, provider: ProviderId, attempt: Attempt, fault: Fault) -> Verdict {
        let loaded = matches!(attempt, Attempt::Second { loaded: true, .. });
        match (fault, loaded) {
            (Fault::InvalidPath, false) => {
                self.calls(provider, ProviderCall::Load, fault.code());
                self.takes(T38, Q13);
            }
            (Fault::ProviderTooNew, false) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, fault.code());
                self.takes(T39, Q13);
            }
            (Fault::ProviderTooOld, false) if self.model.is(Mutant::VersionIgnored) => {
                self.load(provider, attempt);
                return self.log_on(provider, attempt);
            }
            (Fault::ProviderTooOld, false) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, Code::Ok);
                self.calls(provider, ProviderCall::Release, Code::Ok);
                self.takes(T39, Q13);
            }
            (Fault::ServerUnavailable | Fault::DataCorruption, _) | (_, true) => {
                self.load(provider, attempt);
                self.calls(provider, ProviderCall::Logon, fault.code());
                self.takes(T42, Q14);
            }
        }
        self.fails(Task::Run(provider), attempt, fault.code(), [T43, T44])
    }

    /// Q14: the logon method, from the session cap on.
    fn log_on(&mut self, provider: ProviderId, attempt: Attempt) -> Verdict {
        let session = self.session_of_call()?;
        let full = self.is_full(provider);
        let complete = self.state.supplied.contains(provider);
        let stored = self.state.passwords.contains(provider);
        let ui = self.model.establishing(session).ui_cfg;
        match (full, complete, stored) {
            // PRV-56, LIM-5: the provider allows no further logon.
            (true, _, _) => self.refuses(provider, attempt, Code::SessionLimit),
            // PRV-25, PRV-26: its own data is missing.
            (false, false, _) if ui => self.asks(provider, attempt, Asked::Data),
            (false, false, _) => self.refuses(provider, attempt, Code::Unconfigured),
            (false, true, false) if ui => self.asks(provider, attempt, Asked::Password),
            (false, true, false) if self.model.is(Mutant::SkipFails) => {
                self.refuses(provider, attempt, Code::FailOneProvider)
            }
            (false, true, false) => self.defer(provider),
            (false, true, true) => self.logged_on(provider, Code::Ok),
        }
    }

    /// LIM-5: is every place of the provider taken? It is the provider that limits sessions
    /// (LIM-3), as its hardware may oblige it to (LIM-4).
    fn is_full(&self, provider: ProviderId) -> bool {
        let cap = self.model.scenario().providers[provider.index()].session_cap;
        cap.is_some_and(|cap| self.model.live_logons(self.state, provider) >= cap)
    }

    fn asks(&mut self, provider: ProviderId, attempt: Attempt, asked: Asked) -> Verdict {
        self.displays(Dialog::Provider(provider));
        self.rests(Phase::Asking(provider, attempt, asked));
        Ok(())
    }

    /// T-42: a code of class CONF, CANC or FAIL (PRV-53 to PRV-59).
    fn refuses(&mut self, provider: ProviderId, attempt: Attempt, code: Code) -> Verdict {
        self.calls(provider, ProviderCall::Logon, code);
        self.takes(T42, Q14);
        self.fails(Task::Run(provider), attempt, code, [T43, T44])
    }

    /// T-41: class SKIP; the provider may be tried again later (PRV-52).
    fn defer(&mut self, provider: ProviderId) -> Verdict {
        let code = Code::FailOneProvider;
        self.calls(provider, ProviderCall::Logon, code);
        if self.model.scenario().faults.repair_by_environment {
            self.state.refused.insert(provider);
        }
        self.lets_go(Task::Run(provider));
        self.puts_off(provider, code)
    }

    fn puts_off(&mut self, provider: ProviderId, code: Code) -> Verdict {
        self.takes(T41, Q18);
        let session = self.session_of_call()?;
        let slot = &mut self.state.sessions[session.index()];
        slot.deferred.insert(provider);
        self.task_over(Task::Run(provider), code)
    }

    /// T-40: class SUCC (PRV-50, PRV-51).
    fn logged_on(&mut self, provider: ProviderId, code: Code) -> Verdict {
        self.calls(provider, ProviderCall::Logon, code);
        self.takes(T40, Q18);
        self.registers(provider);
        let session = self.session_of_call()?;
        let slot = &mut self.state.sessions[session.index()];
        slot.running.insert(provider);
        slot.deferred.remove(provider);
        self.task_over(Task::Run(provider), code)
    }

    /// AMB-47 [DER]: success reported early inside a logon; the first use will try. A provider that
    /// cannot be loaded, or has no place left, reports none.
    fn postpone(&mut self, provider: ProviderId, attempt: Attempt) -> Verdict {
        let session = self.own_logon()?;
        let on = self.model.scenario().policy.deferred == Deferred::On;
        let fault = self.state.fault(provider);
        let loads = fault.is_none_or(|fault| !fault.strikes_at_load());
        if !on || attempt != Attempt::First || !loads || self.is_full(provider) {
            return Err(Disabled);
        }
        self.load(provider, attempt);
        self.logged_on(provider, Code::Ok)?;
        self.state.sessions[session.index()].promised.insert(provider);
        Ok(())
    }

    /// Q14: the provider's own dialog. The answer alone decides; then the checks are made again.
    pub(super) fn asking(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        asked: Asked,
        choice: Choice,
    ) -> Verdict {
        let (answer, code) = supply_answer(choice)?;
        self.answers(answer)?;
        match (code, asked) {
            (Code::Ok, Asked::Data) => self.supply(provider),
            (Code::Ok, Asked::Password) => self.store_password(provider),
            (code, Asked::Data | Asked::Password) => return self.refuses(provider, attempt, code),
        }
        self.log_on(provider, attempt)
    }

    /// The provider's own data is complete in the profile from here on.
    pub(super) fn supply(&mut self, provider: ProviderId) {
        if !self.state.supplied.contains(provider) {
            self.state.supplied.insert(provider);
            self.shows(Effect::ProviderConfigured(provider));
        }
    }

    fn store_password(&mut self, provider: ProviderId) {
        self.state.refused.remove(provider);
        if !self.state.passwords.contains(provider) {
            self.state.passwords.insert(provider);
            self.shows(Effect::PasswordStored(provider));
        }
    }

    /// The session this call makes or acts on.
    pub(super) fn session_of_call(&self) -> Result<SessionId, Disabled> {
        match self.own_logon() {
            Ok(session) => Ok(session),
            Err(Disabled) => self.model.session_held(self.state, self.client).ok_or(Disabled),
        }
    }
}

/// Where a kind stands in the order; kinds that are not started stand behind all.
fn place_in(kinds: [Option<ProviderKind>; 3], kind: ProviderKind) -> usize {
    kinds.iter().position(|one| *one == Some(kind)).unwrap_or(kinds.len())
}

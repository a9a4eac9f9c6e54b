//! The start of providers in turn, and how their logons end: T-35 to T-44.

use crate::ids::ProviderId;
use crate::machine::step::{Disabled, Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Class, Code, Fault, ProviderKind};
use crate::policy::{Deferred, FailureCodes, Start, XpStart};
use crate::protocol::Transition::{T35, T36, T37, T38, T39, T40, T41, T42, T56};
use crate::protocol::{
    Asked, Attempt, Call, Choice, Dialog, Effect, Fate, Phase, ProviderCall, Scripted, Task,
};
use crate::scenario::Password;
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q18, phases (c) to (e): the next provider after `done`; with none left, Q19.
    pub(crate) fn start_after(&mut self, done: Option<ProviderId>) -> Next {
        let session = self.slot();
        let scenario = self.model.scenario();
        let all = self.model.providers_of(session.services);
        let kinds = self.starting_kinds();
        let reached = done.map(|done| scenario.providers[done.index()].kind);
        // A kind that is not started has its place behind all others.
        let place = |kind| kinds.iter().position(|one| *one == Some(kind)).unwrap_or(kinds.len());
        for kind in kinds.into_iter().flatten() {
            if reached.is_some_and(|reached| place(reached) > place(kind)) {
                continue;
            }
            let of_kind = self.model.kind(kind).and(all);
            let after = done.filter(|_| reached == Some(kind));
            for provider in after.map_or(of_kind, |done| of_kind.after(done)) {
                let service = scenario.providers[provider.index()].service;
                if self.holds(Guard::ServiceDisabled, session.disabled.contains(service)) {
                    // T-36: no call reaches a disabled service (DIS-4, DIS-6).
                    self.takes(T36);
                    continue;
                }
                self.takes(T35);
                return Next::Rest(Phase::Trying(provider, Attempt::FIRST));
            }
        }
        // T-56: no task is left.
        self.takes(T56);
        Next::Rest(Phase::Finishing)
    }

    /// The kinds a logon starts, in order: PRV-2 to PRV-5, with AMB-13 and AMB-15.
    fn starting_kinds(&self) -> [Option<ProviderKind>; 3] {
        let policy = &self.model.scenario().policy;
        let eager = policy.start == Start::Eager;
        let ab = eager.then_some(ProviderKind::AddressBook);
        let ms = eager.then_some(ProviderKind::MessageStore);
        let xp = |starts: bool| starts.then_some(ProviderKind::Transport);
        if !self.holds(Guard::AddressBooksFirst, true) {
            return [ms, ab, None];
        }
        match policy.xp_start {
            XpStart::OnNeed => [ab, ms, xp(self.may().force_download && !self.may().no_mail)],
            // [DER] transports of a messaging session start before its stores.
            XpStart::AfterLogon => [ab, xp(!self.may().no_mail), ms],
        }
    }

    /// Q13, Q14: one try, from its fault decision to its result or first dialog.
    pub(crate) fn trying(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        choice: Choice,
    ) -> Entered {
        let Choice::Try(fate) = choice else {
            return match choice {
                Choice::Postpone => self.postpone(provider, attempt),
                Choice::Begin(_)
                | Choice::Proceed
                | Choice::TimeOut
                | Choice::Try(_)
                | Choice::Refuse(_)
                | Choice::Configure { .. }
                | Choice::Answer(_) => Err(Disabled),
            };
        };
        if !self.may_answer(provider, attempt, fate) {
            return Err(Disabled);
        }
        if let Some(fault) = self.befalls(Task::Run(provider), attempt, choice)? {
            return Ok(self.strike(provider, attempt, fault));
        }
        if fate.password_found {
            self.store_password(provider);
        }
        Ok(match fate.scripted {
            Some(answer) => self.recite(provider, attempt, answer),
            None => {
                self.load(provider, attempt);
                Next::Go(Stage::LogOn(provider, attempt))
            }
        })
    }

    /// May the provider be found so, and answer so?
    fn may_answer(&self, provider: ProviderId, attempt: Attempt, fate: Fate) -> bool {
        let definition = &self.model.scenario().providers[provider.index()];
        let plain = !fate.password_found && fate.scripted.is_none();
        let found = !fate.password_found || self.world.shared().refused().contains(provider);
        let scripted = match fate.scripted {
            None => true,
            Some(Scripted::Init(code)) => !attempt.loaded && definition.init_codes.contains(code),
            Some(Scripted::Logon(code)) => definition.logon_codes.contains(code),
        };
        (fate.struck.is_none() || plain) && found && scripted
    }

    /// AMB-35: the provider answers what the scenario lets it answer, whatever its data.
    fn recite(&mut self, provider: ProviderId, attempt: Attempt, answer: Scripted) -> Next {
        match answer {
            Scripted::Init(code) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, code);
                match self.class(code) {
                    Class::Succ => {
                        self.takes(T37);
                        Next::Go(Stage::LogOn(provider, attempt))
                    }
                    Class::Skip => {
                        self.takes(T37);
                        self.put_off(provider, code)
                    }
                    Class::Conf | Class::Canc | Class::Fail => {
                        self.takes(T38);
                        Next::Go(Stage::Fail(Task::Run(provider), attempt, code))
                    }
                }
            }
            Scripted::Logon(code) => {
                self.load(provider, attempt);
                match self.class(code) {
                    Class::Succ => self.logged_on(provider, code),
                    Class::Skip => self.answers_skip(provider),
                    Class::Conf | Class::Canc | Class::Fail => {
                        self.refuses(provider, attempt, code)
                    }
                }
            }
        }
    }

    /// The effect of a provider's code (PRV-50 to PRV-59).
    fn class(&self, code: Code) -> Class {
        let strict = self.model.scenario().policy.failure_codes == FailureCodes::Mapi4linux;
        match code.class() {
            Class::Succ if strict && code != Code::Ok => Class::Fail,
            class @ (Class::Succ | Class::Skip | Class::Conf | Class::Canc | Class::Fail) => class,
        }
    }

    /// The try fails by a fault (FLT-1 to FLT-4); a version is refused at load (FLT-6).
    fn strike(&mut self, provider: ProviderId, attempt: Attempt, fault: Fault) -> Next {
        match (fault, attempt.loaded) {
            (Fault::InvalidPath, false) => {
                self.calls(provider, ProviderCall::Load, fault.code());
                self.takes(T38);
            }
            (Fault::ProviderTooNew, false) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, fault.code());
                self.takes(T39);
            }
            (Fault::ProviderTooOld, false) if !self.holds(Guard::VersionRefused, true) => {
                self.load(provider, attempt);
                return Next::Go(Stage::LogOn(provider, attempt));
            }
            (Fault::ProviderTooOld, false) => {
                self.load_library(provider);
                self.calls(provider, ProviderCall::Init, Code::Ok);
                self.calls(provider, ProviderCall::Release, Code::Ok);
                self.takes(T39);
            }
            (Fault::ServerUnavailable | Fault::DataCorruption, _) | (_, true) => {
                self.load(provider, attempt);
                self.calls(provider, ProviderCall::Logon, fault.code());
                self.takes(T42);
            }
        }
        Next::Go(Stage::Fail(Task::Run(provider), attempt, fault.code()))
    }

    /// Q14: the logon method, from the session cap on.
    pub(crate) fn log_on(&mut self, provider: ProviderId, attempt: Attempt) -> Next {
        let shared = self.world.shared();
        let complete = self.holds(Guard::DataComplete, shared.supplied().contains(provider));
        let right = self.holds(Guard::PasswordRight, shared.passwords().contains(provider));
        let may_ask = self.may_show();
        match (self.has_place(provider), complete, right) {
            (false, _, _) => self.is_full(provider, attempt),
            // PRV-25, PRV-26: its own data is missing.
            (true, false, _) if may_ask => self.asks(provider, attempt, Asked::Data),
            (true, false, _) => self.refuses(provider, attempt, Code::Unconfigured),
            // PRV-28, PRV-30: its password is missing or wrong.
            (true, true, false) if may_ask => self.asks(provider, attempt, Asked::Password),
            (true, true, false) => self.lacks_password(provider, attempt),
            (true, true, true) => self.logged_on(provider, Code::Ok),
        }
    }

    /// LIM-5: has the provider a place left? It is the provider that limits sessions (LIM-3), as
    /// its hardware may oblige it to (LIM-4).
    fn has_place(&self, provider: ProviderId) -> bool {
        let cap = self.model.scenario().providers[provider.index()].session_cap;
        let left = cap.is_none_or(|cap| self.world.live_logons(provider) < cap);
        self.holds(Guard::PlaceLeft, left)
    }

    /// PRV-56, LIM-5: the provider allows no further logon, in its own words.
    fn is_full(&mut self, provider: ProviderId, attempt: Attempt) -> Next {
        let code = self.model.scenario().providers[provider.index()].cap_code;
        if code == Code::FailOneProvider {
            return self.answers_skip(provider);
        }
        self.refuses(provider, attempt, code)
    }

    /// PRV-28, PRV-30: nobody can be asked for the password; from now on it may be found right.
    fn lacks_password(&mut self, provider: ProviderId, attempt: Attempt) -> Next {
        if self.model.scenario().faults.repair_by_environment {
            self.world.shared_mut().set_refused(provider, true);
        }
        match self.model.scenario().providers[provider.index()].password {
            Password::Wrong => self.refuses(provider, attempt, Code::LogonFailed),
            Password::Stored | Password::Missing if self.holds(Guard::PutOff, true) => {
                self.answers_skip(provider)
            }
            Password::Stored | Password::Missing => {
                self.refuses(provider, attempt, Code::FailOneProvider)
            }
        }
    }

    /// T-41: class SKIP; the provider may be tried again later (PRV-52).
    fn answers_skip(&mut self, provider: ProviderId) -> Next {
        let code = Code::FailOneProvider;
        self.calls(provider, ProviderCall::Logon, code);
        self.releases_object(Task::Run(provider));
        self.put_off(provider, code)
    }

    fn asks(&mut self, provider: ProviderId, attempt: Attempt, asked: Asked) -> Next {
        self.displays(Dialog::Provider(provider));
        Next::Rest(Phase::Asking(provider, attempt, asked))
    }

    /// T-42: a code of class CONF, CANC or FAIL (PRV-53 to PRV-59).
    fn refuses(&mut self, provider: ProviderId, attempt: Attempt, code: Code) -> Next {
        self.calls(provider, ProviderCall::Logon, code);
        self.takes(T42);
        Next::Go(Stage::Fail(Task::Run(provider), attempt, code))
    }

    fn put_off(&mut self, provider: ProviderId, code: Code) -> Next {
        self.takes(T41);
        self.slot_mut().deferred.insert(provider);
        Next::Go(Stage::Finish(Task::Run(provider), code))
    }

    /// T-40: class SUCC (PRV-50, PRV-51).
    fn logged_on(&mut self, provider: ProviderId, code: Code) -> Next {
        self.calls(provider, ProviderCall::Logon, code);
        self.takes(T40);
        self.registers(provider);
        let slot = self.slot_mut();
        slot.running.insert(provider);
        slot.deferred.remove(provider);
        Next::Go(Stage::Finish(Task::Run(provider), code))
    }

    /// AMB-47 [DER]: success reported early inside a logon; the first use will try. A provider that
    /// cannot be loaded, or has no place left, reports none.
    fn postpone(&mut self, provider: ProviderId, attempt: Attempt) -> Entered {
        let on = self.model.scenario().policy.deferred == Deferred::On;
        let fault = self.world.shared().fault(provider);
        let loads = fault.is_none_or(|fault| !fault.strikes_at_load());
        let in_logon = matches!(self.call, Call::LogonEx(_));
        if !on || !in_logon || attempt != Attempt::FIRST || !loads || !self.has_place(provider) {
            return Err(Disabled);
        }
        self.load(provider, attempt);
        let next = self.logged_on(provider, Code::Ok);
        self.slot_mut().promised.insert(provider);
        Ok(next)
    }

    /// Q14: the provider's own dialog. The answer alone decides; then the checks are made again.
    pub(crate) fn asking(
        &mut self,
        provider: ProviderId,
        attempt: Attempt,
        asked: Asked,
        choice: Choice,
    ) -> Entered {
        let code = self.supplied(choice)?;
        if code != Code::Ok {
            return Ok(self.refuses(provider, attempt, code));
        }
        match asked {
            Asked::Data => self.supply(provider),
            Asked::Password => self.store_password(provider),
        }
        Ok(Next::Go(Stage::LogOn(provider, attempt)))
    }

    /// The provider's own data is complete in the profile from here on.
    pub(crate) fn supply(&mut self, provider: ProviderId) {
        if !self.world.shared().supplied().contains(provider) {
            self.world.shared_mut().supply(provider);
            self.shows(Effect::ProviderConfigured { provider });
        }
    }

    fn store_password(&mut self, provider: ProviderId) {
        self.world.shared_mut().set_refused(provider, false);
        if !self.world.shared().passwords().contains(provider) {
            self.world.shared_mut().store_password(provider);
            self.shows(Effect::PasswordStored { provider });
        }
    }
}

//! The beginning of a call and its wait for its turn: T-1 to T-8; session calls branch off.

use crate::ids::ClientId;
use crate::machine::Model;
use crate::machine::step::{Disabled, Entered, Next, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, CodeSet, LogonFlags};
use crate::policy::{FailureCodes, Mutex, ParamError, ParameterChecks, ServiceNoMail, TimeoutMode};
use crate::protocol::Place::{Q0, Q1, W0, W4};
use crate::protocol::Transition::{T1, T2, T3, T4, T5, T6, T7, T82};
use crate::protocol::{Call, Choice, Effect, Logon, Method, NameParameter, Phase};
use crate::world::{Attachment, Session, Store};

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Between two calls: the next may begin at any moment.
    pub(crate) fn ready(&mut self, choice: Choice) -> Entered {
        match choice {
            Choice::Begin(call) => self.begin(call),
            Choice::Refuse(code) => self.refuse_initialization(code),
            Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Configure { .. }
            | Choice::Answer(_) => Err(Disabled),
        }
    }

    /// `written` is the call as the client makes it.
    fn begin(&mut self, written: Call) -> Entered {
        if !self.can_begin() {
            return Err(Disabled);
        }
        let (client, call) = (self.client, written);
        self.shows(Effect::Called { client, call });
        if self.world.client(client).initialized == 0 && self.call != Call::Initialize {
            let lists = self.model.scenario().clients[self.world.kind(client).index()].initializes;
            if !self.holds(Guard::Initialized, !lists) {
                // T-2: no MAPI call before MAPIInitialize (INI-1), nor after its balance (INI-12).
                self.at = Q0;
                self.takes(T2);
                return Ok(Next::Return(Code::NotInitialized, None));
            }
            self.initialize();
        }
        Ok(match self.call {
            Call::LogonEx(logon) => self.call_logon(&logon),
            Call::Initialize => {
                self.initialize();
                Next::Return(Code::Ok, None)
            }
            Call::Uninitialize => self.uninitialize(),
            Call::DeleteProfile(profile) => self.delete_profile(profile),
            Call::OnSession(_, method) if self.slot() != Session::NONE => {
                self.at = W0;
                self.call_on_session(method)
            }
            // OFF-4: after Logoff the pointer may still be released.
            Call::OnSession(_, Method::Release) => Next::Return(Code::Ok, None),
            Call::OnSession(..) => {
                // T-82: the client has logged off that session (OFF-4, OFF-20).
                self.at = W4;
                self.takes(T82);
                Next::Return(Code::InvalidObject, None)
            }
        })
    }

    /// Calls on one session take turns; a client calls only on what it has obtained, and keeps one
    /// session pointer in one slot.
    fn can_begin(&self) -> bool {
        let client = self.client;
        let free = |session| self.holds(Guard::SessionFree, !self.world.is_busy(session, client));
        match self.call {
            Call::LogonEx(logon) => {
                self.world.establishes(client, logon.slot).is_some()
                    && self.slot() == Session::NONE
                    && self.world.attachment(client, Some(logon.slot)).is_none()
            }
            Call::OnSession(..) => {
                self.world.client(client).obtained
                    && (self.slot() == Session::NONE || free(self.session))
            }
            // [DER] at zero what the client still holds is released, in turn on each session.
            Call::Uninitialize if self.world.client(client).initialized == 1 => {
                let mut all_free = true;
                let each = &mut |held: &Attachment| all_free &= free(held.session);
                self.world.each_attachment(client, each);
                all_free
            }
            Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_) => true,
        }
    }

    /// T-1: one more initialisation is counted (INI-2); implied where a client lists none.
    fn initialize(&mut self) {
        let (client, me) = (self.client, self.world.client_mut(self.client));
        me.initialized = me.initialized.saturating_add(1);
        let count = me.initialized;
        if count == 1 {
            self.at = Q0;
            self.takes(T1);
        }
        self.shows(Effect::Initialized { client, count });
    }

    /// INI-4: a first `MAPIInitialize` fails in one of its steps; T-1 is not taken. Nested calls
    /// only count (AMB-42). [DER] An implied one, and one that a scenario does not let fail,
    /// succeeds.
    fn refuse_initialization(&mut self, code: Code) -> Entered {
        let client = self.client;
        let kind = self.world.kind(client);
        let first = self.world.client(client).initialized == 0;
        if !first || !self.model.may_refuse(kind).contains(code) {
            return Err(Disabled);
        }
        let call = Call::Initialize;
        self.shows(Effect::Called { client, call });
        Ok(Next::Return(code, None))
    }

    /// T-3 to T-5: parameters are checked before the mutex is asked for (MTX-5).
    fn call_logon(&mut self, logon: &Logon) -> Next {
        self.at = Q1;
        self.takes(T3);
        let error = self.parameter_error(logon);
        if !self.holds(Guard::ParametersValid, error.is_none()) {
            self.takes(T4);
            return Next::Return(error.unwrap_or(Code::LogonFailed), None);
        }
        self.takes(T5);
        let tries = logon.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT)
            && self.model.scenario().policy.timeout_mode == TimeoutMode::TryLock;
        if !tries {
            Next::Rest(Phase::Waiting)
        } else if self.is_mutex_free() {
            self.take_mutex()
        } else {
            self.time_out()
        }
    }

    /// PAR-5, PAR-6, FLG-20; with which code is AMB-28.
    fn parameter_error(&self, logon: &Logon) -> Option<Code> {
        let policy = &self.model.scenario().policy;
        let null = logon.name == NameParameter::Null;
        if null && policy.failure_codes == FailureCodes::Mapi4linux {
            return Some(Code::InvalidParameter);
        }
        if policy.parameter_checks == ParameterChecks::Off {
            return None;
        }
        let both = LogonFlags::MAPI_LOGON_UI | LogonFlags::MAPI_PASSWORD_UI;
        let undefined = !LogonFlags::all().contains(logon.flags);
        let specific = if matches!(logon.name, NameParameter::Name { too_long: true, .. }) {
            Code::StringTooLong
        } else if logon.password {
            Code::InvalidParameter
        } else if logon.flags.contains(both) || undefined {
            Code::UnknownFlags
        } else if self.lacks_no_mail(logon.flags) {
            Code::InvalidParameter
        } else {
            return None;
        };
        Some(match policy.param_error {
            ParamError::LogonFailed => Code::LogonFailed,
            ParamError::Specific => specific,
        })
    }

    /// AMB-43: is it a Windows service that should have set `MAPI_NO_MAIL`, and must have?
    fn lacks_no_mail(&self, flags: LogonFlags) -> bool {
        self.model.scenario().policy.service_no_mail == ServiceNoMail::Error
            && flags.contains(LogonFlags::MAPI_NT_SERVICE)
            && !flags.contains(LogonFlags::MAPI_NO_MAIL)
    }

    /// Q3. T-8, to keep waiting, is the absence of a step.
    pub(crate) fn waiting(&mut self, choice: Choice) -> Entered {
        let free = self.is_mutex_free();
        let short = self.has(LogonFlags::MAPI_TIMEOUT_SHORT);
        match (choice, free) {
            (Choice::Proceed, true) => Ok(self.take_mutex()),
            (Choice::TimeOut, false) if self.holds(Guard::ShortTimeout, short) => {
                Ok(self.time_out())
            }
            (Choice::Proceed | Choice::TimeOut, _) => Err(Disabled),
            (
                Choice::Begin(_)
                | Choice::Try(_)
                | Choice::Postpone
                | Choice::Refuse(_)
                | Choice::Configure { .. }
                | Choice::Answer(_),
                _,
            ) => Err(Disabled),
        }
    }

    fn is_mutex_free(&self) -> bool {
        let exists = self.model.scenario().policy.mutex == Mutex::On;
        self.holds(Guard::MutexFree, !(exists && self.world.is_locked(self.client)))
    }

    /// T-6: the mutex is free and taken (MTX-1).
    fn take_mutex(&mut self) -> Next {
        self.takes(T6);
        if self.model.scenario().policy.mutex == Mutex::On {
            self.shows(Effect::MutexTaken { client: self.client });
        }
        Next::Rest(Phase::Choosing)
    }

    /// The mutex is free again, where there is one.
    pub(crate) fn release_mutex(&mut self) {
        if self.model.scenario().policy.mutex == Mutex::On {
            self.shows(Effect::MutexReleased { client: self.client });
        }
    }

    /// T-7: the short bound has passed while another call held the mutex (MTX-3).
    fn time_out(&mut self) -> Next {
        self.takes(T7);
        Next::Return(Code::Timeout, None)
    }

    /// Is the flag set in the logon that the call is, or that made its attachment?
    #[inline]
    pub(crate) fn has(&self, flag: LogonFlags) -> bool {
        self.flags.contains(flag)
    }
}

impl Model {
    /// The codes that `MAPIInitialize` may answer this client; that of step 2 concerns Windows
    /// services alone (INI-4, INI-9).
    pub(crate) fn may_refuse(&self, client: ClientId) -> CodeSet {
        let client = &self.scenario().clients[client.index()];
        let mut codes = self.scenario().init_codes;
        if !client.may_set(LogonFlags::MAPI_NT_SERVICE) {
            codes.remove(Code::TooComplex);
        }
        codes
    }
}

//! How does a call begin, wait for its turn, and return? T-1 to T-8; session calls branch off.

use super::{Disabled, Turn, Verdict};
use crate::action::Choice;
use crate::effect::Effect;
use crate::ids::{ClientId, LogonId, SessionId};
use crate::mapi::{Code, CodeSet, LogonFlags};
use crate::model::Model;
use crate::policy::{FailureCodes, Mutex, ParamError, ParameterChecks, TimeoutMode};
use crate::scenario::{Call, Client};
use crate::state::{Phase, State};
use crate::transition::Place::{Q0, Q1, Q2, Q3, Q4, Q22, W0};
use crate::transition::Transition::{T1, T2, T3, T4, T5, T6, T7};

impl Turn<'_> {
    /// Between two calls: the next may begin at any moment.
    pub(super) fn ready(&mut self, choice: Choice) -> Verdict {
        match choice {
            Choice::Begin => self.begin(),
            Choice::Refuse(code) => self.refuse_initialization(code),
            Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Configure { .. }
            | Choice::Answer(_) => Err(Disabled),
        }
    }

    fn begin(&mut self) -> Verdict {
        let call = self.model.next_call(self.state, self.client).ok_or(Disabled)?;
        let session = self.model.session_held(self.state, self.client);
        if let Some(session) = session
            && call.is_on_session()
            && self.model.is_busy(self.state, session)
        {
            return Err(Disabled);
        }
        let me = self.state.clients[self.client.index()];
        self.shows(Effect::Called { client: self.client, call: me.call });
        if me.initialized == 0 && call != Call::Initialize {
            if self.me().initializes {
                // T-2: no MAPI call before MAPIInitialize (INI-1), nor after its balance (INI-12).
                self.stands_at(Q0);
                self.takes(T2, Q22);
                return self.returns(Code::NotInitialized, None);
            }
            self.initialize();
        }
        match (call, session) {
            (Call::LogonEx(logon), _) => self.call_logon(logon),
            (Call::Initialize, _) => {
                self.initialize();
                self.returns(Code::Ok, None)
            }
            (Call::Uninitialize, _) => self.uninitialize(),
            (Call::DeleteProfile(profile), _) => self.delete_profile(profile),
            // OFF-4: after Logoff the pointer may still be released.
            (Call::Release, None) => self.returns(Code::Ok, None),
            (_, None) => self.call_after_logoff(),
            (_, Some(session)) => {
                self.stands_at(W0);
                self.call_on_session(call, session)
            }
        }
    }

    /// T-1: one more initialisation is counted (INI-2); implied where a client lists none.
    fn initialize(&mut self) {
        let me = &mut self.state.clients[self.client.index()];
        me.initialized = me.initialized.saturating_add(1);
        let count = me.initialized;
        if count == 1 {
            self.stands_at(Q0);
            self.takes(T1, Q1);
        }
        self.shows(Effect::Initialized { client: self.client, count });
    }

    /// INI-4: a first `MAPIInitialize` fails in one of its steps; T-1 is not taken. Nested calls
    /// only count (AMB-42). [DER] An implied one, and one that a scenario does not let fail,
    /// succeeds.
    fn refuse_initialization(&mut self, code: Code) -> Verdict {
        let call = self.model.next_call(self.state, self.client);
        let me = self.state.clients[self.client.index()];
        let initializes = call == Some(Call::Initialize) && me.initialized == 0;
        if !initializes || !self.model.may_refuse(self.client).contains(code) {
            return Err(Disabled);
        }
        self.shows(Effect::Called { client: self.client, call: me.call });
        self.returns(code, None)
    }

    /// T-3 to T-5: parameters are checked before the mutex is asked for (MTX-5).
    fn call_logon(&mut self, _logon: LogonId) -> Verdict {
        self.stands_at(Q1);
        self.takes(T3, Q2);
        if let Some(code) = self.parameter_error() {
            self.takes(T4, Q22);
            return self.returns(code, None);
        }
        self.takes(T5, Q3);
        let tries = self.has(LogonFlags::MAPI_TIMEOUT_SHORT)
            && self.model.scenario().policy.timeout_mode == TimeoutMode::TryLock;
        match (tries, self.model.mutex_held(self.state)) {
            (false, _) => {
                self.rests(Phase::Waiting);
                Ok(())
            }
            (true, false) => self.take_mutex(),
            (true, true) => self.time_out(),
        }
    }

    /// PAR-5, PAR-6, FLG-20; with which code is AMB-28.
    fn parameter_error(&self) -> Option<Code> {
        let me = self.me();
        let policy = &self.model.scenario().policy;
        if me.profile.is_none() && policy.failure_codes == FailureCodes::Mapi4linux {
            return Some(Code::InvalidParameter);
        }
        if policy.parameter_checks == ParameterChecks::Off {
            return None;
        }
        let both = LogonFlags::MAPI_LOGON_UI | LogonFlags::MAPI_PASSWORD_UI;
        let specific = if me.name_too_long {
            Code::StringTooLong
        } else if me.password {
            Code::InvalidParameter
        } else if me.flags.contains(both) || !LogonFlags::all().contains(me.flags) {
            Code::UnknownFlags
        } else {
            return None;
        };
        Some(match policy.param_error {
            ParamError::LogonFailed => Code::LogonFailed,
            ParamError::Specific => specific,
        })
    }

    /// Q3. T-8, to keep waiting, is the absence of a step.
    pub(super) fn waiting(&mut self, choice: Choice) -> Verdict {
        let held = self.model.mutex_held(self.state);
        match (choice, held) {
            (Choice::Proceed, false) => self.take_mutex(),
            (Choice::TimeOut, true) if self.has(LogonFlags::MAPI_TIMEOUT_SHORT) => self.time_out(),
            (Choice::Proceed, true) | (Choice::TimeOut, _) => Err(Disabled),
            (
                Choice::Begin
                | Choice::Try(_)
                | Choice::Postpone
                | Choice::Refuse(_)
                | Choice::Configure { .. }
                | Choice::Answer(_),
                _,
            ) => Err(Disabled),
        }
    }

    /// T-6: the mutex is free and taken (MTX-1).
    fn take_mutex(&mut self) -> Verdict {
        self.takes(T6, Q4);
        if self.model.scenario().policy.mutex == Mutex::On {
            self.shows(Effect::MutexTaken(self.client));
        }
        self.rests(Phase::Choosing);
        Ok(())
    }

    /// The mutex is free again, where there is one.
    pub(super) fn release_mutex(&mut self) {
        if self.model.scenario().policy.mutex == Mutex::On {
            self.shows(Effect::MutexReleased(self.client));
        }
    }

    /// T-7: the short bound has passed while another call held the mutex (MTX-3).
    fn time_out(&mut self) -> Verdict {
        self.takes(T7, Q22);
        self.returns(Code::Timeout, None)
    }

    /// The call is over; those that its end rules out are left out.
    pub(super) fn returns(&mut self, code: Code, session: Option<SessionId>) -> Verdict {
        let client = self.client;
        let me = &mut self.state.clients[client.index()];
        let call = me.call;
        me.call += 1;
        me.phase = Phase::Ready;
        me.retried = crate::ids::ServiceSet::EMPTY;
        self.shows(Effect::Returned { client, call, code, session });
        self.model.leave_out_calls(self.state, client);
        Ok(())
    }

    /// The client whose call this is.
    #[inline]
    pub(super) fn me(&self) -> &Client {
        &self.model.scenario().clients[self.client.index()]
    }

    /// Is the flag set in the client's logon calls?
    #[inline]
    pub(super) fn has(&self, flag: LogonFlags) -> bool {
        self.me().flags.contains(flag)
    }
}

impl Model {
    /// The codes that `MAPIInitialize` may answer this client; that of step 2 concerns Windows
    /// services alone (INI-4, INI-9).
    pub(crate) fn may_refuse(&self, client: ClientId) -> CodeSet {
        let flags = self.scenario().clients[client.index()].flags;
        let mut codes = self.scenario().init_codes;
        if !flags.contains(LogonFlags::MAPI_NT_SERVICE) {
            codes.remove(Code::TooComplex);
        }
        codes
    }

    /// Calls on a session are left out for a client that never obtained one.
    pub(crate) fn leave_out_calls(&self, state: &mut State, client: ClientId) {
        while let Some(call) = self.next_call(state, client) {
            if state.client(client).obtained || !call.is_on_session() {
                break;
            }
            state.clients[client.index()].call += 1;
        }
    }

    /// Is some client inside a call on the session? Calls on one session take turns.
    #[must_use]
    pub fn is_busy(&self, state: &State, session: SessionId) -> bool {
        let mut clients = (0..self.scenario().clients.len()).map(ClientId::from);
        let within = clients.any(|client| {
            state.client(client).phase != Phase::Ready
                && self.next_call(state, client).is_some_and(Call::is_on_session)
                && self.session_held(state, client) == Some(session)
        });
        within || self.outside().busy.contains(session)
    }
}

impl Call {
    /// Does the call act on the session the client holds?
    #[must_use]
    pub const fn is_on_session(self) -> bool {
        match self {
            Self::Initialize | Self::Uninitialize | Self::LogonEx(_) | Self::DeleteProfile(_) => {
                false
            }
            Self::Logoff(_)
            | Self::Release
            | Self::OpenMsgStore(_)
            | Self::OpenAddressBook
            | Self::GetStatusTable
            | Self::QueryIdentity
            | Self::RemoveService(_) => true,
        }
    }
}

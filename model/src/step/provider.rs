//! How does MAPI call a provider, and how long do its objects live? T-37, T-40 and T-80.
//!
//! A provider object is made at T-37 (PRV-16). One that logs on lives until T-80; any other ends
//! with the task that made it [DER]: T-80 shuts down only what has a logon object, a later start
//! makes an object of its own (T-72), and nothing of a failed call survives (RES-8). So a try that
//! is put off (T-41) or fails for good ends with Shutdown and Release, in the order of INV-37;
//! between two tries of one task the object is kept, as T-48 and T-52 resume in its logon method.
//! The library stays loaded (OFF-14).

use super::Turn;
use crate::effect::{Effect, ProviderCall};
use crate::ids::{ProviderId, SessionId};
use crate::mapi::{Code, ProviderKind};
use crate::mutant::Mutant;
use crate::state::{Attempt, Task};
use crate::transition::Place::Q14;
use crate::transition::Transition::T37;

impl Turn<'_> {
    /// T-37: library, entry point, version agreement; once per task (T-48, T-52 resume behind it).
    pub(super) fn load(&mut self, provider: ProviderId, attempt: Attempt) {
        if matches!(attempt, Attempt::Second { loaded: true, .. }) {
            self.stands_at(Q14);
            return;
        }
        self.load_library(provider);
        self.calls(provider, ProviderCall::Init, Code::Ok);
        self.takes(T37, Q14);
    }

    pub(super) fn load_library(&mut self, provider: ProviderId) {
        self.calls(provider, ProviderCall::Load, Code::Ok);
        if self.model.frees_libraries() && !self.state.libraries.contains(provider) {
            self.state.libraries.insert(provider);
            self.shows(Effect::LibraryLoaded(provider));
        }
    }

    /// MAPI calls the provider and hears its answer.
    pub(super) fn calls(&mut self, provider: ProviderId, call: ProviderCall, code: Code) {
        if let Ok(session) = self.session_of_call() {
            self.shows(Effect::Provider { session, provider, call, code });
        }
    }

    /// T-40: what comes with a logon. A transport names its address types, among them its MAPIUID
    /// (PRV-21), and is told that traffic may flow (T-70, PRV-8).
    pub(super) fn registers(&mut self, provider: ProviderId) {
        if self.model.kind(ProviderKind::Transport).contains(provider) {
            self.calls(provider, ProviderCall::AddressTypes, Code::Ok);
            self.calls(provider, ProviderCall::Notify, Code::Ok);
        }
        if let Ok(session) = self.session_of_call() {
            self.shows(Effect::Registered { session, provider, registered: true });
        }
    }

    /// [DER] A provider object without a logon ends with its task; a service has none.
    pub(super) fn lets_go(&mut self, task: Task) {
        if let Task::Run(provider) = task
            && !self.model.is(Mutant::ObjectKept)
        {
            self.calls(provider, ProviderCall::Shutdown, Code::Ok);
            self.calls(provider, ProviderCall::Release, Code::Ok);
        }
    }

    /// A try has failed: the object it has, if any, is let go where no second try resumes with it.
    pub(super) fn drops_object(&mut self, task: Task, attempt: Attempt, resumes_not: bool) {
        let made = self.at == Q14 || matches!(attempt, Attempt::Second { loaded: true, .. });
        if made && resumes_not {
            self.lets_go(task);
        }
    }

    /// Does a second try load the provider again, instead of resuming in its logon method (T-48)?
    pub(super) fn loads_again(&self, task: Task, code: Code) -> bool {
        match task {
            Task::Configure(_) => false,
            Task::Run(provider) => self.model.scenario().fails_to_load(provider, code),
        }
    }

    /// OFF-11: logoff, release of the logon object, shutdown, release of the provider object.
    pub(super) fn shuts_down(&mut self, session: SessionId, provider: ProviderId, answer: Code) {
        for (call, code) in [
            (ProviderCall::Logoff, answer),
            (ProviderCall::ReleaseLogon, Code::Ok),
            (ProviderCall::Shutdown, Code::Ok),
            (ProviderCall::Release, Code::Ok),
        ] {
            self.shows(Effect::Provider { session, provider, call, code });
        }
        // OFF-13: its MAPIUIDs and its status row go with the logon.
        self.shows(Effect::Registered { session, provider, registered: false });
    }
}

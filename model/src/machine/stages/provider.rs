//! Calls of a provider, and the life of its objects: T-37, T-40 and T-80.
//!
//! A provider object is made at T-37 (PRV-16). One that logs on lives until T-80; any other ends
//! with the task that made it [DER]: T-80 shuts down only what has a logon object, a later start
//! makes an object of its own (T-72), and nothing of a failed call survives (RES-8). So a try that
//! is put off (T-41) or fails for good ends with Shutdown and Release, in the order of INV-37;
//! between two tries of one task the object is kept, as T-48 and T-52 resume in its logon method.
//! The library stays loaded (OFF-14).

use crate::ids::{ProviderId, SessionId};
use crate::machine::step::Turn;
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, ProviderKind};
use crate::protocol::Place::Q14;
use crate::protocol::Transition::T37;
use crate::protocol::{Attempt, Effect, ProviderCall, Task};
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// T-37: library, entry point, version agreement; once per task (T-48, T-52 resume behind it).
    pub(crate) fn load(&mut self, provider: ProviderId, attempt: Attempt) {
        if attempt.loaded {
            self.at = Q14;
            return;
        }
        self.load_library(provider);
        self.calls(provider, ProviderCall::Init, Code::Ok);
        self.takes(T37);
    }

    /// The library is found and loaded.
    pub(crate) fn load_library(&mut self, provider: ProviderId) {
        self.calls(provider, ProviderCall::Load, Code::Ok);
        if self.model.frees_libraries() && !self.world.shared().libraries().contains(provider) {
            self.world.shared_mut().load(provider);
            self.shows(Effect::LibraryLoaded { provider });
        }
    }

    /// MAPI calls the provider in the session, and the provider answers.
    pub(crate) fn calls(&mut self, provider: ProviderId, call: ProviderCall, code: Code) {
        self.calls_in(self.session, provider, call, code);
    }

    fn calls_in(
        &mut self,
        session: SessionId,
        provider: ProviderId,
        call: ProviderCall,
        code: Code,
    ) {
        self.shows(Effect::Provider { session, provider, call, result: code });
    }

    /// T-40: what comes with a logon. A transport names its address types, among them its MAPIUID
    /// (PRV-21), and learns that traffic may flow (T-70, PRV-8).
    pub(crate) fn registers(&mut self, provider: ProviderId) {
        if self.model.kind(ProviderKind::Transport).contains(provider) {
            self.calls(provider, ProviderCall::AddressTypes, Code::Ok);
            self.calls(provider, ProviderCall::Notify, Code::Ok);
        }
        self.shows(Effect::Registered { session: self.session, provider, registered: true });
    }

    /// [DER] A provider object without a logon ends with its task; a service has none.
    pub(crate) fn releases_object(&mut self, task: Task) {
        if let Task::Run(provider) = task
            && self.holds(Guard::ObjectReleased, true)
        {
            self.calls(provider, ProviderCall::Shutdown, Code::Ok);
            self.calls(provider, ProviderCall::Release, Code::Ok);
        }
    }

    /// Has a try that fails here a provider object, with which the next try resumes in the logon
    /// method, or does that load the provider again (T-48)?
    pub(crate) fn has_object(&self, attempt: Attempt) -> bool {
        self.at == Q14 || attempt.loaded
    }

    /// OFF-11: logoff, release of the logon object, shutdown, release of the provider object.
    pub(crate) fn shuts_down(&mut self, session: SessionId, provider: ProviderId, answer: Code) {
        self.calls_in(session, provider, ProviderCall::Logoff, answer);
        self.calls_in(session, provider, ProviderCall::ReleaseLogon, Code::Ok);
        self.calls_in(session, provider, ProviderCall::Shutdown, Code::Ok);
        self.calls_in(session, provider, ProviderCall::Release, Code::Ok);
        // OFF-13: its MAPIUIDs and its status row go with the logon.
        self.shows(Effect::Registered { session, provider, registered: false });
    }
}

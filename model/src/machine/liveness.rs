//! Dead-variable elimination: parameters of a logon that nothing will read again.
//!
//! A scenario whose clients choose among many parameters has many states that differ in these
//! alone. What counts as reading: the machine, under the readings in force, and whatever judges a
//! run, which may look at the flags of a call as long as they concern what can still happen.
//! Flags that all logons of a client have cost nothing and stay.
//!
//! | Where | What is kept |
//! |:--|:--|
//! | a call until Q3 | flags that this scenario gives a meaning; the name |
//! | a call past Q3 | `MAPI_TIMEOUT_SHORT` no longer |
//! | a call past Q5 | of the name, whether one was given |
//! | a call past Q9 | `MAPI_PASSWORD_UI` no longer |
//! | a call in Q21 | nothing: it returns its code |
//! | a session | its kind; what dialogs allows, where calls on sessions start providers |
//! | an attachment | `MAPI_NO_MAIL`, where calls on sessions start or show transports |

use crate::ids::ClientId;
use crate::mapi::{LogonFlags, ProviderKind};
use crate::policy::{FailureCodes, NameVsDefault, NewAndAllow, ServiceNoMail};
use crate::protocol::{Call, Logon, Method, NameParameter, Phase};
use crate::scenario::{Client, Scenario};
use crate::world::{Slots, State};

/// The flags that may still be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Liveness {
    /// Of a call that begins.
    calls: LogonFlags,
    /// Of the logon that made a session.
    sessions: LogonFlags,
    /// Of the logon that obtained an attachment.
    attachments: LogonFlags,
    /// A name that is given leaves `MAPI_USE_DEFAULT` unread (AMB-24).
    name_wins: bool,
}

impl Liveness {
    /// Nothing where no client chooses its parameters.
    pub(crate) fn of(scenario: &Scenario) -> Option<Self> {
        use LogonFlags as F;
        if !scenario.clients.iter().any(Client::is_any_caller) {
            return None;
        }
        let policy = &scenario.policy;
        let lists = |wanted: &dyn Fn(Method) -> bool| {
            let mut calls = scenario.clients.iter().flat_map(|client| &client.calls);
            calls.any(|call| call.method().is_some_and(wanted))
        };
        let transports = scenario.providers.iter().any(|one| one.kind == ProviderKind::Transport);
        let table = lists(&|method| method == Method::GetStatusTable);
        let opens = table
            || lists(&|method| matches!(method, Method::OpenMsgStore(_) | Method::OpenAddressBook));
        let mail = transports || table || policy.service_no_mail == ServiceNoMail::Error;
        let when = |flags: F, live: bool| if live { flags } else { F::empty() };
        let dialogs = F::MAPI_LOGON_UI | F::MAPI_SERVICE_UI_ALWAYS | F::MAPI_NT_SERVICE;
        let sets_no_mail = policy.service_no_mail == ServiceNoMail::Force;
        let individual = policy.new_and_allow == NewAndAllow::Individual;
        let several = scenario.logons() > 1;
        Some(Self {
            calls: dialogs
                | F::MAPI_PASSWORD_UI
                | F::MAPI_NEW_SESSION
                | F::MAPI_ALLOW_OTHERS
                | F::MAPI_USE_DEFAULT
                | when(F::MAPI_TIMEOUT_SHORT, several)
                | when(F::MAPI_FORCE_DOWNLOAD, transports)
                | when(F::MAPI_NO_MAIL, mail),
            sessions: F::MAPI_ALLOW_OTHERS
                | when(F::MAPI_NEW_SESSION, individual)
                | when(dialogs, opens),
            attachments: when(F::MAPI_NO_MAIL, mail)
                | when(F::MAPI_NT_SERVICE, mail && sets_no_mail),
            name_wins: policy.name_vs_default == NameVsDefault::Name
                && policy.failure_codes != FailureCodes::Mapi4linux,
        })
    }

    /// What is left of the flags of a logon of this client.
    fn kept(client: &Client, flags: LogonFlags, live: LogonFlags) -> LogonFlags {
        flags & (live | client.flags)
    }

    /// What is left of the parameters of a call where it rests.
    pub(crate) fn of_call(&self, client: &Client, logon: Logon, phase: Phase) -> Logon {
        let mut live = self.calls;
        let mut name = logon.name;
        if phase != Phase::Waiting {
            live -= LogonFlags::MAPI_TIMEOUT_SHORT;
        }
        match phase {
            Phase::Ready | Phase::Waiting | Phase::Choosing => {}
            Phase::PickingProfile | Phase::Opening { .. } | Phase::GivingPassword => {
                name = forgotten(client, name);
            }
            Phase::Undoing(_) => {
                (name, live) = (forgotten(client, name), LogonFlags::empty());
            }
            Phase::Forced(_)
            | Phase::Checking(..)
            | Phase::Prompting(..)
            | Phase::Trying(..)
            | Phase::Asking(..)
            | Phase::Informing(..)
            | Phase::Reconfiguring(..)
            | Phase::Disabling(..)
            | Phase::Finishing
            | Phase::Confirming => {
                name = forgotten(client, name);
                live -= LogonFlags::MAPI_PASSWORD_UI;
            }
        }
        if self.name_wins && !name.is_absent() {
            live -= LogonFlags::MAPI_USE_DEFAULT;
        }
        Logon { name, flags: Self::kept(client, logon.flags, live), ..logon }
    }

    /// Forgets what the client's step has left unread.
    pub(crate) fn forget(
        &self,
        (clients, slots): (&[Client], &Slots),
        client: ClientId,
        state: &mut State,
    ) {
        let parts = state.parts_mut();
        let me = &mut parts.clients[client.index()];
        if let Some(Call::LogonEx(logon)) = me.call {
            let left = self.of_call(&clients[client.index()], logon, me.phase);
            me.call = Some(Call::LogonEx(left));
        }
        for (at, session) in parts.sessions.iter_mut().enumerate() {
            let creator = slots.owner(at.into());
            session.flags = Self::kept(&clients[creator.index()], session.flags, self.sessions);
        }
        for held in parts.attachments {
            held.flags = Self::kept(&clients[held.client.index()], held.flags, self.attachments);
        }
    }
}

/// What is left of a name of several: whether one was given.
fn forgotten(client: &Client, name: NameParameter) -> NameParameter {
    if client.any_name && !name.is_absent() { NameParameter::GIVEN } else { name }
}

//! The facts that must be remembered beyond their call, in one scenario.

use crate::ids::ServiceSet;
use crate::machine::Model;
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::protocol::{Answer, Method};
use crate::scenario::{Named, Scenario};

/// Facts that stay in memory beyond their call, and whether the scenario has a use for them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tracks {
    pub(crate) spurned: bool,
    pub(crate) leaving: bool,
    pub(crate) late: bool,
    pub(crate) lost: ServiceSet,
    pub(crate) validated: bool,
    pub(crate) crippled: bool,
}

impl Tracks {
    pub(crate) fn of(model: &Model) -> Self {
        let scenario = model.scenario();
        // A mutated machine may do what nothing in its scenario is for.
        let mutated = !model.is_faithful();
        let flag = |flag| scenario.clients.iter().any(|client| client.may_set(flag));
        let joins =
            scenario.clients.iter().any(|c| !c.flags.contains(LogonFlags::MAPI_NEW_SESSION))
                && flag(LogonFlags::MAPI_ALLOW_OTHERS);
        let method = |wanted: fn(Method) -> bool| {
            let mut all = scenario.clients.iter().flat_map(|client| &client.calls);
            all.any(|call| call.method().is_some_and(wanted))
        };
        let starts = method(|method| {
            matches!(
                method,
                Method::OpenMsgStore(_) | Method::OpenAddressBook | Method::GetStatusTable
            )
        });
        let mut all = scenario.clients.iter().flat_map(|client| &client.calls);
        let ends = all.any(|call| call.is_leaving());
        let shared = |method| {
            let flag = LogoffFlags::MAPI_LOGOFF_SHARED;
            matches!(method, Method::Logoff(flags) if flags.contains(flag))
        };
        Self {
            spurned: mutated
                || scenario.services.iter().any(|service| !service.complete)
                    && scenario.answers.allow(Answer::Cancel),
            leaving: mutated || joins && method(shared),
            late: mutated || joins && starts,
            lost: if ends { reopened(scenario) } else { ServiceSet::EMPTY },
            validated: mutated || scenario.profiles.iter().any(|profile| profile.password),
            crippled: mutated || scenario.services.iter().any(|service| service.critical),
        }
    }
}

/// Services of profiles that can be opened again, but not by a second client side by side with the
/// first: what was lost in a session that is still open need not be remembered.
fn reopened(scenario: &Scenario) -> ServiceSet {
    let services = |profile: usize| scenario.profiles[profile].services;
    let mut set = ServiceSet::EMPTY;
    for profile in 0..scenario.profiles.len() {
        let mut logons = 0;
        let mut apart = 0;
        for client in &scenario.clients {
            let calls = client.logons();
            let may = client.names.iter().any(|name| match name.named {
                Named::Profile(named) => named.index() == profile,
                Named::Unknown => false,
                Named::Nothing => true,
            });
            let apart_too = client.may_set(LogonFlags::MAPI_NEW_SESSION);
            logons += if may { calls } else { 0 };
            apart += usize::from(may && calls > 0 && apart_too);
        }
        let side_by_side = apart > 1 && scenario.max_sessions.is_none();
        if logons > 1 && !side_by_side {
            set = set.or(services(profile));
        }
    }
    set
}

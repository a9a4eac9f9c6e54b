//! What can be taken out of a scenario, and what becomes of a run of it?

use mapi_logon_model::action::{Action, Answer, Choice};
use mapi_logon_model::ids::{ClientId, ProfileId};
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::scenario::{Scenario, fault_kinds};

/// One thing to be taken out, by its position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cut {
    /// A client.
    Client(usize),
    /// A profile.
    Profile(usize),
    /// A service.
    Service(usize),
    /// A provider.
    Provider(usize),
    /// A call of a client.
    Call(usize, usize),
    /// A kind of fault.
    Kind(usize),
    /// A fault that may strike.
    Fault,
    /// A flag of a client.
    Flag(usize, LogonFlags),
}

/// Lists every cut of one sort, by position.
pub(super) type Sort = fn(&Scenario) -> Vec<Cut>;

/// The sorts of cuts, those that take most first.
pub(super) const SORTS: [Sort; 8] = [
    |scenario| (0..scenario.clients.len()).map(Cut::Client).collect(),
    |scenario| (0..scenario.profiles.len()).map(Cut::Profile).collect(),
    |scenario| (0..scenario.services.len()).map(Cut::Service).collect(),
    |scenario| (0..scenario.providers.len()).map(Cut::Provider).collect(),
    |scenario| {
        let clients = scenario.clients.iter().enumerate();
        let calls = clients.map(|(at, client)| (0..client.calls.len()).map(move |c| (at, c)));
        calls.flatten().map(|(client, call)| Cut::Call(client, call)).collect()
    },
    |scenario| (0..scenario.faults.budget).map(|_| Cut::Fault).collect(),
    |scenario| {
        let kinds = if scenario.faults.budget == 0 { 0 } else { fault_kinds().len() };
        (0..kinds).map(Cut::Kind).collect()
    },
    |scenario| {
        let clients = scenario.clients.iter().enumerate();
        let flags = clients.map(|(at, client)| client.flags.iter().map(move |flag| (at, flag)));
        flags.flatten().map(|(client, flag)| Cut::Flag(client, flag)).collect()
    },
];

impl Cut {
    /// The scenario without it; nothing if it makes no sense without it, or is no different.
    pub(super) fn apply(self, scenario: &Scenario) -> Option<Scenario> {
        let mut smaller = scenario.clone();
        match self {
            Self::Client(client) => {
                smaller.clients.remove(client);
            }
            Self::Profile(profile) => {
                smaller.profiles.remove(profile);
            }
            Self::Service(service) => {
                let profile = smaller.services[service].profile;
                smaller.profiles[profile.index()].services.remove(service.into());
            }
            Self::Provider(provider) => {
                let service = smaller.providers[provider].service;
                smaller.services[service.index()].providers.remove(provider.into());
            }
            Self::Call(client, call) => {
                let client = &mut smaller.clients[client];
                client.calls.remove(call);
                client.written.remove(call);
            }
            Self::Kind(kind) => {
                let kind = fault_kinds()[kind].1;
                smaller.faults.kinds.0 &= !kind.0;
                for provider in &mut smaller.providers {
                    provider.faults.0 &= !kind.0;
                }
            }
            Self::Fault => smaller.faults.budget -= 1,
            Self::Flag(client, flag) => smaller.clients[client].flags.remove(flag),
        }
        let text = smaller.to_toml();
        if text == scenario.to_toml() {
            return None;
        }
        // Reading the text numbers everything anew, and refuses what does not hang together.
        Scenario::parse(&text).ok()
    }

    /// The action as the smaller scenario numbers it, if it can still be meant.
    pub(super) const fn carry(self, action: Action) -> Option<Action> {
        match (self, action.choice) {
            (Self::Client(client), choice) => match below(action.client.0, client) {
                Some(shifted) => Some(Action { client: ClientId(shifted), choice }),
                None => None,
            },
            (Self::Profile(profile), Choice::Answer(Answer::Pick(picked))) => {
                match below(picked.0, profile) {
                    Some(shifted) => {
                        let choice = Choice::Answer(Answer::Pick(ProfileId(shifted)));
                        Some(Action { choice, ..action })
                    }
                    None => None,
                }
            }
            (
                Self::Profile(_)
                | Self::Service(_)
                | Self::Provider(_)
                | Self::Call(..)
                | Self::Kind(_)
                | Self::Fault
                | Self::Flag(..),
                _,
            ) => Some(action),
        }
    }
}

/// A position after another has been taken out; nothing if it is that one.
const fn below(position: u8, removed: usize) -> Option<u8> {
    if position as usize == removed {
        None
    } else if position as usize > removed {
        Some(position - 1)
    } else {
        Some(position)
    }
}

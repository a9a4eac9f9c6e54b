//! Cuts: what can be taken out of a scenario, and what is left of a run of it.

use mapi_logon_model::ids::ProviderSet;
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::protocol::{Action, Answer, Choice};
use mapi_logon_model::scenario::{Client, Scenario, fault_kinds};

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
    /// A profile name between which a client chooses.
    Name(usize, usize),
}

/// Lists every cut of one sort, by position.
pub(super) type Sort = fn(&Scenario) -> Vec<Cut>;

/// The sorts of cuts, those that take most first.
pub(super) const SORTS: [Sort; 9] = [
    |scenario| (0..scenario.clients.len()).map(Cut::Client).collect(),
    |scenario| (0..scenario.profiles.len()).map(Cut::Profile).collect(),
    |scenario| (0..scenario.services.len()).map(Cut::Service).collect(),
    |scenario| (0..scenario.providers.len()).map(Cut::Provider).collect(),
    |scenario| {
        let clients = scenario.clients.iter().enumerate();
        let calls = |at, calls: usize| (0..calls).map(move |call| Cut::Call(at, call));
        let all = clients.flat_map(|(at, client)| calls(at, client.calls.len()));
        all.collect()
    },
    |scenario| {
        let budget = scenario.faults.budget.limit().unwrap_or(0);
        (0..budget).map(|_| Cut::Fault).collect()
    },
    |scenario| {
        let strikes = !scenario.faults.budget.is_spent();
        let kinds = (0..fault_kinds().len()).filter(|_| strikes);
        kinds.map(Cut::Kind).collect()
    },
    |scenario| {
        let clients = scenario.clients.iter().enumerate();
        let flags = |at, flags: LogonFlags| flags.iter().map(move |flag| Cut::Flag(at, flag));
        let all = |client: &Client| client.flags | client.choice_of_flags();
        clients.flat_map(|(at, client)| flags(at, all(client))).collect()
    },
    |scenario| {
        let chooses = |client: &Client| if client.any_name { client.names.len() } else { 0 };
        let clients = scenario.clients.iter().enumerate();
        let names = |at, names: usize| (0..names).map(move |name| Cut::Name(at, name));
        clients.flat_map(|(at, client)| names(at, chooses(client))).collect()
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
            Self::Service(service) => match smaller.services[service].profile {
                Some(profile) => {
                    smaller.profiles[profile.index()].services.remove(service.into());
                }
                None => smaller.services[service].providers = ProviderSet::EMPTY,
            },
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
                smaller.leave_out(kind);
            }
            Self::Fault => smaller.faults.budget.spend(),
            Self::Flag(client, flag) => {
                let client = &mut smaller.clients[client];
                client.flags.remove(flag);
                client.any_flags = client.any_flags.map(|any| any - flag);
            }
            Self::Name(client, name) => {
                smaller.clients[client].names.remove(name);
            }
        }
        let text = smaller.to_toml();
        if text == scenario.to_toml() {
            return None;
        }
        // Reading the text numbers everything anew, and refuses what does not hang together.
        Scenario::parse(&text).ok()
    }

    /// The action as the smaller scenario numbers it, if it can still be meant.
    pub(super) fn carry(self, mut action: Action) -> Option<Action> {
        if let Self::Client(removed) = self {
            action.client = below(action.client.index(), removed)?.into();
        }
        if let (Self::Profile(removed), Choice::Answer(Answer::Pick(picked))) =
            (self, &mut action.choice)
        {
            *picked = below(picked.index(), removed)?.into();
        }
        Some(action)
    }
}

/// A position after another has been taken out; nothing if it is that one.
fn below(position: usize, removed: usize) -> Option<usize> {
    (position != removed).then(|| position - usize::from(position > removed))
}

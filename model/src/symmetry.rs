//! Symmetry reduction: renamings of the scenario, and the worlds that differ in names only.
//!
//! A renaming takes clients to clients and profiles to profiles, the services and providers of a
//! profile in their order, and leaves the scenario as it is. Then every step is renamed with the
//! state it begins in, and no property distinguishes a run from the renamed one, for none names an
//! individual; so one world of each class is enough.
//!
//! Two services of one profile are never exchanged, however equal: a logon treats them one after
//! the other (SPEC 7.1), so that runs tell the first from the second. The same goes for providers.

use crate::ids::{
    CLIENTS, ClientId, ClientSet, PROFILES, ProfileId, ProfileSet, ProviderId, ProviderSet,
    ServiceId, ServiceSet,
};
use crate::mapi::LogonFlags;
use crate::protocol::{Call, NameParameter};
use crate::scenario::{Client, Name, Named, Profile, Provider, Scenario, Service};

mod least;
mod renaming;

pub use least::LeastScratch;
pub use renaming::Renaming;

/// Most arrangements of profiles that are looked at; of more, some profiles are left in place.
const ARRANGEMENTS: usize = 720;

/// The renamings of a scenario that leave it as it is. They form a group.
#[derive(Clone, Debug)]
pub struct Symmetry {
    /// One for each way to arrange the profiles, clients following them; the first moves nothing.
    arrangements: Vec<Renaming>,
    /// Clients with equal definitions, where there are several.
    clients: Vec<ClientSet>,
    /// Of every client the first of its slots, which stand together, and their number.
    slots: [(u32, u32); CLIENTS],
}

/// Services or providers with equal definitions whose order runs can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ordered {
    /// Services of one profile.
    Services(ServiceSet),
    /// Providers of one service.
    Providers(ProviderSet),
}

impl Symmetry {
    /// The renamings of this scenario.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Self {
        let mut slots = [(0, 0); CLIENTS];
        let mut first = 0;
        for (slots, client) in slots.iter_mut().zip(&scenario.clients) {
            let count = u32::try_from(client.logons()).unwrap_or(u32::MAX);
            *slots = (first, count);
            first += count;
        }
        let kinds: Vec<Kind> = scenario.clients.iter().map(Kind::of).collect();
        let clients = classes(kinds.len(), |a, b| kinds[a] == kinds[b]);
        let clients = clients.into_iter().map(|class| members(&class)).collect();
        let mut symmetry = Self { arrangements: Vec::new(), clients, slots };
        for profiles in arrangements(scenario) {
            let arranged = symmetry.arranged(scenario, &kinds, &profiles);
            symmetry.arrangements.extend(arranged);
        }
        symmetry
    }

    /// How many renamings there are.
    #[must_use]
    pub fn order(&self) -> u64 {
        let ways = self.clients.iter().map(|class| (1..=u64::from(class.len())).product::<u64>());
        self.arrangements.len() as u64 * ways.product::<u64>()
    }

    /// The clients with equal definitions, class by class, where there are several.
    #[must_use]
    pub fn clients(&self) -> &[ClientSet] {
        &self.clients
    }

    /// Are only clients renamed?
    #[must_use]
    pub const fn is_of_clients_alone(&self) -> bool {
        self.arrangements.len() == 1
    }

    /// The renaming that gives a client the place of one before it in its class, while all from
    /// there on move up by one.
    #[must_use]
    pub fn advancing(&self, from: ClientId, to: ClientId) -> Renaming {
        let class = self.clients.iter().find(|class| class.contains(from));
        let between = class.into_iter().copied().flatten();
        let mut between = between.filter(|client| (to..=from).contains(client));
        let mut clients = Renaming::identity().clients();
        clients[from.index()] = to;
        let mut last = between.next();
        for next in between {
            if let Some(last) = last {
                clients[last.index()] = next;
            }
            last = Some(next);
        }
        self.of_clients(&clients)
    }

    /// The profiles that some renaming takes to each other, class by class.
    #[must_use]
    pub fn profiles(&self) -> Vec<ProfileSet> {
        let mut left = ProfileSet::first_n(PROFILES);
        let mut orbits = Vec::new();
        while let Some(first) = left.first() {
            let images = self.arrangements.iter().map(|one| one.profile(first));
            let orbit = images.fold(ProfileSet::EMPTY, |set, one| set.or(ProfileSet::only(one)));
            left = left.without(orbit);
            if orbit.len() > 1 {
                orbits.push(orbit);
            }
        }
        orbits
    }

    /// Every renaming; [`Self::order`] is their number.
    #[must_use]
    pub fn renamings(&self) -> Vec<Renaming> {
        let mut all = self.arrangements.clone();
        for class in &self.clients {
            let class: Vec<usize> = class.map(ClientId::index).collect();
            let orders = permutations(&class, usize::MAX);
            let renamed = |one: &Renaming| {
                let orders = orders.iter().map(|order| {
                    let mut clients = Renaming::identity().clients();
                    for (from, to) in class.iter().zip(order) {
                        clients[*from] = ClientId::from(*to);
                    }
                    one.then(&self.of_clients(&clients))
                });
                orders.collect::<Vec<_>>()
            };
            all = all.iter().flat_map(renamed).collect();
        }
        all
    }

    /// The renaming that moves clients alone, their logon calls with them.
    fn of_clients(&self, clients: &[ClientId; CLIENTS]) -> Renaming {
        let mut renaming = Renaming::identity();
        for (from, to) in clients.iter().enumerate() {
            renaming.move_client(from.into(), *to, self.slots[from], self.slots[to.index()]);
        }
        renaming
    }

    /// The renaming that arranges profiles so, if clients can follow.
    fn arranged(
        &self,
        scenario: &Scenario,
        kinds: &[Kind],
        profiles: &[usize],
    ) -> Option<Renaming> {
        let mut things = Renaming::identity();
        things.count_by(scenario.policy.retry_unit);
        for (from, to) in profiles.iter().enumerate() {
            let (old, new) = (&scenario.profiles[from], &scenario.profiles[*to]);
            things.move_profile(from.into(), (*to).into(), old, new);
        }
        let mut clients = Renaming::identity().clients();
        let mut taken = ClientSet::EMPTY;
        for (from, kind) in kinds.iter().enumerate() {
            let renamed = kind.renamed(&things);
            let mut places = kinds.iter().enumerate().map(|(to, kind)| (to.into(), kind));
            let (to, _) = places.find(|(to, kind)| **kind == renamed && !taken.contains(*to))?;
            taken.insert(to);
            clients[from] = to;
        }
        Some(things.then(&self.of_clients(&clients)))
    }
}

impl Scenario {
    /// Services and providers with equal definitions that no renaming exchanges, because a logon
    /// treats those of one profile in its order (SPEC 7.1).
    #[must_use]
    pub fn told_apart_by_order(&self) -> Vec<Ordered> {
        let mut found = Vec::new();
        for profile in &self.profiles {
            let services: Vec<ServiceId> = profile.services.collect();
            let alike = |a: usize, b: usize| {
                let [a, b] = [a, b].map(|at| &self.services[services[at].index()]);
                self.alike(a, b)
            };
            for class in classes(services.len(), alike) {
                let class = class.into_iter().map(|at| services[at]);
                let class = class.fold(ServiceSet::EMPTY, |set, s| set.or(ServiceSet::only(s)));
                found.push(Ordered::Services(class));
            }
        }
        for service in &self.services {
            let providers: Vec<ProviderId> = service.providers.collect();
            let provider = |at: usize| &self.providers[providers[at].index()];
            for class in classes(providers.len(), |a, b| same(provider(a), provider(b))) {
                let class = class.into_iter().map(|at| providers[at]);
                let only = |set: ProviderSet, p| set.or(ProviderSet::only(p));
                found.push(Ordered::Providers(class.fold(ProviderSet::EMPTY, only)));
            }
        }
        found
    }

    fn alike(&self, one: &Service, other: &Service) -> bool {
        let facts = |s: &Service| (s.complete, s.entry_point, s.critical, s.identity, s.faults);
        let providers = |s: &Service| s.providers.map(|p| &self.providers[p.index()]);
        facts(one) == facts(other)
            && one.providers.len() == other.providers.len()
            && providers(one).zip(providers(other)).all(|(a, b)| same(a, b))
    }
}

/// A client without its name and without what only simulations read.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Kind {
    /// Sorted: which comes first makes no difference.
    names: Vec<NameParameter>,
    password: bool,
    flags: (LogonFlags, LogonFlags),
    initializes: bool,
    calls: Vec<Call>,
}

impl Kind {
    fn of(client: &Client) -> Self {
        Self {
            names: sorted(client.names.iter().map(Name::parameter)),
            password: client.password,
            flags: (client.flags, client.choice_of_flags()),
            initializes: client.initializes,
            calls: client.calls.clone(),
        }
    }

    fn renamed(&self, by: &Renaming) -> Self {
        Self {
            names: sorted(self.names.iter().map(|name| by.name(*name))),
            calls: self.calls.iter().map(|call| by.call(*call)).collect(),
            ..self.clone()
        }
    }
}

fn sorted(names: impl Iterator<Item = NameParameter>) -> Vec<NameParameter> {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

/// Every arrangement of profiles that are equal and no default, the order they have first.
fn arrangements(scenario: &Scenario) -> Vec<Vec<usize>> {
    let profile = |at: usize| &scenario.profiles[at];
    let alike = |a: usize, b: usize| {
        let default = |at: usize| scenario.default_profile == Named::Profile(ProfileId::from(at));
        let services = |p: &Profile| p.services.map(|s| &scenario.services[s.index()]);
        let (one, other) = (profile(a), profile(b));
        (one.state, one.corruptible, one.password)
            == (other.state, other.corruptible, other.password)
            && !default(a)
            && !default(b)
            && one.services.len() == other.services.len()
            && services(one).zip(services(other)).all(|(a, b)| scenario.alike(a, b))
    };
    let mut all = vec![(0..scenario.profiles.len()).collect::<Vec<_>>()];
    for class in classes(scenario.profiles.len(), alike) {
        let orders = permutations(&class, ARRANGEMENTS / all.len());
        let arranged = |one: &Vec<usize>| {
            let orders = orders.iter().map(|order| {
                let mut arranged = one.clone();
                for (from, to) in class.iter().zip(order) {
                    arranged[*from] = *to;
                }
                arranged
            });
            orders.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(arranged).collect();
    }
    all
}

fn same(one: &Provider, other: &Provider) -> bool {
    let facts = |p: &Provider| {
        let data = (p.complete, p.password, p.session_cap, p.cap_code);
        (p.kind, data, p.faults, p.init_codes, p.logon_codes)
    };
    facts(one) == facts(other)
}

/// The classes with several members among `count` things; `alike` is an equivalence.
fn classes(count: usize, alike: impl Fn(usize, usize) -> bool) -> Vec<Vec<usize>> {
    let mut classes: Vec<Vec<usize>> = Vec::new();
    for at in 0..count {
        match classes.iter_mut().find(|class| alike(class[0], at)) {
            Some(class) => class.push(at),
            None => classes.push(vec![at]),
        }
    }
    classes.retain(|class| class.len() > 1);
    classes
}

/// All orders of a list, its own first. Where there would be more than `most`, only things at its
/// beginning are moved, so that there are at most `most`.
fn permutations(list: &[usize], most: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    for (at, one) in list.iter().enumerate() {
        let stays = all.len().saturating_mul(at + 1) > most;
        let longer = |order: &Vec<usize>| {
            let places = if stays { order.len()..=order.len() } else { 0..=order.len() };
            let longer = places.rev().map(|place| {
                let mut longer = order.clone();
                longer.insert(place, *one);
                longer
            });
            longer.collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

fn members(class: &[usize]) -> ClientSet {
    let only = |at: &usize| ClientSet::only(ClientId::from(*at));
    class.iter().map(only).fold(ClientSet::EMPTY, ClientSet::or)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_orders_of_a_list_are_found_once_and_no_more_than_asked_for() {
        let all = permutations(&[3, 5, 7], usize::MAX);
        assert_eq!((all.len(), &all[0]), (6, &vec![3, 5, 7]));
        let mut sorted = all;
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), 6);
        let few = permutations(&[0, 1, 2, 3], 6);
        assert_eq!(few.len(), 6);
        assert!(few.iter().all(|order| order[3] == 3));
    }
}

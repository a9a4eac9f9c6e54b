//! The choices offered in the phase of a call; [`Model::step`] decides which are enabled.

use crate::ids::{ClientId, ProfileId};
use crate::machine::Model;
use crate::mapi::{Fault, FaultSet};
use crate::policy::Deferred;
use crate::protocol::{Answer, Call, Choice, Fate, Offer, Phase, Scripted, Task};
use crate::scenario::Provider;
use crate::world::{Facts, Sight, World};

impl Model {
    /// Calls `each` with every choice that could be enabled for a client that makes the calls its
    /// scenario lists.
    #[inline]
    pub fn candidates(&self, world: &World, client: ClientId, each: &mut impl FnMut(Choice)) {
        let sight = self.sight(&world.state);
        if sight.client(client).call().is_some() {
            self.continuations(sight, client, each);
        } else if let Some(call) = self.listed_call(&world.cursor, client) {
            let caller = &self.scenario().clients[client.index()];
            match call {
                Call::LogonEx(listed) if caller.is_any_caller() => {
                    let choices =
                        caller.choices(listed).filter(|one| self.tells_apart(caller, one));
                    choices.for_each(|logon| each(Choice::Begin(Call::LogonEx(logon))));
                }
                Call::LogonEx(_)
                | Call::Initialize
                | Call::Uninitialize
                | Call::DeleteProfile(_)
                | Call::OnSession(..) => self.beginnings(client, call, each),
            }
        }
    }

    /// Calls `each` with every way in which the client's next call, this one, may begin.
    pub fn beginnings(&self, client: ClientId, call: Call, each: &mut impl FnMut(Choice)) {
        each(Choice::Begin(call));
        if call == Call::Initialize {
            let codes = self.may_refuse(client);
            codes.iter().map(Choice::Refuse).for_each(each);
        }
    }

    /// Calls `each` with every way in which the client's call in progress could go on.
    pub fn continuations(&self, sight: Sight<'_>, client: ClientId, each: &mut impl FnMut(Choice)) {
        self.choices_in(sight.client(client).phase(), sight.shared(), each);
    }

    /// Calls `each` with every way in which a call that rests in this phase could go on.
    pub fn choices_in(&self, phase: Phase, shared: Facts<'_>, each: &mut impl FnMut(Choice)) {
        let offer = phase.row().offer;
        for answer in offer.answers() {
            match (*answer, offer) {
                (Answer::Pick(_), _) => {
                    let picks = self.scenario().listed().map(Answer::Pick);
                    picks.for_each(|pick| each(Choice::Answer(pick)));
                }
                (Answer::Correct { .. }, Offer::Recovery(Task::Configure(_))) => {
                    each(Choice::Answer(Answer::Correct { completed: false }));
                    each(Choice::Answer(Answer::Correct { completed: true }));
                }
                (answer, _) => each(Choice::Answer(answer)),
            }
        }
        match offer {
            Offer::Call | Offer::Profile | Offer::Data | Offer::Recovery(_) | Offer::Logoff => {}
            Offer::Step => each(Choice::Proceed),
            Offer::Turn => {
                each(Choice::Proceed);
                each(Choice::TimeOut);
            }
            Offer::EntryPoint => {
                each(Choice::Configure { completed: false });
                each(Choice::Configure { completed: true });
            }
            Offer::Open(profile) => {
                each(Choice::Proceed);
                let corruptible =
                    |profile: ProfileId| self.scenario().profiles[profile.index()].corruptible;
                if profile.is_some_and(corruptible) && !shared.budget().is_spent() {
                    each(Choice::Try(Fate {
                        struck: Some(Fault::DataCorruption),
                        ..Fate::default()
                    }));
                }
            }
            Offer::Try(task) => self.tries(task, shared, each),
        }
    }

    /// What can become of a try of the task.
    fn tries(&self, task: Task, shared: Facts<'_>, each: &mut impl FnMut(Choice)) {
        let scenario = self.scenario();
        let ailing = shared.fault_of(task).is_some();
        let kinds = match task {
            _ if shared.budget().is_spent() => FaultSet::default(),
            Task::Configure(service) => scenario.services[service.index()].faults,
            Task::Run(provider) => scenario.providers[provider.index()].faults,
        };
        fates(kinds, ailing, each);
        let Task::Run(provider) = task else { return };
        if shared.refused().contains(provider) {
            each(Choice::Try(Fate { repaired: ailing, password_found: true, ..Fate::default() }));
        }
        scripts(&scenario.providers[provider.index()], ailing, each);
        let machine = self.wrong().map_or(self, |wrong| wrong.machine(self));
        if machine.scenario().policy.deferred == Deferred::On {
            each(Choice::Postpone);
        }
    }
}

/// What the environment may do to a try: a fault stays, goes or strikes.
fn fates(kinds: FaultSet, ailing: bool, each: &mut impl FnMut(Choice)) {
    each(Choice::Try(Fate::default()));
    if ailing {
        each(Choice::Try(Fate { repaired: true, ..Fate::default() }));
    }
    for fault in kinds.iter() {
        each(Choice::Try(Fate { repaired: ailing, struck: Some(fault), ..Fate::default() }));
    }
}

/// The answers that the scenario lets the provider give, whatever its data.
fn scripts(provider: &Provider, ailing: bool, each: &mut impl FnMut(Choice)) {
    let init = provider.init_codes.iter().map(Scripted::Init);
    for scripted in init.chain(provider.logon_codes.iter().map(Scripted::Logon)) {
        each(Choice::Try(Fate { repaired: ailing, scripted: Some(scripted), ..Fate::default() }));
    }
}

//! What was possible where no run shows the event? Every way in which the call could have returned.

use std::collections::BTreeSet;

use mapi_logon_model::action::Action;
use mapi_logon_model::effect::{Effect, ProviderCall};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::outcome::Record;
use mapi_logon_model::step::Step;

use super::front::Ills;
use super::plan::Planned;
use super::report::Possible;
use super::search::Search;
use super::shows::{Fit, fits};
use super::states::Entry;
use crate::fold::Set;
use crate::names::{Names, provider_call_name};
use crate::recording::ProviderEvent;

/// Most states that are looked at.
const STATES: usize = 20_000;

/// Most ways that are told.
const WAYS: usize = 64;

/// What a call has shown on the way to where it is.
type Shown = (Vec<(u8, ProviderCall, Code)>, Vec<String>);

impl Search<'_> {
    /// The distinct ways in which the client's call can return, in order.
    pub(super) fn ways(&mut self, set: &[Entry], client: ClientId) -> Vec<Possible> {
        let mut ways = BTreeSet::new();
        let mut seen: Set<(Box<[u64]>, Ills, Shown)> = Set::default();
        let mut queue: Vec<(Entry, Shown)> = Vec::new();
        for entry in set {
            queue.push((entry.clone(), Shown::default()));
        }
        let mut state = self.window.model().initial();
        let mut step = Step::at(state);
        let mut at = 0;
        while at < queue.len() && queue.len() < STATES && ways.len() < WAYS {
            let (entry, told) = queue[at].clone();
            at += 1;
            let full = entry.cost < self.reach.faults;
            let model = self.window.model();
            let shown = self.packer.unpack(model, &entry, full, &mut state);
            for (index, open) in self.open.into_iter().enumerate() {
                let Some(event) = open else { continue };
                let own = ClientId::from(index);
                let event = &self.plan.events[event as usize];
                let mut choices = Vec::new();
                model.candidates(&state, own, &mut |choice| choices.push(choice));
                for choice in choices {
                    let action = Action { client: own, choice };
                    if model.step_into(&state, action, &mut step).is_err() {
                        continue;
                    }
                    *self.work += 1;
                    let mut next = shown;
                    let mut told = told.clone();
                    if own == client {
                        tell(&step, event, self, &mut told);
                        if let Some(way) = self.way(&step, event, &told) {
                            ways.insert(way);
                            continue;
                        }
                    } else if fits(self.window, &step, own, event, self.labels, &mut next)
                        == Fit::No
                    {
                        continue;
                    }
                    let struck = step.effects.iter().any(|e| matches!(e, Effect::Struck(..)));
                    let (words, ills) = self.packer.pack(model, &step.state, next);
                    let words: Box<[u64]> = words.into();
                    if seen.insert((words.clone(), ills, told.clone())) {
                        let cost = entry.cost + u32::from(struck);
                        queue.push((Entry { words, ills, cost, node: entry.node }, told));
                    }
                }
            }
        }
        ways.into_iter().collect()
    }

    /// The way the step returns, if it does.
    fn way(&self, step: &Step, event: &Planned, told: &Shown) -> Option<Possible> {
        let record = Record::of(self.window.model(), step)?;
        let names = Names::within(self.window);
        let provider = |id: u8| names.provider(mapi_logon_model::ids::ProviderId(id));
        let calls = told.0.iter().map(|(id, call, code)| ProviderEvent {
            provider: provider(*id),
            call: provider_call_name(*call).to_owned(),
            result: Some(code.name().to_owned()),
        });
        let profile = record.snapshot.and_then(|slot| slot.profile());
        let told_of = event.snapshot.profile.is_some() || event.label.is_some();
        Some(Possible {
            result: record.code.name().to_owned(),
            joined: (told_of && record.session.is_some()).then_some(record.joined),
            profile: profile.filter(|_| told_of).map(|profile| names.profile(profile)),
            provider_events: event.calls.as_ref().map(|_| calls.collect()),
            dialogs: event.dialogs.as_ref().map(|_| told.1.clone()),
        })
    }
}

fn tell(step: &Step, event: &Planned, search: &Search<'_>, told: &mut Shown) {
    for effect in &step.effects {
        if let (
            Some(_),
            Effect::Provider {
                provider,
                call: call @ (ProviderCall::Init | ProviderCall::Logon),
                code,
                ..
            },
        ) = (&event.calls, *effect)
        {
            told.0.push((provider.0, call, code));
        }
        if let (Some(_), Effect::Displayed { dialog, .. }) = (&event.dialogs, *effect) {
            told.1.push(search.window.model().words().dialog(dialog));
        }
    }
}

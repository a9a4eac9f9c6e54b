//! Which states need not be kept, as the machine can come to them later as well?
//!
//! When a call has returned, others may have gone on meanwhile or not. Where they have not, they
//! still can.

use mapi_logon_model::action::Action;
use mapi_logon_model::ids::{CLIENTS, ClientId};
use mapi_logon_model::step::Step;

use super::search::{Search, strikes};
use super::shows::{Fit, fits};
use super::states::Entry;
use crate::fold::Table;

impl Search<'_> {
    /// Drops the states to which others lead by steps of clients other than the one whose call has
    /// just returned.
    pub(super) fn put_off(&mut self, states: &mut Vec<Entry>, client: ClientId) {
        if states.len() < 2 || self.open.iter().flatten().count() < 2 {
            return;
        }
        let mut alike: Table<Box<[u64]>, Vec<usize>> = Table::default();
        for (index, entry) in states.iter().enumerate() {
            alike.entry(entry.words.clone()).or_default().push(index);
        }
        let mut reached = vec![false; states.len()];
        let mut expanded = vec![false; states.len()];
        for root in 0..states.len() {
            if reached[root] {
                continue;
            }
            let mut open = vec![root];
            while let Some(at) = open.pop() {
                if std::mem::replace(&mut expanded[at], true) {
                    continue;
                }
                self.each_after(&states[at], client, |entry, healing| {
                    for other in alike.get(&entry.words).into_iter().flatten() {
                        let known = &states[*other];
                        let outdone = healing.outdoes(entry.rank(), known.rank());
                        if outdone && *other != root {
                            reached[*other] = true;
                            open.push(*other);
                        }
                    }
                });
            }
        }
        let mut index = 0;
        states.retain(|_| {
            index += 1;
            !reached[index - 1]
        });
    }

    /// Every state to which one step of a client other than `client` leads.
    fn each_after(
        &mut self,
        entry: &Entry,
        client: ClientId,
        mut each: impl FnMut(&Entry, super::front::Healing),
    ) {
        let (model, full) = (self.window.model(), entry.cost < self.reach.faults);
        let mut state = model.initial();
        let mut step = Step::at(state);
        let shown = self.packer.unpack(model, entry, full, &mut state);
        for other in (0..CLIENTS).map(ClientId::from) {
            let Some(event) = self.open[other.index()].filter(|_| other != client) else {
                continue;
            };
            let event = &self.plan.events[event as usize];
            model.candidates(&state, other, &mut |choice| {
                let action = Action { client: other, choice };
                if model.step_into(&state, action, &mut step).is_err() {
                    return;
                }
                *self.work += 1;
                let mut shown = shown;
                if fits(self.window, &step, other, event, self.labels, &mut shown) == Fit::No {
                    return;
                }
                let (words, ills) = self.packer.pack(model, &step.state, shown);
                let cost = entry.cost + u32::from(strikes(choice));
                let next = Entry { words: words.into(), ills, cost, node: entry.node };
                each(&next, self.healing);
            });
        }
    }
}

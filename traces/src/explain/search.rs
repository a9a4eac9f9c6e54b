//! How does a call come to its end? Every hidden step that may lead there, fewest faults first.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::ids::{CLIENTS, ClientId, ClientSet};
use mapi_logon_model::state::{Phase, State};
use mapi_logon_model::step::Step;
use mapi_logon_model::window::Window;

use super::arena::Arena;
use super::company::Company;
use super::plan::{Plan, Planned};
use super::shows::{Fit, Labels, fits};
use super::states::{Entry, Packer, Shown};
use crate::fold::Table;

/// How far a search may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reach<'a> {
    /// Most faults of a run.
    pub(super) faults: u32,
    /// How many faults more than the fewest a run may have to be followed further.
    pub(super) width: u32,
    /// Most states of one search.
    pub(super) states: usize,
    /// Most steps, those taken before included.
    pub(super) steps: u64,
    /// Becomes true when somebody has had enough.
    pub(super) stop: Option<&'a AtomicBool>,
    /// In whose calls more faults may strike than the fewest.
    pub(super) strikers: ClientSet,
}

/// What a search may use of the track it belongs to.
pub(super) struct Search<'a> {
    pub(super) window: &'a Window,
    pub(super) plan: &'a Plan,
    pub(super) open: [Option<u32>; CLIENTS],
    pub(super) labels: &'a Labels,
    pub(super) packer: &'a mut Packer,
    pub(super) arena: &'a mut Arena,
    pub(super) reach: Reach<'a>,
    /// Steps taken so far, by all searches.
    pub(super) work: &'a mut u64,
}

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The states in which the call has just returned as it should.
    pub(super) states: Vec<Entry>,
    /// The fewest faults of a run that was not followed further, if there is one.
    pub(super) left_out: Option<u32>,
    /// The limit that was reached.
    pub(super) full: Option<&'static str>,
}

/// States to be looked at, fewest faults first, and those from which a fault may still strike.
#[derive(Default)]
struct Queue {
    open: Vec<Entry>,
    done: Vec<Entry>,
    later: Vec<Entry>,
}

/// Which choices are taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Luck {
    /// Those by which no fault strikes.
    Good,
    /// Those by which one does.
    Bad,
    /// Of those by which one does, the first for each client.
    AnyBad,
}

impl Search<'_> {
    /// Follows every state until the client's call has returned.
    pub(super) fn until_returned(&mut self, set: Vec<Entry>, client: ClientId) -> Found {
        let mut found = Found::default();
        let Some(mut cost) = set.iter().map(|entry| entry.cost).min() else {
            return found;
        };
        let mut state = self.window.model().initial();
        let company = self.company(&set, client, &mut state);
        let mut seen: Table<Box<[u64]>, u32> = Table::default();
        let mut queue = Queue {
            later: set,
            ..Queue::default()
        };
        let mut step = Step::at(state);
        let mut best = None;
        loop {
            let due = |entry: &mut Entry| entry.cost <= cost;
            queue.open.extend(queue.later.extract_if(.., due));
            while let Some(entry) = queue.open.pop() {
                if seen
                    .get(&entry.words)
                    .is_some_and(|known| *known < entry.cost)
                {
                    continue;
                }
                found.full = self.limit(seen.len());
                if found.full.is_some() {
                    return found;
                }
                let model = self.window.model();
                let full = entry.cost < self.reach.faults;
                let shown = self.packer.unpack(model, &entry.words, full, &mut state);
                if model.next_call(&state, client).is_none() {
                    best = best.or(Some(entry.cost));
                    found.states.push(entry);
                    continue;
                }
                let from = (&entry, &state, shown);
                self.expand(from, company, Luck::Good, &mut step, &mut seen, &mut queue);
                queue.done.push(entry);
            }
            let most = best.map_or(u32::MAX, |best: u32| best.saturating_add(self.reach.width));
            if cost >= most {
                found.left_out = (cost < self.reach.faults).then_some(cost + 1);
                break;
            }
            // Beyond the fewest faults one kind stands for all: which it was shows later, if ever.
            let (strikers, luck) = match best {
                Some(_) if self.reach.width < u32::MAX => {
                    (company.and(self.reach.strikers), Luck::AnyBad)
                }
                Some(_) | None => (company, Luck::Bad),
            };
            for entry in std::mem::take(&mut queue.done) {
                if entry.cost < self.reach.faults {
                    let model = self.window.model();
                    let shown = self.packer.unpack(model, &entry.words, true, &mut state);
                    let from = (&entry, &state, shown);
                    self.expand(from, strikers, luck, &mut step, &mut seen, &mut queue);
                }
            }
            match queue.later.iter().map(|entry| entry.cost).min() {
                Some(next) => cost = next,
                None => break,
            }
        }
        found
    }

    /// The limit that is reached, if one is.
    fn limit(&self, seen: usize) -> Option<&'static str> {
        let stopped = self
            .reach
            .stop
            .is_some_and(|stop| stop.load(Ordering::Relaxed));
        let limits = [
            (stopped, "patience"),
            (seen > self.reach.states, "states"),
            (*self.work > self.reach.steps, "steps"),
        ];
        limits
            .into_iter()
            .find(|(reached, _)| *reached)
            .map(|(_, what)| what)
    }

    /// The clients whose steps can matter to this client's call.
    fn company(&mut self, set: &[Entry], client: ClientId, state: &mut State) -> ClientSet {
        let calls = self
            .open
            .map(|open| open.map(|event| &self.plan.events[event as usize]));
        let model = self.window.model();
        // Where runs are given up anyway, faults that strike in other calls are not reckoned with.
        let faults = self.reach.faults > 0 && self.reach.width == u32::MAX;
        let mut company = Company::new(model, calls, faults);
        if calls.iter().flatten().count() > 1 {
            for entry in set {
                self.packer.unpack(model, &entry.words, true, state);
                company.meet(state);
            }
        }
        company.of(client)
    }

    /// Takes every step of the company that fits the events of the calls in progress.
    fn expand(
        &mut self,
        (entry, state, shown): (&Entry, &State, Shown),
        company: ClientSet,
        luck: Luck,
        step: &mut Step,
        seen: &mut Table<Box<[u64]>, u32>,
        queue: &mut Queue,
    ) {
        let window = self.window;
        let model = window.model();
        let mut clients = company;
        if company
            .into_iter()
            .any(|one| state.client(one).phase() == Phase::Waiting)
            && let Some(holder) = model.mutex_holder(state)
        {
            // Whoever holds the mutex must go on for others to have it.
            clients.insert(holder);
        }
        for client in clients {
            let Some(event) = self.open[client.index()] else {
                continue;
            };
            let event = &self.plan.events[event as usize];
            let mut struck = false;
            model.candidates(state, client, &mut |choice| {
                if strikes(choice) != (luck != Luck::Good) || struck && luck == Luck::AnyBad {
                    return;
                }
                let action = Action { client, choice };
                if model.step_into(state, action, step).is_err() {
                    return;
                }
                *self.work += 1;
                struck = true;
                if let Some(next) = self.next(entry, action, step, event, shown, seen) {
                    match luck {
                        Luck::Good => queue.open.push(next),
                        Luck::Bad | Luck::AnyBad => queue.later.push(next),
                    }
                }
            });
        }
    }

    /// The entry a step leads to, if it fits and is new.
    fn next(
        &mut self,
        entry: &Entry,
        action: Action,
        step: &Step,
        event: &Planned,
        mut shown: Shown,
        seen: &mut Table<Box<[u64]>, u32>,
    ) -> Option<Entry> {
        let fit = fits(
            self.window,
            step,
            action.client,
            event,
            self.labels,
            &mut shown,
        );
        if fit == Fit::No {
            return None;
        }
        let cost = entry.cost + u32::from(strikes(action.choice));
        let words = self.packer.pack(self.window.model(), &step.state, shown);
        match seen.get_mut(words) {
            Some(known) if *known <= cost => return None,
            Some(known) => *known = cost,
            None => {
                seen.insert(words.into(), cost);
            }
        }
        let words = words.into();
        Some(Entry {
            words,
            cost,
            node: self.arena.add(entry.node, action),
        })
    }
}

/// Does a fault strike?
const fn strikes(choice: Choice) -> bool {
    match choice {
        Choice::Try(fate) => fate.struck.is_some(),
        Choice::Begin
        | Choice::Proceed
        | Choice::TimeOut
        | Choice::Postpone
        | Choice::Refuse(_)
        | Choice::Configure { .. }
        | Choice::Answer(_) => false,
    }
}

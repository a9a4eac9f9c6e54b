//! How does a call come to its end? Every hidden step that may lead there, fewest faults first.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::ids::{CLIENTS, ClientId, ClientSet};
use mapi_logon_model::state::{Phase, State};
use mapi_logon_model::step::Step;
use mapi_logon_model::window::Window;

use super::EVERYBODY;
use super::arena::Arena;
use super::company::Company;
use super::front::{Front, Healing};
use super::plan::Plan;
use super::shows::{Fit, Labels, fits};
use super::states::{Entry, Packer, Shown};

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
    pub(super) healing: Healing,
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

/// States to be looked at, fewest faults first.
struct Queue<'a> {
    together: Company<'a>,
    /// The clients whose steps can matter.
    company: ClientSet,
    seen: Front,
    open: Vec<Entry>,
    /// Those from which a fault may still strike, in a call of these clients.
    done: Vec<(Entry, ClientSet)>,
    later: Vec<Entry>,
    /// The state that is looked at, and where a step from it leads.
    state: State,
    step: Step,
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

impl<'a> Search<'a> {
    /// Follows every state until the client's call has returned.
    pub(super) fn until_returned(&mut self, set: Vec<Entry>, client: ClientId) -> Found {
        let mut found = Found::default();
        let Some(mut cost) = set.iter().map(|entry| entry.cost).min() else {
            return found;
        };
        let mut state = self.window.model().initial();
        let together = self.together(&set, &mut state);
        let mut queue = Queue {
            company: together.of(client),
            together,
            seen: Front::new(self.healing),
            later: set,
            open: Vec::new(),
            done: Vec::new(),
            step: Step::at(state),
            state,
        };
        for entry in &queue.later {
            queue.seen.admits(&entry.words, entry.ills, entry.cost);
        }
        let mut best = None;
        loop {
            let due = |entry: &mut Entry| entry.cost <= cost;
            queue.open.extend(queue.later.extract_if(.., due));
            found.full = self.without_fault(client, &mut queue, &mut found.states);
            if found.full.is_some() {
                return found;
            }
            best = best.or((!found.states.is_empty()).then_some(cost));
            let most = best.map_or(u32::MAX, |best: u32| best.saturating_add(self.reach.width));
            if cost >= most {
                found.left_out = (cost < self.reach.faults).then_some(cost + 1);
                break;
            }
            // Beyond the fewest faults one kind stands for all: which it was shows later, if ever.
            let (strikers, luck) = match best {
                Some(_) if self.reach.width < u32::MAX => (self.reach.strikers, Luck::AnyBad),
                Some(_) | None => (EVERYBODY, Luck::Bad),
            };
            for (entry, movers) in std::mem::take(&mut queue.done) {
                if entry.cost < self.reach.faults && queue.seen.keeps(&entry) {
                    let shown = self.unpack(&entry, &mut queue);
                    self.expand((&entry, shown), movers.and(strikers), luck, &mut queue);
                }
            }
            match queue.later.iter().map(|entry| entry.cost).min() {
                Some(next) => cost = next,
                None => break,
            }
        }
        found.states.retain(|entry| queue.seen.keeps(entry));
        self.put_off(&mut found.states, client);
        found
    }

    /// Takes all steps by which no fault strikes; the limit that was reached, if one was.
    fn without_fault(
        &mut self,
        client: ClientId,
        queue: &mut Queue<'_>,
        returned: &mut Vec<Entry>,
    ) -> Option<&'static str> {
        while let Some(entry) = queue.open.pop() {
            if !queue.seen.keeps(&entry) {
                continue;
            }
            let full = self.limit(queue.seen.len());
            if full.is_some() {
                return full;
            }
            let shown = self.unpack(&entry, queue);
            if self.window.model().next_call(&queue.state, client).is_none() {
                returned.push(entry);
                continue;
            }
            let next = queue.together.next(&queue.state, client, queue.company);
            let mut movers = next.map_or(queue.company, ClientSet::only);
            if !self.expand((&entry, shown), movers, Luck::Good, queue) && next.is_some() {
                movers = queue.company;
                self.expand((&entry, shown), movers, Luck::Good, queue);
            }
            queue.done.push((entry, movers));
        }
        None
    }

    /// Puts the state of an entry before the queue.
    fn unpack(&self, entry: &Entry, queue: &mut Queue<'_>) -> Shown {
        let full = entry.cost < self.reach.faults;
        let model = self.window.model();
        self.packer.unpack(model, entry, full, &mut queue.state)
    }

    /// The limit that is reached, if one is.
    fn limit(&self, seen: usize) -> Option<&'static str> {
        let stopped = self.reach.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        let limits = [
            (stopped, "patience"),
            (seen > self.reach.states, "states"),
            (*self.work > self.reach.steps, "steps"),
        ];
        limits.into_iter().find(|(reached, _)| *reached).map(|(_, what)| what)
    }

    /// What the calls in progress have to do with one another.
    fn together(&self, set: &[Entry], state: &mut State) -> Company<'a> {
        let (plan, model) = (self.plan, self.window.model());
        let calls = self.open.map(|open| open.map(|event| &plan.events[event as usize]));
        // Where runs are given up anyway, faults that strike in other calls are not reckoned with.
        let faults = self.reach.faults > 0 && self.reach.width == u32::MAX;
        let mut company = Company::new(model, calls, faults);
        if calls.iter().flatten().count() > 1 {
            for entry in set {
                self.packer.unpack(model, entry, true, state);
                company.meet(state);
            }
        }
        company
    }

    /// Takes every step of these clients that fits the events of the calls in progress; is there
    /// one?
    fn expand(
        &mut self,
        (entry, shown): (&Entry, Shown),
        movers: ClientSet,
        luck: Luck,
        queue: &mut Queue<'_>,
    ) -> bool {
        let window = self.window;
        let model = window.model();
        let mut moved = false;
        let mut clients = movers;
        if movers.into_iter().any(|one| queue.state.client(one).phase() == Phase::Waiting)
            && let Some(holder) = model.mutex_holder(&queue.state)
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
            let state = queue.state;
            model.candidates(&state, client, &mut |choice| {
                if strikes(choice) != (luck != Luck::Good) || struck && luck == Luck::AnyBad {
                    return;
                }
                let action = Action { client, choice };
                if model.step_into(&state, action, &mut queue.step).is_err() {
                    return;
                }
                *self.work += 1;
                struck = true;
                let mut shown = shown;
                if fits(window, &queue.step, client, event, self.labels, &mut shown) == Fit::No {
                    return;
                }
                moved = true;
                if let Some(next) = self.next(entry, action, shown, queue) {
                    match luck {
                        Luck::Good => queue.open.push(next),
                        Luck::Bad | Luck::AnyBad => queue.later.push(next),
                    }
                }
            });
        }
        moved
    }

    /// The entry the step leads to, if it is new.
    fn next(
        &mut self,
        entry: &Entry,
        action: Action,
        shown: Shown,
        queue: &mut Queue<'_>,
    ) -> Option<Entry> {
        let cost = entry.cost + u32::from(strikes(action.choice));
        let model = self.window.model();
        let (words, ills) = self.packer.pack(model, &queue.step.state, shown);
        if !queue.seen.admits(words, ills, cost) {
            return None;
        }
        Some(Entry { words: words.into(), ills, cost, node: self.arena.add(entry.node, action) })
    }
}

/// Does a fault strike?
pub(super) const fn strikes(choice: Choice) -> bool {
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

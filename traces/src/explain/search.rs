//! The search from one event to the next: every hidden step that may lead there, fewest faults
//! first.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::ids::{ClientId, ClientSet};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::protocol::Phase;
use mapi_logon_model::world::State;

use super::belief::{Antichain, Belief, Candidate, Dominance, FaultMask, Progress, Standing};
use super::expand::{Expansion, FaultMode, Scratch};
use super::expected::Mismatch;
use super::history::{History, ROOT};
use super::pointers::without_slots;
use super::reduction::Reduction;

/// How far a search may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds<'a> {
    /// Most faults of a run.
    pub(super) faults: u32,
    /// How many faults more than the fewest a run may have to be followed further.
    pub(super) slack: u32,
    /// In whose calls these may strike.
    pub(super) may_fault: ClientSet,
    /// Most states of one search.
    pub(super) states: usize,
    /// Most steps, those taken before included.
    pub(super) steps: u64,
    /// Set on interrupt.
    pub(super) stop: Option<&'a AtomicBool>,
}

impl Bounds<'_> {
    /// The limit that is reached, if one is.
    fn reached(&self, states: usize, steps: u64) -> Option<&'static str> {
        let stopped = self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed));
        let limits = [
            (stopped, "interrupt"),
            (states > self.states, "states"),
            (steps > self.steps, "steps"),
        ];
        let reached = limits.into_iter().find(|(reached, _)| *reached);
        reached.map(|(_, what)| what)
    }
}

/// The event of a client's call up to which runs are followed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goal {
    /// The call returns.
    Returned,
    /// MAPI calls a provider, which has not answered yet.
    Asked,
    /// All dialogs that are known have been displayed.
    Displayed,
    /// All provider calls and dialogs that are known have been shown.
    Shown,
}

/// Why runs could not be followed up to an event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Failure {
    /// No run shows it.
    Impossible,
    /// This limit was reached.
    Limit(&'static str),
}

/// The limit on what a model has room for.
pub(super) const FULL: &str = "sessions open at once";

/// What follows belief states: the machine, and all that is shared by them.
#[derive(Debug)]
pub(super) struct Engine<'m> {
    pub(super) model: &'m Model,
    pub(super) history: History,
    /// Steps taken so far, by all searches.
    pub(super) work: u64,
    pub(super) scratch: Scratch,
    pub(super) dominance: Dominance,
    /// Memory of earlier searches, to be used again.
    queue: Queue,
    spare: Vec<State>,
}

/// Candidates to be looked at, fewest faults first, by their numbers.
#[derive(Debug, Default)]
struct Queue {
    met: Antichain,
    /// How many of them the belief had before.
    seeds: u32,
    open: Vec<u32>,
    /// Those from which a fault may still strike, in a call of these clients.
    done: Vec<(u32, ClientSet)>,
    later: Vec<u32>,
    /// Those in which the goal is reached.
    found: Vec<u32>,
}

impl<'m> Engine<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Self {
            model,
            history: History::default(),
            work: 0,
            scratch: Scratch { from: model.start(), step: Step::at(model.initial()), full: false },
            dominance: Dominance::of(model.scenario()),
            queue: Queue::default(),
            spare: Vec::new(),
        }
    }

    /// The same, but every minimal explanation is kept.
    pub(super) fn thorough(model: &'m Model) -> Self {
        let mut engine = Self::new(model);
        engine.dominance.thorough = true;
        engine
    }

    /// The same, but any number of faults may strike, which makes far fewer candidates.
    pub(super) fn uncounted(model: &'m Model) -> Self {
        let mut engine = Self::new(model);
        engine.dominance.uncounted = true;
        engine
    }

    /// Forgets everything of earlier searches.
    pub(super) fn clear(&mut self) {
        self.history = History::default();
        self.queue = Queue::default();
        self.spare = Vec::new();
    }

    /// Before anything has happened.
    pub(super) fn start(&self) -> Belief {
        Belief {
            candidates: vec![Candidate {
                state: self.model.initial(),
                progress: Progress::default(),
                faults: FaultMask::default(),
                cost: 0,
                node: ROOT,
            }],
            open: vec![None; self.model.scenario().clients.len()],
            given_up: None,
        }
    }

    /// Follows every candidate up to an event of the client's call; where it cannot, the belief
    /// stays as it was.
    pub(super) fn follow(
        &mut self,
        belief: &mut Belief,
        client: ClientId,
        goal: Goal,
        bounds: &Bounds<'_>,
    ) -> Result<(), Failure> {
        let mut queue = std::mem::take(&mut self.queue);
        for seed in std::mem::take(&mut belief.candidates) {
            let (of, rank) = ((&seed.state, &seed.progress), (seed.faults, seed.cost));
            if queue.met.compare(self.model, self.dominance, of, rank) == Standing::New {
                queue.later.push(queue.met.insert(seed));
                queue.seeds += 1;
            }
        }
        self.scratch.full = false;
        // Where runs are given up anyway, faults that strike in other calls are not reckoned with.
        let matter = bounds.slack == u32::MAX && !self.dominance.ignores_health();
        let faults = bounds.faults > 0 && matter;
        let reduction = Reduction::of(self.model, belief, faults, &queue.met.met);
        let mut search = Search {
            engine: self,
            client,
            goal,
            bounds,
            dependent: reduction.dependent_on(client),
            reduction,
            queue,
        };
        let ended = search.run();
        let mut queue = search.queue;
        let ended = if self.scratch.full { Err(Failure::Limit(FULL)) } else { ended };
        let kept: Vec<u32> = match ended {
            Ok(_) => queue.found.iter().copied().filter(|one| queue.met.keeps(*one)).collect(),
            Err(_) => (0..queue.seeds).collect(),
        };
        belief.candidates = queue.met.take(&kept, &mut self.spare);
        self.queue = queue.cleared();
        belief.give_up(ended?);
        if goal == Goal::Returned {
            for candidate in &mut belief.candidates {
                candidate.progress.clear(client);
            }
            belief.open[client.index()] = None;
        }
        if !self.dominance.thorough {
            self.postpone(belief, client, bounds.faults);
        }
        Ok(())
    }
}

impl Queue {
    /// The same without anything in it.
    fn cleared(mut self) -> Self {
        self.seeds = 0;
        self.done.clear();
        for list in [&mut self.open, &mut self.later, &mut self.found] {
            list.clear();
        }
        self
    }

    /// The fewest faults of a candidate that is still to be looked at.
    fn least(&self) -> Option<u32> {
        let later = self.later.iter();
        later.map(|one| self.met.met[*one as usize].cost).min()
    }
}

/// One search under way.
struct Search<'e, 'm, 'b> {
    engine: &'e mut Engine<'m>,
    client: ClientId,
    goal: Goal,
    bounds: &'b Bounds<'b>,
    reduction: Reduction<'b>,
    /// Clients whose steps can matter.
    dependent: ClientSet,
    queue: Queue,
}

impl Search<'_, '_, '_> {
    /// Looks for all candidates in which the goal is reached; the fewest faults of a run that was
    /// left out.
    fn run(&mut self) -> Result<Option<u32>, Failure> {
        let bounds = self.bounds;
        let (mut best, mut left_out) = (None, None);
        while let Some(cost) = self.queue.least() {
            let met = &self.queue.met.met;
            let due = |number: &mut u32| met[*number as usize].cost <= cost;
            self.queue.open.extend(self.queue.later.extract_if(.., due));
            self.without_fault()?;
            best = best.or((!self.queue.found.is_empty()).then_some(cost));
            let most = best.map_or(u32::MAX, |best: u32| best.saturating_add(bounds.slack));
            if cost >= most {
                left_out = (cost < bounds.faults).then_some(cost + 1);
                break;
            }
            // Beyond the fewest faults one kind stands for all: which it was shows later, if ever.
            let (may_fault, mode) = match best {
                Some(_) if bounds.slack < u32::MAX => (bounds.may_fault, FaultMode::First),
                Some(_) | None => (ClientSet(u32::MAX), FaultMode::With),
            };
            for (number, movers) in std::mem::take(&mut self.queue.done) {
                let cost = self.queue.met.met[number as usize].cost;
                if cost < bounds.faults && self.queue.met.keeps(number) {
                    let (_, asks) = self.expand(number, movers.and(may_fault), mode);
                    if asks && !self.queue.found.contains(&number) {
                        self.queue.found.push(number);
                    }
                }
            }
        }
        let found = !self.queue.found.is_empty();
        found.then_some(left_out).ok_or(Failure::Impossible)
    }

    /// Takes all steps by which no fault strikes.
    fn without_fault(&mut self) -> Result<(), Failure> {
        while let Some(number) = self.queue.open.pop() {
            if !self.queue.met.keeps(number) {
                continue;
            }
            let limit = self.bounds.reached(self.queue.met.len(), self.engine.work);
            if let Some(limit) = limit {
                return Err(Failure::Limit(limit));
            }
            let candidate = &self.queue.met.met[number as usize];
            if self.is_reached(&candidate.progress) {
                self.queue.found.push(number);
                continue;
            }
            let ample = self.reduction.ample(candidate, self.client, self.dependent);
            let mut movers = ample.map_or(self.dependent, ClientSet::only);
            let (moved, asks) = self.expand(number, movers, FaultMode::Without);
            if !moved && !asks && ample.is_some() {
                movers = self.dependent;
                self.expand(number, movers, FaultMode::Without);
            }
            if asks {
                self.queue.found.push(number);
            }
            self.queue.done.push((number, movers));
        }
        Ok(())
    }

    fn is_reached(&self, progress: &Progress) -> bool {
        let at = self.client.index();
        let known = || self.reduction.belief.open[at].as_ref().map(|open| &open.expected);
        let displayed = || {
            let dialogs = known().and_then(|known| known.dialogs.as_ref());
            dialogs.map(|dialogs| dialogs.len() == usize::from(progress.dialogs[at]))
        };
        let called = || {
            let calls = known().and_then(|known| known.calls.as_ref());
            calls.is_none_or(|calls| calls.len() == usize::from(progress.calls[at]))
        };
        match self.goal {
            Goal::Returned => progress.returned.contains(self.client),
            Goal::Asked => false,
            Goal::Displayed => displayed().unwrap_or(false),
            Goal::Shown => displayed().unwrap_or(true) && called(),
        }
    }

    /// Takes every step of these clients from a candidate: does one fit, and does one of the
    /// client's own wait for the answer of a provider, or show more than was seen, which is the
    /// goal?
    fn expand(&mut self, number: u32, movers: ClientSet, mode: FaultMode) -> (bool, bool) {
        let Self { engine, queue, .. } = self;
        let from = &queue.met.met[number as usize];
        let (progress, cost, node) = (from.progress.clone(), from.cost, from.node);
        engine.scratch.from.state.clone_from(&from.state);
        let model = engine.model;
        let sight = model.sight(&from.state);
        let mut waiting = movers.filter(|one| sight.client(*one).phase() == Phase::Waiting);
        let holder = sight.mutex_holder().filter(|_| waiting.next().is_some());
        // The holder of the mutex must go on for others to have it.
        let movers = holder.map_or(movers, |holder| movers.or(ClientSet::only(holder)));
        let mut expansion = Expansion {
            model,
            belief: self.reduction.belief,
            scratch: &mut engine.scratch,
            progress: &progress,
            work: &mut engine.work,
        };
        let (mut moved, mut asks) = (false, false);
        let (client, goal) = (self.client, self.goal);
        expansion.each(movers, mode, |tried| {
            let reached = match tried.fits {
                Err(Mismatch::Question(_)) => goal == Goal::Asked,
                // One step shows the last that was seen of a call, and more.
                Err(Mismatch::Ahead) => goal == Goal::Shown,
                Ok(_) | Err(_) => false,
            };
            asks |= reached && tried.action.client == client;
            let Ok(progress) = tried.fits else { return };
            moved = true;
            let after = &tried.step.state;
            let faults = engine.dominance.mask(model, after);
            let cost = cost + engine.dominance.price(tried.action.choice);
            let action = without_slots(tried.action);
            let (met, of) = (&mut queue.met, (after, &progress));
            match met.compare(model, engine.dominance, of, (faults, cost)) {
                Standing::New => {
                    let mut state = engine.spare.pop().unwrap_or_else(|| after.clone());
                    state.clone_from(after);
                    let number = met.insert(Candidate {
                        state,
                        progress,
                        faults,
                        cost,
                        node: engine.history.add(node, action),
                    });
                    let strikes = mode != FaultMode::Without;
                    let list = if strikes { &mut queue.later } else { &mut queue.open };
                    list.push(number);
                }
                // The candidates of the belief belong to other moments, too.
                Standing::Equal(known) if known >= queue.seeds => {
                    let known = met.met[known as usize].node;
                    engine.history.merge(known, node, action);
                }
                Standing::Equal(_) | Standing::Dominated => {}
            }
        });
        (moved, asks)
    }
}

//! How is a recording followed? Point by point, in all states the machine may be in at once.
//!
//! Everything is kept where that is little. Where it is much, only the states with the fewest
//! faults are followed at first; when they lead nowhere, the track goes back some way and follows
//! more of them.

use std::collections::BTreeSet;

use mapi_logon_model::ids::{CLIENTS, ClientSet, LogonId, SessionSet};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::{Call, Scenario};
use mapi_logon_model::window::{Asked, Needs, Window};

use super::Limits;
use super::arena::{Arena, ROOT};
use super::front::{Front, Healing};
use super::plan::{Plan, Point};
use super::search::{Found, Reach, Search};
use super::states::{AT_HAND, Entry, Packer, Shown};
use crate::recording::Returned;

/// How a track ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// At the end of the recording.
    Reached,
    /// No run shows the event at this point.
    Stuck(usize),
    /// A limit was reached at this point.
    Limit(usize, &'static str),
}

/// The states the machine may be in at some point of the recording.
#[derive(Clone, Debug)]
pub(super) struct Track<'p> {
    pub(super) plan: &'p Plan,
    pub(super) window: Window,
    pub(super) set: Vec<Entry>,
    pub(super) open: [Option<u32>; CLIENTS],
    pub(super) labels: Vec<(u64, u32)>,
    /// Labels that some session has had.
    known: BTreeSet<u32>,
    /// Events on sessions that were over.
    pub(super) gone: Vec<u32>,
    /// The fewest faults of a run that was given up although it fitted so far.
    pub(super) given_up: Option<u32>,
    packer: Packer,
    healing: Healing,
    faults: u32,
    /// The next point.
    pub(super) at: usize,
}

impl<'p> Track<'p> {
    /// Before the first point.
    pub(super) fn new(plan: &'p Plan, mut scenario: Scenario, faults: u32) -> Self {
        scenario.faults.budget = if faults > 0 { AT_HAND } else { 0 };
        let window = Window::new(scenario);
        let mut packer = Packer::new(window.model());
        let first = window.model().initial();
        let healing = Healing::of(window.model().scenario());
        let (words, ills) = packer.pack(window.model(), &first, Shown::default());
        let words = words.into();
        Self {
            plan,
            set: vec![Entry { words, ills, cost: 0, node: ROOT }],
            open: [None; CLIENTS],
            labels: Vec::new(),
            known: BTreeSet::new(),
            gone: Vec::new(),
            given_up: None,
            packer,
            healing,
            faults,
            window,
            at: 0,
        }
    }

    /// The fewest faults with which the machine can be where it is.
    pub(super) fn fewest(&self) -> u32 {
        self.set.iter().map(|entry| entry.cost).min().unwrap_or(0)
    }

    /// Goes on to point `to`, or as far as some run does.
    pub(super) fn follow(
        &mut self,
        to: usize,
        (width, strikers): (u32, ClientSet),
        limits: &Limits<'_>,
        arena: &mut Arena,
        work: &mut u64,
        mut each: impl FnMut(&Self),
    ) -> End {
        let (states, steps) = (limits.states, limits.steps);
        let reach =
            Reach { faults: self.faults, width, states, steps, stop: limits.stop, strikers };
        while self.at < to {
            each(self);
            if let Some(watch) = limits.watch.filter(|_| self.at.is_multiple_of(512)) {
                watch(self.at / 2, self.plan.events.len());
            }
            let before = self.at;
            let end = match self.plan.points[before] {
                Point::Begin(event) => self.begin(event),
                Point::End(event) => self.end(event, reach, arena, work),
            };
            if let Some(end) = end {
                return end;
            }
            self.at = before + 1;
        }
        End::Reached
    }

    /// The call of an event may begin.
    fn begin(&mut self, number: u32) -> Option<End> {
        let event = &self.plan.events[number as usize];
        let (mut needs, mut held) = (Needs::default(), SessionSet::EMPTY);
        let mut state = self.window.model().initial();
        for entry in &self.set {
            self.packer.unpack(self.window.model(), entry, true, &mut state);
            self.window.need(&state, &mut needs);
            let own = self.window.logons_of(event.client);
            own.filter(|slot| state.attachment(*slot).is_some()).for_each(|slot| held.insert(slot));
        }
        self.open[event.client.index()] = Some(number);
        let on = event.on.and_then(|label| self.holder(label, held));
        let gone = event.on.is_some_and(|label| self.known.contains(&label)) && on.is_none();
        if gone {
            self.gone.push(number);
            return None;
        }
        let Ok(shift) = self.window.next(event.client, event.asked.clone(), on, &needs) else {
            return Some(End::Limit(self.at, "sessions open at once"));
        };
        let mut carried: Vec<Entry> = Vec::with_capacity(self.set.len());
        let mut front = Front::new(self.healing);
        for entry in &self.set {
            let shown = self.packer.unpack(self.window.model(), entry, true, &mut state);
            let Some(moved) = shift.carry(&state) else {
                continue;
            };
            let (words, ills) = self.packer.pack(self.window.model(), &moved, shown);
            if front.admits(words, ills, entry.cost) {
                let words = words.into();
                carried.push(Entry { words, ills, ..*entry });
            }
        }
        carried.retain(|entry| front.keeps(entry));
        if carried.is_empty() {
            return Some(End::Stuck(self.at));
        }
        self.set = carried;
        self.labels.retain(|(stamp, _)| self.window.slot(*stamp).is_some());
        if let (Some(label), Some(slot)) = (event.label, self.window.current_logon(event.client)) {
            self.labels.push((self.window.stamp(slot), label));
            self.known.insert(label);
        }
        None
    }

    /// The logon, of those whose session is held, that obtained the one with this label last.
    fn holder(&self, label: u32, held: SessionSet) -> Option<LogonId> {
        let labelled = self.labels.iter().rev().filter(|(_, one)| *one == label);
        let mut slots = labelled.filter_map(|(stamp, _)| self.window.slot(*stamp));
        slots.find(|slot| held.contains(*slot))
    }

    /// The call of an event has returned.
    fn end(
        &mut self,
        number: u32,
        reach: Reach<'_>,
        arena: &mut Arena,
        work: &mut u64,
    ) -> Option<End> {
        let event = &self.plan.events[number as usize];
        let client = event.client;
        if self.gone.contains(&number) {
            // T-82: the pointer leads nowhere any more, whatever else the client holds.
            self.open[client.index()] = None;
            let fits = event.result == Returned::With(after_logoff(&event.asked));
            return if fits { None } else { Some(End::Stuck(self.at)) };
        }
        let set = self.set.clone();
        let Found { states, left_out, full } =
            self.search(arena, reach, work).until_returned(set, client);
        if let Some(limit) = full {
            return Some(End::Limit(self.at, limit));
        }
        if states.is_empty() {
            return Some(End::Stuck(self.at));
        }
        self.set = states;
        self.open[client.index()] = None;
        if let Some(cost) = left_out {
            self.gives_up(cost);
        }
        None
    }

    /// A run with so many faults is not followed.
    fn gives_up(&mut self, cost: u32) {
        self.given_up = Some(self.given_up.map_or(cost, |least| least.min(cost)));
    }

    /// Keeps only the runs with the fewest faults.
    pub(super) fn narrow(&mut self) {
        let fewest = self.fewest();
        let dearer = self.set.iter().map(|entry| entry.cost).filter(|cost| *cost > fewest);
        if let Some(cost) = dearer.min() {
            self.gives_up(cost);
        }
        self.set.retain(|entry| entry.cost == fewest);
    }

    /// A search from here.
    pub(super) fn search<'s>(
        &'s mut self,
        arena: &'s mut Arena,
        reach: Reach<'s>,
        work: &'s mut u64,
    ) -> Search<'s> {
        Search {
            window: &self.window,
            plan: self.plan,
            open: self.open,
            labels: &self.labels,
            packer: &mut self.packer,
            healing: self.healing,
            arena,
            reach,
            work,
        }
    }
}

/// The code with which a pointer to a session that is over answers.
pub(super) const fn after_logoff(asked: &Asked) -> Code {
    match asked {
        Asked::Other(Call::Release, _) => Code::Ok,
        Asked::Logon(_) | Asked::Other(..) => Code::InvalidObject,
    }
}

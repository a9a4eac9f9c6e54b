//! The judge of a sweep: it expands states and notes what their steps show.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::marks::Marks;
use crate::search::control::Control;
use crate::search::level_stats::Hit;
use crate::search::quiescence::Quiescence;
use crate::search::search_stats::{LevelCounts, SearchStats};
use crate::sweep::found::{Counts, note_hit, note_quiescent, note_stuck};
use crate::sweep::lane::{Lane, Visit};
use crate::system::{ClaimKind, TransitionSystem, positions};

/// The judge of one lane.
pub(crate) struct Judge<'a, S: TransitionSystem> {
    system: &'a S,
    control: &'a Control<'a>,
    scratch: S::Scratch,
    /// Invariants and witnesses.
    marked: Marks,
    /// Progress properties.
    progress: Marks,
    quiescence: Quiescence,
    /// For each property that is decided by a state known so far, how many steps that is away.
    known: BTreeMap<usize, u32>,
    /// The depth for which properties are selected, and those that may be found there.
    selected: Option<(u32, Marks)>,
    /// What this measure yielded.
    found: SearchStats,
    /// The counts of this measure, and of the states at hand.
    counts: Counts,
    level: LevelCounts,
    /// States expanded so far.
    expanded: usize,
    /// The successors of a state.
    next: Vec<u64>,
    /// The most bytes that the lane has taken, and those of all that was in use.
    pub(crate) lists: usize,
    pub(crate) peak: usize,
    /// Did a step not increase the measure?
    pub(crate) descended: bool,
}

impl<'a, S: TransitionSystem> Judge<'a, S> {
    /// A judge of all properties.
    pub(crate) fn new(system: &'a S, control: &'a Control<'a>) -> Self {
        let all: Marks = (0..system.properties().len()).collect();
        let progress = positions(system, ClaimKind::Progress).collect();
        Self {
            system,
            control,
            scratch: system.scratch(),
            marked: all - progress,
            progress,
            quiescence: Quiescence::all(system),
            known: BTreeMap::new(),
            selected: None,
            found: SearchStats::default(),
            counts: Counts::default(),
            level: LevelCounts::default(),
            expanded: 0,
            next: Vec::new(),
            lists: 0,
            peak: 0,
            descended: false,
        }
    }

    /// Begins a measure: what is known need not be looked for further away.
    pub(crate) fn begin(&mut self, stats: &SearchStats) {
        let hits =
            stats.hits.iter().map(|(property, (depth, _))| (*property, depth.saturating_sub(1)));
        let quiescent = stats.quiescent.iter().map(|(property, (depth, _))| (*property, *depth));
        self.known = hits.chain(quiescent).collect();
        self.selected = None;
    }

    /// What the measure yielded.
    pub(crate) fn end(&mut self) -> (SearchStats, Counts) {
        let mut counts = std::mem::take(&mut self.counts);
        self.system.tested(&mut self.scratch, &mut |property, times| {
            *counts.tested.entry(property).or_default() += times;
        });
        (std::mem::take(&mut self.found), counts)
    }

    /// Takes the initial states.
    pub(crate) fn initial(&mut self, lane: &mut Lane<'_>) {
        let Self { system, scratch, found, marked, .. } = self;
        system.initial(&mut |state, marks| {
            for property in (marks & *marked).iter() {
                let hit = Hit { source: Vec::new(), ordinal: 0, action: 0, target: state.to_vec() };
                note_hit(*system, found, property, (0, hit));
            }
            if let Some(measure) = system.measure(scratch, state) {
                lane.lists.push((measure, 0), state);
            }
        });
    }

    /// Selects the properties that may be found at a depth.
    fn select(&mut self, depth: u32) -> Marks {
        match self.selected {
            Some((selected, open)) if selected == depth => open,
            _ => {
                let known = self.known.iter().filter(|(_, known)| **known < depth);
                let known: Marks = known.map(|(property, _)| *property).collect();
                let open = (self.marked | self.progress) - known;
                self.selected = Some((depth, open));
                self.system.select(&mut self.scratch, open | self.progress);
                open
            }
        }
    }

    /// Takes every step out of one state. Returns whether all ascend.
    #[inline]
    fn expand(&mut self, lane: &mut Lane<'_>, open: Marks, depth: u32, state: &[u64]) -> bool {
        let Self { system, scratch, next, found, level, .. } = self;
        let system = *system;
        next.clear();
        let (mut ordinal, mut actors) = (0, 0);
        let marked = open & self.marked;
        system.successors(scratch, state, &mut |action, target, marks| {
            actors |= 1 << (system.actor(action) & 63);
            for property in (marks & marked).iter() {
                let (source, target) = (state.to_vec(), target.to_vec());
                let hit = Hit { source, ordinal, action, target };
                note_hit(system, found, property, (depth + 1, hit));
            }
            ordinal += 1;
            next.extend_from_slice(target);
        });
        let quiescent = self.quiescence.of_state(actors) & open;
        if !quiescent.is_empty() {
            let pending = quiescent & system.pending(scratch, state);
            for property in pending.iter() {
                note_quiescent(system, found, property, (depth, state));
            }
        }
        level.states += 1;
        level.transitions += u64::from(ordinal);
        if ordinal == 0 {
            level.terminal += 1;
            if !system.may_end(scratch, state) {
                level.stuck += 1;
                note_stuck(system, found, (depth, state));
            }
        }
        lane.meet(system, scratch, (depth + 1, next), u64::MAX)
    }
}

impl<S: TransitionSystem> Visit for Judge<'_, S> {
    fn visit(&mut self, lane: &mut Lane<'_>, depth: u32, states: &[u64]) -> Result<bool, Error> {
        let open = self.select(depth);
        for state in states.chunks_exact(self.system.words()) {
            if !self.expand(lane, open, depth, state) {
                self.descended = true;
                return Ok(false);
            }
            self.expanded += 1;
        }
        self.counts.levels.entry(depth).or_default().add(std::mem::take(&mut self.level));
        lane.besides = self.system.bytes(&self.scratch);
        self.lists = self.lists.max(lane.bytes());
        self.peak = self.peak.max(lane.bytes() + lane.besides);
        self.control.record(lane.owner.0, self.expanded, lane.bytes() + lane.besides);
        Ok(self.control.halt().is_none() && self.control.full().is_none())
    }
}

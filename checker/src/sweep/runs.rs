//! Shortest runs to states that were forgotten, reconstructed backwards.
//!
//! Step by step, from the end, the states one step nearer are expanded once more and the least that
//! leads to the state in question is kept. They are read from disk where they are kept there, and
//! else met again: a sweep that goes no further than the states in question keeps as many of the
//! last levels as there is room for.

use std::collections::BTreeMap;
use std::panic::resume_unwind;

use crate::error::Error;
use crate::report::{Path, PathStep};
use crate::search::paths::Goal;
use crate::sweep::disk::{CHUNK, Disk};
use crate::sweep::front::Front;
use crate::sweep::lane::{Lane, Past, Visit};
use crate::system::{TransitionSystem, unmarked};

/// Words of levels that are kept in any case.
const ROOM: u64 = 1 << 23;

/// The step that leads to a goal: source, position among the steps from there, action.
type Last = (Vec<u64>, u32, u32);

/// Where the states of a level come from.
pub(crate) enum Levels<'a> {
    /// From disk.
    Disk(&'a Disk, Vec<Past>),
    /// From another sweep.
    Again {
        /// The states of each level.
        sizes: Vec<u64>,
        /// The most words of levels to keep.
        room: u64,
        /// Levels at hand, in parts.
        kept: BTreeMap<u32, Vec<Vec<u64>>>,
    },
}

impl<'a> Levels<'a> {
    /// Levels of these sizes, met again with room for a number of bytes.
    pub(crate) fn again(sizes: Vec<u64>, bytes: u64) -> Self {
        Levels::Again { sizes, room: (bytes / 8).max(ROOM), kept: BTreeMap::new() }
    }

    /// Calls `each` with all states of a level of which worker `me` of `peers` has a part.
    fn each(
        &self,
        depth: u32,
        (me, peers): (usize, usize),
        width: usize,
        each: &mut impl FnMut(&[u64]),
    ) -> Result<(), Error> {
        match self {
            Self::Disk(disk, past) => {
                let level = past.iter().filter(|(at, _)| *at == depth);
                for (_, run) in level.skip(me).step_by(peers) {
                    let mut reader = disk.open(run, CHUNK)?;
                    let mut words = reader.read(width)?;
                    while !words.is_empty() {
                        words.chunks_exact(width).for_each(&mut *each);
                        words = reader.read(width)?;
                    }
                }
            }
            Self::Again { kept, .. } => {
                let parts = kept.get(&depth).into_iter().flatten();
                for part in parts.skip(me).step_by(peers) {
                    part.chunks_exact(width).for_each(&mut *each);
                }
            }
        }
        Ok(())
    }

    /// Makes sure that the states of a level with a measure below `below` are at hand.
    fn prepare<S: TransitionSystem>(
        &mut self,
        system: &S,
        workers: usize,
        depth: u32,
        below: u64,
    ) -> Result<(), Error> {
        let Self::Again { sizes, room, kept } = self else {
            return Ok(());
        };
        if kept.contains_key(&depth) {
            kept.retain(|at, _| *at <= depth);
            return Ok(());
        }
        let (mut first, mut words) = (depth, 0);
        while let Some(next) = first.checked_sub(1) {
            words += system.words() as u64 * sizes.get(first as usize).copied().unwrap_or(0);
            let more = system.words() as u64 * sizes.get(next as usize).copied().unwrap_or(0);
            if words + more > *room {
                break;
            }
            first = next;
        }
        *kept = sweep_again(system, workers, (first, depth), below)?;
        Ok(())
    }
}

/// A visitor that keeps the states of some levels.
struct Keep<'a, S: TransitionSystem> {
    system: &'a S,
    scratch: S::Scratch,
    /// The first and the last of these levels.
    levels: (u32, u32),
    /// The measure from which on states are not met.
    below: u64,
    kept: BTreeMap<u32, Vec<u64>>,
    next: Vec<u64>,
}

impl<S: TransitionSystem> Visit for Keep<'_, S> {
    fn visit(&mut self, lane: &mut Lane<'_>, depth: u32, states: &[u64]) -> Result<bool, Error> {
        let Self { system, scratch, next, .. } = self;
        if depth >= self.levels.0 {
            self.kept.entry(depth).or_default().extend_from_slice(states);
        }
        if depth < self.levels.1 {
            for state in states.chunks_exact(system.words()) {
                next.clear();
                system.successors(scratch, state, &mut |_, target, _| {
                    next.extend_from_slice(target);
                });
                lane.meet(*system, scratch, (depth + 1, next), self.below);
            }
        }
        Ok(true)
    }
}

/// The states from level `levels.0` to `levels.1` with a measure below `below`.
fn sweep_again<S: TransitionSystem>(
    system: &S,
    workers: usize,
    levels: (u32, u32),
    below: u64,
) -> Result<BTreeMap<u32, Vec<Vec<u64>>>, Error> {
    let keep = |_| Keep {
        system,
        scratch: unmarked(system),
        levels,
        below,
        kept: BTreeMap::new(),
        next: Vec::new(),
    };
    let mut front = Front::new(system.words(), (0..workers).map(keep).collect(), None, Vec::new());
    let mut scratch = unmarked(system);
    if let Some((lane, _)) = front.lanes.first_mut() {
        system.initial(&mut |state, _| {
            if let Some(measure) = system.measure(&mut scratch, state).filter(|it| *it < below) {
                lane.lists.push((measure, 0), state);
            }
        });
    }
    while let Some(turn) = front.next() {
        front.run(turn)?;
    }
    let mut all: BTreeMap<u32, Vec<Vec<u64>>> = BTreeMap::new();
    for (_, visitor) in front.lanes {
        for (depth, states) in visitor.kept {
            all.entry(depth).or_default().push(states);
        }
    }
    all.entry(levels.1).or_default();
    Ok(all)
}

/// The least shortest runs to the goals.
pub(crate) fn runs<S: TransitionSystem>(
    system: &S,
    workers: usize,
    mut levels: Levels<'_>,
    goals: &[Goal],
) -> Result<Vec<Path>, Error> {
    let mut scratch = unmarked(system);
    let path = |(_, state): &Goal| Path { initial: state.clone(), steps: Vec::new() };
    let mut runs: Vec<Path> = goals.iter().map(path).collect();
    let deepest = goals.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    // Goals that are nearer are not met yet: their measures count, too.
    let measures = goals.iter().filter_map(|(_, state)| system.measure(&mut scratch, state));
    let below = measures.max().unwrap_or(0);
    for depth in (1..=deepest).rev() {
        let active: Vec<usize> = (0..goals.len()).filter(|&at| goals[at].0 >= depth).collect();
        let targets: Vec<&[u64]> = active.iter().map(|&at| &runs[at].initial[..]).collect();
        levels.prepare(system, workers, depth - 1, below)?;
        let found = predecessors(system, workers, &levels, depth - 1, &targets)?;
        for (last, at) in found.into_iter().zip(active) {
            let (source, _, action) = last.ok_or(Error::Worker)?;
            let state = std::mem::replace(&mut runs[at].initial, source);
            runs[at].steps.push(PathStep { action, state });
        }
    }
    runs.iter_mut().for_each(|run| run.steps.reverse());
    Ok(runs)
}

/// For each target, the least step to it from a state of a level.
fn predecessors<S: TransitionSystem>(
    system: &S,
    workers: usize,
    levels: &Levels<'_>,
    depth: u32,
    targets: &[&[u64]],
) -> Result<Vec<Option<Last>>, Error> {
    let part = |me| least_steps(system, levels, depth, (me, workers), targets);
    let parts: Vec<Result<Vec<Option<Last>>, Error>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|me| scope.spawn(move || part(me))).collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined.map(|result| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    let mut least: Vec<Option<Last>> = vec![None; targets.len()];
    for part in parts {
        for (least, last) in least.iter_mut().zip(part?) {
            if let Some(last) = last
                && is_less(system, &last.0, least)
            {
                *least = Some(last);
            }
        }
    }
    Ok(least)
}

/// Is a source less than that of the step known, if one is?
fn is_less<S: TransitionSystem>(system: &S, source: &[u64], known: &Option<Last>) -> bool {
    known.as_ref().is_none_or(|(known, _, _)| system.compare(source, known).is_lt())
}

/// For each target, the least step to it from a worker's part of a level.
fn least_steps<S: TransitionSystem>(
    system: &S,
    levels: &Levels<'_>,
    depth: u32,
    worker: (usize, usize),
    targets: &[&[u64]],
) -> Result<Vec<Option<Last>>, Error> {
    let mut scratch = unmarked(system);
    let mut least: Vec<Option<Last>> = vec![None; targets.len()];
    levels.each(depth, worker, system.words(), &mut |state| {
        let mut ordinal = 0;
        system.successors(&mut scratch, state, &mut |action, next, _| {
            for (target, least) in targets.iter().zip(&mut least) {
                if next == *target && is_less(system, state, least) {
                    *least = Some((state.to_vec(), ordinal, action));
                }
            }
            ordinal += 1;
        });
    })?;
    Ok(least)
}

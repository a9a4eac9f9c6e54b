//! Runs to given states, reconstructed backwards.
//!
//! No predecessors are stored. Level by level, from the last, the workers expand the states of the
//! level before once more and keep the least that leads to the state in question, so the run does
//! not depend on who owns which state. Compact shards have no states to expand: their hints lead
//! back to the hashes that a run may pass, and replay from the initial states finds it.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::exchange::dataflow::Dataflow;
use crate::hash::{hash, low32};
use crate::report::{Path, PathStep};
use crate::system::{TransitionSystem, unmarked};
use crate::visited::shard::Shard;

/// A state to be reached, after its level.
pub(crate) type Goal = (u32, Vec<u64>);

/// The step that leads to a goal: source, position among the steps from there, action.
type Last = (Vec<u64>, u32, u32);

/// The least shortest runs to the goals, on every worker.
pub(crate) fn paths<S: TransitionSystem>(
    system: &S,
    shard: &Shard,
    dataflow: &mut Dataflow,
    goals: &[Goal],
) -> Result<Vec<Path>, Error> {
    if shard.compact() {
        return goals.iter().map(|goal| replay(system, shard, dataflow, goal)).collect();
    }
    let mut scratch = unmarked(system);
    let mut runs: Vec<Path> =
        goals.iter().map(|(_, state)| Path { initial: state.clone(), steps: Vec::new() }).collect();
    let deepest = goals.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    for depth in (1..=deepest).rev() {
        let active: Vec<usize> = (0..goals.len()).filter(|&at| goals[at].0 >= depth).collect();
        let targets: Vec<&[u64]> = active.iter().map(|&at| &runs[at].initial[..]).collect();
        let found = predecessors(system, &mut scratch, shard, depth as usize - 1, &targets);
        let found = dataflow.gather(&found)?;
        for (nth, at) in active.into_iter().enumerate() {
            let steps = found.iter().filter_map(|found| found.get(nth)?.clone());
            let sources = |a: &Last, b: &Last| system.compare(&a.0, &b.0);
            let (source, _, action) = steps.min_by(sources).ok_or(Error::Worker)?;
            let state = std::mem::replace(&mut runs[at].initial, source);
            runs[at].steps.push(PathStep { action, state });
        }
    }
    runs.iter_mut().for_each(|run| run.steps.reverse());
    Ok(runs)
}

/// For each target, the least step to it from a state of this shard's `level`.
fn predecessors<S: TransitionSystem>(
    system: &S,
    scratch: &mut S::Scratch,
    shard: &Shard,
    level: usize,
    targets: &[&[u64]],
) -> Vec<Option<Last>> {
    let mut least: Vec<Option<Last>> = vec![None; targets.len()];
    // A Bloom filter: most successors are none of the targets.
    let mut wanted = [0u64; 64];
    for target in targets {
        let hash = hash(target);
        wanted[(hash >> 6 & 63) as usize] |= 1 << (hash & 63);
    }
    for row in shard.level(level) {
        let state = shard.row(row);
        let mut ordinal = 0;
        system.successors(scratch, state, &mut |action, next, _| {
            let hash = hash(next);
            if wanted[(hash >> 6 & 63) as usize] >> (hash & 63) & 1 == 1 {
                for (target, least) in targets.iter().zip(&mut least) {
                    let better = |(source, ..): &Last| system.compare(state, source).is_lt();
                    if next == *target && least.as_ref().is_none_or(better) {
                        *least = Some((state.to_vec(), ordinal, action));
                    }
                }
            }
            ordinal += 1;
        });
    }
    least
}

/// The run to a goal through the hashes to which hints lead.
fn replay<S: TransitionSystem>(
    system: &S,
    shard: &Shard,
    dataflow: &mut Dataflow,
    (depth, goal): &Goal,
) -> Result<Path, Error> {
    let mut passed = vec![vec![hash(goal)]];
    for level in (0..*depth as usize).rev() {
        let later = passed.last().map_or(&[][..], |later| later);
        let rows = later.iter().filter_map(|&hash| shard.find(hash, &[]));
        let hints: Vec<u32> = rows.map(|row| shard.hint(row)).collect();
        let hints = dataflow.gather(&hints)?.concat();
        let hashes = shard.level(level).map(|row| shard.row(row)[0]);
        let hashes = hashes.filter(|&hash| hints.contains(&low32(hash)));
        let hashes: Vec<u64> = hashes.collect();
        passed.push(dataflow.gather(&hashes)?.concat());
    }
    passed.reverse();
    forward(system, &passed, goal).ok_or(Error::Worker)
}

/// The run to `goal` that passes a state of each set of hashes.
fn forward<S: TransitionSystem>(system: &S, passed: &[Vec<u64>], goal: &[u64]) -> Option<Path> {
    let mut scratch = unmarked(system);
    let mut layer: BTreeMap<Vec<u64>, Path> = BTreeMap::new();
    let (first, rest) = passed.split_first()?;
    system.initial(&mut |state, _| {
        if first.contains(&hash(state)) {
            let path = Path { initial: state.to_vec(), steps: Vec::new() };
            layer.insert(state.to_vec(), path);
        }
    });
    for hashes in rest {
        let mut next: BTreeMap<Vec<u64>, Path> = BTreeMap::new();
        for (state, path) in &layer {
            system.successors(&mut scratch, state, &mut |action, target, _| {
                if hashes.contains(&hash(target)) && !next.contains_key(target) {
                    let mut path = path.clone();
                    path.steps.push(PathStep { action, state: target.to_vec() });
                    next.insert(target.to_vec(), path);
                }
            });
        }
        layer = next;
    }
    layer.remove(goal)
}

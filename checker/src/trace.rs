//! How does a run get to a state?
//!
//! No predecessors are stored. Backwards, level by level, the workers expand the states of the
//! level before once more and keep the least that leads to the state in question, so the run found
//! is the same whoever owns which state. Compact shards have no states to expand; their hints lead
//! back to the fingerprints a run may pass, and from the initial states it is found by replay.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::fabric::Fabric;
use crate::hash::{hash, low32};
use crate::model::{Model, unasked};
use crate::report::{Path, Step};
use crate::shard::Shard;
use crate::wire::{Reader, put};

/// A state to be reached and its level.
pub(crate) type Goal = (u32, Vec<u64>);

/// The step that leads to a goal.
type Last = (Vec<u64>, u32, u32);

/// The least shortest runs to the goals, on every worker.
pub(crate) fn trace<M: Model, F: Fabric>(
    model: &M,
    shard: &Shard,
    fabric: &mut F,
    goals: &[Goal],
) -> Result<Vec<Path>, Error> {
    if shard.compact() {
        return goals.iter().map(|goal| replay(model, shard, fabric, goal)).collect();
    }
    let mut scratch = unasked(model);
    let mut runs: Vec<(Vec<u64>, Vec<Step>)> =
        goals.iter().map(|(_, state)| (state.clone(), Vec::new())).collect();
    let deepest = goals.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    for depth in (1..=deepest).rev() {
        let active: Vec<usize> = (0..goals.len()).filter(|&at| goals[at].0 >= depth).collect();
        let targets: Vec<&[u64]> = active.iter().map(|&at| &runs[at].0[..]).collect();
        let found = predecessors(model, &mut scratch, shard, depth as usize - 1, &targets);
        let least = agree(fabric, found)?;
        for (at, last) in active.into_iter().zip(least) {
            let (source, _, action) = last.ok_or(Error::Worker)?;
            let state = std::mem::replace(&mut runs[at].0, source);
            runs[at].1.push(Step { action, state });
        }
    }
    let path = |(initial, mut steps): (Vec<u64>, Vec<Step>)| {
        steps.reverse();
        Path { initial, steps }
    };
    Ok(runs.into_iter().map(path).collect())
}

/// For each target, the least step to it from a state of this shard's `level`.
fn predecessors<M: Model>(
    model: &M,
    scratch: &mut M::Scratch,
    shard: &Shard,
    level: usize,
    targets: &[&[u64]],
) -> Vec<Option<Last>> {
    let mut least: Vec<Option<Last>> = vec![None; targets.len()];
    let mut wanted = [0u64; 64];
    for target in targets {
        let hash = hash(target);
        wanted[(hash >> 6 & 63) as usize] |= 1 << (hash & 63);
    }
    for row in shard.level(level) {
        let state = shard.row(row);
        let mut ordinal = 0;
        model.successors(scratch, state, &mut |action, next, _| {
            let hash = hash(next);
            if wanted[(hash >> 6 & 63) as usize] >> (hash & 63) & 1 == 1 {
                for (target, least) in targets.iter().zip(&mut least) {
                    let better = |(source, _, _): &Last| state < &source[..];
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

/// The least of what all workers found for each target.
fn agree<F: Fabric>(fabric: &mut F, found: Vec<Option<Last>>) -> Result<Vec<Option<Last>>, Error> {
    let mut words = Vec::new();
    for (at, last) in found.iter().enumerate() {
        if let Some((source, ordinal, action)) = last {
            words.extend([at as u64, u64::from(*ordinal), u64::from(*action)]);
            put(&mut words, source);
        }
    }
    let mut least: Vec<Option<Last>> = vec![None; found.len()];
    for words in fabric.gather(words)? {
        let mut words = Reader::new(&words);
        while let Some(at) = words.count() {
            let ordinal = words.small().ok_or(Error::Worker)?;
            let action = words.small().ok_or(Error::Worker)?;
            let source = words.words().ok_or(Error::Worker)?.to_vec();
            let last = (source, ordinal, action);
            if least[at].as_ref().is_none_or(|least| last < *least) {
                least[at] = Some(last);
            }
        }
    }
    Ok(least)
}

/// The run to a goal through fingerprints to which hints lead.
fn replay<M: Model, F: Fabric>(
    model: &M,
    shard: &Shard,
    fabric: &mut F,
    (depth, goal): &Goal,
) -> Result<Path, Error> {
    let mut passed = vec![vec![hash(goal)]];
    for level in (0..*depth as usize).rev() {
        let later = passed.last().map_or(&[][..], |later| later);
        let hints = later.iter().filter_map(|&print| shard.find(print, &[]));
        let hints = hints.map(|row| u64::from(shard.hint(row))).collect();
        let hints: Vec<u64> = fabric.gather(hints)?.concat();
        let prints = shard.level(level).map(|row| shard.row(row)[0]);
        let prints = prints.filter(|&print| hints.contains(&u64::from(low32(print)))).collect();
        passed.push(fabric.gather(prints)?.concat());
    }
    passed.reverse();
    forward(model, &passed, goal).ok_or(Error::Worker)
}

/// The run from an initial state through one of each set of fingerprints.
fn forward<M: Model>(model: &M, passed: &[Vec<u64>], goal: &[u64]) -> Option<Path> {
    let mut scratch = unasked(model);
    let mut layer: BTreeMap<Vec<u64>, Vec<Step>> = BTreeMap::new();
    let mut starts: BTreeMap<Vec<u64>, Vec<u64>> = BTreeMap::new();
    model.initial(&mut |state, _| {
        if passed.first().is_some_and(|prints| prints.contains(&hash(state))) {
            layer.insert(state.to_vec(), Vec::new());
            starts.insert(state.to_vec(), state.to_vec());
        }
    });
    for prints in passed.get(1..)? {
        let mut next: BTreeMap<Vec<u64>, Vec<Step>> = BTreeMap::new();
        let mut from: BTreeMap<Vec<u64>, Vec<u64>> = BTreeMap::new();
        for (state, steps) in &layer {
            model.successors(&mut scratch, state, &mut |action, target, _| {
                if prints.contains(&hash(target)) && !next.contains_key(target) {
                    let mut steps = steps.clone();
                    steps.push(Step { action, state: target.to_vec() });
                    next.insert(target.to_vec(), steps);
                    from.insert(target.to_vec(), starts[state].clone());
                }
            });
        }
        (layer, starts) = (next, from);
    }
    let steps = layer.remove(goal)?;
    Some(Path { initial: starts.remove(goal)?, steps })
}

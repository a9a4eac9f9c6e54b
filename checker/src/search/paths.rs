//! Runs to given states, reconstructed backwards.
//!
//! No predecessors are stored. Level by level, from the last, the workers expand the states of the
//! level before once more and keep the least that leads to the state in question, so the run does
//! not depend on who owns which state.

use crate::error::Error;
use crate::exchange::dataflow::Dataflow;
use crate::hash::hash;
use crate::report::{Path, PathStep};
use crate::search::foreign::Foreign;
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
    (dataflow, foreign): (&mut Dataflow, &mut Foreign),
    goals: &[Goal],
) -> Result<Vec<Path>, Error> {
    let mut scratch = unmarked(system);
    let mut runs: Vec<Path> =
        goals.iter().map(|(_, state)| Path { initial: state.clone(), steps: Vec::new() }).collect();
    let (mut at_hand, mut levels) = (0..0, Vec::new());
    let deepest = goals.iter().map(|(depth, _)| *depth).max().unwrap_or(0);
    for depth in (1..=deepest).rev() {
        let active: Vec<usize> = (0..goals.len()).filter(|&at| goals[at].0 >= depth).collect();
        let targets: Vec<&[u64]> = active.iter().map(|&at| &runs[at].initial[..]).collect();
        let before = depth as usize - 1;
        if !at_hand.contains(&before) {
            levels.clear();
            (at_hand, levels) = shard.gather(before);
        }
        let states = &levels[before - at_hand.start];
        let states = states.chunks_exact(shard.words());
        let found = predecessors(system, &mut scratch, states, &targets);
        let found = dataflow.gather(&(foreign.news(system), found))?;
        let found = read(system, foreign, found)?;
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

/// What all workers have found, their states as this process encodes them.
fn read<S: TransitionSystem>(
    system: &S,
    foreign: &mut Foreign,
    reports: Vec<(Vec<u64>, Vec<Option<Last>>)>,
) -> Result<Vec<Vec<Option<Last>>>, Error> {
    let reports = reports.into_iter().enumerate().map(|(from, (news, mut found))| {
        let sources = found.iter_mut().flatten().map(|(source, ..)| source);
        foreign.read_report(system, (from, &news), sources)?;
        Ok(found)
    });
    reports.collect()
}

/// For each target, the least step to it from one of these states.
fn predecessors<'a, S: TransitionSystem>(
    system: &S,
    scratch: &mut S::Scratch,
    states: impl Iterator<Item = &'a [u64]>,
    targets: &[&[u64]],
) -> Vec<Option<Last>> {
    let mut least: Vec<Option<Last>> = vec![None; targets.len()];
    // A Bloom filter: most successors are none of the targets.
    let mut wanted = [0u64; 64];
    for target in targets {
        let hash = hash(target);
        wanted[(hash >> 6 & 63) as usize] |= 1 << (hash & 63);
    }
    for state in states {
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

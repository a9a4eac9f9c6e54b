//! The decision of progress: which obligations a fair run can leave open forever.
//!
//! If every step goes up in an order of the system, runs have no cycles, and only the quiescent
//! states count, which the search has noted. Otherwise the workers build the
//! [graph](crate::liveness::pending_graph) of the states with open obligations, and worker 0 looks
//! for [fair loops](crate::liveness::fairness) in it. The loop nearest to the initial states is
//! chosen, and of those the one at the least state, so that the choice does not depend on who owns
//! which state.

use std::ops::ControlFlow;

use crate::error::Error;
use crate::exchange::dataflow::Dataflow;
use crate::liveness::fairness::{FairLoops, cyclic};
use crate::liveness::pending_graph::{GROUP, PendingGraph};
use crate::report::{End, PathStep};
use crate::search::control::Control;
use crate::search::search_stats::SearchStats;
use crate::system::{ClaimKind, TransitionSystem, positions, unmarked};
use crate::visited::ranks::Ranks;
use crate::visited::shard::Shard;

/// The most states for which progress is decided: their numbers have 32 bits.
const MOST: u64 = u32::MAX as u64;

/// A cycle that a fair run can follow forever with an obligation open.
pub(crate) struct Cycle {
    /// The level of its state.
    pub(crate) level: u32,
    /// Where it begins and ends.
    pub(crate) state: Vec<u64>,
    /// Its steps; without any the run stays in the state.
    pub(crate) steps: Vec<PathStep>,
}

/// For each progress property, by position, the cycle that leaves its obligation open, if any.
pub(crate) type Cycles = Vec<(usize, Option<Cycle>)>;

/// The verdicts when no run visits a state twice: the search has found all quiescent states.
pub(crate) fn decided<S: TransitionSystem>(system: &S, stats: &SearchStats) -> Cycles {
    let cycle = |at: usize| {
        let (level, state) = stats.quiescent.get(&at)?.clone();
        let steps = Vec::new();
        Some(Cycle { level, state, steps })
    };
    positions(system, ClaimKind::Progress).map(|at| (at, cycle(at))).collect()
}

/// Decides all progress properties; none if there are too many states, or a reason to stop, which
/// is returned too.
pub(crate) fn decide<S: TransitionSystem>(
    system: &S,
    shard: &Shard,
    dataflow: &mut Dataflow,
    control: &Control<'_>,
    states: u64,
) -> Result<(Cycles, Option<End>), Error> {
    let progress: Vec<usize> = positions(system, ClaimKind::Progress).collect();
    if progress.is_empty() || states >= MOST {
        return Ok((Vec::new(), None));
    }
    let ranks = shard.ranks();
    let mut cycles = Vec::new();
    for group in progress.chunks(GROUP) {
        match PendingGraph::build(system, &ranks, dataflow, control, group)? {
            ControlFlow::Continue(graph) => {
                let found = cycles_in(&graph, system, &ranks, dataflow, group)?;
                cycles.extend(group.iter().copied().zip(found));
            }
            ControlFlow::Break(end) => return Ok((Vec::new(), Some(end))),
        }
    }
    Ok((cycles, None))
}

/// The cycle for each property of a group.
fn cycles_in<S: TransitionSystem>(
    graph: &PendingGraph,
    system: &S,
    ranks: &Ranks<'_>,
    dataflow: &mut Dataflow,
    group: &[usize],
) -> Result<Vec<Option<Cycle>>, Error> {
    let whole = dataflow.me() == 0;
    let cyclic = if whole { cyclic(graph) } else { Vec::new() };
    let mut cycles = Vec::new();
    for (bit, &property) in group.iter().enumerate() {
        let fair = system.fair(property);
        let strict = if system.exchanges_actors() { 0 } else { fair };
        let loops = whole.then(|| FairLoops::new(graph, &cyclic, bit, (fair, strict)));
        let nodes = loops.as_ref().map_or(&[][..], |loops| &loops.nearest);
        let nodes = dataflow.broadcast(&nodes.to_vec())?;
        let Some((state, node)) = least(system, ranks, dataflow, &nodes, graph.first)? else {
            cycles.push(None);
            continue;
        };
        let cycle = loops.map_or_else(Vec::new, |loops| loops.cycle(node));
        let (level, ordinals) =
            dataflow.broadcast(&(graph.levels.get(node as usize).copied().unwrap_or(0), cycle))?;
        let steps = follow(system, &state, &ordinals).ok_or(Error::Worker)?;
        cycles.push(Some(Cycle { level, state, steps }));
    }
    Ok(cycles)
}

/// The least of the states with these numbers; this worker owns those from `first` on.
fn least<S: TransitionSystem>(
    system: &S,
    ranks: &Ranks<'_>,
    dataflow: &mut Dataflow,
    nodes: &[u32],
    first: u32,
) -> Result<Option<(Vec<u64>, u32)>, Error> {
    let state = |node: &u32| {
        let rank = node.checked_sub(first).filter(|&rank| (rank as usize) < ranks.len())?;
        let mut own = None;
        ranks.each(rank..rank + 1, |_, state| own = Some((state.to_vec(), *node)));
        own
    };
    let order = |(a, _): &(Vec<u64>, u32), (b, _): &(Vec<u64>, u32)| system.compare(a, b);
    let own = nodes.iter().filter_map(state).min_by(order);
    Ok(dataflow.gather(&own)?.into_iter().flatten().min_by(order))
}

/// The steps from a state, each given by its position among all steps possible.
fn follow<S: TransitionSystem>(
    system: &S,
    from: &[u64],
    ordinals: &[u32],
) -> Option<Vec<PathStep>> {
    let mut scratch = unmarked(system);
    let mut at = from.to_vec();
    let mut steps = Vec::new();
    for &wanted in ordinals {
        let (mut ordinal, mut taken) = (0, None);
        system.successors(&mut scratch, &at, &mut |action, next, _| {
            if ordinal == wanted {
                taken = Some(PathStep { action, state: next.to_vec() });
            }
            ordinal += 1;
        });
        let step = taken?;
        at.clone_from(&step.state);
        steps.push(step);
    }
    Some(steps)
}

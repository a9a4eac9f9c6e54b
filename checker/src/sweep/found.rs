//! Findings in any order: of each kind the one fewest steps away, and of those the least in the
//! order of the system.

use std::collections::BTreeMap;

use crate::search::level_stats::Hit;
use crate::search::search_stats::{LevelCounts, SearchStats};
use crate::system::TransitionSystem;

/// A state and how many steps it is away.
type Reached = (u32, Vec<u64>);

/// Notes a step that shows a property, or an initial state (`depth` 0) that does.
pub(crate) fn note_hit<S: TransitionSystem>(
    system: &S,
    stats: &mut SearchStats,
    property: usize,
    (depth, hit): (u32, Hit),
) {
    let better = |(known, old): &(u32, Hit)| {
        let order = depth.cmp(known).then_with(|| system.compare(&hit.source, &old.source));
        let order = order.then(hit.ordinal.cmp(&old.ordinal));
        order.then_with(|| system.compare(&hit.target, &old.target)).is_lt()
    };
    if stats.hits.get(&property).is_none_or(better) {
        stats.hits.insert(property, (depth, hit));
    }
}

/// Notes a quiescent state in which a progress property is pending.
pub(crate) fn note_quiescent<S: TransitionSystem>(
    system: &S,
    stats: &mut SearchStats,
    property: usize,
    reached: (u32, &[u64]),
) {
    if stats.quiescent.get(&property).is_none_or(|known| is_before(system, reached, known)) {
        stats.quiescent.insert(property, (reached.0, reached.1.to_vec()));
    }
}

/// Notes a stuck state.
pub(crate) fn note_stuck<S: TransitionSystem>(
    system: &S,
    stats: &mut SearchStats,
    reached: (u32, &[u64]),
) {
    if stats.stuck.as_ref().is_none_or(|known| is_before(system, reached, known)) {
        stats.stuck = Some((reached.0, reached.1.to_vec()));
    }
}

fn is_before<S: TransitionSystem>(
    system: &S,
    (depth, state): (u32, &[u64]),
    known: &Reached,
) -> bool {
    depth.cmp(&known.0).then_with(|| system.compare(state, &known.1)).is_lt()
}

/// Adds the findings of another worker, or of another measure.
pub(crate) fn merge<S: TransitionSystem>(system: &S, stats: &mut SearchStats, other: SearchStats) {
    for (property, hit) in other.hits {
        note_hit(system, stats, property, hit);
    }
    for (property, (depth, state)) in other.quiescent {
        note_quiescent(system, stats, property, (depth, &state));
    }
    if let Some((depth, state)) = other.stuck {
        note_stuck(system, stats, (depth, &state));
    }
}

/// The counts of some levels, and how often each property was tested.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) levels: BTreeMap<u32, LevelCounts>,
    pub(crate) tested: BTreeMap<usize, u64>,
}

/// Adds counts.
pub(crate) fn add(stats: &mut SearchStats, counts: Counts) {
    for (depth, more) in counts.levels {
        let at = depth as usize;
        if stats.levels.len() <= at {
            stats.levels.resize(at + 1, LevelCounts::default());
        }
        stats.levels[at].add(more);
    }
    stats.tested.resize(1, BTreeMap::new());
    for (property, times) in counts.tested {
        *stats.tested[0].entry(property).or_default() += times;
    }
}

//! Greedy tours of a graph: always to the nearest goal not yet shown, until there is none ahead.

use super::graph::Graph;
use super::suite::Size;

/// A set of goals, one bit each.
type Bits = Vec<u64>;

/// A run through the graph from its first state.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Tour {
    /// The edges, in order.
    pub(super) edges: Vec<usize>,
    /// Every goal it shows, in order.
    pub(super) goals: Vec<usize>,
}

/// Tours that together show every goal.
pub(super) fn tours(graph: &Graph) -> Vec<Tour> {
    let ahead = ahead(graph);
    let mut missing = none(graph);
    for goal in graph.reachable() {
        insert(&mut missing, goal);
    }
    let mut tours = Vec::new();
    while missing.iter().any(|word| *word != 0) {
        let tour = tour(graph, &ahead, &mut missing);
        if tour.edges.is_empty() {
            break;
        }
        tours.push(tour);
    }
    needed(tours, graph.reachable().len())
}

/// One tour; what it shows is no longer missing.
fn tour(graph: &Graph, ahead: &[u64], missing: &mut Bits) -> Tour {
    let mut tour = Tour::default();
    let mut state = 0;
    while let Some(way) = nearest(graph, ahead, missing, state) {
        for edge in way {
            for goal in graph.shows(edge) {
                remove(missing, *goal);
                if !tour.goals.contains(goal) {
                    tour.goals.push(*goal);
                }
            }
            tour.edges.push(edge);
            state = graph.edge(edge).to as usize;
        }
    }
    tour
}

/// The shortest way to an edge that shows something missing; of several the one from whose end most
/// of the rest can still be shown.
fn nearest(graph: &Graph, ahead: &[u64], missing: &Bits, from: usize) -> Option<Vec<usize>> {
    let width = missing.len();
    let count = |state: usize| -> u32 {
        let bits = ahead[state * width..].iter().zip(missing);
        bits.map(|(ahead, missing)| (ahead & missing).count_ones()).sum()
    };
    if count(from) == 0 {
        return None;
    }
    let mut came: Vec<(usize, u32)> = vec![(from, u32::MAX)];
    let mut known = vec![false; graph.states()];
    known[from] = true;
    let mut end = 1;
    let mut at = 0;
    while at < came.len() {
        let mut best: Option<(u32, usize, usize)> = None;
        while at < end {
            let state = came[at].0;
            for edge in graph.leaving(state) {
                let to = graph.edge(edge).to as usize;
                let new = graph.shows(edge).iter().filter(|goal| contains(missing, **goal)).count();
                if new > 0 {
                    let worth = count(to) + u32::try_from(new).unwrap_or(u32::MAX);
                    if best.is_none_or(|(most, _, _)| worth > most) {
                        best = Some((worth, at, edge));
                    }
                } else if !known[to] && count(to) > 0 {
                    known[to] = true;
                    came.push((to, u32::try_from(at).unwrap_or(u32::MAX)));
                }
            }
            at += 1;
        }
        if let Some((_, place, edge)) = best {
            return Some(way(graph, &came, place, edge));
        }
        end = came.len();
    }
    None
}

/// The edges from the first entry of `came` to the one at `place`, and then `last`.
fn way(graph: &Graph, came: &[(usize, u32)], place: usize, last: usize) -> Vec<usize> {
    let mut edges = vec![last];
    let mut at = place;
    while let Some((before, _)) = came.get(came[at].1 as usize) {
        let to = came[at].0;
        let edge = graph.leaving(*before).find(|edge| graph.edge(*edge).to as usize == to);
        edges.extend(edge);
        at = came[at].1 as usize;
    }
    edges.reverse();
    edges
}

/// Leaves out tours that show nothing the others do not.
fn needed(tours: Vec<Tour>, goals: usize) -> Vec<Tour> {
    let mut times = vec![0_usize; goals];
    for tour in &tours {
        tour.goals.iter().for_each(|goal| times[*goal] += 1);
    }
    let mut kept: Vec<Tour> = Vec::new();
    for tour in tours.into_iter().rev() {
        if tour.goals.iter().all(|goal| times[*goal] > 1) {
            tour.goals.iter().for_each(|goal| times[*goal] -= 1);
        } else {
            kept.push(tour);
        }
    }
    kept.reverse();
    kept
}

/// For every state the goals that a run from there can still show.
fn ahead(graph: &Graph) -> Vec<u64> {
    let width = none(graph).len();
    let mut ahead = vec![0; graph.states() * width];
    loop {
        let mut changed = false;
        for state in (0..graph.states()).rev() {
            for edge in graph.leaving(state) {
                let to = graph.edge(edge).to as usize;
                for word in 0..width {
                    let more = ahead[to * width + word] & !ahead[state * width + word];
                    if more != 0 {
                        ahead[state * width + word] |= more;
                        changed = true;
                    }
                }
                for goal in graph.shows(edge) {
                    let (place, bit) = (state * width + goal / 64, 1 << (goal % 64));
                    changed |= ahead[place] & bit == 0;
                    ahead[place] |= bit;
                }
            }
        }
        if !changed {
            return ahead;
        }
    }
}

/// A lower bound on the size of a suite: goals of which no run shows two need a trace each, and
/// each of these traces needs the steps that lead to its goal.
pub(super) fn at_least(graph: &Graph) -> Size {
    let ahead = ahead(graph);
    let goals = graph.reachable().len();
    let width = none(graph).len();
    let mut with: Vec<Bits> = vec![none(graph); goals];
    let mut steps = vec![usize::MAX; goals];
    let distance = distances(graph);
    for (state, far) in distance.iter().enumerate() {
        for edge in graph.leaving(state) {
            let to = graph.edge(edge).to as usize;
            for goal in graph.shows(edge) {
                steps[*goal] = steps[*goal].min(far + 1);
                for (word, bits) in with[*goal].iter_mut().enumerate() {
                    *bits |= ahead[to * width + word];
                }
                graph.shows(edge).iter().for_each(|other| insert(&mut with[*goal], *other));
            }
        }
    }
    let apart = |a: usize, b: usize| !contains(&with[a], b) && !contains(&with[b], a);
    let lonely = |goal: usize| (0..goals).filter(|other| apart(goal, *other)).count();
    let mut order: Vec<usize> = (0..goals).collect();
    order.sort_by_key(|goal| (usize::MAX - lonely(*goal), usize::MAX - steps[*goal], *goal));
    let mut chosen: Vec<usize> = Vec::new();
    for goal in order {
        if chosen.iter().all(|one| apart(*one, goal)) {
            chosen.push(goal);
        }
    }
    let deepest = steps.iter().copied().max().unwrap_or(0);
    let together = chosen.iter().map(|goal| steps[*goal]).sum::<usize>();
    Size { traces: chosen.len(), steps: together.max(deepest) }
}

/// How many steps lead to every state.
fn distances(graph: &Graph) -> Vec<usize> {
    let mut distance = vec![usize::MAX; graph.states()];
    distance[0] = 0;
    let mut queue = vec![0];
    let mut at = 0;
    while at < queue.len() {
        let state = queue[at];
        at += 1;
        for edge in graph.leaving(state) {
            let to = graph.edge(edge).to as usize;
            if distance[to] == usize::MAX {
                distance[to] = distance[state] + 1;
                queue.push(to);
            }
        }
    }
    distance
}

fn none(graph: &Graph) -> Bits {
    vec![0; graph.reachable().len().div_ceil(64).max(1)]
}

fn insert(bits: &mut Bits, goal: usize) {
    bits[goal / 64] |= 1 << (goal % 64);
}

fn remove(bits: &mut Bits, goal: usize) {
    bits[goal / 64] &= !(1 << (goal % 64));
}

fn contains(bits: &Bits, goal: usize) -> bool {
    bits[goal / 64] >> (goal % 64) & 1 == 1
}

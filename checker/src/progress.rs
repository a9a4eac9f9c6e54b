//! Which obligations can a fair run leave open for ever?
//!
//! Decided on the finished graph. Where every step went up in an order of the model's own, runs
//! cannot go round, and only the states in which one may rest count; the search has noted them.
//! Otherwise the workers build the [relation](crate::relation) between the
//! states with open obligations, and worker 0 looks where in it a fair run can [stay](crate::fair).
//! Of all such places the nearest to the initial states is chosen, and of those the least state, so
//! that the choice does not depend on who owns which state.

use crate::control::Control;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::fair::{Stay, cyclic};
use crate::hash::index;
use crate::model::{DESCENT, Kind, MAX_PROPERTIES, Marks, Model, unasked};
use crate::relation::{GROUP, Relation};
use crate::report::{End, Step};
use crate::shard::Shard;
use crate::totals::Totals;
use crate::wire::{Reader, put};

/// The most states between which progress is decided: their numbers have 32 bits.
const MOST: u64 = u32::MAX as u64;

/// Where a fair run can stay for ever with an obligation open.
pub(crate) struct Cycle {
    /// The level of the knot.
    pub(crate) level: u32,
    /// Where the cycle begins and ends.
    pub(crate) knot: Vec<u64>,
    /// Its steps; without any the run rests.
    pub(crate) steps: Vec<Step>,
}

/// For each progress property, by position, the cycle that a fair run can follow for ever, if any.
pub(crate) type Cycles = Vec<(usize, Option<Cycle>)>;

/// What the search has found out already of a model in whose order every step went up.
pub(crate) fn decided<M: Model>(model: &M, totals: &Totals) -> Option<Cycles> {
    if !model.ordered() || totals.hits.contains_key(&MAX_PROPERTIES) {
        return None;
    }
    let rest = |at: usize| {
        let (level, knot) = totals.rests.get(&at)?.clone();
        Some(Cycle { level, knot, steps: Vec::new() })
    };
    let progress = positions(model).into_iter();
    Some(progress.map(|at| (at, rest(at))).collect())
}

/// The positions of progress properties.
pub(crate) fn positions<M: Model>(model: &M) -> Vec<usize> {
    let properties = model.properties().into_iter().enumerate();
    let progress = properties.filter(|(_, property)| property.kind == Kind::Progress);
    progress.map(|(at, _)| at).collect()
}

/// Progress properties as marks.
pub(crate) fn obligations<M: Model>(model: &M) -> Marks {
    positions(model).iter().fold(0, |marks, at| marks | 1 << at)
}

/// The properties that a mark decides, and the mark of a step against the model's order.
pub(crate) fn open<M: Model>(model: &M) -> Marks {
    let all = (1 << model.properties().len()) - 1;
    all & !obligations(model) | if model.ordered() { DESCENT } else { 0 }
}

/// Decides all progress properties; none if there are too many states, or a reason to stop, which
/// is told too.
pub(crate) fn decide<M: Model, F: Fabric>(
    model: &M,
    shard: &mut Shard,
    fabric: &mut F,
    control: &Control<'_>,
    states: u64,
) -> Result<(Cycles, Option<End>), Error> {
    let progress = positions(model);
    if progress.is_empty() || states >= MOST {
        return Ok((Vec::new(), None));
    }
    shard.index_rows();
    let mut verdicts = Vec::new();
    for group in progress.chunks(GROUP) {
        match decide_group(model, shard, fabric, control, group)? {
            Ok(cycles) => verdicts.extend(group.iter().copied().zip(cycles)),
            Err(end) => return Ok((Vec::new(), Some(end))),
        }
    }
    Ok((verdicts, None))
}

fn decide_group<M: Model, F: Fabric>(
    model: &M,
    shard: &Shard,
    fabric: &mut F,
    control: &Control<'_>,
    group: &[usize],
) -> Result<Result<Vec<Option<Cycle>>, End>, Error> {
    let relation = match Relation::build(model, shard, fabric, control, group)? {
        Ok(relation) => relation,
        Err(end) => return Ok(Err(end)),
    };
    let cyclic = if fabric.me() == 0 { cyclic(&relation) } else { Vec::new() };
    let first = relation.levels.first().and_then(|levels| levels.first());
    let first = first.copied().unwrap_or(0);
    let mut cycles = Vec::new();
    for (bit, &property) in group.iter().enumerate() {
        let stay =
            (fabric.me() == 0).then(|| Stay::new(&relation, &cyclic, bit, model.fair(property)));
        let knots = stay.iter().flat_map(|stay| &stay.knots).map(|&knot| u64::from(knot));
        let knots = fabric.gather(knots.collect())?.into_iter().next().unwrap_or_default();
        let Some((knot, state)) = least(shard, fabric, &knots, first)? else {
            cycles.push(None);
            continue;
        };
        let mut words = Vec::new();
        if let Some(stay) = stay {
            let knot = crate::hash::low32(knot);
            words.push(u64::from(relation.level(knot)));
            words.extend(stay.round(knot).into_iter().map(u64::from));
        }
        let words = fabric.gather(words)?.into_iter().next().unwrap_or_default();
        let (level, round) = words.split_first().ok_or(Error::Worker)?;
        let steps = follow(model, &state, round).ok_or(Error::Worker)?;
        cycles.push(Some(Cycle { level: crate::hash::low32(*level), knot: state, steps }));
    }
    Ok(Ok(cycles))
}

/// The least of some states given by their numbers, of which this worker owns those from `first`.
fn least<F: Fabric>(
    shard: &Shard,
    fabric: &mut F,
    numbers: &[u64],
    first: u64,
) -> Result<Option<(u64, Vec<u64>)>, Error> {
    let rows = numbers.iter().filter_map(|number| number.checked_sub(first).map(index));
    let own = rows.filter(|&row| row < shard.len()).min_by_key(|&row| shard.row(row));
    let mut words = Vec::new();
    if let Some(row) = own {
        words.push(first + row as u64);
        put(&mut words, shard.row(row));
    }
    let mut least: Option<(u64, Vec<u64>)> = None;
    for words in fabric.gather(words)? {
        let mut words = Reader::new(&words);
        if let (Some(number), Some(state)) = (words.word(), words.words())
            && least.as_ref().is_none_or(|(_, least)| state < &least[..])
        {
            least = Some((number, state.to_vec()));
        }
    }
    Ok(least)
}

/// The steps from a state, each given by its position among all steps possible.
fn follow<M: Model>(model: &M, from: &[u64], ordinals: &[u64]) -> Option<Vec<Step>> {
    let mut scratch = unasked(model);
    let mut at = from.to_vec();
    let mut steps = Vec::new();
    for &wanted in ordinals {
        let (mut ordinal, mut taken) = (0, None);
        model.successors(&mut scratch, &at, &mut |action, next, _| {
            if ordinal == wanted {
                taken = Some(Step { action, state: next.to_vec() });
            }
            ordinal += 1;
        });
        let step = taken?;
        at.clone_from(&step.state);
        steps.push(step);
    }
    Some(steps)
}

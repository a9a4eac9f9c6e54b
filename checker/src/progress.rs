//! Which obligations can a fair run leave open for ever?
//!
//! Decided on the finished graph: [`trim`](crate::trim) rules out, on all workers, the states that
//! lie on no cycle of open obligations and lead to none; [`fair`](crate::fair) judges the rest, on
//! worker 0. A run may also rest for ever in a state in which no fair actor can act.

use crate::error::Error;
use crate::fabric::Fabric;
use crate::fair::{Arena, Cycle};
use crate::model::{Kind, Model};
use crate::report::Step;
use crate::shard::Shard;
use crate::trace::Goal;
use crate::trim::{GROUP, Trim};
use crate::wire::{Reader, put};

/// For each progress property, by position, the cycle that a fair run can follow for ever, if any.
pub(crate) fn decide<M: Model, F: Fabric>(
    model: &M,
    shard: &mut Shard,
    fabric: &mut F,
) -> Result<Vec<(usize, Option<Cycle>)>, Error> {
    let properties = model.properties().into_iter().enumerate();
    let progress = properties.filter(|(_, property)| property.kind == Kind::Progress);
    let progress: Vec<usize> = progress.map(|(at, _)| at).collect();
    if !progress.is_empty() {
        shard.index_rows();
    }
    let mut verdicts = Vec::new();
    for group in progress.chunks(GROUP) {
        let cycles = decide_group(model, shard, fabric, group)?;
        verdicts.extend(group.iter().copied().zip(cycles));
    }
    Ok(verdicts)
}

fn decide_group<M: Model, F: Fabric>(
    model: &M,
    shard: &Shard,
    fabric: &mut F,
    group: &[usize],
) -> Result<Vec<Option<Cycle>>, Error> {
    let mut trim = Trim::new(model, shard, fabric, group);
    let rests = trim.sweep()?;
    let survivors = trim.survivors()?;
    let mut words = Vec::new();
    if fabric.me() == 0 {
        let arena = Arena::new(model, survivors);
        for (bit, &property) in group.iter().enumerate() {
            let cycle = arena.cycle(bit, model.fair(property));
            write(&mut words, nearest(rests[bit].clone(), cycle));
        }
    }
    let said = fabric.gather(words)?;
    let mut words = Reader::new(said.first().map_or(&[], |words| words));
    group
        .iter()
        .map(|_| read(&mut words).ok_or(Error::Worker))
        .collect()
}

/// Whichever begins nearer to the initial states; resting, if both begin in the same state.
fn nearest(rest: Option<Goal>, cycle: Option<Cycle>) -> Option<Cycle> {
    match (rest, cycle) {
        (Some((level, knot)), Some(cycle)) if (cycle.level, &cycle.knot) < (level, &knot) => {
            Some(cycle)
        }
        (Some((level, knot)), _) => Some(Cycle {
            level,
            knot,
            steps: Vec::new(),
        }),
        (None, cycle) => cycle,
    }
}

fn write(words: &mut Vec<u64>, cycle: Option<Cycle>) {
    words.push(u64::from(cycle.is_some()));
    if let Some(cycle) = cycle {
        words.push(u64::from(cycle.level));
        put(words, &cycle.knot);
        words.push(cycle.steps.len() as u64);
        for step in &cycle.steps {
            words.push(u64::from(step.action));
            put(words, &step.state);
        }
    }
}

fn read(words: &mut Reader<'_>) -> Option<Option<Cycle>> {
    if words.word()? == 0 {
        return Some(None);
    }
    let (level, knot) = (words.small()?, words.words()?.to_vec());
    let mut steps = Vec::new();
    for _ in 0..words.word()? {
        steps.push(Step {
            action: words.small()?,
            state: words.words()?.to_vec(),
        });
    }
    Some(Some(Cycle { level, knot, steps }))
}

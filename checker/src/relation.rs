//! Which steps connect the states in which an obligation is open?
//!
//! Every worker expands its own such states once more and notes for each step the number of the
//! state it leads to, asking the owners of states it does not own. Worker 0 collects the parts:
//! numbers, no states, so that the whole graph takes but a few bytes a step.

use crate::batch::Batch;
use crate::control::Control;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::hash::{hash, index, low32, owner};
use crate::model::{Marks, Model, unasked};
use crate::report::End;
use crate::scc::{Graph, NONE};
use crate::shard::Shard;
use crate::tally::{code, end};
use crate::wire::{Reader, put};

/// Progress properties treated together: the bits of a [`Mask`].
pub(crate) const GROUP: usize = 32;

/// The properties of a group whose obligation is open in a state.
pub(crate) type Mask = u32;

/// States expanded between two exchanges of questions.
const CHUNK: usize = 1 << 15;

/// The steps between states with open obligations, of one worker's states or of all.
#[derive(Default)]
pub(crate) struct Relation {
    /// For each state the properties whose obligation is open.
    pub(crate) masks: Vec<Mask>,
    /// For each state who can act.
    pub(crate) enabled: Vec<u64>,
    /// The steps, in the order in which the model has them. A step to a state without any open
    /// obligation has the target [`NONE`].
    pub(crate) graph: Graph,
    /// The actor of each step.
    pub(crate) actors: Vec<u8>,
    /// For each worker the number of its first state, and the first of each of its levels.
    pub(crate) levels: Vec<Vec<u64>>,
}

impl Relation {
    /// Builds the relation, unless there is a reason to stop; all of it on worker 0, and some of it
    /// on others.
    pub(crate) fn build<M: Model, F: Fabric>(
        model: &M,
        shard: &Shard,
        fabric: &mut F,
        control: &Control<'_>,
        group: &[usize],
    ) -> Result<Result<Self, End>, Error> {
        let sizes = fabric.gather(vec![shard.len() as u64])?;
        let sizes: Vec<u64> = sizes.into_iter().flatten().collect();
        let first: u64 = sizes.iter().take(fabric.me()).sum();
        let mut part = Part::new(model, shard, fabric, group, first);
        let rounds = sizes.iter().max().map_or(0, |size| size.div_ceil(CHUNK as u64));
        for round in 0..index(rounds) {
            let said = part.fabric.gather(vec![code(control.look())])?;
            if let Some(end) = said.iter().flatten().find_map(|&code| end(code).flatten()) {
                return Ok(Err(end));
            }
            part.expand(round * CHUNK)?;
        }
        let relation = part.relation;
        relation.collect(fabric).map(Ok)
    }

    /// The level of a state.
    pub(crate) fn level(&self, node: u32) -> u32 {
        let node = u64::from(node);
        let of = self.levels.partition_point(|starts| starts.first().is_some_and(|&at| at <= node));
        let starts = of.checked_sub(1).map_or(&[][..], |of| &self.levels[of]);
        let level = starts.partition_point(|&start| start <= node).saturating_sub(1);
        u32::try_from(level).unwrap_or(u32::MAX)
    }

    /// Sends the part of this worker to worker 0, which puts all of them together.
    fn collect<F: Fabric>(self, fabric: &mut F) -> Result<Self, Error> {
        if fabric.peers() == 1 {
            return Ok(self);
        }
        fabric.gather(Vec::new())?;
        if fabric.me() != 0 {
            fabric.post(0, self.encode(fabric.me()))?;
        }
        fabric.close()?;
        let mut parts: Vec<Option<Self>> = (0..fabric.peers()).map(|_| None).collect();
        while let Some(words) = fabric.drain()? {
            let mut words = Reader::new(&words);
            let from = words.count().ok_or(Error::Worker)?;
            *parts.get_mut(from).ok_or(Error::Worker)? = Self::decode(&mut words);
        }
        let mut whole = self;
        if fabric.me() == 0 {
            for part in parts.into_iter().skip(1) {
                whole.append(part.ok_or(Error::Worker)?);
            }
        }
        fabric.gather(Vec::new())?;
        Ok(whole)
    }

    fn append(&mut self, part: Self) {
        self.masks.extend(part.masks);
        self.enabled.extend(part.enabled);
        let edges = self.graph.targets.len();
        self.graph.starts.extend(part.graph.starts.iter().skip(1).map(|start| start + edges));
        self.graph.targets.extend(part.graph.targets);
        self.actors.extend(part.actors);
        self.levels.extend(part.levels);
    }

    fn encode(&self, me: usize) -> Vec<u64> {
        let mut words = vec![me as u64];
        put(&mut words, &widen(&self.masks));
        put(&mut words, &self.enabled);
        words.push(self.graph.starts.len() as u64);
        words.extend(self.graph.starts.iter().map(|&start| start as u64));
        words.push(self.graph.targets.len() as u64);
        let steps = self.graph.targets.iter().zip(&self.actors);
        words.extend(steps.map(|(&to, &actor)| u64::from(to) << 8 | u64::from(actor)));
        put(&mut words, &self.levels.concat());
        words
    }

    fn decode(words: &mut Reader<'_>) -> Option<Self> {
        let masks = words.words()?.iter().map(|&mask| low32(mask)).collect();
        let enabled = words.words()?.to_vec();
        let starts = words.words()?.iter().map(|&start| index(start)).collect();
        let steps = words.words()?;
        let targets = steps.iter().map(|step| low32(step >> 8)).collect();
        let actors = steps.iter().map(|step| step.to_le_bytes()[0]).collect();
        let graph = Graph { starts, targets };
        Some(Self { masks, enabled, graph, actors, levels: vec![words.words()?.to_vec()] })
    }
}

fn widen(words: &[u32]) -> Vec<u64> {
    words.iter().map(|&word| u64::from(word)).collect()
}

/// The part of the relation that one worker builds.
struct Part<'a, M: Model, F: Fabric> {
    model: &'a M,
    scratch: M::Scratch,
    shard: &'a Shard,
    fabric: &'a mut F,
    relation: Relation,
    /// The number of the first state of this worker.
    first: u64,
    /// Own targets to be looked up, each with the step that leads there.
    batch: Batch,
    steps: Vec<usize>,
    /// Questions to other workers: the target and the step that leads there.
    questions: Vec<Vec<u64>>,
}

impl<'a, M: Model, F: Fabric> Part<'a, M, F> {
    fn new(model: &'a M, shard: &'a Shard, fabric: &'a mut F, group: &[usize], first: u64) -> Self {
        let mut scratch = unasked(model);
        let mask = |row| select(model.pending(&mut scratch, shard.row(row)), group);
        let masks = (0..shard.len()).map(mask).collect();
        let starts = (0..shard.levels()).map(|level| first + shard.level(level).start as u64);
        let relation = Relation {
            masks,
            graph: Graph { starts: vec![0], targets: Vec::new() },
            levels: vec![starts.collect()],
            ..Relation::default()
        };
        Self {
            model,
            scratch,
            questions: vec![Vec::new(); fabric.peers()],
            shard,
            fabric,
            relation,
            first,
            batch: Batch::new(shard.width()),
            steps: Vec::new(),
        }
    }

    /// Expands the states of a chunk that begins with row `from`.
    fn expand(&mut self, from: usize) -> Result<(), Error> {
        let end = self.shard.len().min(from + CHUNK);
        for row in from..end {
            let enabled = if self.relation.masks[row] == 0 { 0 } else { self.expand_row(row) };
            self.relation.enabled.push(enabled);
            self.relation.graph.starts.push(self.relation.graph.targets.len());
            if self.batch.len() >= Batch::FULL {
                self.look_up();
            }
        }
        self.look_up();
        self.ask()
    }

    /// Notes the steps out of a row and returns who can act.
    fn expand_row(&mut self, row: usize) -> u64 {
        let (me, peers) = (self.fabric.me(), self.fabric.peers());
        let mut enabled = 0;
        self.model.successors(&mut self.scratch, self.shard.row(row), &mut |action, next, _| {
            let actor = self.model.actor(action) & 63;
            enabled |= 1 << actor;
            let step = self.relation.graph.targets.len();
            self.relation.graph.targets.push(NONE);
            self.relation.actors.push(actor);
            let hash = hash(next);
            let to = owner(hash, peers);
            if to == me {
                self.batch.push(next, hash, 0, true);
                self.steps.push(step);
            } else {
                self.questions[to].extend_from_slice(next);
                self.questions[to].push(step as u64);
            }
        });
        enabled
    }

    /// The number of a state of this worker, if an obligation is open in it.
    fn number(&self, hash: u64, state: &[u64]) -> u32 {
        let row = self.shard.find(hash, state).filter(|&row| self.relation.masks[row] != 0);
        row.map_or(NONE, |row| low32(self.first + row as u64))
    }

    fn look_up(&mut self) {
        self.shard.approach(&self.batch);
        for (at, step) in self.steps.drain(..).enumerate() {
            let (hash, state) = (self.batch.hashes()[at], self.batch.state(at));
            let row = self.shard.find(hash, state).filter(|&row| self.relation.masks[row] != 0);
            let number = row.map_or(NONE, |row| low32(self.first + row as u64));
            self.relation.graph.targets[step] = number;
        }
        self.batch.clear();
    }

    /// Asks the owners of others' targets for their numbers, and answers their questions.
    fn ask(&mut self) -> Result<(), Error> {
        if self.fabric.peers() == 1 {
            return Ok(());
        }
        let (me, width) = (self.fabric.me() as u64, self.shard.width());
        for to in 0..self.questions.len() {
            let mut words = std::mem::take(&mut self.questions[to]);
            if !words.is_empty() {
                words.push(me);
                self.fabric.post(to, words)?;
            }
        }
        self.fabric.close()?;
        let mut answers = vec![Vec::new(); self.fabric.peers()];
        while let Some(words) = self.fabric.drain()? {
            let (from, words) = words.split_last().ok_or(Error::Worker)?;
            let answers = answers.get_mut(index(*from)).ok_or(Error::Worker)?;
            for record in words.chunks_exact(width + 1) {
                let (state, step) = record.split_at(width);
                let number = self.number(hash(state), state);
                if number != NONE {
                    answers.extend([step[0], u64::from(number)]);
                }
            }
        }
        // All have asked before anybody answers.
        self.fabric.gather(Vec::new())?;
        for (to, words) in answers.into_iter().enumerate().filter(|(_, words)| !words.is_empty()) {
            self.fabric.post(to, words)?;
        }
        self.fabric.close()?;
        while let Some(words) = self.fabric.drain()? {
            for answer in words.chunks_exact(2) {
                self.relation.graph.targets[index(answer[0])] = low32(answer[1]);
            }
        }
        self.fabric.gather(Vec::new())?;
        Ok(())
    }
}

/// The properties of a group among `marks`.
fn select(marks: Marks, group: &[usize]) -> Mask {
    let bit = |(bit, &property): (usize, &usize)| Mask::from(marks >> property & 1 == 1) << bit;
    group.iter().enumerate().map(bit).fold(0, |mask, bit| mask | bit)
}

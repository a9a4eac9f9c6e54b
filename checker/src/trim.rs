//! Which states can a run stay among for ever without meeting an obligation?
//!
//! A state where the obligation is open, but from which every step leads to a state already ruled
//! out, is ruled out. Sweeping from the last level to the first, most steps lead to states already
//! judged, so few sweeps leave little; what they leave is for [`fair`](crate::fair) to judge.

use crate::batch::Batch;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::hash::{hash, low32, owner};
use crate::model::{Marks, Model};
use crate::shard::Shard;
use crate::trace::Goal;
use crate::wire::{Reader, put};

/// Progress properties treated together: the bits of a [`Mask`].
pub(crate) const GROUP: usize = 8;

/// The properties of a group for which a state is not ruled out.
pub(crate) type Mask = u8;

/// What sweeping leaves of one worker's states.
pub(crate) struct Trim<'a, M: Model, F: Fabric> {
    model: &'a M,
    scratch: M::Scratch,
    shard: &'a Shard,
    fabric: &'a mut F,
    /// The properties of the group, by position.
    group: &'a [usize],
    /// For each row, the properties for which it is not ruled out.
    alive: Vec<Mask>,
    /// For each property of the group, the first state in which a run may rest.
    rests: Vec<Option<Goal>>,
}

impl<'a, M: Model, F: Fabric> Trim<'a, M, F> {
    /// Rules out the states where no obligation is open.
    pub(crate) fn new(
        model: &'a M,
        shard: &'a Shard,
        fabric: &'a mut F,
        group: &'a [usize],
    ) -> Self {
        let mut scratch = model.scratch();
        let mask = |row| select(model.pending(&mut scratch, shard.row(row)), group);
        let alive = (0..shard.len()).map(mask).collect();
        Self {
            model,
            scratch,
            shard,
            fabric,
            group,
            alive,
            rests: vec![None; group.len()],
        }
    }

    /// Sweeps while it is worth it, and returns for each property the first state to rest in.
    pub(crate) fn sweep(&mut self) -> Result<Vec<Option<Goal>>, Error> {
        let levels = self.fabric.gather(vec![self.shard.levels() as u64])?;
        let levels = levels.iter().flatten().copied().max().unwrap_or(0);
        let mut before = self.count()?;
        let mut first = true;
        while before > 0 {
            for level in (0..levels).rev() {
                let level = usize::try_from(level).unwrap_or(usize::MAX);
                self.sweep_level(level, first)?;
            }
            let after = self.count()?;
            if after >= before - before / 10 {
                break;
            }
            before = after;
            first = false;
        }
        self.agree_on_rests()
    }

    /// The states left, each with its level and properties, on worker 0; nothing on others.
    pub(crate) fn survivors(self) -> Result<Vec<(u32, Vec<u64>, Mask)>, Error> {
        let width = self.shard.width();
        let mut left = Vec::new();
        for row in (0..self.alive.len()).filter(|&row| self.alive[row] != 0) {
            left.extend([self.shard.level_of(row) as u64, u64::from(self.alive[row])]);
            left.extend_from_slice(self.shard.row(row));
            if self.fabric.me() != 0 && left.len() > 1 << 16 {
                self.fabric.post(0, std::mem::take(&mut left))?;
            }
        }
        if self.fabric.me() != 0 {
            self.fabric.post(0, std::mem::take(&mut left))?;
        }
        self.fabric.close()?;
        let mut survivors = Vec::new();
        let mut take = |words: &[u64]| {
            for record in words.chunks_exact(width + 2) {
                let mask = record[1].to_le_bytes()[0];
                survivors.push((low32(record[0]), record[2..].to_vec(), mask));
            }
        };
        take(&left);
        while let Some(words) = self.fabric.drain()? {
            take(&words);
        }
        Ok(survivors)
    }

    /// States left, over all workers.
    fn count(&mut self) -> Result<u64, Error> {
        let own = self.alive.iter().filter(|&&mask| mask != 0).count() as u64;
        Ok(self.fabric.gather(vec![own])?.iter().flatten().sum())
    }

    /// Judges the states of one level anew; in the first sweep notes those a run may rest in.
    fn sweep_level(&mut self, level: usize, first: bool) -> Result<(), Error> {
        let rows = self.shard.level(level);
        let mut reached = vec![0; rows.len()];
        let mut outbox = vec![Vec::new(); self.fabric.peers()];
        let mut batch = Batch::new(self.shard.width());
        for row in rows.clone() {
            if self.alive[row] != 0 {
                let enabled = self.expand(
                    row,
                    low32((row - rows.start) as u64),
                    &mut batch,
                    &mut outbox,
                );
                if first {
                    self.note_rest(level, row, enabled);
                }
            }
            if batch.len() >= Batch::FULL {
                self.look_up(&mut batch, &mut reached);
            }
        }
        self.look_up(&mut batch, &mut reached);
        self.ask(outbox, &mut reached)?;
        for (row, reached) in rows.zip(reached) {
            self.alive[row] &= reached;
        }
        Ok(())
    }

    /// Collects the steps out of a row, own targets in the batch, others in letters to their
    /// owners, and returns who can act.
    fn expand(&mut self, row: usize, at: u32, batch: &mut Batch, outbox: &mut [Vec<u64>]) -> u64 {
        let (me, peers) = (self.fabric.me(), self.fabric.peers());
        let mut enabled = 0;
        self.model.successors(
            &mut self.scratch,
            self.shard.row(row),
            &mut |action, next, _| {
                enabled |= 1 << (self.model.actor(action) & 63);
                let hash = hash(next);
                let to = owner(hash, peers);
                if to == me {
                    batch.push(next, hash, at, true);
                } else {
                    outbox[to].extend_from_slice(next);
                    outbox[to].push(u64::from(at));
                }
            },
        );
        enabled
    }

    fn note_rest(&mut self, level: usize, row: usize, enabled: u64) {
        let level = low32(level as u64);
        for (bit, &property) in self.group.iter().enumerate() {
            let open = self.alive[row] >> bit & 1 == 1;
            if open && enabled & self.model.fair(property) == 0 {
                let state = self.shard.row(row);
                let kept = &mut self.rests[bit];
                if kept
                    .as_ref()
                    .is_none_or(|(at, least)| (level, state) < (*at, &least[..]))
                {
                    *kept = Some((level, state.to_vec()));
                }
            }
        }
    }

    /// Adds to `reached` of each source what its own targets in the batch are alive for.
    fn look_up(&self, batch: &mut Batch, reached: &mut [Mask]) {
        let touched = batch.hashes().iter()
            .fold(0, |sum, &hash| sum ^ self.shard.touch(hash));
        std::hint::black_box(touched);
        for at in 0..batch.len() {
            let row = self.shard.find(batch.hashes()[at], batch.state(at));
            reached[batch.hints()[at] as usize] |= row.map_or(0, |row| self.alive[row]);
        }
        batch.clear();
    }

    /// Asks the owners of others' targets what those are alive for, and answers their questions.
    fn ask(&mut self, outbox: Vec<Vec<u64>>, reached: &mut [Mask]) -> Result<(), Error> {
        if self.fabric.peers() == 1 {
            return Ok(());
        }
        let (me, width) = (self.fabric.me() as u64, self.shard.width());
        for (to, mut words) in outbox
            .into_iter()
            .enumerate()
            .filter(|(_, words)| !words.is_empty())
        {
            words.push(me);
            self.fabric.post(to, words)?;
        }
        self.fabric.close()?;
        let mut answers = vec![Vec::new(); self.fabric.peers()];
        while let Some(words) = self.fabric.drain()? {
            let (from, words) = words.split_last().ok_or(Error::Worker)?;
            let answers = answers
                .get_mut(crate::hash::index(*from))
                .ok_or(Error::Worker)?;
            for record in words.chunks_exact(width + 1) {
                let (state, at) = record.split_at(width);
                let mask = self
                    .shard
                    .find(hash(state), state)
                    .map_or(0, |row| self.alive[row]);
                if mask != 0 {
                    answers.push(at[0] << 8 | u64::from(mask));
                }
            }
        }
        // All have asked before anybody answers.
        self.fabric.gather(Vec::new())?;
        for (to, words) in answers
            .into_iter()
            .enumerate()
            .filter(|(_, words)| !words.is_empty())
        {
            self.fabric.post(to, words)?;
        }
        self.fabric.close()?;
        while let Some(words) = self.fabric.drain()? {
            for word in words {
                reached[crate::hash::index(word >> 8)] |= word.to_le_bytes()[0];
            }
        }
        self.fabric.gather(Vec::new())?;
        Ok(())
    }

    /// The first state to rest in, over all workers, for each property.
    fn agree_on_rests(&mut self) -> Result<Vec<Option<Goal>>, Error> {
        let mut words = Vec::new();
        for (bit, rest) in self.rests.iter().enumerate() {
            if let Some((level, state)) = rest {
                words.extend([bit as u64, u64::from(*level)]);
                put(&mut words, state);
            }
        }
        let mut least: Vec<Option<Goal>> = vec![None; self.group.len()];
        for words in self.fabric.gather(words)? {
            let mut words = Reader::new(&words);
            while let Some(bit) = words.count() {
                let level = words.small().ok_or(Error::Worker)?;
                let goal = (level, words.words().ok_or(Error::Worker)?.to_vec());
                if least[bit].as_ref().is_none_or(|least| goal < *least) {
                    least[bit] = Some(goal);
                }
            }
        }
        Ok(least)
    }
}

/// The properties of a group among `marks`.
pub(crate) fn select(marks: Marks, group: &[usize]) -> Mask {
    let bit = |(bit, &property): (usize, &usize)| Mask::from(marks >> property & 1 == 1) << bit;
    group
        .iter()
        .enumerate()
        .map(bit)
        .fold(0, |mask, bit| mask | bit)
}

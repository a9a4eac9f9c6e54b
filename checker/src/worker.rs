//! How does one worker explore its share, level by level?
//!
//! In a round every worker expands the states it owns of the last complete level. Successors it
//! owns itself are looked up in batches, others are posted to their owners, and what arrives is
//! looked up likewise. After the round all workers gather what it yielded and come to the same
//! decision whether there is a next.

use crate::batch::Batch;
use crate::checkpoint::{Place, Writer};
use crate::control::{Clock, Control};
use crate::error::Error;
use crate::fabric::Fabric;
use crate::hash::{hash, index, owner};
use crate::model::{Kind, Marks, Model, bits};
use crate::options::{Options, Storage};
use crate::patience::Patience;
use crate::progress::{obligations, open};
use crate::report::End;
use crate::shard::{MOST, Shard};
use crate::sieve::Sieve;
use crate::tally::{Hit, Tally};
use crate::totals::Totals;
use crate::wire::Reader;

/// States copied from the frontier at once.
const BLOCK: usize = 512;
/// States posted at once.
const LETTER: usize = 2048;

/// One worker of a search.
pub(crate) struct Worker<'a, M: Model, F: Fabric> {
    model: &'a M,
    control: &'a Control<'a>,
    options: &'a Options<'a>,
    /// Its number within this process.
    local: usize,
    fabric: F,
    shard: Shard,
    /// The most bytes that the shard has taken.
    peak: usize,
    writer: Option<Writer>,
    scratch: M::Scratch,
    /// States for each worker, this one included.
    boxes: Vec<Batch>,
    sieve: Sieve,
    /// Invariants and witnesses without a hit so far.
    open: Marks,
    /// Progress properties.
    progress: Marks,
    /// Where runs may rest.
    patience: Patience,
}

/// What remains of a worker when the search has ended.
pub(crate) struct Explored<F> {
    /// The states it owns.
    pub(crate) shard: Shard,
    /// What connects it to the others.
    pub(crate) fabric: F,
    /// What all workers found together.
    pub(crate) totals: Totals,
    /// The level from which the search was resumed, if it was.
    pub(crate) resumed: Option<u32>,
    /// Why the search ended.
    pub(crate) end: End,
}

impl<'a, M: Model, F: Fabric> Worker<'a, M, F> {
    /// Worker `local` of this process.
    pub(crate) fn new(
        model: &'a M,
        options: &'a Options<'a>,
        control: &'a Control<'a>,
        local: usize,
        fabric: F,
    ) -> Self {
        let width = model.words();
        let compact = options.storage == Storage::Compact;
        let shard = Shard::new(width, compact, options.checkpoints.is_some());
        let worker = (fabric.me(), fabric.peers());
        let place = Place { worker, local: control.workers() };
        let writer = options.checkpoints.as_ref().map(|checkpoints| {
            Writer::new(&checkpoints.dir, subject(model, options.storage), place)
        });
        Self {
            boxes: (0..fabric.peers()).map(|_| Batch::new(width)).collect(),
            sieve: Sieve::new(width, shard.compact()),
            model,
            control,
            options,
            local,
            fabric,
            shard,
            peak: 0,
            writer,
            scratch: model.scratch(),
            open: open(model),
            progress: obligations(model),
            patience: Patience::of(model, compact),
        }
    }

    /// Explores until there is nothing new or a reason to stop.
    pub(crate) fn explore(mut self) -> Result<Explored<F>, Error> {
        let mut totals = self.resume()?;
        let resumed = totals.levels.len().checked_sub(1).map(|_| totals.depth());
        let mut saved = Clock::start();
        loop {
            self.model.ask(&mut self.scratch, self.open | self.progress);
            let mut tally = Tally::default();
            if totals.levels.is_empty() {
                self.begin(&mut tally);
            } else {
                self.expand(&mut tally)?;
            }
            self.settle()?;
            tally.fresh = self.shard.level(self.shard.levels() - 1).len() as u64;
            tally.full = self.control.full();
            tally.halt = self.control.halt();
            tally.bytes = self.measure() as u64;
            tally.tested = self.model.tested(&self.scratch);
            let every = self.options.checkpoints.as_ref().map(|checkpoints| checkpoints.every);
            tally.due = self.local == 0 && every.is_some_and(|every| saved.elapsed() >= every);
            let (end, due) = self.agree(&tally, &mut totals)?;
            if self.shard.levels() == totals.levels.len() {
                self.shard.seal();
            }
            if due || end.is_some() {
                self.save(&totals)?;
                saved = Clock::start();
            }
            if let Some(end) = end {
                let Self { shard, fabric, .. } = self;
                return Ok(Explored { shard, fabric, totals, resumed, end });
            }
        }
    }

    /// Goes on where a checkpoint was written, if all processes have one.
    fn resume(&mut self) -> Result<Totals, Error> {
        let (Some(writer), Some(checkpoints)) = (&mut self.writer, &self.options.checkpoints)
        else {
            return Ok(Totals::default());
        };
        // One more than the level, and zero for none.
        let level = writer.level()?.map_or(0, |level| level as u64 + 1);
        let levels = self.fabric.gather(vec![level])?;
        let levels = levels.iter().flatten().copied();
        let least = levels.clone().min().unwrap_or(0);
        if !checkpoints.resume && levels.max().unwrap_or(0) > 0 {
            return Err(writer.refuse());
        }
        let Some(level) = least.checked_sub(1) else {
            writer.discard()?;
            return Ok(Totals::default());
        };
        let (totals, said) = writer.resume(&mut self.shard, index(level))?;
        let all = self.fabric.gather(said.clone().unwrap_or_default())?;
        if said.is_some() {
            writer.commit(&all, &totals)?;
        }
        let frontier = totals.levels.last().map_or(0, |level| level.states);
        self.control.begin(totals.depth(), frontier, totals.states());
        self.close(&totals);
        Ok(totals)
    }

    /// Writes a checkpoint, if there is anything to write.
    fn save(&mut self, totals: &Totals) -> Result<(), Error> {
        if let Some(writer) = &mut self.writer
            && let Some(level) = totals.levels.len().checked_sub(1)
        {
            let said = writer.append(&self.shard, level)?;
            let all = self.fabric.gather(said)?;
            writer.commit(&all, totals)?;
        }
        Ok(())
    }

    /// Learns what all workers found, whether that is the end, and whether a checkpoint is due.
    fn agree(&mut self, tally: &Tally, totals: &mut Totals) -> Result<(Option<End>, bool), Error> {
        let mut all = Tally::default();
        for words in self.fabric.gather(tally.encode())? {
            let tally = Tally::decode(&mut Reader::new(&words)).ok_or(Error::Worker)?;
            all.merge(tally);
        }
        let due = all.due;
        let end = totals.add(all, self.options.limits.states);
        self.close(totals);
        if self.local == 0 {
            let frontier = totals.levels.last().map_or(0, |level| level.states);
            self.control.begin(totals.depth(), frontier, totals.states());
        }
        let stop = self.options.stop_at_violation && self.violated(totals);
        let end = if stop && end != Some(End::Complete) { Some(End::Violation) } else { end };
        Ok((end, due))
    }

    /// What has been found need not be looked for any more.
    fn close(&mut self, totals: &Totals) {
        let hits = totals.hits.keys();
        hits.for_each(|property| self.open &= !(1 << property));
        self.patience.close(totals);
    }

    fn violated(&self, totals: &Totals) -> bool {
        let properties = self.model.properties();
        let broken = |property: &usize| {
            properties.get(*property).is_some_and(|property| property.kind == Kind::Invariant)
        };
        totals.stuck.is_some() || totals.hits.keys().any(broken)
    }

    /// Takes the initial states.
    fn begin(&mut self, tally: &mut Tally) {
        let (me, peers) = (self.fabric.me(), self.fabric.peers());
        let (batch, open) = (&mut self.boxes[me], self.open);
        self.model.initial(&mut |state, marks| {
            let hash = hash(state);
            if owner(hash, peers) == me {
                batch.push(state, hash, 0, true);
                let target = state.to_vec();
                let hit = Hit { source: Vec::new(), ordinal: 0, action: 0, target };
                note(tally, marks & open, &hit);
            }
        });
        self.absorb();
    }

    /// Expands the last complete level.
    fn expand(&mut self, tally: &mut Tally) -> Result<(), Error> {
        let width = self.shard.width();
        let mut states = Vec::new();
        let mut from = 0;
        loop {
            let count = self.shard.frontier(from, BLOCK, &mut states);
            if count == 0 || self.control.halt().is_some() {
                self.sift();
                return Ok(());
            }
            from += count;
            for state in states.chunks_exact(width) {
                self.step(state, tally);
                if self.sieve.is_full() {
                    self.sift();
                }
            }
            self.exchange()?;
            let bytes = self.measure();
            self.control.hold(self.local, self.shard.len(), bytes);
        }
    }

    /// The most bytes in use so far.
    fn measure(&mut self) -> usize {
        self.peak = self.peak.max(self.shard.bytes());
        self.peak
    }

    /// Takes every step out of one state.
    #[inline]
    fn step(&mut self, state: &[u64], tally: &mut Tally) {
        let (model, sieve, open) = (self.model, &mut self.sieve, self.open);
        let mut ordinal = 0;
        let mut actors = 0;
        self.model.successors(&mut self.scratch, state, &mut |action, next, marks| {
            actors |= 1 << (model.actor(action) & 63);
            if marks & open != 0 {
                let (source, target) = (state.to_vec(), next.to_vec());
                note(tally, marks & open, &Hit { source, ordinal, action, target });
            }
            ordinal += 1;
            sieve.catch(next, state);
        });
        sieve.came_from(state);
        tally.transitions += u64::from(ordinal);
        let resting = self.patience.resting(actors);
        if resting != 0 {
            let pending = resting & model.pending(&mut self.scratch, state);
            bits(pending).for_each(|property| tally.note_rest(property, state));
        }
        if ordinal == 0 {
            tally.terminal += 1;
            if !self.model.may_end(&mut self.scratch, state) {
                tally.note_stuck(state);
            }
        }
    }

    /// Sifts successors and looks own ones up, if they are many.
    fn sift(&mut self) {
        self.sieve.sift(&mut self.boxes);
        if self.boxes[self.fabric.me()].len() >= Batch::FULL {
            self.absorb();
        }
    }

    /// Looks up the states that wait for it, or forgets them if no more can be kept.
    fn absorb(&mut self) {
        let batch = &mut self.boxes[self.fabric.me()];
        if self.control.full().is_some() || self.shard.len() + batch.len() > MOST {
            batch.clear();
        } else {
            self.shard.absorb(batch);
        }
    }

    /// Posts the states for others of which there are at least so many.
    fn post(&mut self, least: usize) -> Result<(), Error> {
        let me = self.fabric.me();
        for (to, batch) in self.boxes.iter_mut().enumerate() {
            if to != me && batch.len() >= least {
                self.fabric.post(to, batch.letter(self.shard.compact()))?;
                batch.clear();
            }
        }
        Ok(())
    }

    /// Posts what is worth posting and looks up what has arrived.
    fn exchange(&mut self) -> Result<(), Error> {
        self.post(LETTER)?;
        while let Some(words) = self.fabric.poll()? {
            self.receive(&words);
        }
        Ok(())
    }

    /// Posts the rest and waits for what others still post.
    fn settle(&mut self) -> Result<(), Error> {
        self.post(1)?;
        self.fabric.close()?;
        while let Some(words) = self.fabric.drain()? {
            self.receive(&words);
        }
        self.absorb();
        Ok(())
    }

    fn receive(&mut self, words: &[u64]) {
        let (me, hinted) = (self.fabric.me(), self.shard.compact());
        let record = self.shard.width() + usize::from(hinted);
        for words in words.chunks(Batch::FULL * record) {
            self.boxes[me].receive(words, hinted);
            if self.boxes[me].len() >= Batch::FULL {
                self.absorb();
            }
        }
    }
}

/// What searches must have in common to be the same.
pub(crate) fn subject<M: Model>(model: &M, storage: Storage) -> String {
    let (version, words) = (env!("CARGO_PKG_VERSION"), model.words());
    let identity = model.identity();
    format!("checker: {version}\nmodel: {identity}\nwords: {words}\nstorage: {storage:?}")
}

/// Notes a hit of every property in `marks`.
#[cold]
fn note(tally: &mut Tally, marks: Marks, hit: &Hit) {
    bits(marks).for_each(|property| tally.note(property, hit.clone()));
}

//! A worker: it expands the states it owns, level by level.
//!
//! Successors that it owns itself are looked up in batches; others are posted to their owners, and
//! what arrives is looked up likewise. After each level all workers gather what it yielded and come
//! to the same decision whether there is a next.

use crate::checkpoint::writer::{Place, Writer, refusal};
use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::dataflow::Dataflow;
use crate::hash::owner;
use crate::marks::Marks;
use crate::options::Options;
use crate::report::End;
use crate::search::control::Control;
use crate::search::foreign::Foreign;
use crate::search::level_stats::{Hit, LevelStats};
use crate::search::outbox::Outbox;
use crate::search::quiescence::Quiescence;
use crate::search::search_stats::SearchStats;
use crate::system::{ClaimKind, TransitionSystem, positions};
use crate::visited::batch::Batch;
use crate::visited::shard::Shard;

/// States from which a message to another worker is worth sending.
const MESSAGE: usize = 2048;

/// One worker of a search.
pub(crate) struct Worker<'a, S: TransitionSystem> {
    system: &'a S,
    control: &'a Control<'a>,
    options: &'a Options<'a>,
    /// Its number within this process.
    local: usize,
    dataflow: Dataflow,
    foreign: Foreign,
    shard: Shard,
    /// The most bytes that the shard has taken.
    peak: usize,
    writer: Option<Writer>,
    /// Whether its checkpoints can still be written.
    saves: bool,
    scratch: S::Scratch,
    outbox: Outbox,
    /// States for each worker, this one included.
    batches: Vec<Batch>,
    /// Invariants and witnesses without a hit so far.
    open: Marks,
    /// Progress properties.
    progress: Marks,
    quiescence: Quiescence,
}

/// What remains of a worker when the search has ended.
pub(crate) struct Explored {
    /// The states it owns.
    pub(crate) shard: Shard,
    /// Its connection to the others.
    pub(crate) dataflow: Dataflow,
    /// What it needs to read their states.
    pub(crate) foreign: Foreign,
    /// What all workers found together.
    pub(crate) stats: SearchStats,
    /// The level at which the search was resumed, if it was.
    pub(crate) resumed: Option<u32>,
    /// Why the search ended.
    pub(crate) end: End,
}

impl<'a, S: TransitionSystem> Worker<'a, S> {
    /// Worker `local` of this process.
    pub(crate) fn new(
        system: &'a S,
        options: &'a Options<'a>,
        control: &'a Control<'a>,
        local: usize,
        dataflow: Dataflow,
    ) -> Self {
        let width = system.words();
        let place = Place { worker: (dataflow.me(), dataflow.peers()), local: control.workers() };
        let writer = options
            .checkpoints
            .as_ref()
            .map(|checkpoints| Writer::new(&checkpoints.dir, subject(system), place));
        let all: Marks = (0..system.properties().len()).collect();
        let progress = positions(system, ClaimKind::Progress).collect();
        Self {
            saves: writer.is_some(),
            batches: (0..dataflow.peers()).map(|_| Batch::new(width)).collect(),
            outbox: Outbox::new(width),
            system,
            control,
            options,
            local,
            foreign: Foreign::new((dataflow.me(), dataflow.peers()), control.workers(), width),
            dataflow,
            shard: Shard::new(width, &system.fields()),
            peak: 0,
            writer,
            scratch: system.scratch(),
            open: all - progress,
            progress,
            quiescence: Quiescence::of(system),
        }
    }

    /// Explores until there is nothing new, or a reason to stop.
    pub(crate) fn explore(mut self) -> Result<Explored, Error> {
        let mut stats = self.resume()?;
        let resumed = stats.levels.len().checked_sub(1).map(|_| stats.depth());
        let every = self.options.checkpoints.as_ref();
        let every = every.map(|checkpoints| checkpoints.every);
        let mut saved = Clock::start();
        loop {
            self.system.select(&mut self.scratch, self.open | self.progress);
            let mut level = LevelStats::default();
            if stats.levels.is_empty() {
                self.begin(&mut level);
            } else {
                self.expand(&mut level)?;
            }
            self.settle()?;
            if let Some(obstacle) = self.system.obstacle() {
                return Err(Error::Model(obstacle));
            }
            level.fresh = self.shard.fresh() as u64;
            level.full = self.control.full();
            level.halt = self.control.halt();
            level.bytes = self.measure() as u64;
            self.system.tested(&mut self.scratch, &mut |property, times| {
                *level.tested.entry(property).or_default() += times;
            });
            level.descent = !self.system.ascends(&self.scratch);
            level.due = self.local == 0 && every.is_some_and(|every| saved.elapsed() >= every);
            let (end, due) = self.agree(&level, &mut stats)?;
            if self.shard.levels() == stats.levels.len() {
                self.shard.seal();
                self.append();
            }
            if due || end.is_some() {
                self.save(&stats)?;
                saved = Clock::start();
            }
            if let Some(end) = end {
                return Ok(Explored {
                    shard: self.shard,
                    dataflow: self.dataflow,
                    foreign: self.foreign,
                    stats,
                    resumed,
                    end,
                });
            }
        }
    }

    /// Continues from a checkpoint, if all processes have one.
    fn resume(&mut self) -> Result<SearchStats, Error> {
        let (Some(writer), Some(checkpoints)) = (&mut self.writer, &self.options.checkpoints)
        else {
            return Ok(SearchStats::default());
        };
        let levels = self.dataflow.gather(&writer.level()?)?;
        if !checkpoints.resume && levels.iter().any(Option::is_some) {
            return Err(refusal(&checkpoints.dir));
        }
        let Some(level) = levels.into_iter().min().flatten() else {
            writer.discard()?;
            return Ok(SearchStats::default());
        };
        let (stats, extent) = writer.resume(self.system, &mut self.shard, level)?;
        let extents = self.dataflow.gather(&extent)?;
        if let Some(extents) = extents.into_iter().collect::<Option<Vec<_>>>() {
            writer.commit(self.system, &extents, &stats)?;
        }
        self.close(&stats);
        Ok(stats)
    }

    /// Appends the last level to the checkpoint.
    fn append(&mut self) {
        if let Some(writer) = self.writer.as_mut().filter(|_| self.saves)
            && let Err(error) = writer.append(&self.shard)
        {
            self.saves = false;
            self.control.cannot_save(error);
        }
    }

    /// Writes a checkpoint, if there is anything to write. Where a worker cannot write its part,
    /// the last checkpoint stays, and the search goes on without further ones.
    fn save(&mut self, stats: &SearchStats) -> Result<(), Error> {
        let Some(writer) = self.writer.as_ref().filter(|_| !stats.levels.is_empty()) else {
            return Ok(());
        };
        let synced = if self.saves { writer.sync().map(Some) } else { Ok(None) };
        let extent = synced.unwrap_or_else(|error| {
            self.control.cannot_save(error);
            None
        });
        let extents = self.dataflow.gather(&extent)?;
        let Some(extents) = extents.into_iter().collect::<Option<Vec<_>>>() else {
            self.saves = false;
            self.control.cannot_save("another process cannot write its checkpoint");
            return Ok(());
        };
        if let Err(error) = writer.commit(self.system, &extents, stats) {
            self.saves = false;
            self.control.cannot_save(error);
        }
        Ok(())
    }

    /// Adds what all workers found to `stats`. Returns why the search ends, if it does, and whether
    /// a checkpoint is due.
    fn agree(
        &mut self,
        level: &LevelStats,
        stats: &mut SearchStats,
    ) -> Result<(Option<End>, bool), Error> {
        let mut all = LevelStats::default();
        let news = self.foreign.news(self.system);
        let reports = self.dataflow.gather(&(news, level.clone()))?;
        for (from, (news, mut level)) in reports.into_iter().enumerate() {
            self.foreign.read_report(self.system, (from, &news), level.states())?;
            all.merge(self.system, level);
        }
        let due = all.due;
        let end = stats.add(all, self.options.limits.states);
        self.close(stats);
        let found = self.options.until.is_some_and(|until| (until & self.open).is_empty());
        Ok((end.or(found.then_some(End::Complete)), due))
    }

    /// Begins a level: what has been found need not be looked for any more.
    fn close(&mut self, stats: &SearchStats) {
        self.open = self.open - stats.hits.keys().copied().collect();
        self.quiescence.close(stats);
        if self.local == 0 {
            self.control.begin_level(stats);
        }
    }

    /// Takes the initial states.
    fn begin(&mut self, level: &mut LevelStats) {
        let (me, peers) = (self.dataflow.me(), self.dataflow.peers());
        let (system, batch, open) = (self.system, &mut self.batches[me], self.open);
        system.initial(&mut |state, marks| {
            if owner(system.home(state), peers) == me {
                batch.push(state, true);
                note(system, level, marks & open, &[], (0, 0, state));
            }
        });
        self.absorb();
    }

    /// Expands the last complete level.
    fn expand(&mut self, level: &mut LevelStats) -> Result<(), Error> {
        while let Some(states) = self.shard.take()
            && self.control.halt().is_none()
        {
            for state in states.chunks_exact(self.shard.words()) {
                self.step(state, level);
                if self.outbox.is_full() {
                    self.route();
                }
            }
            self.exchange()?;
            let bytes = self.measure();
            self.control.record(self.local, self.shard.len(), bytes);
        }
        self.route();
        Ok(())
    }

    /// The most bytes in use so far.
    fn measure(&mut self) -> usize {
        self.peak = self.peak.max(self.shard.bytes() + self.system.bytes(&self.scratch));
        self.peak
    }

    /// Takes every step out of one state.
    #[inline]
    fn step(&mut self, state: &[u64], level: &mut LevelStats) {
        let (system, outbox, open) = (self.system, &mut self.outbox, self.open);
        let mut ordinal = 0;
        let mut actors = 0;
        system.successors(&mut self.scratch, state, &mut |action, next, marks| {
            actors |= 1 << (system.actor(action) & 63);
            if !(marks & open).is_empty() {
                note(system, level, marks & open, state, (ordinal, action, next));
            }
            ordinal += 1;
            outbox.push(next, state);
        });
        level.transitions += u64::from(ordinal);
        let quiescent = self.quiescence.of_state(actors);
        if !quiescent.is_empty() {
            let pending = quiescent & system.pending(&mut self.scratch, state);
            for property in pending.iter() {
                level.note_quiescent(system, property, state);
            }
        }
        if ordinal == 0 {
            level.terminal += 1;
            if !system.may_end(&mut self.scratch, state) {
                level.note_stuck(system, state);
            }
        }
    }

    /// Routes successors, and looks own ones up if a batch is full.
    fn route(&mut self) {
        self.outbox.route(self.system, &mut self.batches);
        if self.batches[self.dataflow.me()].len() >= Batch::FULL {
            self.absorb();
        }
    }

    /// Looks the own batch up, or drops it if no more states can be kept.
    fn absorb(&mut self) {
        let batch = &mut self.batches[self.dataflow.me()];
        if self.control.full().is_none() {
            self.shard.absorb(batch.states());
        }
        batch.clear();
    }

    /// Posts the batches for other workers that have at least `least` states.
    fn post(&mut self, least: usize) {
        let me = self.dataflow.me();
        for (to, batch) in self.batches.iter_mut().enumerate() {
            if to != me && batch.len() >= least {
                let words = self.foreign.write(self.system, to, batch.states());
                self.dataflow.post(to, words);
                batch.clear();
            }
        }
    }

    /// Posts what is worth posting, and looks up what has arrived.
    fn exchange(&mut self) -> Result<(), Error> {
        self.post(MESSAGE);
        while let Some((from, words)) = self.dataflow.poll()? {
            self.receive(from, words)?;
        }
        Ok(())
    }

    /// Posts the rest, and waits for what others still post.
    fn settle(&mut self) -> Result<(), Error> {
        self.post(1);
        self.dataflow.close();
        while let Some((from, words)) = self.dataflow.drain()? {
            self.receive(from, words)?;
        }
        self.absorb();
        Ok(())
    }

    /// Takes what another worker has found, and looks it up if the batch is full.
    fn receive(&mut self, from: usize, words: Vec<u64>) -> Result<(), Error> {
        let states = &self.foreign.read(self.system, from, words)?;
        let batch = &mut self.batches[self.dataflow.me()];
        self.outbox.accept(states, batch);
        if batch.len() >= Batch::FULL {
            self.absorb();
        }
        Ok(())
    }
}

/// What two searches must have in common to be the same.
pub(crate) fn subject<S: TransitionSystem>(system: &S) -> String {
    let (version, words) = (env!("CARGO_PKG_VERSION"), system.words());
    let identity = system.identity();
    format!("checker: {version}\nmodel: {identity}\nwords: {words}")
}

/// Notes a hit of every property in `marks`: the step `(ordinal, action, target)` from `source`.
#[cold]
fn note<S: TransitionSystem>(
    system: &S,
    level: &mut LevelStats,
    marks: Marks,
    source: &[u64],
    (ordinal, action, target): (u32, u32, &[u64]),
) {
    let hit = Hit { source: source.to_vec(), ordinal, action, target: target.to_vec() };
    for property in marks.iter() {
        level.note_hit(system, property, hit.clone());
    }
}

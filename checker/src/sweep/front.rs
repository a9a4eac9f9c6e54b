//! The front of the sweep: all lists, and the turn of the least measure.

use std::collections::BTreeMap;
use std::panic::resume_unwind;

use crate::error::Error;
use crate::sweep::disk::Disk;
use crate::sweep::lane::{Lane, Memory, Past, Visit, Waiting};

/// States from which it is worth to expand them with several threads.
const MANY: u64 = 2048;

/// The lanes with their visitors, and the runs that wait on disk.
pub(crate) struct Front<'a, V> {
    pub(crate) lanes: Vec<(Lane<'a>, V)>,
    width: usize,
    /// The runs on disk, by measure.
    waiting: BTreeMap<u64, Vec<Waiting>>,
}

/// The states of one measure.
pub(crate) struct Turn {
    measure: u64,
    /// The parts in memory, for each lane.
    parts: Vec<Memory>,
    /// States, duplicates included.
    pub(crate) states: u64,
}

impl<'a, V: Visit> Front<'a, V> {
    /// A front with one lane for each visitor; together they may use a number of bytes if they can
    /// spill.
    pub(crate) fn new(
        width: usize,
        visitors: Vec<V>,
        spill: Option<(&'a Disk, usize)>,
        waiting: Vec<Waiting>,
    ) -> Self {
        let peers = visitors.len();
        let spill = spill.map(|(disk, bytes)| (disk, bytes / peers));
        let lane = |(me, visitor)| (Lane::new(width, (me, peers), spill), visitor);
        let lanes = visitors.into_iter().enumerate().map(lane).collect();
        let mut front = Self { lanes, width, waiting: BTreeMap::new() };
        front.wait(waiting);
        front
    }

    fn wait(&mut self, runs: Vec<Waiting>) {
        for run in runs {
            self.waiting.entry(run.key.0).or_default().push(run);
        }
    }

    /// The runs that wait on disk.
    pub(crate) fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.values().flatten()
    }

    /// The states that were expanded, where they are kept.
    pub(crate) fn past(&self) -> impl Iterator<Item = &Past> {
        self.lanes.iter().flat_map(|(lane, _)| &lane.past)
    }

    /// The fewest steps that a waiting state may be away.
    pub(crate) fn nearest(&self) -> Option<u32> {
        let memory = self.lanes.iter().flat_map(|(lane, _)| lane.lists.keys());
        let keys = memory.chain(self.waiting().map(|run| run.key));
        keys.map(|(_, depth)| depth).min()
    }

    /// States in memory and on disk, duplicates included.
    pub(crate) fn states(&self) -> u64 {
        let memory: usize = self.lanes.iter().map(|(lane, _)| lane.lists.bytes() / 8).sum();
        let disk: u64 = self.waiting().map(|run| run.run.words).sum();
        (disk + memory as u64) / self.width as u64
    }

    /// Takes the states of the least measure, if there are any left.
    pub(crate) fn next(&mut self) -> Option<Turn> {
        let memory = self.lanes.iter().filter_map(|(lane, _)| lane.lists.keys().next());
        let disk = self.waiting.keys().next().copied();
        let measure = memory.map(|(measure, _)| measure).chain(disk).min()?;
        let runs = self.waiting.get(&measure).into_iter().flatten();
        let mut words: u64 = runs.map(|run| run.run.words).sum();
        let mut parts = vec![Memory::new(); self.lanes.len()];
        for (lane, _) in &mut self.lanes {
            let keys: Vec<_> = lane.lists.keys().take_while(|key| key.0 == measure).collect();
            for key in keys {
                for (part, list) in parts.iter_mut().zip(lane.lists.take(key)) {
                    words += list.len() as u64;
                    part.push((key.1, list));
                }
            }
        }
        Some(Turn { measure, parts, states: words / self.width as u64 })
    }

    /// Counts the states of a turn without duplicates.
    pub(crate) fn count(&mut self, turn: &mut Turn) -> Result<u64, Error> {
        let measure = turn.measure;
        let parts = std::mem::take(&mut turn.parts);
        let count =
            |lane: &mut Lane<'_>, _: &mut V, part: (Memory, &[Waiting])| lane.count(measure, part);
        let mut all = 0;
        for counted in self.each(measure, parts, turn.states >= MANY, count) {
            let (count, memory) = counted?;
            all += count;
            turn.parts.push(memory);
        }
        self.collect();
        Ok(all)
    }

    /// Expands the states of a turn. Returns whether it came to the end; if not, they wait again.
    pub(crate) fn run(&mut self, turn: Turn) -> Result<bool, Error> {
        let Turn { measure, parts, states } = turn;
        let expand = |lane: &mut Lane<'_>, visitor: &mut V, part: (Memory, &[Waiting])| {
            lane.turn(visitor, measure, part)
        };
        let ended = self.each(measure, parts, states >= MANY, expand);
        let ended = ended.into_iter().collect::<Result<Vec<_>, Error>>()?;
        self.collect();
        if ended.iter().all(|(whole, _)| *whole) {
            self.waiting.remove(&measure);
            return Ok(true);
        }
        // What a lane has come to the end of is expanded again with the rest.
        let parts = ended.into_iter().map(|(_, memory)| memory).collect();
        self.put_back(Turn { measure, parts, states });
        Ok(false)
    }

    /// Lets the states of a turn wait again.
    pub(crate) fn put_back(&mut self, turn: Turn) {
        for ((lane, _), memory) in self.lanes.iter_mut().zip(turn.parts) {
            for (depth, words) in memory {
                for state in words.chunks_exact(self.width) {
                    lane.lists.push((turn.measure, depth), state);
                }
            }
        }
    }

    /// Writes all lists to disk.
    pub(crate) fn spill(&mut self) -> Result<(), Error> {
        for (lane, _) in &mut self.lanes {
            lane.spill()?;
            lane.flush_past()?;
        }
        self.collect();
        Ok(())
    }

    fn collect(&mut self) {
        let spilled = self.lanes.iter_mut().map(|(lane, _)| std::mem::take(&mut lane.spilled));
        let spilled = spilled.collect::<Vec<_>>().concat();
        self.wait(spilled);
    }

    /// Calls `work` for each lane, in threads of their own if that is worthwhile.
    fn each<R: Send>(
        &mut self,
        measure: u64,
        parts: Vec<Memory>,
        threads: bool,
        work: impl Fn(&mut Lane<'a>, &mut V, (Memory, &[Waiting])) -> R + Sync,
    ) -> Vec<R> {
        let runs = self.waiting.get(&measure).map_or(&[][..], |runs| runs);
        let lanes = self.lanes.iter_mut().zip(parts);
        if !threads || lanes.len() == 1 {
            return lanes
                .map(|((lane, visitor), part)| work(lane, visitor, (part, runs)))
                .collect();
        }
        std::thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> = lanes
                .map(|((lane, visitor), part)| {
                    scope.spawn(move || work(lane, visitor, (part, runs)))
                })
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|result| result.unwrap_or_else(|panic| resume_unwind(panic))).collect()
        })
    }
}

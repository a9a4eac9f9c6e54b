//! A lane of the sweep: the states of one measure that one worker expands, and the lists of those
//! it meets.

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::sweep::disk::{Disk, Run, Writer};
use crate::sweep::latest::Latest;
use crate::sweep::lists::{Key, Lists};
use crate::sweep::merge::{Merge, Stream};
use crate::sweep::rows::sort;
use crate::system::TransitionSystem;

/// The most states that are taken from the merge before they are expanded depth by depth.
const BLOCK: usize = 1 << 14;
/// States expanded between two looks at limits.
const CHUNK: usize = 512;
/// The most runs that are merged at once.
const FAN: usize = 128;

/// A run on disk that waits for its measure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    /// The measure of its states, and how many steps they are away.
    pub(crate) key: Key,
    /// The worker, of how many, that owns its states.
    pub(crate) owner: (usize, usize),
    /// The run.
    pub(crate) run: Run,
}

/// The depth of states that were expanded, and where they are.
pub(crate) type Past = (u32, Run);

/// What is done with the states whose turn has come.
pub(crate) trait Visit: Send {
    /// Takes states of one depth, and pushes those they lead to; false ends the sweep.
    fn visit(&mut self, lane: &mut Lane<'_>, depth: u32, states: &[u64]) -> Result<bool, Error>;
}

/// The sorted parts in memory of one measure's lists, each with its depth.
pub(crate) type Memory = Vec<(u32, Vec<u64>)>;

/// What one worker keeps.
pub(crate) struct Lane<'a> {
    /// The worker, of how many.
    pub(crate) owner: (usize, usize),
    width: usize,
    /// The measure of the states whose turn it is.
    measure: u64,
    /// The states it has met.
    pub(crate) lists: Lists,
    latest: Latest,
    /// Where lists go that need more than a number of bytes.
    spill: Option<(&'a Disk, usize)>,
    /// Bytes of the states whose turn it is, and those of what is no list.
    held: usize,
    pub(crate) besides: usize,
    /// What it has written since it was last asked.
    pub(crate) spilled: Vec<Waiting>,
    /// The file of those states, and its runs.
    writer: Option<Writer>,
    pub(crate) past: Vec<Past>,
    /// The states to expand next, by depth, and the depths there are.
    block: Vec<Vec<u64>>,
    depths: Vec<u32>,
}

impl<'a> Lane<'a> {
    /// Worker `owner.0` of `owner.1`. If it can spill, it may use a number of bytes, and keeps the
    /// states that it expands on disk.
    pub(crate) fn new(
        width: usize,
        owner: (usize, usize),
        spill: Option<(&'a Disk, usize)>,
    ) -> Self {
        Self {
            owner,
            width,
            measure: 0,
            lists: Lists::new(owner.1),
            latest: Latest::new(width),
            spill,
            held: 0,
            besides: 0,
            spilled: Vec::new(),
            writer: None,
            past: Vec::new(),
            block: Vec::new(),
            depths: Vec::new(),
        }
    }

    /// Adds the successors of an expanded state, of `depth` steps, if their measure is below
    /// `below`. Returns whether all ascend.
    #[inline]
    pub(crate) fn meet<S: TransitionSystem>(
        &mut self,
        system: &S,
        scratch: &mut S::Scratch,
        (depth, successors): (u32, &[u64]),
        below: u64,
    ) -> bool {
        successors.chunks_exact(self.width).all(|state| match system.measure(scratch, state) {
            Some(measure) if measure > self.measure => {
                if measure < below && !self.latest.insert(state, depth) {
                    self.lists.push((measure, depth), state);
                }
                true
            }
            Some(_) | None => false,
        })
    }

    /// Bytes of states in memory.
    pub(crate) fn bytes(&self) -> usize {
        self.lists.bytes() + self.held
    }

    /// The bytes that states may take: what other things leave, and at least a quarter, so that
    /// there is room to sort.
    fn room(&self) -> usize {
        let left = |bytes: usize| bytes.saturating_sub(self.besides).max(bytes / 4);
        self.spill.map_or(usize::MAX, |(_, bytes)| left(bytes))
    }

    /// The bytes of one buffer, of which there may be eight.
    fn buffer(&self) -> usize {
        self.room() / 8
    }

    /// Takes every state of a measure once. Returns whether it came to the end, and the parts in
    /// memory.
    pub(crate) fn turn(
        &mut self,
        visitor: &mut impl Visit,
        measure: u64,
        (memory, runs): (Memory, &[Waiting]),
    ) -> Result<(bool, Memory), Error> {
        self.measure = measure;
        let mut merge = self.merge(measure, memory, runs)?;
        let most = BLOCK.min(self.buffer() / (8 * self.width)).max(1);
        loop {
            let mut count = 0;
            while count < most && merge.next(|depth, state| self.keep(depth, state))? {
                count += 1;
            }
            self.held += 8 * count * self.width;
            if count == 0 || !self.visit(visitor)? {
                self.held = 0;
                return Ok((count == 0, merge.into_memory().collect()));
            }
            self.held -= 8 * count * self.width;
        }
    }

    /// Counts the states of a measure. Returns the parts in memory, too.
    pub(crate) fn count(
        &mut self,
        measure: u64,
        (memory, runs): (Memory, &[Waiting]),
    ) -> Result<(u64, Memory), Error> {
        let mut merge = self.merge(measure, memory, runs)?;
        let mut count = 0;
        while merge.next(|_, _| count += 1)? {}
        self.held = 0;
        Ok((count, merge.into_memory().collect()))
    }

    fn keep(&mut self, depth: u32, state: &[u64]) {
        let at = depth as usize;
        if self.block.len() <= at {
            self.block.resize_with(at + 1, Vec::new);
        }
        if self.block[at].is_empty() {
            self.depths.push(depth);
        }
        self.block[at].extend_from_slice(state);
    }

    /// Visits the states of the block, those fewest steps away first.
    fn visit(&mut self, visitor: &mut impl Visit) -> Result<bool, Error> {
        let mut depths = std::mem::take(&mut self.depths);
        depths.sort_unstable();
        let mut goes_on = true;
        for depth in depths.drain(..) {
            let states = std::mem::take(&mut self.block[depth as usize]);
            if let Some((disk, _)) = self.spill {
                let writer = match self.writer.take() {
                    Some(writer) => writer,
                    None => disk.create()?,
                };
                let writer = self.writer.insert(writer);
                writer.write(&states)?;
                self.past.push((depth, writer.end()));
            }
            for chunk in states.chunks(CHUNK * self.width) {
                goes_on = goes_on && visitor.visit(self, depth, chunk)?;
                if self.bytes() > self.room() / 2 {
                    self.spill()?;
                }
            }
        }
        self.depths = depths;
        Ok(goes_on)
    }

    /// Merges all runs of a measure that belong to this lane.
    fn merge(&mut self, measure: u64, memory: Memory, runs: &[Waiting]) -> Result<Merge, Error> {
        let own = |run: &&Waiting| run.owner == self.owner || run.owner.1 != self.owner.1;
        let mut runs: Vec<Waiting> = runs.iter().filter(own).cloned().collect();
        let mut streams = Vec::new();
        self.held = 0;
        for (depth, mut words) in memory {
            sort(&mut words, self.width);
            words.shrink_to_fit();
            self.held += 8 * words.capacity();
            if let Some((disk, _)) = self.spill
                && self.held > self.room() / 4
            {
                self.held -= 8 * words.capacity();
                let mut writer = disk.create()?;
                writer.write(&words)?;
                let run = writer.end();
                writer.flush()?;
                runs.push(Waiting { key: (measure, depth), owner: self.owner, run });
                self.spilled.extend(runs.last().cloned());
            } else {
                streams.push(Stream::of(depth, words));
            }
        }
        let runs = self.narrow(runs)?;
        streams.extend(self.streams(&runs)?);
        Merge::new(self.width, streams)
    }

    /// Streams of runs on disk.
    fn streams(&self, runs: &[Waiting]) -> Result<Vec<Stream>, Error> {
        let Some((disk, _)) = self.spill else {
            return Ok(Vec::new());
        };
        let chunk = self.buffer() / runs.len().max(1);
        let stream = |waiting: &Waiting| {
            let wanted = (waiting.owner != self.owner).then_some(self.owner);
            let reader = disk.open(&waiting.run, chunk.min(1 << 18))?;
            Ok(Stream::read(waiting.key.1, reader, wanted))
        };
        runs.iter().map(stream).collect()
    }

    /// Merges runs of equal depth until there are few enough.
    fn narrow(&self, mut runs: Vec<Waiting>) -> Result<Vec<Waiting>, Error> {
        while let (Some((disk, _)), true) = (self.spill, runs.len() > FAN) {
            let before = runs.len();
            runs.sort_by_key(|run| run.key.1);
            let mut fewer = Vec::new();
            let groups = runs.chunk_by(|one, other| one.key.1 == other.key.1);
            for group in groups.flat_map(|group| group.chunks(FAN)) {
                if let [single] = group {
                    fewer.push(single.clone());
                    continue;
                }
                let mut merge = Merge::new(self.width, self.streams(group)?)?;
                let mut writer = disk.create()?;
                let mut words = Vec::new();
                while merge.next(|_, state| words.extend_from_slice(state))? {
                    if words.len() >= CHUNK * self.width {
                        writer.write(&words)?;
                        words.clear();
                    }
                }
                writer.write(&words)?;
                let run = writer.end();
                writer.flush()?;
                fewer.push(Waiting { key: group[0].key, owner: self.owner, run });
            }
            runs = fewer;
            if runs.len() == before {
                break;
            }
        }
        Ok(runs)
    }

    /// Writes all lists as sorted runs.
    pub(crate) fn spill(&mut self) -> Result<(), Error> {
        let keys: Vec<Key> = self.lists.keys().collect();
        let Some((disk, _)) = self.spill.filter(|_| !keys.is_empty()) else {
            return Ok(());
        };
        let mut writer = disk.create()?;
        for key in keys {
            for (part, mut words) in self.lists.take(key).into_iter().enumerate() {
                if !words.is_empty() {
                    sort(&mut words, self.width);
                    writer.write(&words)?;
                    let owner = (part, self.owner.1);
                    self.spilled.push(Waiting { key, owner, run: writer.end() });
                }
            }
        }
        writer.flush()
    }

    /// Makes sure that the states that were expanded are on the disk.
    pub(crate) fn flush_past(&mut self) -> Result<(), Error> {
        self.writer.as_mut().map_or(Ok(()), Writer::flush)
    }
}

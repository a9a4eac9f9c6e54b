//! Waiting lists: the states that a worker has met, by measure and depth.
//!
//! A list has one part for each worker that will expand it. Nothing is looked up: duplicates stay
//! until the list is sorted.

use std::collections::BTreeMap;

use crate::hash::{hash, index, owner};

/// The measure of a list's states, and how many steps they are away.
pub(crate) type Key = (u64, u32);

/// Slots of the memo that finds a list without a search.
const MEMO: u64 = 256;

/// The fewest and the most words of a chunk.
const CHUNK: (usize, usize) = (32, 4096);

/// Words in chunks, which grow with the list: a list that moved as it grows would leave holes in
/// memory.
#[derive(Default)]
struct List {
    chunks: Vec<Vec<u64>>,
    words: usize,
}

impl List {
    /// Adds a state. Returns the bytes by which the list grows.
    #[inline]
    fn push(&mut self, state: &[u64]) -> usize {
        self.words += state.len();
        if let Some(last) = self.chunks.last_mut()
            && last.capacity() - last.len() >= state.len()
        {
            match state {
                [word] => last.push(*word),
                words => last.extend_from_slice(words),
            }
            return 0;
        }
        self.begin_chunk(state)
    }

    #[cold]
    fn begin_chunk(&mut self, state: &[u64]) -> usize {
        let room = (self.words / 8).clamp(CHUNK.0, CHUNK.1).next_power_of_two();
        let mut chunk = Vec::with_capacity(room.next_multiple_of(state.len()));
        chunk.extend_from_slice(state);
        let bytes = 8 * chunk.capacity();
        self.chunks.push(chunk);
        bytes
    }

    fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| 8 * chunk.capacity()).sum()
    }

    /// The words, one after the other.
    fn into_words(self) -> Vec<u64> {
        let mut words = Vec::with_capacity(self.words);
        for chunk in self.chunks {
            words.extend_from_slice(&chunk);
        }
        words
    }
}

/// The lists of one worker.
pub(crate) struct Lists {
    /// Parts of a list.
    parts: usize,
    /// The slot of each list.
    slots: BTreeMap<Key, usize>,
    /// The list in each slot, if any.
    keys: Vec<Option<Key>>,
    /// Part `p` of the list in slot `s` is at `s * parts + p`.
    lists: Vec<List>,
    free: Vec<usize>,
    /// The slot where a list was last found, for each value of some bits of its key.
    memo: Vec<usize>,
    bytes: usize,
}

impl Lists {
    /// Lists for `parts` workers.
    pub(crate) fn new(parts: usize) -> Self {
        Self {
            parts,
            slots: BTreeMap::new(),
            keys: Vec::new(),
            lists: Vec::new(),
            free: Vec::new(),
            memo: vec![usize::MAX; index(MEMO)],
            bytes: 0,
        }
    }

    /// Adds a state to a list.
    #[inline]
    pub(crate) fn push(&mut self, key: Key, state: &[u64]) {
        let slot = self.slot(key);
        let part = if self.parts == 1 { 0 } else { owner(hash(state), self.parts) };
        self.bytes += self.lists[slot * self.parts + part].push(state);
    }

    #[inline]
    fn slot(&mut self, key: Key) -> usize {
        let at = index((key.0 ^ u64::from(key.1) << 4) % MEMO);
        let slot = self.memo[at];
        if self.keys.get(slot).is_some_and(|known| *known == Some(key)) {
            return slot;
        }
        let slot = self.search(key);
        self.memo[at] = slot;
        slot
    }

    #[cold]
    fn search(&mut self, key: Key) -> usize {
        if let Some(slot) = self.slots.get(&key) {
            return *slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.keys.push(None);
            self.lists.resize_with(self.lists.len() + self.parts, List::default);
            self.keys.len() - 1
        });
        self.keys[slot] = Some(key);
        self.slots.insert(key, slot);
        slot
    }

    /// The lists there are.
    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        self.slots.keys().copied()
    }

    /// Bytes of all lists.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Removes a list and returns its parts.
    pub(crate) fn take(&mut self, key: Key) -> Vec<Vec<u64>> {
        let Some(slot) = self.slots.remove(&key) else {
            return Vec::new();
        };
        self.keys[slot] = None;
        self.free.push(slot);
        let parts = &mut self.lists[slot * self.parts..(slot + 1) * self.parts];
        let parts: Vec<List> = parts.iter_mut().map(std::mem::take).collect();
        self.bytes -= parts.iter().map(List::bytes).sum::<usize>();
        parts.into_iter().map(List::into_words).collect()
    }
}

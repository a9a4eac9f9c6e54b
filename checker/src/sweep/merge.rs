//! The merge of sorted runs: every state once, in order, with its least depth.

use crate::error::Error;
use crate::hash::{hash, owner};
use crate::sweep::disk::Reader;

/// A sorted run of states of one depth.
pub(crate) struct Stream {
    /// How many steps its states are away.
    pub(crate) depth: u32,
    /// The words at hand: all of the run, or a chunk of it.
    pub(crate) words: Vec<u64>,
    at: usize,
    /// Where the rest comes from.
    reader: Option<Reader>,
    /// The worker, of how many, whose states are wanted, where the run has those of others too.
    wanted: Option<(usize, usize)>,
}

impl Stream {
    /// A run in memory.
    pub(crate) fn of(depth: u32, words: Vec<u64>) -> Self {
        Self { depth, words, at: 0, reader: None, wanted: None }
    }

    /// A run on disk, of which worker `wanted.0` of `wanted.1` takes its own states.
    pub(crate) fn read(depth: u32, reader: Reader, wanted: Option<(usize, usize)>) -> Self {
        Self { depth, words: Vec::new(), at: 0, reader: Some(reader), wanted }
    }

    /// Makes sure that a state is at hand; false at the end of the run.
    fn fill(&mut self, width: usize) -> Result<bool, Error> {
        while self.at == self.words.len() {
            let Some(reader) = &mut self.reader else {
                return Ok(false);
            };
            self.words = reader.read(width)?;
            self.at = 0;
            if self.words.is_empty() {
                return Ok(false);
            }
            if let Some((me, peers)) = self.wanted {
                let rows = self.words.chunks_exact(width);
                let own: Vec<_> = rows.filter(|row| owner(hash(row), peers) == me).collect();
                self.words = own.concat();
            }
        }
        Ok(true)
    }
}

/// A heap of streams, the least state on top.
pub(crate) struct Merge {
    width: usize,
    streams: Vec<Stream>,
    /// The first word of the state at hand of each stream, and its depth and number.
    heap: Vec<(u64, u32, usize)>,
    /// The state that was least, of several words.
    last: Vec<u64>,
}

impl Merge {
    /// Merges streams of states of `width` words.
    pub(crate) fn new(width: usize, mut streams: Vec<Stream>) -> Result<Self, Error> {
        let mut heap = Vec::new();
        for (number, stream) in streams.iter_mut().enumerate() {
            if stream.fill(width)? {
                heap.push((stream.words[stream.at], stream.depth, number));
            }
        }
        let mut merge = Self { width, streams, heap, last: Vec::new() };
        for at in (0..merge.heap.len() / 2).rev() {
            merge.sink(at);
        }
        Ok(merge)
    }

    /// Calls `each` with the next state and its least depth; false at the end.
    #[inline]
    pub(crate) fn next(&mut self, mut each: impl FnMut(u32, &[u64])) -> Result<bool, Error> {
        let Some(&(first, depth, number)) = self.heap.first() else {
            return Ok(false);
        };
        each(depth, self.state(number));
        if self.width == 1 {
            while self.heap.first().is_some_and(|least| least.0 == first) {
                self.advance()?;
            }
            return Ok(true);
        }
        let mut last = std::mem::take(&mut self.last);
        last.clear();
        last.extend_from_slice(self.state(number));
        while self.heap.first().is_some_and(|&(_, _, number)| self.state(number) == last) {
            self.advance()?;
        }
        self.last = last;
        Ok(true)
    }

    /// The runs in memory with their depths.
    pub(crate) fn into_memory(self) -> impl Iterator<Item = (u32, Vec<u64>)> {
        let memory = self.streams.into_iter().filter(|stream| stream.reader.is_none());
        memory.map(|stream| (stream.depth, stream.words))
    }

    #[inline]
    fn state(&self, number: usize) -> &[u64] {
        let stream = &self.streams[number];
        &stream.words[stream.at..stream.at + self.width]
    }

    /// Leaves the least state.
    #[inline]
    fn advance(&mut self) -> Result<(), Error> {
        let (_, depth, number) = self.heap[0];
        let stream = &mut self.streams[number];
        stream.at += self.width;
        if stream.fill(self.width)? {
            self.heap[0] = (stream.words[stream.at], depth, number);
        } else {
            self.heap.swap_remove(0);
        }
        self.sink(0);
        Ok(())
    }

    #[inline]
    fn sink(&mut self, mut at: usize) {
        loop {
            let mut least = at;
            for child in [2 * at + 1, 2 * at + 2] {
                if child < self.heap.len() && self.is_less(child, least) {
                    least = child;
                }
            }
            if least == at {
                return;
            }
            self.heap.swap(at, least);
            at = least;
        }
    }

    #[inline]
    fn is_less(&self, one: usize, other: usize) -> bool {
        let (one, other) = (self.heap[one], self.heap[other]);
        if one.0 != other.0 || self.width == 1 {
            return (one.0, one.1) < (other.0, other.1);
        }
        (self.state(one.2), one.1) < (self.state(other.2), other.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_comes_once_with_its_least_depth() {
        for width in 1..3 {
            let run = |depth, states: &[u64]| {
                Stream::of(depth, states.iter().flat_map(|s| vec![*s; width]).collect())
            };
            let runs =
                vec![run(4, &[1, 5, 9]), run(2, &[5, 6]), run(3, &[]), run(3, &[0, 1, 6, 9])];
            let mut merge = Merge::new(width, runs).unwrap();
            let mut seen = Vec::new();
            while merge.next(|depth, state| seen.push((state[0], depth))).unwrap() {}
            assert_eq!(seen, [(0, 3), (1, 3), (5, 2), (6, 2), (9, 3)]);
        }
    }
}

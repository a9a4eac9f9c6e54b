//! The compressed frontier: the states of a level, when the visited set keeps only their hashes.
//!
//! States are read once, in the order in which they were written, to be expanded. Neighbours
//! differ in few bytes, so a state is stored as its difference to the one before: for each word a
//! byte that says which of its bytes differ, and those bytes.

/// The most bytes of a chunk.
const CHUNK: usize = 1 << 16;

/// The states of a level, read in the order in which they were written.
pub(crate) struct Frontier {
    /// Are states kept after they have been read?
    keep: bool,
    chunks: Vec<Vec<u8>>,
    bytes: usize,
    /// The last state written.
    written: Vec<u64>,
    /// The last state read, and where the next begins.
    read: Cursor,
}

/// A place between two states.
#[derive(Clone)]
struct Cursor {
    state: Vec<u64>,
    chunk: usize,
    at: usize,
}

impl Frontier {
    /// An empty frontier for states of `width` words.
    pub(crate) fn new(width: usize, keep: bool) -> Self {
        let state = vec![0; width];
        let read = Cursor { state: state.clone(), chunk: 0, at: 0 };
        Self { keep, chunks: Vec::new(), bytes: 0, written: state, read }
    }

    /// Bytes of memory in use.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Writes a state.
    pub(crate) fn push(&mut self, state: &[u64]) {
        let most = 9 * state.len();
        if self.chunks.last().is_none_or(|chunk| chunk.len() + most > CHUNK) {
            self.chunks.push(Vec::new());
        }
        let Some(chunk) = self.chunks.last_mut() else {
            return;
        };
        let before = chunk.len();
        for (written, word) in self.written.iter_mut().zip(state) {
            let difference = (*written ^ word).to_le_bytes();
            let differs =
                difference.iter().rev().fold(0, |mask, byte| mask << 1 | u8::from(*byte != 0));
            chunk.push(differs);
            chunk.extend(difference.iter().filter(|byte| **byte != 0));
            *written = *word;
        }
        self.bytes += chunk.len() - before;
    }

    /// Appends at most `most` states to `into` and returns their number.
    pub(crate) fn read(&mut self, most: usize, into: &mut Vec<u64>) -> usize {
        let mut count = 0;
        while count < most && self.read.advance(&self.chunks) {
            into.extend_from_slice(&self.read.state);
            count += 1;
            if !self.keep && self.read.chunk > 0 {
                let read = std::mem::take(&mut self.chunks[self.read.chunk - 1]);
                self.bytes -= read.len();
            }
        }
        count
    }

    /// Calls `each` with every state. They must be kept.
    pub(crate) fn each(&self, mut each: impl FnMut(&[u64])) {
        let mut cursor = Cursor { state: vec![0; self.written.len()], chunk: 0, at: 0 };
        while cursor.advance(&self.chunks) {
            each(&cursor.state);
        }
    }

    /// Removes all states.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.written.len(), self.keep);
    }
}

impl Cursor {
    /// Moves past the next state; false if there is none.
    fn advance(&mut self, chunks: &[Vec<u8>]) -> bool {
        while self.at == chunks.get(self.chunk).map_or(0, Vec::len) {
            if self.chunk >= chunks.len() {
                return false;
            }
            self.chunk += 1;
            self.at = 0;
        }
        let chunk = &chunks[self.chunk];
        for word in &mut self.state {
            let differs = chunk[self.at];
            self.at += 1;
            let mut difference = [0; 8];
            for (byte, into) in difference.iter_mut().enumerate() {
                if differs >> byte & 1 == 1 {
                    *into = chunk[self.at];
                    self.at += 1;
                }
            }
            *word ^= u64::from_le_bytes(difference);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_written_and_take_less() {
        for keep in [false, true] {
            let states: Vec<[u64; 3]> =
                (0..20_000u64).map(|n| [n / 7, u64::MAX - n % 5, n << 50]).collect();
            let mut frontier = Frontier::new(3, keep);
            states.iter().for_each(|state| frontier.push(state));
            assert!(frontier.bytes() < states.len() * 16, "{}", frontier.bytes());
            let mut read = Vec::new();
            while frontier.read(777, &mut read) > 0 {}
            assert_eq!(read, states.concat());
            assert_eq!(frontier.bytes() > CHUNK, keep);
            let mut again = 0;
            frontier.each(|_| again += 1);
            assert_eq!(again == states.len(), keep);
            frontier.clear();
            assert_eq!(frontier.read(1, &mut read), 0);
        }
    }
}

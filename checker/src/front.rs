//! Which states does a level have when only their fingerprints are kept?
//!
//! The states of a level are needed once more, in order, to be expanded. Neighbours differ in a few
//! bytes, so each is written as its difference to the one before: for each word a byte that tells
//! which of its bytes differ, and those bytes.

/// Bytes after which a new chunk is begun.
const CHUNK: usize = 1 << 16;

/// The states of a level, to be read in the order in which they were written.
pub(crate) struct Front {
    /// Are states to be kept when they have been read?
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

impl Front {
    /// An empty front of states of so many words.
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

    /// Reads the next states, at most so many, and tells how many there were.
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

    /// Calls `each` with every state, if they are kept.
    pub(crate) fn each(&self, mut each: impl FnMut(&[u64])) {
        let mut cursor = Cursor { state: vec![0; self.written.len()], chunk: 0, at: 0 };
        while cursor.advance(&self.chunks) {
            each(&cursor.state);
        }
    }

    /// Forgets all states.
    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.written.len(), self.keep);
    }
}

impl Cursor {
    /// Goes past the next state, if there is one.
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
            let mut front = Front::new(3, keep);
            states.iter().for_each(|state| front.push(state));
            assert!(front.bytes() < states.len() * 16, "{}", front.bytes());
            let mut read = Vec::new();
            while front.read(777, &mut read) > 0 {}
            assert_eq!(read, states.concat());
            assert_eq!(front.bytes() > CHUNK, keep);
            let mut again = 0;
            front.each(|_| again += 1);
            assert_eq!(again == states.len(), keep);
            front.clear();
            assert_eq!(front.read(1, &mut read), 0);
        }
    }
}

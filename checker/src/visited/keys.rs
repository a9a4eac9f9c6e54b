//! The visited states of one word: a hash set.

use crate::visited::index::{PARTS, beginning, grown, line_of, next, part_of};

/// A set of hashes, eight to a line. Zero means an empty slot, so it is kept apart.
pub(crate) struct Keys {
    parts: Vec<KeysPart>,
    zero: bool,
    /// The most bytes in use while a part moved to a larger one.
    peak: usize,
}

struct KeysPart {
    lines: Vec<KeysLine>,
    len: usize,
    /// The hashes above which it grows: three quarters of the slots, as a full line costs a second.
    limit: usize,
}

#[derive(Clone)]
#[repr(align(64))]
struct KeysLine([u64; 8]);

impl Keys {
    pub(crate) fn new() -> Self {
        let parts = (0..PARTS).map(|part| KeysPart::new(beginning(part))).collect();
        Self { parts, zero: false, peak: 0 }
    }

    /// The most bytes of memory in use so far.
    pub(crate) fn bytes(&self) -> usize {
        let now: usize = self.parts.iter().map(KeysPart::bytes).sum();
        now.max(self.peak)
    }

    /// Prefetches the line of `hash` by reading a word of it.
    #[inline]
    pub(crate) fn touch(&self, hash: u64) -> u64 {
        let part = &self.parts[part_of(hash)];
        part.lines[part.place(hash)].0[0]
    }

    /// Adds `hash`; false if it was there.
    #[inline]
    pub(crate) fn insert(&mut self, hash: u64) -> bool {
        if hash == 0 {
            return !std::mem::replace(&mut self.zero, true);
        }
        let part = &mut self.parts[part_of(hash)];
        let new = part.insert(hash);
        if new && part.len > part.limit {
            self.grow(part_of(hash));
        }
        new
    }

    #[cold]
    fn grow(&mut self, part: usize) {
        let larger = self.parts[part].larger();
        let now: usize = self.parts.iter().map(KeysPart::bytes).sum();
        self.peak = self.peak.max(now + larger.bytes());
        self.parts[part] = larger;
    }
}

impl KeysPart {
    fn new(lines: usize) -> Self {
        Self { lines: vec![KeysLine([0; 8]); lines], len: 0, limit: lines * 8 / 4 * 3 }
    }

    fn bytes(&self) -> usize {
        self.lines.len() * size_of::<KeysLine>()
    }

    #[inline]
    fn place(&self, hash: u64) -> usize {
        line_of(hash, self.lines.len())
    }

    #[inline]
    fn insert(&mut self, hash: u64) -> bool {
        let mut at = self.place(hash);
        loop {
            let slots = &mut self.lines[at].0;
            if slots.iter().fold(false, |seen, slot| seen | (*slot == hash)) {
                return false;
            }
            if slots[7] == 0 {
                slots[used(slots)] = hash;
                self.len += 1;
                return true;
            }
            at = next(at, self.lines.len());
        }
    }

    /// Adds a hash that is not in it.
    #[inline]
    fn add(&mut self, hash: u64) {
        let mut at = self.place(hash);
        while self.lines[at].0[7] != 0 {
            at = next(at, self.lines.len());
        }
        let slots = &mut self.lines[at].0;
        slots[used(slots)] = hash;
        self.len += 1;
    }

    /// A larger part with the same hashes.
    fn larger(&self) -> Self {
        let mut larger = Self::new(grown(self.lines.len()));
        for line in &self.lines {
            for &hash in line.0.iter().take_while(|slot| **slot != 0) {
                larger.add(hash);
            }
        }
        larger
    }
}

/// The slots in use, of a line that is not full.
#[inline]
fn used(slots: &[u64; 8]) -> usize {
    let mut used = 4 * usize::from(slots[3] != 0);
    used += 2 * usize::from(slots[used + 1] != 0);
    used + usize::from(slots[used] != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hash;

    #[test]
    fn keys_are_a_set() {
        let mut keys = Keys::new();
        for round in 0..2 {
            for n in 0..20_000u64 {
                let key = if n == 0 { 0 } else { hash(&[n]) };
                assert_eq!(keys.insert(key), round == 0, "{n}");
            }
        }
        assert!(keys.bytes() < 20_000 * 15);
    }
}

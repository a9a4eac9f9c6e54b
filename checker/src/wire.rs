//! How do numbers and states become words, and words numbers and states again?

use crate::model::Marks;

/// Reads what was written as words; every read tells if there was nothing left.
pub(crate) struct Reader<'a> {
    words: &'a [u64],
}

impl<'a> Reader<'a> {
    /// Reads these words from the first.
    pub(crate) fn new(words: &'a [u64]) -> Self {
        Self { words }
    }

    /// The next word.
    pub(crate) fn word(&mut self) -> Option<u64> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(*first)
    }

    /// The next word as a small number.
    pub(crate) fn small(&mut self) -> Option<u32> {
        u32::try_from(self.word()?).ok()
    }

    /// The next word as a count or position.
    pub(crate) fn count(&mut self) -> Option<usize> {
        usize::try_from(self.word()?).ok()
    }

    /// The next two words as marks.
    pub(crate) fn marks(&mut self) -> Option<Marks> {
        let low = Marks::from(self.word()?);
        Some(Marks::from(self.word()?) << 64 | low)
    }

    /// The next words, as many as the first of them says.
    pub(crate) fn words(&mut self) -> Option<&'a [u64]> {
        let len = self.count()?;
        let (words, rest) = self.words.split_at_checked(len)?;
        self.words = rest;
        Some(words)
    }
}

/// Writes marks as two words.
pub(crate) fn put_marks(into: &mut Vec<u64>, marks: Marks) {
    into.extend(
        [marks, marks >> 64].map(|half| u64::try_from(half & Marks::from(u64::MAX)).unwrap_or(0)),
    );
}

/// Writes words preceded by how many they are.
pub(crate) fn put(into: &mut Vec<u64>, words: &[u64]) {
    into.push(words.len() as u64);
    into.extend_from_slice(words);
}

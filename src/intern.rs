//! How are equal things given equal numbers? Sets and tables whose order never reaches a result.

use std::hash::{BuildHasherDefault, Hash, Hasher};

/// A set for membership alone.
#[expect(
    clippy::disallowed_types,
    reason = "asked for membership; its order reaches no result"
)]
pub(crate) type Set<T> = std::collections::HashSet<T, BuildHasherDefault<FoldHasher>>;

#[expect(
    clippy::disallowed_types,
    reason = "asked by key; its order reaches no result"
)]
type Table<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<FoldHasher>>;

/// Numbers distinct values in the order in which they come.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    ids: Table<T, u32>,
    items: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self {
            ids: Table::default(),
            items: Vec::new(),
        }
    }
}

impl<T: Copy + Eq + Hash> Interner<T> {
    /// The number of a value.
    pub(crate) fn id(&mut self, item: T) -> u32 {
        if let Some(id) = self.ids.get(&item) {
            return *id;
        }
        let id = u32::try_from(self.items.len()).unwrap_or(u32::MAX - 1);
        self.ids.insert(item, id);
        self.items.push(item);
        id
    }

    /// The value of a number.
    pub(crate) fn at(&self, id: u32) -> T {
        self.items[id as usize]
    }
}

/// A fast hasher with a fixed start: multiply and fold.
#[derive(Default, Debug)]
pub(crate) struct FoldHasher(u64);

impl Hasher for FoldHasher {
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }
    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }
    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both halves are folded together"
    )]
    fn write_u64(&mut self, value: u64) {
        let wide = u128::from(self.0 ^ value ^ 0x9e37_79b9_7f4a_7c15) * 0xd6e8_feb8_6659_fd93;
        self.0 = wide as u64 ^ (wide >> 64) as u64;
    }
    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }
}

//! Equal things under equal numbers: sets and tables whose order never reaches a result.

use std::hash::Hash;

use rustc_hash::FxBuildHasher;

/// A set for membership alone.
#[expect(clippy::disallowed_types, reason = "asked for membership; its order reaches no result")]
pub(crate) type Set<T> = std::collections::HashSet<T, FxBuildHasher>;

#[expect(clippy::disallowed_types, reason = "asked by key; its order reaches no result")]
type Table<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

/// Numbers distinct values in the order in which they come.
#[derive(Debug)]
pub(crate) struct Interner<T> {
    ids: Table<T, u32>,
    items: Vec<T>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { ids: Table::default(), items: Vec::new() }
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

    /// How many values have a number.
    pub(crate) const fn len(&self) -> usize {
        self.items.len()
    }

    /// The value of a number.
    pub(crate) fn at(&self, id: u32) -> T {
        self.items[id as usize]
    }
}

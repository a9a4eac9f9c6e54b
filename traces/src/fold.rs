//! How are equal things found quickly, in the same way on every machine?

use std::hash::Hasher;

use fnv::FnvHasher;
use rustc_hash::FxBuildHasher;

/// A table asked by key alone.
#[expect(clippy::disallowed_types, reason = "asked by key; its order reaches no result")]
pub(crate) type Table<K, V> = std::collections::HashMap<K, V, FxBuildHasher>;

/// A set asked for membership alone.
#[expect(clippy::disallowed_types, reason = "asked for membership; its order reaches no result")]
pub(crate) type Set<T> = std::collections::HashSet<T, FxBuildHasher>;

/// 64 bits that tell encoded states apart; part of the trace format, so it never changes.
pub(crate) fn fingerprint(words: &[u64]) -> u64 {
    let mut hasher = FnvHasher::default();
    for word in words {
        hasher.write(&word.to_le_bytes());
    }
    let hash = hasher.finish();
    hash ^ hash >> 32
}

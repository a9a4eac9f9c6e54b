//! How are equal things found quickly, in the same way on every machine? Multiply and fold.

use std::hash::{BuildHasherDefault, Hasher};

/// A table asked by key alone.
#[expect(
    clippy::disallowed_types,
    reason = "asked by key; its order reaches no result"
)]
pub(crate) type Table<K, V> = std::collections::HashMap<K, V, BuildHasherDefault<Fold>>;

/// A set asked for membership alone.
#[expect(
    clippy::disallowed_types,
    reason = "asked for membership; its order reaches no result"
)]
pub(crate) type Set<T> = std::collections::HashSet<T, BuildHasherDefault<Fold>>;

/// A hasher with a fixed start.
#[derive(Default, Debug)]
pub(crate) struct Fold(u64);

impl Hasher for Fold {
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

/// 64 bits that tell encoded states apart; part of the trace format, so it never changes.
pub(crate) fn fingerprint(words: &[u64]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in words.iter().flat_map(|word| word.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash ^ hash >> 32
}

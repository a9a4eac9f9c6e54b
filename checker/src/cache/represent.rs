//! Symmetry: the state that stands for the class of another.

use crate::cache::Cached;
use crate::cache::classes::{Classes, Renamed};
use crate::cache::sites::{ACTORS, Sites};
use crate::modular::{Exchange, Modular};

impl<M: Modular, const W: usize> Cached<M, W> {
    /// The state that stands for the class of this one.
    #[inline]
    pub(super) fn represent(
        &self,
        exchange: &dyn Exchange<M::Bench>,
        (sites, bench, known): (&mut Sites, &mut M::Bench, &mut Classes),
        state: [u64; W],
    ) -> [u64; W] {
        let mut parts = [0; ACTORS + 1];
        let parts = &mut parts[..=self.system.actors()];
        self.packing.unpack(&state, parts);
        let (system, numbers) = (&self.system, &self.numbers);
        let mut renamed = Renamed { system, exchange, numbers, sites, bench, known, parts };
        if renamed.represent(self.exchanged.as_deref()) { self.pack(parts) } else { state }
    }
}

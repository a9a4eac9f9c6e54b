//! Symmetry: the state that stands for the class of another, and what those do for which it stands.
//!
//! Reduction relies on what was met at the parts of actors, in whatever state of a class that may
//! be. So where classes are explored, the steps of a state are made in each of its images, too.

use std::ops::Range;

use crate::cache::classes::{Classes, Renamed};
use crate::cache::images::Parts;
use crate::cache::sites::{ACTORS, Sites};
use crate::cache::{Cached, Worker};
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

    /// Makes the steps of these actors in all images of the state at hand.
    pub(super) fn make_images(
        &self,
        worker: &mut Worker<M, W>,
        exchange: &dyn Exchange<M::Bench>,
        actors: &Range<usize>,
    ) {
        let count = worker.parts.len();
        let mut parts = [0; ACTORS + 1];
        parts[..count].copy_from_slice(&worker.parts);
        for renaming in 1..exchange.renamings() {
            let image = self.image(worker, exchange, renaming, &parts);
            if image == parts {
                continue;
            }
            worker.parts.copy_from_slice(&image[..count]);
            for actor in actors.clone() {
                let place = exchange.place(renaming, actor);
                worker.keys[place] = worker.sites.key(place, &worker.parts);
                self.look_up(worker, place);
            }
        }
        worker.parts.copy_from_slice(&parts[..count]);
    }

    /// The image of a state.
    fn image(
        &self,
        worker: &mut Worker<M, W>,
        exchange: &dyn Exchange<M::Bench>,
        renaming: usize,
        parts: &Parts,
    ) -> Parts {
        let count = worker.parts.len();
        let mut image = [0; ACTORS + 1];
        for (actor, part) in parts.iter().enumerate().take(count) {
            let Some(part) = worker.images.get(renaming, actor, *part) else {
                return self.learn_image(worker, exchange, renaming, parts);
            };
            image[self.place(exchange, renaming, actor)] = part;
        }
        image
    }

    /// The image of a state, worked out by the system.
    #[cold]
    fn learn_image(
        &self,
        worker: &mut Worker<M, W>,
        exchange: &dyn Exchange<M::Bench>,
        renaming: usize,
        parts: &Parts,
    ) -> Parts {
        let Worker { bench, sites, images, .. } = worker;
        let last = self.system.actors();
        sites.learn(&self.numbers, &parts[..=last]);
        sites.put(&self.system, bench, &parts[..=last]);
        exchange.rename(bench, renaming);
        let mut image = [0; ACTORS + 1];
        let common = self.system.cut(bench, &mut |actor, part| {
            image[actor] = self.numbers.of_part(actor, part);
        });
        image[last] = self.numbers.of_common(common);
        for (actor, part) in parts.iter().enumerate().take(last + 1) {
            let place = self.place(exchange, renaming, actor);
            images.set(renaming, actor, *part, image[place]);
        }
        image
    }

    /// Where a renaming takes an actor; the common part stays.
    fn place(&self, exchange: &dyn Exchange<M::Bench>, renaming: usize, actor: usize) -> usize {
        if actor == self.system.actors() { actor } else { exchange.place(renaming, actor) }
    }
}

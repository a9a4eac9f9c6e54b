//! What the states of a class do that the one which stands for it does not show.
//!
//! Reduction relies on what was met at the parts of actors, in whatever state of a class that may
//! be. So where classes are explored, the steps of a state are made in each of its images, too.

use std::ops::Range;

use crate::cache::reduction::grown;
use crate::cache::sites::ACTORS;
use crate::cache::{Cached, Worker};
use crate::modular::{Exchange, Modular};

/// A state by the numbers of its parts, that of the common part after the last actor's.
type Parts = [u32; ACTORS + 1];

/// What one worker knows of images: for each renaming the numbers that the parts of every actor
/// become, those of the common part after the last, [`UNKNOWN`] where that was not asked for.
#[derive(Default)]
pub(super) struct Images(Vec<[Vec<u32>; ACTORS + 1]>);

const UNKNOWN: u32 = u32::MAX;

impl Images {
    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().flatten().map(Vec::capacity).sum::<usize>() * size_of::<u32>()
    }
}

impl<M: Modular, const W: usize> Cached<M, W> {
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
        let known = grown(&mut worker.images.0, renaming);
        for (actor, (known, part)) in known.iter().zip(parts).enumerate().take(count) {
            let part = known.get(*part as usize).copied().unwrap_or(UNKNOWN);
            if part == UNKNOWN {
                return self.learn_image(worker, exchange, renaming, parts);
            }
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
        for (actor, known) in images.0[renaming].iter_mut().enumerate().take(last + 1) {
            let at = parts[actor] as usize;
            if known.len() <= at {
                known.resize(at + 1, UNKNOWN);
            }
            known[at] = image[self.place(exchange, renaming, actor)];
        }
        image
    }

    /// Where a renaming takes an actor; the common part stays.
    fn place(&self, exchange: &dyn Exchange<M::Bench>, renaming: usize, actor: usize) -> usize {
        if actor == self.system.actors() { actor } else { exchange.place(renaming, actor) }
    }
}

//! What the states of a class become when actors are renamed, as far as one worker knows it.

use crate::cache::reduction::grown;
use crate::cache::sites::ACTORS;

/// A state by the numbers of its parts, that of the common part after the last actor's.
pub(super) type Parts = [u32; ACTORS + 1];

/// For each renaming the numbers that the parts of every actor become, those of the common part
/// after the last, [`UNKNOWN`] where that was not asked for.
#[derive(Default)]
pub(super) struct Images(Vec<[Vec<u32>; ACTORS + 1]>);

const UNKNOWN: u32 = u32::MAX;

impl Images {
    /// What a renaming makes of the part of an actor.
    pub(super) fn get(&self, renaming: usize, actor: usize, part: u32) -> Option<u32> {
        let known = self.0.get(renaming)?[actor].get(part as usize).copied();
        known.filter(|part| *part != UNKNOWN)
    }

    /// Notes that.
    pub(super) fn set(&mut self, renaming: usize, actor: usize, part: u32, image: u32) {
        let known = &mut grown(&mut self.0, renaming)[actor];
        let at = part as usize;
        if known.len() <= at {
            known.resize(at + 1, UNKNOWN);
        }
        known[at] = image;
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().flatten().map(Vec::capacity).sum::<usize>() * size_of::<u32>()
    }
}

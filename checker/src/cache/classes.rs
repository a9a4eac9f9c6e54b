//! Symmetry: the state that stands for its class, found from the numbers of its parts.
//!
//! Exchangeable actors are sorted by a number that each keeps wherever it is moved. What parts
//! become when actors move is worked out once for each part. Only where equal numbers leave the
//! order open the system itself finds the state.

use crate::cache::Cached;
use crate::cache::numbers::Numbers;
use crate::cache::reduction::grown;
use crate::cache::sites::{ACTORS, Sites};
use crate::modular::{Exchange, Modular};

/// What one worker knows of classes.
#[derive(Default)]
pub(super) struct Classes {
    /// For every actor the shares of its parts in its sum, and those of the common parts.
    parts: [Vec<Option<u64>>; ACTORS],
    commons: [Vec<Option<u64>>; ACTORS],
    /// For each move the numbers that the parts of every actor become, the common part last.
    moved: Vec<[Vec<Option<u32>>; ACTORS + 1]>,
}

/// A state by the numbers of its parts, with all that is needed to rename it.
struct Renamed<'a, M: Modular> {
    system: &'a M,
    exchange: &'a dyn Exchange<M::Bench>,
    numbers: &'a Numbers,
    sites: &'a mut Sites,
    bench: &'a mut M::Bench,
    known: &'a mut Classes,
    /// The numbers, that of the common part last.
    parts: &'a mut [u32],
}

/// A move of an actor of a class to a place before it.
#[derive(Clone, Copy)]
struct Move<'a> {
    class: &'a [usize],
    from: usize,
    to: usize,
}

impl Move<'_> {
    /// Where it takes an actor.
    fn place(&self, actor: usize) -> usize {
        let rank = self.class.iter().position(|one| *one == actor);
        match rank {
            Some(rank) if rank == self.from => self.class[self.to],
            Some(rank) if (self.to..self.from).contains(&rank) => self.class[rank + 1],
            Some(_) | None => actor,
        }
    }

    /// Its number among all moves.
    fn number(&self) -> usize {
        self.class[self.from] * ACTORS + self.class[self.to]
    }
}

impl<M: Modular> Renamed<'_, M> {
    /// Replaces the state by the one that stands for its class. Says whether it is another one.
    fn represent(&mut self, classes: Option<&[Vec<usize>]>) -> bool {
        let sorted = classes.and_then(|classes| self.sort(classes));
        sorted.unwrap_or_else(|| self.work_out())
    }

    /// Sorts the actors of every class. Says whether some were moved; none if the order is open.
    fn sort(&mut self, classes: &[Vec<usize>]) -> Option<bool> {
        let mut moved = false;
        for class in classes {
            let mut sums = [0; ACTORS];
            for (sum, actor) in sums.iter_mut().zip(class) {
                *sum = self.sum(*actor);
            }
            for from in 1..class.len() {
                let to = sums[..from].partition_point(|sum| *sum <= sums[from]);
                if to < from {
                    sums[to..=from].rotate_right(1);
                    self.apply(Move { class, from, to });
                    moved = true;
                }
            }
            for to in (1..class.len()).filter(|from| sums[from - 1] == sums[*from]) {
                if !self.stays(Move { class, from: to, to: to - 1 }) {
                    return None;
                }
            }
        }
        Some(moved)
    }

    /// The number that orders an actor.
    #[inline]
    fn sum(&mut self, actor: usize) -> u64 {
        let (part, common) = (self.parts[actor] as usize, self.parts[self.last()] as usize);
        let known = |shares: &[Option<u64>], number: usize| shares.get(number).copied().flatten();
        let own = known(&self.known.parts[actor], part);
        let rest = known(&self.known.commons[actor], common);
        match (own, rest) {
            (Some(own), Some(rest)) => own.wrapping_add(rest),
            _ => self.learn_sum(actor),
        }
    }

    #[cold]
    fn learn_sum(&mut self, actor: usize) -> u64 {
        let (part, common) = (self.parts[actor], self.parts[self.last()]);
        self.hold();
        let own = self.exchange.sum_of_part(self.bench, actor);
        let rest = self.exchange.sum_of_common(self.bench, actor);
        *grown(&mut self.known.parts[actor], part as usize) = Some(own);
        *grown(&mut self.known.commons[actor], common as usize) = Some(rest);
        own.wrapping_add(rest)
    }

    /// Puts the state into the bench.
    fn hold(&mut self) {
        self.sites.learn(self.numbers, self.parts);
        self.sites.put(self.system, self.bench, self.parts);
    }

    /// The place of the common part.
    fn last(&self) -> usize {
        self.parts.len() - 1
    }

    /// Renames the state.
    fn apply(&mut self, by: Move<'_>) {
        let mut renamed = [0; ACTORS + 1];
        for actor in 0..self.parts.len() {
            renamed[by.place(actor)] = self.renamed(by, actor);
        }
        self.parts.copy_from_slice(&renamed[..self.parts.len()]);
    }

    /// Does the move leave the state as it is?
    fn stays(&mut self, by: Move<'_>) -> bool {
        (0..self.parts.len()).all(|actor| self.renamed(by, actor) == self.parts[by.place(actor)])
    }

    /// What the part of an actor, or the common part, becomes.
    #[inline]
    fn renamed(&mut self, by: Move<'_>, at: usize) -> u32 {
        let tables = self.known.moved.get(by.number());
        let known = tables.and_then(|tables| tables[at].get(self.parts[at] as usize));
        known.copied().flatten().unwrap_or_else(|| self.rename(by, at))
    }

    #[cold]
    fn rename(&mut self, by: Move<'_>, at: usize) -> u32 {
        self.hold();
        self.exchange.advance(self.bench, by.class[by.from], by.class[by.to]);
        let (mut renamed, place) = (0, by.place(at));
        let common = self.system.cut(self.bench, &mut |actor, part| {
            if actor == place {
                renamed = self.numbers.of_part(actor, part);
            }
        });
        if at == self.last() {
            renamed = self.numbers.of_common(common);
        }
        let tables = grown(&mut self.known.moved, by.number());
        *grown(&mut tables[at], self.parts[at] as usize) = Some(renamed);
        renamed
    }

    /// Has the system find the state. Says whether it is another one.
    fn work_out(&mut self) -> bool {
        self.hold();
        self.exchange.represent(self.bench);
        let before = self.parts.to_vec();
        let common = self.system.cut(self.bench, &mut |actor, part| {
            self.parts[actor] = self.numbers.of_part(actor, part);
        });
        self.parts[before.len() - 1] = self.numbers.of_common(common);
        *self.parts != before[..]
    }
}

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

impl Classes {
    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        let sums = self.parts.iter().chain(&self.commons).map(Vec::capacity).sum::<usize>();
        let moved = self.moved.iter().flatten().map(Vec::capacity).sum::<usize>();
        sums * size_of::<Option<u64>>() + moved * size_of::<Option<u32>>()
    }
}

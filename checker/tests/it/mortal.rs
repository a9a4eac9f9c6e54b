//! A transition system in the middle of which the process dies.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use mapi_logon_checker::{Claim, Error, Marks, Options, Report, TransitionSystem, check};

/// A system that panics after a number of expansions.
///
/// What is on disk then is what a killed process leaves: nothing is written on the way out.
pub(crate) struct Mortal<M> {
    model: M,
    left: AtomicU64,
}

impl<M: TransitionSystem> Mortal<M> {
    pub(crate) fn new(model: M, expansions: u64) -> Self {
        Self { model, left: AtomicU64::new(expansions) }
    }

    /// Explores for as long as it lasts.
    pub(crate) fn check(&self, options: &Options<'_>) -> Option<Result<Report, Error>> {
        catch_unwind(AssertUnwindSafe(|| check(self, options))).ok()
    }
}

impl<M: TransitionSystem> TransitionSystem for Mortal<M> {
    type Scratch = M::Scratch;

    fn identity(&self) -> String {
        self.model.identity()
    }

    fn scratch(&self) -> M::Scratch {
        self.model.scratch()
    }

    fn words(&self) -> usize {
        self.model.words()
    }

    fn fields(&self) -> Vec<u32> {
        self.model.fields()
    }

    fn compare(&self, a: &[u64], b: &[u64]) -> std::cmp::Ordering {
        self.model.compare(a, b)
    }

    fn properties(&self) -> Vec<Claim> {
        self.model.properties()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        self.model.initial(each);
    }

    fn successors(
        &self,
        scratch: &mut M::Scratch,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        let left = self.left.fetch_sub(1, Ordering::Relaxed);
        if left == 0 || left > u64::MAX / 2 {
            // A panic without its message.
            resume_unwind(Box::new("the process dies"));
        }
        self.model.successors(scratch, state, each);
    }

    fn select(&self, scratch: &mut M::Scratch, properties: Marks) {
        self.model.select(scratch, properties);
    }

    fn tested(&self, scratch: &mut M::Scratch, each: &mut dyn FnMut(usize, u64)) {
        self.model.tested(scratch, each);
    }

    fn ascends(&self, scratch: &M::Scratch) -> bool {
        self.model.ascends(scratch)
    }

    fn measure(&self, scratch: &mut M::Scratch, state: &[u64]) -> Option<u64> {
        self.model.measure(scratch, state)
    }

    fn may_end(&self, scratch: &mut M::Scratch, state: &[u64]) -> bool {
        self.model.may_end(scratch, state)
    }

    fn pending(&self, scratch: &mut M::Scratch, state: &[u64]) -> Marks {
        self.model.pending(scratch, state)
    }

    fn actor(&self, action: u32) -> u8 {
        self.model.actor(action)
    }

    fn fair(&self, property: usize) -> u64 {
        self.model.fair(property)
    }
}

//! Transition systems whose states are tuples of parts, and whose steps say what they have asked.

use crate::marks::Marks;
use crate::system::TransitionSystem;

/// Questions about a part, by bits whose meaning the system knows.
pub type Questions = [u64; 3];

/// A step as a modular system makes it.
#[derive(Debug)]
pub struct Made<'a> {
    /// The number of the action.
    pub action: u32,
    /// The properties that the step marks.
    pub marks: Marks,
    /// The properties that it tests.
    pub tested: Marks,
    /// Does it go up in the order of states that the system knows?
    pub ascends: bool,
    /// The part of every actor after it.
    pub parts: &'a [Vec<u64>],
    /// What belongs to no actor, after it.
    pub common: u128,
}

/// A transition system whose state is a part for each actor, and what is common to all, a row of
/// fields in bits.
///
/// The steps of an actor depend on its own part and on the answers to the questions that were asked
/// while they were made, and on nothing else: whoever knows those answers need not make the steps
/// again.
pub trait Modular: Sync {
    /// The question for all of a part.
    const WHOLE: Questions;

    /// The same system, its states not cut.
    type System: TransitionSystem;

    /// Working memory of one worker: it holds one state in parts.
    type Bench: Send;

    /// The same system, its states not cut.
    fn system(&self) -> &Self::System;

    /// Fresh working memory.
    fn bench(&self) -> Self::Bench;

    /// How many actors there are; [`TransitionSystem::successors`] lists their steps in their
    /// order.
    fn actors(&self) -> usize;

    /// Puts a state into `bench`.
    fn hold(&self, bench: &mut Self::Bench, state: &[u64]);

    /// Calls `each` with the parts of the state that `bench` holds, actor by actor; returns what is
    /// common to all.
    fn cut(&self, bench: &mut Self::Bench, each: &mut dyn FnMut(usize, &[u64])) -> u128;

    /// Puts an actor's part into the state that `bench` holds.
    fn put(&self, bench: &mut Self::Bench, actor: usize, part: &[u64]);

    /// Puts what is common to all into the state that `bench` holds.
    fn put_common(&self, bench: &mut Self::Bench, common: u128);

    /// The state that `bench` holds.
    fn join(&self, bench: &Self::Bench, state: &mut [u64]);

    /// Calls `each` with every step of an actor in the state that `bench` holds, all properties
    /// judged.
    fn steps(&self, bench: &mut Self::Bench, actor: usize, each: &mut dyn FnMut(&Made<'_>));

    /// The share that the part of an actor, put into `bench`, has in the measure of a state: their
    /// sum is what [`TransitionSystem::measure`] says of it.
    fn rank(&self, bench: &Self::Bench, actor: usize) -> u64;

    /// The properties that a state by itself may test.
    fn testable(&self) -> Marks;

    /// Those among `wanted` that the state which `bench` holds tests.
    fn tests(&self, bench: &mut Self::Bench, wanted: Marks) -> Marks;

    /// What [`Modular::steps`], or [`Modular::tests`], has asked about another actor's part.
    fn asked(&self, bench: &Self::Bench, actor: usize) -> Questions;

    /// The bits that it has read, or written, of what is common to all.
    fn asked_common(&self, bench: &Self::Bench) -> u128;

    /// What [`Modular::steps`] has asked about another actor's part to make the steps and to find
    /// what violates a property; not what was asked for witnesses and counts alone.
    fn essential(&self, bench: &Self::Bench, actor: usize) -> Questions {
        self.asked(bench, actor)
    }

    /// As [`Modular::essential`], of what is common to all.
    fn essential_common(&self, bench: &Self::Bench) -> u128 {
        self.asked_common(bench)
    }

    /// The properties that have asked for more than that.
    fn overlooked(&self, _bench: &Self::Bench) -> Marks {
        Marks::NONE
    }

    /// Neighbouring bits of the common part, 8 at most: a number that no step should raise.
    fn waning(&self) -> u128 {
        0
    }

    /// The actors that can be exchanged, if of the states that become each other by that just one
    /// is explored.
    fn exchange(&self) -> Option<&dyn Exchange<Self::Bench>> {
        None
    }

    /// Calls `each` with the answers to questions about a part that was put into `bench`.
    fn answer(
        &self,
        bench: &Self::Bench,
        part: (usize, &[u64]),
        questions: &Questions,
        each: &mut dyn FnMut(u64),
    );
}

/// Actors of a modular system that can be exchanged. Of the states that become each other by that,
/// a class, one stands for all.
pub trait Exchange<Bench> {
    /// The actors that can be exchanged, in ascending order, class by class. None if more than
    /// actors can be exchanged.
    fn classes(&self) -> Option<Vec<Vec<usize>>>;

    /// The share that the part of an actor, put into `bench`, has in a number that the actor keeps
    /// wherever it is moved. In the state that stands for its class, these numbers of exchangeable
    /// actors do not descend.
    fn sum_of_part(&self, bench: &Bench, actor: usize) -> u64;

    /// The share of the common part.
    fn sum_of_common(&self, bench: &Bench, actor: usize) -> u64;

    /// Moves an actor to the place of one before it in its class, and all from there on up by one,
    /// in the state that `bench` holds. What a part becomes depends on nothing but that part.
    fn advance(&self, bench: &mut Bench, from: usize, to: usize);

    /// Replaces the state that `bench` holds by the one that stands for its class.
    fn represent(&self, bench: &mut Bench);

    /// How many renamings take the states of a class to each other; number 0 moves nothing.
    fn renamings(&self) -> usize;

    /// The place to which a renaming takes an actor.
    fn place(&self, renaming: usize, actor: usize) -> usize;

    /// Renames the state that `bench` holds. What a part becomes depends on nothing but that part.
    fn rename(&self, bench: &mut Bench, renaming: usize);
}

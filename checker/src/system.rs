//! Transition systems: what the checker can explore.
//!
//! A state is a fixed number of 64-bit words, and the engine knows nothing of what it means.

use std::cmp::Ordering;

use crate::hash::hash;
use crate::marks::Marks;

/// How a property is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClaimKind {
    /// Must never be marked: a marked step, or a marked initial state, violates it.
    Invariant,
    /// Must be marked at least once: a marked step, or a marked initial state, shows it.
    Witness,
    /// No fair run may stay forever in states where it is [pending](TransitionSystem::pending).
    Progress,
}

/// A property: its name in verdicts, and how it is decided.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Claim {
    /// The name.
    pub id: String,
    /// How it is decided.
    pub kind: ClaimKind,
}

impl Claim {
    /// A property that no step may mark.
    pub fn invariant(id: impl Into<String>) -> Self {
        let (id, kind) = (id.into(), ClaimKind::Invariant);
        Self { id, kind }
    }

    /// A property that some step must mark.
    pub fn witness(id: impl Into<String>) -> Self {
        let (id, kind) = (id.into(), ClaimKind::Witness);
        Self { id, kind }
    }

    /// A property whose obligation every fair run must meet.
    pub fn progress(id: impl Into<String>) -> Self {
        let (id, kind) = (id.into(), ClaimKind::Progress);
        Self { id, kind }
    }
}

/// A finite transition system with properties.
///
/// Every method is a pure function of its arguments, working memory (`scratch`) aside: the engine
/// calls them in any order, from any thread, and again when it reconstructs a run.
pub trait TransitionSystem: Sync {
    /// Reusable working memory of one worker, so that successors need not allocate.
    type Scratch: Send;

    /// A text that two systems share only if they are the same: what is modelled, its version and
    /// its parameters. Checkpoints and the processes of a cluster are compared by it.
    fn identity(&self) -> String;

    /// Fresh working memory, which selects all properties.
    fn scratch(&self) -> Self::Scratch;

    /// Words of an encoded state, the same for all states; at least 1.
    fn words(&self) -> usize;

    /// The widths in bits of the numbers of which a state consists, from the lowest bit of the
    /// first word up. A number that does not fit into the rest of a word begins the next. Numbers
    /// are used from 0 up: each is stored in as few bits as the largest so far needs.
    fn fields(&self) -> Vec<u32> {
        vec![u64::BITS; self.words()]
    }

    /// The order of states by which the least of several shortest runs is reported. It must not
    /// depend on the order of discovery: where encodings do, it compares what they stand for.
    fn compare(&self, a: &[u64], b: &[u64]) -> Ordering {
        a.cmp(b)
    }

    /// A hash of a state that decides which worker owns it. The fewer steps change it, the fewer
    /// states travel. Checkpoints rely on it as on encodings.
    fn home(&self, state: &[u64]) -> u64 {
        hash(state)
    }

    /// The properties, at most [`MAX_PROPERTIES`](crate::MAX_PROPERTIES). Their positions are the
    /// members of [`Marks`].
    fn properties(&self) -> Vec<Claim>;

    /// Calls `each` with every initial state and the properties which that state itself marks.
    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks));

    /// Calls `each(action, next state, marks)` for every step possible in `state`, in a fixed
    /// order. Equal states must have equal encodings. The same action may appear more than once.
    fn successors(
        &self,
        scratch: &mut Self::Scratch,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    );

    /// Limits the properties that exploring with `scratch` need consider from now on: a witness
    /// already found is left out, and all are when a run is reconstructed. More may be marked.
    fn select(&self, _scratch: &mut Self::Scratch, _properties: Marks) {}

    /// Bytes of working memory that grow with the states explored; they count for limits.
    fn bytes(&self, _scratch: &Self::Scratch) -> usize {
        0
    }

    /// Calls `each` with every property that was tested, and by how many of the steps or
    /// states explored with `scratch` since the last time; they are counted no more. A property
    /// that is neither marked nor tested holds vacuously.
    fn tested(&self, _scratch: &mut Self::Scratch, _each: &mut dyn FnMut(usize, u64)) {}

    /// Does the system know an order of states in which every step explored with `scratch` goes
    /// up? If all steps do, no run visits a state twice, and progress is decided by the states in
    /// which a run may stay, without another look at the graph.
    fn ascends(&self, _scratch: &Self::Scratch) -> bool {
        false
    }

    /// A number that every step increases, if the system knows one. Then states can be forgotten
    /// once all of their measure are known.
    fn measure(&self, _scratch: &mut Self::Scratch, _state: &[u64]) -> Option<u64> {
        None
    }

    /// What another process needs to read encodings made here, where they depend on the order of
    /// discovery. Saved with states, it may know more than those.
    fn codebook(&self) -> Vec<u64> {
        Vec::new()
    }

    /// Reads encodings by such a codebook from now on, and makes them so. It is called before any
    /// exploring; false if this is no codebook of the system.
    fn adopt(&self, codebook: &[u64]) -> bool {
        codebook.is_empty()
    }

    /// What another process must [learn](Self::learn) to read encodings made here, beyond what it
    /// was told already, which `told` counts. Empty where encodings mean the same everywhere.
    fn news(&self, _told: &mut Vec<usize>) -> Vec<u64> {
        Vec::new()
    }

    /// Learns the news of another process, which come in order; `heard` keeps what they mean here.
    /// False if they make no sense.
    fn learn(&self, _heard: &mut Vec<Vec<u32>>, _news: &[u64]) -> bool {
        true
    }

    /// Replaces an encoding that another process has made by the one made here. False if it has not
    /// said what it means.
    fn read_foreign(&self, _heard: &[Vec<u32>], _state: &mut [u64]) -> bool {
        true
    }

    /// Why nothing that was found counts, if so.
    fn obstacle(&self) -> Option<String> {
        None
    }

    /// May a run end here? A state without successors in which no run may end is stuck.
    fn may_end(&self, _scratch: &mut Self::Scratch, _state: &[u64]) -> bool {
        true
    }

    /// The progress properties whose obligation is open in `state`.
    fn pending(&self, _scratch: &mut Self::Scratch, _state: &[u64]) -> Marks {
        Marks::NONE
    }

    /// The actor that takes this action: a number below 64.
    fn actor(&self, _action: u32) -> u8 {
        0
    }

    /// The actors (bit `a` for actor `a`) that are weakly fair when progress property `property`
    /// is decided: one that is enabled in every state from some point on acts again and again.
    /// An actor that is not fair may stop forever. By default all are fair.
    fn fair(&self, _property: usize) -> u64 {
        u64::MAX
    }

    /// Does a state stand for others in which actors have changed places? Who goes round a cycle of
    /// such states is unknown, and every cycle counts as fair.
    fn exchanges_actors(&self) -> bool {
        false
    }
}

/// The positions of the properties of one kind.
pub(crate) fn positions<S: TransitionSystem>(
    system: &S,
    kind: ClaimKind,
) -> impl Iterator<Item = usize> {
    let properties = system.properties().into_iter().enumerate();
    properties.filter(move |(_, property)| property.kind == kind).map(|(at, _)| at)
}

/// Working memory that selects no property.
pub(crate) fn unmarked<S: TransitionSystem>(system: &S) -> S::Scratch {
    let mut scratch = system.scratch();
    system.select(&mut scratch, Marks::NONE);
    scratch
}

//! What must a model say about itself to be explored?
//!
//! The engine sees encoded states (a fixed number of 64-bit words), the steps out of each, and one
//! bit per property. It knows nothing of what the states mean.

/// A bit set of properties: bit `i` stands for property `i` of [`Model::properties`].
pub type Marks = u128;

/// The most properties a model can have: the bits of [`Marks`] but one.
pub const MAX_PROPERTIES: usize = 127;

/// The mark of a step that goes against the order of a model that is [ordered](Model::ordered).
pub const DESCENT: Marks = 1 << MAX_PROPERTIES;

/// How a property is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Must never be marked: a marked step, or a marked initial state, breaks it.
    Invariant,
    /// Must be marked at least once: a marked step, or a marked initial state, shows it.
    Witness,
    /// No fair run may stay for ever in states where it is [pending](Model::pending).
    Progress,
}

/// A property, by the name under which verdicts speak of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Property {
    /// The name.
    pub id: String,
    /// How it is decided.
    pub kind: Kind,
}

impl Property {
    /// A property that no step may mark.
    pub fn invariant(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: Kind::Invariant }
    }

    /// A property that some step must mark.
    pub fn witness(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: Kind::Witness }
    }

    /// A property whose obligation must be met on every fair run.
    pub fn progress(id: impl Into<String>) -> Self {
        Self { id: id.into(), kind: Kind::Progress }
    }
}

/// A finite transition system whose states are words.
///
/// Every method is a pure function of its arguments (`scratch` is working memory, no argument):
/// the engine calls them in any order, from any thread, and again when it replays a path.
pub trait Model: Sync {
    /// Reusable working memory of one worker, so that successors need not allocate.
    type Scratch: Send;

    /// A text that two models have in common only if they are the same: what is modelled, its
    /// version and its parameters. Checkpoints and the processes of a cluster are compared by it.
    fn identity(&self) -> String;

    /// Fresh working memory, with which all marks are asked for.
    fn scratch(&self) -> Self::Scratch;

    /// Words of an encoded state, the same for all states; at least 1.
    fn words(&self) -> usize;

    /// The properties; their positions are the bits of [`Marks`], at most [`MAX_PROPERTIES`].
    fn properties(&self) -> Vec<Property>;

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

    /// Says that from now on only these marks are looked at in what `scratch` is used for. Others
    /// need not be worked out: that of a witness already found, or any when a run is replayed.
    fn ask(&self, _scratch: &mut Self::Scratch, _open: Marks) {}

    /// The properties that something explored with this memory has put to the test. Without marks
    /// and tests alike a property is kept because nothing could break it.
    fn tested(&self, _scratch: &Self::Scratch) -> Marks {
        0
    }

    /// May a run end here? A state without successors for which this is false is stuck.
    fn may_end(&self, _scratch: &mut Self::Scratch, _state: &[u64]) -> bool {
        true
    }

    /// The progress properties whose obligation is open in this state.
    fn pending(&self, _scratch: &mut Self::Scratch, _state: &[u64]) -> Marks {
        0
    }

    /// Does the model know an order in which every step goes up, and is every step that does not
    /// marked by [`DESCENT`]? Where no step is, no run comes back to where it was, and progress is
    /// decided without another look at the graph.
    fn ordered(&self) -> bool {
        false
    }

    /// Who takes this action: a number below 64.
    fn actor(&self, _action: u32) -> u8 {
        0
    }

    /// The actors (bit `a` for actor `a`) that are fair when progress property `property` is
    /// decided: one that can act in every state from some point on acts again and again. An actor
    /// that is not fair may stop for ever. By default all are fair.
    fn fair(&self, _property: usize) -> u64 {
        u64::MAX
    }
}

/// The positions of the bits set.
pub(crate) fn bits(marks: Marks) -> impl Iterator<Item = usize> {
    let after = |marks: &Marks| Some(marks & (marks - 1)).filter(|marks| *marks != 0);
    std::iter::successors(Some(marks).filter(|marks| *marks != 0), after)
        .map(|marks| marks.trailing_zeros() as usize)
}

/// Working memory with which no marks are asked for.
pub(crate) fn unasked<M: Model>(model: &M) -> M::Scratch {
    let mut scratch = model.scratch();
    model.ask(&mut scratch, 0);
    scratch
}

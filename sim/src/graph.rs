//! The graph of states that random runs have passed through: a step that was made once is only
//! counted again.
//!
//! What can be drawn in a state, and what each step does, follows from the state and from what is
//! remembered to judge it. So a run walks along the graph, drawing as it would without, and makes a
//! step only where nobody has gone before. A full graph stays as it is: runs that leave it go on
//! without.

use std::collections::BTreeMap;

use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::world::bits::{BitReader, BitWriter};
use mapi_logon_model::world::{Cursor, Seams, State, World};

use crate::options::Options;
use crate::tally::Shown;

/// The number of a state in the graph.
pub(crate) type Place = u32;

/// The graph, which begins with the initial state.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    observer: Observer,
    /// How many states there is room for.
    most: usize,
    nodes: Vec<Node>,
    numbers: BTreeMap<Box<[u64]>, Place>,
    steps: Vec<Known>,
    /// Working memory.
    words: Vec<u64>,
}

#[derive(Clone, Debug)]
struct Node {
    words: Box<[u64]>,
    /// What may be drawn, by its place among the edges.
    options: Options<usize>,
    edges: Vec<(Action, Edge)>,
    ended: bool,
}

/// What comes of an action in a state.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Edge {
    /// Nobody has tried.
    Unknown,
    /// It cannot happen.
    Impossible,
    /// The step of this number.
    Step(u32),
}

/// A step that has been made.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// What it adds to the counts.
    pub(crate) shown: Shown,
    /// The properties that it marks.
    pub(crate) marks: PropertySet,
    /// Where it leads, if that is in the graph.
    pub(crate) next: Option<Place>,
}

impl Graph {
    /// Without a state.
    pub(crate) fn of(model: &Model, most: usize) -> Self {
        let observer = Observer::of(model);
        let bits = model.layout().bits() + observer.bits();
        Self {
            observer,
            most,
            nodes: Vec::new(),
            numbers: BTreeMap::new(),
            steps: Vec::new(),
            words: vec![0; bits.div_ceil(64).max(1) as usize],
        }
    }

    /// The initial state, if it is known.
    pub(crate) fn start(&self) -> Option<Place> {
        (!self.nodes.is_empty()).then_some(0)
    }

    /// Has every client made all its calls?
    pub(crate) fn has_ended(&self, at: Place) -> bool {
        self.nodes[at as usize].ended
    }

    /// What may be drawn in a state.
    pub(crate) fn options(&self, at: Place) -> &Options<usize> {
        &self.nodes[at as usize].options
    }

    /// An action that may be drawn there, and what comes of it.
    pub(crate) fn edge(&self, at: Place, option: usize) -> (Action, Edge) {
        self.nodes[at as usize].edges[option]
    }

    /// A step that has been made.
    pub(crate) fn step(&self, number: u32) -> &Known {
        &self.steps[number as usize]
    }

    /// Notes that an action cannot happen.
    pub(crate) fn strike(&mut self, at: Place, option: usize) {
        self.nodes[at as usize].edges[option].1 = Edge::Impossible;
    }

    /// Adds a step.
    pub(crate) fn connect(&mut self, at: Place, option: usize, step: Known) {
        let number = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        self.steps.push(step);
        self.nodes[at as usize].edges[option].1 = Edge::Step(number);
    }

    /// The state and what is remembered there.
    pub(crate) fn restore(&self, model: &Model, at: Place) -> (World, Memory) {
        let (mut world, mut memory) = (model.start(), self.observer.start());
        let mut bits = BitReader::new(&self.nodes[at as usize].words);
        model.layout().decode_into(&mut bits, &mut world, &mut Seams::default());
        memory.decode(&self.observer, &mut bits);
        (world, memory)
    }

    /// The place of a state, which is added if there is room; `consider` says what may be drawn
    /// there, and whether it is an end.
    pub(crate) fn place(
        &mut self,
        model: &Model,
        moment: (&State, &Cursor),
        memory: &Memory,
        consider: impl FnOnce(&mut Options<Action>) -> bool,
    ) -> Option<Place> {
        let mut bits = BitWriter::new(&mut self.words);
        model.layout().encode_parts(moment, &mut bits);
        memory.encode(&self.observer, &mut bits);
        if let Some(known) = self.numbers.get(&*self.words) {
            return Some(*known);
        }
        let next =
            Place::try_from(self.nodes.len()).ok().filter(|_| self.nodes.len() < self.most)?;
        let mut offered = Options::default();
        let ended = consider(&mut offered);
        let (mut options, mut edges) = (Options::default(), Vec::new());
        for (action, weight) in offered.iter() {
            options.push(edges.len(), weight);
            edges.push((action, Edge::Unknown));
        }
        let words: Box<[u64]> = self.words.as_slice().into();
        self.numbers.insert(words.clone(), next);
        self.nodes.push(Node { words, options, edges, ended });
        Some(next)
    }
}

//! What an adapter can tell of a wrong machine: its runs held against all runs of the right one.
//!
//! A subset construction: every run of the wrong machine is followed together with the set of all
//! places where the right one may be, letter by letter. What the tool decides is a letter that is
//! followed where the right machine takes it; what the system decides must be one that the right
//! machine can show there.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use mapi_logon_model::ids::{ClientId, ProviderId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::ProviderCall;
use mapi_logon_model::world::World;
use rustc_hash::FxBuildHasher;

use crate::letters::{Eyes, Letter, word};

/// The codes that each provider may answer in a scenario.
pub(crate) fn answers(
    alphabet: &Alphabet,
    machine: &Machine,
) -> Vec<(ProviderId, ProviderCall, Code)> {
    let words = machine.edges.iter().flatten().map(|edge| &edge.word);
    let pairs = words.flat_map(|word| word.windows(2));
    let answers: IndexSet<_, FxBuildHasher> = pairs
        .filter_map(|pair| match [pair[0], pair[1]].map(|at| &alphabet[at as usize].1) {
            [Letter::Asks(provider, call), Letter::Code(code)] => Some((*provider, *call, *code)),
            _ => None,
        })
        .collect();
    answers.into_iter().collect()
}

/// Letters by number, the same for both machines.
pub(crate) type Alphabet = IndexSet<(ClientId, Letter), FxBuildHasher>;

/// A machine as a graph whose edges are words.
#[derive(Debug, Default)]
pub(crate) struct Machine {
    edges: Vec<Vec<Edge>>,
    complete: bool,
    places: IndexSet<Place, FxBuildHasher>,
}

#[derive(Clone, Debug)]
struct Edge {
    client: usize,
    word: Vec<u32>,
    to: u32,
}

/// A state, and of each client the letters of its next step that have been shown already.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct Place {
    state: u32,
    shown: BTreeMap<usize, Vec<u32>>,
}

/// Most states of a machine.
const STATES: usize = 5_000;

impl Machine {
    /// The graph of the worlds that runs reach, each with all that a run keeps.
    pub(crate) fn of(model: &Model, eyes: Eyes, alphabet: &mut Alphabet) -> Self {
        let mut worlds: IndexSet<World, FxBuildHasher> = IndexSet::from_iter([model.start()]);
        let mut machine = Self { complete: true, ..Self::default() };
        while let Some(world) = worlds.get_index(machine.edges.len()).cloned() {
            let mut edges = Vec::new();
            model.successors(&world, |action, step, cursor| {
                let next = World { state: step.state.clone(), cursor };
                if worlds.len() == STATES && !worlds.contains(&next) {
                    machine.complete = false;
                    return;
                }
                let word = word(model, (&world, action.client, step), eyes).into_iter();
                let mut number = |letter| alphabet.insert_full((action.client, letter)).0;
                edges.push(Edge {
                    client: action.client.index(),
                    word: word.map(|letter| u32::try_from(number(letter)).unwrap()).collect(),
                    to: u32::try_from(worlds.insert_full(next).0).unwrap(),
                });
            });
            machine.edges.push(edges);
        }
        machine
    }

    /// Was everything explored?
    pub(crate) const fn is_complete(&self) -> bool {
        self.complete
    }

    fn place(&mut self, place: Place) -> u32 {
        u32::try_from(self.places.insert_full(place).0).unwrap()
    }

    fn start(&mut self) -> u32 {
        self.place(Place { state: 0, shown: BTreeMap::new() })
    }

    /// Where a place leads, by which letter; a step that shows nothing has none.
    fn moves(&mut self, from: u32) -> Vec<(Option<u32>, u32)> {
        let place = self.places[from as usize].clone();
        let mut moves = Vec::new();
        for edge in self.edges[place.state as usize].clone() {
            let shown = place.shown.get(&edge.client).map_or(&[][..], Vec::as_slice);
            let Some(rest) = edge.word.strip_prefix(shown) else { continue };
            let mut next = place.clone();
            match rest {
                [letter, _, ..] => {
                    next.shown.entry(edge.client).or_default().push(*letter);
                }
                [_] | [] => {
                    next.state = edge.to;
                    next.shown.remove(&edge.client);
                }
            }
            moves.push((rest.first().copied(), self.place(next)));
        }
        moves
    }
}

/// The right machine, with the sets of places in which it may be.
#[derive(Debug)]
pub(crate) struct Right {
    machine: Machine,
    sets: IndexSet<Vec<u32>, FxBuildHasher>,
    known: IndexMap<(u32, u32), Option<u32>, FxBuildHasher>,
    /// Of each set, can the machine rest there until something else happens?
    rests: BTreeMap<u32, bool>,
}

impl Right {
    pub(crate) fn new(machine: Machine) -> Self {
        let (sets, known) = (IndexSet::default(), IndexMap::default());
        Self { machine, sets, known, rests: BTreeMap::new() }
    }

    fn start(&mut self) -> u32 {
        let start = self.machine.start();
        self.closed(vec![start])
    }

    /// The set of these places and of all to which steps lead that show nothing.
    fn closed(&mut self, mut places: Vec<u32>) -> u32 {
        let mut all: BTreeSet<u32> = places.iter().copied().collect();
        while let Some(place) = places.pop() {
            for (letter, to) in self.machine.moves(place) {
                if letter.is_none() && all.insert(to) {
                    places.push(to);
                }
            }
        }
        u32::try_from(self.sets.insert_full(all.into_iter().collect()).0).unwrap()
    }

    fn after(&mut self, set: u32, letter: u32) -> Option<u32> {
        if let Some(known) = self.known.get(&(set, letter)) {
            return *known;
        }
        let mut next = BTreeSet::new();
        for place in self.sets[set as usize].clone() {
            let moves = self.machine.moves(place).into_iter();
            next.extend(moves.filter(|(by, _)| *by == Some(letter)).map(|(_, to)| to));
        }
        let next = (!next.is_empty()).then(|| self.closed(next.into_iter().collect()));
        self.known.insert((set, letter), next);
        next
    }

    /// What the machine may show next.
    fn due(&mut self, set: u32, alphabet: &Alphabet) -> Vec<Letter> {
        let places = self.sets[set as usize].clone().into_iter();
        let moves: BTreeSet<_> = places.flat_map(|place| self.machine.moves(place)).collect();
        let letters: BTreeSet<_> = moves.into_iter().filter_map(|(letter, _)| letter).collect();
        let letters = letters.into_iter().map(|letter| alphabet[letter as usize].1.clone());
        letters.filter(|letter| !letter.is_input()).collect()
    }

    fn may_rest(&mut self, set: u32, alphabet: &Alphabet) -> bool {
        if let Some(known) = self.rests.get(&set) {
            return *known;
        }
        let places = self.sets[set as usize].clone();
        let rests = places.into_iter().any(|place| rests(&self.machine.moves(place), alphabet));
        self.rests.insert(set, rests);
        rests
    }
}

/// Does nothing happen until the tool does something?
fn rests(moves: &[(Option<u32>, u32)], alphabet: &Alphabet) -> bool {
    moves.iter().all(|(letter, _)| letter.is_some_and(|one| alphabet[one as usize].1.is_input()))
}

/// Who decides on a letter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// The tool.
    Input,
    /// The system.
    Output,
}

impl Kind {
    const fn counts(self, letter: &Letter) -> bool {
        letter.is_input() == matches!(self, Self::Input)
    }
}

/// What one machine does that another cannot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Difference {
    /// What both do before.
    pub(crate) run: Vec<(ClientId, Letter)>,
    /// What it does; nothing where it rests, and the other must go on.
    pub(crate) shown: Option<Letter>,
    /// What the other can show there.
    pub(crate) due: Vec<Letter>,
}

/// Follows every run of the wrong machine, as far as the tool takes it: what it shows, after the
/// fewest letters, that the right one cannot.
pub(crate) fn wrong(
    machine: &mut Machine,
    right: &mut Right,
    alphabet: &Alphabet,
) -> Option<Difference> {
    differs(machine, right, alphabet, Kind::Output)
}

/// Follows every run of the right machine: an answer or a call that the wrong one never takes.
pub(crate) fn refused(
    machine: Machine,
    right: &mut Right,
    alphabet: &Alphabet,
) -> Option<Difference> {
    differs(&mut right.machine, &mut Right::new(machine), alphabet, Kind::Input)
}

/// The first thing of those that count which one machine does and the other cannot.
fn differs(
    one: &mut Machine,
    other: &mut Right,
    alphabet: &Alphabet,
    kind: Kind,
) -> Option<Difference> {
    let first = (one.start(), other.start());
    let mut met: IndexSet<_, FxBuildHasher> = IndexSet::from_iter([first]);
    let mut came = vec![(0, None)];
    let mut at = 0;
    while let Some((place, set)) = met.get_index(at).copied() {
        let moves = one.moves(place);
        for (letter, to) in &moves {
            let shown = letter.map(|letter| &alphabet[letter as usize].1);
            match letter.map_or(Some(set), |letter| other.after(set, letter)) {
                Some(set) => {
                    met.insert((*to, set));
                    came.resize(met.len(), (at, *letter));
                }
                None if shown.is_some_and(|shown| kind.counts(shown)) => {
                    return Some(Difference {
                        run: run(&came, at, alphabet),
                        shown: shown.cloned(),
                        due: other.due(set, alphabet),
                    });
                }
                None => {}
            }
        }
        let rests = rests(&moves, alphabet);
        if kind == Kind::Output && rests && !other.may_rest(set, alphabet) {
            let (run, due) = (run(&came, at, alphabet), other.due(set, alphabet));
            return Some(Difference { run, shown: None, due });
        }
        at += 1;
    }
    None
}

/// What was shown on the way to a pair.
fn run(
    came: &[(usize, Option<u32>)],
    mut at: usize,
    alphabet: &Alphabet,
) -> Vec<(ClientId, Letter)> {
    let mut run = Vec::new();
    while at > 0 {
        let (before, letter) = came[at];
        run.extend(letter.map(|letter| alphabet[letter as usize].clone()));
        at = before;
    }
    run.reverse();
    run
}

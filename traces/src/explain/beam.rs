//! The search along a whole recording: exact where that is cheap, else a beam with backtracking.
//!
//! Everything is kept where that is little. Where it is much, only the candidates with the fewest
//! faults are followed at first; when they lead nowhere, the search goes back some way and follows
//! more of them.

use mapi_logon_model::ids::{ClientId, ClientSet};
use mapi_logon_model::machine::Model;

use super::belief::Belief;
use super::history::History;
use super::limits::ExplainLimits;
use super::plan::{Plan, Point};
use super::pointers::Begun;
use super::search::{Bounds, Engine, Failure, Goal};
use crate::recording::Returned;

#[cfg(test)]
mod tests;

/// Steps after which a search that keeps everything gives way to a beam.
const EXACT: u64 = 1_000_000;

/// Steps of backtracking after which it is looked whether the point can be passed at all.
const DOUBT: u64 = 100_000;

/// How many points apart beliefs are saved.
const APART: usize = 8;

/// How the following of a recording ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum End {
    /// At the end of the recording.
    Reached,
    /// No run shows the event at this point.
    Stuck(usize),
    /// No run was found that shows the event at this point.
    Suspect(usize),
    /// A limit was reached at this point.
    Limit(usize, &'static str),
}

/// A search that has come to its end.
pub(super) struct Outcome<'m> {
    pub(super) engine: Engine<'m>,
    pub(super) belief: Belief,
    pub(super) end: End,
    /// No run was given up on the way.
    pub(super) exact: bool,
}

/// A belief at a point of the recording.
#[derive(Clone, Debug)]
struct Place {
    at: usize,
    belief: Belief,
}

struct Beam<'p, 'm, 'l> {
    plan: &'p Plan,
    limits: ExplainLimits<'l>,
    faults: u32,
    engine: Engine<'m>,
    here: Place,
    saved: Vec<Place>,
    /// How many steps there may be in the history before it is cleaned.
    most: usize,
    /// The same with any number of faults, as far as it has come.
    uncounted: Option<Box<Self>>,
    /// The world with any number of faults.
    faultiest: Option<&'m Model>,
}

/// The runs that are followed further than those with the fewest faults.
#[derive(Clone, Copy)]
struct Width {
    slack: u32,
    may_fault: ClientSet,
}

/// Looks for runs that show a recording, with at most this many faults. In `faultiest`, where it is
/// given, any number may strike; what is impossible there need not be looked for.
pub(super) fn search<'m>(
    plan: &Plan,
    engine: Engine<'m>,
    faultiest: Option<&'m Model>,
    faults: u32,
    limits: &ExplainLimits<'_>,
) -> Outcome<'m> {
    let mut beam = Beam::new(plan, engine, faults, *limits);
    beam.faultiest = faultiest;
    beam.limits.steps = limits.steps.min(EXACT);
    let end = beam.follow(plan.points.len(), beam.width(u32::MAX), false);
    let short = matches!(end, End::Limit(_, "steps" | "states"));
    if !short || limits.steps <= EXACT {
        return beam.ended(end, true);
    }
    beam.limits.steps = limits.steps;
    beam.here = Place { at: 0, belief: beam.engine.start() };
    beam.engine.clear();
    beam.fewest_first()
}

impl<'p, 'm, 'l> Beam<'p, 'm, 'l> {
    /// Before the first point.
    fn new(plan: &'p Plan, engine: Engine<'m>, faults: u32, limits: ExplainLimits<'l>) -> Self {
        let here = Place { at: 0, belief: engine.start() };
        Self {
            plan,
            limits,
            faults,
            engine,
            here,
            saved: Vec::new(),
            most: 1 << 20,
            uncounted: None,
            faultiest: None,
        }
    }

    fn ended(self, end: End, exact: bool) -> Outcome<'m> {
        Outcome { engine: self.engine, belief: self.here.belief, end, exact }
    }

    /// Faults may strike in any client's call.
    fn width(&self, slack: u32) -> Width {
        let may_fault = ClientSet::first_n(self.here.belief.open.len());
        Width { slack, may_fault }
    }

    /// Goes on to point `to`, or as far as some run does.
    fn follow(&mut self, to: usize, width: Width, saves: bool) -> End {
        let limits = self.limits;
        let bounds = Bounds {
            faults: self.faults,
            slack: width.slack,
            may_fault: width.may_fault,
            states: limits.states,
            steps: limits.steps,
            stop: limits.stop,
        };
        while self.here.at < to {
            if saves {
                self.save();
            }
            let at = self.here.at;
            if at.is_multiple_of(512) {
                if let Some(watch) = limits.watch {
                    watch(at / 2, self.plan.events.len());
                }
                if limits.full.is_some_and(|full| full()) {
                    return End::Limit(at, "memory");
                }
            }
            let passed = self.pass(self.plan.points[at], &bounds);
            match passed {
                Ok(()) => self.here.at = at + 1,
                Err(Failure::Impossible) => return End::Stuck(at),
                Err(Failure::Limit(limit)) => return End::Limit(at, limit),
            }
        }
        End::Reached
    }

    fn pass(&mut self, point: Point, bounds: &Bounds<'_>) -> Result<(), Failure> {
        let (Point::Begin(number) | Point::End(number)) = point;
        let event = &self.plan.events[number as usize];
        let belief = &mut self.here.belief;
        if point == Point::End(number) {
            let goal = match event.expected.result {
                Some(Returned::Never) => Goal::Shown,
                Some(Returned::With(_) | Returned::Unknown(_)) | None => Goal::Returned,
            };
            return self.engine.follow(belief, event.client, goal, bounds);
        }
        let expected = event.expected.clone();
        self.engine.begin(belief, event.client, event.call, expected)
    }

    /// Follows the runs with the fewest faults; goes back for others where these lead nowhere.
    fn fewest_first(mut self) -> Outcome<'m> {
        let all = self.plan.points.len();
        loop {
            let next = all.min(self.here.at + 4096);
            let end = self.follow(next, self.width(0), true);
            self.clean();
            match end {
                End::Reached if next < all => {}
                End::Reached | End::Limit(..) => {
                    let exact = self.here.belief.given_up.is_none();
                    return self.ended(end, exact);
                }
                End::Stuck(at) | End::Suspect(at) => match self.go_back() {
                    Back::Found(from) => self.saved.retain(|one| one.at <= from),
                    Back::Nowhere => {
                        let exact = self.here.belief.given_up.is_none();
                        return self.ended(end, exact);
                    }
                    Back::Limit => return self.ended(End::Suspect(at), false),
                },
            }
        }
    }

    /// Takes the search up again some way before the point at which it is stuck, and follows more
    /// runs: first those with a fault in a call of the client that is stuck, since its last logon
    /// began.
    fn go_back(&mut self) -> Back {
        let stuck = self.here.clone();
        let (logon, client) = last_logon(self.plan, stuck.at);
        let own = Width { slack: 1, may_fault: ClientSet::only(client) };
        let near = [(logon, own), (logon, self.width(1))];
        let begun = self.engine.work;
        let mut doubted = false;
        for (from, width) in near.into_iter().chain(self.tries(stuck.at)) {
            if !doubted && self.engine.work > begun + DOUBT {
                doubted = true;
                if self.is_impossible(stuck.at) {
                    self.here = stuck;
                    return Back::Nowhere;
                }
            }
            let saved = self.saved.iter().rev().find(|one| one.at <= from);
            let Some(start) = saved.or(self.saved.first()).cloned() else {
                break;
            };
            let (mark, from) = (self.engine.history.mark(), start.at);
            self.here = start;
            match self.follow(stuck.at + 1, width, false) {
                End::Reached => {
                    self.here.belief.narrow();
                    return Back::Found(from);
                }
                End::Limit(..) => break,
                End::Stuck(_) | End::Suspect(_) => self.engine.history.truncate(mark),
            }
            // Runs given up on the way may do better than those that were followed.
            let all = width.may_fault == self.width(0).may_fault;
            if from == 0 && all && self.here.belief.given_up.is_none() {
                // Yet faults that strike in other calls were not reckoned with.
                let nowhere = self.faults == 0 || !doubted && self.is_impossible(stuck.at);
                self.here = stuck;
                return if nowhere { Back::Nowhere } else { Back::Limit };
            }
        }
        self.here = stuck;
        Back::Limit
    }

    /// Whether no run passes a point, not even one with any number of faults.
    ///
    /// Where faults are not counted a healthy provider can do whatever an ailing one does, so that
    /// few candidates are left, and all of them can be followed. Each stands for more than it did,
    /// never for less: where none passes, no run does.
    fn is_impossible(&mut self, stuck: usize) -> bool {
        let begun = self.uncounted.take().or_else(|| {
            let engine = Engine::uncounted(self.faultiest?);
            let limits = ExplainLimits { watch: None, ..self.limits };
            Some(Box::new(Self::new(self.plan, engine, u32::MAX, limits)))
        });
        let Some(begun) = begun else { return false };
        let free = self.uncounted.insert(begun);
        let everything = free.width(u32::MAX);
        loop {
            let next = (stuck + 1).min(free.here.at + 4096);
            let end = free.follow(next, everything, false);
            // No run of this search is asked for.
            free.engine.history = History::default();
            if end != End::Reached || next > stuck {
                debug_assert!(!matches!(end, End::Stuck(at) if at < stuck), "a run is lost");
                return end == End::Stuck(stuck);
            }
        }
    }

    /// From where to try again, and with how many faults more than the fewest: a little further
    /// back and a little more, by turns.
    fn tries(&self, stuck: usize) -> impl Iterator<Item = (usize, Width)> + use<> {
        let width = self.width(0);
        (1_u32..).flat_map(move |sum| {
            (0..sum.min(7)).map(move |far| {
                let slack = sum - far;
                (stuck.saturating_sub(64 << (3 * far)), Width { slack, ..width })
            })
        })
    }

    /// Keeps a copy from time to time: many near, few far.
    fn save(&mut self) {
        let last = self.saved.last();
        if !self.here.at.is_multiple_of(APART) || last.is_some_and(|last| last.at >= self.here.at) {
            return;
        }
        self.saved.push(self.here.clone());
        if self.saved.len() > 512 {
            let half = self.saved.len() / 2;
            let mut number = 0;
            self.saved.retain(|one| {
                number += 1;
                number > half || one.at % (APART * 64) == 0
            });
        }
    }

    /// Forgets steps of runs that were given up, when they have become many.
    fn clean(&mut self) {
        if self.engine.history.len() < self.most {
            return;
        }
        let places = self.saved.iter_mut().chain([&mut self.here]);
        let candidates = places.flat_map(|place| place.belief.candidates.iter_mut());
        self.engine.history.keep(candidates.map(|one| &mut one.node));
        self.most = self.engine.history.len() * 5 / 4 + (1 << 20);
    }
}

/// The result of backtracking.
enum Back {
    /// From this point on there is a run that passes the point at which the search was stuck.
    Found(usize),
    /// No run passes it.
    Nowhere,
    /// No run was found that passes it.
    Limit,
}

/// Who is stuck, and the point at which its last logon began.
fn last_logon(plan: &Plan, stuck: usize) -> (usize, ClientId) {
    let (Point::Begin(number) | Point::End(number)) = plan.points[stuck];
    let client = plan.events[number as usize].client;
    let logon = plan.points[..stuck].iter().rposition(|point| match point {
        Point::Begin(event) => {
            let event = &plan.events[*event as usize];
            event.client == client && matches!(event.call, Begun::Logon(_))
        }
        Point::End(_) => false,
    });
    (logon.unwrap_or(0), client)
}

impl Outcome<'_> {
    /// Where the runs with the fewest faults end.
    pub(super) fn cheapest(&self) -> Vec<u32> {
        let fewest = self.belief.fewest();
        let candidates = self.belief.candidates.iter();
        let cheapest = candidates.filter(|one| one.cost == fewest);
        cheapest.map(|one| one.node).collect()
    }
}

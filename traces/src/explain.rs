//! Is there a run that shows exactly what a recording shows? Everything else is searched for.
//!
//! The search keeps every state the machine may be in (`track`) and steps all of them along from
//! event to event, hidden steps included, fewest faults first. A recording is *explained* if some
//! state is left at its end, *unexplained at event n* if none is left there, *inconclusive* if a
//! limit stopped the search.

use std::sync::atomic::AtomicBool;

use mapi_logon_model::action::Action;
use mapi_logon_model::ids::{CLIENTS, ClientId, ClientSet};
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::window::Asked;

use crate::lines::FileError;
use crate::recording::Recording;

mod arena;
mod company;
mod derive;
mod front;
mod hypotheses;
mod later;
mod plan;
mod possible;
mod report;
mod search;
mod shows;
mod states;
mod track;
mod witness;

use arena::Arena;
use plan::{Plan, Point};
use track::{End, Track};

pub use derive::derive;
pub use hypotheses::hypotheses;
pub use report::{Explanation, Hypothesis, Possible, Report, Struck, Unexplained, Verdict};

/// How far the search may go, and who looks on.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Most faults of a run; absent: as the scenario has it.
    pub faults: Option<u32>,
    /// Most states of a search from one event to the next.
    pub states: usize,
    /// Most steps of all searches together.
    pub steps: u64,
    /// Becomes true when somebody has had enough.
    pub stop: Option<&'a AtomicBool>,
    /// Is told from time to time how many events of how many have been followed.
    pub watch: Option<&'a dyn Fn(usize, usize)>,
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Self { faults: None, states: 200_000, steps: 60_000_000, stop: None, watch: None }
    }
}

/// Steps after which a search that keeps everything gives way to one that keeps the most likely.
const EXACT: u64 = 1_000_000;

/// How many points apart the track can be taken up again.
const APART: usize = 8;

/// Faults may strike in any client's call.
const EVERYBODY: ClientSet = ClientSet::first_n(CLIENTS);

/// A search that has come to its end.
struct Outcome<'p> {
    track: Track<'p>,
    arena: Arena,
    end: End,
    /// No run was given up on the way.
    exact: bool,
    work: u64,
}

/// Looks for a run of the scenario's world that shows the recording.
///
/// # Errors
/// [`FileError`] where the recording names what the scenario does not have.
pub fn explain(
    recording: &Recording,
    scenario: &Scenario,
    limits: &Limits<'_>,
) -> Result<Report, FileError> {
    let mut scenario = scenario.clone();
    initializing(&mut scenario, recording);
    let model = Model::new(scenario.clone());
    let plan = Plan::of(recording, &model)?;
    let outcome = search(&plan, &scenario, limits);
    Ok(report::of(recording, &plan, &scenario, limits, outcome))
}

/// A client that is seen to initialise MAPI does so itself; for the others it is implied (INI-1).
fn initializing(scenario: &mut Scenario, recording: &Recording) {
    for client in &mut scenario.clients {
        client.initializes = recording.events.iter().any(|event| {
            event.client == client.name
                && matches!(event.method.as_str(), "MAPIInitialize" | "MAPIUninitialize")
        });
    }
}

/// How many faults a run may have.
fn most_faults(scenario: &Scenario, limits: &Limits<'_>) -> u32 {
    limits.faults.unwrap_or_else(|| u32::from(scenario.faults.budget))
}

fn search<'p>(plan: &'p Plan, scenario: &Scenario, limits: &Limits<'_>) -> Outcome<'p> {
    let faults = most_faults(scenario, limits);
    let mut arena = Arena::default();
    let mut work = 0;
    let mut track = Track::new(plan, scenario.clone(), faults);
    let exact = Limits { steps: limits.steps.min(EXACT), ..*limits };
    let all = plan.points.len();
    let end = track.follow(all, (u32::MAX, EVERYBODY), &exact, &mut arena, &mut work, |_| ());
    let short = matches!(end, End::Limit(_, "steps" | "states"));
    if !short || limits.steps <= EXACT {
        return Outcome { track, arena, end, exact: true, work };
    }
    let mut arena = Arena::default();
    let track = Track::new(plan, scenario.clone(), faults);
    let (track, end, exact) = likely_first(track, limits, &mut arena, &mut work);
    Outcome { track, arena, end, exact, work }
}

/// Follows the runs with the fewest faults; goes back for others where these lead nowhere.
fn likely_first<'p>(
    mut track: Track<'p>,
    limits: &Limits<'_>,
    arena: &mut Arena,
    work: &mut u64,
) -> (Track<'p>, End, bool) {
    let all = track.plan.points.len();
    let mut saved: Vec<Track<'p>> = Vec::new();
    let mut most = 1 << 20;
    loop {
        let next = all.min(track.at + 4096);
        let end =
            track.follow(next, (0, EVERYBODY), limits, arena, work, |at| save(&mut saved, at));
        compact(arena, &mut track, &mut saved, &mut most);
        match end {
            End::Reached if next < all => {}
            End::Reached | End::Limit(..) => {
                let exact = track.given_up.is_none();
                return (track, end, exact);
            }
            End::Stuck(at) => match go_back(&saved, &track, limits, arena, work) {
                Back::Found(from, found) => {
                    saved.retain(|one| one.at <= from);
                    track = *found;
                }
                Back::Nowhere => return (track, End::Stuck(at), true),
                Back::Limit => return (track, End::Stuck(at), false),
            },
        }
    }
}

/// What going back came to.
enum Back<'p> {
    /// From this point on there is a run that passes the point at which the track was stuck.
    Found(usize, Box<Track<'p>>),
    /// No run passes it.
    Nowhere,
    /// No run was found that passes it.
    Limit,
}

/// Takes the track up again some way before the point at which it is stuck, and follows more runs:
/// first those with a fault in a call of the client that is stuck, since its last logon began.
fn go_back<'p>(
    saved: &[Track<'p>],
    stuck: &Track<'p>,
    limits: &Limits<'_>,
    arena: &mut Arena,
    work: &mut u64,
) -> Back<'p> {
    let (logon, client) = last_logon(stuck);
    let near = [(logon, 1, ClientSet::only(client)), (logon, 1, EVERYBODY)];
    for (from, width, strikers) in near.into_iter().chain(tries(stuck.at)) {
        let start = saved.iter().rev().find(|one| one.at <= from).or(saved.first());
        let Some(start) = start else {
            return Back::Limit;
        };
        let mut track = start.clone();
        let before = arena.len();
        match track.follow(stuck.at + 1, (width, strikers), limits, arena, work, |_| ()) {
            End::Reached => {
                track.narrow();
                return Back::Found(start.at, Box::new(track));
            }
            End::Limit(..) => return Back::Limit,
            End::Stuck(_) => arena.truncate(before),
        }
        // Runs given up on the way may do better than those that were followed.
        if start.at == 0 && strikers == EVERYBODY && track.given_up.is_none() {
            return Back::Nowhere;
        }
    }
    Back::Limit
}

/// From where to try again, and with how many faults more than the fewest: a little further back
/// and a little more, by turns.
fn tries(stuck: usize) -> impl Iterator<Item = (usize, u32, ClientSet)> {
    (1_u32..).flat_map(move |sum| {
        (0..sum.min(7)).map(move |far| {
            let from = stuck.saturating_sub(64 << (3 * far));
            (from, sum - far, EVERYBODY)
        })
    })
}

/// Who is stuck, and the point at which its last logon began.
fn last_logon(stuck: &Track<'_>) -> (usize, ClientId) {
    let events = &stuck.plan.events;
    let (Point::Begin(number) | Point::End(number)) = stuck.plan.points[stuck.at];
    let client = events[number as usize].client;
    let mut before = stuck.plan.points[..stuck.at].iter();
    let logon = before.rposition(|point| match point {
        Point::Begin(event) => {
            let event = &events[*event as usize];
            event.client == client && matches!(event.asked, Asked::Logon(_))
        }
        Point::End(_) => false,
    });
    (logon.unwrap_or(0), client)
}

/// Keeps a copy from time to time: many near, few far.
fn save<'p>(saved: &mut Vec<Track<'p>>, track: &Track<'p>) {
    if !track.at.is_multiple_of(APART) || saved.last().is_some_and(|last| last.at >= track.at) {
        return;
    }
    saved.push(track.clone());
    if saved.len() > 512 {
        let half = saved.len() / 2;
        let mut number = 0;
        saved.retain(|one| {
            number += 1;
            number > half || one.at % (APART * 64) == 0
        });
    }
}

/// Forgets steps of runs that were given up, when they have become many.
fn compact<'p>(
    arena: &mut Arena,
    track: &mut Track<'p>,
    saved: &mut [Track<'p>],
    most: &mut usize,
) {
    if arena.len() < *most {
        return;
    }
    let tracks = saved.iter_mut().chain([track]);
    arena.keep(tracks.flat_map(|track| track.set.iter_mut().map(|entry| &mut entry.node)));
    *most = arena.len() * 2 + (1 << 20);
}

/// The actions of a run with the fewest faults that ends in one of the states of a track.
fn cheapest(track: &Track<'_>, arena: &Arena) -> Vec<Action> {
    let best = track.set.iter().min_by_key(|entry| entry.cost);
    best.map_or_else(Vec::new, |entry| arena.run(entry.node))
}

/// How many events have been explained before a point.
fn explained_before(plan: &Plan, at: usize) -> usize {
    let points = plan.points[..at].iter();
    points.filter(|point| matches!(point, Point::End(_))).count()
}

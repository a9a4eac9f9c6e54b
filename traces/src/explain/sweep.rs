//! The states that can be reached while a call goes on: what providers may be asked, whether the
//! call may keep waiting, in which ways it can return.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;
use std::rc::Rc;

use indexmap::IndexSet;
use mapi_logon_model::describe::Words;
use mapi_logon_model::ids::{ClientId, ClientSet, ProviderId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::{Choice, Effect, ProviderCall};
use mapi_logon_model::world::State;
use rustc_hash::FxBuildHasher;

use super::belief::{Belief, Candidate, Progress};
use super::expand::{Expansion, FaultMode, Tried};
use super::expected::{Expected, Mismatch};
use super::search::Engine;
use super::story::Moment;
use super::verdict::{Possible, Sentence};
use crate::names::{Names, provider_call_name};
use crate::recording::ProviderEvent;
use crate::tracer::strikes;

/// Most states that are looked at.
const STATES: usize = 20_000;

/// Most ways that are listed.
const WAYS: usize = 64;

/// May a call go on without a sign?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waiting {
    /// It may return or ask, and it may keep waiting.
    May,
    /// It must return or ask: nothing keeps it waiting.
    MustReturn,
    /// It must keep waiting until something else happens.
    MustWait,
}

/// What becomes of a step.
enum Next<T> {
    /// It is followed, and this is kept where it leads.
    Follow(T),
    /// It is not followed.
    Skip,
    /// Nor is any other that begins in a later state.
    Stop,
}

/// What a call has shown on the way to where it is, and why it has.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Shown {
    calls: Vec<(ProviderId, ProviderCall, Code)>,
    dialogs: Vec<String>,
    reasons: Vec<Sentence>,
}

impl Engine<'_> {
    /// Visits every state that steps of the calls in progress reach. `each` says what becomes of
    /// every step; its number is that of the state in which the step begins.
    fn sweep<T: Clone + Eq + Hash>(
        &mut self,
        belief: &Belief,
        first: &T,
        faults: u32,
        mut each: impl FnMut(usize, &T, &Tried<'_>) -> Next<T>,
    ) -> IndexSet<(State, Progress, T), FxBuildHasher> {
        let everybody = ClientSet::first_n(belief.open.len());
        let mut known = IndexSet::default();
        let mut costs = Vec::new();
        for one in &belief.candidates {
            let node = (one.state.clone(), one.progress.clone(), first.clone());
            if known.insert(node) {
                costs.push(one.cost);
            }
        }
        let (mut at, mut stopped) = (0, false);
        while let Some((state, progress, kept)) = known.get_index(at).cloned() {
            if stopped || known.len() >= STATES {
                break;
            }
            self.scratch.from.state.clone_from(&state);
            let cost = costs[at];
            let mode = if cost < faults { FaultMode::Both } else { FaultMode::Without };
            let mut expansion = Expansion {
                model: self.model,
                belief,
                scratch: &mut self.scratch,
                progress: &progress,
                work: &mut self.work,
            };
            expansion.each(everybody, mode, |tried| {
                let next = each(at, &kept, &tried);
                stopped |= matches!(next, Next::Stop);
                let (Next::Follow(kept), Ok(progress)) = (next, tried.fits) else {
                    return;
                };
                if known.insert((tried.step.state.clone(), progress, kept)) {
                    costs.push(cost + u32::from(strikes(tried.action.choice)));
                }
            });
            at += 1;
        }
        known
    }

    /// Tries every step of the client's call from a candidate.
    fn tries(
        &mut self,
        belief: &Belief,
        (from, client): (&Candidate, ClientId),
        faults: u32,
        each: impl FnMut(Tried<'_>),
    ) {
        self.scratch.from.state.clone_from(&from.state);
        let mode = if from.cost < faults { FaultMode::Both } else { FaultMode::Without };
        let mut expansion = Expansion {
            model: self.model,
            belief,
            scratch: &mut self.scratch,
            progress: &from.progress,
            work: &mut self.work,
        };
        expansion.each(ClientSet::only(client), mode, each);
    }

    /// The codes with which a provider may answer the question that MAPI has asked in the client's
    /// call.
    pub(super) fn codes(&mut self, belief: &Belief, client: ClientId, faults: u32) -> Vec<Code> {
        let mut codes = BTreeSet::new();
        for one in &belief.candidates {
            self.tries(belief, (one, client), faults, |tried| {
                if let Err(Mismatch::Question(code)) = tried.fits {
                    codes.insert(code);
                }
            });
        }
        codes.into_iter().collect()
    }

    /// Drops the candidates in which the client's call cannot go on with the answer it has got.
    pub(super) fn keep_answered(&mut self, belief: &mut Belief, client: ClientId, faults: u32) {
        let mut candidates = std::mem::take(&mut belief.candidates);
        candidates.retain(|one| {
            let mut goes_on = false;
            self.tries(belief, (one, client), faults, |tried| {
                goes_on |= matches!(tried.fits, Ok(_) | Err(Mismatch::Ahead));
            });
            goes_on
        });
        belief.candidates = candidates;
    }

    /// Whether the client's call may keep waiting, if nobody outside does anything.
    pub(super) fn waiting(&mut self, belief: &Belief, client: ClientId, faults: u32) -> Waiting {
        let mut moves = BTreeSet::new();
        let known = self.sweep(belief, &(), faults, |from, (), tried| {
            let moved = match tried.fits {
                // Users whose dialogs are not seen answer when they like.
                Ok(_) => !matches!(tried.action.choice, Choice::Answer(_)),
                // It must ask; what others must ask keeps them where they are.
                Err(Mismatch::Ahead) => tried.action.client == client,
                Err(_) => false,
            };
            if moved {
                moves.insert(from);
            }
            follow_fitting(tried, ())
        });
        let returned = |progress: &Progress| progress.returned.contains(client);
        let mut nodes = known.iter().enumerate();
        let waits = nodes.any(|(at, (_, one, ()))| !moves.contains(&at) && !returned(one));
        match (waits, known.iter().any(|(_, one, ())| returned(one))) {
            (true, true) => Waiting::May,
            (true, false) => Waiting::MustWait,
            (false, _) => Waiting::MustReturn,
        }
    }

    /// The distinct ways in which the client's call can return, in order, each with its reasons if
    /// they are asked for.
    pub(super) fn ways(
        &mut self,
        belief: &Belief,
        client: ClientId,
        faults: u32,
        reasons: bool,
    ) -> BTreeMap<Possible, Vec<Sentence>> {
        let mut belief = belief.clone();
        let model = self.model;
        let Some(open) = &mut belief.open[client.index()] else {
            return BTreeMap::new();
        };
        let known = std::mem::replace(&mut open.expected, Rc::new(Expected::default()));
        let mut ways = BTreeMap::new();
        self.sweep(&belief, &Shown::default(), faults, |_, shown, tried| {
            if tried.action.client != client {
                return follow_fitting(tried, shown.clone());
            }
            let mut shown = shown.clone();
            add_shown(model.words(), tried.step, &known, &mut shown);
            if reasons {
                shown.reasons.extend(reasons_of(model, tried));
            }
            let record = Record::of(model, tried.before, tried.action, tried.step);
            let Some(record) = record else {
                return Next::Follow(shown);
            };
            let reasons = std::mem::take(&mut shown.reasons);
            let mut way = way(Names::of(model), &record, &known, shown);
            way.session = clash(model, tried, &known);
            ways.entry(way).or_insert(reasons);
            if ways.len() < WAYS { Next::Skip } else { Next::Stop }
        });
        ways
    }
}

/// Why the call goes on as it does, as far as a step says.
fn reasons_of(model: &Model, tried: &Tried<'_>) -> Vec<Sentence> {
    let moment = Moment {
        model,
        before: &tried.before.state,
        action: tried.action,
        step: tried.step,
        session: &|_| None,
        caller: &|_| None,
    };
    moment.reasons()
}

/// The session that the call obtains, where the label says another.
fn clash(model: &Model, tried: &Tried<'_>, known: &Expected) -> Option<String> {
    let client = tried.action.client;
    let logon = model.sight(&tried.before.state).call_of(tried.action)?.logon()?;
    let slot = model.slots().of_client(client, logon.slot)?;
    let label = known.label?;
    let Ok(progress) = &tried.fits else { return None };
    let after = &tried.step.state;
    if !progress.labels.clashes(model, after, (slot, label)) {
        return None;
    }
    let sight = model.sight(after);
    let obtained = sight.attachments().iter().find(|held| held.slot == slot)?;
    let joined = sight.members(obtained.session).any(|held| held.slot != slot);
    Some(if joined { "a session that has another label" } else { "a new session" }.to_owned())
}

/// A step that fits is followed.
fn follow_fitting<T>(tried: &Tried<'_>, kept: T) -> Next<T> {
    if tried.fits.is_ok() { Next::Follow(kept) } else { Next::Skip }
}

/// The calls of entry points and logon methods that a step shows.
pub fn calls_of(step: &Step) -> impl Iterator<Item = (ProviderId, ProviderCall, Code)> {
    step.effects.iter().filter_map(|effect| {
        if let Effect::Provider {
            provider,
            call: call @ (ProviderCall::Init | ProviderCall::Logon),
            result,
            ..
        } = *effect
        {
            Some((provider, call, result))
        } else {
            None
        }
    })
}

/// Adds what a step shows of what is known of its call.
fn add_shown(words: Words<'_>, step: &Step, known: &Expected, shown: &mut Shown) {
    if known.calls.is_some() {
        shown.calls.extend(calls_of(step).filter(|(_, call, _)| known.records(*call)));
    }
    if known.dialogs.is_some() {
        for effect in &step.effects {
            if let Effect::Displayed { dialog, .. } = *effect {
                shown.dialogs.push(words.dialog(dialog));
            }
        }
    }
}

/// A way in which a call can return, as far as its kind is known of the call.
fn way(names: Names<'_>, record: &Record, known: &Expected, shown: Shown) -> Possible {
    let calls = shown.calls.iter().map(|(provider, call, code)| ProviderEvent {
        provider: names.provider(*provider),
        call: provider_call_name(*call).to_owned(),
        result: Some(code.name().to_owned()),
    });
    let profile = record.snapshot.and_then(|session| session.profile());
    let labelled = known.snapshot.profile.is_some() || known.label.is_some();
    Possible {
        result: record.code.name().to_owned(),
        joined: (labelled && record.session.is_some()).then_some(record.joined),
        profile: profile.filter(|_| labelled).map(|profile| names.profile(profile)),
        provider_events: known.calls.as_ref().map(|_| calls.collect()),
        dialogs: known.dialogs.as_ref().map(|_| shown.dialogs),
        session: None,
    }
}

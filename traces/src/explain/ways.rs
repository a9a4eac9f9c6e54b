//! The ways in which a call can return.

use std::collections::BTreeMap;
use std::rc::Rc;

use mapi_logon_model::describe::Words;
use mapi_logon_model::ids::{ClientId, ProviderId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::observe::Record;
use mapi_logon_model::protocol::{Effect, ProviderCall};

use super::belief::Belief;
use super::expand::Tried;
use super::expected::Expected;
use super::search::Engine;
use super::story::Moment;
use super::sweep::{Next, calls_of, follow_fitting};
use super::verdict::{Possible, Sentence};
use crate::names::{Names, provider_call_name};
use crate::recording::ProviderEvent;

/// Most ways that are listed.
const WAYS: usize = 64;

/// What a call has shown on the way to where it is, and why it has.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
struct Shown {
    calls: Vec<(ProviderId, ProviderCall, Code)>,
    dialogs: Vec<String>,
    reasons: Vec<Sentence>,
}

/// How much of a call is over where its ways begin.
struct Over {
    calls: usize,
    dialogs: usize,
}

impl Over {
    fn of(belief: &Belief, client: ClientId) -> Self {
        let progress = || belief.candidates.iter().map(|one| &one.progress);
        let least = |of: &dyn Fn(&super::belief::Progress) -> u8| {
            usize::from(progress().map(of).min().unwrap_or_default())
        };
        let at = client.index();
        Self { calls: least(&|one| one.calls[at]), dialogs: least(&|one| one.dialogs[at]) }
    }

    /// Does a provider or the user answer otherwise than is known?
    fn contradicts(&self, known: &Expected, before: usize, shown: &Shown, step: &Step) -> bool {
        let otherwise =
            |(at, (provider, call, code)): (usize, &(ProviderId, ProviderCall, Code))| {
                let known = known.calls.as_ref().and_then(|calls| calls.get(self.calls + at));
                known.is_some_and(|(whom, what, answer)| {
                    (whom, what) == (provider, call) && answer.is_some_and(|answer| answer != *code)
                })
            };
        let last = (self.dialogs + before).checked_sub(1);
        let answer = last.and_then(|last| known.dialogs.as_ref()?.get(last)?.1);
        let replied = step.effects.iter().any(|effect| {
            matches!(*effect, Effect::Answered { answer: own, .. }
                if answer.is_some_and(|answer| answer != own.bit()))
        });
        replied || shown.calls.iter().enumerate().any(otherwise)
    }
}

impl Engine<'_> {
    /// The distinct ways in which the client's call can return, in order, each with its reasons if
    /// they are asked for: those in which providers and the user answer as far as is known, if
    /// there are any.
    pub(super) fn ways(
        &mut self,
        belief: &Belief,
        client: ClientId,
        faults: u32,
        reasons: bool,
    ) -> BTreeMap<Possible, Vec<Sentence>> {
        let ways = self.ways_given(belief, client, faults, (reasons, true));
        if ways.is_empty() {
            self.ways_given(belief, client, faults, (reasons, false))
        } else {
            ways
        }
    }

    fn ways_given(
        &mut self,
        belief: &Belief,
        client: ClientId,
        faults: u32,
        (reasons, given): (bool, bool),
    ) -> BTreeMap<Possible, Vec<Sentence>> {
        let mut belief = belief.clone();
        let model = self.model;
        let Some(open) = &mut belief.open[client.index()] else {
            return BTreeMap::new();
        };
        let known = std::mem::replace(&mut open.expected, Rc::new(Expected::default()));
        let over = Over::of(&belief, client);
        let mut ways = BTreeMap::new();
        self.sweep(&belief, &Shown::default(), faults, |_, shown, tried| {
            if tried.action.client != client {
                return follow_fitting(tried, shown.clone());
            }
            let before = shown.dialogs.len();
            let mut shown = shown.clone();
            add_shown(model.words(), tried.step, &known, &mut shown);
            if given && over.contradicts(&known, before, &shown, tried.step) {
                return Next::Skip;
            }
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

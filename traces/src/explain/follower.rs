//! The follower: an online observer that is fed one event at a time.
//!
//! It knows every state the machine may be in, and judges each question, answer and result at once.
//! Calls are unlimited; what no candidate needs any more is forgotten.

use std::rc::Rc;

use mapi_logon_model::ids::{ClientId, ClientSet, ProviderId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Answer, Dialog, ProviderCall};
use mapi_logon_model::world::State;

use super::belief::{Belief, Candidate, Open, Unseen};
use super::expected::{DialogName, Expected};
use super::pointers::Begun;
use super::search::{Bounds, Engine, Failure, Goal};
use super::sweep::Waiting;
use super::verdict::Possible;
use crate::recording::Returned;

/// Follows a system that is watched, or driven, event by event.
///
/// A client is in one call at a time. What is not fed is not known: without [`Follower::asked`] and
/// [`Follower::answered`] any calls of providers are possible.
#[derive(Debug)]
pub struct Follower<'m> {
    engine: Engine<'m>,
    belief: Belief,
    faults: u32,
    states: usize,
    known: Known,
    /// How many steps there may be in the history before it is cleaned.
    most: usize,
}

/// What is fed of a call while it is in progress.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Known {
    /// Every call of an entry point or logon method.
    pub provider_calls: bool,
    /// Every dialog.
    pub dialogs: bool,
}

/// The client cannot make this call in any state the machine may be in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the client cannot make this call in any state the machine may be in")]
pub struct Impossible;

/// How a call came back, as far as that was seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Came {
    /// The result.
    pub result: Returned,
    /// The session obtained, by a number that tells sessions apart.
    pub session: Option<u32>,
    /// Whether an existing session was joined.
    pub joined: Option<bool>,
}

/// An event that the machine cannot show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deviation {
    /// The ways in which the call could have returned.
    Possible(Vec<Possible>),
    /// This limit was reached before it was decided.
    Limit(&'static str),
}

impl<'m> Follower<'m> {
    /// Before any call, in a model made by [`any_calls`](crate::tracer::any_calls).
    #[must_use]
    pub fn new(model: &'m Model, known: Known) -> Self {
        let engine = Engine::new(model);
        Self { belief: engine.start(), engine, faults: 0, states: 200_000, known, most: 1 << 16 }
    }

    /// The same where `faults` may strike that nobody has seen.
    #[must_use]
    pub const fn with_faults(mut self, faults: u32) -> Self {
        self.faults = faults;
        self
    }

    /// The client makes a call.
    ///
    /// # Errors
    /// [`Impossible`] where the machine cannot follow; nothing has changed.
    pub fn begin(&mut self, client: ClientId, call: Begun) -> Result<(), Impossible> {
        let expected = Expected {
            calls: self.known.provider_calls.then(Vec::new),
            dialogs: self.known.dialogs.then(Vec::new),
            ..Expected::default()
        };
        let belief = &mut self.belief;
        let begun = self.engine.begin(belief, client, call, Rc::new(expected));
        begun.map_err(|_| Impossible)
    }

    /// MAPI calls a provider in the client's call: the codes with which the provider may answer.
    ///
    /// # Errors
    /// [`Deviation`] where MAPI may not call it; the belief stays as it was.
    pub fn asked(
        &mut self,
        client: ClientId,
        provider: ProviderId,
        call: ProviderCall,
    ) -> Result<Vec<Code>, Deviation> {
        self.follow(client, Goal::Asked, |expected| {
            let calls = expected.calls.get_or_insert_default();
            calls.push((provider, call, None));
            expected.asked = true;
        })?;
        if let Some(expected) = self.expected(client) {
            expected.due = expected.calls.iter().flatten().count();
        }
        Ok(self.engine.codes(&self.belief, client, self.faults))
    }

    /// The codes with which the provider that was asked last may answer now: others may have taken
    /// or freed a place since it was asked.
    pub fn answers(&mut self, client: ClientId) -> Vec<Code> {
        self.engine.codes(&self.belief, client, self.faults)
    }

    /// As [`Self::asked`], after dialogs of the provider that the user answers so.
    ///
    /// # Errors
    /// As [`Self::asked`].
    pub fn asked_after(
        &mut self,
        client: ClientId,
        provider: ProviderId,
        call: ProviderCall,
        answers: &[Answer],
    ) -> Result<Vec<Code>, Deviation> {
        if answers.is_empty() {
            return self.asked(client, provider, call);
        }
        let before = self.belief.clone();
        // What is taken back must find its steps.
        let most = std::mem::replace(&mut self.most, usize::MAX);
        let shown = answers.iter().try_for_each(|answer| {
            self.displayed(client, Dialog::Provider(provider))?;
            self.replied(client, *answer);
            Ok(())
        });
        let asked = shown.and_then(|()| self.asked(client, provider, call));
        if asked.is_err() {
            self.belief = before;
        }
        self.most = most;
        asked
    }

    /// Whether MAPI may call the provider after these dialogs; nothing has changed.
    pub fn may_ask_after(
        &mut self,
        client: ClientId,
        provider: ProviderId,
        call: ProviderCall,
        answers: &[Answer],
    ) -> bool {
        let before = self.belief.clone();
        let most = std::mem::replace(&mut self.most, usize::MAX);
        let asked = self.asked_after(client, provider, call, answers);
        (self.belief, self.most) = (before, most);
        asked.is_ok_and(|codes| !codes.is_empty())
    }

    /// The provider that was asked last has answered.
    pub fn answered(&mut self, client: ClientId, code: Code) {
        if let Some(expected) = self.expected(client) {
            expected.asked = false;
            if let Some((.., answer)) = expected.calls.iter_mut().flatten().last() {
                *answer = Some(code);
            }
        }
        self.keep_answered(client);
    }

    /// A dialog is displayed in the client's call.
    ///
    /// # Errors
    /// [`Deviation`] where it may not be displayed; the belief stays as it was.
    pub fn displayed(&mut self, client: ClientId, dialog: Dialog) -> Result<(), Deviation> {
        self.follow(client, Goal::Displayed, |expected| {
            let dialogs = expected.dialogs.get_or_insert_default();
            dialogs.push((DialogName::Dialog(dialog), None));
        })
    }

    /// The user has answered the dialog displayed last.
    pub fn replied(&mut self, client: ClientId, answer: Answer) {
        let expected = self.expected(client);
        let dialogs = expected.and_then(|one| one.dialogs.as_mut());
        if let Some((_, reply)) = dialogs.and_then(|dialogs| dialogs.last_mut()) {
            *reply = Some(answer.bit());
        }
        self.keep_answered(client);
    }

    /// Candidates in which the call cannot go on with the answer it has got are given up.
    fn keep_answered(&mut self, client: ClientId) {
        let (engine, belief) = (&mut self.engine, &mut self.belief);
        engine.keep_answered(belief, client, self.faults);
    }

    fn expected(&mut self, client: ClientId) -> Option<&mut Expected> {
        let open = self.belief.open[client.index()].as_mut()?;
        Some(Rc::make_mut(&mut open.expected))
    }

    /// The client's call has returned.
    ///
    /// # Errors
    /// [`Deviation`] where the machine cannot follow; the belief stays as it was, and the call may
    /// be reported to have come back otherwise.
    pub fn returned(&mut self, client: ClientId, came: Came) -> Result<(), Deviation> {
        self.follow(client, Goal::Returned, |expected| {
            expected.result = Some(came.result);
            expected.label = came.session;
            expected.snapshot.joined = came.joined;
        })
    }

    /// Follows the client's call up to an event, of which `learn` takes down what is known.
    fn follow(
        &mut self,
        client: ClientId,
        goal: Goal,
        learn: impl FnOnce(&mut Expected),
    ) -> Result<(), Deviation> {
        let known = self.belief.open[client.index()].clone();
        if let Some(expected) = self.expected(client) {
            learn(expected);
        }
        let bounds = Bounds {
            faults: self.faults,
            slack: u32::MAX,
            may_fault: ClientSet::first_n(self.belief.open.len()),
            states: self.states,
            steps: u64::MAX,
            stop: None,
        };
        let unseen = self.belief.candidates.iter().any(|one| one.progress.is_unseen(client));
        let before = (goal == Goal::Returned && unseen).then(|| self.belief.candidates.clone());
        if before.is_some() {
            self.compare_unseen(client);
        }
        let (engine, belief) = (&mut self.engine, &mut self.belief);
        let followed = engine.follow(belief, client, goal, &bounds);
        if followed.is_err() {
            belief.open[client.index()] = known;
            before.into_iter().for_each(|before| belief.candidates = before);
        }
        self.clean();
        followed.map_err(|failure| match failure {
            Failure::Impossible => Deviation::Possible(self.possible(client)),
            Failure::Limit(limit) => Deviation::Limit(limit),
        })
    }

    /// Candidates in which the call came back before that was seen must agree with what is seen.
    fn compare_unseen(&mut self, client: ClientId) {
        let Some(Open { expected, .. }) = self.belief.open[client.index()].clone() else {
            return;
        };
        let model = self.engine.model;
        self.belief.candidates.retain_mut(|one| {
            let mut unseen = one.progress.unseen.iter();
            let unseen = unseen.find(|unseen| unseen.record.client == client);
            let Some(Unseen { record, slot }) = unseen.copied() else {
                return true;
            };
            if let Some(own) = slot.zip(expected.label) {
                one.progress.labels.obtained(own.0, expected.label);
                if one.progress.labels.clashes(model, &one.state, own) {
                    return false;
                }
            }
            expected.fits_unseen(model, &record, &one.progress).is_ok()
        });
    }

    /// Forgets steps of runs that are no longer possible, when they have become many.
    fn clean(&mut self) {
        if self.engine.history.len() > self.most {
            let ends = self.belief.candidates.iter_mut();
            self.engine.history.keep(ends.map(|one| &mut one.node));
            self.most = self.engine.history.len() * 2 + (1 << 16);
        }
    }

    /// Whether the client's call may go on without a sign, if nobody outside does anything.
    #[must_use]
    pub fn may_wait(&mut self, client: ClientId) -> Waiting {
        self.engine.waiting(&self.belief, client, self.faults)
    }

    /// The distinct ways in which the client's call can go on and return, the shortest first.
    #[must_use]
    pub fn possible(&mut self, client: ClientId) -> Vec<Possible> {
        let ways = self.engine.ways(&self.belief, client, self.faults, false);
        let mut ways: Vec<_> = ways.into_keys().collect();
        ways.sort_by_key(|way| {
            way.provider_events.iter().flatten().count() + way.dialogs.iter().flatten().count()
        });
        ways
    }

    /// The states the machine may be in since the last event; where it has gone on since then is
    /// not seen.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.belief.candidates.iter().map(|one| &one.state)
    }
}

impl Engine<'_> {
    /// The client may make a call from here on.
    pub(super) fn begin(
        &self,
        belief: &mut Belief,
        client: ClientId,
        begun: Begun,
        expected: Rc<Expected>,
    ) -> Result<(), Failure> {
        if let Begun::OnSession(..) = begun {
            let obtained = |one: &Candidate| {
                let sight = self.model.sight(&one.state);
                sight.client(client).obtained()
            };
            if !belief.candidates.iter().any(obtained) {
                return Err(Failure::Impossible);
            }
            belief.candidates.retain(obtained);
        }
        belief.open[client.index()] = Some(Open { begun, expected });
        Ok(())
    }
}

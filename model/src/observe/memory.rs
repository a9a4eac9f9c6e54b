//! The memory of a run that judging its next step needs: as little as the properties require.
//!
//! The observer sees effects, never the machine's own bookkeeping, so that errors in that
//! bookkeeping are detected. Its memory is part of an explored state; what no property will read
//! again is forgotten at once, so that it distinguishes few states that the machine does not.

use crate::ids::{ClientId, ProviderSet, ServiceId, ServiceSet, SessionId, SessionSet};
use crate::machine::{Model, Step};
use crate::mapi::{Code, LogoffFlags};
use crate::observe::pack::Widths;
use crate::observe::passed::Passed;
use crate::observe::tracks::Tracks;
use crate::observe::trial::{Trial, service_of};
use crate::policy::{Logoff, SharedClash};
use crate::protocol::{Action, Answer, Call, Effect, Method, Phase, Task};
use crate::world::asked::Field;
use crate::world::{Cursor, Sight, World};

/// What the properties need to know of the past.
#[derive(PartialEq, Eq, Hash, Debug, Default)]
pub struct Memory {
    pub(super) common: Common,
    /// What is remembered of each client's call.
    pub(super) calls: Vec<Remembered>,
}

/// What is remembered of no client in particular.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Common {
    /// Who has taken the logon mutex and not released it.
    pub(crate) mutex: Option<ClientId>,
    /// The session others may join (SHR-12).
    pub(crate) joinable: Option<SessionId>,
    /// Sessions whose members were notified of a shared logoff (RCH-18).
    pub(crate) leaving: SessionSet,
    /// Sessions that have lost a service after their logon (RCH-11).
    pub(crate) late: SessionSet,
    /// Services that were lost in a session that has ended (RCH-17).
    pub(crate) lost: ServiceSet,
    /// A task was left whose first failure had no answer (LIV-4).
    pub(crate) owes_try: bool,
    /// A task was left whose second failure had no consequence (LIV-5).
    pub(crate) owes_loss: bool,
}

/// What is remembered of the call of one client.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Remembered {
    /// How far its logon has come; without a mutex, several may be under way.
    pub(crate) logon: Progress,
    /// The task it is about.
    pub(crate) trial: Trial,
}

impl Clone for Memory {
    fn clone(&self) -> Self {
        let mut clone = Self::default();
        clone.clone_from(self);
        clone
    }

    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.calls.clone_from(&source.calls);
        self.common = source.common;
    }
}

impl Memory {
    /// The parts of the memory, for renamings.
    pub(crate) fn parts(&self) -> (&Common, &[Remembered]) {
        (&self.common, &self.calls)
    }

    /// The same, to be changed.
    pub(crate) fn parts_mut(&mut self) -> (&mut Common, &mut [Remembered]) {
        (&mut self.common, &mut self.calls)
    }
}

/// What a logon has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Progress {
    /// The session it establishes.
    pub(crate) making: Option<SessionId>,
    /// The dialog whose cancel ends it.
    pub(crate) cancelled: Cancelled,
    /// Services whose forced round is over (SVC-25).
    pub(crate) forced: ServiceSet,
    /// Services whose configuration is over, those lost left out.
    pub(crate) settled: ServiceSet,
    /// Providers that have had their turn, those of lost services left out.
    pub(crate) turned: ProviderSet,
    /// A service was lost because its prompt was cancelled twice (RCH-6).
    pub(crate) spurned: bool,
    /// The user has given the password of the profile (INV-59).
    pub(crate) validated: bool,
    /// A critical service was lost, or a task of it left without success (INV-61).
    pub(crate) crippled: bool,
}

/// The dialog of a logon whose cancel is a cancel of the logon (RES-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Cancelled {
    /// None was cancelled.
    #[default]
    Nothing,
    /// The profile dialog.
    Profile,
    /// The password dialog of the profile.
    Password,
}

/// Remembers what the properties need, and how it is packed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Observer {
    pub(crate) tracks: Tracks,
    pub(crate) widths: Widths,
}

impl Observer {
    /// For the scenario of a model.
    #[must_use]
    pub fn of(model: &Model) -> Self {
        let tracks = Tracks::of(model);
        Self { tracks, widths: Widths::of(model, tracks) }
    }

    /// What is remembered before anything has happened.
    #[must_use]
    pub fn start(&self) -> Memory {
        Memory { calls: vec![Remembered::default(); self.widths.clients()], ..Memory::default() }
    }

    /// Writes into `after` what is remembered after a step from `before` to the places `cursor`.
    pub fn remember(
        &self,
        model: &Model,
        (before, memory): (&World, &Memory),
        (action, step, cursor): (Action, &Step, &Cursor),
        after: &mut Memory,
    ) {
        after.clone_from(memory);
        let sight = model.sight(&before.state);
        let mut look = Look {
            model,
            tracks: self.tracks,
            before: sight,
            after: model.sight(&step.state),
            effects: &step.effects,
            cursor,
            client: action.client,
            call: sight.call_of(action),
            memory: after,
        };
        for effect in &step.effects {
            look.sees(effect);
        }
        look.forgets();
    }
}

/// One look at a step.
struct Look<'a> {
    model: &'a Model,
    tracks: Tracks,
    before: Sight<'a>,
    after: Sight<'a>,
    effects: &'a [Effect],
    cursor: &'a Cursor,
    client: ClientId,
    call: Option<Call>,
    memory: &'a mut Memory,
}

impl Look<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "an observer looks at the effects that some property asks for"
    )]
    fn sees(&mut self, effect: &Effect) {
        let trial = &mut self.memory.calls[self.client.index()].trial;
        if let Some(left) = trial.sees(effect, self.model.scenario()) {
            self.leaves(&left);
        }
        match *effect {
            Effect::MutexTaken { client } => self.common(Field::Mutex).mutex = Some(client),
            Effect::MutexReleased { client } => {
                let mutex = &mut self.common(Field::Mutex).mutex;
                *mutex = mutex.filter(|holder| *holder != client);
            }
            Effect::Establishing { session } => self.logon().making = Some(session),
            Effect::Answered { answer, .. } => self.answered(answer),
            Effect::EntryPoint { service, forced: true, .. } => self.logon().forced.insert(service),
            Effect::ServiceDisabled { session, service } => self.loses(session, service),
            Effect::SessionOpened { session } => self.opened(session),
            Effect::SessionClosed { session } => self.closed(session),
            Effect::Returned { result, session, .. } => self.returned(result, session),
            _ => {}
        }
    }

    /// What is remembered of no client in particular, for the sake of that field.
    fn common(&mut self, field: Field) -> &mut Common {
        self.model.notes().field(field);
        &mut self.memory.common
    }

    fn trial(&self) -> &Trial {
        &self.memory.calls[self.client.index()].trial
    }

    /// How far the client's logon has come.
    fn logon(&mut self) -> &mut Progress {
        &mut self.memory.calls[self.client.index()].logon
    }

    /// The dialog on the screen is taken from effects, not from the machine's state.
    fn answered(&mut self, answer: Answer) {
        let phase = self.before.client(self.client).phase();
        let tracks = self.tracks.validated;
        let logon = self.logon();
        if phase == Phase::PickingProfile && answer == Answer::Cancel {
            logon.cancelled = Cancelled::Profile;
        } else if phase == Phase::GivingPassword && answer == Answer::Cancel {
            logon.cancelled = Cancelled::Password;
        } else if phase == Phase::GivingPassword && answer == Answer::Supply {
            logon.validated = tracks;
        }
    }

    /// The call goes on without the task it was about.
    fn leaves(&mut self, left: &Trial) {
        let in_logon = matches!(self.call, Some(Call::LogonEx(_)));
        let owes_loss = left.is_lost() && !left.disabled && !(in_logon && self.fails());
        let common = self.common(Field::Owed);
        common.owes_try |= left.is_unanswered();
        common.owes_loss |= owes_loss;
        let goes_on = in_logon && self.after.client(self.client).phase() != Phase::Ready;
        let Some(task) = left.task.filter(|_| goes_on) else {
            return;
        };
        let service = service_of(task, self.model.scenario());
        let crippled = left.is_unsuccessful() && self.cripples(service);
        let logon = self.logon();
        logon.crippled |= crippled;
        if left.disabled {
            return;
        }
        match task {
            Task::Configure(service) => logon.settled.insert(service),
            Task::Run(provider) => logon.turned.insert(provider),
        }
    }

    /// Does the logon fail in this step, or is about to?
    fn fails(&self) -> bool {
        let phase = self.after.client(self.client).phase();
        let last = self.effects.last();
        matches!(phase, Phase::Undoing(_))
            || matches!(last, Some(Effect::Returned { result, .. }) if !result.is_success())
    }

    fn cripples(&self, service: ServiceId) -> bool {
        self.model.scenario().services[service.index()].critical
    }

    fn loses(&mut self, session: SessionId, service: ServiceId) {
        let trial = self.trial();
        let providers = self.model.scenario().services[service.index()].providers;
        let spurned = trial.cancels > 1 && self.tracks.spurned;
        let crippled = self.cripples(service);
        let logon = self.logon();
        if logon.making == Some(session) {
            logon.settled.remove(service);
            logon.turned = logon.turned.without(providers);
            logon.spurned |= spurned;
            logon.crippled |= crippled;
        } else if self.tracks.late {
            self.common(Field::Late).late.insert(session);
        }
    }

    fn opened(&mut self, session: SessionId) {
        let policy = &self.model.scenario().policy;
        let slot = self.after.session(session);
        let joinable = self.common(Field::Joinable).joinable;
        let stays = policy.shared_clash == SharedClash::Oldest && joinable.is_some();
        if Passed(slot.flags()).becomes_current(policy) && !stays {
            self.common(Field::Joinable).joinable = Some(session);
        }
        // What is lost and found again has been witnessed.
        let lost = &mut self.common(Field::LostServices).lost;
        *lost = lost.without(slot.services().without(slot.disabled()));
    }

    fn closed(&mut self, session: SessionId) {
        self.joins_no_more(session);
        self.common(Field::Leaving).leaving.remove(session);
        self.common(Field::Late).late.remove(session);
        if self.before.is_open(session) {
            let fresh = self.before.session(session).disabled().and(self.tracks.lost);
            let lost = &mut self.common(Field::LostServices).lost;
            *lost = lost.or(fresh);
        }
    }

    fn joins_no_more(&mut self, session: SessionId) {
        let joinable = &mut self.common(Field::Joinable).joinable;
        *joinable = joinable.filter(|one| *one != session);
    }

    fn returned(&mut self, code: Code, session: Option<SessionId>) {
        *self.logon() = Progress::default();
        let method = self.call.and_then(Call::method);
        let policy = &self.model.scenario().policy;
        if let (Some(Method::Logoff(flags)), Code::Ok, Some(session)) = (method, code, session)
            && flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED)
            && Passed(self.before.session(session).flags()).becomes_current(policy)
            && policy.logoff == Logoff::On
        {
            self.joins_no_more(session);
            if self.tracks.leaving && self.after.is_open(session) {
                self.common(Field::Leaving).leaving.insert(session);
            }
        }
        let lost = self.common(Field::LostServices).lost;
        if !lost.is_empty() && !self.model.logs_on_again(self.cursor) {
            self.common(Field::LostServices).lost = ServiceSet::EMPTY;
        }
    }

    /// Forgets what no property can read any more.
    fn forgets(&mut self) {
        let phase = self.after.client(self.client).phase();
        let trial = *self.trial();
        if trial.task.is_some() && phase.task() != trial.task {
            self.leaves(&trial);
        }
        let trial = &mut self.memory.calls[self.client.index()].trial;
        trial.rests(phase, self.tracks.spurned);
        if matches!(phase, Phase::Undoing(_)) {
            // A logon given up asks for nothing but what it may return.
            *self.logon() = Progress { cancelled: self.logon().cancelled, ..Progress::default() };
        }
    }
}

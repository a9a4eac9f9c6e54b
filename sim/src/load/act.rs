//! What does a client of a load do next? Its calls, in turn; MAPI, users and providers as it goes.

use mapi_logon_model::action::{Choice, Fate};
use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::scenario::Call;
use mapi_logon_model::state::Phase;

use super::agenda::Event;
use super::crowd::{MemberId, SessionKey};
use super::drive::{Drive, Turn};
use crate::duration::Nanos;
use crate::run::choose;
use crate::weight::weight;

impl Drive<'_> {
    /// The client goes on until something takes time or it has to wait.
    pub(super) fn act(&mut self, who: MemberId) {
        while let Some(spent) = self.go_on(who) {
            if spent > 0 {
                self.agenda.book(self.now.saturating_add(spent), Event::Resume(who));
                return;
            }
        }
    }

    /// One step of the client, if there is one it can make now; how long it is busy with it.
    fn go_on(&mut self, who: MemberId) -> Option<Nanos> {
        let choice = match self.crowd.phase(who) {
            Phase::Ready => return self.call(who),
            Phase::Waiting if !self.crowd.mutex_free() => return None,
            Phase::Waiting
            | Phase::Choosing
            | Phase::Opening { .. }
            | Phase::Disabling(..)
            | Phase::Finishing
            | Phase::Undoing(_) => Choice::Proceed,
            Phase::Trying(provider, _) => return self.try_provider(who, provider),
            Phase::PickingProfile
            | Phase::GivingPassword
            | Phase::Forced(_)
            | Phase::Prompting(..)
            | Phase::Asking(..)
            | Phase::Informing(..)
            | Phase::Reconfiguring { .. }
            | Phase::Confirming => return self.answer(who),
        };
        self.make(who, choice).ok()
    }

    /// The client's next call, unless it stays logged on, waits for its turn or goes.
    fn call(&mut self, who: MemberId) -> Option<Nanos> {
        let turn = self.diary(who).turn;
        match turn {
            Turn::Used(key) => self.pass_on(who, key),
            // The session was closed before the turn could be used.
            Turn::Given(key) if !self.crowd.is_open(key) => self.pass_on(who, key),
            Turn::Given(_) | Turn::None => {}
        }
        let held = self.crowd.session_held(who);
        let next = self.crowd.next_call(who);
        let Some((call, _)) = next.filter(|(_, listed)| *listed || held.is_some()) else {
            self.crowd.depart(who);
            return None;
        };
        let leaves = matches!(call, Call::Logoff(_) | Call::Release | Call::Uninitialize);
        if leaves && held.is_some() && self.stays(who) {
            return None;
        }
        let key = held.filter(|_| call.is_on_session() || call == Call::Uninitialize);
        if let Some(busy) = self.busy_session(who, call, key) {
            self.turns.push_back((busy, who));
            return None;
        }
        let spent = self.make(who, Choice::Begin).ok()?;
        let inside = spent > 0 || self.crowd.phase(who) != Phase::Ready;
        match (self.diary(who).turn, key) {
            (Turn::Given(key), _) if !inside || !self.crowd.is_open(key) => self.pass_on(who, key),
            (Turn::Given(key), _) => self.diary(who).turn = Turn::Used(key),
            (Turn::None | Turn::Used(_), Some(key)) if inside && self.crowd.is_open(key) => {
                self.crowd.session_mut(key).busy = Some(who);
                self.diary(who).turn = Turn::Used(key);
            }
            (Turn::None | Turn::Used(_), _) => {}
        }
        Some(spent)
    }

    /// Is it too early to log off?
    fn stays(&mut self, who: MemberId) -> bool {
        let due = match self.diary(who).due {
            Some(due) => due,
            None => {
                let stay = self.pace.session();
                let due = self.diary(who).obtained.saturating_add(stay);
                self.diary(who).due = Some(due);
                due
            }
        };
        let early = due > self.now;
        if early {
            self.agenda.book(due, Event::Resume(who));
        }
        early
    }

    /// A session the call concerns on which somebody else has the turn.
    fn busy_session(
        &self,
        who: MemberId,
        call: Call,
        key: Option<SessionKey>,
    ) -> Option<SessionKey> {
        let others = |key: &SessionKey| {
            self.crowd.is_open(*key)
                && self.crowd.session(*key).busy.is_some_and(|other| other != who)
        };
        if call == Call::Uninitialize {
            return self.crowd.member(who).attached.into_iter().flatten().find(others);
        }
        key.filter(others)
    }

    /// The client gives its turn on the session to whoever asked next.
    fn pass_on(&mut self, who: MemberId, key: SessionKey) {
        self.diary(who).turn = Turn::None;
        let at = self.turns.iter().position(|(wanted, _)| *wanted == key);
        let next = at.and_then(|at| self.turns.remove(at)).map(|(_, next)| next);
        if self.crowd.is_open(key) {
            self.crowd.session_mut(key).busy = next;
        }
        if let Some(next) = next {
            self.diary(next).turn = Turn::Given(key);
            self.ready.push_back(next);
        }
    }

    /// A provider is tried: outages decide what becomes of it, and chance what they leave open.
    fn try_provider(&mut self, who: MemberId, provider: ProviderId) -> Option<Nanos> {
        let met = self.weather.fault(provider, self.now);
        let had = self.crowd.fault(provider);
        let struck = met.filter(|_| had != met);
        let repaired = had.is_some() && had != met;
        if met.is_some() || !self.is_left_to_chance(provider) {
            return self.make(who, Choice::Try(Fate { repaired, struck, ..Fate::default() })).ok();
        }
        self.consider(who);
        let finds = self.scenario.faults.repair_by_environment;
        self.options.retain(|(choice, _)| {
            matches!(choice, Choice::Try(fate) if fate.struck.is_none()
                && fate.repaired == repaired && (finds || !fate.password_found))
        });
        self.draw(who, Chance::Environment)
    }

    /// Can a try that no outage touches go in more than one way?
    fn is_left_to_chance(&self, provider: ProviderId) -> bool {
        let definition = &self.scenario.providers[provider.index()];
        !self.crowd.has_password(provider)
            || !definition.init_codes.is_empty()
            || !definition.logon_codes.is_empty()
    }

    /// The user answers, or an entry point ends.
    fn answer(&mut self, who: MemberId) -> Option<Nanos> {
        self.consider(who);
        self.draw(who, Chance::Users)
    }

    /// Makes one of the options, drawn by weight among those that are enabled.
    fn draw(&mut self, who: MemberId, chance: Chance) -> Option<Nanos> {
        let mut total = self.options.iter().map(|(_, weight)| u64::from(*weight)).sum();
        loop {
            let stream = match chance {
                Chance::Users => self.pace.users(),
                Chance::Environment => &mut self.environment,
            };
            let (choice, weight) = self.options.remove(choose(&self.options, total, stream)?);
            if let Ok(spent) = self.make(who, choice) {
                return Some(spent);
            }
            total -= u64::from(weight);
        }
    }

    /// Collects what might happen to the client next.
    fn consider(&mut self, who: MemberId) {
        let Self { crowd, options, scenario, .. } = self;
        options.clear();
        crowd.candidates(who, &mut |choice| {
            options.push((choice, weight(&scenario.weights, choice)));
        });
    }
}

/// Whose chance decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Chance {
    Users,
    Environment,
}

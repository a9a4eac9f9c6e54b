//! The next step of a client: its calls in turn; MAPI, users and providers as a call goes on.

use mapi_logon_model::ids::{ClientId, ProviderId, SessionId};
use mapi_logon_model::protocol::{Call, Choice, Fate, Offer, Phase, Task};
use mapi_logon_model::world::Store;

use super::drive::{Drive, Turn};
use super::events::Event;
use crate::duration::Nanos;
use crate::random::Stream;
use crate::weight::weight;

impl Drive<'_> {
    /// The client goes on until something takes time or it has to wait.
    pub(super) fn act(&mut self, who: ClientId) {
        while let Some(spent) = self.go_on(who) {
            if spent > 0 {
                let at = self.now.saturating_add(spent);
                self.events.book(at, Event::Resume(who));
                return;
            }
        }
    }

    /// Makes one step of the client, if it can make one now; returns how long the step takes.
    fn go_on(&mut self, who: ClientId) -> Option<Nanos> {
        match self.population.phase(who).row().offer {
            Offer::Call => self.call(who),
            Offer::Turn if self.population.mutex().is_some() => None,
            Offer::Turn | Offer::Step => self.make(who, Choice::Proceed).ok(),
            Offer::Try(Task::Run(provider)) => self.try_provider(who, provider),
            Offer::Open(_) | Offer::Try(Task::Configure(_)) => {
                self.consider(who, |_| true);
                self.draw(who, |load| &mut load.environment)
            }
            // The user answers, or an entry point ends.
            Offer::Profile
            | Offer::Data
            | Offer::Recovery(_)
            | Offer::EntryPoint
            | Offer::Logoff => {
                self.consider(who, |_| true);
                self.draw(who, |load| load.times.users())
            }
        }
    }

    /// The client's next call, unless it stays logged on, waits for its turn or goes.
    fn call(&mut self, who: ClientId) -> Option<Nanos> {
        let turn = self.stats(who).turn;
        match turn {
            Turn::Used(session) => self.pass_on(who, session),
            // The session was closed before the turn could be used.
            Turn::Given(session) if !self.population.is_open(session) => {
                self.pass_on(who, session);
            }
            Turn::Given(_) | Turn::None => {}
        }
        let Some(call) = self.next_call(who) else {
            self.population.depart(who);
            return None;
        };
        let held = self.population.attachment(who, None);
        let held = held.map(|held| held.session);
        if call.is_leaving() && held.is_some() && self.stays(who) {
            return None;
        }
        let all = call == Call::Uninitialize;
        let session = held.filter(|_| all || call.on().is_some());
        if let Some(busy) = session.and_then(|_| self.busy_session(who, all)) {
            if let Turn::Given(session) = self.stats(who).turn {
                // While it waits for another session, others may use this one.
                self.pass_on(who, session);
            }
            self.population.await_turn(busy, who);
            return None;
        }
        let call = self.with_parameters(who, call);
        let spent = self.make(who, Choice::Begin(call)).ok()?;
        let inside = spent > 0 || self.population.phase(who) != Phase::Ready;
        let (given, session) = match self.stats(who).turn {
            Turn::Given(session) => (true, Some(session)),
            Turn::None | Turn::Used(_) => (false, session),
        };
        if let Some(session) = session {
            if inside && self.population.is_open(session) {
                self.population.take_turn(session, who);
                self.stats(who).turn = Turn::Used(session);
            } else if given {
                self.pass_on(who, session);
            }
        }
        Some(spent)
    }

    /// The call, with parameters that are drawn if the client chooses them.
    fn with_parameters(&mut self, who: ClientId, call: Call) -> Call {
        let kind = self.population.kind(who);
        match call {
            Call::LogonEx(logon) => {
                let client = &self.scenario.clients[kind.index()];
                Call::LogonEx(client.draw(logon, |bound| self.environment.below(bound)))
            }
            Call::Initialize
            | Call::Uninitialize
            | Call::DeleteProfile(_)
            | Call::OnSession(..) => call,
        }
    }

    /// Is it too early to log off?
    fn stays(&mut self, who: ClientId) -> bool {
        let stats = &mut self.stats[who.index()];
        let draw = || stats.obtained.saturating_add(self.times.session());
        let due = *stats.due.get_or_insert_with(draw);
        let early = due > self.now;
        if early {
            self.events.book(due, Event::Resume(who));
        }
        early
    }

    /// A session of the client on which another one has the turn: of all, or the one obtained last.
    fn busy_session(&self, who: ClientId, all: bool) -> Option<SessionId> {
        let mut held = self.population.held(who).map(|held| held.session);
        let is_busy = |session: &SessionId| self.population.is_busy(*session, who);
        if all { held.find(is_busy) } else { held.next_back().filter(is_busy) }
    }

    /// The client gives its turn on the session to the next that waits for it.
    fn pass_on(&mut self, who: ClientId, session: SessionId) {
        self.stats(who).turn = Turn::None;
        if let Some(next) = self.population.pass_turn(session) {
            self.stats(next).turn = Turn::Given(session);
            self.ready.push_back(next);
        }
    }

    /// A provider is tried: outages decide whether it fails, chance what they leave open.
    fn try_provider(&mut self, who: ClientId, provider: ProviderId) -> Option<Nanos> {
        let met = self.outages.fault(provider, self.now);
        let had = self.population.shared().fault(provider);
        let struck = met.filter(|_| had != met);
        let repaired = had.is_some() && had != met;
        if met.is_some() || !self.is_left_to_chance(provider) {
            let fate = Fate { repaired, struck, ..Fate::default() };
            return self.make(who, Choice::Try(fate)).ok();
        }
        let finds = self.scenario.faults.repair_by_environment;
        self.consider(who, |choice| {
            matches!(choice, Choice::Try(fate) if fate.struck.is_none()
                && fate.repaired == repaired && (finds || !fate.password_found))
        });
        self.draw(who, |load| &mut load.environment)
    }

    /// Can a try that no outage touches go in more than one way?
    fn is_left_to_chance(&self, provider: ProviderId) -> bool {
        let definition = &self.scenario.providers[provider.index()];
        !self.population.shared().passwords().contains(provider)
            || !definition.init_codes.is_empty()
            || !definition.logon_codes.is_empty()
    }

    /// Makes one of the options, drawn by weight among those that are enabled.
    fn draw(&mut self, who: ClientId, stream: fn(&mut Self) -> &mut Stream) -> Option<Nanos> {
        let mut options = std::mem::take(&mut self.options);
        let mut spent = None;
        while spent.is_none()
            && let Some(choice) = options.draw(stream(self))
        {
            spent = self.make(who, choice).ok();
        }
        self.options = options;
        spent
    }

    /// Collects in which of these ways the client's call might go on.
    fn consider(&mut self, who: ClientId, wanted: impl Fn(Choice) -> bool) {
        let (phase, shared) = (self.population.phase(who), self.population.shared());
        self.options.clear();
        self.model.choices_in(phase, shared, &mut |choice| {
            if wanted(choice) {
                let weight = weight(&self.scenario.weights, choice);
                self.options.push(choice, weight);
            }
        });
    }
}

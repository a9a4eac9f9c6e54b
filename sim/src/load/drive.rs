//! The event loop of a load: clients arrive, queue for the mutex, give up and go on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::ids::{ClientId, SessionId};
use mapi_logon_model::machine::{Disabled, Model};
use mapi_logon_model::mapi::{Code, FaultSet, LogoffFlags, LogonFlags};
use mapi_logon_model::policy::{Logoff, Mutex};
use mapi_logon_model::protocol::Transition::{T5, T6};
use mapi_logon_model::protocol::{Action, Call, Choice, Effect, Method, Phase, Taken};
use mapi_logon_model::scenario::{Budget, Client, Load, Scenario, Timing};
use mapi_logon_model::world::Store;

use super::events::{Event, EventQueue};
use super::measure::LogonCall;
use super::outages::Outages;
use super::population::Population;
use super::report::{LoadError, LoadReport};
use super::service::ServiceTimes;
use super::utilisation::{Demand, Utilisation};
use crate::duration::{Nanos, whole};
use crate::options::Options;
use crate::random::{Purpose, Stream};

/// Events between two checks of `stop`.
const STOP_INTERVAL: u64 = 1 << 10;

/// A client's turn on a session, on which one call is made at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Turn {
    /// It has none.
    #[default]
    None,
    /// It may make its call.
    Given(SessionId),
    /// It is inside its call.
    Used(SessionId),
}

/// What is measured of a client, and when it will log off.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ClientStats {
    /// Its last logon call.
    logon: LogonCall,
    /// Since when it has held the session it obtained last.
    pub(super) obtained: Nanos,
    /// When it will log off, once that is drawn.
    pub(super) due: Option<Nanos>,
    pub(super) turn: Turn,
}

/// A load in progress.
#[derive(Debug)]
pub(super) struct Drive<'a> {
    pub(super) scenario: &'a Scenario,
    load: &'a Load,
    pub(super) model: Model,
    pub(super) population: Population,
    pub(super) stats: Vec<ClientStats>,
    pub(super) times: ServiceTimes,
    pub(super) outages: Outages,
    pub(super) events: EventQueue,
    pub(super) environment: Stream,
    /// Mean time between arrivals in nanoseconds, and the fraction that the last left over.
    between: f64,
    left_over: f64,
    arrivals: Stream,
    kinds: Stream,
    pub(super) now: Nanos,
    /// Logon calls at Q3 in the order in which they asked; those that gave up are passed over.
    queue: VecDeque<(ClientId, u64)>,
    /// Clients that go on at this moment.
    pub(super) ready: VecDeque<ClientId>,
    /// What the next step may be, and what the last one showed.
    pub(super) options: Options<Choice>,
    effects: Vec<Effect>,
    taken: Vec<Taken>,
    demand: Demand,
    report: LoadReport,
    #[cfg(test)]
    pub(super) log: super::tests::Log,
}

/// The call that leaves a session, as the policy lets it \[DER\].
pub(super) const fn leaving(scenario: &Scenario) -> Call {
    let method = match scenario.policy.logoff {
        Logoff::On => Method::Logoff(LogoffFlags::empty()),
        Logoff::Off => Method::Release,
    };
    Call::OnSession(None, method)
}

/// The world of a load, in which only outages decide when faults strike and are repaired.
pub(super) fn world_of(scenario: &Scenario) -> Model {
    let mut scenario = scenario.clone();
    scenario.faults.budget = Budget::Unlimited;
    scenario.faults.repair_by_environment = true;
    for provider in &mut scenario.providers {
        provider.faults = FaultSet::ALL;
    }
    Model::new(scenario)
}

impl<'a> Drive<'a> {
    /// A load before its first arrival.
    pub(super) fn new(scenario: &'a Scenario, timing: &Timing, load: &'a Load, seed: u64) -> Self {
        let model = world_of(scenario);
        Self {
            scenario,
            load,
            population: Population::new(&model),
            model,
            stats: Vec::new(),
            times: ServiceTimes::new(timing, seed),
            outages: Outages::new(scenario, load, seed),
            events: EventQueue::default(),
            environment: Stream::new(seed, Purpose::Environment, 0),
            between: 1e9 / load.arrivals_per_second,
            left_over: 0.0,
            arrivals: Stream::new(seed, Purpose::Arrivals, 0),
            kinds: Stream::new(seed, Purpose::Clients, 0),
            now: 0,
            queue: VecDeque::new(),
            ready: VecDeque::new(),
            options: Options::default(),
            effects: Vec::new(),
            taken: Vec::new(),
            demand: Demand::default(),
            report: LoadReport::default(),
            #[cfg(test)]
            log: super::tests::Log::default(),
        }
    }

    /// Runs to the end, or until `stop` is set; whether it was interrupted.
    ///
    /// # Errors
    /// [`LoadError::ClockRanOut`].
    pub(super) fn run(&mut self, stop: &AtomicBool) -> Result<bool, LoadError> {
        self.book_arrival();
        let mut events: u64 = 0;
        while let Some((now, event)) = self.events.next() {
            if now == Nanos::MAX {
                let arrivals = self.report.arrivals;
                return Err(LoadError::ClockRanOut { arrivals });
            }
            self.now = now;
            self.happens(event);
            while let Some(who) = self.ready.pop_front() {
                self.act(who);
            }
            events += 1;
            if events.is_multiple_of(STOP_INTERVAL) && stop.load(Ordering::Relaxed) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The report on the load so far.
    pub(super) fn report(self, interrupted: bool) -> LoadReport {
        let stuck = self.population.present().count() as u64;
        let mut report = LoadReport {
            end: self.now,
            open_sessions: self.population.open_sessions(),
            utilisation: self.utilisation(),
            outages: self.outages.downtimes(self.now),
            stuck: if interrupted { 0 } else { stuck },
            interrupted,
            ..self.report
        };
        report.tally.runs = 1;
        report
    }

    /// The utilisation of the mutex.
    fn utilisation(&self) -> Utilisation {
        if self.scenario.policy.mutex == Mutex::Off {
            return Utilisation::Absent;
        }
        let short = LogonFlags::MAPI_TIMEOUT_SHORT;
        let waits = |client: &Client| !client.may_set(short);
        let patient = |kind: usize| self.scenario.clients.get(kind).is_some_and(waits);
        let rate = self.load.arrivals_per_second;
        let needed = self.demand.needed(rate, self.report.arrivals, patient);
        needed.unwrap_or_else(|| {
            let holder = self.population.mutex();
            let since = holder.and_then(|holder| self.stats[holder.index()].logon.taken);
            let (unfinished, end) = match since {
                Some(since) => (self.now - since, self.now),
                None => (0, self.report.logons.last_return),
            };
            self.demand.held(unfinished, end)
        })
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrival => self.arrives(),
            Event::Resume(who) => self.ready.push_back(who),
            Event::TimeOut(who, call) => {
                if self.waits(who, call) && self.make(who, Choice::TimeOut).is_ok() {
                    self.ready.push_back(who);
                }
            }
        }
    }

    fn book_arrival(&mut self) {
        if self.report.arrivals < self.load.logons {
            let exact = self.between * self.arrivals.exponential() + self.left_over;
            let wait = whole(exact);
            self.left_over = exact - wait as f64;
            let at = self.now.saturating_add(wait);
            self.events.book(at, Event::Arrival);
        }
    }

    /// A client arrives, of a kind drawn by weight.
    fn arrives(&mut self) {
        let clients = self.scenario.clients.iter();
        let weights = clients.map(|client| u64::from(client.weight));
        let mut left = self.kinds.below(weights.clone().sum());
        let kind = weights.clone().position(|weight| {
            let found = left < weight;
            left = left.wrapping_sub(weight);
            found
        });
        let kind = ClientId::from(kind.unwrap_or_default());
        let who = self.population.arrive(&self.model, kind);
        let count = self.stats.len().max(who.index() + 1);
        self.stats.resize(count, ClientStats::default());
        self.stats[who.index()] = ClientStats::default();
        self.report.arrivals += 1;
        #[cfg(test)]
        self.log.arrived(who, kind);
        self.ready.push_back(who);
        self.book_arrival();
    }

    pub(super) fn stats(&mut self, who: ClientId) -> &mut ClientStats {
        &mut self.stats[who.index()]
    }

    /// Is the client at Q3 in the logon call with this number?
    fn waits(&self, who: ClientId, call: u64) -> bool {
        self.population.phase(who) == Phase::Waiting && self.stats[who.index()].logon.number == call
    }

    /// The call that the client makes next: at the end it leaves the sessions it still holds.
    pub(super) fn next_call(&self, who: ClientId) -> Option<Call> {
        let listed = self.population.listed_call(&self.model, who);
        listed.or_else(|| {
            let held = self.population.attachment(who, None);
            held.map(|_| leaving(self.scenario))
        })
    }

    /// Makes a step with its immediate consequences; returns how long the step takes.
    pub(super) fn make(&mut self, client: ClientId, choice: Choice) -> Result<Nanos, Disabled> {
        let (effects, taken) = (&mut self.effects, &mut self.taken);
        effects.clear();
        taken.clear();
        let action = Action { client, choice };
        self.population.step(&self.model, action, effects, taken)?;
        #[cfg(test)]
        self.log.did(&self.model, &self.population, action, effects);
        let seen = Seen::of(effects, taken);
        let spent = self.times.step(effects, taken);
        let open = self.population.open_sessions();
        let report = &mut self.report;
        report.tally.steps += 1;
        report.tally.count(effects, taken);
        report.peak_sessions = report.peak_sessions.max(open);
        report.series.disturbed(self.now, seen.dialogs, seen.disabled, open);
        self.logon(client, &seen);
        if let Some((call, code)) = seen.returned {
            let now = self.now;
            let logs_off = matches!(call, Call::OnSession(_, Method::Logoff(_)));
            // Where Logoff ends nothing, its caller leaves all the same, without another stay.
            let goes = logs_off && self.scenario.policy.logoff == Logoff::Off;
            let stats = self.stats(client);
            if !goes {
                stats.due = None;
            }
            if call.logon().is_some() || code == Code::UserCancel {
                // Who refused to log off stays on for another while.
                stats.obtained = now;
            }
        }
        if seen.released {
            self.hand_on();
        }
        Ok(spent)
    }

    /// Measures a logon call, and lets it queue for the mutex.
    fn logon(&mut self, who: ClientId, seen: &Seen) {
        let (now, kind) = (self.now, self.population.kind(who));
        let Self { report, demand, .. } = self;
        let call = &mut self.stats[who.index()].logon;
        if seen.called {
            report.logons.calls += 1;
            report.logons.last_call = now;
            report.series.called(now);
            *call = LogonCall {
                number: report.logons.calls,
                called: now,
                asked: seen.asked,
                taken: None,
            };
            if seen.asked {
                demand.asks(kind);
            }
        }
        if seen.taken {
            call.taken = Some(now);
        }
        let call = *call;
        if let Some((Call::LogonEx(_), code)) = seen.returned {
            report.logons.record(&call, now, code);
            report.series.returned(&call, now, code);
            if let Some(taken) = call.taken {
                demand.returns(kind, now - taken);
            }
        } else if seen.called && self.waits(who, call.number) && self.population.mutex().is_some() {
            self.queue.push_back((who, call.number));
            if !is_patient(self.population.client(who).call()) {
                let bound = self.times.short_timeout();
                let event = Event::TimeOut(who, call.number);
                self.events.book(now.saturating_add(bound), event);
            }
        }
    }

    /// The mutex is free: the first in the queue takes it.
    fn hand_on(&mut self) {
        while let Some((next, call)) = self.queue.pop_front() {
            if self.waits(next, call) && self.make(next, Choice::Proceed).is_ok() {
                self.ready.push_back(next);
                return;
            }
        }
    }
}

/// Does the call wait for the mutex however long it takes (MTX-3)?
fn is_patient(call: Option<Call>) -> bool {
    let logon = call.and_then(Call::logon).unwrap_or_default();
    !logon.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT)
}

/// What a step shows, as far as it matters to a load.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// A logon call is made.
    called: bool,
    /// It asks for the mutex.
    asked: bool,
    /// It takes the mutex.
    taken: bool,
    released: bool,
    returned: Option<(Call, Code)>,
    dialogs: u64,
    disabled: u64,
}

impl Seen {
    fn of(effects: &[Effect], taken: &[Taken]) -> Self {
        let mut seen = Self {
            asked: taken.iter().any(|taken| taken.transition == T5),
            taken: taken.iter().any(|taken| taken.transition == T6),
            ..Self::default()
        };
        for effect in effects {
            seen.called |= matches!(effect, Effect::Called { call, .. } if call.logon().is_some());
            seen.released |= matches!(effect, Effect::MutexReleased { .. });
            seen.dialogs += u64::from(matches!(effect, Effect::Displayed { .. }));
            seen.disabled += u64::from(matches!(effect, Effect::ServiceDisabled { .. }));
            if let Effect::Returned { call, result, .. } = *effect {
                seen.returned = Some((call, result));
            }
        }
        seen
    }
}

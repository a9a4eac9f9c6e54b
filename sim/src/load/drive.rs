//! What happens in a load from one event to the next? Clients arrive, wait, give up and go on.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::action::Choice;
use mapi_logon_model::effect::Effect;
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::policy::Logoff;
use mapi_logon_model::scenario::{Call, Client, Load, Scenario, Timing};
use mapi_logon_model::state::Phase;
use mapi_logon_model::step::{Disabled, Step};
use mapi_logon_model::transition::Transition::{T5, T6};

use super::LoadError;
use super::agenda::{Agenda, Event};
use super::crowd::{Crowd, MemberId, SessionKey};
use super::demand::{Demand, Utilisation};
use super::measure::{Logons, Returned};
use super::pace::Pace;
use super::series::Series;
use super::weather::Weather;
use crate::duration::{Nanos, whole};
use crate::random::{Purpose, Stream};
use crate::tally::Tally;

/// Events between two looks at the wish to stop.
const PATIENCE: u64 = 1 << 10;

/// A client's turn on a session, on which one call is made at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Turn {
    /// It has none.
    #[default]
    None,
    /// It may make its call.
    Given(SessionKey),
    /// It is inside its call.
    Used(SessionKey),
}

/// What is known of a client beside its state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Diary {
    /// Its logon calls so far.
    calls: u32,
    /// When it made the last of them.
    called: Nanos,
    /// That one has asked for the mutex.
    asked: bool,
    /// When that one took the mutex.
    taken: Option<Nanos>,
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
    pub(super) crowd: Crowd,
    pub(super) pace: Pace,
    pub(super) weather: Weather,
    pub(super) agenda: Agenda,
    pub(super) environment: Stream,
    /// Mean time between arrivals in nanoseconds, and the fraction that the last left over.
    between: f64,
    left_over: f64,
    arrivals: Stream,
    clients: Stream,
    pub(super) now: Nanos,
    pub(super) arrived: u64,
    pub(super) diaries: Vec<Diary>,
    /// Calls at Q3 in the order in which they asked; those that gave up are passed over.
    queue: VecDeque<(MemberId, u32)>,
    /// Clients that wait for their turn on a session, in the order in which they asked.
    pub(super) turns: VecDeque<(SessionKey, MemberId)>,
    /// Clients that go on at this moment.
    pub(super) ready: VecDeque<MemberId>,
    pub(super) options: Vec<(Choice, u32)>,
    pub(super) logons: Logons,
    demand: Demand,
    pub(super) tally: Tally,
    pub(super) series: Series,
    pub(super) peak_sessions: u32,
    #[cfg(test)]
    pub(super) log: Vec<super::tests::Entry>,
}

impl<'a> Drive<'a> {
    /// A load before its first arrival.
    pub(super) fn new(scenario: &'a Scenario, timing: &Timing, load: &'a Load, seed: u64) -> Self {
        Self {
            scenario,
            load,
            crowd: Crowd::new(scenario),
            pace: Pace::new(timing, seed),
            weather: Weather::new(scenario, load, seed),
            agenda: Agenda::default(),
            environment: Stream::new(seed, Purpose::Environment, 0),
            between: 1e9 / load.arrivals_per_second,
            left_over: 0.0,
            arrivals: Stream::new(seed, Purpose::Arrivals, 0),
            clients: Stream::new(seed, Purpose::Clients, 0),
            now: 0,
            arrived: 0,
            diaries: Vec::new(),
            queue: VecDeque::new(),
            turns: VecDeque::new(),
            ready: VecDeque::new(),
            options: Vec::new(),
            logons: Logons::default(),
            demand: Demand::default(),
            tally: Tally::default(),
            series: Series::default(),
            peak_sessions: 0,
            #[cfg(test)]
            log: Vec::new(),
        }
    }

    /// Lets everything happen, until nothing is left or somebody wants to stop; whether it was left
    /// unfinished.
    ///
    /// # Errors
    /// [`LoadError::ClockRanOut`].
    pub(super) fn run(&mut self, stop: &AtomicBool) -> Result<bool, LoadError> {
        self.book_arrival();
        let mut events: u64 = 0;
        while let Some((now, event)) = self.agenda.next() {
            if now == Nanos::MAX {
                let arrivals = self.arrived;
                return Err(LoadError::ClockRanOut { arrivals });
            }
            self.now = now;
            self.happens(event);
            while let Some(who) = self.ready.pop_front() {
                self.act(who);
            }
            events += 1;
            if events.is_multiple_of(PATIENCE) && stop.load(Ordering::Relaxed) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How busy logons have kept the mutex.
    pub(super) fn utilisation(&self) -> Utilisation {
        if !self.crowd.has_mutex() {
            return Utilisation::Absent;
        }
        let patient = |kind: usize| self.scenario.clients.get(kind).is_some_and(is_patient);
        let rate = self.load.arrivals_per_second;
        let needed = self.demand.needed(rate, self.arrived, patient);
        needed.unwrap_or_else(|| {
            let holder = self.crowd.mutex.map(|who| who.place as usize);
            let since = holder.and_then(|place| self.diaries[place].taken);
            let (unfinished, end) = match since {
                Some(since) => (self.now - since, self.now),
                None => (0, self.logons.last_return),
            };
            self.demand.held(unfinished, end)
        })
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrival => self.arrives(),
            Event::Resume(who) => self.ready.push_back(who),
            Event::TimeOut(who, calls) => {
                if self.waits(who, calls) && self.make(who, Choice::TimeOut).is_ok() {
                    self.ready.push_back(who);
                }
            }
        }
    }

    fn book_arrival(&mut self) {
        if self.arrived < self.load.logons {
            let exact = self.between * self.arrivals.exponential() + self.left_over;
            let wait = whole(exact);
            self.left_over = exact - wait as f64;
            let at = self.now.saturating_add(wait);
            self.agenda.book(at, Event::Arrival);
        }
    }

    /// A client arrives, of a kind drawn by weight.
    fn arrives(&mut self) {
        let weights = self.scenario.clients.iter().map(|client| u64::from(client.weight));
        let mut left = self.clients.below(weights.clone().sum());
        let kind = weights.clone().position(|weight| {
            let found = left < weight;
            left = left.wrapping_sub(weight);
            found
        });
        let who = self.crowd.arrive(ClientId::from(kind.unwrap_or_default()).0);
        let place = who.place as usize;
        if self.diaries.len() <= place {
            self.diaries.resize(place + 1, Diary::default());
        }
        self.diaries[place] = Diary::default();
        self.arrived += 1;
        #[cfg(test)]
        self.log.push(super::tests::Entry::Arrived(who, self.crowd.member(who).kind));
        self.ready.push_back(who);
        self.book_arrival();
    }

    pub(super) fn diary(&mut self, who: MemberId) -> &mut Diary {
        &mut self.diaries[who.place as usize]
    }

    /// Is the client still at Q3 in that one of its logon calls?
    fn waits(&self, who: MemberId, calls: u32) -> bool {
        self.crowd.is_present(who)
            && self.crowd.phase(who) == Phase::Waiting
            && self.diaries[who.place as usize].calls == calls
    }

    /// Makes a step and everything that comes of it at once; how long the client is busy with it.
    pub(super) fn make(&mut self, who: MemberId, choice: Choice) -> Result<Nanos, Disabled> {
        let call = self.crowd.next_call(who).map(|(call, _)| call);
        let step = self.crowd.step(who, choice)?;
        let seen = Seen::of(step);
        #[cfg(test)]
        self.log.push(super::tests::Entry::Did(who, choice, super::tests::shapes(step)));
        let spent = self.pace.step(step);
        self.tally.steps += 1;
        self.tally.count(step, call);
        let open = self.crowd.open_sessions();
        self.peak_sessions = self.peak_sessions.max(open);
        self.series.disturbed(self.now, seen.dialogs, seen.disabled, open);
        if matches!(call, Some(Call::LogonEx(_))) {
            self.logon(who, &seen);
        }
        if let Some(code) = seen.returned {
            let now = self.now;
            // Where Logoff ends nothing, whoever called it has made up its mind all the same.
            let goes =
                self.scenario.policy.logoff == Logoff::Off && matches!(call, Some(Call::Logoff(_)));
            let diary = self.diary(who);
            if !goes {
                diary.due = None;
            }
            if matches!(call, Some(Call::LogonEx(_))) || code == Code::UserCancel {
                // Whoever refused to log off stays on for another while.
                diary.obtained = now;
            }
        }
        if seen.released {
            self.hand_on();
        }
        Ok(spent)
    }

    /// Measures a logon call, and lets it queue for the mutex.
    fn logon(&mut self, who: MemberId, seen: &Seen) {
        let (now, kind) = (self.now, self.crowd.member(who).kind);
        if seen.called {
            *self.diary(who) = Diary {
                calls: self.diary(who).calls + 1,
                called: now,
                asked: seen.asked,
                taken: None,
                ..*self.diary(who)
            };
            self.logons.calls += 1;
            if seen.asked {
                self.demand.asks(kind);
            }
            self.logons.last_call = now;
            self.series.called(now);
        }
        if seen.taken {
            self.diary(who).taken = Some(now);
        }
        if let Some(code) = seen.returned {
            let Diary { called, taken, asked, .. } = *self.diary(who);
            let call = Returned { called, taken, asked, at: now, code };
            self.logons.record(call);
            if let Some(taken) = taken {
                self.demand.returns(kind, now - taken);
            }
            self.series.returned(call);
        } else if seen.called && self.crowd.phase(who) == Phase::Waiting && !self.crowd.mutex_free()
        {
            let calls = self.diary(who).calls;
            self.queue.push_back((who, calls));
            if !is_patient(&self.scenario.clients[usize::from(kind)]) {
                let bound = self.pace.short_timeout();
                self.agenda.book(now.saturating_add(bound), Event::TimeOut(who, calls));
            }
        }
    }

    /// The mutex is free: whoever asked first takes it.
    fn hand_on(&mut self) {
        while let Some((next, calls)) = self.queue.pop_front() {
            if self.waits(next, calls) && self.make(next, Choice::Proceed).is_ok() {
                self.ready.push_back(next);
                return;
            }
        }
    }
}

/// Does the client wait for the mutex however long it takes (MTX-3)?
fn is_patient(client: &Client) -> bool {
    !client.flags.contains(LogonFlags::MAPI_TIMEOUT_SHORT)
}

/// What matters to a load in the effects of a step.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    called: bool,
    asked: bool,
    taken: bool,
    released: bool,
    returned: Option<Code>,
    dialogs: u64,
    disabled: u64,
}

impl Seen {
    fn of(step: &Step) -> Self {
        let mut seen = Self {
            asked: step.taken.iter().any(|taken| taken.transition == T5),
            taken: step.taken.iter().any(|taken| taken.transition == T6),
            ..Self::default()
        };
        for effect in &step.effects {
            seen.called |= matches!(effect, Effect::Called { .. });
            seen.released |= matches!(effect, Effect::MutexReleased(_));
            seen.dialogs += u64::from(matches!(effect, Effect::Displayed { .. }));
            seen.disabled += u64::from(matches!(effect, Effect::ServiceDisabled { .. }));
            if let Effect::Returned { code, .. } = *effect {
                seen.returned = Some(code);
            }
        }
        seen
    }
}

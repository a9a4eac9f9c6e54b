//! How is a long recording made where there is no system to record? A run of the machine is
//! watched.
//!
//! Clients log on, use their sessions and log off for ever, in an order drawn from a seed, and
//! faults strike at a given rate. Only calls and results are written down: what a recorder sees.

use mapi_logon_model::action::{Action, Answer, Choice, Fate};
use mapi_logon_model::effect::Effect;
use mapi_logon_model::ids::{ClientId, LogonId};
use mapi_logon_model::mapi::{LogoffFlags, ProviderKind};
use mapi_logon_model::scenario::{Call, Scenario};
use mapi_logon_model::state::Phase;
use mapi_logon_model::step::Step;
use mapi_logon_model::window::{Asked, Needs, Parameters, Window};
use serde_json::Value;

use crate::recording::EventLine;

/// What is to be rehearsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rehearsal {
    /// How many calls are recorded.
    pub events: usize,
    /// Where the draws begin.
    pub seed: u64,
    /// Of how many tries of a provider one is struck by a fault; 0: none.
    pub tries_per_fault: u64,
    /// Most clients inside a call at once.
    pub concurrency: usize,
}

/// A recording, and how many faults struck while it was made.
#[derive(Clone, PartialEq, Debug)]
pub struct Rehearsed {
    /// The calls, in the order in which they returned.
    pub events: Vec<EventLine>,
    /// The faults that a search will have to find.
    pub faults: u32,
}

struct Stage {
    window: Window,
    step: Step,
    open: Vec<Option<EventLine>>,
    moment: u64,
    random: u64,
    rehearsal: Rehearsal,
    done: Rehearsed,
}

/// Makes a recording of the scenario's clients.
#[must_use]
pub fn rehearse(mut scenario: Scenario, rehearsal: Rehearsal) -> Rehearsed {
    scenario.faults.budget = 15;
    let window = Window::new(scenario);
    let step = Step::at(window.model().initial());
    let open = vec![None; window.model().scenario().clients.len()];
    let done = Rehearsed { events: Vec::with_capacity(rehearsal.events), faults: 0 };
    let random = rehearsal.seed ^ 0x9e37_79b9_7f4a_7c15;
    let mut stage = Stage { window, step, open, moment: 0, random, rehearsal, done };
    while stage.done.events.len() < rehearsal.events {
        stage.go_on();
    }
    stage.done
}

impl Stage {
    /// A number below `bound`.
    fn draw(&mut self, bound: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % bound.max(1)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let at = self.draw(items.len() as u64);
        usize::try_from(at).ok().and_then(|at| items.get(at)).copied()
    }

    /// One client begins a call, or one step of a call is taken.
    fn go_on(&mut self) {
        self.moment += 1;
        let clients: Vec<usize> = (0..self.open.len()).collect();
        let busy = self.open.iter().filter(|open| open.is_some()).count();
        let Some(index) = self.pick(&clients) else {
            return;
        };
        let client = ClientId::from(index);
        if self.open[index].is_none() {
            if busy < self.rehearsal.concurrency {
                self.begin(client);
            }
            return;
        }
        let mut choices = Vec::new();
        let state = self.step.state;
        self.window.model().candidates(&state, client, &mut |choice| choices.push(choice));
        let Some(choice) = self.choose(&choices) else {
            return;
        };
        self.take(Action { client, choice });
    }

    /// A choice; a fault only as often as the rehearsal wants.
    fn choose(&mut self, choices: &[Choice]) -> Option<Choice> {
        let strikes = |choice: &Choice| matches!(choice, Choice::Try(Fate { struck: Some(_), .. }));
        let harmful: Vec<_> = choices.iter().copied().filter(strikes).collect();
        let rate = self.rehearsal.tries_per_fault;
        if !harmful.is_empty() && rate > 0 && self.draw(rate) == 0 {
            return self.pick(&harmful);
        }
        let unkind = |choice: &Choice| {
            matches!(choice, Choice::Answer(Answer::Cancel | Answer::Refuse) | Choice::TimeOut)
        };
        let kind: Vec<_> = choices.iter().copied().filter(|c| !strikes(c) && !unkind(c)).collect();
        self.pick(&kind)
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others are not recorded")]
    fn take(&mut self, action: Action) {
        let state = self.step.state;
        if self.window.model().step_into(&state, action, &mut self.step).is_err() {
            self.step.state = state;
            return;
        }
        for effect in &self.step.effects {
            match *effect {
                Effect::Struck(..) => self.done.faults += 1,
                Effect::Returned { client, code, .. } => {
                    if let Some(mut event) = self.open[client.index()].take() {
                        event.result = Value::from(code.name());
                        event.end = Some(moment(self.moment));
                        self.done.events.push(event);
                    }
                }
                _ => {}
            }
        }
        let people = self.step.state.people();
        self.step.state.seat(&people, 15);
    }

    /// The client makes some call that it can make.
    fn begin(&mut self, client: ClientId) {
        let (asked, written) = self.next_call(client);
        let mut needs = Needs::default();
        self.window.need(&self.step.state, &mut needs);
        let Ok(shift) = self.window.next(client, asked, None, &needs) else {
            return;
        };
        let Some(state) = shift.carry(&self.step.state) else {
            return;
        };
        self.step.state = state;
        let scenario = self.window.model().scenario();
        let event = EventLine {
            client: scenario.clients[client.index()].name.clone(),
            call: written,
            begin: Some(moment(self.moment)),
            ..EventLine::default()
        };
        self.open[client.index()] = Some(event);
        self.moment += 1;
        if self.step.state.client(client).phase() == Phase::Ready {
            self.take(Action { client, choice: Choice::Begin });
        }
    }

    fn next_call(&mut self, client: ClientId) -> (Asked, String) {
        let (kind, which) = (self.draw(8), self.draw(1 << 20));
        let scenario = self.window.model().scenario();
        let own = &scenario.clients[client.index()];
        let parameters =
            Parameters { profile: own.profile.clone(), password: own.password, flags: own.flags };
        let stores: Vec<usize> = (0..scenario.providers.len())
            .filter(|index| scenario.providers[*index].kind == ProviderKind::MessageStore)
            .collect();
        let names: Vec<String> =
            stores.iter().map(|index| scenario.providers[*index].name.clone()).collect();
        let mut logons = self.window.logons_of(client);
        let holds = logons.any(|slot: LogonId| self.step.state.attachment(slot).is_some());
        if !holds {
            return (Asked::Logon(parameters), "MAPILogonEx".to_owned());
        }
        let other =
            |call, written: &str| (Asked::Other(call, written.to_owned()), written.to_owned());
        match kind {
            0..3 if !stores.is_empty() => {
                let at = usize::try_from(which).unwrap_or(0) % stores.len();
                let call = Call::OpenMsgStore(stores[at].into());
                other(call, &format!("OpenMsgStore:{}", names[at]))
            }
            0..5 => other(Call::OpenAddressBook, "OpenAddressBook"),
            5 => other(Call::QueryIdentity, "QueryIdentity"),
            _ => other(Call::Logoff(LogoffFlags::empty()), "Logoff"),
        }
    }
}

/// A step as a time; far below the numbers that are not exact.
#[expect(clippy::cast_precision_loss, reason = "far fewer steps than 2^52")]
const fn moment(step: u64) -> f64 {
    step as f64
}

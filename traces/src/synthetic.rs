//! Synthetic recordings: a run of the machine, written down as a recorder would have seen it.
//!
//! Clients log on, use their sessions and log off without end, in an order drawn from a seed, and
//! faults strike at a given rate. Only calls and results are written down.

use mapi_logon_model::ids::{ClientId, LOGONS};
use mapi_logon_model::mapi::{LogoffFlags, ProviderKind};
use mapi_logon_model::protocol::{Action, Answer, Call, Choice, Effect, Method};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde_json::Value;

use crate::recording::EventLine;
use crate::tracer::{Tracer, any_calls, free_slot, strikes};

/// The parameters of a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Synthesis {
    /// The number of calls.
    pub events: usize,
    /// The seed of all draws.
    pub seed: u64,
    /// One in this many tries of a provider is struck by a fault; 0: none.
    pub tries_per_fault: u64,
    /// Most clients inside a call at once.
    pub concurrency: usize,
}

/// A synthetic recording.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Synthetic {
    /// The calls, in the order in which they returned.
    pub events: Vec<EventLine>,
    /// How many faults struck.
    pub faults: u32,
}

struct Generator {
    run: Tracer,
    open: Vec<Option<EventLine>>,
    /// The call that each client is in or about to begin.
    calls: Vec<Option<Call>>,
    moment: u64,
    random: ChaCha8Rng,
    synthesis: Synthesis,
    done: Synthetic,
}

/// Most steps without a call that returns, after which nothing can be expected any more.
const IDLE: u64 = 100_000;

/// Makes a recording of the scenario's clients; shorter where all of them wait for ever.
#[must_use]
pub fn synthesize(scenario: Scenario, synthesis: Synthesis) -> Synthetic {
    let clients = scenario.clients.len();
    // A session that one client has left may live on through each of the others.
    let room = clients.min(LOGONS / clients.max(1));
    let slots = Slots::of(vec![room; clients]);
    let mut generator = Generator {
        run: Tracer::given(any_calls(scenario, slots, Some(u32::MAX)), None),
        open: vec![None; clients],
        calls: vec![None; clients],
        moment: 0,
        random: ChaCha8Rng::seed_from_u64(synthesis.seed),
        synthesis,
        done: Synthetic::default(),
    };
    let mut last = (0, 0);
    while generator.done.events.len() < synthesis.events && generator.moment < last.1 + IDLE {
        generator.go_on();
        let events = generator.done.events.len();
        if events > last.0 {
            last = (events, generator.moment);
        }
    }
    generator.done
}

impl Generator {
    /// A number below `bound`.
    fn draw(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.random.next_u64() % bound).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let at = self.draw(items.len());
        items.get(at).copied()
    }

    /// One client begins a call, or one step of a call is taken.
    fn go_on(&mut self) {
        self.moment += 1;
        let busy = self.open.iter().filter(|open| open.is_some()).count();
        let client = ClientId::from(self.draw(self.open.len()));
        if self.open[client.index()].is_none() {
            if busy < self.synthesis.concurrency {
                self.begin(client);
            }
            return;
        }
        let mut choices = Vec::new();
        let (model, sight) = (self.run.model(), self.run.model().sight(self.run.state()));
        let mut add = |choice| choices.push(choice);
        match self.calls[client.index()] {
            Some(call) if sight.client(client).call().is_none() => {
                model.beginnings(client, call, &mut add);
            }
            Some(_) | None => model.continuations(sight, client, &mut add),
        }
        if let Some(choice) = self.choose(&choices) {
            self.take(Action { client, choice });
        }
    }

    /// A choice; a fault only at the rate that is wanted.
    fn choose(&mut self, choices: &[Choice]) -> Option<Choice> {
        let harmful: Vec<_> = choices.iter().copied().filter(|one| strikes(*one)).collect();
        let rate = usize::try_from(self.synthesis.tries_per_fault).unwrap_or(usize::MAX);
        if !harmful.is_empty() && rate > 0 && self.draw(rate) == 0 {
            return self.pick(&harmful);
        }
        let ends = |choice: &Choice| {
            let answers = matches!(choice, Choice::Answer(Answer::Cancel | Answer::Refuse));
            answers || *choice == Choice::TimeOut
        };
        let others = choices.iter().copied();
        let others: Vec<_> = others.filter(|one| !strikes(*one) && !ends(one)).collect();
        if others.is_empty() { self.pick(choices) } else { self.pick(&others) }
    }

    fn take(&mut self, action: Action) {
        if self.run.take(action).is_err() {
            return;
        }
        for effect in self.run.effects() {
            if let Effect::Struck { .. } = effect {
                self.done.faults += 1;
            }
            if let Effect::Returned { client, result, .. } = effect
                && let Some(mut event) = self.open[client.index()].take()
            {
                event.result = Value::from(result.name());
                event.end = Some(moment(self.moment));
                self.done.events.push(event);
            }
        }
    }

    /// The client makes some call that it can make.
    fn begin(&mut self, client: ClientId) {
        let (kind, store) = (self.draw(8), self.draw(1 << 20));
        let Some(call) = self.next_call(client, kind, store) else {
            return;
        };
        let words = self.run.model().words();
        let event = EventLine {
            client: words.client(client).to_owned(),
            call: words.call(call),
            begin: Some(moment(self.moment)),
            ..EventLine::default()
        };
        self.open[client.index()] = Some(event);
        self.calls[client.index()] = Some(call);
        self.moment += 1;
        let choice = Choice::Begin(call);
        self.take(Action { client, choice });
    }

    fn next_call(&self, client: ClientId, kind: usize, store: usize) -> Option<Call> {
        let (model, state) = (self.run.model(), self.run.state());
        let scenario = model.scenario();
        if model.sight(state).session_held(client).is_none() {
            let slot = free_slot(model, state, client)?;
            let own = &scenario.clients[client.index()];
            return Some(Call::LogonEx(own.logon(slot)));
        }
        let stores = scenario.of_kind(ProviderKind::MessageStore);
        let at = store % (stores.len() as usize).max(1);
        let method = match (kind, stores.into_iter().nth(at)) {
            (0..3, Some(store)) => Method::OpenMsgStore(store),
            (0..5, _) => Method::OpenAddressBook,
            (5, _) => Method::QueryIdentity,
            _ => Method::Logoff(LogoffFlags::empty()),
        };
        Some(Call::OnSession(None, method))
    }
}

/// A step as a time; far below the numbers that are not exact.
#[expect(clippy::cast_precision_loss, reason = "far fewer steps than 2^52")]
const fn moment(step: u64) -> f64 {
    step as f64
}

//! How fast does somebody else make random runs of the same model? The simulation of `stateright`.

use std::cell::RefCell;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mapi_logon_model::action::Action;
use mapi_logon_model::effect::Effect;
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::scenario::{Call, Scenario};
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use mapi_logon_sim::judge::{Judge, breaking};
use stateright::{Checker, Property, UniformChooser};

use crate::command::bench::{Runs, timed};

thread_local! {
    /// Working memory, so that steps need not allocate here either.
    static SPARE: RefCell<Option<(Step, Judge)>> = const { RefCell::new(None) };
}

/// The model as stateright wants it.
struct Guest {
    model: Model,
    /// The properties that are judged; none if nothing is.
    judged: u128,
    logons: Arc<AtomicU64>,
}

/// What stateright takes for a state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    state: State,
    memory: Memory,
    broken: bool,
}

impl stateright::Model for Guest {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World { state: self.model.initial(), memory: Memory::default(), broken: false }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for client in (0..self.model.scenario().clients.len()).map(ClientId::from) {
            self.model.candidates(&world.state, client, &mut |choice| {
                actions.push(Action { client, choice });
            });
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        SPARE.with_borrow_mut(|spare| {
            let new = || (Step::at(self.model.initial()), Judge::new(&self.model));
            let (step, judge) = spare.get_or_insert_with(new);
            self.model.step_into(&world.state, action, step).ok()?;
            let mut next = World { state: step.state, ..*world };
            if self.judged != 0 {
                judge.remember(world.memory);
                let marks = judge.see(&self.model, &world.state, action, step);
                next.broken = marks & self.judged != 0;
                next.memory = *judge.memory();
            }
            let call = self.model.next_call(&world.state, action.client);
            let returns = |effect: &Effect| matches!(effect, Effect::Returned { .. });
            if matches!(call, Some(Call::LogonEx(_))) && step.effects.iter().any(returns) {
                self.logons.fetch_add(1, Ordering::Relaxed);
            }
            Some(next)
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("nothing is broken", |_, world: &World| !world.broken)]
    }
}

/// Lets stateright make about so many steps of random runs.
#[must_use]
pub(crate) fn runs(scenario: &Scenario, threads: usize, checked: bool, steps: f64) -> Runs {
    use stateright::Model as _;
    let logons = Arc::new(AtomicU64::new(0));
    let guest = Guest {
        model: Model::new(scenario.clone()),
        judged: if checked { breaking() } else { 0 },
        logons: Arc::clone(&logons),
    };
    let steps = NonZeroUsize::new(whole(steps)).unwrap_or(NonZeroUsize::MIN);
    let builder = guest.checker().threads(threads).target_state_count(steps.get());
    let (made, seconds) =
        timed(|| builder.spawn_simulation(1, UniformChooser).join().state_count());
    Runs {
        threads,
        checked,
        logons_per_second: logons.load(Ordering::Relaxed) as f64 / seconds,
        steps_per_second: made as f64 / seconds,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts are not negative, and conversion saturates"
)]
const fn whole(number: f64) -> usize {
    number as usize
}

//! Random runs of the same model by the simulation of `stateright`.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::{Action, Call, Effect};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::judge::{Judge, binding};
use stateright::{Checker, Model as _, Property, UniformChooser};

thread_local! {
    /// Working memory, so that steps need not allocate here either.
    static SPARE: RefCell<Option<(Step, Judge<'static>)>> = const { RefCell::new(None) };
}

/// What some random runs came to.
pub(crate) struct Made {
    /// Steps taken.
    pub(crate) steps: u64,
    /// `MAPILogonEx` calls that returned.
    pub(crate) logons: u64,
}

/// Makes random runs of `steps` steps in all, or a few more.
pub(crate) fn runs(scenario: &Scenario, judging: bool, steps: u32) -> Made {
    let logons = Arc::new(AtomicU64::new(0));
    let adapter = Adapter {
        // Working memory outlives the adapter.
        model: Box::leak(Box::new(Model::new(scenario.clone()))),
        judged: if judging { binding(scenario) } else { PropertySet::EMPTY },
        logons: Arc::clone(&logons),
    };
    SPARE.set(None);
    let checker = adapter
        .checker()
        .target_state_count(steps as usize)
        .spawn_simulation(1, UniformChooser)
        .join();
    Made { steps: checker.state_count() as u64, logons: logons.load(Ordering::Relaxed) }
}

/// The model as stateright wants it.
struct Adapter {
    model: &'static Model,
    /// The properties that are judged; none if nothing is.
    judged: PropertySet,
    logons: Arc<AtomicU64>,
}

/// What stateright takes for a state.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
struct World {
    world: mapi_logon_model::World,
    memory: Memory,
    broken: bool,
}

impl stateright::Model for Adapter {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            world: self.model.start(),
            memory: Observer::of(self.model).start(),
            broken: false,
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for client in (0..self.model.scenario().clients.len()).map(ClientId::from) {
            self.model.candidates(&world.world, client, &mut |choice| {
                actions.push(Action { client, choice });
            });
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        SPARE.with_borrow_mut(|spare| {
            let new = || (Step::at(self.model.initial()), Judge::new(self.model));
            let (step, judge) = spare.get_or_insert_with(new);
            let before = &world.world;
            self.model.step_into(&before.state, action, step).ok()?;
            let cursor = self.model.advance(&before.cursor, action.client, step);
            let mut next = World {
                world: mapi_logon_model::World {
                    state: step.state.clone(),
                    cursor,
                },
                ..world.clone()
            };
            if !self.judged.is_empty() {
                judge.remember(&world.memory);
                let marks = judge.see(before, action, step, &cursor);
                next.broken = !marks.and(self.judged).is_empty();
                next.memory.clone_from(judge.memory());
            }
            let returns = |effect: &Effect| {
                matches!(effect, Effect::Returned { call, .. } if matches!(call, Call::LogonEx(_)))
            };
            if step.effects.iter().any(returns) {
                self.logons.fetch_add(1, Ordering::Relaxed);
            }
            Some(next)
        })
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("nothing is broken", |_, world: &World| !world.broken)]
    }
}

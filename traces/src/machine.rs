//! How is a run carried on, one written action after the other? By the one transition function.

use mapi_logon_model::action::{Action, Choice, Fate};
use mapi_logon_model::bits::BitWriter;
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::state::State;
use mapi_logon_model::step::Step;
use mapi_logon_model::window::{Asked, Needs, Window};

use crate::calls;
use crate::fold::fingerprint;
use crate::names::Names;
use crate::trace::{Act, Calls, Deed, Line};

/// A run under way: a machine, and the state it is in.
#[derive(Clone, Debug)]
pub struct Run {
    machine: Machine,
    step: Step,
    words: Vec<u64>,
    steps: u64,
    /// How many faults may still strike, where that is not the scenario's to say.
    faults: Option<u32>,
}

#[derive(Clone, Debug)]
enum Machine {
    Listed(Box<Model>),
    Given(Box<Window>),
}

impl Run {
    /// A run that has not begun.
    #[must_use]
    pub fn new(scenario: Scenario, calls: Calls) -> Self {
        match calls {
            Calls::Listed => Self::of(Model::new(scenario)),
            Calls::Given => Self::within(Window::new(scenario)),
        }
    }

    /// A run of this model, which makes the calls that its scenario lists.
    #[must_use]
    pub fn of(model: Model) -> Self {
        Self::with(Machine::Listed(Box::new(model)))
    }

    fn within(window: Window) -> Self {
        Self::with(Machine::Given(Box::new(window)))
    }

    fn with(machine: Machine) -> Self {
        let model = machine.model();
        let words = vec![0; (model.state_bits() as usize).div_ceil(64).max(1)];
        let step = Step::at(model.initial());
        Self { machine, step, words, steps: 0, faults: None }
    }

    /// The same where so many faults may strike, whatever the scenario says.
    #[must_use]
    pub const fn with_faults(mut self, faults: Option<u32>) -> Self {
        self.faults = faults;
        self
    }

    /// Puts at hand as many faults as a state can count, of those that may still strike.
    fn refill(&mut self) {
        let Some(left) = self.faults else { return };
        let most = u32::from(self.machine.model().scenario().faults.budget);
        let people = self.step.state.people();
        self.step.state.seat(&people, u8::try_from(left.min(most)).unwrap_or(u8::MAX));
    }

    /// The machine as it stands.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.machine.model()
    }

    /// The state the run is in.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.step.state
    }

    /// The names of the scenario.
    #[must_use]
    pub fn names(&self) -> Names<'_> {
        match &self.machine {
            Machine::Listed(model) => Names::of(model),
            Machine::Given(window) => Names::within(window),
        }
    }

    /// Takes a step; nothing where the machine cannot take it.
    pub fn take(&mut self, action: Action) -> Option<Line> {
        let act = self.names().act(&self.step.state, action);
        self.take_as(action, act)
    }

    /// Takes the step that is written so; nothing where a name is not known, or the machine cannot.
    pub fn follow(&mut self, act: &Act) -> Option<Line> {
        if self.is_given(act) {
            self.open(act)?;
        }
        let action = self.names().action(act)?;
        let mut own = self.names().act(&self.step.state, action);
        if self.is_given(act) {
            (own.parameters, own.on) = (act.parameters.clone(), act.on.clone());
        }
        self.take_as(action, own)
    }

    fn is_given(&self, act: &Act) -> bool {
        act.deed == Deed::Begin && matches!(self.machine, Machine::Given(_))
    }

    /// The actions that are enabled, as they are written.
    #[must_use]
    pub fn possible(&self) -> Vec<Act> {
        let mut acts = Vec::new();
        let (names, state) = (self.names(), self.step.state);
        self.model().successors(&state, |action, _| acts.push(names.act(&state, action)));
        acts
    }

    fn take_as(&mut self, action: Action, act: Act) -> Option<Line> {
        self.refill();
        let state = self.step.state;
        let model = self.machine.model();
        if model.step_into(&state, action, &mut self.step).is_err() {
            self.step.state = state;
            return None;
        }
        self.steps += 1;
        if let Choice::Try(Fate { struck: Some(_), .. }) = action.choice {
            self.faults = self.faults.map(|left| left.saturating_sub(1));
        }
        let mut writer = BitWriter::new(&mut self.words);
        model.encode(&self.step.state, &mut writer);
        let names = self.names();
        Some(Line {
            step: self.steps,
            action: act,
            effects: self.step.effects.iter().map(|effect| names.effect(*effect)).collect(),
            taken: self.step.taken.iter().map(|taken| taken.transition.id().to_owned()).collect(),
            state: format!("{:016x}", fingerprint(&self.words)),
        })
    }

    /// Moves the window on to a call that is given.
    fn open(&mut self, act: &Act) -> Option<()> {
        let Machine::Given(window) = &mut self.machine else {
            return None;
        };
        let names = Names::within(window);
        let on = match &act.on {
            None => None,
            Some(session) => Some(names.logon_named(session)?),
        };
        let scenario = window.model().scenario();
        let client = scenario.clients.iter().position(|client| client.name == act.client)?.into();
        let written = act.call.as_deref()?;
        let asked = match calls::call(scenario, written).ok()? {
            calls::Named::Logon => Asked::Logon(calls::parameters(act.parameters.as_ref()?).ok()?),
            calls::Named::Other(call) => Asked::Other(call, written.to_owned()),
        };
        let mut needs = Needs::default();
        window.need(&self.step.state, &mut needs);
        let shift = window.next(client, asked, on, &needs).ok()?;
        self.step.state = shift.carry(&self.step.state)?;
        Some(())
    }
}

impl Machine {
    fn model(&self) -> &Model {
        match self {
            Self::Listed(model) => model,
            Self::Given(window) => window.model(),
        }
    }
}

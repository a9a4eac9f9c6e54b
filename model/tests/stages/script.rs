//! A script: what happens to one client after the other, and what must come of it.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::{
    Action, Answer, Choice, Effect, Fate, Phase, Place, Scripted, Transition,
};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::World;

/// A profile with two services, and clients that differ in flags.
pub(crate) const OFFICE: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
identity = true
provider = [
    { name = "EXAB", kind = "address-book" },
    { name = "EXMS", kind = "message-store" },
]
[[profile.service]]
name = "Internet"
provider = [
    { name = "INMS", kind = "message-store" },
    { name = "INXP", kind = "transport" },
]
[faults]
budget = 2
"#;

/// A world under way.
pub(crate) struct Script {
    model: Model,
    world: World,
    step: Step,
    client: ClientId,
}

/// The office with these clients.
pub(crate) fn office(clients: &str) -> Script {
    world(&format!("{OFFICE}{clients}"))
}

/// The office in which that provider has these keys, if any.
pub(crate) fn provider(name: &str, keys: &str) -> String {
    let separator = if keys.is_empty() { "" } else { ", " };
    let name = format!("name = \"{name}\"");
    OFFICE.replacen(&name, &format!("{name}{separator}{keys}"), 1)
}

/// The world of a text.
pub(crate) fn world(text: &str) -> Script {
    let scenario = Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    Script::of(scenario)
}

impl Script {
    fn of(scenario: Scenario) -> Self {
        let model = Model::new(scenario);
        Self { world: model.start(), step: Step::at(model.initial()), client: ClientId(0), model }
    }

    /// The same world from its start, under another reading.
    pub(crate) fn read(self, switch: &str, value: &str) -> Self {
        let mut scenario = self.model.scenario().clone();
        scenario.policy.set(switch, value).expect("a reading");
        Self::of(scenario)
    }

    /// From here on about this client.
    pub(crate) fn client(mut self, name: &str) -> Self {
        let clients = &self.model.scenario().clients;
        let at = clients.iter().position(|client| client.name == name);
        self.client = at.expect("a client").into();
        self
    }

    fn phase(&self) -> Phase {
        self.model.sight(&self.world.state).client(self.client).phase()
    }

    /// Takes a step; whether it could be taken.
    fn step(&mut self, choice: Choice) -> bool {
        let client = self.client;
        let action = Action { client, choice };
        let Ok(step) = self.model.step(&self.world.state, action) else {
            return false;
        };
        self.world = World {
            cursor: self.model.advance(&self.world.cursor, client, &step),
            state: step.state.clone(),
        };
        self.step = step;
        true
    }

    fn does(mut self, choice: Choice) -> Self {
        assert!(self.step(choice), "{choice:?} cannot happen at {:?}", self.phase());
        self
    }

    /// This happens.
    pub(crate) fn chooses(self, choice: Choice) -> Self {
        self.does(choice)
    }

    /// This cannot happen here.
    pub(crate) fn cannot(mut self, choice: Choice) -> Self {
        assert!(!self.step(choice), "{choice:?} can happen");
        self
    }

    /// The client makes its next call.
    pub(crate) fn calls(self) -> Self {
        let call = self.model.listed_call(&self.world.cursor, self.client);
        self.does(Choice::Begin(call.expect("a call is left")))
    }

    /// Its next call cannot begin now.
    pub(crate) fn cannot_call(self) -> Self {
        let call = self.model.listed_call(&self.world.cursor, self.client);
        self.cannot(Choice::Begin(call.expect("a call is left")))
    }

    /// MAPI goes on.
    pub(crate) fn goes_on(self) -> Self {
        self.does(Choice::Proceed)
    }

    /// The short bound of `MAPI_TIMEOUT_SHORT` passes.
    pub(crate) fn does_time_out(self) -> Self {
        self.does(Choice::TimeOut)
    }

    /// The user answers.
    pub(crate) fn answers(self, answer: Answer) -> Self {
        self.does(Choice::Answer(answer))
    }

    /// A provider is tried, and nothing befalls it.
    pub(crate) fn tries(self) -> Self {
        self.does(Choice::Try(Fate::default()))
    }

    /// The provider that is tried fails by this fault.
    pub(crate) fn fails(self, fault: Fault) -> Self {
        self.does(Choice::Try(Fate { struck: Some(fault), ..Fate::default() }))
    }

    /// The provider that is tried is found healthy.
    pub(crate) fn repaired(self) -> Self {
        self.does(Choice::Try(Fate { repaired: true, ..Fate::default() }))
    }

    /// An entry point without dialogs ends, the data completed or not.
    pub(crate) fn does_configure(self, completed: bool) -> Self {
        self.does(Choice::Configure { completed })
    }

    /// The logon method of the provider answers this.
    pub(crate) fn provider_answers(self, code: Code) -> Self {
        self.does(Choice::Try(Fate { scripted: Some(Scripted::Logon(code)), ..Fate::default() }))
    }

    /// The call goes on by itself, its providers in health, until it rests at this place.
    pub(crate) fn until(mut self, place: Place) -> Self {
        while self.phase().row().place != place {
            let rests = self.phase();
            let went_on = self.step(Choice::Proceed) || self.step(Choice::Try(Fate::default()));
            assert!(went_on, "{rests:?} leads to no {place:?}");
        }
        self
    }

    /// The call goes on by itself until that provider is to be tried.
    pub(crate) fn until_provider(mut self, name: &str) -> Self {
        loop {
            self = self.until(Place::Q13);
            let Phase::Trying(provider, _) = self.phase() else {
                panic!("Q13 is where providers are tried")
            };
            if self.model.words().provider(provider) == name {
                return self;
            }
            self = self.tries();
        }
    }

    /// The whole call goes on by itself, its providers in health.
    pub(crate) fn completes(mut self) -> Self {
        while self.phase() != Phase::Ready {
            let rests = self.phase();
            let went_on = self.step(Choice::Proceed) || self.step(Choice::Try(Fate::default()));
            assert!(went_on, "{rests:?} asks for a choice");
        }
        self
    }

    /// The last step took exactly these transitions.
    pub(crate) fn takes(self, transitions: &[Transition]) -> Self {
        let taken = self.step.taken.iter().map(|taken| taken.transition);
        assert_eq!(taken.collect::<Vec<_>>(), transitions);
        self
    }

    /// The call rests at this place.
    pub(crate) fn rests_at(self, place: Place) -> Self {
        assert_eq!(self.phase().row().place, place);
        self
    }

    /// The last step showed this.
    pub(crate) fn shows(self, words: &str) -> Self {
        let effects = self.words();
        assert!(effects.iter().any(|effect| effect == words), "{effects:#?}");
        self
    }

    /// The last step showed nothing of the kind.
    pub(crate) fn shows_no(self, words: &str) -> Self {
        let effects = self.words();
        assert!(!effects.iter().any(|effect| effect.contains(words)), "{effects:#?}");
        self
    }

    fn words(&self) -> Vec<String> {
        let words = self.model.words();
        self.step.effects.iter().map(|effect| words.effect(*effect)).collect()
    }

    /// The call returned this in the last step.
    pub(crate) fn returns(self, code: Code) -> Self {
        let returned = self.step.effects.iter().find_map(|effect| {
            let Effect::Returned { result, .. } = *effect else {
                return None;
            };
            Some(result)
        });
        assert_eq!(returned, Some(code));
        self
    }
}

//! The model as a system under test: the adapter's side of the protocol.
//!
//! The calls are given, the answers of providers and of the user as well; everything else is a step
//! of the model, drawn from a seed where it has a choice.

use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::CALL_NAMES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::random::{Purpose, Stream};

use crate::protocol::{
    Clients, Controls, Dialogs, FromAdapter, FromTool, Hello, Observes, Providers, VERSION, World,
};

mod player;
mod stage;

pub(crate) use player::answer_of;
use stage::Stage;

/// Makes a model of a scenario whose clients make any calls; a wrong one, for a mutant.
pub type Build = dyn Fn(Scenario) -> Model;

/// An adapter whose system is the model.
pub struct Impersonator<'b> {
    build: &'b Build,
    seed: u64,
    voice: Voice,
    stage: Option<Stage>,
    ended: bool,
}

/// What is said to the tool, and what draws the choices.
#[derive(Debug)]
struct Voice {
    stream: Stream,
    numbers: Numbers,
    said: Vec<FromAdapter>,
}

impl Voice {
    fn new(seed: u64) -> Self {
        Self {
            stream: Stream::new(seed, Purpose::Choices, 0),
            numbers: Numbers::default(),
            said: Vec::new(),
        }
    }
}

/// The last numbers of questions and dialogs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Numbers {
    ask: u64,
    dialog: u64,
}

impl std::fmt::Debug for Impersonator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Impersonator").field("ended", &self.ended).finish_non_exhaustive()
    }
}

impl<'b> Impersonator<'b> {
    /// An adapter before `hello`; equal seeds make equal choices.
    #[must_use]
    pub fn new(build: &'b Build, seed: u64) -> Self {
        Self { build, seed, voice: Voice::new(seed), stage: None, ended: false }
    }

    /// Becomes an adapter before `hello` again.
    pub fn restart(&mut self) {
        (self.voice, self.ended) = (Voice::new(self.seed), false);
        if let Some(stage) = &mut self.stage {
            stage.restart();
        }
    }

    /// Whether the tool has said goodbye.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        self.ended
    }

    /// Hears a line of the tool, and returns what the adapter says to it, in order.
    pub fn hear(&mut self, line: FromTool) -> impl Iterator<Item = FromAdapter> + '_ {
        match line {
            FromTool::Hello { id, .. } => {
                self.voice.said.push(FromAdapter::Hello { id, hello: hello() })
            }
            FromTool::World { id, world } => self.make(id, world),
            FromTool::Bye { .. } => self.ended = true,
            line @ (FromTool::Call { .. } | FromTool::Answer { .. } | FromTool::User { .. }) => {
                self.play(line);
            }
        }
        self.voice.said.drain(..)
    }

    fn make(&mut self, id: u64, world: World) {
        if let Some(stage) = self.stage.as_mut().filter(|stage| *stage.world() == world) {
            stage.restart();
        } else {
            match world.scenario() {
                Ok(scenario) => self.stage = Some(Stage::new(world, (self.build)(scenario))),
                Err(error) => {
                    let what = error.to_string();
                    return self.voice.said.push(FromAdapter::Unsupported { id, what });
                }
            }
        }
        self.voice.said.push(FromAdapter::Ready { id });
    }

    fn play(&mut self, line: FromTool) {
        let heard = match &mut self.stage {
            Some(stage) => stage.hear(line, &mut self.voice),
            None => Err("there is no world yet".to_owned()),
        };
        if let Err(text) = heard {
            self.voice.said.push(FromAdapter::Error { text });
        }
    }
}

fn hello() -> Hello {
    Hello {
        protocol: VERSION,
        system: "mapi-logon model".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        calls: CALL_NAMES.map(str::to_owned).to_vec(),
        clients: Clients::Threads,
        controls: Controls { providers: Providers::Live, dialogs: Dialogs::Scripted },
        observes: Observes { provider_calls: true, session_identity: true },
    }
}

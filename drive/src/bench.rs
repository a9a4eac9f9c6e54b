//! A system under test: the greeting, fresh worlds, and another start where it has ended.

use std::collections::BTreeSet;
use std::time::Duration;

use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::recording::EventLine;

use crate::broken::Broken;
use crate::campaign::Limits;
use crate::choose::Chooser;
use crate::clock::Moment;
use crate::course::gone::died_after;
use crate::course::{Course, End, Patience, known};
use crate::expected::{Deviations, Excused};
use crate::judge::Judge;
use crate::moves::{Calling, Move};
use crate::port::{Heard, Port};
use crate::protocol::{
    Clients, Controls, Dialogs, FromAdapter, FromTool, Hello, Observes, Providers, VERSION, World,
};
use crate::repertoire::{Repertoire, left_out, repertoires, supported};
use crate::world::{drivable, opened};

/// A world that was driven.
#[derive(Clone, Debug)]
pub struct Driven {
    /// Its number, from 0.
    pub number: u64,
    /// How it ended.
    pub end: End,
    /// What was done.
    pub moves: Vec<Move>,
    /// What was seen.
    pub recording: Vec<EventLine>,
    /// Expected deviations after which it went on.
    pub excused: Vec<Excused>,
    /// How many questions were answered.
    pub answers: u64,
    /// How long each call took, in order of its return.
    pub times: Vec<(String, Duration)>,
}

impl Driven {
    /// The recording as the model went on: with its own results where the system deviated as
    /// expected.
    #[must_use]
    pub fn followed(&self) -> Vec<EventLine> {
        let mut recording = self.recording.clone();
        for one in &self.excused {
            let event = &mut recording[one.event];
            one.result.into_iter().for_each(|result| event.result = result.into());
        }
        recording
    }
}

/// A system under test, with an adapter that has said hello.
#[derive(Debug)]
pub struct Bench<'p> {
    port: &'p mut dyn Port,
    hello: Hello,
    ids: u64,
    /// The scenario, whatever the adapter can do.
    whole: Scenario,
    /// As the scenario lists the calls of its clients, as far as the adapter can make them.
    listed: Scenario,
    repertoires: Vec<Repertoire>,
    /// Calls that the adapter does not support.
    refused: BTreeSet<Calling>,
    expected: Deviations,
    model: Model,
    world: World,
    patience: Patience,
    preset: bool,
    /// The next world is made.
    ready: bool,
}

/// Why an adapter cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Unusable {
    /// It breaks the protocol.
    #[error("{0}")]
    Broken(Broken),
    /// It cannot be started again.
    #[error("{0}")]
    Gone(String),
    /// It cannot make this world.
    #[error("out of reach: the adapter does not support {0}")]
    World(String),
    /// The user interrupted the tool.
    #[error("interrupted")]
    Interrupted,
}

impl From<Broken> for Unusable {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

impl std::fmt::Debug for dyn Port + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Port")
    }
}

impl<'p> Bench<'p> {
    /// Greets the adapter.
    ///
    /// # Errors
    /// [`Unusable`] where it does not answer as it must.
    pub fn new(
        port: &'p mut dyn Port,
        scenario: &Scenario,
        limits: &Limits,
    ) -> Result<Self, Unusable> {
        let (whole, mut ids) = (drivable(scenario.clone()), 0);
        let hello = greet(port, &mut ids, limits.patience)?;
        let listed = supported(whole.clone(), &hello);
        Ok(Self {
            port,
            ids,
            model: opened(listed.clone()),
            repertoires: repertoires(&listed, &hello),
            hello,
            world: World::of(&listed),
            whole,
            listed,
            refused: BTreeSet::new(),
            expected: Deviations::default(),
            patience: limits.patience,
            preset: limits.preset,
            ready: false,
        })
    }

    /// Worlds go on after deviations that are expected, as far as the model knows how.
    pub fn expect(&mut self, expected: &Deviations) {
        self.expected.clone_from(expected);
    }

    /// What the adapter and its system are.
    #[must_use]
    pub const fn hello(&self) -> &Hello {
        &self.hello
    }

    /// The scenario as it is driven.
    #[must_use]
    pub const fn scenario(&self) -> &Scenario {
        self.model.scenario()
    }

    /// The scenario with every call that it lists, whatever the adapter can do.
    #[must_use]
    pub const fn whole(&self) -> &Scenario {
        &self.whole
    }

    /// What the adapter cannot do of what the scenario asks for.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        left_out(&self.whole, &self.hello)
    }

    /// The scenario as it is driven, with the calls that it lists and the adapter can make.
    #[must_use]
    pub const fn listed(&self) -> &Scenario {
        &self.listed
    }

    /// The calls that the adapter turned out not to support, whoever makes them.
    pub(crate) const fn refused(&self) -> &BTreeSet<Calling> {
        &self.refused
    }

    /// Do providers answer S_OK without being asked?
    pub(crate) const fn is_preset(&self) -> bool {
        self.preset
    }

    /// Drives a fresh world as the chooser says.
    ///
    /// # Errors
    /// [`Unusable`] where the adapter cannot be used.
    pub fn drive(&mut self, number: u64, chooser: &mut dyn Chooser) -> Result<Driven, Unusable> {
        if !std::mem::take(&mut self.ready) {
            self.make_world()?;
        }
        let judge = Judge::new(&self.model, known(&self.hello));
        let connection = (&mut *self.port, &self.hello);
        let behaviour = (self.patience, self.preset);
        let calls = (&*self.repertoires, &self.refused, &self.expected);
        let mut course = Course::new(connection, judge, calls, behaviour, &mut self.ids);
        let end = course.drive(chooser)?;
        let busy = course.is_busy();
        let mut driven = Driven {
            number,
            moves: std::mem::take(&mut course.moves),
            recording: std::mem::take(&mut course.recording),
            excused: std::mem::take(&mut course.excused),
            answers: course.answers,
            times: std::mem::take(&mut course.times),
            end,
        };
        // What is left open, or in an unknown state, ends with the adapter.
        match &driven.end {
            End::Complete => self.outlive(&mut driven)?,
            End::Interrupted => {}
            End::Unsupported(calling, _) => {
                self.refused.insert(calling.kind());
                if busy {
                    self.restart()?;
                }
            }
            End::Deviated(_) | End::Undecided(_) | End::Stuck => self.restart()?,
        }
        Ok(driven)
    }

    /// Makes the next world at once: a system that dies of this one is found to do so here.
    fn outlive(&mut self, driven: &mut Driven) -> Result<(), Unusable> {
        let made = self.make_world();
        self.ready = made.is_ok();
        if let Err(Unusable::Broken(Broken { ended: Some(how), .. })) = &made
            && let Some(finding) = died_after(&driven.recording, how)
        {
            driven.end = End::Deviated(finding);
            return self.restart();
        }
        made
    }

    fn restart(&mut self) -> Result<(), Unusable> {
        self.port.restart().map_err(Unusable::Gone)?;
        self.ids = 0;
        self.hello = greet(self.port, &mut self.ids, self.patience)?;
        self.repertoires = repertoires(&self.listed, &self.hello);
        Ok(())
    }

    fn make_world(&mut self) -> Result<(), Unusable> {
        self.ids += 1;
        let id = self.ids;
        self.port.say(&FromTool::World { id, world: self.world.clone() });
        let expected = format!("`ready` or `unsupported` with id {id}");
        let heard = answer(self.port, self.patience.start, &expected)?;
        if let FromAdapter::Unsupported { id: own, what } = &heard
            && *own == id
        {
            return Err(Unusable::World(what.clone()));
        }
        if matches!(&heard, FromAdapter::Ready { id: own } if *own == id) {
            return Ok(());
        }
        Err(wrong(self.port, &heard, &expected).into())
    }

    /// Says goodbye.
    pub fn end(self) {
        self.port.say(&FromTool::Bye { id: self.ids + 1 });
    }
}

fn greet(port: &mut dyn Port, ids: &mut u64, patience: Patience) -> Result<Hello, Unusable> {
    *ids += 1;
    let id = *ids;
    let tool = format!("mapi-logon {}", env!("CARGO_PKG_VERSION"));
    port.say(&FromTool::Hello { id, protocol: vec![VERSION], tool });
    let expected = format!("`hello` with id {id} and protocol {VERSION}, such as {}", example(id));
    let heard = answer(port, patience.start, &expected)?;
    if let FromAdapter::Hello { id: own, hello } = &heard
        && *own == id
        && hello.protocol == VERSION
    {
        return Ok(hello.clone());
    }
    Err(wrong(port, &heard, &expected).into())
}

/// The shortest `hello`.
fn example(id: u64) -> String {
    let hello = Hello {
        protocol: VERSION,
        system: "my mapi".to_owned(),
        version: "1".to_owned(),
        calls: vec!["MAPILogonEx".to_owned()],
        clients: Clients::One,
        controls: Controls { providers: Providers::None, dialogs: Dialogs::None },
        observes: Observes::default(),
    };
    serde_json::to_string(&FromAdapter::Hello { id, hello }).unwrap_or_default()
}

/// The next message that is not a remark.
fn answer(port: &mut dyn Port, most: Duration, expected: &str) -> Result<FromAdapter, Unusable> {
    let began = Moment::now();
    loop {
        let what = match port.hear(began.left_of(most)) {
            Heard::Line(FromAdapter::Note { .. }) if began.elapsed() < most => continue,
            Heard::Line(FromAdapter::Note { .. }) => Broken::new("it only remarks", expected),
            Heard::Line(FromAdapter::Error { text }) => {
                Broken::new(format!("it gave up: {text}"), expected)
            }
            Heard::Line(line) => return Ok(line),
            Heard::Interrupted => return Err(Unusable::Interrupted),
            Heard::Nothing => {
                let what = format!(
                    "nothing came in {} s; is the output flushed after every line?",
                    most.as_secs_f64()
                );
                Broken::new(what, expected)
            }
            Heard::Garbage(line, why) => {
                Broken::new(format!("a line is no message: {why}"), expected).at(line)
            }
            Heard::Ended { how, .. } => {
                let broken = Broken::new(format!("it ended: {how}"), expected);
                Broken { ended: Some(how), ..broken }
            }
        };
        return Err(Broken { complaints: port.complaints(), ..what }.into());
    }
}

fn wrong(port: &dyn Port, line: &FromAdapter, expected: &str) -> Broken {
    let text = serde_json::to_string(line).unwrap_or_default();
    let broken = Broken::new("this is not what was asked for", expected).at(text);
    Broken { complaints: port.complaints(), ..broken }
}

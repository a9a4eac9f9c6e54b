//! A campaign: worlds driven one after the other, until the limits are reached.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_traces::recording::EventLine;

use crate::broken::Broken;
use crate::choose::{Chooser, Random};
use crate::clock::Moment;
use crate::course::{Course, End, Finding, Patience, known};
use crate::expected::{Deviations, Met};
use crate::judge::Judge;
use crate::moves::Move;
use crate::port::{Heard, Port};
use crate::protocol::{FromAdapter, FromTool, Hello, VERSION, World};
use crate::world::{drivable, opened};

/// What a campaign does, and when it ends.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// The seed of all choices.
    pub seed: u64,
    /// How many calls are made in all.
    pub calls: u64,
    /// How many calls are made in one world.
    pub per_world: usize,
    /// How many worlds there are at most.
    pub worlds: u64,
    /// How long the campaign takes at most.
    pub time: Option<Duration>,
    /// After how many deviations it ends.
    pub deviations: usize,
    /// How long things may take.
    pub patience: Patience,
    /// Providers answer S_OK without being asked.
    pub preset: bool,
}

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
    /// How many questions were answered.
    pub answers: u64,
    /// How long each call took, in order of its return.
    pub times: Vec<(String, Duration)>,
}

/// A system under test, with an adapter that has said hello.
#[derive(Debug)]
pub struct Bench<'p> {
    port: &'p mut dyn Port,
    hello: Hello,
    ids: u64,
    model: Model,
    world: World,
    patience: Patience,
    preset: bool,
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
        let scenario = drivable(scenario.clone());
        let (world, mut ids) = (World::of(&scenario), 0);
        let hello = greet(port, &mut ids, limits.patience)?;
        Ok(Self {
            port,
            hello,
            ids,
            model: opened(scenario),
            world,
            patience: limits.patience,
            preset: limits.preset,
        })
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

    /// Makes a fresh world and drives it as the chooser says.
    ///
    /// # Errors
    /// [`Unusable`] where the adapter cannot be used.
    pub fn drive(&mut self, number: u64, chooser: &mut dyn Chooser) -> Result<Driven, Unusable> {
        self.make_world()?;
        let judge = Judge::new(&self.model, known(&self.hello));
        let connection = (&mut *self.port, &self.hello);
        let mut course = Course::new(connection, judge, self.patience, &mut self.ids, self.preset);
        let end = course.drive(chooser)?;
        let driven = Driven {
            number,
            moves: std::mem::take(&mut course.moves),
            recording: std::mem::take(&mut course.recording),
            answers: course.answers,
            times: std::mem::take(&mut course.times),
            end,
        };
        // What is left open, or in an unknown state, ends with the adapter.
        match driven.end {
            End::Complete | End::Interrupted => {}
            End::Deviated(_) | End::Unsupported(_) | End::Stuck => self.restart()?,
        }
        Ok(driven)
    }

    fn restart(&mut self) -> Result<(), Unusable> {
        self.port.restart().map_err(Unusable::Gone)?;
        self.ids = 0;
        self.hello = greet(self.port, &mut self.ids, self.patience)?;
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
    let expected = format!("`hello` with id {id} and protocol {VERSION}");
    let heard = answer(port, patience.start, &expected)?;
    if let FromAdapter::Hello { id: own, hello } = &heard
        && *own == id
        && hello.protocol == VERSION
    {
        return Ok(hello.clone());
    }
    Err(wrong(port, &heard, &expected).into())
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
                Broken::new(format!("nothing came in {} s", most.as_secs_f64()), expected)
            }
            Heard::Garbage(line, why) => {
                Broken::new(format!("a line is no message: {why}"), expected).at(line)
            }
            Heard::Ended(how) => Broken::new(format!("it ended: {how}"), expected),
        };
        return Err(Broken { complaints: port.complaints(), ..what }.into());
    }
}

fn wrong(port: &dyn Port, line: &FromAdapter, expected: &str) -> Broken {
    let text = serde_json::to_string(line).unwrap_or_default();
    let broken = Broken::new("this is not what was asked for", expected).at(text);
    Broken { complaints: port.complaints(), ..broken }
}

/// What a campaign has come to.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// How many worlds there were.
    pub worlds: u64,
    /// How many calls were made.
    pub calls: u64,
    /// How many questions were answered.
    pub answers: u64,
    /// How long the driving took.
    pub took: Duration,
    /// The new deviations, each once.
    pub deviating: Vec<Deviating>,
    /// What became of each deviation that is expected.
    pub met: Vec<Met>,
    /// What the adapter does not support.
    pub unsupported: Vec<String>,
    /// The user interrupted the tool.
    pub interrupted: bool,
}

/// A deviation that was not expected.
#[derive(Clone, Debug)]
pub struct Deviating {
    /// What the system did.
    pub finding: Finding,
    /// The first world in which it did.
    pub driven: Driven,
    /// In how many worlds it did.
    pub worlds: u64,
}

/// Drives random worlds until a limit is reached; `each` sees every world.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used.
pub fn random(
    bench: &mut Bench<'_>,
    limits: &Limits,
    expected: &Deviations,
    stop: &AtomicBool,
    mut each: impl FnMut(&Driven, &Tally) -> Result<(), Unusable>,
) -> Result<Tally, Unusable> {
    let met = vec![Met::default(); expected.deviation.len()];
    let (mut tally, began) = (Tally { met, ..Tally::default() }, Moment::now());
    while tally.worlds < limits.worlds
        && tally.calls < limits.calls
        && tally.deviating.len() < limits.deviations
        && limits.time.is_none_or(|most| began.elapsed() < most)
        && !stop.load(Ordering::Relaxed)
    {
        let left = usize::try_from(limits.calls - tally.calls).unwrap_or(usize::MAX);
        let stream = Stream::new(limits.seed, Purpose::Choices, tally.worlds);
        let mut chooser = Random::new(stream, limits.per_world.min(left));
        let driven = match bench.drive(tally.worlds, &mut chooser) {
            Err(Unusable::Interrupted) => break,
            driven => driven?,
        };
        tally.worlds += 1;
        tally.calls += driven.recording.len() as u64;
        tally.answers += driven.answers;
        tally.took = began.elapsed();
        each(&driven, &tally)?;
        if driven.end == End::Interrupted {
            break;
        }
        tally.note(driven, expected);
    }
    tally.interrupted = stop.load(Ordering::Relaxed);
    Ok(tally)
}

impl Tally {
    /// What one world has come to.
    #[must_use]
    pub fn of(driven: Driven, expected: &Deviations) -> Self {
        let mut tally = Self {
            worlds: 1,
            calls: driven.recording.len() as u64,
            answers: driven.answers,
            met: vec![Met::default(); expected.deviation.len()],
            ..Self::default()
        };
        tally.note(driven, expected);
        tally
    }

    fn note(&mut self, driven: Driven, expected: &Deviations) {
        let finding = match &driven.end {
            End::Deviated(finding) => Some(finding.clone()),
            End::Unsupported(what) => {
                if !self.unsupported.contains(what) {
                    self.unsupported.push(what.clone());
                }
                None
            }
            End::Complete | End::Stuck | End::Interrupted => None,
        };
        for (one, met) in expected.deviation.iter().zip(&mut self.met) {
            met.conformed += one.conforming(&driven.recording, finding.as_ref());
        }
        let Some(finding) = finding else { return };
        if let Some(at) = expected.expects(&finding) {
            self.met[at].deviated += 1;
            return;
        }
        match self.deviating.iter_mut().find(|one| one.finding.is_like(&finding)) {
            Some(known) => known.worlds += 1,
            None => self.deviating.push(Deviating { finding, driven, worlds: 1 }),
        }
    }
}

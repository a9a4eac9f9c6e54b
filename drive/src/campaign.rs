//! A campaign: worlds driven one after the other, until the limits are reached.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mapi_logon_model::mapi::Code;
use mapi_logon_sim::random::{Purpose, Stream};
use mapi_logon_traces::recording::EventLine;
use schemars::JsonSchema;
use serde::Serialize;

use crate::bench::{Bench, Driven, Unusable};
use crate::choose::{Chooser, Random, Script};
use crate::clock::Moment;
use crate::course::{End, Patience};
use crate::expected::{Deviations, Met};
use crate::finding::{Finding, Status};
use crate::moves::Move;

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
    /// Answers are withheld, so that calls overlap.
    pub withhold: bool,
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
    /// Calls of MAPILogonEx.
    pub logons: Logons,
    /// How long the driving took.
    pub took: Duration,
    /// The new deviations, each once.
    pub deviating: Vec<Deviating>,
    /// What became of each deviation that is expected.
    pub met: Vec<Met>,
    /// What the adapter does not support.
    pub unsupported: Vec<String>,
    /// In how many worlds the judge came to a limit of its own.
    pub undecided: u64,
    /// Why it ended before a limit was reached.
    pub stopped: Option<String>,
    /// The user interrupted the tool.
    pub interrupted: bool,
}

/// Calls of MAPILogonEx that returned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct Logons {
    /// How many there were.
    pub made: u64,
    /// How many of them obtained a session.
    pub succeeded: u64,
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

/// After how many worlds that hang in the same way a campaign ends: each costs a deadline.
const HANGS: u64 = 8;

impl Deviating {
    const fn hangs_again(&self) -> bool {
        matches!(self.finding.status, Status::Hangs) && self.worlds >= HANGS
    }
}

/// Worlds one after the other, until a limit is reached.
#[derive(Debug)]
pub struct Campaign<'c> {
    pub(crate) limits: &'c Limits,
    expected: &'c Deviations,
    stop: &'c AtomicBool,
    began: Moment,
    interrupted: bool,
    pub(crate) tally: Tally,
}

/// How a world ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ended {
    pub(crate) end: End,
    /// There was nothing to do in it.
    pub(crate) idle: bool,
}

impl Logons {
    fn add(&mut self, recording: &[EventLine]) {
        let logons = recording.iter().filter(|event| event.call == "MAPILogonEx");
        for result in logons.filter_map(|event| event.result.as_str()) {
            self.made += 1;
            let code = Code::named(result);
            self.succeeded += u64::from(code.is_some_and(Code::is_success));
        }
    }
}

/// What is done with every world.
pub type Each<'e> = dyn FnMut(&Driven, &Tally) -> Result<(), Unusable> + 'e;

impl<'c> Campaign<'c> {
    /// Before the first world; `stop` ends it early.
    #[must_use]
    pub fn new(limits: &'c Limits, expected: &'c Deviations, stop: &'c AtomicBool) -> Self {
        let met = vec![Met::default(); expected.deviation.len()];
        let tally = Tally { met, ..Tally::default() };
        Self { limits, expected, stop, tally, began: Moment::now(), interrupted: false }
    }

    pub(crate) fn goes_on(&self) -> bool {
        let (limits, tally) = (self.limits, &self.tally);
        tally.worlds < limits.worlds
            && tally.calls < limits.calls
            && tally.deviating.len() < limits.deviations
            && !tally.deviating.iter().any(Deviating::hangs_again)
            && limits.time.is_none_or(|most| self.began.elapsed() < most)
            && !self.interrupted
            && !self.stop.load(Ordering::Relaxed)
    }

    /// The choices of the next world.
    pub(crate) fn stream(&self) -> Stream {
        Stream::new(self.limits.seed, Purpose::Choices, self.tally.worlds)
    }

    /// Drives one more world; how it ended.
    pub(crate) fn drive(
        &mut self,
        bench: &mut Bench<'_>,
        chooser: &mut dyn Chooser,
        each: &mut Each<'_>,
    ) -> Result<Ended, Unusable> {
        let driven = match bench.drive(self.tally.worlds, chooser) {
            Err(Unusable::Interrupted) => {
                self.interrupted = true;
                return Ok(Ended { end: End::Interrupted, idle: true });
            }
            driven => driven?,
        };
        self.tally.worlds += 1;
        self.tally.calls += driven.recording.len() as u64;
        self.tally.answers += driven.answers;
        self.tally.took = self.began.elapsed();
        each(&driven, &self.tally)?;
        self.interrupted |= driven.end == End::Interrupted;
        let end = driven.end.clone();
        let idle = end == End::Complete && driven.moves.is_empty();
        if !self.interrupted {
            self.tally.note(driven, self.expected);
        }
        Ok(Ended { end, idle })
    }

    pub(crate) fn end(mut self) -> Tally {
        self.tally.interrupted = self.interrupted || self.stop.load(Ordering::Relaxed);
        if self.tally.deviating.iter().any(Deviating::hangs_again) {
            self.tally.stopped = Some(format!("{HANGS} worlds hung in the same way"));
        }
        self.tally
    }
}

/// Drives random worlds until a limit is reached; `each` sees every world.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used.
pub fn random(
    bench: &mut Bench<'_>,
    mut campaign: Campaign<'_>,
    each: &mut Each<'_>,
) -> Result<Tally, Unusable> {
    while campaign.goes_on() {
        let limits = campaign.limits;
        let left = usize::try_from(limits.calls - campaign.tally.calls).unwrap_or(usize::MAX);
        let chooser = Random::new(campaign.stream(), limits.per_world.min(left));
        let mut chooser = chooser.withholding(limits.withhold);
        if campaign.drive(bench, &mut chooser, each)?.idle {
            break;
        }
    }
    Ok(campaign.end())
}

/// Makes the moves of an earlier run once more, in a world of their own; `each` sees it.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used.
pub fn replay(
    bench: &mut Bench<'_>,
    mut campaign: Campaign<'_>,
    moves: Vec<Move>,
    each: &mut Each<'_>,
) -> Result<Tally, Unusable> {
    campaign.drive(bench, &mut Script::new(moves), each)?;
    Ok(campaign.end())
}

impl Tally {
    /// Adds what one world has come to.
    pub fn note(&mut self, driven: Driven, expected: &Deviations) {
        let finding = match &driven.end {
            End::Deviated(finding) => Some(finding.clone()),
            End::Unsupported(_, what) => {
                if !self.unsupported.contains(what) {
                    self.unsupported.push(what.clone());
                }
                None
            }
            End::Undecided(_) => {
                self.undecided += 1;
                None
            }
            End::Complete | End::Stuck | End::Interrupted => None,
        };
        self.logons.add(&driven.recording);
        for one in &driven.excused {
            self.met[one.deviation].deviated += 1;
        }
        let excused = driven.excused.iter().map(|one| one.event);
        let deviating: Vec<_> = excused.chain(finding.iter().map(|one| one.event)).collect();
        for (one, met) in expected.deviation.iter().zip(&mut self.met) {
            met.conformed += one.conforming(&driven.recording, &deviating);
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

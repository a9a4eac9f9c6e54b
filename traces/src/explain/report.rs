//! The report on a search that has come to its end: how far it came, and what it says.

use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Fault;
use mapi_logon_model::protocol::{Action, Choice, Effect, Fate};

use super::beam::{self, End, Outcome};
use super::cause;
use super::difference::Compared;
use super::history::History;
use super::limits::ExplainLimits;
use super::nearest::nearest;
use super::plan::{Plan, Point};
use super::search::Engine;
use super::story::{self, Told, place};
use super::verdict::{ExplainVerdict, Explanation, Struck, Unexplained};
use super::why_not::WhyNot;
use super::witness;
use super::world::World;
use crate::lines::FileError;
use crate::recording::Recording;
use crate::write::Trace;

/// The most events of a recording for which every explanation is sought and a story written.
const TOLD: usize = 10_000;

/// Most steps of the search for all minimal explanations.
const STEPS: u64 = 1_000_000;

/// Most minimal explanations that are compared.
const COMPARED: usize = 200;

/// The result with the runs that show what is explained.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The result.
    pub explanation: Explanation,
    /// How many steps were tried.
    pub work: u64,
    history: History,
    /// Where the runs with the fewest faults end.
    ends: Vec<u32>,
    world: World,
}

/// The report on a search that has come to its end.
pub(super) fn report(
    recording: &Recording,
    plan: &Plan,
    world: World,
    mut outcome: Outcome<'_>,
    details: bool,
) -> Explained {
    let (verdict, at, limit) = match outcome.end {
        End::Reached => (ExplainVerdict::Explained, plan.points.len(), None),
        End::Stuck(at) => (ExplainVerdict::Unexplained, at, None),
        End::Suspect(at) => (ExplainVerdict::Inconclusive, at, Some("steps")),
        End::Limit(at, what) => (ExplainVerdict::Inconclusive, at, Some(what)),
    };
    let stuck = matches!(outcome.end, End::Stuck(_) | End::Suspect(_));
    let unexplained =
        stuck.then(|| event_at(recording, plan, at, &mut outcome, world.most_faults(), details));
    let (mut ends, faults) = (outcome.cheapest(), outcome.belief.fewest());
    let mut history = outcome.engine.history;
    history.keep(ends.iter_mut());
    let given_up = outcome.belief.given_up;
    let explanation = Explanation {
        verdict,
        events: recording.events.len(),
        explained: explained_before(plan, at),
        faults,
        fewest: outcome.exact || given_up.is_none_or(|least| faults <= least),
        struck: if faults == 0 || !details {
            Vec::new()
        } else {
            let run = ends.first().map_or_else(Vec::new, |end| history.run(*end));
            strokes(recording, plan, outcome.engine.model, &run)
        },
        causes: Vec::new(),
        story: Vec::new(),
        follows: Vec::new(),
        unexplained,
        limit: limit.map(str::to_owned),
        assumed: None,
        hypotheses: Vec::new(),
    };
    Explained { explanation, work: outcome.engine.work, history, ends, world }
}

/// How many events have been explained before a point.
fn explained_before(plan: &Plan, at: usize) -> usize {
    let points = plan.points[..at].iter();
    points.filter(|point| matches!(point, Point::End(_))).count()
}

/// The event that no run shows, compared with what the model allows.
fn event_at(
    recording: &Recording,
    plan: &Plan,
    at: usize,
    outcome: &mut Outcome<'_>,
    faults: u32,
    details: bool,
) -> Unexplained {
    let (Point::Begin(number) | Point::End(number)) = plan.points[at];
    let event = &recording.events[number as usize];
    let mut told = Unexplained {
        event: number as usize + 1,
        line: event.line,
        place: place(event),
        client: event.client.clone(),
        call: event.written(),
        result: story::result(event).into(),
        difference: None,
        why_not: Vec::new(),
        nearest: Vec::new(),
        ways: 0,
    };
    if !details {
        return told;
    }
    let (engine, belief) = (&mut outcome.engine, &outcome.belief);
    let client = plan.events[number as usize].client;
    let ways = engine.ways(belief, client, faults, true);
    told.ways = ways.len();
    let results = ways.keys().map(|way| way.result.clone()).collect();
    told.nearest = nearest(event, ways);
    let number = number as usize;
    let differs = told.nearest.first().map_or(&[][..], |nearest| &nearest.differs);
    let elsewhere = differs.iter().any(|field| field == "session");
    let model = engine.model;
    let why_not = WhyNot { model, recording, plan, belief, number, elsewhere, faults };
    told.why_not = why_not.reasons(&results);
    let with = Compared { nearest: &told.nearest, results: &results, reasons: &told.why_not };
    told.difference = why_not.difference(&with);
    told
}

/// The faults of a run, each with the event in whose call it struck.
#[expect(clippy::wildcard_enum_match_arm, reason = "the other effects are no faults")]
fn strokes(recording: &Recording, plan: &Plan, model: &Model, actions: &[Action]) -> Vec<Struck> {
    let (mut struck, words) = (Vec::new(), model.words());
    witness::walk(plan, model, actions, |event, _, _, step| {
        for effect in &step.effects {
            let (whom, fault) = match *effect {
                Effect::Struck { provider, fault } => (words.provider(provider), fault),
                Effect::ServiceStruck { service, fault } => (words.service(service), fault),
                Effect::ProfileDamaged { profile } => {
                    (words.profile(profile), Fault::DataCorruption)
                }
                _ => continue,
            };
            struck.push(Struck {
                event: event as usize + 1,
                line: recording.events[event as usize].line,
                provider: whom.to_owned(),
                fault: fault.name().to_owned(),
            });
        }
    });
    struck
}

impl Explained {
    /// A run that shows every explained event, as a trace that can be replayed.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn witness(&self, recording: &Recording) -> Result<Trace, FileError> {
        let witness = self.witnesses(recording, 1)?.into_iter().next();
        witness.ok_or_else(|| FileError::at(0, "nothing was explained"))
    }

    /// All such runs with the fewest faults, at most `most` of them, that of [`Explained::witness`]
    /// first. Runs that the search did not tell apart, because independent calls come in any order,
    /// are one.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn witnesses(&self, recording: &Recording, most: usize) -> Result<Vec<Trace>, FileError> {
        let model = self.world.model();
        let plan = Plan::of(recording, &model)?;
        let runs = self.ends.iter().flat_map(|end| self.history.runs(*end, most));
        let faults = self.explanation.faults;
        let trace =
            |run: Vec<Action>| witness::trace(recording, &plan, &self.world, &model, &run, faults);
        Ok(runs.take(most).map(trace).collect())
    }

    /// Adds the story, the cause and what follows, as far as all minimal explanations agree.
    /// Recordings of more than 10 000 events get a story only if `all` is set, and it follows a
    /// single explanation.
    ///
    /// # Errors
    /// Where the recording is not the one that was explained.
    pub fn tell(
        &mut self,
        recording: &Recording,
        limits: &ExplainLimits<'_>,
        all: bool,
    ) -> Result<(), FileError> {
        let long = recording.events.len() > TOLD;
        if long && !all {
            return Ok(());
        }
        let model = self.world.model();
        let plan = Plan::of(recording, &model)?;
        let (runs, complete) = self.runs(&plan, &model, limits, long);
        let told = runs.iter().map(|run| story::tell(recording, &plan, &model, run));
        let Told { story, follows } = story::common(told);
        let explanation = &mut self.explanation;
        if explanation.faults > 0 {
            let struck = runs.iter().map(|run| strokes(recording, &plan, &model, run));
            explanation.causes = cause::fold(recording, struck.collect(), complete);
        }
        (explanation.story, explanation.follows) = (story, follows);
        Ok(())
    }

    /// Runs that explain as much with as few faults and between them make every hidden choice that
    /// such runs can make; and whether these are all.
    fn runs(
        &self,
        plan: &Plan,
        model: &Model,
        limits: &ExplainLimits<'_>,
        long: bool,
    ) -> (Vec<Vec<Action>>, bool) {
        let own = || {
            let run = self.ends.first().map(|end| self.history.run(*end));
            (run.into_iter().collect(), false)
        };
        if long || self.explanation.verdict != ExplainVerdict::Explained {
            return own();
        }
        let limits = ExplainLimits { steps: STEPS, ..*limits };
        let engine = Engine::thorough(model);
        let outcome = beam::search(plan, engine, None, self.explanation.faults, &limits);
        if outcome.end != End::Reached {
            return own();
        }
        let ends = outcome.cheapest();
        let hidden = |action: Action| match action.choice {
            Choice::Try(fate) => fate != Fate::default(),
            Choice::Answer(_) | Choice::Configure { .. } | Choice::Postpone => true,
            Choice::Begin(_) | Choice::Proceed | Choice::TimeOut | Choice::Refuse(_) => false,
        };
        outcome.engine.history.covering(&ends, COMPARED, hidden)
    }
}

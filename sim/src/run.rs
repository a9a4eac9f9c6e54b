//! Random runs: every step is an enabled action, drawn by weight.

use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::policy::Deferred;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::{Action, Call, Choice, Offer};
use mapi_logon_model::run::Run;

use crate::digest::Digest;
use crate::judge::{self, Judge};
use crate::options::Options;
use crate::random::Stream;
use crate::tally::Tally;
use crate::weight::weight;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RunEnd {
    /// Every client has made all its calls.
    Complete,
    /// Nothing can happen any more, but calls remain: no answer to the open dialog is allowed.
    Blocked,
    /// The greatest number of steps was made.
    Cut,
    /// A step broke a property.
    Broken,
}

/// Makes runs of a model, one after the other, without allocating in between.
#[derive(Debug)]
pub struct Runner<'m> {
    run: Run<&'m Model>,
    /// The properties that end a run when they are broken; none are judged where this is absent.
    judged: Option<PropertySet>,
    broken: PropertySet,
    judge: Judge<'m>,
    options: Options<Action>,
    path: Vec<Action>,
}

impl<'m> Runner<'m> {
    /// A runner for a model; properties are judged after every step if `judging`.
    #[must_use]
    pub fn new(model: &'m Model, judging: bool) -> Self {
        Self {
            run: Run::new(model),
            judged: judging.then(|| judge::binding(model.scenario())),
            broken: PropertySet::EMPTY,
            judge: Judge::new(model),
            options: Options::default(),
            path: Vec::with_capacity(256),
        }
    }

    /// The model.
    #[must_use]
    pub fn model(&self) -> &Model {
        self.run.model()
    }

    /// The last run, action by action.
    #[must_use]
    pub fn path(&self) -> &[Action] {
        &self.path
    }

    /// The properties that the last run broke.
    #[must_use]
    pub const fn broken(&self) -> PropertySet {
        self.broken
    }

    /// Makes the run with this number, of at most `most` steps, and counts what it shows; `each`
    /// sees every step.
    pub fn run(
        &mut self,
        number: u64,
        stream: &mut Stream,
        most: u64,
        tally: &mut Tally,
        mut each: impl FnMut(Action, &Step),
    ) -> RunEnd {
        self.run.restart();
        self.path.clear();
        self.broken = PropertySet::EMPTY;
        self.judge.forget();
        let mut digest = Digest::of_run(number);
        let end = loop {
            let cut = self.path.len() as u64 == most;
            let Some(action) = (if cut { None } else { self.advance(stream) }) else {
                break match (self.run.has_ended(), cut) {
                    (true, _) => RunEnd::Complete,
                    (false, true) => RunEnd::Cut,
                    (false, false) => RunEnd::Blocked,
                };
            };
            self.path.push(action);
            digest.add(action);
            let step = self.run.step();
            tally.count(&step.effects, &step.taken);
            each(action, step);
            if let Some(judged) = self.judged {
                let (before, cursor) = (self.run.before(), self.run.cursor());
                let marks = self.judge.see(before, action, step, cursor);
                tally.shown = tally.shown.or(marks);
                self.broken = marks.and(judged);
                if !self.broken.is_empty() {
                    break RunEnd::Broken;
                }
            }
        };
        tally.runs += 1;
        tally.steps += self.path.len() as u64;
        tally.blocked += u64::from(end == RunEnd::Blocked);
        tally.cut += u64::from(end == RunEnd::Cut);
        tally.digest = tally.digest.wrapping_add(digest.value());
        end
    }

    /// Takes one enabled action, if there is one.
    fn advance(&mut self, stream: &mut Stream) -> Option<Action> {
        self.consider();
        while let Some(mut action) = self.options.draw(stream) {
            if let Choice::Begin(Call::LogonEx(logon)) = &mut action.choice {
                let client = &self.run.model().scenario().clients[action.client.index()];
                *logon = client.draw(*logon, |bound| stream.below(bound));
            }
            if self.run.take(action).is_ok() {
                return Some(action);
            }
        }
        None
    }

    /// Collects what might happen.
    ///
    /// As seeds are pinned, some of what cannot happen takes part in the draw: a client between two
    /// calls has the options of one that is to initialise, whichever call it makes next, and a
    /// provider may report success early, whatever the policy.
    fn consider(&mut self) {
        let Self { run, options, .. } = self;
        let (model, sight) = (run.model(), run.model().sight(run.state()));
        options.clear();
        for client in sight.clients() {
            let mut offer = |choice| {
                let weight = weight(&model.scenario().weights, choice);
                options.push(Action { client, choice }, weight);
            };
            if sight.client(client).call().is_some() {
                model.continuations(sight, client, &mut offer);
                let phase = sight.client(client).phase();
                let never = model.scenario().policy.deferred == Deferred::Off;
                if never && matches!(phase.row().offer, Offer::Try(_)) {
                    offer(Choice::Postpone);
                }
            } else {
                let next = run.listed_call(client).unwrap_or(Call::Initialize);
                model.beginnings(client, Call::Initialize, &mut |choice| {
                    let begins = matches!(choice, Choice::Begin(_));
                    offer(if begins { Choice::Begin(next) } else { choice });
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use mapi_logon_model::scenario::Scenario;

    use super::*;
    use crate::random::Purpose;

    /// Judged or not, in every built-in scenario; a long run may once need room for its path.
    #[test]
    fn steps_of_a_run_allocate_nothing() {
        for file in std::fs::read_dir("../scenarios").unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let model = Model::new(Scenario::parse(&text).unwrap());
            for judging in [false, true] {
                let mut runner = Runner::new(&model, judging);
                let mut tally = Tally::default();
                let mut make = |number| {
                    let mut chance = Stream::new(7, Purpose::Choices, number);
                    runner.run(number, &mut chance, 200, &mut tally, |_, _| {});
                };
                (0..100).for_each(&mut make);
                let counted = allocation_counter::measure(|| (100..1_000).for_each(&mut make));
                assert_eq!(counted.count_total, 0, "{} {judging}", path.display());
            }
        }
    }
}

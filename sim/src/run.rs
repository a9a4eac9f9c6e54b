//! Random runs: every step is an enabled action, drawn by weight.

use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::Deferred;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::{Action, Call, Choice, Offer};
use mapi_logon_model::run::Run;

use crate::digest::Digest;
use crate::graph::{Edge, Graph, Known, Place};
use crate::judge::{self, Judge};
use crate::options::Options;
use crate::random::Stream;
use crate::tally::{Shown, Tally};
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

/// The most states that are remembered, of a few hundred bytes each.
const MOST: usize = 1 << 15;

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
    /// The states met so far, if they are to be remembered, and those left to draw in one of them.
    graph: Option<Graph>,
    left: Options<usize>,
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
            graph: None,
            left: Options::default(),
        }
    }

    /// The same, making each step once and counting it whenever it comes again: for many runs.
    ///
    /// Where parameters of calls are drawn hardly any step comes again, and all are made.
    #[must_use]
    pub fn remembering(self) -> Self {
        self.remembering_at_most(MOST)
    }

    fn remembering_at_most(mut self, states: usize) -> Self {
        let clients = &self.model().scenario().clients;
        let drawn = clients.iter().any(|client| client.is_any_caller());
        self.graph = (!drawn).then(|| Graph::of(self.run.model(), states));
        self
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

    /// Makes the run with this number, of at most `most` steps, and counts what it shows.
    pub fn run(
        &mut self,
        number: u64,
        stream: &mut Stream,
        most: u64,
        tally: &mut Tally,
    ) -> RunEnd {
        self.path.clear();
        self.broken = PropertySet::EMPTY;
        let mut place = self.begin();
        let mut digest = Digest::of_run(number);
        let end = loop {
            let cut = self.path.len() as u64 == most;
            let step = if cut { None } else { self.advance(&mut place, stream, tally) };
            let Some((action, marks)) = step else {
                let ended = match (&self.graph, place) {
                    (Some(graph), Some(at)) => graph.has_ended(at),
                    _ => self.run.has_ended(),
                };
                break match (ended, cut) {
                    (true, _) => RunEnd::Complete,
                    (false, true) => RunEnd::Cut,
                    (false, false) => RunEnd::Blocked,
                };
            };
            self.path.push(action);
            digest.add(action);
            if let Some(judged) = self.judged {
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

    /// Goes to the initial state; its place, if states are remembered.
    fn begin(&mut self) -> Option<Place> {
        let known = self.graph.as_ref().and_then(Graph::start);
        if known.is_none() {
            self.run.restart();
            self.judge.forget();
        }
        known.or_else(|| self.place())
    }

    /// The place of the state that the run has come to.
    fn place(&mut self) -> Option<Place> {
        let Self { run, judge, graph, .. } = self;
        let graph = graph.as_mut()?;
        let moment = (run.state(), run.cursor());
        graph.place(run.model(), moment, judge.memory(), |options| {
            consider(run, options);
            run.has_ended()
        })
    }

    /// Takes one enabled action, if there is one, and counts it; what it marks.
    fn advance(
        &mut self,
        place: &mut Option<Place>,
        stream: &mut Stream,
        tally: &mut Tally,
    ) -> Option<(Action, PropertySet)> {
        if let Some(at) = *place {
            return self.walk(at, place, stream, tally);
        }
        consider(&self.run, &mut self.options);
        while let Some(mut action) = self.options.draw(stream) {
            if let Choice::Begin(Call::LogonEx(logon)) = &mut action.choice {
                let client = &self.run.model().scenario().clients[action.client.index()];
                *logon = client.draw(*logon, |bound| stream.below(bound));
            }
            if self.run.take(action).is_ok() {
                let step = self.run.step();
                tally.count(&step.effects, &step.taken);
                return Some((action, self.marks(action)));
            }
        }
        None
    }

    /// As [`Self::advance`], in a state of the graph.
    fn walk(
        &mut self,
        at: Place,
        place: &mut Option<Place>,
        stream: &mut Stream,
        tally: &mut Tally,
    ) -> Option<(Action, PropertySet)> {
        self.left.copy(self.graph.as_ref()?.options(at));
        while let Some(option) = self.left.draw(stream) {
            let graph = self.graph.as_mut()?;
            let (action, edge) = graph.edge(at, option);
            match edge {
                Edge::Impossible => {}
                Edge::Step(number) => {
                    let step = graph.step(number);
                    tally.repeat(&step.shown);
                    *place = step.next;
                    let marks = step.marks;
                    if place.is_none() {
                        self.leave(at, action);
                        self.marks(action);
                    }
                    return Some((action, marks));
                }
                Edge::Unknown => {
                    if let Some(step) = self.explore(at, option, action) {
                        tally.repeat(&step.shown);
                        *place = step.next;
                        return Some((action, step.marks));
                    }
                }
            }
        }
        None
    }

    /// Makes a step that nobody has made yet, and adds it to the graph.
    fn explore(&mut self, at: Place, option: usize, action: Action) -> Option<Known> {
        let made = self.leave(at, action);
        let step = made.then(|| {
            let shown = Shown::by(&self.run.step().effects, &self.run.step().taken);
            Known { shown, marks: self.marks(action), next: self.place() }
        });
        let graph = self.graph.as_mut()?;
        match &step {
            Some(step) => graph.connect(at, option, step.clone()),
            None => graph.strike(at, option),
        }
        step
    }

    /// Goes to a state of the graph and takes an action there; says whether it can happen.
    fn leave(&mut self, at: Place, action: Action) -> bool {
        let Some(graph) = &self.graph else {
            return false;
        };
        let (world, memory) = graph.restore(self.run.model(), at);
        self.run.resume(&world);
        self.judge.remember(&memory);
        self.run.take(action).is_ok()
    }

    /// What the last step marks, if steps are judged.
    fn marks(&mut self, action: Action) -> PropertySet {
        if self.judged.is_none() {
            return PropertySet::EMPTY;
        }
        let (before, cursor) = (self.run.before(), self.run.cursor());
        self.judge.see(before, action, self.run.step(), cursor)
    }
}

/// Collects what might happen.
///
/// As seeds are pinned, some of what cannot happen takes part in the draw: a client between two
/// calls has the options of one that is to initialise, whichever call it makes next, and a
/// provider may report success early, whatever the policy.
fn consider(run: &Run<&Model>, options: &mut Options<Action>) {
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

#[cfg(test)]
mod tests {
    use mapi_logon_model::mutant::Mutant;
    use mapi_logon_model::scenario::Scenario;

    use super::*;
    use crate::random::Purpose;

    fn scenarios() -> Vec<(String, Scenario)> {
        let files = std::fs::read_dir("../scenarios").unwrap();
        let scenario = |path: std::path::PathBuf| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.display().to_string(), Scenario::parse(&text).unwrap())
        };
        files.map(|file| scenario(file.unwrap().path())).collect()
    }

    /// What runs of a model show, one by one.
    fn shown(mut runner: Runner<'_>, runs: u64) -> Vec<(RunEnd, Vec<Action>, PropertySet, Tally)> {
        let run = |number| {
            let (mut chance, mut tally) =
                (Stream::new(7, Purpose::Choices, number), Tally::default());
            let end = runner.run(number, &mut chance, 60, &mut tally);
            (end, runner.path().to_vec(), runner.broken(), tally)
        };
        (0..runs).map(run).collect()
    }

    #[test]
    fn remembered_steps_show_what_steps_made_anew_show() {
        let wrong = |name: &str, scenario: &Scenario| {
            let model = Model::new(scenario.clone());
            let mutants = Mutant::ALL.iter().filter(|_| name.ends_with("office.toml"));
            mutants.map(move |mutant| model.clone().mutated(*mutant)).collect::<Vec<_>>()
        };
        for (name, scenario) in scenarios() {
            let right = Model::new(scenario.clone());
            for model in std::iter::once(right).chain(wrong(&name, &scenario)) {
                for judging in [true, false] {
                    let anew = shown(Runner::new(&model, judging), 100);
                    for most in [0, 1, 20, MOST] {
                        let runner = Runner::new(&model, judging).remembering_at_most(most);
                        assert_eq!(shown(runner, 100), anew, "{name}, {judging}, {most}");
                    }
                }
            }
        }
    }

    /// Judged or not, in every built-in scenario; a long run may once need room for its path.
    #[test]
    fn steps_of_a_run_allocate_nothing() {
        for (name, scenario) in scenarios() {
            let model = Model::new(scenario);
            for judging in [false, true] {
                let mut runner = Runner::new(&model, judging);
                let mut tally = Tally::default();
                let mut make = |number| {
                    let mut chance = Stream::new(7, Purpose::Choices, number);
                    runner.run(number, &mut chance, 200, &mut tally);
                };
                (0..100).for_each(&mut make);
                let counted = allocation_counter::measure(|| (100..1_000).for_each(&mut make));
                assert_eq!(counted.count_total, 0, "{name} {judging}");
            }
        }
    }
}

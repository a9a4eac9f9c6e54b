//! State graphs to look at: all of a small scenario, or the part of a large one around a run.

use std::collections::VecDeque;

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::{Judged, PROPERTIES, PropertySet};
use mapi_logon_model::world::World;
use mapi_logon_sim::judge::Judge;
use mapi_logon_traces::trace::Line;
use mapi_logon_traces::tracer::written;

use crate::run::Told;

/// A part of a state graph.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its states; the first is the initial one, if it is in the part.
    pub nodes: Vec<Node>,
    /// The steps between them.
    pub edges: Vec<Edge>,
    /// How many states were explored.
    pub explored: usize,
    /// Are these all states of the scenario?
    pub complete: bool,
    /// The steps of the shortest run that marks the property which was asked for.
    pub run: Vec<usize>,
}

/// A state.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where each client stands.
    pub standing: Vec<String>,
    /// Every part of it in words.
    pub parts: Vec<(String, String)>,
    /// How many actions are enabled that lead out of the part.
    pub beyond: usize,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The state in which it begins.
    pub from: usize,
    /// The state to which it leads.
    pub to: usize,
    /// The client whose call goes on.
    pub client: usize,
    /// The step in words.
    pub told: Told,
    /// The step as traces write it, numbered 0.
    pub line: Line,
    /// Ids of witnesses that it shows and of other properties that it breaks.
    pub marks: Vec<&'static str>,
    /// Ids of the properties that it tests.
    pub tested: Vec<&'static str>,
}

/// A step that was met: where from, its number among the steps from there, where to, and what the
/// judge says.
#[derive(Clone, Copy, Debug)]
struct Met {
    from: usize,
    number: usize,
    to: usize,
    judged: Judged,
}

struct Survey<'m> {
    judge: Judge<'m>,
    most: usize,
    /// The step judged last.
    last: Met,
    met: Vec<Met>,
}

impl Visitor<Memory> for Survey<'_> {
    fn keep(&mut self, visit: &Visit<'_, Memory>) -> Option<Memory> {
        self.judge.remember(visit.kept);
        let (step, all) = (visit.step, PropertySet::ALL);
        let judged = self.judge.judge(visit.world, visit.action, step, &visit.cursor, all);
        let number = if self.last.from == visit.from { self.last.number + 1 } else { 0 };
        self.last = Met { from: visit.from, number, to: visit.from, judged };
        Some(self.judge.memory().clone())
    }

    fn meet(&mut self, _visit: &Visit<'_, Memory>, to: usize) {
        self.met.push(Met { to, ..self.last });
    }

    fn admits(&mut self, known: usize) -> bool {
        known < self.most
    }
}

impl Part {
    /// Explores a scenario, `most` states of it, and keeps `shown` of these: those nearest to the
    /// shortest run that marks the property, else to the initial state. None if no run explored
    /// marks it.
    #[must_use]
    pub fn of(model: &Model, property: Option<&str>, shown: usize, most: usize) -> Option<Self> {
        let nothing = Met { from: usize::MAX, number: 0, to: 0, judged: Judged::default() };
        let mut survey = Survey { judge: Judge::new(model), most, last: nothing, met: Vec::new() };
        let explored = model.explore_with(Observer::of(model).start(), &mut survey);
        let met = survey.met;
        let run = match property {
            None => Vec::new(),
            Some(id) => run_that_marks(id, &met)?,
        };
        let heart = std::iter::once(0).chain(run.iter().map(|one| one.to)).collect();
        let kept = nearest(heart, &met, explored.len(), shown);
        let mut place = vec![None; explored.len()];
        for (at, node) in kept.iter().enumerate() {
            place[*node] = Some(at);
        }
        let mut part = Self {
            nodes: Vec::with_capacity(kept.len()),
            edges: Vec::new(),
            explored: explored.len(),
            complete: explored.complete && kept.len() == explored.len(),
            run: Vec::new(),
        };
        let mut edges = Vec::new();
        let mut by_start: Vec<Vec<Met>> = vec![Vec::new(); kept.len()];
        for one in met {
            if let Some(from) = place[one.from] {
                by_start[from].push(one);
            }
        }
        for (node, steps) in kept.iter().zip(by_start) {
            let staying = steps.iter().filter(|one| place[one.to].is_some());
            edges.extend(staying.map(|one| (one.from, one.number)));
            let world = explored.world(model, *node);
            let beyond = part.add_steps(model, &world, &steps, &place);
            part.nodes.push(Node {
                standing: standing(model, &world),
                parts: model.words().parts(&world.state, &world.cursor),
                beyond,
            });
        }
        let edge = |one: &Met| edges.iter().position(|edge| *edge == (one.from, one.number));
        // A run that is longer than the part leaves it.
        part.run = run.iter().map_while(edge).collect();
        Some(part)
    }

    /// Adds the steps from a world that stay in the part; says how many do not.
    fn add_steps(
        &mut self,
        model: &Model,
        world: &World,
        steps: &[Met],
        place: &[Option<usize>],
    ) -> usize {
        let (mut beyond, mut numbers) = (0, 0..);
        let from = self.nodes.len();
        model.successors(world, |action, step, cursor| {
            let number = numbers.next();
            let met = steps.iter().find(|one| Some(one.number) == number);
            let Some((met, to)) = met.and_then(|met| Some((met, place[met.to]?))) else {
                beyond += 1;
                return;
            };
            let after = World { state: step.state.clone(), cursor };
            self.edges.push(Edge {
                from,
                to,
                client: action.client.index(),
                told: Told::of(model, 0, world, action, step, &after),
                line: written(model, 0, &world.state, action, step, &cursor),
                marks: ids(met.judged.marks),
                tested: ids(met.judged.tested),
            });
        });
        beyond
    }
}

/// The shortest run whose last step marks a property.
fn run_that_marks(id: &str, met: &[Met]) -> Option<Vec<Met>> {
    let marks = |one: &&Met| ids(one.judged.marks).contains(&id);
    let mut run = vec![*met.iter().find(marks)?];
    // Nodes are met in the order of shortest runs, so the first step to a node is on one.
    while let Some(node) = run.last().map(|one| one.from).filter(|node| *node != 0) {
        run.push(*met.iter().find(|one| one.to == node)?);
    }
    run.reverse();
    Some(run)
}

/// The nodes nearest to these, along and against steps, in the order in which they were explored.
fn nearest(heart: Vec<usize>, met: &[Met], nodes: usize, most: usize) -> Vec<usize> {
    let mut beside: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for one in met {
        beside[one.from].push(one.to);
        beside[one.to].push(one.from);
    }
    let mut kept = vec![false; nodes];
    let mut open = VecDeque::from(heart);
    let mut number = 0;
    while let Some(node) = open.pop_front().filter(|_| number < most) {
        if !std::mem::replace(&mut kept[node], true) {
            number += 1;
            open.extend(&beside[node]);
        }
    }
    (0..nodes).filter(|node| kept[*node]).collect()
}

fn standing(model: &Model, world: &World) -> Vec<String> {
    let clients = model.sight(&world.state).clients();
    clients.map(|client| model.words().standing(&world.state, client)).collect()
}

/// The ids of properties, each once.
fn ids(set: PropertySet) -> Vec<&'static str> {
    let mut ids: Vec<_> = set.into_iter().map(|at| PROPERTIES[at].id).collect();
    ids.dedup();
    ids
}

//! Small state graphs as DOT or GraphML: states with the state of each client, steps with their
//! actors.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::Effect;
use mapi_logon_model::world::World;

use super::xml::{admissible, escaped};

/// A state graph.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StateGraph {
    /// What stands in each state: a line for each client, and one for what each session has lost.
    pub states: Vec<String>,
    /// Whether a session has lost a service in it.
    pub lost: Vec<bool>,
    /// Steps.
    pub steps: Vec<GraphStep>,
    /// Was everything explored?
    pub complete: bool,
}

/// A step of a state graph.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GraphStep {
    /// The number of the state in which it begins.
    pub from: usize,
    /// The number of the state to which it leads.
    pub to: usize,
    /// Who does what.
    pub label: String,
    /// Does a fault strike or a call fail?
    pub kind: StepKind,
}

/// What is special about a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StepKind {
    /// Nothing.
    Plain,
    /// A call returns a failure.
    Failure,
    /// A fault strikes.
    Fault,
}

struct Explorer<'m> {
    model: &'m Model,
    most: usize,
    steps: Vec<GraphStep>,
}

impl Visitor<()> for Explorer<'_> {
    fn keep(&mut self, _visit: &Visit<'_, ()>) -> Option<()> {
        Some(())
    }

    fn meet(&mut self, visit: &Visit<'_, ()>, to: usize) {
        let (words, state) = (self.model.words(), &visit.world.state);
        let actor = words.actor(state, visit.action);
        let label = format!("{actor} {}", words.action(state, visit.action));
        let failure = |effect: &Effect| {
            let code =
                if let Effect::Returned { result, .. } = effect { Some(result) } else { None };
            code.is_some_and(|code| !code.is_success())
        };
        let strikes = |effect: &Effect| matches!(effect, Effect::Struck { .. });
        let effects = &visit.step.effects;
        let kind = if effects.iter().any(strikes) {
            StepKind::Fault
        } else if effects.iter().any(failure) {
            StepKind::Failure
        } else {
            StepKind::Plain
        };
        self.steps.push(GraphStep { from: visit.from, to, label, kind });
    }

    fn admits(&mut self, known: usize) -> bool {
        known < self.most
    }
}

impl StateGraph {
    /// Explores a scenario, at most `most` states of it.
    #[must_use]
    pub fn explore(model: &Model, most: usize) -> Self {
        let steps = Vec::new();
        let mut explorer = Explorer { model, most, steps };
        let explored = model.explore_with((), &mut explorer);
        let worlds = (0..explored.len()).map(|node| explored.world(model, node));
        let nodes = worlds.map(|world| {
            let parts = model.words().parts(&world.state, &world.cursor);
            (standing(model, &world), parts)
        });
        let (nodes, parts): (Vec<_>, Vec<_>) = nodes.unzip();
        let (mut states, lost): (Vec<_>, Vec<_>) = nodes.into_iter().unzip();
        tell_apart(&mut states, &parts);
        Self { states, lost, steps: explorer.steps, complete: explored.complete }
    }

    /// The graph for Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut text = HEAD.to_owned();
        let leads_on: BTreeSet<usize> = self.steps.iter().map(|step| step.from).collect();
        for (number, label) in self.states.iter().enumerate() {
            let label = quoted(label).replace('\n', "\\n");
            let first = if number == 0 { ", penwidth=3" } else { "" };
            let end = if leads_on.contains(&number) { "" } else { ", peripheries=2" };
            let lost = if self.lost[number] { LOST } else { "" };
            writeln!(text, "    s{number} [label=\"{label}\"{first}{end}{lost}];")
                .unwrap_or_default();
        }
        for GraphStep { from, to, label, kind } in &self.steps {
            let label = quoted(label);
            let style = match kind {
                StepKind::Plain => "",
                StepKind::Failure => FAILURE,
                StepKind::Fault => FAULT,
            };
            writeln!(text, "    s{from} -> s{to} [label=\"{label}\"{style}];").unwrap_or_default();
        }
        text + "}\n"
    }

    /// The graph as GraphML.
    #[must_use]
    pub fn graphml(&self) -> String {
        let mut text = concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
            "  <key id=\"label\" for=\"all\" attr.name=\"label\" attr.type=\"string\"/>\n",
            "  <graph id=\"states\" edgedefault=\"directed\">\n",
        )
        .to_owned();
        for (number, label) in self.states.iter().enumerate() {
            let label = escaped(label);
            writeln!(text, "    <node id=\"s{number}\"><data key=\"label\">{label}</data></node>")
                .unwrap_or_default();
        }
        for (number, GraphStep { from, to, label, .. }) in self.steps.iter().enumerate() {
            let label = escaped(label);
            writeln!(
                text,
                "    <edge id=\"e{number}\" source=\"s{from}\" target=\"s{to}\">\
                 <data key=\"label\">{label}</data></edge>"
            )
            .unwrap_or_default();
        }
        admissible(&(text + "  </graph>\n</graphml>\n")).into_owned()
    }
}

/// How graphs begin for Graphviz. The first state has a thick line, one in which all has ended a
/// double line; red is what fails or is lost, dashed a fault that is assumed.
const HEAD: &str = "\
digraph states {
    graph [bgcolor=\"transparent\", nodesep=0.3, ranksep=0.5];
    node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", color=\"#57606a\",
        fontname=\"sans-serif\", fontsize=12];
    edge [color=\"#57606a\", fontcolor=\"#57606a\", fontname=\"sans-serif\", fontsize=11];
";
const LOST: &str = ", fillcolor=\"#fdece3\", color=\"#b3400a\"";
const FAILURE: &str = ", color=\"#b3400a\", fontcolor=\"#b3400a\", penwidth=2";
const FAULT: &str = ", color=\"#b3400a\", fontcolor=\"#b3400a\", style=dashed";

/// What a part of a state is.
fn value<'p>(parts: &'p [(String, String)], name: &str) -> &'p str {
    parts.iter().find(|(part, _)| part == name).map_or("none", |(_, value)| value)
}

/// Adds to states that look alike the parts in which they differ, as many as are needed.
fn tell_apart(states: &mut [String], parts: &[Vec<(String, String)>]) {
    let mut alike: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, state) in states.iter().enumerate() {
        alike.entry(state).or_default().push(number);
    }
    let mut alike: Vec<Vec<usize>> = alike.into_values().collect();
    while let Some(group) = alike.pop() {
        let ends = group.first().into_iter().chain(group.last());
        let mut names = ends.flat_map(|number| &parts[*number]).map(|(name, _)| name);
        let differs = |name: &&String| {
            let mut values = group.iter().map(|number| value(&parts[*number], name));
            let first = values.next();
            values.any(|value| Some(value) != first)
        };
        let Some(name) = names.find(differs) else {
            continue;
        };
        let mut split: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for number in &group {
            let value = value(&parts[*number], name);
            split.entry(value).or_default().push(*number);
            if value != "none" {
                states[*number] += &format!("\n{name}: {value}");
            }
        }
        alike.extend(split.into_values());
    }
}

/// Where every client stands, and which services each session has lost, a line each; whether it
/// has lost any.
fn standing(model: &Model, world: &World) -> (String, bool) {
    let (words, state) = (model.words(), &world.state);
    let clients = model.sight(state).clients();
    let lines = clients.map(|id| format!("{}: {}", words.client(id), words.standing(state, id)));
    let mut lines: Vec<_> = lines.collect();
    let clients = lines.len();
    let parts = words.parts(state, &world.cursor).into_iter();
    let lost = parts.filter(|(part, value)| part.ends_with(", disabled") && value != "none");
    lines.extend(lost.map(|(part, value)| format!("{part}: {value}")));
    (lines.join("\n"), lines.len() > clients)
}

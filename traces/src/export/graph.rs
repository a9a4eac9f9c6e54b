//! Small state graphs as DOT or GraphML: states with the state of each client, steps with their
//! actors.

use std::fmt::Write;

use mapi_logon_model::explore::{Visit, Visitor};
use mapi_logon_model::machine::Model;
use mapi_logon_model::world::State;

/// A state graph.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StateGraph {
    /// What stands in each state, a line for each client.
    pub states: Vec<String>,
    /// Steps: from, to, and what is done.
    pub steps: Vec<(usize, usize, String)>,
    /// Was everything explored?
    pub complete: bool,
}

struct Explorer<'m> {
    model: &'m Model,
    most: usize,
    steps: Vec<(usize, usize, String)>,
}

impl Visitor<()> for Explorer<'_> {
    fn keep(&mut self, _visit: &Visit<'_, ()>) -> Option<()> {
        Some(())
    }

    fn meet(&mut self, visit: &Visit<'_, ()>, to: usize) {
        let (words, state) = (self.model.words(), &visit.world.state);
        let actor = words.actor(state, visit.action);
        let label = format!("{actor} {}", words.action(state, visit.action));
        self.steps.push((visit.from, to, label));
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
        let states = (0..explored.len()).map(|node| explored.world(model, node).state);
        Self {
            states: states.map(|state| standing(model, &state)).collect(),
            steps: explorer.steps,
            complete: explored.complete,
        }
    }

    /// The graph for Graphviz.
    #[must_use]
    pub fn dot(&self) -> String {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let mut text = "digraph states {\n    node [shape=box];\n".to_owned();
        for (number, label) in self.states.iter().enumerate() {
            let label = quoted(label).replace('\n', "\\n");
            writeln!(text, "    s{number} [label=\"{label}\"];").unwrap_or_default();
        }
        for (from, to, label) in &self.steps {
            writeln!(text, "    s{from} -> s{to} [label=\"{}\"];", quoted(label))
                .unwrap_or_default();
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
        for (number, (from, to, label)) in self.steps.iter().enumerate() {
            let label = escaped(label);
            writeln!(
                text,
                "    <edge id=\"e{number}\" source=\"s{from}\" target=\"s{to}\">\
                 <data key=\"label\">{label}</data></edge>"
            )
            .unwrap_or_default();
        }
        text + "  </graph>\n</graphml>\n"
    }
}

/// Where every client stands, a line each.
fn standing(model: &Model, state: &State) -> String {
    let words = model.words();
    let clients = model.sight(state).clients();
    let lines = clients.map(|id| format!("{}: {}", words.client(id), words.standing(state, id)));
    lines.collect::<Vec<_>>().join("\n")
}

/// Text as XML has it; characters that XML does not have are left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\t' => escaped.push(letter),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

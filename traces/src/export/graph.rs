//! How does a small state graph look? Every state with where each client stands, every step with
//! who
//! takes it; as DOT or GraphML.

use std::fmt::Write;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::state::State;

use crate::fold::Table;

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

impl StateGraph {
    /// Explores a scenario, at most `most` states of it.
    #[must_use]
    pub fn explore(model: &Model, most: usize) -> Self {
        let mut graph = Self { complete: true, ..Self::default() };
        let mut numbers: Table<State, usize> = Table::default();
        let mut states = vec![model.initial()];
        numbers.insert(states[0], 0);
        graph.states.push(standing(model, &states[0]));
        let mut at = 0;
        while at < states.len() {
            let state = states[at];
            let words = model.words();
            model.successors(&state, |action, step| {
                let to = numbers.get(&step.state).copied().or_else(|| {
                    if states.len() >= most {
                        graph.complete = false;
                        return None;
                    }
                    states.push(step.state);
                    graph.states.push(standing(model, &step.state));
                    numbers.insert(step.state, states.len() - 1);
                    Some(states.len() - 1)
                });
                if let Some(to) = to {
                    let label =
                        format!("{} {}", words.actor(&state, action), words.action(&state, action));
                    graph.steps.push((at, to, label));
                }
            });
            at += 1;
        }
        graph
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
    let clients = (0..model.scenario().clients.len()).map(ClientId::from);
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

//! The page of a state graph: enabled actions to click through, with states, effects and what each
//! property says.

use std::collections::BTreeMap;

use mapi_logon_model::clause;
use mapi_logon_model::property::given_up_by;
use mapi_logon_model::scenario::Scenario;
use maud::{Markup, PreEscaped, html};
use rust_sugiyama::configure::Config;
use rust_sugiyama::from_vertices_and_edges;
use serde::Serialize;

use super::Page;
use crate::explore::{Edge, Node, Part};
use crate::render::checked::readings;
use crate::render::text::{Tone, count, grouped};

const SCRIPT: &str = include_str!("explore.js");

/// Letters of a line after which the next word begins another.
const LETTERS: usize = 22;

/// Width of a letter.
const LETTER: f64 = 7.4;

/// Height of a line in a state.
const LINE: f64 = 15.0;

/// What the script of the page reads.
#[derive(Serialize)]
struct Data<'a> {
    /// The first line of a trace of this scenario.
    header: &'a str,
    clients: &'a [String],
    nodes: Vec<NodeData<'a>>,
    edges: Vec<EdgeData<'a>>,
    /// The run at whose end the page opens.
    run: &'a [usize],
    /// The text of each property that a step names.
    properties: BTreeMap<&'static str, &'static str>,
    /// The readings that give up what a step breaks.
    given_up: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct NodeData<'a> {
    parts: &'a [(String, String)],
    beyond: usize,
}

#[derive(Serialize)]
struct EdgeData<'a> {
    from: usize,
    to: usize,
    client: usize,
    actor: &'a str,
    action: &'a str,
    taken: &'a [String],
    effects: &'a [String],
    marks: &'a [&'static str],
    tested: &'a [&'static str],
    /// The step as a trace has it.
    line: &'a mapi_logon_traces::trace::Line,
}

/// The page of a part of a state graph.
#[must_use]
pub fn explored(
    name: &str,
    scenario: &Scenario,
    part: &Part,
    header: &str,
    repeat: &str,
) -> String {
    let clients: Vec<_> = scenario.clients.iter().map(|client| client.name.clone()).collect();
    let (shown, explored) = (part.nodes.len() as u64, part.explored as u64);
    let of = if part.complete {
        format!("All {} of the scenario", count(shown, "state"))
    } else {
        format!("{} of {} explored", grouped(shown), count(explored, "state"))
    };
    let begin = match part.run.len() as u64 {
        0 => String::new(),
        steps => {
            format!(", opened after the {} of the run that was asked for", count(steps, "step"))
        }
    };
    let lead = format!("{of}{begin}. Choose a state, or an action that is enabled there.");
    let data = data(scenario, &clients, part, header);
    let data = serde_json::to_string(&data).unwrap_or_default().replace('<', "\\u003c");
    let body = html! {
        script type="application/json" id="graph-data" { (PreEscaped(data)) }
        div.explorer {
            div {
                (filters(&clients, part))
                (legend())
                div.canvas { (drawing(part)) }
            }
            (panel())
        }
    };
    let mut page =
        Page::new(name, (Tone::Plain, "EXPLORE"), &lead, repeat).section("State graph", body);
    page = page.fact("policy", readings(&scenario.policy));
    page.script = SCRIPT;
    page.write()
}

fn data<'a>(
    scenario: &Scenario,
    clients: &'a [String],
    part: &'a Part,
    header: &'a str,
) -> Data<'a> {
    let marks = part.edges.iter().flat_map(|edge| &edge.marks);
    let given_up = marks.map(|id| (*id, given_up_by(id, scenario).join(", ")));
    let named = part.edges.iter().flat_map(|edge| edge.marks.iter().chain(&edge.tested));
    let text = |id: &&'static str| (*id, clause::find(id).map_or("", |clause| clause.text));
    let node = |node: &'a Node| NodeData { parts: &node.parts, beyond: node.beyond };
    let edge = |edge: &'a Edge| EdgeData {
        from: edge.from,
        to: edge.to,
        client: edge.client,
        actor: &edge.told.actor,
        action: &edge.told.action,
        taken: &edge.told.transitions,
        effects: &edge.told.effects,
        marks: &edge.marks,
        tested: &edge.tested,
        line: &edge.line,
    };
    Data {
        header,
        clients,
        nodes: part.nodes.iter().map(node).collect(),
        edges: part.edges.iter().map(edge).collect(),
        run: &part.run,
        properties: named.map(text).collect(),
        given_up: given_up.filter(|(_, by)| !by.is_empty()).collect(),
    }
}

/// Selections of a client and of a place, which dim all other states.
fn filters(clients: &[String], part: &Part) -> Markup {
    let all = part.nodes.iter().flat_map(|node| &node.standing);
    let mut places: Vec<_> = all.map(|standing| place(standing)).collect();
    places.sort_unstable();
    places.dedup();
    html! {
        form.filters {
            label { "Client " select #client {
                option value="" { "any" }
                @for (at, client) in clients.iter().enumerate() {
                    option value=(at) { (client) }
                }
            } }
            label { "Place " select #place {
                option value="" { "any" }
                @for place in places { option { (place) } }
            } }
            label { input type="checkbox" #whole; " whole graph" }
            span.faint #matching {}
        }
    }
}

/// What the looks of states and steps mean.
fn legend() -> Markup {
    let keys = [
        ("first", "first state"),
        ("end", "nothing more can happen"),
        ("lost", "a service is disabled"),
        ("at", "state shown on the right"),
        ("passed", "step of the run so far"),
        ("broken", "step that breaks a property, given up or not"),
    ];
    html! {
        p.legend {
            @for (kind, means) in keys {
                span { span.key.{ "is-" (kind) } {} " " (means) } " "
            }
        }
    }
}

fn panel() -> Markup {
    html! {
        aside.panel aria-live="polite" {
            p.buttons {
                button type="button" id="restart" { "Restart" } " "
                button type="button" id="back" { "Back" } " "
                button type="button" id="copy" { "Copy run as trace" }
                span.faint #copied {}
            }
            h3 { "Enabled actions" }
            ol #actions {}
            h3 { "Last step" }
            div #step { "none yet" }
            h3 { "What properties say of it" }
            div #says {}
            h3 { "State" }
            label.faint { input type="checkbox" #all; " what is none, too" }
            table.changes { tbody #state {} }
            h3 { "The run so far" }
            ol #run {}
            textarea #trace hidden aria-label="The run as a trace" rows="6" {}
        }
    }
}

impl Node {
    /// Where each client stands, in lines: whole words, however long they are.
    fn label(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for standing in &self.standing {
            let mut words = standing.split(' ');
            lines.extend(words.next().map(str::to_owned));
            for word in words {
                match lines.last_mut() {
                    Some(line) if line.chars().count() + word.chars().count() < LETTERS => {
                        *line += &format!(" {word}");
                    }
                    _ => lines.push(format!("  {word}")),
                }
            }
        }
        lines
    }

    /// Where each client stands, without details.
    fn places(&self) -> String {
        self.standing.iter().map(|one| place(one)).collect::<Vec<_>>().join("|")
    }
}

/// Where a client stands, without details: `Q13 Load`.
fn place(standing: &str) -> &str {
    standing.split(':').next().unwrap_or_default()
}

/// States from the top down, and steps between them.
fn drawing(part: &Part) -> Markup {
    let labels: Vec<Vec<String>> = part.nodes.iter().map(Node::label).collect();
    let lines = labels.iter().map(Vec::len).max().unwrap_or(1);
    let letters = labels.iter().flatten().map(|line| line.chars().count()).max().unwrap_or(1);
    let size = (LETTER * letters as f64 + 14.0, LINE * lines as f64 + 10.0);
    let (places, width, depth) = layout(part, size);
    let lost = |node: &Node| {
        let mut parts = node.parts.iter();
        parts.any(|(part, value)| part.ends_with("disabled") && value != "none")
    };
    let leads_on =
        |at: usize| part.nodes[at].beyond > 0 || part.edges.iter().any(|edge| edge.from == at);
    let steps = || part.edges.iter().enumerate().filter(|(_, edge)| edge.from != edge.to);
    html! {
        svg.graph viewBox={ "0 0 " (width) " " (depth) } width=(width) height=(depth)
            role="group" aria-label="States and steps" {
            title { "The state graph; the first state is at the top" }
            defs {
                marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9"
                    markerUnits="userSpaceOnUse" orient="auto" { path d="M0 0 L8 4 L0 8 z" {} }
            }
            @for (at, edge) in steps() {
                @let broken = edge.marks.iter().any(|id| !id.starts_with("RCH-"));
                path.edge.broken[broken] id={ "edge" (at) }
                    marker-end="url(#tip)"
                    d=(curve(places[edge.from], places[edge.to], size)) {}
            }
            @for (at, node) in part.nodes.iter().enumerate() {
                @let (x, y) = places[at];
                g.node.first[at == 0].lost[lost(node)].end[!leads_on(at)] id={ "node" (at) }
                    data-places=(node.places()) tabindex="0" role="button"
                    aria-label={ "State " (at) ": " (node.standing.join("; ")) }
                    transform={ "translate(" (x) " " (y) ")" } {
                    title { (node.standing.join("\n")) }
                    rect width=(size.0) height=(size.1) rx="5" {}
                    @for (line, text) in labels[at].iter().enumerate() {
                        text x="7" y=(LINE * (line + 1) as f64) { (text) }
                    }
                }
            }
        }
    }
}

/// Where each state stands, and the size of all.
fn layout(part: &Part, (wide, height): (f64, f64)) -> (Vec<(f64, f64)>, f64, f64) {
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let vertices: Vec<_> =
        (0..part.nodes.len()).map(|at| (number(at), (wide, height + 36.0))).collect();
    let mut steps: Vec<_> = part.edges.iter().map(|edge| (edge.from, edge.to)).collect();
    steps.retain(|(from, to)| from != to);
    steps.sort_unstable();
    steps.dedup();
    let steps: Vec<_> = steps.into_iter().map(|(from, to)| (number(from), number(to))).collect();
    let config =
        Config { vertex_spacing: 8.0, dummy_size: 0.1, transpose: false, ..Config::default() };
    let mut places = vec![(0.0, 0.0); part.nodes.len()];
    let (mut left, mut depth) = (8.0, 0.0_f64);
    for (component, _, _) in from_vertices_and_edges(&vertices, &steps, &config) {
        let (mut least, mut most) = ((f64::MAX, f64::MAX), (f64::MIN, f64::MIN));
        for (_, (x, y)) in &component {
            least = (least.0.min(*x), least.1.min(*y));
            most = (most.0.max(*x), most.1.max(*y));
        }
        for (at, (x, y)) in component {
            places[at] = (left + x - least.0, 8.0 + y - least.1);
        }
        left += most.0 - least.0 + wide + 40.0;
        depth = depth.max(most.1 - least.1 + height + 16.0);
    }
    (places, left, depth)
}

/// A step from the lower edge of a state to the upper edge of another.
fn curve(from: (f64, f64), to: (f64, f64), (wide, height): (f64, f64)) -> String {
    let (x, y) = (from.0 + wide / 2.0, from.1 + height);
    let (to_x, to_y) = (to.0 + wide / 2.0, to.1);
    let bend = if to_y > y { (to_y - y) / 2.0 } else { 60.0 };
    let (down, up) = (y + bend, to_y - bend);
    format!("M{x:.0} {y:.0} C{x:.0} {down:.0} {to_x:.0} {up:.0} {to_x:.0} {to_y:.0}")
}

//! `mapi-logon diagram`: the state machine as implemented, and the flowchart of session logon.

use std::collections::BTreeMap;

use anyhow::Result;
use clap::ValueEnum;
use mapi_logon_model::clause::{FLOWCHART_EDGES, FLOWCHART_NODES, STATES};
use mapi_logon_model::protocol::{Place, Transition};

use crate::exit::Exit;
use crate::output;
use crate::survey;

/// Arguments of `diagram`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Draw in this language
    #[arg(long, value_enum, default_value_t)]
    pub format: Language,
}

/// The language of the drawings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// Markdown with two Mermaid blocks
    #[default]
    Mermaid,
    /// Two Graphviz graphs
    Dot,
}

/// Draws the machine and the flowchart of session logon.
///
/// # Errors
/// When a built-in scenario cannot be explored, or the drawing cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let arrows = arrows()?;
    let text = match args.format {
        Language::Mermaid => mermaid(&arrows),
        Language::Dot => dot(&arrows),
    };
    output::print(&text)?;
    Ok(Exit::Good)
}

/// An arrow of the machine and its label.
struct Arrow {
    from: &'static str,
    to: &'static str,
    label: String,
}

/// One arrow for every pair of states that some transition joins.
fn arrows() -> Result<Vec<Arrow>> {
    let mut pairs: BTreeMap<(Place, Place), Vec<Transition>> = BTreeMap::new();
    for taken in survey::taken()? {
        pairs.entry((taken.from, taken.to)).or_default().push(taken.transition);
    }
    let arrow = |((from, to), transitions): ((Place, Place), Vec<Transition>)| {
        let ids = transitions.iter().map(|transition| transition.id());
        Arrow { from: from.id(), to: to.id(), label: ids.collect::<Vec<_>>().join(", ") }
    };
    Ok(pairs.into_iter().map(arrow).collect())
}

/// The states that some arrow touches, with their names.
fn states(arrows: &[Arrow]) -> impl Iterator<Item = (&'static str, &'static str)> {
    let touched = |id: &str| arrows.iter().any(|arrow| arrow.from == id || arrow.to == id);
    let touched = STATES.iter().filter(move |(id, _, _)| touched(id));
    touched.map(|(id, name, _)| (*id, *name))
}

fn mermaid(arrows: &[Arrow]) -> String {
    let mut text = String::from("```mermaid\nstateDiagram-v2\n");
    for (id, name) in states(arrows) {
        text += &format!("    {id} : {id} {name}\n");
    }
    text += "    [*] --> Q0\n";
    for Arrow { from, to, label } in arrows {
        text += &format!("    {from} --> {to} : {label}\n");
    }
    text += "```\n\n```mermaid\nflowchart TD\n";
    for (id, label) in FLOWCHART_NODES.iter() {
        let (open, close) = match id.as_bytes() {
            [b'D', ..] => ("{", "}"),
            [b'X', ..] => ("([", "])"),
            _ => ("[", "]"),
        };
        text += &format!("    {id}{open}\"{label}\"{close}\n");
    }
    for (from, to, label, clause) in FLOWCHART_EDGES.iter() {
        let label = flow_label(label, clause);
        text += &format!("    {from} -- \"{label}\" --> {to}\n");
    }
    text + "```\n"
}

fn dot(arrows: &[Arrow]) -> String {
    let mut text = String::from("digraph machine {\n    node [shape=box, style=rounded];\n");
    for (id, name) in states(arrows) {
        text += &format!("    {id} [label=\"{id} {name}\"];\n");
    }
    for Arrow { from, to, label } in arrows {
        text += &format!("    {from} -> {to} [label=\"{label}\"];\n");
    }
    text += "}\n\ndigraph flowchart {\n";
    for (id, label) in FLOWCHART_NODES.iter() {
        let shape = match id.as_bytes() {
            [b'D', ..] => "diamond",
            [b'X', ..] => "oval",
            _ => "box",
        };
        text += &format!("    {id} [shape={shape}, label=\"{label}\"];\n");
    }
    for (from, to, label, clause) in FLOWCHART_EDGES.iter() {
        text += &format!("    {from} -> {to} [label=\"{}\"];\n", flow_label(label, clause));
    }
    text + "}\n"
}

/// `yes, FLW-2`, or the clause alone where the figure has no label.
fn flow_label(label: &str, clause: &str) -> String {
    if label.is_empty() { clause.to_owned() } else { format!("{label}, {clause}") }
}

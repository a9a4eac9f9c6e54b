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
    /// Draw this, in its language
    #[arg(long, value_enum, default_value_t)]
    pub format: Language,
}

/// The language of the drawings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// The state machine as a Mermaid file
    #[default]
    Mermaid,
    /// The flowchart of session logon as a Mermaid file
    Flowchart,
    /// Both as Mermaid blocks of a Markdown page
    Markdown,
    /// Both as one graph for Graphviz
    Dot,
}

/// Draws the machine and the flowchart of session logon.
///
/// # Errors
/// When a built-in scenario cannot be explored, or the drawing cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    let arrows = arrows()?;
    let text = match args.format {
        Language::Mermaid => machine(&arrows),
        Language::Flowchart => flowchart(),
        Language::Markdown => {
            let [machine, flowchart] = [machine(&arrows), flowchart()];
            format!("```mermaid\n{machine}```\n\n```mermaid\n{flowchart}```\n")
        }
        Language::Dot => dot(&arrows),
    };
    output::print_document(&text)?;
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

/// States of one part of a call, under its name; the first of each ends the one before.
const GROUPS: [(&str, &str); 7] = [
    ("Q0", "before the call"),
    ("Q2", "waiting"),
    ("Q4", "choosing a session"),
    ("Q5", "profile and password"),
    ("Q10", "configuration and providers"),
    ("Q19", "the end of a logon"),
    ("W0", "session"),
];

/// The states in groups.
fn grouped(
    arrows: &[Arrow],
) -> impl Iterator<Item = (&'static str, Vec<(&'static str, &'static str)>)> {
    let all: Vec<_> = states(arrows).collect();
    let place = |id: &str| STATES.iter().position(|(known, _, _)| *known == id);
    GROUPS.iter().enumerate().map(move |(number, (first, name))| {
        let next = GROUPS.get(number + 1).and_then(|(next, _)| place(next));
        let next = next.unwrap_or(STATES.len());
        let from = place(first).unwrap_or_default();
        let inside = |id: &str| place(id).is_some_and(|at| (from..next).contains(&at));
        (*name, all.iter().copied().filter(|(id, _)| inside(id)).collect())
    })
}

fn machine(arrows: &[Arrow]) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    for (number, (group, states)) in grouped(arrows).enumerate() {
        text += &format!("    state \"{group}\" as g{number} {{\n");
        for (id, name) in states {
            text += &format!("        {id} : {id} {name}\n");
        }
        text += "    }\n";
    }
    text += "    [*] --> Q0\n";
    for Arrow { from, to, label } in arrows {
        text += &format!("    {from} --> {to} : {label}\n");
    }
    text
}

fn flowchart() -> String {
    let mut text = String::from("flowchart TD\n");
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
    text
}

/// One graph, so that one picture shows both.
fn dot(arrows: &[Arrow]) -> String {
    let mut text = String::from(
        "digraph mapi_logon {\n    graph [bgcolor=\"transparent\", fontname=\"sans-serif\", \
         color=\"#8c959f\"];\n    node [shape=box, style=\"rounded,filled\", \
         fillcolor=\"#f6f8fa\", color=\"#57606a\", fontname=\"sans-serif\"];\n    \
         edge [color=\"#57606a\", fontname=\"sans-serif\", fontsize=11];\n    \
         subgraph cluster_machine {\n    label=\"the machine\";\n",
    );
    for (number, (group, states)) in grouped(arrows).enumerate() {
        text += &format!("    subgraph cluster_{number} {{\n        label=\"{group}\";\n");
        for (id, name) in states {
            let failed =
                if id == "Q22" { ", fillcolor=\"#fdece3\", color=\"#b3400a\"" } else { "" };
            text += &format!("        {id} [label=\"{id} {name}\"{failed}];\n");
        }
        text += "    }\n";
    }
    for Arrow { from, to, label } in arrows {
        text += &format!("    {from} -> {to} [label=\"{label}\"];\n");
    }
    text += "    }\n    subgraph cluster_flowchart {\n    label=\"session logon\";\n";
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
    text + "    }\n}\n"
}

/// `yes, FLW-2`, or the clause alone where the figure has no label.
fn flow_label(label: &str, clause: &str) -> String {
    if label.is_empty() { clause.to_owned() } else { format!("{label}, {clause}") }
}

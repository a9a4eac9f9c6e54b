//! How do the rows of a sweep look?

use std::collections::BTreeMap;

use anyhow::Result;
use mapi_logon_model::policy::Policy;
use serde::Serialize;

use crate::render::json::{Object, pretty};
use crate::render::text::{Paint, Table, Tone, grouped, paragraph};
use crate::sweep::{Combination, Dimensions, Swept};
use crate::verdict::Overall;

/// A sweep that has ended.
#[derive(Debug)]
pub struct Sweep<'a> {
    /// The scenario's name.
    pub name: &'a str,
    /// The readings in force where none is varied.
    pub policy: &'a Policy,
    /// What was varied.
    pub dimensions: &'a Dimensions,
    /// How many combinations there are.
    pub combinations: usize,
    /// Are times told?
    pub timed: bool,
    /// The command that shows the first broken property, if one is broken.
    pub repeat: Option<String>,
    /// What the combinations come to, in order; fewer if somebody interrupted.
    pub rows: Vec<Swept>,
}

/// As programs read it.
#[derive(Serialize)]
struct Json<'a> {
    scenario: &'a str,
    policy: Object<&'static str>,
    combinations: usize,
    rows: Vec<JsonRow<'a>>,
}

/// A combination as programs read it.
#[derive(Serialize)]
struct JsonRow<'a> {
    settings: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clients: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<u8>,
    symmetry: bool,
    verdict: &'static str,
    states: u64,
    transitions: u64,
    depth: u32,
    broken: &'a [&'static str],
    lost: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
}

impl<'a> JsonRow<'a> {
    fn of(row: &'a Swept, timed: bool) -> Self {
        let Combination { settings, clients, budget, symmetry } = &row.combination;
        let settings = settings.iter();
        Self {
            settings: settings
                .map(|setting| (setting.policy.as_str(), setting.value.as_str()))
                .collect(),
            clients: *clients,
            budget: *budget,
            symmetry: *symmetry,
            verdict: row.verdict.name(),
            states: row.states,
            transitions: row.transitions,
            depth: row.depth,
            broken: &row.broken,
            lost: &row.lost,
            seconds: timed.then_some(row.seconds),
        }
    }
}

impl Sweep<'_> {
    /// The rows for programs.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn json(&self) -> Result<String> {
        let rows = self.rows.iter().map(|row| JsonRow::of(row, self.timed));
        pretty(&Json {
            scenario: self.name,
            policy: Object(self.policy.settings().collect()),
            combinations: self.combinations,
            rows: rows.collect(),
        })
    }

    /// The rows for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut lines = vec![self.head()];
        lines.extend(self.rows.iter().map(|row| self.line(row)));
        let numbers = lines[0].iter().map(|(_, _, number)| *number);
        let widths: Vec<usize> = numbers
            .enumerate()
            .map(|(at, number)| {
                let cells = lines.iter().map(|line| line[at].1.chars().count());
                if number { cells.max().unwrap_or(0) } else { 0 }
            })
            .collect();
        let mut table = Table::new(paint, 0);
        for line in lines {
            let cells = line.into_iter().zip(&widths);
            let cells = cells.map(|((tone, text, _), width)| (tone, format!("{text:>width$}")));
            table.cells(cells.collect());
        }
        let mut text = table.render() + "\n" + &paragraph(&self.summary(), 0);
        if let Some(repeat) = &self.repeat {
            text += &format!("\n{repeat}\n");
        }
        text
    }

    /// The names of the columns, and whether numbers stand in them.
    fn head(&self) -> Vec<(Tone, String, bool)> {
        let head = |name: &str, number| (Tone::Faint, name.to_owned(), number);
        let policies = self.dimensions.policies.iter();
        let mut line: Vec<_> = policies.map(|(policy, _)| head(policy, false)).collect();
        for (name, varied) in [
            ("clients", !self.dimensions.clients.is_empty()),
            ("faults", !self.dimensions.budgets.is_empty()),
        ] {
            line.extend(varied.then(|| head(name, true)));
        }
        let both = self.dimensions.symmetry.len() > 1;
        line.extend(both.then(|| head("symmetry", false)));
        line.extend([head("states", true), head("depth", true)]);
        line.extend(self.timed.then(|| head("seconds", true)));
        line.extend([head("verdict", false), head("broken", false), head("lost witnesses", false)]);
        line
    }

    fn line(&self, row: &Swept) -> Vec<(Tone, String, bool)> {
        let Combination { settings, clients, budget, symmetry } = &row.combination;
        let plain = |text: String, number| (Tone::Plain, text, number);
        let settings = settings.iter();
        let mut line: Vec<_> =
            settings.map(|setting| (Tone::Strong, setting.value.clone(), false)).collect();
        line.extend(clients.map(|clients| plain(clients.to_string(), true)));
        line.extend(budget.map(|budget| plain(budget.to_string(), true)));
        if self.dimensions.symmetry.len() > 1 {
            line.push(plain(if *symmetry { "on" } else { "off" }.to_owned(), false));
        }
        line.push(plain(grouped(row.states), true));
        line.push(plain(row.depth.to_string(), true));
        if self.timed {
            line.push(plain(format!("{:.2}", row.seconds), true));
        }
        let tone = match row.verdict {
            Overall::Holds => Tone::Good,
            Overall::Violated => Tone::Bad,
            Overall::Inconclusive => Tone::Strong,
        };
        let list = |ids: &[&str]| {
            if ids.is_empty() { "-".to_owned() } else { ids.join(", ") }
        };
        line.extend([
            (tone, row.verdict.name().to_owned(), false),
            plain(list(&row.broken), false),
            plain(list(&row.lost), false),
        ]);
        line
    }

    fn summary(&self) -> String {
        let verdicts = [Overall::Holds, Overall::Violated, Overall::Inconclusive];
        let counts = verdicts.map(|verdict| {
            let rows = self.rows.iter().filter(|row| row.verdict == verdict);
            (rows.count(), verdict.name())
        });
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts = counts.map(|(count, name)| match (count, *name) {
            (2.., "holds") => format!("{count} hold"),
            (count, name) => format!("{count} {name}"),
        });
        let counts = counts.collect::<Vec<_>>().join(", ");
        let (done, all) = (self.rows.len(), self.combinations);
        let how_many = if done < all {
            format!("interrupted after {done} of {all} combinations")
        } else if all == 1 {
            "1 combination".to_owned()
        } else {
            format!("{all} combinations")
        };
        let colon = if counts.is_empty() { "" } else { ": " };
        format!("{}, {how_many}{colon}{counts}.", self.name)
    }
}

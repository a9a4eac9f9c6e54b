//! The rows of a sweep, for people and for programs.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::clause;
use mapi_logon_model::policy::Policy;
use schemars::JsonSchema;
use serde::Serialize;

use crate::arguments::CommandLine;
use crate::render::checked::tone;
use crate::render::json::policy;
use crate::render::text::{Paint, Table, Tone, grouped, paragraph};
use crate::reports::{Case, CaseVerdict};
use crate::sweep::{Combination, Dimensions, Swept};
use crate::verdict::Overall;

/// A sweep that has ended: the result of `mapi-logon sweep`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Sweep<'a> {
    /// The scenario.
    #[serde(rename = "scenario")]
    pub name: &'a str,
    /// Every switch with its value, where it is not varied.
    #[serde(serialize_with = "policy")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub policy: &'a Policy,
    /// What was varied.
    #[serde(skip)]
    pub dimensions: &'a Dimensions,
    /// The number of combinations.
    pub combinations: usize,
    /// Are times reported?
    #[serde(skip)]
    pub timed: bool,
    /// The command that shows the first broken property, if one is broken.
    #[serde(skip)]
    pub shows: Option<CommandLine>,
    /// The command that gives the same rows.
    #[serde(skip)]
    pub repeat: CommandLine,
    /// What the combinations come to, in order; fewer after an interrupt.
    pub rows: Vec<Swept>,
}

impl Sweep<'_> {
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
        let mut text = paragraph(&self.summary(), 0) + "\n" + &table.render() + "\n";
        text += &self.legend(paint);
        if let Some(shows) = &self.shows {
            text += &format!("The run that breaks the first:\n\n  {shows}\n\n");
        }
        text + &format!("{}\n", self.repeat)
    }

    /// The rows as test cases, about a scenario that stands there.
    pub(crate) fn cases(&self, place: &Option<(String, u64)>) -> Vec<Case> {
        let case = |row: &Swept| {
            let given_up = row.given_up.iter().map(|one| one.id);
            let ids: Vec<_> = row.broken.iter().copied().chain(given_up).collect();
            let verdict = match row.verdict {
                Overall::Holds => CaseVerdict::Passed,
                Overall::Violated => {
                    CaseVerdict::Failed(format!("Broken: {}.", ids.join(", ")), String::new())
                }
                Overall::Inconclusive => {
                    CaseVerdict::Undecided("The limit on states was reached.".to_owned())
                }
            };
            let about = format!("{} under this combination", self.name);
            Case { name: row.combination.name(), about, verdict, place: place.clone() }
        };
        self.rows.iter().map(case).collect()
    }

    /// Each property of the table: what it says, and which values break it, give it up or lose it.
    fn legend(&self, paint: Paint) -> String {
        let mut table = Table::new(paint, 0);
        for clause in clause::all() {
            let id = clause.id;
            let given_up = self.rows.iter().flat_map(|row| &row.given_up);
            let by = minimal(given_up.filter(|one| one.id == id).map(|one| one.by.as_str()));
            let is_given_up = |row: &Swept| row.given_up.iter().any(|one| one.id == id);
            let lost = |row: &Swept| row.lost.contains(&id) && !is_given_up(row);
            let mut said = Vec::new();
            for (what, names) in [
                ("broken with", self.values(&|row| row.broken.contains(&id))),
                ("given up by", by.join("; ")),
                ("not found with", self.values(&lost)),
            ] {
                if !names.is_empty() {
                    said.push(format!("{what} {names}"));
                }
            }
            if !said.is_empty() {
                let text = format!("{}: {}", said.join("; "), clause.text);
                table.toned([(Tone::Strong, id), (Tone::Plain, &*text)]);
            }
        }
        let text = table.render();
        if text.is_empty() { text } else { text + "\n" }
    }

    /// The values with which that is always so; or the combinations, where no one value is enough.
    fn values(&self, is: &dyn Fn(&Swept) -> bool) -> String {
        let settings = |row: &Swept| {
            let settings = row.combination.settings.iter();
            settings.map(|one| format!("{} = {}", one.policy, one.value)).collect::<BTreeSet<_>>()
        };
        let rows: Vec<_> = self.rows.iter().filter(|row| is(row)).collect();
        let others = self.rows.iter().filter(|row| !is(row));
        let mut values: BTreeSet<String> = rows.iter().flat_map(|row| settings(row)).collect();
        for row in others {
            values = values.difference(&settings(row)).cloned().collect();
        }
        if rows.iter().all(|row| settings(row).iter().any(|value| values.contains(value))) {
            return values.into_iter().collect::<Vec<_>>().join("; ");
        }
        rows.iter().map(|row| row.combination.name()).collect::<Vec<_>>().join("; ")
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
        let names = ["verdict", "broken", "given up", "lost witnesses"];
        line.extend(names.map(|name| head(name, false)));
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
            line.push(plain(format!("{:.2}", row.seconds.unwrap_or_default()), true));
        }
        let list = |ids: &[&str]| {
            if ids.is_empty() { "-".to_owned() } else { ids.join(", ") }
        };
        line.extend([
            (tone(row.verdict), row.verdict.name().to_owned(), false),
            plain(list(&row.broken), false),
            plain(list(&row.given_up.iter().map(|one| one.id).collect::<Vec<_>>()), false),
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

/// Each of these sets of readings, `A, B`, that has no other of them in itself.
fn minimal<'a>(sets: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let sets: BTreeSet<&str> = sets.collect();
    let parts = |set: &'a str| set.split(", ").collect::<BTreeSet<_>>();
    let has_another = |set: &&'a str| {
        let mut others = sets.iter().filter(|other| *other != set);
        others.any(|other| parts(other).is_subset(&parts(set)))
    };
    sets.iter().copied().filter(|set| !has_another(set)).collect()
}

#[cfg(test)]
mod tests {
    use super::minimal;

    #[test]
    fn reading_that_is_enough_alone_is_named_alone() {
        let sets = ["A = 1", "A = 1, B = 2", "B = 3, C = 4"];
        assert_eq!(minimal(sets.into_iter()), ["A = 1", "B = 3, C = 4"]);
    }
}

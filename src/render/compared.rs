//! A comparison for people: first what differs in one sentence, then each difference with its run.

use mapi_logon_model::clause;

use crate::arguments::CommandLine;
use crate::compare::{Changed, Comparison, Difference, Instead};
use crate::render::outcome;
use crate::render::text::{Paint, Table, Tone, count, grouped, paragraph};
use crate::run::Told;
use crate::verdict::Verdict;

mod paged;
mod picture;

pub use picture::picture;

/// What does not differ where no outcome and no verdict does.
const NOTHING_SEEN: &str = "nothing that clients and users see";

/// Most choices or effects that a sentence lists.
const CHOICES: usize = 4;

/// Most characters of a side's name over a column.
const HEAD: usize = 34;

/// What a side is called.
#[derive(Clone, Debug)]
pub struct Label {
    /// Over its column.
    pub head: String,
    /// At the beginning of a sentence.
    begins: String,
    /// Its machine.
    machine: String,
}

impl Label {
    /// A side under these names.
    #[must_use]
    pub fn new(head: &str, begins: &str, machine: &str) -> Self {
        Self { head: head.to_owned(), begins: begins.to_owned(), machine: machine.to_owned() }
    }

    /// The same scenario under other readings.
    #[must_use]
    pub fn under(readings: &str) -> Self {
        Self::new(readings, &format!("Under {readings}"), &format!("the machine under {readings}"))
    }

    /// Its machine, at the beginning of a sentence.
    fn begins_machine(&self) -> String {
        self.machine.replacen("the", "The", 1)
    }

    /// A scenario.
    #[must_use]
    pub fn scenario(name: &str) -> Self {
        Self::new(name, &format!("In {name}"), &format!("the machine of {name}"))
    }
}

/// A comparison with the names of its sides.
#[derive(Debug)]
pub struct Compared<'a> {
    /// What was found.
    pub comparison: &'a Comparison,
    /// The first side.
    pub left: Label,
    /// The other.
    pub right: Label,
    /// Is the first side the new one?
    pub reversed: bool,
    /// How many outcomes of each side are shown.
    pub shown: usize,
    /// The limits, if one of them ended the search for the outcomes of a side.
    pub cut: Option<String>,
    /// The check of the new side.
    pub check: CommandLine,
    /// The command that gives the same result.
    pub repeat: CommandLine,
}

impl Compared<'_> {
    /// The comparison for people.
    #[must_use]
    pub fn text(&self, paint: Paint) -> String {
        let mut text = paragraph(&self.sentence(), 0);
        if let Some(cut) = self.not_compared() {
            text += &paint.paint(Tone::Bad, &paragraph(&cut, 0));
        }
        text += &format!("\n{}", self.table(paint));
        let (new, gone) = self.news();
        let (old_label, new_label) = self.labels();
        text += &self.section("New", new, old_label, paint);
        text += &self.section("Gone", gone, new_label, paint);
        let broken = |one: &&Changed| {
            matches!(self.after(one), Verdict::GivenUp | Verdict::Violated) && !is_witness(&one.id)
        };
        let broken: Vec<_> = self.comparison.properties.iter().filter(broken).collect();
        if !broken.is_empty() {
            let ids = broken.iter().map(|one| &one.id);
            let check = self.check.clone().option("--property", ids);
            text += &format!(
                "\n`check` shows the runs that break what is given up or violated:\n\n  {check}\n"
            );
        }
        text + &format!("\n{}\n", self.repeat)
    }

    /// New outcomes, and those that are gone.
    fn news(&self) -> (&[Difference], &[Difference]) {
        let (left, right) = (&*self.comparison.only_left, &*self.comparison.only_right);
        if self.reversed { (left, right) } else { (right, left) }
    }

    /// The old side and the new one.
    const fn labels(&self) -> (&Label, &Label) {
        if self.reversed { (&self.right, &self.left) } else { (&self.left, &self.right) }
    }

    const fn before(&self, one: &Changed) -> Verdict {
        if self.reversed { one.right } else { one.left }
    }

    const fn after(&self, one: &Changed) -> Verdict {
        if self.reversed { one.left } else { one.right }
    }

    /// What the difference is.
    fn sentence(&self) -> String {
        let mut parts = Vec::new();
        let (new, gone) = self.news();
        for (outcomes, what) in [(new.len(), "new"), (gone.len(), "gone")] {
            let noun = if parts.is_empty() {
                outcome::number(outcomes, self.has_dialogs())
            } else {
                grouped(outcomes as u64)
            };
            if outcomes > 0 {
                parts.push(format!("{noun} {} {what}", are(outcomes)));
            }
        }
        let of = |wanted: &dyn Fn(Verdict, Verdict) -> bool, witness: bool| {
            let own = self.comparison.properties.iter();
            let own = own.filter(|one| is_witness(&one.id) == witness);
            let own = own.filter(|one| wanted(self.before(one), self.after(one)));
            own.map(|one| one.id.as_str()).collect::<Vec<_>>()
        };
        use Verdict::{Found, GivenUp, Violated};
        let is_other = |old, new| old != GivenUp && new != GivenUp && new != Violated;
        let mut verdicts = vec![("violated".to_owned(), of(&|_, new| new == Violated, false))];
        verdicts.extend(self.given_up());
        let kept = of(&|old, new| old == GivenUp && new != Violated, false);
        verdicts.push(("no longer given up".to_owned(), kept));
        verdicts.push(("judged differently".to_owned(), of(&is_other, false)));
        for (what, ids) in verdicts {
            if !ids.is_empty() {
                parts.push(format!("{} {} {what}", ids.join(", "), are(ids.len())));
            }
        }
        for (what, ids) in [
            ("lost", of(&|old, _| old == Found, true)),
            ("gained", of(&|_, new| new == Found, true)),
        ] {
            if !ids.is_empty() {
                let noun = if ids.len() == 1 { "the witness" } else { "the witnesses" };
                parts.push(format!("{noun} {} {} {what}", ids.join(", "), are(ids.len())));
            }
        }
        if parts.is_empty() {
            let what = if self.cut.is_some() { "no verdict" } else { NOTHING_SEEN };
            parts.push(format!("{what} differs"));
        }
        let begins = &self.labels().1.begins;
        let begins = if self.reversed { &self.labels().0.begins } else { begins };
        format!("{begins} {}.", parts.join("; "))
    }

    /// What the new side gives up, but for witnesses, by the readings that do: these are named
    /// unless the side is called so.
    fn given_up(&self) -> Vec<(String, Vec<&str>)> {
        let own = self.comparison.properties.iter();
        let own = own.filter(|one| self.after(one) == Verdict::GivenUp && !is_witness(&one.id));
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        for one in own {
            let by = self.named_readings(one);
            let what = by.map_or_else(|| "given up".to_owned(), |by| format!("given up ({by})"));
            match groups.iter_mut().find(|(known, _)| *known == what) {
                Some((_, ids)) => ids.push(&one.id),
                None => groups.push((what, vec![&one.id])),
            }
        }
        groups
    }

    /// The readings that give a property up, unless a side is called so.
    fn named_readings<'o>(&self, one: &'o Changed) -> Option<&'o str> {
        let by = one.given_up_by.as_str();
        let heads = [&*self.left.head, &*self.right.head];
        (!by.is_empty() && !heads.contains(&by)).then_some(by)
    }

    /// Are outcomes told apart by dialogs?
    fn has_dialogs(&self) -> bool {
        self.comparison.left.has_dialogs() && self.comparison.right.has_dialogs()
    }

    /// What is not compared because of a limit, in a sentence.
    fn not_compared(&self) -> Option<String> {
        self.cut.as_ref().map(|limits| {
            format!("Only verdicts and states are compared: what clients see on one side {limits}.")
        })
    }

    /// Numbers and verdicts side by side.
    fn table(&self, paint: Paint) -> String {
        let compared = self.comparison;
        let mut table = Table::new(paint, 0);
        let heads = [&self.left, &self.right].map(|label| short(&label.head));
        table.toned([
            (Tone::Faint, ""),
            (Tone::Faint, &*heads[0]),
            (Tone::Faint, &*heads[1]),
            (Tone::Plain, ""),
        ]);
        let sides = [&compared.left, &compared.right];
        let number = |number: Option<u64>| number.map_or_else(|| "-".to_owned(), grouped);
        let outcomes = sides.map(|side| number(side.outcomes.as_ref().map(|all| all.len() as u64)));
        let common = compared.common.map_or_else(
            || "not compared: one side does not have them".to_owned(),
            |common| format!("{} in both", grouped(common as u64)),
        );
        let what = outcome::what(self.has_dialogs());
        table.row([what, &outcomes[0], &outcomes[1], &common]);
        let states = sides.map(|side| number(side.states));
        table.row(["states", &states[0], &states[1], ""]);
        if sides.iter().any(|side| side.properties.is_none()) {
            table.row(["properties", "-", "-", "not compared: one side does not have them"]);
        }
        for one in &compared.properties {
            let text = clause::find(&one.id).map_or("", |clause| clause.text);
            let by = self.named_readings(one).map_or_else(String::new, |by| format!("({by}) "));
            let verdicts = [one.left, one.right].map(|verdict| verdict.name().replace('-', " "));
            table.toned([
                (Tone::Strong, &*one.id),
                (tone(one.left), &*verdicts[0]),
                (tone(one.right), &*verdicts[1]),
                (Tone::Plain, &*(by + text)),
            ]);
        }
        table.render()
    }

    /// Outcomes of one side alone, and the runs that lead to the first of them.
    fn section(&self, title: &str, found: &[Difference], other: &Label, paint: Paint) -> String {
        if found.is_empty() {
            return String::new();
        }
        let mut text = String::new();
        for (number, one) in (1..).zip(found).take(self.shown) {
            let place = format!("{title} outcome {number} of {}", found.len());
            text += &format!("\n{}\n\n", paint.paint(Tone::Strong, &place));
            text += &outcome::table([&one.outcome.calls], paint);
            if let Some(run) = &one.outcome.run {
                let steps = count(run.len() as u64, "step");
                text += &format!("\nThe shortest run that leads to it, {steps}:\n\n");
                text += &with_parting(one, run, other, paint);
            }
        }
        if found.len() > self.shown {
            let more = format!("{} more {title} outcome", found.len() - self.shown).to_lowercase();
            let more = if found.len() == self.shown + 1 { more } else { more + "s" };
            text += &format!("\n{more}: --show {}, or --format json\n", found.len());
        }
        text
    }
}

/// A run, and where another machine diverges from it.
fn with_parting(one: &Difference, run: &[Told], other: &Label, paint: Paint) -> String {
    let mut text = String::new();
    let parting = one.parting.as_ref();
    for told in run {
        text += &told.text(paint);
        if let Some(parting) = parting.filter(|parting| parting.step == told.step) {
            let instead = instead(&parting.instead, told);
            let said = format!("==> The runs diverge here. {} {instead}.", other.begins_machine());
            text += &paint.paint(Tone::Strong, &paragraph(&said, 2));
        }
    }
    match parting {
        Some(parting) if parting.step > run.len() => {
            if let Instead::Allows { choices } = &parting.instead {
                let said = format!(
                    "==> The runs diverge here. {} goes on: {}.",
                    other.begins_machine(),
                    listed(choices)
                );
                text += &paint.paint(Tone::Strong, &paragraph(&said, 2));
            }
        }
        Some(_) => {}
        None => {
            let said =
                format!("==> It is not known where {} diverges from this run.", other.machine);
            text += &paragraph(&said, 2);
        }
    }
    text
}

/// What a machine does in place of a step.
fn instead(instead: &Instead, told: &Told) -> String {
    match instead {
        Instead::Shows { effects } => {
            let only = |one: &[String], other: &[String]| {
                let only = one.iter().filter(|effect| !other.contains(effect));
                listed(&only.cloned().collect::<Vec<_>>())
            };
            let (shown, missing) = (only(effects, &told.effects), only(&told.effects, effects));
            match (shown.is_empty(), missing.is_empty()) {
                (false, false) => format!("shows \"{shown}\" instead of \"{missing}\""),
                (false, true) => format!("also shows \"{shown}\""),
                (true, false) => format!("does not show \"{missing}\""),
                (true, true) => "shows the same in a different order or number".to_owned(),
            }
        }
        Instead::Returns { call } => {
            format!("shows the same, but the call ends with: {}", outcome::line(call))
        }
        Instead::Allows { choices } if choices.is_empty() => {
            "cannot take this step: all calls have ended".to_owned()
        }
        Instead::Allows { choices } => {
            format!("cannot take this step; it allows: {}", listed(choices))
        }
    }
}

/// The first of these, and how many more there are.
fn listed(choices: &[String]) -> String {
    let mut text = choices.iter().take(CHOICES).cloned().collect::<Vec<_>>().join("; ");
    if choices.len() > CHOICES {
        text += &format!("; and {} more", choices.len() - CHOICES);
    }
    text
}

fn is_witness(id: &str) -> bool {
    id.starts_with("RCH-")
}

const fn are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Holds | Verdict::Found => Tone::Good,
        Verdict::Violated => Tone::Bad,
        Verdict::GivenUp => Tone::Strong,
        Verdict::NotFound | Verdict::Undecided => Tone::Plain,
        Verdict::NotApplicable | Verdict::NotModelled => Tone::Faint,
    }
}

/// A name cut to the width of a column.
fn short(name: &str) -> String {
    if name.chars().count() <= HEAD {
        return name.to_owned();
    }
    name.chars().take(HEAD - 1).collect::<String>() + "…"
}

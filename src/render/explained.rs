//! The verdict on a recording.

use std::collections::BTreeSet;

use mapi_logon_traces::explain::{
    Alternative, ExplainVerdict, Explanation, Hypothesis, Possible, Sentence, ToldEvent,
    Unexplained,
};
use schemars::JsonSchema;
use serde::Serialize;

use crate::render::text::{Paint, Tone, count, grouped, paragraph};

/// The most events of which the story shows all without `--all`.
const TOLD: usize = 60;

/// A verdict on one of several recordings.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Validated<'a> {
    /// The recording as it was named.
    pub(crate) recording: &'a str,
    /// What `validate` says of it alone.
    pub(crate) explanation: &'a Explanation,
}

impl Validated<'_> {
    /// The verdict in a sentence, with the first difference.
    pub(crate) fn headline(&self) -> String {
        let line = line(self.explanation, Paint::none());
        match stuck(self.explanation).and_then(|event| event.difference.as_ref()) {
            Some(difference) => format!("{line}; {}", cited(difference)),
            None => line,
        }
    }

    /// The clause that the first event that is unexplained offends, where one is known.
    pub(crate) fn offended(&self) -> Option<&str> {
        let event = stuck(self.explanation)?;
        let sentences = event.difference.iter().chain(&event.why_not);
        let because = event.nearest.iter().flat_map(|way| &way.because);
        let mut clauses = sentences.chain(because).flat_map(|sentence| &sentence.clauses);
        clauses.next().map(String::as_str)
    }
}

/// How good a verdict is, and its word.
pub(crate) const fn tone(verdict: ExplainVerdict) -> (Tone, &'static str) {
    match verdict {
        ExplainVerdict::Explained => (Tone::Good, "EXPLAINED"),
        ExplainVerdict::Unexplained => (Tone::Bad, "UNEXPLAINED"),
        ExplainVerdict::Inconclusive => (Tone::Strong, "INCONCLUSIVE"),
    }
}

/// The verdicts on several recordings: how many there are of each, then those that need attention,
/// or every one.
pub(crate) fn summary(all: &[Validated<'_>], every: bool, repeat: &str, paint: Paint) -> String {
    let number = |verdict| all.iter().filter(|one| one.explanation.verdict == verdict).count();
    let verdicts =
        [ExplainVerdict::Unexplained, ExplainVerdict::Inconclusive, ExplainVerdict::Explained];
    let parts = verdicts.into_iter().map(|verdict| (number(verdict), tone(verdict)));
    let parts = parts.filter(|(number, _)| *number > 0);
    let parts = parts.map(|(number, (tone, word))| {
        paint.paint(tone, &format!("{number} {}", word.to_lowercase()))
    });
    let parts: Vec<_> = parts.collect();
    let mut text = format!("{}: {}\n", count(all.len() as u64, "recording"), parts.join(", "));
    for one in all {
        if every || one.explanation.verdict != ExplainVerdict::Explained {
            text += &format!("\n{}: {}", one.recording, head(one.explanation, paint));
        }
    }
    if number(ExplainVerdict::Explained) < all.len() {
        text += "\nThe whole report on one: mapi-logon validate RECORDING\n";
    }
    text + &format!("\n{repeat}\n")
}

/// The event that no run shows. Where a limit came first, none is known for certain.
fn stuck(explanation: &Explanation) -> Option<&Unexplained> {
    let certain = explanation.verdict == ExplainVerdict::Unexplained;
    explanation.unexplained.as_ref().filter(|_| certain)
}

/// The verdict in a line, and the first difference below it.
fn head(explanation: &Explanation, paint: Paint) -> String {
    let difference = stuck(explanation).map_or_else(String::new, difference);
    line(explanation, paint) + "\n" + &difference
}

/// The verdict in a line.
fn line(explanation: &Explanation, paint: Paint) -> String {
    let events = count(explanation.events as u64, "event");
    let (tone, word) = tone(explanation.verdict);
    let said = paint.paint(tone, word);
    match explanation.verdict {
        ExplainVerdict::Explained => {
            let these = format!("these {events}");
            let these = if explanation.events == 1 { "this event" } else { &*these };
            format!("{said}: the model can produce exactly {these}, {}", faults(explanation))
        }
        ExplainVerdict::Unexplained => match &explanation.unexplained {
            Some(event) => at(event, &said),
            None => said,
        },
        ExplainVerdict::Inconclusive => {
            let why = match explanation.limit.as_deref().unwrap_or("work") {
                "interrupt" => "interrupted".to_owned(),
                limit @ ("steps" | "states" | "memory") => {
                    format!("the limit on {limit} was reached (--max-{limit} raises it)")
                }
                limit => format!("the limit on {limit} was reached"),
            };
            let explained = grouped(explanation.explained as u64);
            format!("{said}: {why} after {explained} of {events}")
        }
    }
}

/// Where an event stands, and what it came to.
fn at(event: &Unexplained, said: &str) -> String {
    let result = match (&event.result, event.result.as_str()) {
        (_, Some(name)) => format!("returned {name}"),
        (serde_json::Value::Null, _) => "did not return".to_owned(),
        (other, _) => format!("returned {other}"),
    };
    let Unexplained { event: number, place, client, call, .. } = event;
    format!("{said} at event {number} ({place}): {client} {call} {result}")
}

/// The first thing in which an event differs from what the model allows.
fn difference(event: &Unexplained) -> String {
    event.difference.as_ref().map_or_else(String::new, |one| paragraph(&cited(one), 2))
}

/// The verdict for people, with the command that gives it.
#[must_use]
pub fn text(explanation: &Explanation, repeat: &str, all: bool, paint: Paint) -> String {
    let mut text = head(explanation, paint);
    if let Some(event) = &explanation.unexplained {
        if explanation.verdict == ExplainVerdict::Inconclusive {
            text += "\nAn event is suspect, as none of the runs that were tried shows it.\n";
            let suspect = paint.paint(Tone::Bad, "SUSPECT");
            text += &(at(event, &suspect) + "\n" + &difference(event));
        }
        text += &unexplained(explanation, event);
    }
    text += &world(explanation, paint);
    text += &cause(explanation, paint);
    text += &story(explanation, all, paint);
    if !explanation.follows.is_empty() {
        text += &format!("\n{}\n", paint.paint(Tone::Strong, "What follows"));
        for sentence in &explanation.follows {
            text += &paragraph(&cited(sentence), 2);
        }
    }
    if explanation.verdict == ExplainVerdict::Unexplained {
        text += &hypotheses(&explanation.hypotheses, paint);
    }
    text + &format!("\n{repeat}\n")
}

/// A sentence with its clauses.
fn cited(sentence: &Sentence) -> String {
    match sentence.clauses.as_slice() {
        [] => sentence.text.clone(),
        clauses => match sentence.text.strip_suffix('.') {
            Some(text) => format!("{text} ({}).", clauses.join(", ")),
            None => format!("{} ({})", sentence.text, clauses.join(", ")),
        },
    }
}

fn faults(explanation: &Explanation) -> String {
    let number = match explanation.faults {
        0 => "without a hidden fault".to_owned(),
        faults => format!("with {}", count(u64::from(faults), "hidden fault")),
    };
    if explanation.fewest { number } else { number + " (fewer may do)" }
}

/// What happened, event by event.
fn story(explanation: &Explanation, all: bool, paint: Paint) -> String {
    let story = &explanation.story;
    if story.is_empty() {
        return String::new();
    }
    let striking: BTreeSet<usize> =
        explanation.causes.iter().flat_map(|cause| &cause.one_of).map(|one| one.event).collect();
    let matters = |one: &&ToldEvent| {
        let failed = one.result.as_deref() != Some("S_OK");
        failed || striking.contains(&one.event) || one.sentences.iter().any(|one| one.assumed)
    };
    let short = !all && story.len() > TOLD;
    let told: Vec<&ToldEvent> = match short {
        true => story.iter().filter(matters).take(TOLD).collect(),
        false => story.iter().collect(),
    };
    let mut text = format!("\n{}\n", paint.paint(Tone::Strong, "What happened"));
    for one in &told {
        let result = one.result.as_deref().unwrap_or("no return");
        let tone = if result == "S_OK" { Tone::Good } else { Tone::Bad };
        let place = paint.paint(Tone::Faint, &one.place);
        let result = paint.paint(tone, result);
        text += &format!("  {place}  {} {} -> {result}\n", one.client, one.call);
        for sentence in &one.sentences {
            let said = cited(sentence);
            text +=
                &paragraph(&if sentence.assumed { format!("[assumed] {said}") } else { said }, 6);
        }
        if striking.contains(&one.event) && !one.sentences.iter().any(|one| one.assumed) {
            text += &paragraph("[assumed] what failed first depends on the cause above", 6);
        }
    }
    if short {
        let left = count((story.len() - told.len()) as u64, "event");
        text += &format!("  … and {left} of less interest; --all shows them\n");
    }
    text
}

/// Why the event is impossible, and what the model allows in its place.
fn unexplained(explanation: &Explanation, event: &Unexplained) -> String {
    let mut text = String::new();
    for reason in &event.why_not {
        text += &paragraph(&format!("because {}", cited(reason)), 2);
    }
    text += &match explanation.explained {
        0 => "\nThe model cannot produce even the first event.\n".to_owned(),
        before => format!(
            "\nThe model can produce the {} before it, {}.\n",
            count(before as u64, "event"),
            faults(explanation)
        ),
    };
    text + &allowed(event)
}

/// What the model allows in place of the event.
fn allowed(event: &Unexplained) -> String {
    if event.nearest.is_empty() {
        return "\nAt this point the model does not allow the call to return.\n".to_owned();
    }
    let more = match event.ways - event.nearest.len() {
        0 => String::new(),
        more => format!(" (the nearest of {})", more + event.nearest.len()),
    };
    let mut text = format!("\nAt this point the model allows{more}:\n");
    for Alternative { possible, differs, because } in &event.nearest {
        text += &paragraph(&in_words(possible), 2);
        let fields: Vec<_> = differs.iter().map(|field| format!("`{field}`")).collect();
        if !fields.is_empty() {
            text += &paragraph(&format!("differs in {}", fields.join(", ")), 4);
        }
        for reason in because {
            text += &paragraph(&format!("because {}", cited(reason)), 4);
        }
    }
    text
}

fn in_words(way: &Possible) -> String {
    let mut text = way.result.clone();
    match (way.joined, &way.profile) {
        (Some(true), _) => text += ", an existing session joined",
        (Some(false), Some(profile)) => text += &format!(", a new session of {profile}"),
        (Some(false), None) | (None, _) => {}
    }
    if let Some(session) = &way.session {
        text += &format!(", {session}");
    }
    if let Some(calls) = &way.provider_events {
        let calls = calls.iter().map(|one| {
            let result = one.result.as_deref().unwrap_or("any result");
            format!("{} {} {result}", one.provider, one.call)
        });
        let calls: Vec<_> = calls.collect();
        let calls = if calls.is_empty() { "none".to_owned() } else { calls.join(", ") };
        text += &format!("; provider calls: {calls}");
    }
    if let Some(dialogs) = &way.dialogs {
        let dialogs = if dialogs.is_empty() { "none".to_owned() } else { dialogs.join(", ") };
        text += &format!("; dialogs: {dialogs}");
    }
    text
}

fn hypotheses(found: &[Hypothesis], paint: Paint) -> String {
    if found.is_empty() {
        let said = "No change of policy or world makes this recording possible. Check the \
                    scenario (flags, missing clients) or the log.";
        return format!("\n{}", paragraph(said, 0));
    }
    let mut text = "\nEach of these makes the recording possible:\n".to_owned();
    for one in found {
        let faults = match one.faults {
            0 => String::new(),
            faults => format!(", {}", count(u64::from(faults), "hidden fault")),
        };
        text += &format!("  {}{faults}\n", paint.paint(Tone::Strong, &settings(one)));
        for fact in &one.world {
            text += &paragraph(&format!("{} ({})", fact.text, fact.clause), 4);
        }
    }
    text
}

/// What to type, or to add to the scenario.
fn settings(one: &Hypothesis) -> String {
    if let Some(preset) = &one.preset {
        return format!("--policy {preset}");
    }
    let set = one.set.iter().map(|(name, value)| format!("--set {name}={value}"));
    let facts = one.world.iter().map(|fact| format!("{}: {}", fact.section, fact.line));
    set.chain(facts).collect::<Vec<_>>().join(" and ")
}

/// The world that was assumed.
fn world(explanation: &Explanation, paint: Paint) -> String {
    let assumed = explanation.assumed.as_ref().filter(|assumed| !assumed.world.is_empty());
    let Some(assumed) = assumed else {
        return String::new();
    };
    let title = paint.paint(Tone::Strong, "Assumed world");
    let mut text = format!("\n{title}; --save-scenario FILE writes it\n");
    for line in &assumed.world {
        text += &paragraph(line, 2);
    }
    text
}

/// All that may have caused what was recorded: hidden faults, and facts about the world.
fn cause(explanation: &Explanation, paint: Paint) -> String {
    let mut said: Vec<String> =
        explanation.causes.iter().map(|cause| cited(&cause.sentence)).collect();
    if let Some(assumed) = &explanation.assumed {
        let others = assumed.or.iter().map(|one| format!("or else: {}", facts(one)));
        said.extend(assumed.chosen.iter().map(facts).chain(others));
    }
    if said.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}\n", paint.paint(Tone::Strong, "Cause"));
    for sentence in said {
        text += &paragraph(&sentence, 2);
    }
    text
}

/// The facts of a hypothesis in words.
fn facts(one: &Hypothesis) -> String {
    let set = one.set.iter().map(|(name, value)| format!("the reading {name} = {value}"));
    let facts = one.world.iter().map(|fact| format!("{} ({})", fact.text, fact.clause));
    let faults = (one.faults > 0).then(|| count(u64::from(one.faults), "hidden fault"));
    set.chain(facts).chain(faults).collect::<Vec<_>>().join(", and ")
}

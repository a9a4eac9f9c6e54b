//! The rest of a recording after an event that no run shows: searched on with that event taken
//! otherwise.

use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use serde_json::Value;

use super::change::{Change, changed};
use super::decide::explain;
use super::derive::derive;
use super::limits::ExplainLimits;
use super::story::listed;
use super::verdict::{Alternative, ExplainVerdict, Explanation, Misread, Sentence};
use crate::recording::{Detail, DialogEvent, RecordedEvent, Recording, Returned};

/// Most events of a recording that is searched on.
const LONGEST: usize = 10_000;

/// Most providers whose own prompt a password dialog is tried as.
const PROMPTS: usize = 4;

/// Steps that the whole search may take.
const STEPS: u64 = 2_000_000;

/// The dialog for the password of a profile.
const PASSWORD: &str = "password";

/// An event taken otherwise.
struct Reading {
    text: String,
    event: RecordedEvent,
    /// The provider whose prompt its dialog is taken for.
    prompt: Option<String>,
}

/// What follows for the rest of a recording if the event that no run shows was as the model allows:
/// the reading that explains most, and the best that takes a password dialog for the prompt of a
/// provider. `world` is the scenario in which the recording was made; absent: it is derived.
#[must_use]
pub fn otherwise(
    recording: &Recording,
    explanation: &Explanation,
    limits: &ExplainLimits<'_>,
    world: Option<&Scenario>,
    policy: &Policy,
) -> Vec<Misread> {
    let stuck = explanation.unexplained.as_ref();
    let Some(stuck) = stuck.filter(|_| recording.events.len() <= LONGEST) else {
        return Vec::new();
    };
    let at = stuck.event - 1;
    let event = &recording.events[at];
    let is_last = stuck.event == recording.events.len();
    let mut readings = if is_last { Vec::new() } else { as_allowed(event, &stuck.nearest) };
    readings.extend(as_prompts(recording, event, &stuck.nearest, world));
    let (mut best, mut left): ([Option<Misread>; 2], _) = ([None, None], STEPS);
    for reading in readings {
        let is_prompt = usize::from(reading.prompt.is_some());
        let Some((found, work)) =
            searched_on(recording, at, reading, limits, (world, policy), left)
        else {
            continue;
        };
        left = left.saturating_sub(work);
        let rank = |one: &Misread| (one.explained, u32::MAX - one.faults);
        let better = best[is_prompt].as_ref().is_none_or(|best| rank(&found) > rank(best));
        if better && (is_prompt == 1 || found.explained > at) {
            best[is_prompt] = Some(found);
        }
    }
    best.into_iter().flatten().collect()
}

/// The event with every field left open, or set, in which an alternative differs.
fn as_allowed(event: &RecordedEvent, nearest: &[Alternative]) -> Vec<Reading> {
    let mut readings: Vec<Reading> = Vec::new();
    for way in nearest {
        let (event, text) = opened(event, way, |_| true);
        if !text.is_empty() && readings.iter().all(|one| one.event != event) {
            readings.push(Reading { text: text.join(" and "), event, prompt: None });
        }
    }
    readings
}

/// The event with its password dialog taken for the prompt of a provider, for each of them.
fn as_prompts(
    recording: &Recording,
    event: &RecordedEvent,
    nearest: &[Alternative],
    world: Option<&Scenario>,
) -> Vec<Reading> {
    let shown = event.seen.dialogs.iter().flatten();
    let differs = nearest.iter().any(|way| way.differs.iter().any(|field| field == "dialogs"));
    if !differs || !shown.clone().any(|dialog| dialog.name() == PASSWORD) {
        return Vec::new();
    }
    let derived = || derive(recording).ok();
    let scenario = world.cloned().or_else(derived);
    let providers = scenario.iter().flat_map(|scenario| &scenario.providers).take(PROMPTS);
    let reading = |name: &String| {
        let (mut event, mut text) = match nearest.first() {
            Some(way) => opened(event, way, |field| field != "dialogs"),
            None => (event.clone(), Vec::new()),
        };
        let mut detail: Detail = (*event.seen).clone();
        for dialog in detail.dialogs.iter_mut().flatten() {
            let (DialogEvent::Named(one) | DialogEvent::Answered { dialog: one, .. }) = dialog;
            if one == PASSWORD {
                *one = format!("provider:{name}");
            }
        }
        event.seen = detail.into();
        text.push(format!("`{PASSWORD}` taken as a prompt of {name}: write `provider:{name}`"));
        Reading { text: text.join(" and "), event, prompt: Some(name.clone()) }
    };
    providers.map(|provider| reading(&provider.name)).collect()
}

/// The event as an alternative has it in these fields, as far as they differ, and the changes in
/// words.
fn opened(
    event: &RecordedEvent,
    way: &Alternative,
    mut wanted: impl FnMut(&str) -> bool,
) -> (RecordedEvent, Vec<String>) {
    let mut event = event.clone();
    let mut detail: Detail = (*event.seen).clone();
    let (mut text, mut open) = (Vec::new(), Vec::new());
    for field in way.differs.iter().filter(|field| wanted(field)) {
        match field.as_str() {
            "result" => {
                let result = Value::from(way.possible.result.clone());
                event.result = Returned::of(&result).unwrap_or(event.result);
                text.push(format!("its result taken as {}", way.possible.result));
                continue;
            }
            "session" => event.session = Value::Null,
            "profile" => detail.profile = None,
            "joined" => detail.joined = None,
            "kind" => detail.kind = None,
            "services" => detail.services.clear(),
            "providers" => detail.providers.clear(),
            "provider_events" => detail.provider_events = None,
            "dialogs" => detail.dialogs = None,
            _ => continue,
        }
        open.push(format!("`{field}`"));
    }
    event.seen = detail.into();
    if !open.is_empty() {
        text.push(format!("its {} left open", listed(&open, "and")));
    }
    (event, text)
}

/// The recording with one event taken otherwise: how much is explained, and the work that it took.
fn searched_on(
    recording: &Recording,
    at: usize,
    reading: Reading,
    limits: &ExplainLimits<'_>,
    (world, policy): (Option<&Scenario>, &Policy),
    steps: u64,
) -> Option<(Misread, u64)> {
    let mut recording = recording.clone();
    recording.events[at] = reading.event;
    let scenario = match (world, &reading.prompt) {
        (Some(world), Some(name)) => changed(world, [&Change::PasswordMissing(name.clone())])?,
        (Some(world), None) => world.clone(),
        (None, _) => Scenario { policy: *policy, ..derive(&recording).ok()? },
    };
    let limits = ExplainLimits { steps: limits.steps.min(steps), ..*limits };
    let mut report = explain(&recording, &scenario, &limits).ok()?;
    report.tell(&recording, &limits, false).ok()?;
    let work = report.work;
    let Explanation { verdict, explained, faults, causes, mut story, unexplained, .. } =
        report.explanation;
    story.retain(|one| one.event > at + 1);
    let next = unexplained.filter(|_| verdict == ExplainVerdict::Unexplained).map(|event| {
        let result = event.result.as_str().unwrap_or("no result").to_owned();
        let mut text = format!(
            "event {} ({}), {} {} -> {result}, is unexplained then",
            event.event, event.place, event.client, event.call
        );
        let clauses = event.difference.map_or_else(Vec::new, |one| {
            text += &format!(": {}", one.text);
            one.clauses
        });
        Sentence { text, clauses, assumed: false }
    });
    let misread = Misread {
        text: reading.text,
        explained,
        faults,
        all: verdict == ExplainVerdict::Explained,
        causes: causes.into_iter().map(|cause| cause.sentence).collect(),
        story,
        next,
    };
    Some((misread, work))
}

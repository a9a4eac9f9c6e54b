//! Outcomes as rows for people: a row for every call.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::outcomes::CallRecord;
use crate::render::text::{Paint, Table, Tone, count};

/// What is counted: outcomes that differ in dialogs count as several only where these are told.
#[must_use]
pub const fn what(dialogs: bool) -> &'static str {
    if dialogs { "outcomes with dialogs" } else { "outcomes" }
}

/// A number of outcomes, with what is counted.
#[must_use]
pub fn number(outcomes: usize, dialogs: bool) -> String {
    count(outcomes as u64, "outcome") + if dialogs { " with dialogs" } else { "" }
}

/// The outcomes as a table, numbered from 1.
pub fn table<'o>(outcomes: impl IntoIterator<Item = &'o Vec<CallRecord>>, paint: Paint) -> String {
    let mut table = Table::new(paint, 0);
    let heads = ["#", "client", "call", "result", "session", "services, providers"];
    table.toned(heads.map(|head| (Tone::Faint, head)));
    for (number, outcome) in outcomes.into_iter().enumerate() {
        for (at, record) in outcome.iter().enumerate() {
            let number = if at == 0 { (number + 1).to_string() } else { String::new() };
            let tone = if record.result == "S_OK" { Tone::Plain } else { Tone::Bad };
            table.toned([
                (Tone::Strong, number.as_str()),
                (Tone::Plain, record.client.as_str()),
                (Tone::Plain, &call(record)),
                (tone, &record.result),
                (Tone::Plain, &session(record)),
                (Tone::Plain, &details(record)),
            ]);
        }
    }
    table.render()
}

/// A record in one line.
#[must_use]
pub fn line(record: &CallRecord) -> String {
    let parts = [call(record), record.result.to_string(), session(record), details(record)];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{} {}", record.client, parts.join(", "))
}

/// The call with its target, and with what a client passed that chooses it.
fn call(record: &CallRecord) -> String {
    let target = record.target.as_ref().map(|target| format!(":{target}"));
    let passed = record.flags.as_ref().map(|flags| {
        let name = record.name.as_ref().and_then(Option::as_deref).unwrap_or("no name");
        let flags = if flags.is_empty() { "no flags".to_owned() } else { flags.join("|") };
        format!(" ({name}, {flags})")
    });
    format!("{}{}{}", record.method, target.unwrap_or_default(), passed.unwrap_or_default())
}

/// `1 shared Work`, `1 joined Work`, `1`, or nothing.
fn session(record: &CallRecord) -> String {
    let number = record.session.map(|number| number.to_string());
    let kind = match record.joined {
        Some(true) => Some("joined"),
        Some(false) | None => record.kind.as_deref(),
    };
    let parts = [number.as_deref(), kind, record.profile.as_deref()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    parts.join(" ")
}

/// What is not as it should be, or `all logged-on`; then the dialogs.
fn details(record: &CallRecord) -> String {
    let services = by_state(record.services.as_ref());
    let providers = by_state(record.providers.as_ref());
    let mut parts = Vec::new();
    if providers.keys().eq(["logged-on"].iter()) && !services.contains_key("disabled") {
        parts.push("all logged-on".to_owned());
    } else {
        if let Some(names) = services.get("disabled") {
            let services = if names.len() == 1 { "service" } else { "services" };
            parts.push(format!("{services} {} disabled", names.join(", ")));
        }
        parts.extend(
            providers.iter().map(|(state, names)| format!("{state}: {}", names.join(", "))),
        );
    }
    if let Some(dialogs) = record.dialogs.as_ref().filter(|dialogs| !dialogs.is_empty()) {
        parts.push(format!("dialogs: {}", dialogs.join(", ")));
    }
    parts.join("; ")
}

/// The names in each state.
fn by_state<'r>(
    states: Option<&'r BTreeMap<String, Cow<'static, str>>>,
) -> BTreeMap<&'r str, Vec<&'r str>> {
    let mut names: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    for (name, state) in states.into_iter().flatten() {
        names.entry(state.as_ref()).or_default().push(name);
    }
    names
}

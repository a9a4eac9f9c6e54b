//! The verdict on a recording.

use mapi_logon_traces::explain::{ExplainVerdict, Explanation, Hypothesis, Possible};

use crate::render::text::{Paint, Tone, count, grouped, paragraph};

/// The verdict for people, with the command that gives it.
#[must_use]
pub fn text(explanation: &Explanation, repeat: &str, paint: Paint) -> String {
    let events = count(explanation.events as u64, "event");
    let these = format!("these {events}");
    let mut text = match explanation.verdict {
        ExplainVerdict::Explained => {
            let said = paint.paint(Tone::Good, "EXPLAINED");
            let these = if explanation.events == 1 { "this event" } else { &*these };
            format!("{said}: the model can produce exactly {these}, {}\n", faults(explanation))
        }
        ExplainVerdict::Unexplained => unexplained(explanation, paint),
        ExplainVerdict::Inconclusive => {
            let said = paint.paint(Tone::Strong, "INCONCLUSIVE");
            let why = match explanation.limit.as_deref().unwrap_or("work") {
                "interrupt" => "interrupted".to_owned(),
                limit => format!("the limit on {limit} was reached"),
            };
            let explained = grouped(explanation.explained as u64);
            format!("{said}: {why} after {explained} of {events}\n")
        }
    };
    for one in &explanation.struck {
        text += &format!(
            "  in event {} (line {}): {} strikes {}\n",
            one.event, one.line, one.fault, one.provider
        );
    }
    if explanation.verdict == ExplainVerdict::Unexplained {
        text += &possible(&explanation.possible);
        text += &hypotheses(&explanation.hypotheses, paint);
    }
    text + &format!("\n{repeat}\n")
}

fn faults(explanation: &Explanation) -> String {
    let number = match explanation.faults {
        0 => "without a hidden fault".to_owned(),
        faults => format!("with {}", count(u64::from(faults), "hidden fault")),
    };
    if explanation.fewest { number } else { number + " (fewer may do)" }
}

fn unexplained(explanation: &Explanation, paint: Paint) -> String {
    let said = paint.paint(Tone::Bad, "UNEXPLAINED");
    let Some(event) = &explanation.unexplained else {
        return format!("{said}\n");
    };
    let result = event.result.as_str().map_or_else(|| event.result.to_string(), str::to_owned);
    let mut text = format!(
        "{said} at event {} (line {}): {} {} returned {result}\n",
        event.event, event.line, event.client, event.call
    );
    text += &match explanation.explained {
        0 => "The model cannot produce even the first event.\n".to_owned(),
        before => format!(
            "The model can produce the {} before it, {}.\n",
            count(before as u64, "event"),
            faults(explanation)
        ),
    };
    text
}

fn possible(ways: &[Possible]) -> String {
    if ways.is_empty() {
        return "\nAt this point the model does not allow the call to return.\n".to_owned();
    }
    let mut text = "\nAt this point the model allows:\n".to_owned();
    for way in ways {
        text += &paragraph(&in_words(way), 2);
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
        return "\nNo policy makes this recording possible in this scenario. Check the scenario \
                (flags, logon_codes, missing clients) or the log.\n"
            .to_owned();
    }
    let mut text = "\nThese policies make the recording possible:\n".to_owned();
    for one in found {
        let said = match &one.preset {
            Some(preset) => format!("--policy {preset}"),
            None => {
                let set = one.set.iter().map(|(name, value)| format!("--set {name}={value}"));
                set.collect::<Vec<_>>().join(" ")
            }
        };
        let faults = match one.faults {
            0 => String::new(),
            faults => format!(", {}", count(u64::from(faults), "hidden fault")),
        };
        text += &format!("  {}{faults}\n", paint.paint(Tone::Strong, &said));
    }
    text
}

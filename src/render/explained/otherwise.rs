//! What follows for the rest of a recording if the event that no run shows was recorded wrongly.

use mapi_logon_traces::explain::{Explanation, Misread};

use super::{cited, event};
use crate::render::text::{Paint, Tone, count, grouped, paragraph};

/// The most events that are told of the rest.
const REST: usize = 8;

/// The readings of the event, each with what follows.
pub(super) fn text(explanation: &Explanation, paint: Paint) -> String {
    let (Some(stuck), false) = (&explanation.unexplained, explanation.otherwise.is_empty()) else {
        return String::new();
    };
    let title = format!("If event {} ({}) was recorded wrongly", stuck.event, stuck.place);
    let mut text = format!("\n{}\n", paint.paint(Tone::Strong, &title));
    for Misread { text: taken, explained, faults, all, causes, story, next } in
        &explanation.otherwise
    {
        let faults = match faults {
            0 => "without a hidden fault".to_owned(),
            faults => format!("with {}", count(u64::from(*faults), "hidden fault")),
        };
        let rest = if *all {
            format!("the rest is explained, {faults}")
        } else {
            let events = count(explanation.events as u64, "event");
            format!("{} of {events} are explained, {faults}", grouped(*explained as u64))
        };
        text += &paragraph(&format!("{taken}: {rest}"), 2);
        for cause in causes.iter().chain(next) {
            text += &paragraph(&cited(cause), 4);
        }
        let shown = story.iter().filter(|_| *explained >= stuck.event);
        for one in shown.clone().take(REST) {
            text += &event(one, 4, paint);
        }
        let left = shown.count().saturating_sub(REST);
        if left > 0 {
            text += &format!("    ... and {}\n", count(left as u64, "event"));
        }
    }
    text
}

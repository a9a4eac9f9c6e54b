//! Lanes: what passes between clients, MAPI, providers and the user, with time running down.

use mapi_logon_traces::export::lanes::{Lane, Message, MessageKind};
use maud::{Markup, html};

use super::story::Scene;

/// Pixels of a lane, and of a provider's: what passes there is short.
const LANE: usize = 176;
const PROVIDER: usize = 120;

/// Pixels of a note; one on a narrow lane is wider than it.
const NOTE: usize = 168;

/// How much a picture shrinks to fit before it scrolls, in percent.
const LEAST: usize = 85;

/// Pixels on the left, for the numbers of steps.
const MARGIN: usize = 40;

/// Height of the heads.
const HEAD: usize = 34;

/// Height of a message.
const ROW: usize = 26;

/// Letters that fit between two lanes, and into a note.
const LETTERS: usize = 25;

/// The run as a picture; every message leads to its step.
pub(super) fn figure(scenes: &[Scene], id: &str, fails: bool) -> Markup {
    let messages = || scenes.iter().flat_map(|scene| &scene.messages);
    let lanes = lanes(messages());
    let before = |at: usize| MARGIN + lanes[..at].iter().map(breadth).sum::<usize>();
    let (width, height) = (before(lanes.len()), HEAD + ROW * (messages().count() + 1));
    let mut rows = 0;
    let place = |lane: &Lane| {
        let at = lanes.iter().position(|one| one == lane).unwrap_or_default();
        before(at) + breadth(lane) / 2
    };
    let size = format!("max-width: {width}px; min-width: {}px", width * LEAST / 100);
    html! {
        figure.lanes {
            svg role="img" aria-label="What passes between clients, MAPI, providers and the user"
                viewBox={ "0 0 " (width) " " (height) } style=(size) {
                title { "The run with time running down; the steps are told beside it" }
                @for lane in &lanes {
                    line.life x1=(place(lane)) x2=(place(lane)) y1=(HEAD) y2=(height) {}
                    text.head.(kind(lane)) x=(place(lane)) y=(HEAD - 12) {
                        (cut(name(lane))) title { (name(lane)) }
                    }
                }
                @for (at, scene) in scenes.iter().enumerate() {
                    @let last = fails && at + 1 == scenes.len();
                    a.scene.fails[last] href={ "#" (id) "-" (scene.told.step) } tabindex="-1" {
                        @for (first, message) in scene.messages.iter().enumerate() {
                            @let y = HEAD + ROW * { rows += 1; rows };
                            @if first == 0 {
                                text.number x="4" y=(y) { (scene.told.step) }
                            }
                            (drawn(message, [place(&message.from), place(&message.to)], y, width))
                        }
                    }
                }
            }
        }
    }
}

/// Clients, MAPI, the user and providers, each in the order of appearance.
fn lanes<'m>(messages: impl Iterator<Item = &'m Message>) -> Vec<Lane> {
    let mut lanes = vec![Lane::Mapi];
    for lane in messages.flat_map(|message| [&message.from, &message.to]) {
        if !lanes.contains(lane) {
            lanes.push(lane.clone());
        }
    }
    lanes.sort_by_key(|lane| match lane {
        Lane::Client(_) => 0,
        Lane::Mapi => 1,
        Lane::User => 2,
        Lane::Provider(_) => 3,
    });
    lanes
}

fn name(lane: &Lane) -> &str {
    match lane {
        Lane::Client(name) | Lane::Provider(name) => name,
        Lane::Mapi => "MAPI",
        Lane::User => "user",
    }
}

const fn kind(lane: &Lane) -> &'static str {
    match lane {
        Lane::Client(_) => "client",
        Lane::Mapi => "mapi",
        Lane::User => "user",
        Lane::Provider(_) => "provider",
    }
}

/// The pixels of a lane.
const fn breadth(lane: &Lane) -> usize {
    match lane {
        Lane::Client(_) | Lane::Mapi | Lane::User => LANE,
        Lane::Provider(_) => PROVIDER,
    }
}

/// An arrow with its text at its left end, where all arrows of a lane begin; or a box on its lane.
fn drawn(message: &Message, [from, to]: [usize; 2], y: usize, width: usize) -> Markup {
    let class = match message.kind {
        MessageKind::Call => "call",
        MessageKind::Answer => "answer",
        MessageKind::Failure => "failure",
        MessageKind::Notification => "notification",
        MessageKind::Note => "note",
        MessageKind::Loss => "loss",
        MessageKind::Fault => "fault",
    };
    let (left, right) = (from.min(to), from.max(to));
    let text = cut(&message.text);
    html! {
        g.message.(class) {
            title { (message.text) }
            @if from == to {
                @let left = from.saturating_sub(NOTE / 2).min(width - NOTE);
                rect x=(left) y=(y - 15) width=(NOTE) height="20" rx="4" {}
                text x=(left + NOTE / 2) y=(y) { (text) }
            } @else {
                @let tip = if to > from { to - 1 } else { to + 1 };
                @let back = if to > from { to - 8 } else { to + 8 };
                line x1=(from) x2=(tip) y1=(y + 4) y2=(y + 4) {}
                polygon points={ (tip) "," (y + 4) " " (back) "," (y) " " (back) "," (y + 8) } {}
                text x=(left + (right - left).min(LANE) / 2) y=(y) { (text) }
            }
        }
    }
}

/// A text cut to what fits; its title has the whole of it.
fn cut(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    text.chars().take(LETTERS - 1).collect::<String>() + "…"
}

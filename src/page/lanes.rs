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

/// Pixels on the left, for the numbers of steps, and for what a log shows of them.
const MARGIN: usize = 40;
const LOGGED_MARGIN: usize = 96;

/// Height of a message of one line, and of each line more.
const ROW: usize = 26;
const LINE: usize = 14;

/// Letters that fit between two lanes, into a note, and over a provider's lane.
const LETTERS: usize = 25;
const NARROW: usize = 16;

/// The run as a picture; every message leads to its step.
pub(super) fn figure(scenes: &[Scene], id: &str, fails: bool) -> Markup {
    let messages = || scenes.iter().flat_map(|scene| &scene.messages);
    let lanes = lanes(messages());
    let logged = scenes.iter().any(|scene| scene.shown.is_some());
    let margin = if logged { LOGGED_MARGIN } else { MARGIN };
    let before = |at: usize| margin + lanes[..at].iter().map(breadth).sum::<usize>();
    let heads: Vec<_> = lanes.iter().map(|lane| wrapped(name(lane), head_letters(lane))).collect();
    let head = 20 + LINE * heads.iter().map(Vec::len).max().unwrap_or(1);
    let rows: Vec<usize> = messages().map(|one| ROW + LINE * (lines(one).len() - 1)).collect();
    let (width, height) = (before(lanes.len()), head + ROW + rows.iter().sum::<usize>());
    let (mut rows, mut y) = (rows.into_iter(), head);
    let place = |lane: &Lane| {
        let at = lanes.iter().position(|one| one == lane).unwrap_or_default();
        before(at) + breadth(lane) / 2
    };
    let size = format!("max-width: {width}px; min-width: {}px", width * LEAST / 100);
    html! {
        figure.lanes tabindex="0" {
            svg role="img" aria-label="What passes between clients, MAPI, providers and the user"
                viewBox={ "0 0 " (width) " " (height) } style=(size) {
                title { "The run with time running down; the steps are told beside it" }
                @for (lane, lines) in lanes.iter().zip(&heads) {
                    line.life x1=(place(lane)) x2=(place(lane)) y1=(head) y2=(height) {}
                    text.head.(kind(lane)) {
                        (tspans(lines, place(lane), head - 12))
                        title { (name(lane)) }
                    }
                }
                @for (at, scene) in scenes.iter().enumerate() {
                    @let last = fails && at + 1 == scenes.len();
                    a.scene.fails[last].assumed[scene.is_assumed()]
                        href={ "#" (id) "-" (scene.told.step) } tabindex="-1" {
                        @for (first, message) in scene.messages.iter().enumerate() {
                            @let y = { y += rows.next().unwrap_or(ROW); y };
                            @if first == 0 {
                                text.number x="4" y=(y) { (scene.label()) }
                            }
                            (drawn(message, [place(&message.from), place(&message.to)], y, width))
                        }
                    }
                }
            }
        }
    }
}

/// Letters that fit over a lane.
const fn head_letters(lane: &Lane) -> usize {
    if breadth(lane) < LANE { NARROW } else { LETTERS }
}

/// The text of a message in lines.
fn lines(message: &Message) -> Vec<String> {
    wrapped(&message.text, LETTERS)
}

/// A text in lines, broken after a space or a mark; a word that is too long in itself after its
/// last `_` or `-` that fits, or else where the line is full.
fn wrapped(text: &str, letters: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for part in text.split_inclusive([' ', '|', ':', ',', '/']) {
        if !line.is_empty() && line.chars().count() + part.trim_end().chars().count() > letters {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
        }
        line += part;
        while line.trim_end().chars().count() > letters {
            let full = line.char_indices().nth(letters).map_or(line.len(), |(at, _)| at);
            let mark = line[..full].rfind(['_', '-']).map_or(full, |at| at + 1);
            let rest = line.split_off(mark);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Lines one under the other, the last at `y`.
fn tspans(lines: &[String], x: usize, y: usize) -> Markup {
    html! {
        @for (line, above) in lines.iter().zip((0..lines.len()).rev()) {
            tspan x=(x) y=(y - LINE * above) { (line) }
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
    let lines = lines(message);
    let more = LINE * (lines.len() - 1);
    // What a client sees of a call is in the log, whatever else its step shows.
    let seen = [&message.from, &message.to].iter().any(|lane| matches!(lane, Lane::Client(_)));
    html! {
        g.message.(class).seen[seen] {
            title { (message.text) }
            @if from == to {
                @let left = from.saturating_sub(NOTE / 2).min(width - NOTE);
                rect x=(left) y=(y - 15 - more) width=(NOTE) height=(20 + more) rx="4" {}
                text { (tspans(&lines, left + NOTE / 2, y)) }
            } @else {
                @let tip = if to > from { to - 1 } else { to + 1 };
                @let back = if to > from { to - 8 } else { to + 8 };
                line x1=(from) x2=(tip) y1=(y + 4) y2=(y + 4) {}
                polygon points={ (tip) "," (y + 4) " " (back) "," (y) " " (back) "," (y + 8) } {}
                text { (tspans(&lines, left + (right - left).min(LANE) / 2, y)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn no_letter_of_a_label_is_lost_and_no_line_is_too_long() {
        for text in [
            "OpenMsgStore:Mailbox: MAPI_E_LOGON_FAILED",
            "MAPILogonEx (Work, MAPI_LOGON_UI|MAPI_ALLOW_OTHERS|MAPI_EXTENDED)",
            "short",
            "averyveryverylongwordwithoutanyplacetobreakit",
            "",
        ] {
            let lines = wrapped(text, 25);
            assert!(lines.iter().all(|line| line.chars().count() <= 25), "{lines:?}");
            let joined = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""), "{lines:?}");
        }
        assert_eq!(
            wrapped("OpenMsgStore:Mailbox: MAPI_E_LOGON_FAILED", 25),
            ["OpenMsgStore:Mailbox:", "MAPI_E_LOGON_FAILED"]
        );
        let flags = wrapped("(Work, MAPI_ALLOW_OTHERS|MAPI_E_INTERFACE_NOT_SUPPORTED)", 25);
        let expected = ["(Work, MAPI_ALLOW_OTHERS|", "MAPI_E_INTERFACE_NOT_", "SUPPORTED)"];
        assert_eq!(flags, expected);
    }
}

//! A run as a sequence diagram, with clients, MAPI, service providers and the user as lanes.

use std::fmt::Write;

use crate::effect::Seen;
use crate::trace::Line;

/// The diagram of a run.
#[must_use]
pub fn diagram(lines: &[Line]) -> String {
    let mut lanes = Lanes::default();
    let body = body(lines, &mut lanes);
    lanes.head() + &body
}

/// The diagram of two runs that begin alike: the beginning once, then how each goes on, as the
/// branches of an alternative under their titles.
#[must_use]
pub fn parting(beginning: &[Line], ways: [(&str, &[Line]); 2]) -> String {
    let mut lanes = Lanes::default();
    let mut text = body(beginning, &mut lanes);
    for ((title, lines), branch) in ways.into_iter().zip(["alt", "else"]) {
        let body = match body(lines, &mut lanes) {
            empty if empty.is_empty() => "    Note over MAPI: nothing more happens\n".to_owned(),
            body => body,
        };
        writeln!(text, "    {branch} {}", plain(title)).unwrap_or_default();
        text += &body;
    }
    lanes.head() + &text + "    end\n"
}

/// What is drawn of a run.
fn body(lines: &[Line], lanes: &mut Lanes) -> String {
    let mut body = String::new();
    for effect in lines.iter().flat_map(|line| &line.effects) {
        if let Some(drawn) = draw(&effect.effect, lanes) {
            writeln!(body, "    {drawn}").unwrap_or_default();
        }
    }
    body
}

/// Who takes part, in the order in which they do.
#[derive(Default)]
struct Lanes {
    clients: Vec<String>,
    providers: Vec<String>,
    user: bool,
}

impl Lanes {
    /// The lines that name them.
    fn head(&self) -> String {
        let mut text = "sequenceDiagram\n".to_owned();
        for (index, client) in self.clients.iter().enumerate() {
            writeln!(text, "    participant c{index} as {}", plain(client)).unwrap_or_default();
        }
        text += "    participant MAPI\n";
        for (index, provider) in self.providers.iter().enumerate() {
            writeln!(text, "    participant p{index} as {}", plain(provider)).unwrap_or_default();
        }
        if self.user {
            text += "    actor user as user\n";
        }
        text
    }

    fn client(&mut self, name: &str) -> String {
        format!("c{}", place(&mut self.clients, name))
    }

    fn provider(&mut self, name: &str) -> String {
        format!("p{}", place(&mut self.providers, name))
    }
}

fn place(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|one| one == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

/// What is drawn of an effect, if anything is.
#[expect(clippy::wildcard_enum_match_arm, reason = "a diagram shows what passes between lanes")]
fn draw(effect: &Seen, lanes: &mut Lanes) -> Option<String> {
    Some(match effect {
        Seen::Called { client, call } => {
            format!("{}->>MAPI: {}", lanes.client(client), plain(call))
        }
        Seen::Returned { client, call, result, .. } => {
            let (client, call) = (lanes.client(client), plain(call));
            format!("MAPI-->>{client}: {call} {result}")
        }
        Seen::Provider { provider, call, result, .. } => {
            format!("MAPI->>{}: {call} {result}", lanes.provider(provider))
        }
        Seen::Displayed { dialog, .. } => {
            lanes.user = true;
            format!("MAPI->>user: {}", plain(dialog))
        }
        Seen::Answered { answer, .. } => {
            lanes.user = true;
            format!("user-->>MAPI: {answer}")
        }
        Seen::Notified { client, event, .. } => format!("MAPI-){}: {event}", lanes.client(client)),
        Seen::Struck { provider, fault } => {
            format!("Note over {}: {fault} strikes", lanes.provider(provider))
        }
        Seen::Repaired { provider } => {
            format!("Note over {}: its fault is gone", lanes.provider(provider))
        }
        _ => format!("Note over MAPI: {}", note(effect)?),
    })
}

/// What happens inside MAPI, where it is worth a note.
#[expect(clippy::wildcard_enum_match_arm, reason = "a note is for what matters")]
fn note(effect: &Seen) -> Option<String> {
    Some(match effect {
        Seen::MutexTaken { client } => format!("{} takes the mutex", plain(client)),
        Seen::MutexReleased { client } => format!("{} releases the mutex", plain(client)),
        Seen::Joined { client, session } => {
            format!("{} joins session {}", plain(client), plain(session))
        }
        Seen::ServiceDisabled { service, .. } => format!("{} is disabled", plain(service)),
        Seen::EntryPoint { service, result, .. } => {
            format!("entry point of {} {result}", plain(service))
        }
        Seen::SessionOpened { session } => format!("session {} is open", plain(session)),
        Seen::SessionClosed { session } => format!("session {} is closed", plain(session)),
        _ => return None,
    })
}

/// Text without what Mermaid would read as its own.
fn plain(text: &str) -> String {
    let safe = |letter: char| match letter {
        ';' | '#' | '%' | '<' | '>' | '{' | '}' => ' ',
        letter if letter.is_control() => ' ',
        letter => letter,
    };
    text.chars().map(safe).collect()
}

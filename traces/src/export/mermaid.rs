//! A run as a sequence diagram, with clients, MAPI, service providers and the user as lanes.

use std::fmt::Write;

use super::lanes::{Lane, Message, MessageKind, messages};
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
    let drawn = lines.iter().flat_map(|line| folded(messages(line)));
    drawn.map(|message| lanes.draw(&message)).collect()
}

/// The messages with calls into one provider that follow each other and answer `S_OK` as one.
fn folded(messages: Vec<Message>) -> Vec<Message> {
    let mut folded: Vec<Message> = Vec::new();
    for message in messages {
        if let [.., call, answer, again] = folded.as_mut_slice()
            && matches!((&message.from, again.kind), (Lane::Provider(_), MessageKind::Call))
            && (&call.to, &call.from) == (&message.from, &message.to)
            && (&again.to, &again.from) == (&call.to, &call.from)
            && *answer == message
            && message.text == "S_OK"
        {
            call.text += &format!(", {}", again.text);
            folded.pop();
            continue;
        }
        folded.push(message);
    }
    folded
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
        let mut text = "sequenceDiagram\n    autonumber\n".to_owned();
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

    /// The name of a lane in the diagram.
    fn name(&mut self, lane: &Lane) -> String {
        match lane {
            Lane::Client(name) => format!("c{}", place(&mut self.clients, name)),
            Lane::Provider(name) => format!("p{}", place(&mut self.providers, name)),
            Lane::Mapi => "MAPI".to_owned(),
            Lane::User => {
                self.user = true;
                "user".to_owned()
            }
        }
    }

    /// Calls are solid arrows, results dashed ones; failures end in a cross on red ground, what is
    /// assumed stands in parentheses.
    fn draw(&mut self, message: &Message) -> String {
        let (from, to) = (self.name(&message.from), self.name(&message.to));
        let text = plain(&message.text);
        match message.kind {
            MessageKind::Call => format!("    {from}->>{to}: {text}\n"),
            MessageKind::Answer => format!("    {from}-->>{to}: {text}\n"),
            MessageKind::Notification => format!("    {from}-){to}: {text}\n"),
            MessageKind::Note => format!("    Note over {from}: {text}\n"),
            MessageKind::Fault => format!("    Note over {from}: ({text})\n"),
            MessageKind::Failure => red(&format!("{from}--x{to}: {text}")),
            MessageKind::Loss => red(&format!("Note over {from}: {text}")),
        }
    }
}

/// A line on red ground, which shows on light and on dark pages.
fn red(line: &str) -> String {
    format!("    rect rgba(213, 94, 0, 0.25)\n    {line}\n    end\n")
}

fn place(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|one| one == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
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

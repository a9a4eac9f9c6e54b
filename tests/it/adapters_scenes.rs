//! The reference subsystem scene by scene.
//!
//! `adapters/reference/scenes.txt` has worlds, scenes, their steps and what the adapter says to
//! each. A step is a client, a call, its arguments and, after `|`, what providers
//! (`EXMS/Logon=CODE CODE`) and the user (`failure=decline`) answer; without one providers answer
//! S_OK and the user cooperates. `hold` leaves the first question of a call open, `wait` begins a
//! call that must not end yet, `free` answers what is held.

use crate::adapters::{Adapter, PLAIN, SANITIZED, built};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const SCENES: &str = "adapters/reference/scenes.txt";
const CODES: [(&str, &str); 14] = [
    ("S_OK", "0x00000000"),
    ("NO_SERVICE", "0x00040203"),
    ("ERRORS_RETURNED", "0x00040380"),
    ("INVALID_OBJECT", "0x80040108"),
    ("NOT_FOUND", "0x8004010f"),
    ("VERSION", "0x80040110"),
    ("LOGON_FAILED", "0x80040111"),
    ("USER_CANCEL", "0x80040113"),
    ("NETWORK_ERROR", "0x80040115"),
    ("UNCONFIGURED", "0x8004011c"),
    ("FAILONEPROVIDER", "0x8004011d"),
    ("TIMEOUT", "0x80040401"),
    ("NOT_INITIALIZED", "0x80040605"),
    ("NO_SUPPORT", "0x80040102"),
];

fn code(name: &str) -> &str {
    let known = CODES.iter().find(|(symbol, _)| *symbol == name);
    known.unwrap_or_else(|| panic!("{name}: no code")).1
}

fn symbol(code: &Value) -> &str {
    let text = code.as_str().unwrap();
    let known = CODES.iter().find(|(_, value)| *value == text);
    known.map_or(text, |(symbol, _)| symbol)
}

type Answers = BTreeMap<String, VecDeque<String>>;

/// An adapter, its calls that are held, and the session that each client got last.
struct Player {
    adapter: Adapter,
    held: BTreeMap<String, (Value, Answers)>,
    sessions: BTreeMap<String, Value>,
}

impl Player {
    fn start(program: &Path, args: &[&str]) -> Self {
        let adapter = Adapter::start(program, args);
        Self { adapter, held: BTreeMap::new(), sessions: BTreeMap::new() }
    }

    fn begin(&mut self, step: &[&str], answers: &Answers) {
        let mut args = json!({});
        for arg in &step[2..] {
            match arg.split_once('=') {
                Some((key @ ("profile" | "password" | "store" | "service"), text)) => {
                    args[key] = text.replace('_', " ").into();
                }
                Some(("flags", flags)) => {
                    args["flags"] = u32::from_str_radix(&flags[2..], 16).unwrap().into();
                }
                _ => panic!("{arg}: no argument"),
            }
        }
        if let Some(session) = self.sessions.get(step[0]) {
            args["session"] = session.clone();
        }
        let mut call = json!({"op": "call", "client": step[0], "call": step[1], "args": args,
            "deadline_ms": 1000});
        if answers.contains_key("preset") {
            call["preset"] = answers.iter().map(|(k, v)| (k.clone(), json!(code(&v[0])))).collect();
        }
        self.adapter.send(call);
    }

    fn answer(&mut self, message: &Value, answers: &mut Answers) {
        let line = if message["op"] == "dialog" {
            let kind = message["kind"].as_str().unwrap();
            let default = match kind {
                "profile" => "pick",
                "password" => "supply",
                "failure" => "retry",
                _ => "confirm",
            };
            let answer = answers.get_mut(kind).and_then(VecDeque::pop_front);
            json!({"op": "user", "dialog": message["dialog"], "profile": "Work", "completed": true,
                "answer": answer.as_deref().unwrap_or(default)})
        } else {
            let key = format!("{}/{}", who(message), message["call"].as_str().unwrap());
            let answer = answers.get_mut(&key).and_then(VecDeque::pop_front);
            let result = code(answer.as_deref().unwrap_or("S_OK"));
            json!({"op": "answer", "ask": message["ask"], "result": result,
                "completed": answer.is_none()})
        };
        self.adapter.send_line(&line.to_string());
    }

    /// Answers until as many calls as are named have returned.
    fn go_on(
        &mut self,
        mut open: Vec<(String, Answers)>,
        said: &mut BTreeMap<String, Vec<String>>,
    ) {
        while !open.is_empty() {
            let Some(message) = self.adapter.hear(3000) else {
                let end =
                    if self.adapter.child.try_wait().unwrap().is_some() { "died" } else { "hangs" };
                return said.entry(open[0].0.clone()).or_default().push(end.into());
            };
            let client = message["client"].as_str().unwrap_or_default().to_owned();
            add(said.entry(client.clone()).or_default(), told(&message));
            let at = open.iter().position(|(name, _)| *name == client);
            let at = at.unwrap_or_else(|| panic!("{message}: no open call"));
            match message["op"].as_str().unwrap() {
                "ask" | "dialog" => self.answer(&message, &mut open[at].1),
                "returned" => {
                    if message["session"].is_u64() {
                        self.sessions.insert(client, message["session"].clone());
                    }
                    open.remove(at);
                }
                _ => {}
            }
        }
    }

    /// One step of a scene; what the adapter says, by client.
    fn step(&mut self, line: &str) -> BTreeMap<String, Vec<String>> {
        let (call, answers) = line.split_once(" | ").unwrap_or((line, ""));
        let mut words: Vec<&str> = call.split(' ').collect();
        let answers = parse_answers(answers);
        let mut said = BTreeMap::<String, Vec<String>>::new();
        match words[0] {
            "free" => {
                let held: Vec<_> = std::mem::take(&mut self.held).into_iter().collect();
                let mut open = Vec::new();
                for (client, (message, mut answers)) in held {
                    if !message.is_null() {
                        self.answer(&message, &mut answers);
                    }
                    open.push((client, answers));
                }
                self.go_on(open, &mut said);
            }
            mode @ ("hold" | "wait") => {
                words.remove(0);
                self.begin(&words, &answers);
                let heard = self.adapter.hear(if mode == "hold" { 5000 } else { 300 });
                let text = heard.as_ref().map_or("waits".into(), told);
                said.entry(words[0].into()).or_default().push(text);
                if heard.as_ref().is_none_or(|m| m["op"] != "returned") {
                    self.held.insert(words[0].into(), (heard.unwrap_or_default(), answers));
                }
            }
            _ => {
                self.begin(&words, &answers);
                self.go_on(vec![(words[0].into(), answers)], &mut said);
            }
        }
        said
    }

    fn scene(&mut self, world: &Value, steps: &[String]) -> String {
        self.held.clear();
        self.sessions.clear();
        self.adapter.send(world.clone());
        let ready = self.adapter.hear(5000);
        let mut text = String::new();
        if ready.is_none_or(|m| m["op"] != "ready") {
            return "not ready\n".into();
        }
        for step in steps {
            writeln!(text, "{step}").unwrap();
            let said = self.step(step);
            let lines: Vec<_> = said.values().flatten().collect();
            lines.iter().for_each(|line| writeln!(text, "    {line}").unwrap());
            if lines.iter().any(|line| *line == "hangs" || *line == "died") {
                break;
            }
        }
        text
    }
}

/// Adds a line; what a provider sees in a row is one line.
fn add(said: &mut Vec<String>, line: String) {
    let of =
        |line: &str| line.contains(" saw ").then(|| line.split('/').next().unwrap().to_owned());
    match said.last_mut() {
        Some(last) if of(&line).is_some() && of(last) == of(&line) => {
            write!(last, " {}", line.split('/').nth(1).unwrap()).unwrap();
        }
        _ => said.push(line),
    }
}

fn who(message: &Value) -> &str {
    message["provider"].as_str().or(message["service"].as_str()).unwrap()
}

/// What a message says, without its numbers.
fn told(message: &Value) -> String {
    let client = message["client"].as_str().unwrap_or_default();
    let call = message["call"].as_str().unwrap_or_default();
    match message["op"].as_str().unwrap() {
        "ask" => {
            let ui = if message["args"]["ui"] == true { " ui" } else { "" };
            format!(
                "{client} ask {}/{call} {:#x}{ui}",
                who(message),
                message["args"]["flags"].as_u64().unwrap()
            )
        }
        "saw" => format!("{client} saw {}/{call}", who(message)),
        "dialog" if message["of"].is_string() => {
            let of = message["of"].as_str().unwrap();
            format!("{client} dialog failure {of} {}", symbol(&message["code"]))
        }
        "dialog" => format!("{client} dialog {}", message["kind"].as_str().unwrap()),
        "returned" => {
            let mut text = format!("{client} returned {}", symbol(&message["result"]));
            for row in message["rows"].as_array().into_iter().flatten() {
                let status = row["status"].as_str().map(|s| format!("={s}")).unwrap_or_default();
                write!(text, " {}{status}", row["name"].as_str().unwrap()).unwrap();
            }
            for event in message["provider_events"].as_array().into_iter().flatten() {
                let call = event["call"].as_str().unwrap();
                write!(text, " {}/{call}={}", who(event), symbol(&event["result"])).unwrap();
            }
            text
        }
        _ => message.to_string(),
    }
}

fn parse_answers(text: &str) -> Answers {
    let mut answers = Answers::new();
    let mut last = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let (key, value) = word.split_once('=').unwrap_or((&last, word));
        answers.entry(key.into()).or_default().push_back(value.into());
        last = key.into();
    }
    answers
}

struct Scene {
    title: String,
    world: Value,
    steps: Vec<String>,
}

fn scenes(text: &str) -> Vec<Scene> {
    let mut worlds = BTreeMap::new();
    let mut scenes = Vec::<Scene>::new();
    for line in text.lines() {
        if let Some((name, world)) = line.strip_prefix("world ").and_then(|l| l.split_once(' ')) {
            let mut world: Value = serde_json::from_str(world).unwrap();
            world["op"] = "world".into();
            worlds.insert(name.to_owned(), world);
        } else if let Some((name, _)) = line.strip_prefix("scene ").and_then(|l| l.split_once(": "))
        {
            let world = worlds[name].clone();
            scenes.push(Scene { title: line.into(), world, steps: Vec::new() });
        } else if !line.is_empty() && !line.starts_with([' ', '#']) {
            scenes.last_mut().unwrap().steps.push(line.into());
        }
    }
    scenes
}

/// Plays one scene after the other, as they are asked for; after a death in a new process.
fn transcripts<'a>(
    program: &'a Path,
    args: &'a [&'a str],
    scenes: &'a [Scene],
) -> impl Iterator<Item = String> + 'a {
    let mut player = Player::start(program, args);
    scenes.iter().map(move |scene| {
        let text = player.scene(&scene.world, &scene.steps);
        if text.contains("    hangs\n") || text.contains("    died\n") || text == "not ready\n" {
            player = Player::start(program, args);
        }
        text
    })
}

#[test]
fn the_reference_answers_every_scene_as_its_clauses_say() {
    for (name, flags) in [("plain", PLAIN), ("sanitized", SANITIZED)] {
        let Some(out) = built(name, flags) else { return };
        let text = std::fs::read_to_string(SCENES).unwrap();
        let scenes = scenes(&text);
        let head: Vec<_> = text.lines().take_while(|line| !line.starts_with("scene ")).collect();
        let mut now = head.join("\n") + "\n";
        for (scene, said) in scenes.iter().zip(transcripts(&out.join("reference"), &[], &scenes)) {
            write!(now, "{}{}\n{said}", if now.ends_with("\n\n") { "" } else { "\n" }, scene.title)
                .unwrap();
        }
        if std::env::var_os("MAPI_LOGON_BLESS").is_some() {
            std::fs::write(SCENES, &now).unwrap();
        } else {
            assert_eq!(now, text, "{name}");
        }
    }
}

#[test]
fn every_fault_of_the_reference_shows_in_a_scene() {
    let Some(out) = built("plain", PLAIN) else { return };
    let program = out.join("reference");
    let scenes = scenes(&std::fs::read_to_string(SCENES).unwrap());
    let sound: Vec<_> = transcripts(&program, &[], &scenes).collect();
    let list = Command::new(&program).arg("--list-faults").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let faults: Vec<_> = list.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert!(faults.len() >= 24, "{faults:?}");
    let unseen = |fault: &&&str| {
        transcripts(&program, &["--fault", fault], &scenes)
            .zip(&sound)
            .all(|(now, sound)| now == *sound)
    };
    let unseen: Vec<_> = faults.iter().filter(unseen).collect();
    assert_eq!(unseen, Vec::<&&str>::new());
}

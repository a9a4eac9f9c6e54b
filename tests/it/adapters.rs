//! The adapters that come with the tool: the kit in C, built with the system's compiler, and the
//! one in Python.

use crate::support::skip;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

pub(crate) const PLAIN: &str = "-O2";
pub(crate) const SANITIZED: &str = "-O1 -g -fsanitize=address,undefined";

/// Builds the adapters once for each set of flags; none without a compiler.
pub(crate) fn built(name: &str, flags: &str) -> Option<PathBuf> {
    let usable = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    for tool in ["cc", "make"] {
        if !usable(tool) {
            skip(tool, "adapters in C");
            return None;
        }
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("adapters-{name}"));
    let made = Command::new("make")
        .args(["-s", "-C", "adapters"])
        .arg(format!("OUT={}", out.display()))
        .arg(format!("CFLAGS={flags}"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(out)
}

/// An adapter that runs.
pub(crate) struct Adapter {
    pub(crate) child: Child,
    lines: Receiver<String>,
    id: u64,
}

impl Adapter {
    pub(crate) fn start(program: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (say, lines) = channel();
        let out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|l| say.send(l)));
        let mut adapter = Self { child, lines, id: 0 };
        adapter.send(json!({"op": "hello", "protocol": [1], "tool": "test"}));
        assert_eq!(adapter.hear(9000).unwrap()["protocol"], 1);
        adapter
    }

    pub(crate) fn send(&mut self, mut message: Value) {
        self.id += 1;
        message["id"] = self.id.into();
        self.send_line(&message.to_string());
    }

    pub(crate) fn send_line(&mut self, line: &str) {
        let _gone = writeln!(self.child.stdin.as_mut().unwrap(), "{line}");
    }

    pub(crate) fn hear(&self, milliseconds: u64) -> Option<Value> {
        let line = self.lines.recv_timeout(Duration::from_millis(milliseconds)).ok()?;
        Some(serde_json::from_str(&line).unwrap_or_else(|e| panic!("{line}: {e}")))
    }

    /// The answer to a message that has one.
    fn answer(&mut self, message: Value) -> Value {
        self.send(message);
        self.hear(5000).unwrap()
    }
}

impl Drop for Adapter {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const WORLD: &str = r#"{"op": "world", "short_timeout_ms": 50,
    "clients": [{"name": "one", "initialized": true}],
    "profiles": [{"name": "Work", "state": "valid", "password": false, "services": [
        {"name": "A", "complete": true, "entry_point": "none", "critical": false, "identity": false,
         "providers": [{"name": "AMS", "kind": "message-store"}]}]}]}"#;

fn call(name: &str, args: &Value) -> Value {
    json!({"op": "call", "client": "one", "call": name, "args": args, "deadline_ms": 1000})
}

/// Logs on, opens a store that exists and one that does not, logs off and ends.
fn tour(adapter: &mut Adapter) {
    assert_eq!(adapter.answer(serde_json::from_str(WORLD).unwrap())["op"], "ready");
    let mut logon = call("MAPILogonEx", &json!({"profile": "Work", "flags": 0x22}));
    logon["preset"] = json!({});
    let logon = adapter.answer(logon);
    assert_eq!(logon["result"], "0x00000000", "{logon}");
    let session = &logon["session"];
    for (name, args, result) in [
        ("OpenMsgStore", json!({"session": session, "store": "AMS"}), "0x00000000"),
        ("OpenMsgStore", json!({"session": session, "store": "none"}), "0x8004010f"),
        ("Release", json!({"session": session}), "0x00000000"),
        ("MAPILogonEx", json!({"profile": "none"}), "0x80040111"),
    ] {
        let mut said = adapter.answer(call(name, &args));
        while said["op"] == "saw" {
            said = adapter.hear(5000).unwrap();
        }
        assert_eq!(said["result"], result, "{name}: {said}");
    }
    adapter.send(json!({"op": "bye"}));
    assert!(adapter.child.wait().unwrap().success());
    assert!(adapter.hear(100).is_none(), "a line after bye");
}

#[test]
fn an_adapter_in_python_logs_on_and_opens_stores() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skip("python3", "the adapter in Python");
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("adapters/python/adapter.py");
    tour(&mut Adapter::start(Path::new("python3"), &[script.to_str().unwrap()]));
}

#[test]
fn the_kit_answers_a_bad_line_with_one_error_and_reads_on() {
    let Some(out) = built("sanitized", SANITIZED) else { return };
    let mut adapter = Adapter::start(&out.join("reference"), &[]);
    let long = format!("[\"{}\"]", "x".repeat(1 << 20));
    let deep = "[".repeat(100_000);
    for line in [
        "garbage",
        "",
        "{",
        "{}",
        "[1,2",
        "{\"op\":\"call\"}",
        "{\"op\":\"call\",\"client\":\"one\",\"call\":\"MAPILogonEx\"}",
        "{\"op\":\"dance\",\"id\":1}",
        "{\"op\":\"answer\",\"ask\":1,\"result\":\"0x00000000\"}",
        "{\"op\":\"user\",\"dialog\":-1}",
        "{\"op\":\"hello\",\"protocol\":[2]}",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "-",
        "01",
        "1e999 x",
        "\u{7f}\u{e9}\u{0}",
        &deep,
        &long,
    ] {
        adapter.send_line(line);
        let said = adapter.hear(5000).unwrap();
        assert_eq!(said["op"], "error", "{said}");
        assert!(said["text"].as_str().is_some_and(|text| text.len() > 10), "{said}");
    }
    tour(&mut adapter);
}

#[test]
fn the_smallest_adapter_of_the_kit_logs_on() {
    let Some(out) = built("plain", PLAIN) else { return };
    let mut adapter = Adapter::start(&out.join("example"), &[]);
    assert_eq!(adapter.answer(serde_json::from_str(WORLD).unwrap())["op"], "ready");
    assert_eq!(adapter.answer(call("MAPILogonEx", &json!({"profile": "Work"})))["session"], 1);
    assert_eq!(adapter.answer(call("QueryIdentity", &json!({"session": 1})))["op"], "unsupported");
}

//! Options of `impersonate` for real clients: pages, recordings and traces as answers, times,
//! preloading, listening, interrupts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::impersonating::{built, kinds, serve, serve_in};
use crate::support::{command, run, workplace};

#[test]
fn a_finding_has_a_page_and_a_recording_that_validate_explains() {
    let Some(out) = built() else { return };
    let folder = workplace("impersonated-pages");
    let ran = serve(&out, &["--every", "--html", folder.to_str().unwrap()], &["forgetful"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    for kind in ["left-session", "left-initialized"] {
        let page = fs::read_to_string(folder.join(format!("{kind}.html"))).unwrap();
        for part in ["GetMsgStoresTable", "A run of MAPI with these answers", "ERROR"] {
            assert!(page.contains(part), "{kind}: {part}");
        }
        let recording = folder.join(format!("{kind}.jsonl"));
        let judged = run(&["validate", recording.to_str().unwrap()]);
        assert_eq!(judged.code, Some(0), "{}{}", judged.stdout, judged.stderr);
        assert!(judged.stdout.starts_with("EXPLAINED"), "{}", judged.stdout);
    }
}

#[test]
fn answers_come_from_recordings_and_traces_too() {
    let Some(out) = built() else { return };
    let folder = workplace("impersonated-answers");
    let pages = folder.to_str().unwrap();
    let first = serve(&out, &["--every", "--html", pages, "--format", "json"], &["forgetful"]);
    let recording = folder.join("left-session.jsonl");
    let options = ["--answers", recording.to_str().unwrap(), "--format", "json"];
    let again = serve(&out, &options, &["forgetful"]);
    assert_eq!(kinds(&again), kinds(&first), "{}", again.stdout);
    // A trace of the scenario in which its client fails to open its store.
    let made = run(&["generate", "lost-store", "--cover", "outcomes", "--out", pages]);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    let mut results = Vec::new();
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        let path = entry.path();
        let text = fs::read_to_string(&path).unwrap();
        if !text.starts_with("{\"format\"") && !text.contains("\"calls\"") {
            continue;
        }
        let options = ["--answers", path.to_str().unwrap(), "--format", "json"];
        let ran = serve_in("lost-store", &out, &options, &["tidy"]);
        let result: Value = serde_json::from_str(&ran.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr));
        results.push(result["verdict"].clone());
    }
    assert!(!results.is_empty());
    let wrong = serve(&out, &["--answers", "README.md"], &["tidy"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
}

#[test]
fn a_server_is_away_for_its_time_and_back_afterwards() {
    let Some(out) = built() else { return };
    // Two minutes are 1.2 s here; a try that fails takes 0.3 s of them.
    let options = ["--timing", "0.01", "--max-retries", "1000"];
    let ran = serve_in("tests/data/outage.toml", &out, &options, &["waiting"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let line = ran.stderr.lines().find(|line| line.contains("tries")).unwrap_or_default();
    let tries: u32 = line.split(' ').next().unwrap().parse().unwrap();
    assert!((2..=5).contains(&tries), "{line}");
    let at_once = serve_in("tests/data/outage.toml", &out, &[], &["waiting"]);
    assert!(at_once.stderr.contains("1 tries"), "{}", at_once.stderr);
}

#[test]
fn profile_administration_shows_the_profiles_of_the_scenario() {
    let Some(out) = built() else { return };
    let ran = serve_in("lost-store", &out, &[], &["administering"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    for line in ["Work", "Exchange", "Internet", "EXMS", "INMS"] {
        assert!(ran.stderr.lines().any(|shown| shown == line), "{line}: {}", ran.stderr);
    }
    let ran = serve_in("lost-store", &out, &["--expect-exit", "1"], &["administering", "No"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_client_linked_with_another_library_is_reached_by_preloading() {
    let Some(out) = built() else { return };
    let folder = workplace("preloaded");
    let source = "int MAPIInitialize(void *i) { (void)i; return 0; }\n\
                  void MAPIUninitialize(void) {}\n";
    fs::write(folder.join("other.c"), source).unwrap();
    let main = "int MAPIInitialize(void *); void MAPIUninitialize(void);\n\
                int main(void) { MAPIInitialize(0); MAPIUninitialize(); return 0; }\n";
    fs::write(folder.join("main.c"), main).unwrap();
    for words in
        ["-shared -fPIC -o libother.so other.c", "-o main main.c -L. -lother -Wl,-rpath,$ORIGIN"]
    {
        let made = Command::new("cc").args(words.split(' ')).current_dir(&folder).status();
        assert!(made.unwrap().success());
    }
    let shim = out.join("libmapi_logon.so");
    let main = folder.join("main");
    let common = ["impersonate", "tests/data/away.toml", "--shim", shim.to_str().unwrap()];
    let silent = run(&[&common[..], &["--", main.to_str().unwrap()]].concat());
    assert_eq!(silent.code, Some(4), "{}", silent.stdout);
    let reached = run(&[&common[..], &["--preload", "--", main.to_str().unwrap()]].concat());
    assert_eq!(reached.code, Some(0), "{}{}", reached.stdout, reached.stderr);
    assert!(reached.stdout.starts_with("TIDY: 1 run, 2 calls"), "{}", reached.stdout);
}

#[test]
fn an_option_for_another_kind_of_client_is_refused_with_what_is_admissible() {
    let windows = workplace("refused").join("client.exe");
    fs::write(&windows, "MZ").unwrap();
    let windows = windows.to_str().unwrap();
    let wine = "a Windows program under Wine: leave it out, or use --preload";
    for (options, client, said) in [
        (&["--dll-path-ex"][..], "true", wine),
        (&["--wine-prefix", "."], "true", wine),
        (&["--preload"], windows, "a native client: leave it out, or use --dll-path-ex"),
    ] {
        let common = ["impersonate", "tests/data/away.toml"];
        let ran = run(&[&common[..], options, &["--", client]].concat());
        assert_eq!(ran.code, Some(2), "{}{}", ran.stdout, ran.stderr);
        let line = format!("error: {} is for {said}", options[0]);
        assert!(ran.stderr.contains(&line), "{}", ran.stderr);
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.unwrap().success());
}

#[test]
fn without_a_client_it_listens_says_what_to_set_and_ends_with_a_verdict() {
    let Some(out) = built() else { return };
    let mut tool = command()
        .args(["impersonate", "tests/data/away.toml", "--shim"])
        .arg(out.join("libmapi_logon.so"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut client = Command::new(out.join("client"));
    let mut lines = BufReader::new(tool.stderr.take().unwrap()).lines().map_while(Result::ok);
    for line in lines.by_ref() {
        let Some(set) = line.strip_prefix("export ") else { continue };
        let (name, value) = set.split_once('=').unwrap();
        client.env(name, value.trim_matches('\''));
        if name == "LD_LIBRARY_PATH" {
            break;
        }
    }
    assert!(client.arg("forgetful").arg("No").status().unwrap().code() == Some(1));
    assert!(client.status().unwrap().code() == Some(1));
    interrupt(&tool);
    let ended = tool.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(shown.contains("6 calls"), "{shown}");
    assert_eq!(ended.status.code(), Some(0), "{shown}");
}

#[test]
fn an_interrupt_ends_the_client_and_is_said() {
    let Some(out) = built() else { return };
    let file = workplace("interrupted").join("process");
    let client = out.join("client");
    let script = format!("echo $$ > {}; exec {} hanging No", file.display(), client.display());
    let tool = command()
        .args(["impersonate", "tests/data/away.toml", "--deadline", "10min", "--shim"])
        .arg(out.join("libmapi_logon.so"))
        .args(["--", "sh", "-c", &script])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let process = loop {
        let text = fs::read_to_string(&file).unwrap_or_default();
        if let Some(process) = text.strip_suffix('\n') {
            break process.to_owned();
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    };
    interrupt(&tool);
    let ended = tool.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert!(!std::path::Path::new(&format!("/proc/{process}")).exists(), "{process}");
}

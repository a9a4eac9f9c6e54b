//! `impersonate` in front of Windows programs under Wine: the same clients, the same findings, call
//! for call; `drive` through it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

use crate::impersonating::{built, kinds};
use crate::support::{Ran, root, run, skip, workplace};

/// Builds shim and clients for Windows; none without Wine or a compiler.
fn windows() -> Option<PathBuf> {
    let out = built()?;
    for (tool, package) in [("wine", "wine"), ("x86_64-w64-mingw32-gcc", "mingw")] {
        if Command::new(tool).arg("--version").output().is_err() {
            skip(package, "clients for Windows");
            return None;
        }
    }
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock();
    let made = Command::new("make")
        .args(["-s", "-C", "adapters", &format!("OUT={}", out.display()), "windows"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(out)
}

/// Plays the subsystem for a client, natively or under Wine.
fn serve(out: &Path, wine: bool, options: &[&str], client: &[&str]) -> Ran {
    let (shim, ending) = if wine { ("mapi32.dll", ".exe") } else { ("libmapi_logon.so", "") };
    let shim = out.join(shim);
    let program = format!("{}/{}{ending}", out.display(), client[0]);
    let common = ["impersonate", "tests/data/away.toml", "--shim", shim.to_str().unwrap()];
    run(&[&common, options, &["--", &program], &client[1..]].concat())
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", ran.stdout, ran.stderr))
}

#[test]
fn a_client_under_wine_is_judged_as_the_same_client_without() {
    let Some(out) = windows() else { return };
    for client in ["tidy", "forgetful", "leaking", "impatient", "clinging", "careless"] {
        let both = [false, true].map(|wine| {
            let options = ["--every", "--format", "json", "--deadline", "2min"];
            let ran = serve(&out, wine, &options, &["client", client]);
            let result = json(&ran);
            (result["runs"].clone(), result["calls"].clone(), kinds(&ran), ran.code)
        });
        assert_eq!(both[0], both[1], "{client}");
    }
}

#[test]
fn calls_and_answers_under_wine_are_the_native_ones() {
    let Some(out) = windows() else { return };
    let calls = [
        "MAPIInitialize",
        "MAPILogonEx",
        "GetMsgStoresTable",
        "OpenMsgStore:EXMS",
        "OpenMsgStore:none",
        "OpenAddressBook",
        "GetStatusTable",
        "QueryIdentity",
        "RemoveService:Exchange",
        "Logoff:0",
        "Release",
        "DeleteProfile:Work",
        "DeleteProfile:Work",
        "MAPIUninitialize",
    ];
    let client = [&["scripted", "Work", "secret", "0x22"][..], &calls].concat();
    let folder = workplace("wine-calls");
    for seed in ["1", "2", "3", "4"] {
        let mut seen = Vec::new();
        for (wine, way) in [(false, &[][..]), (true, &[]), (true, &["--dll-path-ex"])] {
            // The session is left, so that a finding has all answers.
            let folder = folder.join(format!("{seed}-{}", seen.len()));
            let options =
                [way, &["--seed", seed, "--record", folder.to_str().unwrap(), "--format", "json"]];
            let left = [&client[..13], &["MAPILogonEx"]].concat();
            let ran = serve(&out, wine, &options.concat(), &left);
            let kept = fs::read_to_string(folder.join("left-initialized.json"));
            seen.push(kept.unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr)));
        }
        assert_eq!(seen[0], seen[1], "mapi32.dll, seed {seed}");
        assert_eq!(seen[0], seen[2], "DLLPathEx, seed {seed}");
    }
}

#[test]
fn crashes_hangs_and_processes_under_wine_are_told_apart() {
    let Some(out) = windows() else { return };
    let options = ["--format", "json", "--deadline", "2min"];
    let crash = serve(&out, true, &options, &["client", "crashing", "No"]);
    assert_eq!(kinds(&crash).0, ["crash"], "{}", crash.stdout);
    assert!(crash.stdout.contains("0xc0000005"), "{}", crash.stdout);
    let hang =
        serve(&out, true, &["--format", "json", "--deadline", "5s"], &["client", "hanging", "No"]);
    assert_eq!(kinds(&hang).0, ["hang"], "{}", hang.stdout);
    let two = serve(&out, true, &options, &["client", "sharing"]);
    assert_eq!(json(&two)["most_processes"], 2, "{}", two.stdout);
    assert_eq!((two.code, kinds(&two).0), (Some(0), Vec::<String>::new()), "{}", two.stdout);
    let threads = serve(&out, true, &options, &["client", "threads"]);
    assert_eq!(json(&threads)["calls"], 2 + 50 * 2 * 5, "{}", threads.stdout);
    assert_eq!(json(&threads)["most_threads"], 51, "{}", threads.stdout);
}

#[test]
fn nothing_of_the_user_is_touched_by_wine() {
    let Some(out) = windows() else { return };
    let (home, temporary) = (workplace("wine-home"), workplace("wine-tmp"));
    let ran = Command::new(env!("CARGO_BIN_EXE_mapi-logon"))
        .args(["impersonate", "tests/data/away.toml", "--shim"])
        .arg(out.join("mapi32.dll"))
        .arg("--")
        .arg(out.join("client.exe"))
        .env("HOME", &home)
        .env("TMPDIR", &temporary)
        .env_remove("WINEPREFIX")
        .current_dir(root())
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(0), "{}", String::from_utf8_lossy(&ran.stderr));
    for folder in [home, temporary] {
        let left: Vec<_> = fs::read_dir(&folder).unwrap().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn a_prefix_whose_maker_was_killed_is_removed_by_the_next_one() {
    let Some(out) = windows() else { return };
    let temporary = workplace("wine-killed");
    let tool = |client: &[&str]| {
        let mut tool = Command::new(env!("CARGO_BIN_EXE_mapi-logon"));
        tool.args(["impersonate", "tests/data/away.toml", "--deadline", "2min", "--shim"])
            .arg(out.join("mapi32.dll"))
            .arg("--")
            .arg(out.join("client.exe"))
            .args(client)
            .env("TMPDIR", &temporary)
            .current_dir(root());
        tool
    };
    let left = || fs::read_dir(&temporary).unwrap().flatten().count();
    let mut killed = tool(&["hanging", "No"]).spawn().unwrap();
    while left() == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_secs(1));
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(left(), 1);
    assert_eq!(tool(&["tidy"]).output().unwrap().status.code(), Some(0));
    assert_eq!(left(), 0);
}

/// One client, and nothing that a system without scripted providers cannot show.
const ONE_CLIENT: &str = r#"
[[profile]]
name = "Work"

[[profile.service]]
name = "Exchange"

[[profile.service.provider]]
name = "EXAB"
kind = "address-book"

[[profile.service.provider]]
name = "EXMS"
kind = "message-store"

[[client]]
name = "one"
profile = "Work"
flags = ["MAPI_EXTENDED", "MAPI_NEW_SESSION", "MAPI_NO_MAIL"]
calls = [
    "MAPIInitialize", "MAPILogonEx", "GetMsgStoresTable", "OpenMsgStore:EXMS", "OpenAddressBook",
    "GetStatusTable", "QueryIdentity", "Logoff", "MAPIUninitialize",
]

[faults]
budget = 1
kinds = ["server-unavailable"]
"#;

/// Drives the model through the adapter, the shim and whatever is between them.
fn driven(adapter: &Path, shim: &Path, way: &[&str], calls: &str) -> Ran {
    let scenario = workplace("one-client").join("one.toml");
    fs::write(&scenario, ONE_CLIENT).unwrap();
    let scenario = scenario.to_str().unwrap();
    let own = env!("CARGO_BIN_EXE_mapi-logon");
    let drive = ["drive", scenario, "--calls", calls, "--format", "json", "--", own];
    let play = ["impersonate", scenario, "--seed", "5", "--deadline", "10min", "--pass-through"];
    let shim = ["--shim", shim.to_str().unwrap(), "--", adapter.to_str().unwrap()];
    run(&[&drive, &play[..], way, &shim].concat())
}

#[test]
fn drive_through_impersonate_and_the_native_shim_conforms() {
    let Some(out) = built() else { return };
    let shim = out.join("libmapi_logon.so");
    let ran = driven(&out.join("mapi32-adapter"), &shim, &[], "2000");
    assert_eq!(json(&ran)["verdict"], "conforms", "{}{}", ran.stdout, ran.stderr);
    assert_eq!(json(&ran)["calls"], 2000, "{}", ran.stdout);
}

#[test]
fn drive_through_impersonate_and_wines_own_mapi32_conforms() {
    let Some(out) = windows() else { return };
    for way in [&[][..], &["--dll-path-ex"]] {
        let ran = driven(&out.join("mapi32-adapter.exe"), &out.join("mapi32.dll"), way, "300");
        assert_eq!(json(&ran)["verdict"], "conforms", "{way:?} {}{}", ran.stdout, ran.stderr);
        assert_eq!(json(&ran)["calls"], 300, "{}", ran.stdout);
    }
}

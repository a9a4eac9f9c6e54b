//! A search that was killed and resumed writes what an uninterrupted one writes.
//!
//! `MAPI_LOGON_CYCLES=50` makes 50 cycles, on the scenario `retry-storm` itself;
//! `MAPI_LOGON_DAMAGES=1000` damages 1,000 files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::support::{Ran, command, root, run, workplace};

/// Set to make more cycles, on a larger scenario.
const CYCLES: &str = "MAPI_LOGON_CYCLES";

/// A sequence of numbers that look random: Marsaglia's xorshift.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

/// Bytes of the states saved in a directory.
fn saved(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    let states = files.filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.starts_with("states-") || name.starts_with("list-")
    });
    states.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum()
}

/// Kills a search when it has saved `bytes` bytes, unless it ends before; returns whether it did.
fn kill(args: &[&str], dir: &Path, bytes: u64) -> bool {
    let mut child =
        command().args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while saved(dir) < bytes {
        if child.try_wait().unwrap().is_some() {
            return true;
        }
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    false
}

fn with(args: &[&str], more: &[&str]) -> Ran {
    run(&[args, more].concat())
}

/// The scenario `retry-storm`, with one fault unless more is asked for.
fn storm(folder: &Path) -> (PathBuf, u64) {
    let text = fs::read_to_string(root().join("scenarios/retry-storm.toml")).unwrap();
    let cycles = std::env::var(CYCLES).ok();
    let cycles = cycles.map(|cycles| cycles.parse().unwrap());
    let text = if cycles.is_some() {
        text
    } else {
        text.replace("budget = 2", "budget = 1").replace("[expect]", "[expect]\n#")
    };
    let path = folder.join("storm.toml");
    fs::write(&path, text).unwrap();
    (path, cycles.unwrap_or(5))
}

#[test]
fn search_killed_anywhere_is_resumed_to_the_same_bytes() {
    kill_and_resume("saved-killed", &[], "--checkpoint");
}

#[test]
fn sweep_killed_anywhere_is_resumed_to_the_same_bytes() {
    kill_and_resume("sweep-killed", &["--sweep-line", "--max-memory", "256KB"], "--spill");
}

/// Compares a search that is killed again and again with one that is not.
fn kill_and_resume(name: &str, options: &[&str], save: &str) {
    let folder = workplace(name);
    let (scenario, cycles) = storm(&folder);
    let check = [&["check", scenario.to_str().unwrap(), "--format", "json"], options].concat();
    let measure = folder.join("measure");
    let whole = with(&check, &["--workers", "2", save, measure.to_str().unwrap()]);
    let unsaved: Vec<_> =
        check.iter().copied().filter(|it| !["--max-memory", "256KB"].contains(it)).collect();
    assert_eq!(run(&unsaved).stdout, whole.stdout);
    let (most, mut chance) = (saved(&measure), Chance(0x5eed));
    let mut killed = 0;
    for cycle in 0..cycles {
        let dir = folder.join(format!("cycle-{cycle}"));
        let saving = ["--every", "0", "--resume", dir.to_str().unwrap()];
        // Each life is killed when it has saved some more, or at once.
        let mut bytes = chance.below(most);
        let mut ended = false;
        for _ in 0..1 + chance.below(3) {
            let workers = ["1", "2"][usize::from(chance.below(2) == 1)];
            let life = [&check[..], &saving, &["--workers", workers]].concat();
            ended = ended || kill(&life, &dir, bytes);
            killed += u64::from(!ended);
            bytes += chance.below(most - bytes.min(most - 1));
        }
        let ran = with(&check, &saving);
        assert_eq!((ran.stdout, ran.code), (whole.stdout.clone(), whole.code), "{cycle}");
        fs::remove_dir_all(&dir).unwrap();
    }
    assert!(killed >= cycles / 2, "only {killed} were killed");
}

/// A directory with a checkpoint of `office`, which a limit ended.
fn unfinished(folder: &Path) -> PathBuf {
    let dir = folder.join("saved");
    let args = ["check", "office", "--max-states", "500", "--workers", "1"];
    let ran = with(&args, &["--checkpoint", dir.to_str().unwrap()]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    dir
}

fn is_refused(ran: &Ran, says: &[&str]) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.stderr.starts_with("error: checkpoint: "), "{ran:?}");
    for says in says {
        assert!(ran.stderr.contains(says), "{says}: {ran:?}");
    }
}

#[test]
fn search_that_a_limit_ended_is_resumed_with_a_higher_one() {
    let dir = unfinished(&workplace("saved-limit"));
    let dir = dir.to_str().unwrap();
    let whole = run(&["check", "office"]);
    for _ in 0..2 {
        let resumed = run(&["check", "office", "--resume", dir]);
        assert_eq!((resumed.stdout, resumed.stderr.as_str()), (whole.stdout.clone(), ""));
    }
    let ran = run(&["check", "office", "--checkpoint", dir]);
    is_refused(&ran, &["holds a checkpoint: resume it or name another directory"]);
}

#[test]
fn foreign_checkpoint_is_refused_with_what_differs() {
    let dir = unfinished(&workplace("saved-foreign"));
    let dir = dir.to_str().unwrap();
    let others: [(&[&str], &str); 3] = [
        (&["check", "lost-store"], "there `name = \"office\"`"),
        (&["check", "office", "--property", "INV-1"], "properties"),
        (&["check", "office", "--set", "ALL_DISABLED=fail"], "ALL_DISABLED"),
    ];
    for (args, differs) in others {
        let ran = with(args, &["--resume", dir]);
        is_refused(&ran, &["another search", differs, "resume it as it began"]);
    }
}

#[test]
fn torn_checkpoint_is_refused() {
    let folder = workplace("saved-torn");
    let dir = unfinished(&folder);
    for file in ["manifest-0", "states-0-0"] {
        let path = dir.join(file);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for torn in [&whole[..whole.len() / 2], &flipped, &[]] {
            fs::write(&path, torn).unwrap();
            let ran = run(&["check", "office", "--resume", dir.to_str().unwrap()]);
            is_refused(&ran, &[file, "is damaged", "begin again in another directory"]);
        }
        fs::write(&path, whole).unwrap();
    }
}

/// Damages a file in a way drawn at random; removes it where nothing is returned.
fn damaged(mut bytes: Vec<u8>, chance: &mut Chance) -> Option<Vec<u8>> {
    let length = bytes.len() as u64;
    let mut place = || usize::try_from(chance.below(length.max(1))).unwrap();
    let (at, until, kind) = (place(), place(), place() % 6);
    let range = at.min(until)..at.max(until);
    match kind {
        _ if bytes.is_empty() => bytes.push(0),
        0 => bytes[at] ^= 1 << (until % 8),
        1 => bytes.truncate(at),
        2 => bytes[range].fill(0),
        3 => bytes.splice(at..at, vec![0xa5; 1 + until % 100]).for_each(drop),
        4 => bytes.extend_from_within(range),
        _ => return None,
    }
    Some(bytes)
}

#[test]
fn damaged_checkpoint_is_refused_or_changes_nothing() {
    let folder = workplace("saved-damaged");
    let (kept, whole) = (unfinished(&folder), run(&["check", "office"]));
    let names = || fs::read_dir(&kept).unwrap().map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names().collect();
    names.sort();
    let rounds = std::env::var("MAPI_LOGON_DAMAGES").map_or(12, |rounds| rounds.parse().unwrap());
    let (mut chance, mut refused) = (Chance(0xbad), 0);
    for round in 0..rounds {
        let dir = folder.join("damaged");
        fs::create_dir(&dir).unwrap();
        for name in &names {
            fs::copy(kept.join(name), dir.join(name)).unwrap();
        }
        let victim = dir.join(&names[usize::try_from(chance.below(names.len() as u64)).unwrap()]);
        match damaged(fs::read(&victim).unwrap(), &mut chance) {
            Some(bytes) => fs::write(&victim, bytes).unwrap(),
            None => fs::remove_file(&victim).unwrap(),
        }
        let ran = run(&["check", "office", "--resume", dir.to_str().unwrap()]);
        if ran.code == Some(2) {
            is_refused(&ran, &[]);
            refused += 1;
        } else {
            let same = (ran.code, &ran.stdout) == (whole.code, &whole.stdout);
            assert!(same, "{round}, {}: {ran:?}", victim.display());
        }
        fs::remove_dir_all(&dir).unwrap();
    }
    println!("{rounds} damaged files, {refused} refused");
    assert!(refused > rounds / 4, "only {refused} of {rounds} were refused");
}

#[test]
fn directory_without_a_checkpoint_is_noted_and_begun_in() {
    let dir = workplace("saved-empty").join("new");
    let ran = run(&["check", "office", "--resume", dir.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout), (Some(0), run(&["check", "office"]).stdout));
    assert!(
        ran.stderr.contains("holds no checkpoint; the search starts from the beginning"),
        "{}",
        ran.stderr
    );
    let file = dir.parent().unwrap().join("file");
    fs::write(&file, "").unwrap();
    is_refused(&run(&["check", "--checkpoint", file.to_str().unwrap()]), &["file"]);
    let ran = run(&["check", "office", "--every", "5"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--checkpoint"), "{}", ran.stderr);
}

#[test]
fn directory_in_use_is_refused() {
    let dir = workplace("saved-used").join("saved");
    let args = ["check", "retry-storm", "--every", "0", "--resume", dir.to_str().unwrap()];
    let mut first =
        command().args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !dir.join("manifest-0").exists() {
        std::thread::yield_now();
    }
    is_refused(&run(&args), &["is in use by another search"]);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn checkpoint_of_another_build_is_refused() {
    let folder = workplace("saved-build");
    let (saved, other) = (folder.join("saved"), folder.join("mapi-logon"));
    let saved = saved.to_str().unwrap();
    let ran = run(&["check", "office", "--max-states", "100", "--checkpoint", saved]);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    // The same program, but for a byte after its end.
    let mut bytes = fs::read(env!("CARGO_BIN_EXE_mapi-logon")).unwrap();
    bytes.push(0);
    fs::write(&other, bytes).unwrap();
    fs::set_permissions(&other, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let resume = ["check", "office", "--resume", saved];
    let output = std::process::Command::new(&other).args(resume).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("`program: "), "{told}");
    assert_eq!(run(&resume).code, Some(0));
}

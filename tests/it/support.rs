//! Shared by several topics: running the command, and finding the repository's files.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::scenario::file::ScenarioFile;

/// Set to renew transcripts instead of comparing them.
pub(crate) const BLESS: &str = "MAPI_LOGON_BLESS";

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a run of the command wrote and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) code: Option<i32>,
}

/// Runs the command in the root of the repository, as in a pipe without a terminal.
pub(crate) fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Ran {
    Ran::from(command().args(args).output().unwrap())
}

/// The command, to be given arguments.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mapi-logon"));
    command
        .current_dir(root())
        .stdin(Stdio::null())
        .env_remove("RUST_BACKTRACE")
        .env_remove("COLUMNS");
    command
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

/// Every file below a folder of the repository whose name ends so, in order of names.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// A path as it is called in the repository.
pub(crate) fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// A folder for the files of one test, empty at its beginning.
pub(crate) fn workplace(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Compares a file with what it should say, or renews it.
pub(crate) fn agrees(path: &Path, now: &str) {
    let kept = fs::read_to_string(path).unwrap_or_default();
    if kept == now {
        return;
    }
    if std::env::var_os(BLESS).is_some() {
        fs::write(path, now).unwrap();
        return;
    }
    let difference = kept.lines().zip(now.lines()).position(|(kept, now)| kept != now);
    let line = difference.unwrap_or_else(|| kept.lines().count().min(now.lines().count()));
    panic!(
        "{}:{} is not what the command writes now; {BLESS}=1 renews it\n  kept: {:?}\n  now:  {:?}",
        short(path),
        line + 1,
        kept.lines().nth(line).unwrap_or_default(),
        now.lines().nth(line).unwrap_or_default(),
    );
}

/// The model of a scenario file.
pub(crate) fn model(file: &ScenarioFile) -> Model {
    let text = file.to_toml();
    Model::new(Scenario::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}")))
}

/// Says aloud that something was not tested because a tool is missing: in the file that
/// `MAPI_LOGON_SKIPS` names. A failure if `MAPI_LOGON_REQUIRE` names the tool.
pub(crate) fn skip(tool: &str, what: &str) {
    let required = std::env::var("MAPI_LOGON_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|one| one == tool), "{tool} is not installed");
    let said = format!("SKIPPED: {what}: {tool} is not installed\n");
    eprint!("{said}");
    if let Some(path) = std::env::var_os("MAPI_LOGON_SKIPS") {
        let mut file = fs::File::options().append(true).create(true).open(path).unwrap();
        std::io::Write::write_all(&mut file, said.as_bytes()).unwrap();
    }
}

//! Shared by several topics: files of the repository, scenarios, and files that are kept.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};

use mapi_logon_model::scenario::{Client, Scenario};
use mapi_logon_traces::import::mapi4linux::{Dropped, Importer, Imports, Part};
use mapi_logon_traces::lines::FileError;
use mapi_logon_traces::recording::{EventLine, Recording};

/// Set to renew kept files instead of comparing them.
pub(crate) const BLESS: &str = "MAPI_LOGON_BLESS";

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The built-in scenarios, by name.
pub(crate) fn built_in() -> Vec<(String, Scenario)> {
    let mut found = Vec::new();
    for path in files(&root().join("scenarios"), "toml") {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        // Of those whose clients choose their parameters no suite is complete.
        let scenario = Scenario::parse(&text).unwrap();
        if !scenario.clients.iter().any(Client::is_any_caller) {
            found.push((name, scenario));
        }
    }
    assert!(!found.is_empty());
    found
}

/// The files of a folder with this ending, by name.
pub(crate) fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|one| one == ending))
        .collect();
    found.sort();
    found
}

/// Compares the files of a folder with what they should be, or renews them.
pub(crate) fn keeps(folder: &Path, ending: &str, now: &[(String, String)]) {
    if std::env::var_os(BLESS).is_some() {
        fs::create_dir_all(folder).unwrap();
        for path in files(folder, ending) {
            fs::remove_file(path).unwrap();
        }
        for (name, text) in now {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let kept: Vec<String> = files(folder, ending)
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    let mut names: Vec<String> = now.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    assert_eq!(kept, names, "{BLESS}=1 renews {}", folder.display());
    for (name, text) in now {
        let old = fs::read_to_string(folder.join(name)).unwrap();
        assert!(old == *text, "{name} is not what is made now; {BLESS}=1 renews it");
    }
}

/// A recording of these events.
pub(crate) fn recording(events: &[EventLine]) -> Recording {
    let mut recording = Recording::default();
    for event in events {
        recording.push(event.clone()).unwrap();
    }
    recording
}

/// A recording as a file has it.
pub(crate) fn read(text: &str) -> Recording {
    Recording::read(text.as_bytes()).unwrap()
}

/// What the import made of a file: scenarios, those left out with the reason, and what was dropped.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub(crate) scenarios: Vec<Imports>,
    pub(crate) left_out: Vec<(String, String)>,
    pub(crate) dropped: Dropped,
}

/// Reads a recording and makes one of each scenario in it.
pub(crate) fn import(source: impl BufRead) -> Result<Imported, FileError> {
    let mut importer = Importer::new(source);
    let mut imported = Imported::default();
    while let Some(part) = importer.next_part()? {
        match part {
            Part::Imported(imports) => imported.scenarios.push(*imports),
            Part::LeftOut(title, reason) => imported.left_out.push((title, reason)),
        }
    }
    imported.dropped = importer.dropped().clone();
    Ok(imported)
}

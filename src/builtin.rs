//! Scenarios by name: a file, or one of those embedded in the command.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::{MAX_BYTES, Scenario};
use mapi_logon_model::suggest;

use crate::arguments::{Subject, quoted};
use crate::kind::{Kind, other_kind};
use crate::output;
use crate::path::real;
use crate::size::resized;

macro_rules! scenarios {
    ($($name:literal)*) => {
        /// The built-in scenarios, name and text, in the order in which they are best read.
        pub const SCENARIOS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),*];
    };
}

scenarios! {
    "office"
    "home-and-work"
    "service-account"
    "shared-session"
    "session-limit"
    "retry-storm"
    "wait-behind-dialog"
    "wrong-name-join"
    "new-machine"
    "missing-configuration"
    "cancelled-prompt"
    "four-faults"
    "no-default"
    "profile-password"
    "two-users"
    "refused-calls"
    "critical-store"
    "lost-store"
    "late-start"
    "deferred-password"
    "transport-down"
    "shared-logoff"
    "delete-in-use"
    "removed-service"
    "untidy-clients"
    "joined-twice"
    "warning-store"
    "service-with-dialogs"
    "two-libraries"
    "two-shared"
    "monday-morning"
    "anyone"
    "wrong-password"
    "failing-configuration"
    "corrected-by-user"
    "foreign-store"
}

/// A scenario, ready to be worked on.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its name in results: that of the built-in, else its title, else the stem of its file.
    pub name: String,
    /// The scenario, policies and size as the command line has them.
    pub scenario: Scenario,
    /// What may be a mistake in it, each with its file.
    pub warnings: Vec<String>,
    /// The text it was read from, for places in it.
    pub text: String,
}

/// The names of the built-in scenarios.
pub fn names() -> impl Iterator<Item = &'static str> {
    SCENARIOS.iter().map(|(name, _)| *name)
}

/// The text of a built-in scenario.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

/// As [`read_scenario`]; warnings go to standard error.
///
/// # Errors
/// As [`read_scenario`].
pub fn load(subject: &Subject) -> Result<Loaded> {
    let loaded = read_scenario(subject)?;
    loaded.warn();
    Ok(loaded)
}

/// Finds, reads and checks a scenario.
///
/// # Errors
/// When there is no such scenario, it cannot be read, or it is not well formed: one message with
/// the file, line and column. Under `--strict` also for a warning.
pub fn read_scenario(subject: &Subject) -> Result<Loaded> {
    let written = subject.scenario.as_str();
    let (name, bytes) = match text(written) {
        Some(text) => (Some(written.to_owned()), text.as_bytes().to_vec()),
        None => (None, read(written)?),
    };
    let mut scenario = Scenario::parse_bytes(&bytes).map_err(|error| {
        anyhow::anyhow!("{written}:{error}{}", other_kind(written, Kind::Scenario))
    })?;
    if let Some(preset) = &subject.policy {
        scenario.policy = Policy::preset(preset)?;
    }
    for (at, setting) in subject.settings.iter().enumerate() {
        if subject.settings[..at].iter().any(|one| one.policy == setting.policy) {
            bail!("--set {} is given twice", setting.policy);
        }
        scenario.policy.set(&setting.policy, &setting.value)?;
    }
    let clients = subject.clients.map(usize::from);
    let scenario =
        resized(scenario, clients, subject.budget).with_context(|| written.to_owned())?;
    let warnings: Vec<String> =
        scenario.warnings().iter().map(|warning| format!("{written}: {warning}")).collect();
    if let (true, Some(warning)) = (subject.strict, warnings.first()) {
        bail!("{warning}");
    }
    let name = name.or_else(|| scenario.name.clone()).unwrap_or_else(|| stem(written));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Ok(Loaded { name, scenario, warnings, text })
}

impl Loaded {
    /// Writes the warnings to standard error.
    pub fn warn(&self) {
        for warning in &self.warnings {
            output::complain(&format!("warning: {warning}"));
        }
    }
}

/// As [`load`], for commands that look at runs: some client must make a call.
///
/// # Errors
/// As [`load`], and when no client makes a call.
pub fn load_active(subject: &Subject) -> Result<Loaded> {
    let loaded = read_active(subject)?;
    loaded.warn();
    Ok(loaded)
}

/// As [`load_active`], for a command that shows warnings with its result.
///
/// # Errors
/// As [`load_active`].
pub fn read_active(subject: &Subject) -> Result<Loaded> {
    let loaded = read_scenario(subject)?;
    if loaded.scenario.clients.iter().all(|client| client.calls.is_empty()) {
        bail!(
            "{}: no client makes a call: `calls` is empty; leave the key out for one MAPILogonEx",
            subject.scenario
        );
    }
    Ok(loaded)
}

/// Writes to standard error the advice that the clients of a scenario file do not follow, as far
/// as `heard` selects it. Built-in scenarios show bad manners on purpose.
pub fn advise(subject: &Subject, scenario: &Scenario, heard: fn(&str) -> bool) {
    let written = subject.scenario.as_str();
    if text(written).is_some() {
        return;
    }
    for (id, advice) in scenario.advice().iter().filter(|(id, _)| heard(id)) {
        output::note(&format!("advice: {written}: {advice} ({id})"));
    }
}

/// Reads at most one byte more than a scenario may have, so that endless files end.
fn read(path: &str) -> Result<Vec<u8>> {
    let most = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let result = match path {
        "-" => io::stdin().take(most).read_to_end(&mut bytes),
        _ => File::open(real(path)).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    match result {
        Ok(_) => Ok(bytes),
        Err(_) if !real(path).exists() => bail!("{}:1:1: {}", quoted(path), unknown(path)),
        Err(_) if real(path).is_dir() => {
            bail!("{path}:1:1: this is a directory; a scenario is a TOML file")
        }
        Err(error) => Err(error).with_context(|| format!("{path}:1:1: cannot be read")),
    }
}

fn unknown(path: &str) -> String {
    let hint = suggest::hint(path, names());
    format!("neither a file nor a built-in scenario{hint}; `mapi-logon list scenarios` has all")
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem();
    stem.map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// The first built-in scenario that expects a witness; `check` on it fails if no run shows it.
#[must_use]
pub fn that_shows(witness: &str) -> Option<&'static str> {
    let expects = |text: &str| {
        Scenario::parse(text).is_ok_and(|scenario| scenario.expect.iter().any(|id| id == witness))
    };
    SCENARIOS.iter().find(|(_, text)| expects(text)).map(|(name, _)| *name)
}

//! Arguments that several commands share, and the command line that repeats a result.

use std::fmt::{self, Display, Formatter};

use anyhow::Result;
use clap::{ValueEnum, value_parser};
use mapi_logon_model::ids::{BUDGET, CLIENTS};
use mapi_logon_model::policy::{Policy, SWITCHES};

use crate::builtin;
use crate::output;
use crate::path;
use crate::render::text::Paint;

/// A scenario, and the reading of the documentation.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Subject {
    /// A scenario file, or the name of a built-in scenario
    #[arg(default_value = "office", value_parser = path::parser())]
    pub scenario: String,
    /// Use the readings of a known implementation (see `list presets`); overrides the scenario
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    pub policy: Option<String>,
    /// Set the reading of an ambiguity (see `list policies`); may be repeated
    #[arg(long = "set", value_name = "POLICY=VALUE", value_parser = setting)]
    pub settings: Vec<Setting>,
    /// Take N clients: the first of the scenario, or all of them and copies of them in turn
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(1..=CLIENTS as i64))]
    pub clients: Option<u8>,
    /// Allow N faults to strike
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(0..=BUDGET as i64))]
    pub budget: Option<u8>,
    /// Treat warnings about the scenario as errors, and properties given up as violated
    #[arg(long)]
    pub strict: bool,
}

/// A policy and the value it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The switch.
    pub policy: String,
    /// Its value.
    pub value: String,
}

impl Display for Setting {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.policy, self.value)
    }
}

impl Subject {
    /// The file and line to which a report on the scenario points, if it is a file.
    #[must_use]
    pub fn place(&self) -> Option<(String, u64)> {
        builtin::text(&self.scenario).is_none().then(|| (self.scenario.clone(), 1))
    }

    /// Adds the arguments that select the same scenario and readings.
    #[must_use]
    pub fn repeat(&self, line: CommandLine) -> CommandLine {
        line.word(&self.scenario)
            .option("--policy", &self.policy)
            .option("--set", &self.settings)
            .option("--clients", self.clients)
            .option("--budget", self.budget)
            .flag("--strict", self.strict)
    }
}

/// A command line that can be typed again.
#[derive(Clone, Debug)]
pub struct CommandLine(String);

impl CommandLine {
    /// The command of this name, without arguments.
    #[must_use]
    pub fn new(command: &str) -> Self {
        Self(format!("mapi-logon {command}"))
    }

    /// Adds a word.
    #[must_use]
    pub fn word(mut self, word: &str) -> Self {
        self.0 += &format!(" {}", quoted(word));
        self
    }

    /// Adds a flag, if it is given.
    #[must_use]
    pub fn flag(self, flag: &str, given: bool) -> Self {
        if given { self.word(flag) } else { self }
    }

    /// Adds an option once for each value.
    #[must_use]
    pub fn option<T: Display>(self, option: &str, values: impl IntoIterator<Item = T>) -> Self {
        let values = values.into_iter();
        values.fold(self, |line, value| line.word(option).word(&value.to_string()))
    }
}

impl Display for CommandLine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A word, quoted for a shell if need be.
pub(crate) fn quoted(word: &str) -> String {
    if word.chars().any(|letter| path::byte(letter).is_some()) {
        return path::quoted(word);
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=+,@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// The format of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// Text for people
    #[default]
    Human,
    /// JSON for programs
    Json,
}

impl OutputFormat {
    /// Writes a result in this format to standard output.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn show(
        self,
        text: impl FnOnce(Paint) -> String,
        json: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        match self {
            Self::Human => output::print(&text(Paint::for_output())),
            Self::Json => output::print_json(&json()?),
        }
    }
}

/// Reads the name of a preset.
pub(crate) fn preset(name: &str) -> Result<String, String> {
    Policy::preset(name).map_err(|error| error.to_string())?;
    Ok(name.to_owned())
}

/// Reads `POLICY=VALUE`.
pub(crate) fn setting(text: &str) -> Result<Setting, String> {
    let Some((policy, value)) = text.split_once('=') else {
        return Err("expected POLICY=VALUE; `mapi-logon list policies` shows both".to_owned());
    };
    if value.contains('=') {
        return Err("expected one POLICY=VALUE; repeat --set for another".to_owned());
    }
    let policy = switch(policy);
    Policy::default().set(policy, value).map_err(|error| error.to_string())?;
    Ok(Setting { policy: policy.to_owned(), value: value.to_owned() })
}

/// The name of a switch, however it is capitalised.
pub(crate) fn switch(name: &str) -> &str {
    let mut switches = SWITCHES.iter().map(|switch| switch.name);
    switches.find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
}

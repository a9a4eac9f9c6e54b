//! What can be asked for on the command line? The commands, and what several of them share.

use clap::{Parser, Subcommand, ValueEnum};
use mapi_logon_model::policy::Policy;

use crate::command::{
    bench, check, diagram, explain, export, generate, import, list, outcomes, replay, simulate,
    sweep, validate,
};

/// MAPI session logon as a state machine that is checked exhaustively.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Visit every state of a scenario and say which properties hold
    Check(check::Args),
    /// Check every combination of readings, numbers of clients and of faults
    Sweep(sweep::Args),
    /// Show what the runs of a scenario can look like from outside
    Outcomes(outcomes::Args),
    /// Make random runs of a scenario, or run its load in virtual time, from a seed
    Simulate(simulate::Args),
    /// Measure how fast runs are made and states explored here
    Bench(bench::Args),
    /// Step the machine along written runs and say where it cannot follow
    Replay(replay::Args),
    /// Look for a run that shows exactly what a recording of a real system shows
    Validate(validate::Args),
    /// Make recordings of other logs
    Import(import::Args),
    /// Make regression traces that together show all that a scenario can do
    Generate(generate::Args),
    /// Write traces and state graphs for other tools
    Export(export::Args),
    /// Explain an id: clause, transition, property, policy, flag, result code
    Explain(explain::Args),
    /// List properties, policies, flags, result codes or built-in scenarios
    List(list::Args),
    /// Draw the machine as the code has it, and the flowchart of session logon
    Diagram(diagram::Args),
}

/// Which scenario, under which reading of the documentation.
#[derive(Clone, Debug, clap::Args)]
pub struct Subject {
    /// A scenario file, or the name of a built-in scenario
    #[arg(default_value = "office")]
    pub scenario: String,
    /// Reads the documentation as a known system does, whatever the scenario says
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    pub policy: Option<String>,
    /// Reads an ambiguity differently; may be repeated
    #[arg(long = "set", value_name = "POLICY=VALUE", value_parser = setting)]
    pub settings: Vec<Setting>,
}

/// A policy and the value it is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The switch.
    pub policy: String,
    /// Its value.
    pub value: String,
}

impl Subject {
    /// As it has to be written again.
    #[must_use]
    pub fn repeat(&self) -> String {
        let mut text = quoted(&self.scenario);
        if let Some(preset) = &self.policy {
            text += &format!(" --policy {preset}");
        }
        for Setting { policy, value } in &self.settings {
            text += &format!(" --set {policy}={value}");
        }
        text
    }
}

/// A word as a shell has to be given it.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=+,@".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Human,
    /// For programs
    Json,
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
    Policy::default().set(policy, value).map_err(|error| error.to_string())?;
    Ok(Setting { policy: policy.to_owned(), value: value.to_owned() })
}

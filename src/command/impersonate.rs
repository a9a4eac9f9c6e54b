//! `mapi-logon impersonate`: the model as a system under test, on the adapter's side of the
//! protocol of `drive`.

use std::io::{self, BufRead, Write};

use anyhow::{Result, anyhow, bail};
use mapi_logon_drive::impersonate::Impersonator;
use mapi_logon_drive::protocol::FromTool;
use mapi_logon_drive::world::opened;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::suggest::unknown;

use crate::arguments::{Setting, preset, setting};
use crate::exit::Exit;

/// Arguments of `impersonate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Speak the adapter's side of the protocol over standard input and output
    #[arg(long, required = true)]
    stdio: bool,
    /// Use the readings of a known implementation (see `list presets`)
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    policy: Option<String>,
    /// Set the reading of an ambiguity (see `list policies`); may be repeated
    #[arg(long = "set", value_name = "POLICY=VALUE", value_parser = setting)]
    settings: Vec<Setting>,
    /// Play a wrong machine (see `list mutants`)
    #[arg(long, value_name = "NAME", value_parser = mutant)]
    mutant: Option<Mutant>,
    /// Draw the choices that the model leaves open from this seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    let names = Mutant::ALL.iter().map(|one| one.name());
    Mutant::named(name).ok_or_else(|| unknown("mutant", name, names))
}

/// Plays the system until the tool says goodbye.
///
/// # Errors
/// When a line is no message, or cannot be answered.
pub fn run(args: &Args) -> Result<Exit> {
    let mut policy = Policy::default();
    if let Some(preset) = &args.policy {
        policy = Policy::preset(preset)?;
    }
    for setting in &args.settings {
        policy.set(&setting.policy, &setting.value)?;
    }
    let mutant = args.mutant;
    let build = move |world: Scenario| -> Model {
        let model = opened(Scenario { policy, ..world });
        match mutant {
            Some(mutant) => model.mutated(mutant),
            None => model,
        }
    };
    let mut adapter = Impersonator::new(&build, args.seed);
    let (input, mut output) = (io::stdin().lock(), io::stdout().lock());
    let mut answer = Vec::new();
    for (number, line) in (1..).zip(input.lines()) {
        let read = serde_json::from_str::<FromTool>(&line?);
        let message = read.map_err(|error| anyhow!("<stdin>:{number}: no message: {error}"))?;
        answer.clear();
        for said in adapter.hear(message) {
            serde_json::to_writer(&mut answer, &said)?;
            answer.push(b'\n');
        }
        if output.write_all(&answer).and_then(|()| output.flush()).is_err() {
            bail!("the tool has closed the adapter's output");
        }
        if adapter.has_ended() {
            break;
        }
    }
    Ok(Exit::Good)
}

//! `mapi-logon impersonate`: the model as the MAPI subsystem of a real client, or as a system under
//! test on the adapter's side of the protocol of `drive`.

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

use crate::arguments::Subject;
use crate::exit::Exit;

mod client;

/// Arguments of `impersonate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    client: client::ClientArgs,
    /// Draw the answers, or with --stdio the choices that the model leaves open, from this seed
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Speak the adapter's side of the protocol of `drive` over standard input and output
    #[arg(long, conflicts_with_all = ["every", "answers", "client"])]
    stdio: bool,
    /// Play a wrong machine (see `list mutants`)
    #[arg(long, value_name = "NAME", value_parser = mutant, requires = "stdio")]
    mutant: Option<Mutant>,
}

fn mutant(name: &str) -> Result<Mutant, String> {
    let names = Mutant::ALL.iter().map(|one| one.name());
    Mutant::named(name).ok_or_else(|| unknown("mutant", name, names))
}

/// Plays the MAPI subsystem.
///
/// # Errors
/// When the scenario, the client, a line or a file is not usable.
pub fn run(args: &Args) -> Result<Exit> {
    if args.stdio { converse(args) } else { client::run(&args.subject, &args.client, args.seed) }
}

/// Plays a system under test until the tool says goodbye.
fn converse(args: &Args) -> Result<Exit> {
    let mut policy = Policy::default();
    if let Some(preset) = &args.subject.policy {
        policy = Policy::preset(preset)?;
    }
    for setting in &args.subject.settings {
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
    let mut adapter = Impersonator::new(&build, args.seed.unwrap_or(1));
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

//! How fast are the states of two-phase commit visited?
//!
//! Prints one line of JSON; of several processes the first does.

mod model;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use mapi_logon_checker::{Checkpoints, Cluster, Options, Storage, check};
use model::TwoPhaseCommit;

const USAGE: &str = "usage: two_phase_commit MANAGERS [--workers N] [--compact] \
    [--hosts FILE --process K] [--checkpoint DIR | --resume DIR]";

fn main() -> ExitCode {
    match run() {
        Ok(line) => {
            line.iter().for_each(|line| println!("{line}"));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<Option<String>, String> {
    let mut managers = None;
    let mut options = Options::default();
    let (mut hosts, mut process) = (None, 0);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--workers" => options.workers = Some(number::<NonZeroUsize>(&value()?)?),
            "--hosts" => hosts = Some(value()?),
            "--process" => process = number(&value()?)?,
            "--checkpoint" => checkpoint(&mut options, value()?, false),
            "--resume" => checkpoint(&mut options, value()?, true),
            "--compact" => options.storage = Storage::Compact,
            _ => managers = Some(number::<u32>(&argument)?),
        }
    }
    let managers = managers.ok_or(USAGE)?;
    if let Some(file) = hosts {
        let hosts = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let cluster = Cluster::from_hosts(&hosts, process).map_err(|error| error.to_string())?;
        options.cluster = Some(cluster);
    }
    let model = TwoPhaseCommit::new(managers);
    let report = check(&model, &options).map_err(|error| error.to_string())?;
    let line = format!(
        "{{\"managers\":{managers},\"workers\":{},\"states\":{},\"transitions\":{},\"depth\":{},\
         \"seconds\":{:.3},\"bytes_per_state\":{:.1}}}",
        report.cost.workers,
        report.states,
        report.transitions,
        report.depth,
        report.cost.seconds,
        report.cost.bytes as f64 / report.states as f64,
    );
    Ok((process == 0).then_some(line))
}

fn checkpoint(options: &mut Options<'_>, dir: String, resume: bool) {
    let every = Duration::from_millis(100);
    options.checkpoints = Some(Checkpoints {
        dir: dir.into(),
        every,
        resume,
    });
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|_| format!("not a number that makes sense here: {text}"))
}

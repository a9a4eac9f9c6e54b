//! The states of two-phase commit, visited as fast as possible.
//!
//! Prints one line of JSON; of several processes the first does.

mod model;
mod plain;
mod rival;

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use mapi_logon_checker::{Checkpoints, Cluster, Options, Report, check};
use model::TwoPhaseCommit;
use plain::Plain;
use rival::{Order, Packed, explore};

const USAGE: &str = "usage: two_phase_commit MANAGERS [--workers N] \
    [--hosts FILE --process K] [--checkpoint DIR | --resume DIR] [--rival [packed-]breadth|depth]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut managers = None;
    let mut options = Options::default();
    let (mut hosts, mut process, mut rival) = (None, 0, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--workers" => options.workers = Some(number::<NonZeroUsize>(&value()?)?),
            "--hosts" => hosts = Some(value()?),
            "--process" => process = number(&value()?)?,
            "--checkpoint" => checkpoint(&mut options, value()?, false),
            "--resume" => checkpoint(&mut options, value()?, true),
            "--rival" => rival = Some(order(&value()?)?),
            _ => managers = Some(number::<u32>(&argument)?),
        }
    }
    let managers = managers.filter(|managers| (1..=14).contains(managers)).ok_or(USAGE)?;
    let model = TwoPhaseCommit::new(managers);
    if let Some(order) = rival {
        println!("{}", compete(model, managers, order, options.workers));
        return Ok(());
    }
    if let Some(file) = hosts {
        let hosts = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
        let cluster = Cluster::from_hosts(&hosts, process).map_err(|error| error.to_string())?;
        options.cluster = Some(cluster);
    }
    let report = check(&model, &options).map_err(|error| error.to_string())?;
    if process == 0 {
        println!("{}", told(managers, &report));
    }
    options.cluster.map_or(Ok(()), |cluster| cluster.part()).map_err(|error| error.to_string())
}

/// A report as a line.
fn told(managers: u32, report: &Report) -> String {
    format!(
        "{{\"managers\":{managers},\"workers\":{},\"states\":{},\"transitions\":{},\"depth\":{},\
         \"seconds\":{:.3},\"bytes_per_state\":{:.1}}}",
        report.cost.workers,
        report.states,
        report.transitions,
        report.depth,
        report.cost.seconds,
        report.cost.bytes as f64 / report.states as f64,
    )
}

/// Has stateright visit the states, and says how long that took.
#[expect(clippy::disallowed_types, reason = "it is measured")]
fn compete(
    model: TwoPhaseCommit,
    managers: u32,
    (packed, order): (bool, Order),
    workers: Option<NonZeroUsize>,
) -> String {
    let workers = workers.map_or(1, NonZeroUsize::get);
    let start = std::time::Instant::now();
    let counts = if packed {
        explore(Packed(model), order, workers)
    } else {
        explore(Plain(managers as usize), order, workers)
    };
    format!(
        "{{\"managers\":{managers},\"workers\":{workers},\"states\":{},\"transitions\":{},\
         \"depth\":{},\"seconds\":{:.3},\"bytes_per_state\":{}}}",
        counts.states,
        counts.transitions,
        counts.depth,
        start.elapsed().as_secs_f64(),
        peak().map_or_else(
            || "null".to_owned(),
            |bytes| format!("{:.1}", bytes as f64 / counts.states as f64)
        ),
    )
}

/// The most bytes that this process has taken, where the system knows.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = kilobytes.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn checkpoint(options: &mut Options<'_>, dir: String, resume: bool) {
    let every = Duration::from_millis(100);
    options.checkpoints = Some(Checkpoints { dir: dir.into(), every, resume });
}

fn order(text: &str) -> Result<(bool, Order), String> {
    match text {
        "breadth" => Ok((false, Order::Breadth)),
        "depth" => Ok((false, Order::Depth)),
        "packed-breadth" => Ok((true, Order::Breadth)),
        "packed-depth" => Ok((true, Order::Depth)),
        _ => Err(format!("no order of visiting: {text}")),
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("not a number in range: {text}"))
}

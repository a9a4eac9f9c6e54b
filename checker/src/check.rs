//! The entry point: validation of the options, and the start of the workers.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::{AllocatorBuilder, Hooks};

use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::cluster::Cluster;
use crate::exchange::company::Company;
use crate::exchange::dataflow::Dataflow;
use crate::exchange::failure::FailureFlag;
use crate::exchange::heartbeat::Peer;
use crate::exchange::rendezvous::{Connections, meet};
use crate::exchange::stream::DataStream;
use crate::marks::MAX_PROPERTIES;
use crate::options::{Limits, MAX_WORKERS, Options};
use crate::report::Report;
use crate::search::conclude::conclude;
use crate::search::control::Control;
use crate::search::worker::{Worker, subject};
use crate::sweep::{Swept, sweep};
use crate::system::TransitionSystem;

/// Visits every state of a transition system and decides its properties.
///
/// # Errors
/// When the system has states without words or too many properties, when there are too many
/// workers, when another process of the cluster is lost, or when a checkpoint cannot be written or
/// trusted.
pub fn check<S: TransitionSystem>(system: &S, options: &Options<'_>) -> Result<Report, Error> {
    if system.words() == 0 {
        return Err(Error::Model("its states have no words".into()));
    }
    if system.properties().len() > MAX_PROPERTIES {
        return Err(Error::Model(format!("it has more than {MAX_PROPERTIES} properties")));
    }
    let workers = options.workers.or_else(|| std::thread::available_parallelism().ok());
    let workers = workers.map_or(1, NonZeroUsize::get);
    if workers > MAX_WORKERS {
        return Err(Error::Model(format!("there are more than {MAX_WORKERS} workers")));
    }
    if options.sweep_line {
        return sweep_or_search(system, options, workers);
    }
    if let Some(cluster) = options.cluster.as_ref()
        && cluster.hosts.len() > 1
    {
        return in_cluster(system, options, cluster, workers);
    }
    let control = Control::new(options, workers);
    let builders = ProcessBuilder::new_typed_vector(workers, Hooks::default().refill, None);
    let builders = builders.into_iter().map(AllocatorBuilder::Process);
    let failure = Arc::default();
    run(system, options, &control, builders.collect(), &failure)
}

/// Sweeps, and searches if the system does not ascend.
fn sweep_or_search<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    workers: usize,
) -> Result<Report, Error> {
    let clock = Clock::start();
    let sweep_line = match sweep(system, options, workers)? {
        Swept::Report(report) => return Ok(*report),
        Swept::Fallback(reason) => Some(reason),
    };
    let time = options.limits.time.map(|time| time.saturating_sub(clock.elapsed()));
    let limits = Limits { time, ..options.limits };
    let options = Options { sweep_line: false, limits, ..options.clone() };
    Ok(Report { sweep_line, ..check(system, &options)? })
}

/// Connects the processes, and runs the workers of this one.
fn in_cluster<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    cluster: &Cluster,
    workers: usize,
) -> Result<Report, Error> {
    let failure = Arc::default();
    let connections = meet(cluster, &common(system, options, workers), options)?;
    let (company, streams) = accompany(cluster, connections, &failure)?;
    let control = Control::new(options, workers);
    let hooks = Hooks::default();
    let inner = ProcessBuilder::new_typed_vector(workers, hooks.refill.clone(), None);
    let (builders, guard) =
        initialize_networking_from_sockets(inner, streams, cluster.process, workers, hooks)
            .map_err(|error| Error::Cluster(error.to_string()))?;
    // Dropping it waits for threads that never end if a process is lost.
    std::mem::forget(guard);
    let builders = builders.into_iter().map(AllocatorBuilder::Tcp);
    let report = run(system, options, &control, builders.collect(), &failure)?;
    company.conclude(cluster.process == 0, &failure)?;
    cluster.keep(company);
    Ok(report)
}

/// Watches all processes that were met. Returns them, and the connections of the dataflow.
fn accompany(
    cluster: &Cluster,
    connections: Vec<Connections>,
    failure: &Arc<FailureFlag>,
) -> Result<(Company, Vec<Option<DataStream>>), Error> {
    let (mut peers, mut streams) = (Vec::new(), Vec::new());
    for (process, (connections, address)) in connections.into_iter().zip(&cluster.hosts).enumerate()
    {
        let [Some(heartbeat), Some(data)] = connections else {
            streams.push(None);
            continue;
        };
        let name = format!("process {process} at {address}");
        let peer = Peer::watch(name, heartbeat, cluster.silence, failure)?;
        peers.push(Arc::clone(&peer));
        streams.push(Some(DataStream::new(data, peer)));
    }
    Ok((Company::new(peers), streams))
}

/// What processes must have in common to explore together.
fn common<S: TransitionSystem>(system: &S, options: &Options<'_>, workers: usize) -> String {
    let subject = subject(system);
    let (paths, states) = (options.paths, options.limits.states);
    format!("{subject}\nworkers: {workers}\npaths: {paths:?}\nstates: {states:?}")
}

/// Runs the workers of this process, one for each builder.
fn run<S: TransitionSystem>(
    system: &S,
    options: &Options<'_>,
    control: &Control<'_>,
    builders: Vec<AllocatorBuilder>,
    failure: &Arc<FailureFlag>,
) -> Result<Report, Error> {
    let reports: Vec<Result<Report, Error>> = std::thread::scope(|scope| {
        let spawn = |(local, builder)| {
            scope.spawn(move || {
                let dataflow = Dataflow::new(builder, Arc::clone(failure));
                let worker = Worker::new(system, options, control, local, dataflow);
                let explored = worker.explore();
                let report =
                    explored.and_then(|explored| conclude(system, options, control, explored));
                // If this worker fails, no other may wait for it.
                report.inspect_err(|_| failure.set(Error::Worker))
            })
        };
        let threads: Vec<_> = builders.into_iter().enumerate().map(spawn).collect();
        let alone = options.cluster.is_none();
        threads.into_iter().map(|thread| join(thread, alone)).collect()
    });
    // When one worker fails, the others fail for want of it: its error comes first.
    let rank = |report: &Result<Report, Error>| match report {
        Err(Error::Worker) => 1,
        Err(_) => 0,
        Ok(_) => 2,
    };
    let decisive = reports.into_iter().min_by_key(rank);
    decisive.unwrap_or(Err(Error::Worker))
}

/// The report of a worker. A panic goes on, unless other processes may have caused it.
fn join(thread: ScopedJoinHandle<'_, Result<Report, Error>>, alone: bool) -> Result<Report, Error> {
    match thread.join() {
        Ok(report) => report,
        Err(panic) if alone => std::panic::resume_unwind(panic),
        Err(_) => Err(Error::Worker),
    }
}

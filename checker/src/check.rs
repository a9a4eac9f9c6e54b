//! Which properties of a model hold?

use std::mem::ManuallyDrop;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::ScopedJoinHandle;

use timely::communication::allocator::ProcessBuilder;
use timely::communication::allocator::zero_copy::initialize::initialize_networking_from_sockets;
use timely::communication::{AllocatorBuilder, Hooks};

use crate::cluster::Company;
use crate::conclude::conclude;
use crate::control::Control;
use crate::dataflow::Dataflow;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::lost::Lost;
use crate::model::{MAX_PROPERTIES, Model};
use crate::options::{MAX_WORKERS, Options};
use crate::report::Report;
use crate::worker::{Worker, subject};

/// Visits every state of a model and says which of its properties hold.
///
/// # Errors
/// When the model has states without words or too many properties, when there are too many workers,
/// when another process of the cluster is lost, or when a checkpoint cannot be written or believed.
pub fn check<M: Model>(model: &M, options: &Options<'_>) -> Result<Report, Error> {
    if model.words() == 0 {
        return Err(Error::Model("its states have no words".into()));
    }
    if model.properties().len() > MAX_PROPERTIES {
        return Err(Error::Model(format!("more than {MAX_PROPERTIES} properties")));
    }
    let workers = options.workers.or_else(|| std::thread::available_parallelism().ok());
    let workers = workers.map_or(1, NonZeroUsize::get);
    if workers > MAX_WORKERS {
        return Err(Error::Model(format!("by more than {MAX_WORKERS} workers")));
    }
    if let Some(cluster) = options.cluster.as_ref().filter(|cluster| cluster.hosts.len() > 1) {
        let lost = Arc::default();
        let company =
            Company::meet(cluster, &common(model, options, workers), options.interrupt, &lost)?;
        let control = Control::new(options, workers);
        return in_company(model, options, &control, cluster.process, company, &lost);
    }
    let control = Control::new(options, workers);
    let builders = ProcessBuilder::new_typed_vector(workers, Hooks::default().refill, None);
    let builders = builders.into_iter().map(AllocatorBuilder::Process).collect();
    together(model, options, &control, builders, &Arc::default())
}

/// Runs the workers of this process together with those of others.
fn in_company<M: Model>(
    model: &M,
    options: &Options<'_>,
    control: &Control<'_>,
    process: usize,
    mut company: Company,
    lost: &Arc<Lost>,
) -> Result<Report, Error> {
    let links = std::mem::take(&mut company.links);
    let workers = control.workers();
    let hooks = Hooks::default();
    let inner = ProcessBuilder::new_typed_vector(workers, hooks.refill.clone(), None);
    let (builders, guard) =
        initialize_networking_from_sockets(inner, links, process, workers, hooks)
            .map_err(|error| Error::Cluster(error.to_string()))?;
    let builders = builders.into_iter().map(AllocatorBuilder::Tcp).collect();
    // To drop it waits for threads that wait for a process that may be gone.
    let guard = ManuallyDrop::new(guard);
    let report = together(model, options, control, builders, lost)?;
    company.part(lost)?;
    drop(ManuallyDrop::into_inner(guard));
    Ok(report)
}

/// What processes must have in common to explore together.
fn common<M: Model>(model: &M, options: &Options<'_>, workers: usize) -> String {
    let Options { stop_at_violation, paths, limits, .. } = options;
    let (subject, states) = (subject(model, options.storage), limits.states);
    format!(
        "{subject}\nworkers: {workers}\nstop at violation: {stop_at_violation}\n\
         paths: {paths:?}\nstates: {states:?}"
    )
}

/// Runs the workers of this process, one for each allocator.
fn together<M: Model>(
    model: &M,
    options: &Options<'_>,
    control: &Control<'_>,
    builders: Vec<AllocatorBuilder>,
    lost: &Arc<Lost>,
) -> Result<Report, Error> {
    let mut reports: Vec<Result<Report, Error>> = std::thread::scope(|scope| {
        let spawn = |(local, builder)| {
            scope.spawn(move || {
                let fabric = Dataflow::new(builder, Arc::clone(lost));
                // Should this worker fail, nobody is to wait for it.
                run(model, options, control, local, fabric).inspect_err(|_| lost.set(Error::Worker))
            })
        };
        let threads: Vec<_> = builders.into_iter().enumerate().map(spawn).collect();
        threads.into_iter().map(join).collect()
    });
    // When one worker fails the others miss it: what it says comes first.
    let first = reports.iter().position(|report| matches!(report, Err(error) if error.is_cause()));
    let first = first.or_else(|| reports.iter().position(Result::is_err)).unwrap_or(0);
    reports.swap_remove(first)
}

fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn run<M: Model, F: Fabric>(
    model: &M,
    options: &Options<'_>,
    control: &Control<'_>,
    local: usize,
    fabric: F,
) -> Result<Report, Error> {
    let worker = Worker::new(model, options, control, local, fabric);
    conclude(model, options, control, worker.explore()?)
}

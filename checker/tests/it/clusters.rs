//! Clusters: several processes come to the same report as one, or to none.
//!
//! Each process is a thread here: they share nothing but the loopback interface.

use std::io::Write;
use std::net::TcpListener;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{scope, spawn};
use std::time::Duration;

use mapi_logon_checker::{
    Checkpoints, Cluster, Decision, Error, Options, Paths, Report, TransitionSystem, check,
};

use crate::checkpoints::Dir;
use crate::graphs::Graph;
use crate::mortal::Mortal;
use crate::two_phase_commit::{Broken, model::TwoPhaseCommit};

/// An address that no process listens on, and that is not given to a process that asks for any.
fn address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = 10_000 + (std::process::id() * 97 % 20_000) as u16;
        let port = port + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000;
        let address = format!("127.0.0.1:{port}");
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// Addresses that nobody listens on.
fn hosts(processes: usize) -> Vec<String> {
    (0..processes).map(|_| address()).collect()
}

fn options(hosts: &[String], process: usize, workers: usize) -> Options<'static> {
    let cluster = Some(Cluster::new(hosts.to_vec(), process));
    let workers = NonZeroUsize::new(workers);
    Options { workers, cluster, paths: Paths::All, ..Options::default() }
}

/// Explores with one process for each model.
fn explore<M: TransitionSystem>(models: &[M], workers: usize) -> Vec<Result<Report, Error>> {
    explore_with(models, workers, &Options::default())
}

/// The same, with the checkpoints of other options.
fn explore_with<M: TransitionSystem>(
    models: &[M],
    workers: usize,
    like: &Options<'_>,
) -> Vec<Result<Report, Error>> {
    let hosts = hosts(models.len());
    scope(|scope| {
        let run = |(process, model)| {
            let options = Options {
                checkpoints: like.checkpoints.clone(),
                ..options(&hosts, process, workers)
            };
            scope.spawn(move || {
                let report = check(model, &options)?;
                options.cluster.map_or(Ok(()), |cluster| cluster.part())?;
                Ok(report)
            })
        };
        let threads: Vec<_> = models.iter().enumerate().map(run).collect();
        let lost = |_| Err(Error::Worker);
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(lost)).collect()
    })
}

fn result(report: Result<Report, Error>) -> Report {
    Report { cost: Default::default(), ..report.unwrap() }
}

fn alone<M: TransitionSystem>(model: &M) -> Report {
    let workers = Some(NonZeroUsize::MIN);
    result(check(model, &Options { workers, paths: Paths::All, ..Options::default() }))
}

#[test]
fn processes_report_what_one_does() {
    let model = || Broken(TwoPhaseCommit::new(4));
    let expected = alone(&model());
    for report in explore(&[model(), model()], 2) {
        assert_eq!(result(report), expected);
    }
    for report in explore(&[model(), model(), model()], 1) {
        assert_eq!(result(report), expected);
    }
}

#[test]
fn processes_decide_progress_as_one_does() {
    let ring: Vec<(u64, u64, u8)> = (0..50).map(|node| (node, (node + 1) % 50, 0)).collect();
    let graph = Graph::new(&ring).pending(&(0..50).collect::<Vec<u64>>());
    let expected = alone(&graph);
    assert!(matches!(expected.findings[2].verdict, Decision::Starved(_)));
    for report in explore(&[graph.clone(), graph], 1) {
        assert_eq!(result(report), expected);
    }
}

#[test]
fn processes_that_explore_different_models_give_no_report() {
    let models = [TwoPhaseCommit::new(3), TwoPhaseCommit::new(4)];
    for report in explore(&models, 1) {
        let Err(Error::Cluster(message)) = report else { panic!("{report:?}") };
        assert!(message.contains("managers"), "{message}");
    }
}

#[test]
fn process_that_dies_takes_the_report_with_it() {
    let mortal = |expansions| Mortal::new(TwoPhaseCommit::new(6), expansions);
    let reports = explore(&[mortal(1 << 40), mortal(5_000), mortal(1 << 40)], 1);
    for survivor in [&reports[0], &reports[2]] {
        assert!(matches!(survivor, Err(Error::Cluster(_))), "{survivor:?}");
    }
}

#[test]
fn processes_that_die_resume_together() {
    let dir = Dir::new("cluster");
    let checkpoints = Checkpoints { dir: dir.0.clone(), every: Duration::ZERO, resume: true };
    let like = Options { checkpoints: Some(checkpoints), ..Options::default() };
    let expected = alone(&Broken(TwoPhaseCommit::new(4)));
    let mut lives = 0;
    let reports = loop {
        lives += 1;
        // They die at different times, so that one may have gone a level further.
        let mortal = |less: u64| Mortal::new(Broken(TwoPhaseCommit::new(4)), 100 * lives / less);
        let reports = explore_with(&[mortal(1), mortal(2)], 1, &like);
        if reports.iter().all(Result::is_ok) {
            break reports;
        }
        assert!(lives < 100, "no life gets any further");
    };
    assert!(lives > 3, "{lives} lives");
    for report in reports {
        assert_eq!(result(report), expected);
    }
}

#[test]
fn port_in_use_gives_no_report() {
    let hosts = hosts(2);
    let _squatter = TcpListener::bind(&hosts[0]).unwrap();
    let report = check(&TwoPhaseCommit::new(3), &options(&hosts, 0, 1));
    let Err(Error::Cluster(message)) = report else { panic!("{report:?}") };
    assert!(message.contains("cannot listen"), "{message}");
}

#[test]
fn stranger_on_the_port_of_a_process_is_named_when_the_wait_is_over() {
    let hosts = hosts(2);
    let stranger = TcpListener::bind(&hosts[0]).unwrap();
    spawn(move || {
        for stream in stranger.incoming() {
            // It may have been dropped already.
            let _ = stream.unwrap().write_all(b"220 mail.example ESMTP ready, please\r\n");
        }
    });
    let mut options = options(&hosts, 1, 1);
    options.cluster.as_mut().unwrap().timeout = Duration::from_millis(300);
    let report = check(&TwoPhaseCommit::new(3), &options);
    let Err(Error::Cluster(message)) = report else { panic!("{report:?}") };
    assert!(message.contains("process 0 at"), "{message}");
    assert!(message.contains("does not answer: it is another program"), "{message}");
}

#[test]
fn process_that_does_not_appear_is_not_waited_for_for_ever() {
    let hosts = hosts(2);
    let mut options = options(&hosts, 0, 1);
    options.cluster.as_mut().unwrap().timeout = Duration::from_millis(200);
    let Err(Error::Cluster(message)) = check(&TwoPhaseCommit::new(3), &options) else { panic!() };
    assert!(message.contains("does not appear"), "{message}");
    assert!(Cluster::from_hosts("# none\n\n", 0).is_err());
}

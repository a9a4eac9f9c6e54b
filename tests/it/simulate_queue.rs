//! The mean wait of a load against the Pollaczek-Khinchine formula.

use std::thread;

use crate::simulate_load::{ALONE, loaded};

/// Logons of a test that compares means: enough for 3 % where code is optimised.
const MANY: u64 = if cfg!(debug_assertions) { 100_000 } else { 1_000_000 };

/// The tolerated relative error of the mean wait.
const TOLERANCE: f64 = if cfg!(debug_assertions) { 0.09 } else { 0.03 };

/// A server of a queue: its timing, and the first two moments of its service, in milliseconds.
struct Server {
    timing: &'static str,
    mean: f64,
    variance: f64,
}

const SERVERS: [Server; 4] = [
    Server {
        timing: "profile_load = { constant = 2 }\nconfigure = { constant = 1 }\n\
                 provider_load = { constant = 3 }\nprovider_logon = { constant = 4 }",
        mean: 2.0 + 1.0 + 2.0 * (3.0 + 4.0),
        variance: 0.0,
    },
    Server {
        timing: "provider_logon = { uniform = [0, 12] }",
        mean: 12.0,
        variance: 2.0 * 144.0 / 12.0,
    },
    Server { timing: "profile_load = { exponential = 8 }", mean: 8.0, variance: 64.0 },
    Server {
        timing: "configure = { uniform = [1, 3] }\nprovider_logon = { exponential = 10 }",
        mean: 2.0 + 20.0,
        variance: 4.0 / 12.0 + 200.0,
    },
];

/// Mean wait in a queue with one server, Poisson arrivals and any service (Pollaczek, Khinchine).
fn pollaczek_khinchine(rate: f64, mean: f64, variance: f64) -> f64 {
    rate * (variance + mean * mean) / (2.0 * (1.0 - rate * mean))
}

fn compare(server: &Server, utilisation: f64) {
    let rate = utilisation / server.mean;
    let report = loaded(
        &format!(
            "{ALONE}[timing]\n{}\nsession = {{ exponential = 1000 }}\n\
             [load]\narrivals_per_second = {}\nlogons = {MANY}\n",
            server.timing,
            rate * 1000.0,
        ),
        1,
    );
    let (wait, work) = (report.logons.wait.figures(), report.logons.work.figures());
    let theory = pollaczek_khinchine(rate, server.mean, server.variance);
    let what = format!("{} at {utilisation}", server.timing);
    let off = (wait.mean / theory - 1.0).abs();
    assert!(off < TOLERANCE, "{what}: {} for {theory}", wait.mean);
    assert!((work.mean / server.mean - 1.0).abs() < 0.01, "{what}: {}", work.mean);
    let share = report.utilisation.share().unwrap();
    assert!((share / utilisation - 1.0).abs() < 0.01, "{what}");
    assert_eq!((report.logons.served, report.logons.failed), (MANY, 0));
}

#[test]
fn mean_wait_is_that_of_queueing_theory() {
    thread::scope(|scope| {
        for server in &SERVERS {
            scope.spawn(|| [0.3, 0.6, 0.8].map(|utilisation| compare(server, utilisation)));
        }
    });
}

/// Two kinds of client make one queue whose service is a mixture.
#[test]
fn mean_wait_of_two_kinds_of_client_is_that_of_their_mixture() {
    let text = format!(
        "{ALONE}weight = 3\n[[client]]\nname = 'light'\nprofile = 'Light'\n\
         flags = ['MAPI_NEW_SESSION']\n[[profile]]\nname = 'Light'\n\
         [timing]\nprofile_load = {{ constant = 2 }}\nprovider_logon = {{ constant = 9 }}\n\
         session = {{ constant = 1 }}\n\
         [load]\narrivals_per_second = 40\nlogons = {MANY}\n"
    );
    let report = loaded(&text, 5);
    let mean = 0.75 * 20.0 + 0.25 * 2.0;
    let square = 0.75 * 400.0 + 0.25 * 4.0;
    let theory = pollaczek_khinchine(0.04, mean, square - mean * mean);
    let wait = report.logons.wait.figures().mean;
    assert!((wait / theory - 1.0).abs() < TOLERANCE, "{wait} for {theory}");
}

//! A load keeps to its outages, its bounds and its memory, and refuses what makes no sense.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;

use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::load::{LoadReport, load};
use serde_json::Value;

use crate::support::{agrees, command, root, run, workplace};

/// One kind of client that always establishes a session of its own, with two providers.
pub(crate) const ALONE: &str = "
[[profile]]
name = 'Work'
[[profile.service]]
name = 'Exchange'
[[profile.service.provider]]
name = 'EXAB'
kind = 'address-book'
[[profile.service.provider]]
name = 'EXMS'
kind = 'message-store'
[[client]]
name = 'outlook'
profile = 'Work'
flags = ['MAPI_NEW_SESSION']
";

pub(crate) fn loaded(text: &str, seed: u64) -> LoadReport {
    let scenario = Scenario::parse(text).unwrap();
    load(&scenario, seed, &AtomicBool::new(false)).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let words: Vec<_> = ["simulate"].iter().chain(arguments).chain(&["--format", "json"]).collect();
    let ran = run(&words);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn overload_is_reported_and_not_hidden() {
    let folder = workplace("simulate-overload");
    for (rate, overload) in [(90.0, false), (100.0, true), (130.0, true)] {
        let path = folder.join(format!("{rate}.toml"));
        let timing = "[timing]\nprofile_load = { constant = 10 }\n";
        let arrivals = format!("[load]\narrivals_per_second = {rate}\nlogons = 20000\n");
        fs::write(&path, format!("{ALONE}{timing}{arrivals}")).unwrap();
        let path = path.to_str().unwrap();
        let report = json(&[path, "--load"]);
        let utilisation = report["mutex_utilisation"].as_f64().unwrap();
        assert!((utilisation - rate / 100.0).abs() < 1e-9, "{utilisation}");
        assert_eq!(report["overload"], overload);
        assert_eq!(run(&["simulate", path, "--load"]).stdout.contains("Overload"), overload);
        let served = report["served_per_second"].as_f64().unwrap();
        assert!(served < 101.0, "the mutex serves one logon every 10 ms: {served}");
    }
}

#[test]
fn load_is_the_same_for_the_same_seed() {
    let words = ["simulate", "monday-morning", "--load", "--seed", "7"];
    let first = run(&words).stdout;
    assert_eq!(first, run(&words).stdout);
    assert_ne!(first, run(&["simulate", "monday-morning", "--load", "--seed", "8"]).stdout);
    // Renewed like the digests of random runs: by whoever says so in the CHANGELOG.
    let report = json(&["monday-morning", "--load", "--seed", "7"]);
    let mean = report["logon"]["total_ms"]["mean"].as_f64().unwrap();
    assert!((mean - 1_739.201_348_430_4).abs() < 1e-9, "{mean}");
}

#[test]
fn report_of_a_load_has_its_parts() {
    let folder = workplace("simulate-load");
    let (series, plot) = (folder.join("series.csv"), folder.join("plot.svg"));
    let report = json(&[
        "monday-morning",
        "--load",
        "--series",
        series.to_str().unwrap(),
        "--plot",
        plot.to_str().unwrap(),
    ]);
    for part in ["mutex_wait_ms", "work_ms", "total_ms"] {
        let figures = &report["logon"][part];
        let figure = |name: &str| figures[name].as_f64().unwrap();
        let rising = ["p50", "p90", "p99", "p999", "max"].map(figure);
        assert!(rising.is_sorted(), "{part}: {rising:?}");
        assert!(figure("mean") > 0.0);
    }
    let sum = |part: &str| {
        let counts = report[part].as_object().unwrap().values();
        counts.map(|count| count.as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(sum("results"), 10_000);
    assert_eq!(report["peak_sessions"].as_u64().map(|peak| peak > 500), Some(true));
    assert!(report["offered_per_second"].as_f64().is_some_and(|rate| (1.8..2.2).contains(&rate)));
    let csv = fs::read_to_string(series).unwrap();
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|line| line.split(',').count() == columns) && columns == 12);
    let svg = fs::read_to_string(plot).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("EXMS") && svg.contains("virtual time"));
}

const OUTAGE: &str = "
[timing]
profile_load = { constant = 1 }
provider_logon = { constant = 2 }
server_timeout = { constant = 1000 }
session = { constant = 100 }
[load]
arrivals_per_second = 5
logons = 2000
[[load.outage]]
provider = 'EXMS'
kind = 'server-unavailable'
from = 100
to = 200
";

#[test]
fn outage_strikes_while_it_lasts_and_no_longer() {
    let report = loaded(&format!("{ALONE}{OUTAGE}"), 3);
    let rows: Vec<_> = report.series.rows().collect();
    let lost = |from: f64, to: f64| {
        let within = rows.iter().filter(|row| row.from >= from && row.to <= to);
        within.map(|row| row.disabled).sum::<u64>()
    };
    assert_eq!(lost(0.0, 99.0), 0);
    assert!(lost(100.0, 205.0) > 40, "{}", lost(100.0, 205.0));
    // Whoever still waited at the end of the outage finds the server well.
    assert_eq!(lost(210.0, 1e9), 0);
    // Two tries of a second each, in the one logon that holds the mutex.
    let work = report.logons.work.figures();
    assert!((work.max - 2003.0).abs() < 1e-6, "{}", work.max);
}

#[test]
fn short_bound_ends_the_wait() {
    let text = format!(
        "{ALONE}[[client]]\nname = 'hasty'\nprofile = 'Work'\n\
         flags = ['MAPI_NEW_SESSION', 'MAPI_TIMEOUT_SHORT']\n\
         [timing]\nprofile_load = {{ constant = 30 }}\nshort_timeout = {{ constant = 20 }}\n\
         session = {{ constant = 1 }}\n[load]\narrivals_per_second = 25\nlogons = 5000\n"
    );
    let report = loaded(&text, 1);
    let results: Vec<_> = report.tally.results(mapi_logon_sim::tally::LOGON).collect();
    let timed_out = results.iter().find(|(code, _)| *code == "MAPI_E_TIMEOUT").unwrap().1;
    assert!((500..2500).contains(&timed_out), "{timed_out}");
    assert_eq!(report.logons.wait.count(), 5000);
    assert_eq!(report.logons.work.count() + timed_out, 5000);
}

#[test]
fn clients_without_an_answer_are_stuck_and_said_to_be() {
    let text = ALONE.replace("'MAPI_NEW_SESSION'", "'MAPI_NEW_SESSION', 'MAPI_LOGON_UI'");
    let text = text.replace("profile = 'Work'\n", "");
    let nobody = "[user]\nanswers = []\n[timing]\n";
    let load = "[load]\narrivals_per_second = 1\nlogons = 9\n";
    let report = loaded(&format!("{text}{nobody}{load}"), 1);
    assert_eq!((report.stuck, report.logons.served), (9, 0));
}

/// A constant stay keeps everybody, so that all sessions are open at once.
#[cfg(target_os = "linux")]
#[test]
fn hundred_thousand_sessions_fit_in_a_gibibyte() {
    let path = workplace("simulate-memory").join("crowd.toml");
    let timing = "[timing]\nprofile_load = { constant = 1 }\nsession = { constant = 1e9 }\n";
    let arrivals = "[load]\narrivals_per_second = 500\nlogons = 100000\n";
    fs::write(&path, format!("{ALONE}{timing}{arrivals}")).unwrap();
    let script = "ulimit -v 1048576; exec \"$0\" simulate \"$1\" --load --format json";
    let program = command().get_program().to_owned();
    let ran = Command::new("sh")
        .args(["-c", script])
        .args([program.as_ref(), path.as_os_str()])
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let report: Value = serde_json::from_slice(&ran.stdout).unwrap();
    assert_eq!(report["peak_sessions"], 100_000);
}

fn refused(path: &Path, text: &str) -> String {
    fs::write(path, text).unwrap();
    let ran = run(&["simulate", path.to_str().unwrap(), "--load"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{text}");
    assert!(ran.stderr.contains(&format!("{}:", path.display())), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn load_that_makes_no_sense_is_refused_with_place_and_reason() {
    let path = workplace("simulate-refused").join("load.toml");
    let lines = ALONE.lines().count();
    for (text, line, reason) in [
        ("", 1, "[load]"),
        ("[timing]\n", 1, "[load]"),
        ("[load]\narrivals_per_second = 1\n", lines + 1, "[timing]"),
        ("[timing]\n[load]\narrivals_per_second = -1\n", lines + 3, "arrivals_per_second"),
        ("[timing]\n[load]\narrivals_per_second = 0\n", lines + 3, "arrivals_per_second"),
        ("[timing]\nsession = { exponential = 0 }\n", lines + 2, "exponential"),
        ("[timing]\nsession = { lognormal = [5, 4] }\n", lines + 2, "lognormal"),
        ("[timing]\nsession = { uniform = [5, 4] }\n", lines + 2, "uniform"),
        ("[timing]\nsession = { constant = -1 }\n", lines + 2, "constant"),
        ("[timing]\nsession = { normal = 3 }\n", lines + 2, "normal"),
        (
            "[timing]\n[load]\narrivals_per_second = 1\n[[load.outage]]\nprovider = 'EXMX'\n\
             kind = 'server-unavailable'\nfrom = 1\nto = 2\n",
            lines + 5,
            "EXMS",
        ),
        (
            "[timing]\n[load]\narrivals_per_second = 1\n[[load.outage]]\nprovider = 'EXMS'\n\
             kind = 'server-unavailable'\nfrom = 2\nto = 2\n",
            lines + 8,
            "after",
        ),
        (
            "[timing]\n[load]\narrivals_per_second = 1\n[load.fault_rate]\nmtbf = 0\nmttr = 1\n",
            lines + 5,
            "mtbf",
        ),
    ] {
        let said = refused(&path, &format!("{ALONE}{text}"));
        assert!(said.contains(&format!("load.toml:{line}:")), "{text}: {said}");
        assert!(said.contains(reason), "{text}: {said}");
    }
}

#[test]
fn virtual_time_that_would_not_suffice_is_refused() {
    let path = workplace("simulate-years").join("load.toml");
    let line = ALONE.lines().count() + 3;
    let slow = "[timing]\n[load]\narrivals_per_second = 0.000001\n";
    let said = refused(&path, &format!("{ALONE}{slow}"));
    let place = format!("load.toml:{line}:23: ");
    assert!(said.contains(&place) && said.contains("3169 virtual years"), "{said}");
    // Arrivals are soon over, but each has 30 years of work for the mutex.
    let long = "[timing]\nprofile_load = { constant = 1e12 }\n[load]\n\
                arrivals_per_second = 1\nlogons = 30\n";
    let said = refused(&path, &format!("{ALONE}{long}"));
    let place = format!("load.toml:{}:1: after 30 arrivals", line - 2);
    assert!(said.contains(&place) && said.contains("year 584"), "{said}");
}

#[test]
fn picture_in_the_guide_is_what_the_command_draws() {
    let plot = workplace("simulate-guide").join("plot.svg");
    let words = "simulate monday-morning --load --seed 7 --plot".split(' ');
    let words: Vec<_> = words.chain(plot.to_str()).collect();
    assert_eq!(run(&words).code, Some(0));
    let kept = root().join("docs/monday-morning.svg");
    agrees(&kept, &fs::read_to_string(plot).unwrap());
}

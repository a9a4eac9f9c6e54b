//! Loads: what the report says about the mutex is true, and every reading lets them drain.

use std::fs;

use serde_json::Value;

use crate::simulate_load::{ALONE, loaded};
use crate::support::{run, workplace};

fn reports(arguments: &[&str]) -> (String, Value) {
    let words: Vec<_> = ["simulate", "--load"].iter().chain(arguments).collect();
    let text = run(&words);
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""));
    let words: Vec<_> = words.iter().copied().chain(&["--format", "json"]).collect();
    (text.stdout, serde_json::from_str(&run(&words).stdout).unwrap())
}

fn report_of(name: &str, text: &str) -> (String, Value) {
    let path = workplace(name).join("load.toml");
    fs::write(&path, text).unwrap();
    reports(&[path.to_str().unwrap()])
}

#[test]
fn without_a_mutex_nothing_is_overloaded() {
    let text = format!(
        "{ALONE}[policy]\nMUTEX = 'off'\n[timing]\nprofile_load = {{ constant = 30 }}\n\
         [load]\narrivals_per_second = 100\nlogons = 2000\n"
    );
    let (text, report) = report_of("mutex-absent", &text);
    assert!(!text.contains("Overload") && !text.contains('%'), "{text}");
    assert!(text.contains("there is no mutex"), "{text}");
    assert!(report.as_object().unwrap().contains_key("mutex_utilisation"));
    assert_eq!(report["mutex_utilisation"], Value::Null);
    assert_eq!(report["overload"], false);
}

#[test]
fn queue_of_callers_that_give_up_is_not_said_to_grow() {
    let load = "[timing]\nprofile_load = { constant = 100 }\nshort_timeout = { constant = 50 }\n\
                [load]\narrivals_per_second = 50\nlogons = 2000\n";
    let hasty = ALONE.replace("['MAPI_NEW_SESSION']", "['MAPI_NEW_SESSION', 'MAPI_TIMEOUT_SHORT']");
    let (text, report) = report_of("mutex-hasty", &format!("{hasty}{load}"));
    let gave_up = report["results"]["MAPI_E_TIMEOUT"].as_u64().unwrap();
    assert!(gave_up > 1000, "{gave_up}");
    assert_eq!(report["overload"], true);
    assert_eq!(report["logon"]["mutex_wait_ms"]["max"], 50.0);
    let text = text.replace('\n', " ");
    assert!(text.contains("Overload: the mutex utilisation is 500.0 %"), "{text}");
    assert!(text.contains("the queue does not grow"), "{text}");
    assert!(!text.contains("the queue grows"), "{text}");
    let (text, _) = report_of("mutex-patient", &format!("{ALONE}{load}"));
    assert!(text.contains("the queue grows"), "{text}");
}

#[test]
fn one_logon_is_no_overload() {
    let load = "[timing]\nprofile_load = { constant = 10 }\n[load]\n\
                arrivals_per_second = 1000\nlogons = 1\n";
    let (text, report) = report_of("mutex-one", &format!("{ALONE}{load}"));
    assert!(!text.contains("Overload"), "{text}");
    assert!(text.contains("too few logons"), "{text}");
    let end = loaded(&format!("{ALONE}{load}"), 1).logons.last_return;
    let share = report["mutex_utilisation"].as_f64().unwrap();
    assert!((share - 1e7 / end as f64).abs() < 1e-12, "{share}");
    assert!(share < 1.0 && share > 0.0);
}

/// Only `Release` ends an attachment there, and the scenario's clients do not call it.
#[test]
fn load_drains_where_logoff_ends_nothing() {
    let (_, report) = reports(&["monday-morning", "--policy", "mapi4linux"]);
    assert_eq!(report["results"]["S_OK"], 10_000);
    let ended = |call: &str| report["session_calls"][call]["S_OK"].as_u64();
    assert_eq!((ended("Logoff"), ended("Release")), (Some(10_000), Some(10_000)));
    assert_eq!(report["open_sessions"], 0);
    // A client that has called Logoff leaves: the number of open sessions is the usual one.
    let peak = report["peak_sessions"].as_u64().unwrap();
    assert!((1_100..1_400).contains(&peak), "{peak}");
    let (_, documented) = reports(&["monday-morning"]);
    assert_eq!(documented["open_sessions"], 0);
}

/// The load would not end in a lifetime: files are looked at before.
#[test]
fn files_that_cannot_be_written_are_found_before_the_load() {
    let folder = workplace("simulate-files");
    let path = folder.join("long.toml");
    let endless = "[timing]\nsession = { constant = 0 }\n[load]\narrivals_per_second = 1000\n\
                   logons = 1000000000000\n";
    fs::write(&path, format!("{ALONE}{endless}")).unwrap();
    let (same, directory) = (folder.join("same.svg"), folder.join("directory.svg"));
    fs::create_dir_all(&directory).unwrap();
    let nowhere = folder.join("nowhere").join("plot.svg");
    for (plot, reason) in [(&nowhere, "cannot write"), (&directory, "directory"), (&same, "twice")]
    {
        let (series, plot) = (same.to_str().unwrap(), plot.to_str().unwrap());
        let path = path.to_str().unwrap();
        let words = ["simulate", path, "--load", "--series", series, "--plot", plot];
        let ran = run(&words);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{reason}");
        assert!(ran.stderr.contains(reason), "{}", ran.stderr);
        assert!(!same.exists());
    }
}

/// A line through one point is nothing: it is marked.
#[test]
fn picture_of_a_short_load_shows_it() {
    let folder = workplace("simulate-short-plot");
    let (path, plot) = (folder.join("load.toml"), folder.join("plot.svg"));
    let load = "[timing]\nprofile_load = { constant = 10 }\n[load]\n\
                arrivals_per_second = 1000\nlogons = 1\n";
    fs::write(&path, format!("{ALONE}{load}")).unwrap();
    let words = ["simulate", path.to_str().unwrap(), "--load", "--plot"];
    let ran = run(&[&words[..], &[plot.to_str().unwrap()]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let svg = fs::read_to_string(plot).unwrap();
    assert!(svg.matches("<circle").count() >= 3, "{svg}");
}

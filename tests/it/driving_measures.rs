//! What `drive` measures of a system: the switches of its reading, and how fast it is.

use std::fs;

use serde_json::Value;

use crate::support::{Ran, run, workplace};

/// Drives a model under one reading as a system under another.
fn drive(scenario: &str, options: &[&str], system: &[&str]) -> Ran {
    let common = ["drive", scenario, "--calls", "500", "--format", "json"];
    let model = ["--", env!("CARGO_BIN_EXE_mapi-logon"), "impersonate", "--stdio"];
    run(&[&common, options, &model, system].concat())
}

fn json(ran: &Ran) -> Value {
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

#[test]
fn learning_tells_the_switches_that_a_system_needs_from_those_that_never_matter() {
    let scenario = "adapters/mapi4linux/two-services.toml";
    let reading = ["--policy", "mapi4linux"];
    let result = json(&drive(scenario, &[&reading[..], &["--learn"]].concat(), &reading));
    let rows = result["learnt"].as_array().unwrap();
    let needed = |switch: &str| {
        let row = rows.iter().find(|row| row[0] == switch).unwrap();
        assert_eq!(row[2], result["worlds"], "{row}");
        row[1].as_u64() > Some(0)
    };
    assert!(needed("START=on_open") && needed("LOGOFF=off"), "{rows:?}");
    assert!(!needed("PARAMETER_CHECKS=off") && !needed("DIALOGS=off"), "{rows:?}");
}

#[test]
fn a_measurement_has_every_call_rising_percentiles_a_prediction_and_a_picture() {
    let plot = workplace("driven-bench").join("curve.svg");
    let ran = drive("office", &["--bench", "--plot", plot.to_str().unwrap()], &[]);
    let result = json(&ran);
    let rates = &result["latency"];
    assert!(rates["calls_per_second"].as_f64() > Some(0.0), "{rates}");
    assert!(rates["logons_per_second"].as_f64() > Some(0.0), "{rates}");
    let calls: Vec<_> = rates["calls"].as_object().unwrap().values().collect();
    let number: u64 = calls.iter().map(|one| one["number"].as_u64().unwrap()).sum();
    assert_eq!(number, 500, "{rates}");
    for times in calls {
        let percentiles = ["p50", "p90", "p99", "p999", "max"].map(|key| times[key].as_f64());
        assert!(percentiles.is_sorted() && percentiles[0] > Some(0.0), "{times}");
    }
    // The more clients arrive, the more of its time the mutex is needed.
    let predicted = rates["predicted"].as_array().unwrap().iter();
    let used: Vec<_> = predicted.map(|one| one["utilisation"].as_f64()).collect();
    assert!(used.len() == 3 && used.is_sorted(), "{used:?}");
    assert!(fs::read_to_string(plot).unwrap().contains("<svg"));
}

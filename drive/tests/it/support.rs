//! Campaigns against the model in this process.

use std::fs;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use mapi_logon_drive::bench::{Bench, Unusable};
use mapi_logon_drive::campaign::{Campaign, Limits, Tally, random};
use mapi_logon_drive::course::Patience;
use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::goals::{Covered, cover};
use mapi_logon_drive::impersonate::Build;
use mapi_logon_drive::port::Local;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::cover::Atlas;

/// Limits of a short campaign.
pub(crate) const LIMITS: Limits = Limits {
    seed: 7,
    calls: 1_000,
    per_world: 25,
    worlds: u64::MAX,
    time: None,
    deviations: 1,
    patience: Patience { deadline: Duration::ZERO, quiet: Duration::ZERO, start: Duration::ZERO },
    preset: false,
    withhold: true,
};

/// The built-in scenarios by name.
pub(crate) fn built_in() -> Vec<(String, Scenario)> {
    let mut all: Vec<_> = fs::read_dir("../scenarios")
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, Scenario::parse(&text).unwrap())
        })
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// Drives a model that is built so.
pub(crate) fn drive(
    scenario: &Scenario,
    build: &Build,
    limits: &Limits,
) -> Result<Tally, Unusable> {
    let mut port = Local::new(build, limits.seed);
    let mut bench = Bench::new(&mut port, scenario, limits)?;
    let (expected, stop) = (Deviations::default(), AtomicBool::new(false));
    random(&mut bench, Campaign::new(limits, &expected, &stop), &mut |_, _| Ok(()))
}

/// Drives a model that is built so along the goals of another, or the same.
pub(crate) fn along(
    goals: (&Model, &Atlas),
    scenario: &Scenario,
    build: &Build,
    limits: &Limits,
) -> Result<(Tally, Covered), Unusable> {
    let mut port = Local::new(build, limits.seed);
    let mut bench = Bench::new(&mut port, scenario, limits)?;
    let (expected, stop) = (Deviations::default(), AtomicBool::new(false));
    let campaign = Campaign::new(limits, &expected, &stop);
    cover(&mut bench, campaign, goals, Vec::new(), &mut |_, _| Ok(()))
}

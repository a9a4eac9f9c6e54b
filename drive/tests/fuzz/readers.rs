//! The readers: each says whether it accepted the input, and promises nothing else.

use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use mapi_logon_drive::expected::Deviations;
use mapi_logon_drive::protocol::{FromAdapter, FromTool};
use mapi_logon_model::policy::Policy;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::load::load as simulate_load;
use mapi_logon_traces::explain::{ExplainLimits, derive, explain};
use mapi_logon_traces::export::itf as document;
use mapi_logon_traces::import::guess::guess;
use mapi_logon_traces::import::mapi4linux::Importer;
use mapi_logon_traces::import::mapped::Mapping;
use mapi_logon_traces::import::text::decoded;
use mapi_logon_traces::recording::Recording;
use mapi_logon_traces::replay::replay;

use crate::mutate::Dice;
use crate::seeds;

pub(crate) fn scenario(input: &[u8], _: &mut Dice) -> bool {
    match Scenario::parse_bytes(input) {
        Ok(scenario) => {
            drop(scenario.warnings());
            assert_eq!(Scenario::parse(&scenario.to_toml()), Ok(scenario));
            true
        }
        Err(error) => {
            assert!((1..=input.len() + 1).contains(&error.line), "{error}");
            assert!((1..=input.len() + 1).contains(&error.column), "{error}");
            false
        }
    }
}

/// Lines `NAME=VALUE`, and names of presets.
pub(crate) fn policy(input: &[u8], _: &mut Dice) -> bool {
    let text = String::from_utf8_lossy(input);
    let mut policy = Policy::default();
    let mut accepted = false;
    for line in text.lines() {
        let result = match line.split_once('=') {
            Some((name, value)) => policy.set(name, value),
            None => Policy::preset(line).map(drop),
        };
        match result {
            Ok(()) => accepted = true,
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    accepted
}

pub(crate) fn map(input: &[u8], _: &mut Dice) -> bool {
    std::str::from_utf8(input).is_ok_and(|text| Mapping::parse(text).is_ok())
}

pub(crate) fn log(input: &[u8], _: &mut Dice) -> bool {
    static MAP: OnceLock<Mapping> = OnceLock::new();
    let map = MAP.get_or_init(|| Mapping::parse(&seeds::map()).unwrap());
    let Ok(text) = decoded(input) else { return false };
    let mut importer = map.import("log", text);
    let mut items = 0;
    while let Ok(Some(_)) = importer.next_told() {
        items += 1;
    }
    items > 0
}

/// A log for which a map is proposed.
pub(crate) fn unknown_log(input: &[u8], _: &mut Dice) -> bool {
    guess(input).is_ok()
}

pub(crate) fn trace(input: &[u8], _: &mut Dice) -> bool {
    let exported = document::export(input).is_ok();
    replay(input).is_ok() || exported
}

pub(crate) fn recording(input: &[u8], _: &mut Dice) -> bool {
    let Ok(recording) = Recording::read(input) else { return false };
    let scenario = recording.scenario.clone().map_or_else(|| derive(&recording), Ok);
    let Ok(scenario) = scenario else { return false };
    let limits =
        ExplainLimits { faults: Some(2), states: 2_000, steps: 20_000, ..Default::default() };
    let Ok(mut found) = explain(&recording, &scenario, &limits) else { return false };
    if let Ok(witness) = found.witness(&recording) {
        let replayed = replay(witness.to_text().as_bytes()).unwrap();
        assert_eq!(replayed.divergence, None, "a witness does not replay");
    }
    drop(found.tell(&recording, &limits, true));
    true
}

pub(crate) fn itf(input: &[u8], _: &mut Dice) -> bool {
    document::replay(input).is_ok()
}

pub(crate) fn libmapi(input: &[u8], _: &mut Dice) -> bool {
    let mut importer = Importer::new(input);
    let mut parts = 0;
    while let Ok(Some(_)) = importer.next_part() {
        parts += 1;
    }
    parts > 0
}

pub(crate) fn load(input: &[u8], dice: &mut Dice) -> bool {
    let Ok(mut scenario) = Scenario::parse_bytes(input) else { return false };
    let Some(load) = &mut scenario.load else { return false };
    load.logons = load.logons.min(50);
    drop(simulate_load(&scenario, dice.next(), &AtomicBool::new(false)));
    true
}

pub(crate) fn protocol(input: &[u8], _: &mut Dice) -> bool {
    let lines = input.split(|byte| *byte == b'\n');
    lines.fold(false, |accepted, line| {
        let adapter = serde_json::from_slice::<FromAdapter>(line).is_ok();
        serde_json::from_slice::<FromTool>(line).is_ok() || adapter || accepted
    })
}

pub(crate) fn deviations(input: &[u8], _: &mut Dice) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(read) = Deviations::parse(text) else { return false };
    assert!(Deviations::parse(&read.to_toml()).is_ok(), "what is written is not read");
    true
}

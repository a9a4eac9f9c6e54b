//! Do the schemas that are kept say what the types say, and do all files of the repository fit?

use std::fs;

use mapi_logon_traces::schema::schemas;
use serde_json::Value;

use crate::support::{built_in, files, keeps, root};

#[test]
fn schemas_are_what_the_types_say_now() {
    let mut now = Vec::new();
    for (name, schema) in schemas() {
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        now.push((format!("{name}.schema.json"), text));
    }
    keeps(&root().join("schemas"), "json", &now);
}

fn validator(name: &str) -> jsonschema::Validator {
    let (_, schema) = schemas().into_iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
fn fits(validator: &jsonschema::Validator, value: &Value, what: &str) {
    if let Err(error) = validator.validate(value) {
        panic!("{what}: {error}");
    }
}

#[test]
fn every_trace_fits_its_schemas() {
    let (header, step) = (validator("trace-header"), validator("trace-step"));
    for folder in ["conforming", "violating"] {
        for path in files(&root().join("traces/corpus").join(folder), "jsonl") {
            let what = path.display().to_string();
            for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
                let value: Value = serde_json::from_str(line).unwrap();
                fits(if number == 0 { &header } else { &step }, &value, &what);
            }
        }
    }
}

#[test]
fn every_scenario_fits_its_schema_as_written_and_as_written_again() {
    let validator = validator("scenario");
    let mut texts: Vec<(String, String)> = built_in()
        .into_iter()
        .map(|(name, scenario)| (format!("{name} written again"), scenario.to_toml()))
        .collect();
    for path in files(&root().join("scenarios"), "toml") {
        texts.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
    }
    for (what, text) in texts {
        let value: Value = toml::from_str(&text).unwrap();
        fits(&validator, &value, &what);
    }
    let wrong: Value = toml::from_str("[policy]\nSTART = 'later'\n").unwrap();
    assert!(validator.validate(&wrong).is_err());
}

#[test]
fn recordings_fit_their_schema() {
    let validator = validator("recording-event");
    let file = fs::read(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    let imported = mapi_logon_traces::import::mapi4linux::import(file.as_slice()).unwrap();
    for one in imported.scenarios {
        for event in &one.events {
            fits(&validator, &serde_json::to_value(event).unwrap(), &one.name);
        }
    }
}

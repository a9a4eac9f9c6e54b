//! Schemas: those that are kept say what the types say, and all files of the repository fit.

use std::fs;

use mapi_logon::builtin::SCENARIOS;
use mapi_logon::schemas::schemas;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_traces::import::mapi4linux::{Importer, Part};
use serde_json::Value;

use crate::support::{agrees, files, root, short};

#[test]
fn schemas_are_what_the_types_say_now() {
    let mut kept: Vec<_> = files("schemas", ".json").iter().map(|path| short(path)).collect();
    for (name, schema) in schemas() {
        let path = format!("schemas/{name}.schema.json");
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        agrees(&root().join(&path), &text);
        kept.retain(|kept| *kept != path);
    }
    assert_eq!(kept, [""; 0], "schemas of nothing");
}

pub(crate) fn validator(name: &str) -> jsonschema::Validator {
    let (_, schema) = schemas().into_iter().find(|(known, _)| *known == name).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

#[track_caller]
pub(crate) fn fits(validator: &jsonschema::Validator, value: &Value, what: &str) {
    if let Err(error) = validator.validate(value) {
        panic!("{what}: {error} at {}", error.instance_path());
    }
}

#[test]
fn every_trace_fits_its_schemas() {
    let (header, step) = (validator("trace-header"), validator("trace-step"));
    for folder in ["conforming", "violating"] {
        for path in files(&format!("traces/corpus/{folder}"), ".jsonl") {
            for (number, line) in fs::read_to_string(&path).unwrap().lines().enumerate() {
                let value: Value = serde_json::from_str(line).unwrap();
                let validator = if number == 0 { &header } else { &step };
                fits(validator, &value, &short(&path));
            }
        }
    }
}

#[test]
fn every_scenario_fits_its_schema_as_written_and_as_written_again() {
    let validator = validator("scenario");
    for (name, text) in SCENARIOS {
        let again = Scenario::parse(text).unwrap().to_toml();
        for text in [*text, &again] {
            fits(&validator, &toml::from_str(text).unwrap(), name);
        }
    }
    let wrong: Value = toml::from_str("[policy]\nSTART = 'later'\n").unwrap();
    assert!(validator.validate(&wrong).is_err());
}

#[test]
fn recordings_fit_their_schema() {
    let validator = validator("recording-event");
    let file = fs::read(root().join("tests/data/mapi4linux.jsonl")).unwrap();
    let mut importer = Importer::new(file.as_slice());
    while let Some(part) = importer.next_part().unwrap() {
        let Part::Imported(one) = part else { continue };
        for event in &one.events {
            fits(&validator, &serde_json::to_value(event).unwrap(), &one.name);
        }
    }
}

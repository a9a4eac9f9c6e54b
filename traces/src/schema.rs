//! What form do the files have? JSON Schemas, made from the types that read and write them.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use crate::cover::Coverage;
use crate::explain::Explanation;
use crate::recording::EventLine;
use crate::trace::{Header, Line};

pub mod results;
pub mod scenario;

/// Every schema by the name of its file, without the ending.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("trace-header", of::<Header>()),
        ("trace-step", of::<Line>()),
        ("recording-event", of::<EventLine>()),
        ("scenario", of::<scenario::Scenario>()),
        ("check", of::<results::Check>()),
        ("sweep", of::<results::Sweep>()),
        ("outcomes", of::<Vec<Vec<results::Record>>>()),
        ("simulate", of::<results::Simulation>()),
        ("simulate-load", of::<results::LoadReport>()),
        ("replay", of::<Vec<results::Replayed>>()),
        ("validate", of::<Explanation>()),
        ("generate", of::<results::Generated>()),
        ("generate-coverage", of::<Coverage>()),
    ]
}

/// The schema of a type, in the dialect of 2020.
fn of<T: JsonSchema>() -> Value {
    let generator = SchemaGenerator::new(SchemaSettings::draft2020_12());
    let schema: Schema = generator.into_root_schema_for::<T>();
    schema.to_value()
}

//! JSON Schemas of every file that is read or written, made from the types that do it.

use mapi_logon_drive::protocol;
use mapi_logon_impersonate::answers::Answered;
use mapi_logon_model::scenario::file::ScenarioFile;
use mapi_logon_traces::cover::Coverage;
use mapi_logon_traces::explain::Explanation;
use mapi_logon_traces::recording::EventLine;
use mapi_logon_traces::trace::{Header, Line};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::command::generate::Generated;
use crate::compare::Comparison;
use crate::outcomes::CallRecord;
use crate::render::checked::CheckResult;
use crate::render::driven::DriveResult;
use crate::render::explained::Validated;
use crate::render::impersonated::ImpersonateResult;
use crate::render::loaded::LoadResult;
use crate::render::mutated::Mutants;
use crate::render::replayed::Replayed;
use crate::render::simulated::SimulationResult;
use crate::render::swept::Sweep;

/// Every schema by the name of its file, without the ending.
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("trace-header", read::<Header>()),
        ("trace-step", read::<Line>()),
        ("recording-event", read::<EventLine>()),
        ("drive-protocol", read::<protocol::Line>()),
        ("scenario", read::<ScenarioFile>()),
        ("check", written::<CheckResult>()),
        ("sweep", written::<Sweep<'_>>()),
        ("compare", written::<Comparison>()),
        ("mutants", written::<Mutants>()),
        ("outcomes", written::<Vec<Vec<CallRecord>>>()),
        ("simulate", written::<SimulationResult>()),
        ("simulate-load", written::<LoadResult>()),
        ("replay", written::<Vec<Replayed>>()),
        ("validate", written::<Explanation>()),
        ("validate-several", written::<Vec<Validated<'_>>>()),
        ("generate", written::<Generated>()),
        ("drive", written::<DriveResult>()),
        ("impersonate", written::<ImpersonateResult>()),
        ("impersonate-answers", read::<Vec<Answered>>()),
        ("generate-coverage", written::<Coverage>()),
    ]
}

/// The schema of what is read.
fn read<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let generator = settings.into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

/// The schema of what is written.
fn written<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let generator = settings.into_generator();
    generator.into_root_schema_for::<T>().to_value()
}

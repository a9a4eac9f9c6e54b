//! JSON Schemas of words and switches that the types of the file leave to the model.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::mapi::{CAP_CODES, Code, Fault, INITIALIZE_CODES, LogonFlags, ProviderKind};
use crate::policy::SWITCHES;
use crate::scenario::file::ProviderSection;
use crate::scenario::parts::ANSWERS;

/// Strings of a list that the model has.
macro_rules! words {
    ($($(#[$doc:meta])* $type:ident = $words:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(super) enum $type {}

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $words;
                json_schema!({ "type": "string", "enum": words })
            }
        }
    )*};
}

words! {
    /// A result code of SPEC 6.1.
    ResultCode = Code::ALL.iter().map(|code| code.name()).collect();
    /// A result code of `MAPIInitialize` (INI-4).
    InitializeCode = INITIALIZE_CODES.iter().map(|code| code.name()).collect();
    /// A result code of a provider that is full (LIM-5).
    CapCode = CAP_CODES.iter().map(|code| code.name()).collect();
    /// The only fault of a profile (FLT-11).
    DataCorruption = vec![Fault::DataCorruption.kind()];
    /// A flag of `MAPILogonEx`.
    LogonFlag = LogonFlags::all().iter_names().map(|(name, _)| name).collect();
    /// An answer of the user.
    Answer = ANSWERS.to_vec();
}

/// A provider that belongs to no service: a message store.
#[derive(Debug)]
pub(super) enum ForeignStore {}

impl JsonSchema for ForeignStore {
    fn schema_name() -> Cow<'static, str> {
        "ForeignStore".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let provider = generator.subschema_for::<ProviderSection>();
        let kind = json!({ "kind": { "const": ProviderKind::MessageStore } });
        json_schema!({ "allOf": [provider], "properties": kind })
    }
}

/// The switches, each with its values.
#[derive(Debug)]
pub(super) enum Switches {}

impl JsonSchema for Switches {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let switches: Map<String, Value> = SWITCHES
            .iter()
            .map(|switch| {
                let numbers: Result<Vec<u8>, _> = switch.values.iter().map(|v| v.parse()).collect();
                let values = numbers.map_or_else(|_| json!(switch.values), |all| json!(all));
                let about = json!({ "description": switch.effect, "enum": values });
                (switch.name.to_owned(), about)
            })
            .collect();
        json_schema!({ "type": "object", "properties": switches, "additionalProperties": false })
    }
}

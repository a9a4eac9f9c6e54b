//! Result codes as the protocol writes them.

use std::borrow::Cow;

use mapi_logon_model::mapi::Code;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An HRESULT, written `0x` and eight hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Hr(pub u32);

impl From<Code> for Hr {
    fn from(code: Code) -> Self {
        Self(code.value())
    }
}

impl Serialize for Hr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("0x{:08x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Hr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        let digits = text.strip_prefix("0x").filter(|digits| digits.len() == 8);
        let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let wrong = || D::Error::custom(format!("{text:?} is not `0x` and eight hex digits"));
        number.map(Self).ok_or_else(wrong)
    }
}

impl JsonSchema for Hr {
    fn schema_name() -> Cow<'static, str> {
        "Hr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^0x[0-9a-fA-F]{8}$",
            "description": "An HRESULT, written `0x` and eight hexadecimal digits."
        })
    }
}

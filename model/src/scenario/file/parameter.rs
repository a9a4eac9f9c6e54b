//! Parameters of logon calls: one value, or a table of those between which each logon chooses.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::is_default;
#[cfg(feature = "schema")]
use super::schema;
#[cfg(feature = "schema")]
use schemars::JsonSchema;

/// The flags of a client's logon calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum FlagsParameter {
    /// These.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::LogonFlag>"))]
    These(Vec<String>),
    /// Each logon chooses.
    Any(AnyFlags),
}

/// The flags between which each logon chooses.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AnyFlags {
    /// A logon has or has not each of these.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::LogonFlag>"))]
    #[serde(skip_serializing_if = "is_default")]
    pub any: Vec<String>,
    /// Every logon has these.
    #[cfg_attr(feature = "schema", schemars(with = "Vec<schema::LogonFlag>"))]
    #[serde(skip_serializing_if = "is_default")]
    pub always: Vec<String>,
}

/// The profile name parameter of a client's logon calls.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(untagged)]
pub enum ProfileParameter {
    /// This name.
    Name(String),
    /// Each logon chooses.
    Any(AnyName),
}

/// The names between which each logon chooses.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AnyName {
    /// A logon passes one of these; an empty name is none.
    #[serde(skip_serializing_if = "is_default")]
    pub any: Vec<String>,
    /// A logon may pass no name.
    #[serde(skip_serializing_if = "is_default")]
    pub none: bool,
}

impl Default for FlagsParameter {
    fn default() -> Self {
        Self::These(Vec::new())
    }
}

impl FromIterator<String> for FlagsParameter {
    fn from_iter<I: IntoIterator<Item = String>>(flags: I) -> Self {
        Self::These(flags.into_iter().collect())
    }
}

impl From<&str> for ProfileParameter {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// Reads a list as the one, a table as the other, so that an error names the right one.
impl<'de> Deserialize<'de> for FlagsParameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = FlagsParameter;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list or a table")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
                let flags = Vec::deserialize(SeqAccessDeserializer::new(list));
                flags.map(FlagsParameter::These)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let table = AnyFlags::deserialize(MapAccessDeserializer::new(map));
                table.map(FlagsParameter::Any)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Reads a string as the one, a table as the other.
impl<'de> Deserialize<'de> for ProfileParameter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = ProfileParameter;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string or a table")
            }
            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(name.into())
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let table = AnyName::deserialize(MapAccessDeserializer::new(map));
                table.map(ProfileParameter::Any)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

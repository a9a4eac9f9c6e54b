//! How is a result written for programs? As JSON whose keys always stand in the same order.

use anyhow::Result;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value as indented JSON, with a newline at its end.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn pretty(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// Pairs as one object, in their own order.
#[derive(Clone, Debug)]
pub struct Object<T>(pub Vec<(&'static str, T)>);

impl<T: Serialize> Serialize for Object<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (key, value) in &self.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

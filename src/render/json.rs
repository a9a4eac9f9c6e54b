//! Results for programs: JSON whose keys always stand in the same order.

use std::collections::BTreeMap;

use anyhow::Result;
use mapi_logon_model::policy::Policy;
use serde::ser::{Serialize, SerializeMap, Serializer};

/// A value as indented JSON, with a newline at its end.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn pretty(value: &impl Serialize) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

/// How often something was seen, by its name.
pub type Counts = BTreeMap<String, u64>;

/// Names with their counts.
pub fn counts<N: ToString>(pairs: impl IntoIterator<Item = (N, u64)>) -> Counts {
    let pairs = pairs.into_iter();
    pairs.map(|(name, count)| (name.to_string(), count)).collect()
}

/// A policy as an object: every switch with its value, in the order of the register.
///
/// # Errors
/// Where the serializer fails.
pub fn policy<S: Serializer>(policy: &Policy, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(policy.settings())
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

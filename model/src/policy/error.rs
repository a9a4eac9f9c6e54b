//! Errors of names and values of policies.

use crate::suggest::{admissible, quoted};

/// A policy name or value that does not exist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PolicyError {
    /// There is no switch of that name.
    #[error("{hint}")]
    UnknownSwitch {
        /// What was written.
        name: String,
        /// Where it is set instead, or which switches there are.
        hint: String,
    },
    /// There is no preset of that name.
    #[error("{hint}")]
    UnknownPreset {
        /// What was written.
        name: String,
        /// Which presets there are.
        hint: String,
    },
    /// The switch has no such value.
    #[error("policy `{name}` has no value {}; {choice}", quoted(value))]
    UnknownValue {
        /// The switch.
        name: String,
        /// What was written.
        value: String,
        /// The admissible values, and which of them was probably meant.
        choice: String,
    },
}

impl PolicyError {
    pub(super) fn value(name: &str, value: &str, values: &[&str]) -> Self {
        Self::UnknownValue {
            name: name.to_owned(),
            value: value.to_owned(),
            choice: admissible(value, values),
        }
    }
}

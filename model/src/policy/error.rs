//! Errors of names and values of policies.

use super::{PRESETS, elsewhere};
use crate::suggest::{admissible, quoted, unknown};

/// A policy name or value that does not exist.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PolicyError {
    /// There is no switch of that name.
    #[error("{}", elsewhere::unknown_switch(name))]
    UnknownSwitch {
        /// What was written.
        name: String,
    },
    /// There is no preset of that name.
    #[error("{}", unknown("preset", name, PRESETS.iter().map(|preset| preset.name)))]
    UnknownPreset {
        /// What was written.
        name: String,
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
    pub(super) fn switch(name: &str) -> Self {
        Self::UnknownSwitch { name: name.to_owned() }
    }

    pub(super) fn value(name: &str, value: &str, values: &[&str]) -> Self {
        Self::UnknownValue {
            name: name.to_owned(),
            value: value.to_owned(),
            choice: admissible(value, values),
        }
    }
}

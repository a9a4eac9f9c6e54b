//! Presets: the readings of known implementations, bundles of switches under one name.

use super::{Policy, PolicyError};
use crate::suggest::unknown;

/// A named bundle of switches, as `--policy` takes it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Whose behaviour it describes.
    pub about: &'static str,
    /// The switches that differ from the documented reading, with their values.
    pub settings: &'static [(&'static str, &'static str)],
}

/// Every preset, the default first.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "documented",
        about: "what the documentation says, ambiguities resolved as SPEC section 10 has it",
        settings: &[],
    },
    Preset {
        name: "mapi4linux",
        about: "kopano-core's libmapi, as recorded: no provider is touched by the logon",
        settings: &[
            ("START", "on_open"),
            ("RETRY_CODES", "unconfigured_only"),
            ("SHARED_SESSIONS", "off"),
            ("DEFAULT_PROFILE", "off"),
            ("ENTRY_POINT_RETRY", "off"),
            ("DISABLE", "off"),
            ("DIALOGS", "off"),
            ("MUTEX", "off"),
            ("PARAMETER_CHECKS", "off"),
            ("LOGOFF", "off"),
            ("REUSE_OPEN_STORE", "off"),
            ("FAILURE_CODES", "mapi4linux"),
        ],
    },
    Preset {
        name: "openchange",
        about: "OpenChange's libmapi: eager, the first failure ends the logon and is returned",
        settings: &[
            ("RETRY_CODES", "unconfigured_only"),
            ("SHARED_SESSIONS", "off"),
            ("DEFAULT_PROFILE", "off"),
            ("ENTRY_POINT_RETRY", "off"),
            ("DISABLE", "off"),
            ("FAILURE_CODES", "openchange"),
        ],
    },
    Preset {
        name: "thunderbird",
        about: "Thunderbird's Simple MAPI: logons that name an account, which share its session",
        settings: &[
            ("START", "on_open"),
            ("SHARED_SESSIONS", "by_profile"),
            ("DIALOGS", "off"),
            ("PARAMETER_CHECKS", "off"),
        ],
    },
    Preset {
        name: "gromox",
        about: "gromox's zcore: one session for each user, shared whatever the flags",
        settings: &[
            ("START", "on_open"),
            ("SHARED_SESSIONS", "by_profile"),
            ("DEFAULT_PROFILE", "off"),
            ("DIALOGS", "off"),
        ],
    },
    Preset {
        name: "outlook-observed",
        about: "Outlook as public reports describe it: stores fail when they are opened",
        settings: &[("START", "on_open")],
    },
];

impl Policy {
    /// The policy of the preset called `name`.
    ///
    /// # Errors
    /// [`PolicyError::UnknownPreset`] where there is none of that name.
    pub fn preset(name: &str) -> Result<Self, PolicyError> {
        let Some(preset) = PRESETS.iter().find(|preset| preset.name == name) else {
            let hint = unknown("preset", name, PRESETS.iter().map(|preset| preset.name));
            return Err(PolicyError::UnknownPreset { name: name.to_owned(), hint });
        };
        let mut policy = Self::default();
        for (switch, value) in preset.settings {
            policy.set(switch, value)?;
        }
        Ok(policy)
    }

    /// The switches whose value is not the documented one, with their values.
    pub fn deviations(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        let all = self.settings().zip(Self::default().settings());
        all.filter(|(own, documented)| own != documented).map(|(own, _)| own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_can_be_set_and_says_only_what_differs() {
        for preset in PRESETS {
            let policy = Policy::preset(preset.name).unwrap();
            let mut set: Vec<_> = policy.deviations().collect();
            let mut said = preset.settings.to_vec();
            set.sort_unstable();
            said.sort_unstable();
            assert_eq!(set, said, "{}", preset.name);
        }
        for (written, meant) in [("mapi4linx", "mapi4linux"), ("outlok", "outlook-observed")] {
            let error = Policy::preset(written).unwrap_err().to_string();
            assert!(error.contains(&format!("did you mean `{meant}`?")), "{error}");
        }
    }
}

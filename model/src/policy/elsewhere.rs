//! Names of the ambiguity register that are not switches, and where they are set.

use super::SWITCHES;
use crate::suggest::unknown;

/// A policy of the register that `[policy]` does not have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Elsewhere {
    /// The name in the register.
    pub name: &'static str,
    /// The entry of the register.
    pub ambiguity: &'static str,
    /// What the scenario says instead.
    pub set_by: &'static str,
}

/// Every such policy, in the order of the register.
pub const ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        name: "CRITICAL",
        ambiguity: "AMB-9",
        set_by: "`critical = true` of a [[profile.service]]",
    },
    Elsewhere {
        name: "max_sessions",
        ambiguity: "AMB-12",
        set_by: "`max_sessions = N` in [subsystem]",
    },
    Elsewhere {
        name: "profile_password",
        ambiguity: "AMB-23",
        set_by: "`password = true` of a [[profile]]",
    },
    Elsewhere {
        name: "DISABLED_CODES",
        ambiguity: "AMB-37",
        set_by: "nothing: the codes of OPN-20 to OPN-26 are always in force",
    },
];

/// The entry called `name`, however it is capitalised.
#[must_use]
pub fn elsewhere(name: &str) -> Option<&'static Elsewhere> {
    ELSEWHERE.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
}

/// The message for an unknown switch: where it is set instead, or which switches there are.
pub(super) fn unknown_switch(name: &str) -> String {
    match elsewhere(name) {
        Some(entry) => format!("`{}` is not a switch: it is set by {}", entry.name, entry.set_by),
        None => {
            let choice = unknown("policy", name, SWITCHES.iter().map(|switch| switch.name));
            if choice.ends_with('?') {
                return choice;
            }
            format!("{choice}; `mapi-logon list policies` has all")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::Policy;

    #[test]
    fn policy_that_is_set_elsewhere_says_where() {
        for (name, place) in [
            ("CRITICAL", "`critical = true`"),
            ("MAX_SESSIONS", "[subsystem]"),
            ("profile_password", "`password = true`"),
            ("DISABLED_CODES", "OPN-20"),
            ("RETRY_UNITS", "did you mean `RETRY_UNIT`?"),
            ("RETRY", "the nearest of 38 are `RETRY_UNIT`, `RETRY_CODES`, `ENTRY_POINT_RETRY`, "),
            ("colour", "`mapi-logon list policies` has all"),
        ] {
            let error = Policy::default().set(name, "1").unwrap_err().to_string();
            assert!(error.contains(place), "{error}");
        }
        let error = Policy::preset("colour").unwrap_err().to_string();
        assert!(error.contains("it is one of `documented`, "), "{error}");
    }
}

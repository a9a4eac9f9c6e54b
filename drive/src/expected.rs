//! Deviations that are expected of a system and a version: a file with a reason for each.

use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::suggest::reworded;
use mapi_logon_traces::lines::FileError;
use mapi_logon_traces::recording::EventLine;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, Status};

/// The deviations that are expected of a system.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deviations {
    /// The system, as its adapter names it.
    pub system: String,
    /// Its version.
    pub version: String,
    /// The preset under which it deviates so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Each of them.
    #[serde(default)]
    pub deviation: Vec<Expectation>,
}

/// A deviation that is expected.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// What it is called.
    pub id: String,
    /// In which scenario; absent: in each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// In which call.
    pub call: String,
    /// In whose call, if it matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The clause that it breaks.
    pub clause: String,
    /// What kind of thing it is.
    pub status: Status,
    /// What is seen: codes, questions, rows or the manner of death; never a pattern.
    pub observed: Vec<String>,
    /// Why it is so.
    pub reason: String,
    /// Where more can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Since when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The version that is to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How the world goes on.
    #[serde(default, skip_serializing_if = "Then::is_default")]
    pub then: Then,
    /// It cannot happen in the scenario that is driven.
    #[serde(skip)]
    pub elsewhere: bool,
}

/// How a world goes on after an expected deviation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// As if the call had returned the only result that the model allows; it ends where there are
    /// several, or a session is missing.
    #[default]
    AsExpected,
    /// It ends.
    Stop,
}

impl Then {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An expected deviation after which a world went on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excused {
    /// Which of the expected deviations.
    pub deviation: usize,
    /// In which event of the recording.
    pub event: usize,
    /// With which result the model went on, where it is another.
    pub result: Option<&'static str>,
}

/// What became of an expectation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, schemars::JsonSchema)]
pub struct Met {
    /// How often the system deviated so.
    pub deviated: u64,
    /// How often it could have, and did not.
    pub conformed: u64,
}

impl Deviations {
    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`] where it is not well formed, or a clause does not exist.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let file: Self = toml::from_str(text).map_err(|error| {
            let at = error.span().unwrap_or_default().start;
            FileError::in_text(text, at, reworded(error.message(), "a value", "the section"))
        })?;
        let mut sections = text.match_indices("[[deviation]]").map(|(at, _)| at);
        for (place, one) in file.deviation.iter().enumerate() {
            let at = sections.next().unwrap_or_default();
            let wrong = |what: String| FileError::in_text(text, at, what);
            let (id, clause) = (&one.id, &one.clause);
            if mapi_logon_model::clause::find(clause).is_none() {
                return Err(wrong(format!(
                    "deviation {id:?}: there is no clause {clause:?}; \
                     `mapi-logon list clauses` has all"
                )));
            }
            if let Some(same) = file.deviation[..place].iter().find(|same| same.says(one)) {
                return Err(wrong(format!(
                    "deviation {id:?} says the same as {:?}; take one of them out",
                    same.id
                )));
            }
            if one.observed.is_empty() {
                return Err(wrong(format!(
                    "deviation {id:?}: `observed` is empty; name what is seen, such as \
                     \"MAPI_E_NOT_FOUND\""
                )));
            }
        }
        Ok(file)
    }

    /// The same where this scenario is driven: what belongs to another, or asks what this one does
    /// not have, cannot happen.
    #[must_use]
    pub fn within(&self, name: &str, scenario: &Scenario) -> Self {
        let mut own = self.clone();
        for one in &mut own.deviation {
            let other = one.scenario.as_ref().is_some_and(|scenario| scenario != name);
            one.elsewhere = other || !one.observed.iter().any(|what| exists(what, scenario));
        }
        own
    }

    /// What is to be said where a system, its version or the preset is not the one of the file.
    #[must_use]
    pub fn is_about_another(
        &self,
        system: &str,
        version: &str,
        policy: Option<&str>,
    ) -> Option<String> {
        let named = |policy: Option<&str>| {
            policy.map_or_else(String::new, |policy| format!(" under {policy}"))
        };
        let own = format!("{} {}{}", self.system, self.version, named(self.policy.as_deref()));
        let its = format!("{system} {version}{}", named(policy));
        (own != its).then(|| format!("is about {own}, and this is {its}"))
    }

    /// The file as text.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// The place of the expectation that a finding matches in every field.
    #[must_use]
    pub fn expects(&self, finding: &Finding) -> Option<usize> {
        self.deviation.iter().position(|one| {
            one.is_about(&finding.client, &finding.call)
                && one.status == finding.status
                && one.observed.contains(&finding.observed)
        })
    }

    /// The expectations without a reason.
    pub fn without_reason(&self) -> impl Iterator<Item = &Expectation> {
        self.deviation.iter().filter(|one| one.reason.trim().is_empty())
    }
}

/// Whether what is seen is possible in a scenario: a question needs somebody to be asked.
fn exists(observed: &str, scenario: &Scenario) -> bool {
    let Some(asked) = observed.strip_prefix("asked ") else { return true };
    let words = scenario.providers.iter().map(|one| &one.name);
    let mut words = words.chain(scenario.services.iter().map(|one| &one.name));
    let own = ["profile", "password", "logoff"].contains(&asked);
    own || words.any(|name| {
        asked.starts_with(&format!("{name} ")) || asked.split(':').nth(1) == Some(name.as_str())
    })
}

impl Expectation {
    /// Whether another is expected where this one is.
    #[must_use]
    pub fn says(&self, other: &Self) -> bool {
        let what = |one: &Self| {
            let place = (one.scenario.clone(), one.client.clone(), one.call.clone());
            (place, one.status, one.observed.clone())
        };
        what(self) == what(other)
    }

    /// Whether it is about a call: its name, with or without what it acts on.
    fn is_about(&self, client: &str, call: &str) -> bool {
        let (name, _) = mapi_logon_model::scenario::split_call(call);
        !self.elsewhere
            && (self.call == call || self.call == name)
            && self.client.as_ref().is_none_or(|own| own == client)
    }

    /// How often the system could have deviated so in a world, and did not; `deviating` are the
    /// events in which it did what the model does not allow.
    #[must_use]
    pub fn conforming(&self, recording: &[EventLine], deviating: &[usize]) -> u64 {
        let events = recording.iter().enumerate().filter(|(at, event)| {
            let deviates = deviating.contains(at);
            let result = event.result.as_str().unwrap_or_default();
            let other = !self.observed.iter().any(|one| one == result);
            !deviates && other && !result.is_empty() && self.is_about(&event.client, &event.call)
        });
        events.count() as u64
    }
}

impl Met {
    /// It did not happen where it could: the file is out of date.
    #[must_use]
    pub const fn is_stale(self) -> bool {
        self.deviated == 0 && self.conformed > 0
    }
}

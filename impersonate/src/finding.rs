//! Findings: what a client did that the documentation asks it not to do.

use schemars::JsonSchema;
use serde::Serialize;

use crate::answers::Answered;

/// What kind of thing a client did.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It ended by a signal.
    Crash,
    /// It ended with a status that was not expected.
    Status,
    /// It did not end in time.
    Hang,
    /// A call that failed was repeated too often.
    Storm,
    /// MAPIInitialize was not undone.
    LeftInitialized,
    /// A session was neither logged off nor released.
    LeftSession,
    /// A session was used after its Logoff.
    UsedAfterLogoff,
    /// A session was used after its last Release.
    UsedAfterRelease,
    /// A process used a session that another process obtained, or nobody.
    ForeignSession,
    /// Buffers of MAPI were not freed.
    LeftBuffers,
    /// A logon without MAPI_EXTENDED.
    NotExtended,
    /// A Windows service without MAPI_NO_MAIL.
    ServiceWithMail,
    /// A logon to one profile without MAPI_NEW_SESSION.
    MayShare,
    /// A logon with a profile that lacks data, without dialogs.
    LacksDialogs,
    /// A Logoff with MAPI_LOGOFF_SHARED.
    SharedLogoff,
    /// A session that was released without Logoff.
    ReleasedOnly,
    /// Details of MAPI_W_ERRORS_RETURNED were not asked for.
    IgnoredWarning,
}

impl Kind {
    /// Whether it is an error; else it is advice that is not followed.
    #[must_use]
    pub const fn is_error(self) -> bool {
        match self {
            Self::Crash
            | Self::Status
            | Self::Hang
            | Self::Storm
            | Self::LeftInitialized
            | Self::LeftSession
            | Self::UsedAfterLogoff
            | Self::UsedAfterRelease
            | Self::ForeignSession
            | Self::LeftBuffers => true,
            Self::NotExtended
            | Self::ServiceWithMail
            | Self::MayShare
            | Self::LacksDialogs
            | Self::SharedLogoff
            | Self::ReleasedOnly
            | Self::IgnoredWarning => false,
        }
    }

    /// The clause that asks for it, where there is one.
    #[must_use]
    pub const fn clause(self) -> Option<&'static str> {
        match self {
            Self::Crash | Self::Status | Self::Hang | Self::Storm => None,
            Self::LeftInitialized => Some("INI-2"),
            Self::LeftSession | Self::LeftBuffers | Self::ReleasedOnly => Some("OFF-1"),
            Self::UsedAfterLogoff | Self::UsedAfterRelease | Self::ForeignSession => Some("OFF-4"),
            Self::NotExtended => Some("FLG-8"),
            Self::ServiceWithMail => Some("FLG-23"),
            Self::MayShare => Some("FLG-26"),
            Self::LacksDialogs => Some("PAR-11"),
            Self::SharedLogoff => Some("OFF-10"),
            Self::IgnoredWarning => Some("OPN-3"),
        }
    }

    /// The name of the finding, as reports have it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Crash => "crash",
            Self::Status => "status",
            Self::Hang => "hang",
            Self::Storm => "storm",
            Self::LeftInitialized => "left-initialized",
            Self::LeftSession => "left-session",
            Self::UsedAfterLogoff => "used-after-logoff",
            Self::UsedAfterRelease => "used-after-release",
            Self::ForeignSession => "foreign-session",
            Self::LeftBuffers => "left-buffers",
            Self::NotExtended => "not-extended",
            Self::ServiceWithMail => "service-with-mail",
            Self::MayShare => "may-share",
            Self::LacksDialogs => "lacks-dialogs",
            Self::SharedLogoff => "shared-logoff",
            Self::ReleasedOnly => "released-only",
            Self::IgnoredWarning => "ignored-warning",
        }
    }
}

/// Something a client did in one run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Seen {
    /// What kind of thing.
    pub kind: Kind,
    /// One sentence.
    pub text: String,
}

/// A finding in all runs together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// What kind of thing.
    pub kind: Kind,
    /// Whether it is an error; else it is advice that is not followed.
    pub error: bool,
    /// The clause that asks for it, where there is one.
    pub clause: Option<String>,
    /// One sentence about the run that shows it with the fewest answers.
    pub text: String,
    /// The answers that led to it.
    pub answers: Vec<Answered>,
    /// In how many runs it was seen.
    pub runs: u64,
    /// The command that repeats it.
    pub repeat: String,
}

/// Adds what a run showed to the findings, each kind once.
pub fn collect(findings: &mut Vec<Finding>, seen: &[Seen], answers: &[Answered]) {
    for (at, one) in seen.iter().enumerate() {
        if seen[..at].iter().any(|before| before.kind == one.kind) {
            continue;
        }
        let known = findings.iter_mut().find(|known| known.kind == one.kind);
        if let Some(known) = known {
            known.runs += 1;
            if answers.len() < known.answers.len() {
                known.text.clone_from(&one.text);
                known.answers = answers.to_vec();
            }
            continue;
        }
        findings.push(Finding {
            kind: one.kind,
            error: one.kind.is_error(),
            clause: one.kind.clause().map(str::to_owned),
            text: one.text.clone(),
            answers: answers.to_vec(),
            runs: 1,
            repeat: String::new(),
        });
    }
    findings.sort_by_key(|finding| finding.kind);
}

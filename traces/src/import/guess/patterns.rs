//! What logs write: patterns of calls, results, callers and parameters.

/// Calls with a name of their own.
pub(super) const CALLS: &str = concat!(
    "MAPILogonEx|MAPIInitialize|MAPIUninitialize|OpenMsgStore|OpenAddressBook|GetStatusTable|",
    "GetMsgStoresTable|QueryIdentity|DeleteProfile|DeleteMsgService|Logoff"
);

/// The call that names a store.
pub(super) const STORE_CALL: &str = "OpenMsgStore";

/// Any of these calls, with or without its interface.
pub(super) fn call(names: &str) -> String {
    format!(r"(?:\w+(?:::|\.|->))?(?<call>{names})\b")
}

/// A result by name, and by number.
pub(super) const RESULT_NAME: &str = r"\b(?<result>(?:MAPI_[EW]|[ES])_[A-Z_]+)\b";
pub(super) const RESULT_NUMBER: &str =
    r"(?<result>0[xX][0-9A-Fa-f]{8}|\b[89A-Fa-f][0-9A-Fa-f]{7}|0[xX]0)\b";

/// What comes before the number of a result where a log says which of several numbers it is.
pub(super) const BEFORE_NUMBER: &str = concat!(
    r"(?:\b(?:[Hh][Rr](?:ESULT|esult)?|[Rr]esult|[Rr]c|[Rr]et(?:urn(?:ed|s)?)?|[Ee]rror|[Cc]ode|",
    r"[Ff]ailed|[Ss]tatus)\b|[-=]+>|<[-=]+|\))\s*[=:]*\s*"
);

/// The session that a call obtained, after its result.
pub(super) const OBTAINED: &str = r"(?:.*?\b[Ss]ession\s*[=:]\s*(?<session>\w+))?";

/// A call into a provider.
pub(super) const PROVIDER: &str = concat!(
    r"\b(?<provider>\w+)(?:::|[.:! ])\s*(?:\w+(?:::|\.))?",
    r"(?<method>ABProviderInit|MSProviderInit|XPProviderInit|TransportLogon|Logon)\b"
);

/// Who called: a thread or process, or a word at the beginning of the line.
pub(super) const CLIENTS: [&str; 7] = [
    r"\b[Tt](?:hread|id)(?:[ _-]?[Ii][Dd])?[\s=:]*(?<client>(?:0x)?[0-9A-Fa-f]+)\b",
    r"\b(?:process|proc|pid|PID)[\s=:]*(?<client>[\w.]+)",
    r"\[(?<client>[A-Za-z][\w.]*)(?::\d+)?\]",
    r"\[(?<client>(?:0x)?[0-9A-Fa-f]{2,8})(?:[:/][0-9A-Fa-f]+)?\]",
    r"\b(?<client>\w+\.(?:exe|EXE))\b",
    r"^(?:\[[^\]]*\]\s*|[\d:.,TZ/-]+\s+)+(?<client>0[xX][0-9A-Fa-f]+|[0-9A-Fa-f]{3,8})\b",
    r"^(?:\[[^\]]*\]\s*|[\d:.,TZ/-]+\s+)*(?<client>[A-Za-z]\w*)\b",
];

/// Parameters of a call: profile, flags, store and session, each as logs write it, the likeliest
/// way first.
pub(super) const PARAMETERS: [&[&str]; 4] = [
    &[
        r#"\b\w*[Pp]rofile(?:[ _]?[Nn]ame)?\s*[=:]?\s*"(?<profile>[^"]*)""#,
        r#"\b\w*[Pp]rofile(?:[ _]?[Nn]ame)?\s*[=:]\s*(?<profile>[^\s"',;()]+)"#,
    ],
    &[r"\b(?:fl)?[Ff]lags?\s*[=:]\s*(?<flags>0[xX][0-9A-Fa-f]+|[A-Z_|]+)"],
    &[r#"\b(?:[Ss]tore|[Nn]ame)\s*[=:]\s*"(?<store>[^"]*)""#],
    &[r"\b[Ss]ession\s*[=:]\s*(?<session>\w+)"],
];

/// A store that is named by its place alone.
pub(super) const PLACED_STORE: &str = r#"[(,\s]"(?<store>[^"]*)""#;

/// A dialog, which a guess leaves out: a log seldom says whose it is.
pub(super) const DIALOG: &str = r"(?i)\b(?:dialog|dlg|prompt|message ?box)";

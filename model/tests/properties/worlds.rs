//! Small worlds that show what the scenarios of the repository do not.

#[path = "answers.rs"]
mod answers;

use answers::{BOASTING, NO_STORE, SAME_CODES, SCRIPTED};

/// A shared session that its own client joins once more.
pub(crate) const TWICE: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "MAPILogonEx", "Logoff", "Logoff"]
"#;

/// Profiles that cannot be opened.
pub(crate) const GONE: &str = r#"
[[profile]]
name = "Old"
state = "deleted"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[profile]]
name = "Torn"
state = "damaged"
[[client]]
name = "outlook"
profile = "Old"
flags = ["MAPI_NEW_SESSION"]
[[client]]
name = "chooser"
flags = ["MAPI_LOGON_UI", "MAPI_NEW_SESSION"]
[[client]]
name = "hopeful"
profile = "Old"
flags = ["MAPI_LOGON_UI", "MAPI_NEW_SESSION"]
"#;

/// Nothing to go by: no name, no default, no dialog.
pub(crate) const NAMELESS: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "tool"
flags = ["MAPI_NEW_SESSION"]
[[client]]
name = "asker"
flags = ["MAPI_NEW_SESSION", "MAPI_PASSWORD_UI"]
"#;

/// Room for one session, and two clients that want one.
pub(crate) const FULL: &str = r#"
[subsystem]
max_sessions = 1
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
calls = ["MAPILogonEx", "Logoff"]
[[client]]
name = "tool"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
"#;

/// An individual session that is logged off with MAPI_LOGOFF_SHARED beside a shared one.
pub(crate) const BESIDE: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "Logoff:MAPI_LOGOFF_SHARED"]
[[client]]
name = "tool"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
calls = ["MAPILogonEx", "Logoff:MAPI_LOGOFF_SHARED"]
"#;

/// A download needs a transport of one service after the other service may be lost.
pub(crate) const DOWNLOAD: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[profile.service]]
name = "Fax"
provider = [{ name = "FAXXP", kind = "transport", faults = [] }]
[[client]]
name = "fetcher"
profile = "Work"
flags = ["MAPI_FORCE_DOWNLOAD"]
[faults]
budget = 1
kinds = ["server-unavailable"]
repair = "never"
"#;

/// `MAPIInitialize` may fail, for a Windows service in one way more.
pub(crate) const UNREADY: &str = r#"
[subsystem]
init_codes = ["MAPI_E_TOO_COMPLEX", "MAPI_E_VERSION", "MAPI_E_SESSION_LIMIT"]
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "tool"
profile = "Work"
calls = ["MAPIInitialize", "MAPIInitialize", "MAPILogonEx", "QueryIdentity", "MAPIUninitialize"]
[[client]]
name = "scanner"
profile = "Work"
flags = ["MAPI_NT_SERVICE", "MAPI_NO_MAIL", "MAPI_NEW_SESSION"]
calls = ["MAPIInitialize", "MAPILogonEx"]
[[client]]
name = "plain"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
"#;

/// Much at once, in little room: dialogs, forced round, missing data and password, a cap, faults,
/// transports, a member that joins, calls after the logon.
pub(crate) const CROWDED: &str = r#"
[subsystem]
default_profile = "Work"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
data = "missing"
identity = true
provider = [
    { name = "EXAB", kind = "address-book", session_cap = 1 },
    { name = "EXMS", kind = "message-store", data = "missing" },
]
[[profile.service]]
name = "Internet"
entry_point = "none"
provider = [
    { name = "INMS", kind = "message-store", password = "missing" },
    { name = "INXP", kind = "transport" },
]
[[client]]
name = "outlook"
flags = ["MAPI_LOGON_UI", "MAPI_USE_DEFAULT", "MAPI_ALLOW_OTHERS", "MAPI_SERVICE_UI_ALWAYS"]
calls = ["MAPILogonEx", "GetStatusTable", "OpenMsgStore:INMS", "Logoff:MAPI_LOGOFF_SHARED"]
[[client]]
name = "tool"
profile = "Elsewhere"
flags = ["MAPI_NO_MAIL"]
calls = ["MAPILogonEx", "Logoff"]
[user]
answers = ["pick", "supply", "cancel", "retry", "decline", "confirm"]
[faults]
budget = 1
kinds = ["server-unavailable"]
repair = "user"
"#;

/// The same without dialogs, twice on one profile, with a limit of sessions and a critical service.
pub(crate) const SILENT: &str = r#"
[subsystem]
max_sessions = 2
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
entry_point = "programmatic"
provider = [
    { name = "EXAB", kind = "address-book", session_cap = 1 },
    { name = "EXMS", kind = "message-store", data = "missing" },
]
[[profile.service]]
name = "Archive"
data = "missing"
provider = [{ name = "ARMS", kind = "message-store" }]
[[profile.service]]
name = "Fax"
critical = true
provider = [{ name = "FAXXP", kind = "transport", password = "missing" }]
[[client]]
name = "scanner"
profile = "Work"
flags = ["MAPI_FORCE_DOWNLOAD", "MAPI_TIMEOUT_SHORT"]
calls = ["MAPILogonEx", "OpenAddressBook", "Logoff", "MAPILogonEx"]
[[client]]
name = "backup"
profile = "Work"
flags = ["MAPI_NEW_SESSION", "MAPI_ALLOW_OTHERS", "MAPI_NO_MAIL"]
calls = ["MAPILogonEx", "RemoveService:Archive", "Release"]
[faults]
budget = 1
kinds = ["incompatible-version"]
repair = "environment"
"#;

/// Faults of every kind and nobody to ask, for every kind of provider.
pub(crate) const UNATTENDED: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [
    { name = "EXAB", kind = "address-book", faults = [] },
    { name = "EXMS", kind = "message-store" },
    { name = "EXXP", kind = "transport" },
]
[[client]]
name = "scanner"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
calls = ["MAPILogonEx", "GetStatusTable", "Logoff"]
[faults]
budget = 1
repair = "environment"
"#;

/// Providers whose own data is missing, nobody to ask, and a member that joins.
pub(crate) const UNCONFIGURED: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
identity = true
entry_point = "programmatic"
provider = [
    { name = "EXAB", kind = "address-book" },
    { name = "EXMS", kind = "message-store", data = "missing" },
]
[[profile.service]]
name = "Internet"
provider = [
    { name = "INMS", kind = "message-store" },
    { name = "INXP", kind = "transport", data = "missing" },
]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "QueryIdentity", "GetStatusTable", "Logoff"]
[[client]]
name = "tool"
calls = ["MAPILogonEx", "Logoff"]
[[client]]
name = "later"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
"#;

/// The same of a critical service.
pub(crate) const CRITICAL: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
critical = true
provider = [{ name = "EXMS", kind = "message-store", data = "missing" }]
[[client]]
name = "scanner"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
"#;

/// A new session that others may join, and somebody who joins it by another name.
pub(crate) const NEWEST: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_NEW_SESSION", "MAPI_ALLOW_OTHERS"]
calls = ["MAPILogonEx", "Logoff:MAPI_LOGOFF_SHARED"]
[[client]]
name = "tool"
profile = "Elsewhere"
calls = ["MAPILogonEx", "Logoff"]
"#;

/// Configuration dialogs, and no other.
pub(crate) const ASKED: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
data = "missing"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_SERVICE_UI_ALWAYS", "MAPI_NEW_SESSION"]
[faults]
budget = 1
kinds = ["server-unavailable"]
"#;

/// A name beside the default, and an empty one.
pub(crate) const NAMED: &str = r#"
[subsystem]
default_profile = "Home"
[[profile]]
name = "Home"
[[profile.service]]
name = "Internet"
provider = [{ name = "INMS", kind = "message-store" }]
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_USE_DEFAULT", "MAPI_NEW_SESSION"]
[[client]]
name = "tool"
profile = ""
flags = ["MAPI_USE_DEFAULT", "MAPI_NEW_SESSION"]
"#;

/// All of them, by name.
pub(crate) const WORLDS: &[(&str, &str)] = &[
    ("same-codes", SAME_CODES),
    ("no-store", NO_STORE),
    ("twice", TWICE),
    ("gone", GONE),
    ("nameless", NAMELESS),
    ("full", FULL),
    ("scripted", SCRIPTED),
    ("beside", BESIDE),
    ("download", DOWNLOAD),
    ("unready", UNREADY),
    ("unattended", UNATTENDED),
    ("unconfigured", UNCONFIGURED),
    ("critical", CRITICAL),
    ("newest", NEWEST),
    ("asked", ASKED),
    ("named", NAMED),
    ("boasting", BOASTING),
    ("crowded", CROWDED),
    ("silent", SILENT),
];

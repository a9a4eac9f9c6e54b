//! Worlds of providers that answer what a scenario lets them answer.

/// Providers that answer codes without a reason, warnings and `MAPI_E_FAILONEPROVIDER` included.
pub(crate) const SCRIPTED: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
[[profile.service.provider]]
name = "EXAB"
kind = "address-book"
init_codes = ["MAPI_E_FAILONEPROVIDER", "MAPI_E_CALL_FAILED"]
[[profile.service.provider]]
name = "EXMS"
kind = "message-store"
logon_codes = [
    "MAPI_W_ERRORS_RETURNED",
    "MAPI_E_UNCONFIGURED",
    "MAPI_E_SESSION_LIMIT",
    "MAPI_E_TIMEOUT",
]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_LOGON_UI"]
calls = ["MAPILogonEx", "OpenAddressBook", "OpenMsgStore:EXMS", "Logoff"]
"#;

/// A provider that may answer a success whatever its data and its places.
pub(crate) const BOASTING: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
[[profile.service.provider]]
name = "EXMS"
kind = "message-store"
session_cap = 1
password = "missing"
logon_codes = ["S_OK"]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_NEW_SESSION"]
calls = ["MAPILogonEx", "MAPILogonEx"]
"#;

/// A provider whose entry point and whose logon method fail with the same codes: only one of the
/// two failures leaves an object to go on with.
pub(crate) const SAME_CODES: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
[[profile.service.provider]]
name = "EXMS"
kind = "message-store"
init_codes = ["MAPI_E_UNCONFIGURED", "MAPI_E_NETWORK_ERROR"]
logon_codes = ["MAPI_E_UNCONFIGURED", "MAPI_E_NETWORK_ERROR"]
[[client]]
name = "outlook"
profile = "Work"
flags = ["MAPI_LOGON_UI"]
calls = ["MAPILogonEx", "OpenMsgStore:EXMS", "Logoff"]
"#;

/// An address book is no store, whatever is logged on.
pub(crate) const NO_STORE: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
[[profile.service.provider]]
name = "EXAB"
kind = "address-book"
[[client]]
name = "outlook"
profile = "Work"
calls = ["MAPILogonEx", "OpenMsgStore:EXAB", "Logoff"]
"#;

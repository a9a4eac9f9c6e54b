//! Scenario files: what is documented is read, the rest is refused with its place, all can be
//! written.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod advice;
mod built_in;
mod damage;
#[path = "../support/drawn.rs"]
mod drawn;
mod mistakes;
mod reading;
mod round_trip;

/// A scenario that uses every section and key.
pub(crate) const EVERYTHING: &str = r#"
name = "all keys"

[subsystem]
default_profile = "Work"
max_sessions = 8

[[profile]]
name = "Work"
state = "valid"
password = true

[[profile.service]]
name = "Exchange"
data = "missing"
entry_point = "programmatic"
critical = true
identity = true

[[profile.service.provider]]
name = "EXAB"
kind = "address-book"
session_cap = 1
data = "missing"
password = "missing"
faults = ["incompatible-version"]

[[profile.service.provider]]
name = "EXMS"
kind = "message-store"

[[profile]]
name = "Old"
state = "deleted"

[[profile.service]]
name = "Fax"
entry_point = "none"
provider = [{ name = "FAXXP", kind = "transport" }]

[[client]]
name = "outlook"
profile = "Wrok"
password = ""
flags = ["MAPI_LOGON_UI", "MAPI_ALLOW_OTHERS"]
calls = [
    "MAPIInitialize", "MAPILogonEx", "OpenMsgStore:EXMS", "OpenAddressBook", "GetStatusTable",
    "QueryIdentity", "RemoveService:Fax", "DeleteProfile:Old",
    "Logoff:MAPI_LOGOFF_SHARED|MAPI_LOGOFF_UI", "MAPILogonEx", "Logoff", "Release",
    "MAPIUninitialize",
]
weight = 3

[[client]]
name = "mapisend"
password = "x"

[user]
answers = ["pick", "cancel"]

[faults]
budget = 2
kinds = ["invalid-path", "server-unavailable"]
repair = "user"

[policy]
RETRY_UNIT = "service"

[expect]
witnesses = ["RCH-3", "RCH-24"]

[timing]
profile_load = { constant = 2 }
configure = { uniform = [0.5, 1.5] }
provider_logon = { exponential = 12 }
user_answer = { lognormal = [4000, 2e4] }

[load]
arrivals_per_second = 20.0
logons = 1000

[[load.outage]]
provider = "EXMS"
kind = "incompatible-version"
from = 60
to = 180

[load.fault_rate]
mtbf = 3600
mttr = 120

[weights]
supply-incomplete = 0
fault = 1000000
"#;

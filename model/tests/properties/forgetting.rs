//! Dead-variable elimination: what a scenario whose clients choose comes to, with and without it.

use mapi_logon_model::machine::Model;
use mapi_logon_model::property::{Kind, PROPERTIES};

use crate::explore::{Explored, Set, explore, scenario};

/// Clients that choose, in worlds small enough to be explored with all that is passed.
const WORLDS: [&str; 3] = [
    r#"
[subsystem]
default_profile = "Work"
[[profile]]
name = "Work"
password = true
service = [{ name = "Mail", provider = [{ name = "MS", kind = "message-store" }] }]
[[profile]]
name = "Broken"
state = "damaged"
[[client]]
name = "a"
profile = { any = ["Work", "Broken", "Nowhere"], none = true }
flags = { any = ["MAPI_LOGON_UI", "MAPI_PASSWORD_UI", "MAPI_USE_DEFAULT", "MAPI_NO_MAIL"] }
calls = ["MAPILogonEx", "Logoff"]
[user]
answers = ["pick", "supply", "cancel", "decline"]
"#,
    r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Mail"
provider = [{ name = "MS", kind = "message-store", password = "missing" }]
[[profile.service]]
name = "Wire"
provider = [{ name = "XP", kind = "transport" }]
[[client]]
name = "a"
profile = "Work"
flags = { any = ["MAPI_ALLOW_OTHERS", "MAPI_SERVICE_UI_ALWAYS", "MAPI_NT_SERVICE"] }
calls = ["MAPILogonEx", "OpenMsgStore:MS", "Logoff:MAPI_LOGOFF_SHARED"]
[[client]]
name = "b"
flags = { any = ["MAPI_NO_MAIL", "MAPI_TIMEOUT_SHORT"], always = ["MAPI_UNICODE"] }
calls = ["MAPILogonEx", "GetStatusTable"]
[user]
answers = ["supply", "cancel", "retry"]
"#,
    r#"
[[profile]]
name = "Work"
service = [{ name = "Mail", provider = [{ name = "MS", kind = "message-store" }] }]
[[client]]
name = "a"
profile = { any = ["Work"], none = true }
flags = { any = ["MAPI_ALLOW_OTHERS", "MAPI_NEW_SESSION", "MAPI_TIMEOUT_SHORT"] }
[[client]]
name = "b"
profile = { any = ["Work"], none = true }
flags = { any = ["MAPI_ALLOW_OTHERS", "MAPI_NEW_SESSION", "MAPI_TIMEOUT_SHORT"] }
[policy]
NEW_AND_ALLOW = "individual"
"#,
];

fn witnesses(explored: &Explored) -> Vec<&'static str> {
    let all = PROPERTIES.iter().filter(|one| one.kind == Kind::Witness);
    all.map(|one| one.id).filter(|id| explored.shows(id)).collect()
}

#[test]
fn what_is_forgotten_changes_no_verdict_and_no_state_but_by_what_was_passed() {
    for text in WORLDS {
        let whole = explore(&Model::new(scenario(text)));
        let model = Model::new(scenario(text)).forgetting();
        let few = explore(&model);
        assert_eq!(few.broken(), whole.broken(), "{text}");
        assert_eq!(witnesses(&few), witnesses(&whole), "{text}");
        let mut forgotten = Set::default();
        for (world, memory) in &whole.nodes {
            let mut world = world.clone();
            model.forget(&mut world.state);
            forgotten.insert((world, memory.clone()));
        }
        let reached: Set<_> = few.nodes.iter().cloned().collect();
        assert!(reached.len() < whole.nodes.len(), "{} states", reached.len());
        assert_eq!(reached, forgotten, "{text}");
    }
}

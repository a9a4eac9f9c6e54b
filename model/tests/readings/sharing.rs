//! Sessions shared by profile: joined whatever the flags, one for each profile.

use mapi_logon_model::ids::ProfileId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Place::{Q7, Q19};
use mapi_logon_model::protocol::Transition::{T9, T77};
use mapi_logon_model::protocol::{Effect, Phase};

use crate::runs::{Seen, every_step, world};

/// Clients of one user that ask for anything but a shared session, and one of another user.
const USERS: &str = r#"
[[profile]]
name = "anna"
[[profile.service]]
name = "Zarafa"
provider = [{ name = "MS", kind = "message-store" }]
[[profile]]
name = "bert"
password = true
[[profile.service]]
name = "Zarafa2"
provider = [{ name = "MS2", kind = "message-store" }]
[[client]]
name = "web"
profile = "anna"
flags = ["MAPI_NEW_SESSION"]
calls = ["MAPILogonEx", "Logoff:MAPI_LOGOFF_SHARED"]
[[client]]
name = "mobile"
profile = "anna"
flags = []
[[client]]
name = "first"
profile = "bert"
flags = ["MAPI_PASSWORD_UI", "MAPI_ALLOW_OTHERS"]
[[client]]
name = "second"
profile = "bert"
flags = ["MAPI_NEW_SESSION"]
"#;

fn steps(mutex: &str) -> (Model, Vec<Seen>) {
    let model = world(USERS, &[("SHARED_SESSIONS", "by_profile"), ("MUTEX", mutex)]);
    let steps = every_step(&model);
    (model, steps)
}

fn joins(seen: &Seen) -> bool {
    seen.step.effects.iter().any(|effect| matches!(effect, Effect::Joined { .. }))
}

#[test]
fn profile_has_one_open_session_with_a_mutex_or_without() {
    for mutex in ["on", "off"] {
        let (model, steps) = steps(mutex);
        let mut late = 0;
        for seen in &steps {
            let sight = model.sight(&seen.step.state);
            for profile in [ProfileId(0), ProfileId(1)] {
                let on = |session: &_| sight.session(*session).profile() == Some(profile);
                assert!(sight.open_sessions().filter(on).count() <= 1, "MUTEX = {mutex}");
            }
            let mut taken = seen.step.taken.iter();
            let join = taken.find(|one| one.transition == T9).map(|one| one.from);
            assert!([None, Some(Q7), Some(Q19)].contains(&join));
            late += usize::from(join == Some(Q19));
        }
        assert_eq!(late > 0, mutex == "off", "two logons make a session at the same time");
    }
}

#[test]
fn logon_joins_what_is_open_on_its_profile_whatever_the_flags_and_without_a_password() {
    let (model, steps) = steps("on");
    let mut joined = [false; 4];
    for seen in &steps {
        let sight = model.sight(&seen.before.state);
        let client = seen.action.client;
        if let Phase::Opening { profile: Some(profile), .. } = sight.client(client).phase() {
            let open = sight.open_on(profile);
            assert_eq!(joins(seen), open.is_some());
            joined[client.index()] |= joins(seen);
            let ok = |effect: &Effect| {
                matches!(effect, Effect::Returned { result: Code::Ok, session, .. }
                    if *session == open)
            };
            assert!(open.is_none() || seen.step.effects.iter().any(ok));
        } else {
            assert!(!joins(seen));
        }
    }
    // Only the first client can open a session on a profile with a password.
    assert_eq!(joined, [true, true, false, true]);
}

#[test]
fn shared_logoff_is_a_plain_one_where_sessions_are_shared_by_profile() {
    let (_, steps) = steps("on");
    assert!(steps.iter().all(|seen| seen.step.taken.iter().all(|one| one.transition != T77)));
    let ended = |seen: &&Seen| {
        seen.step.effects.iter().any(|effect| matches!(effect, Effect::SessionClosed { .. }))
    };
    assert!(steps.iter().any(|seen| ended(&seen)));
}

//! W2 to W4: how a client leaves a session, and how a session ends.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Answer::{Confirm, Refuse};
use mapi_logon_model::protocol::Place::W2;
use mapi_logon_model::protocol::Transition::{T75, T76, T77, T78, T79, T80, T81, T83, T84};

use crate::script::{Script, office};

fn leaves(call: &str) -> Script {
    let client = format!("name = 'tool'\nprofile = 'Work'\ncalls = ['MAPILogonEx', '{call}']\n");
    office(&format!("[[client]]\n{client}")).calls().completes()
}

fn members(call: &str) -> Script {
    let first = "[[client]]\nname = 'outlook'\nprofile = 'Work'\nflags = ['MAPI_ALLOW_OTHERS']\n";
    let first = format!("{first}calls = ['MAPILogonEx', '{call}']\n");
    let second = "[[client]]\nname = 'word'\ncalls = ['MAPILogonEx', 'Logoff', 'QueryIdentity']\n";
    let both = office(&format!("{first}{second}")).client("outlook").calls().completes();
    both.client("word").calls().completes().client("outlook")
}

#[test]
fn last_logoff_shuts_providers_down_and_closes_the_session() {
    let left = leaves("Logoff").calls().takes(&[T79, T80, T81]).returns(Code::Ok);
    left.shows("EXMS Logoff answers S_OK").shows("tool's session is closed");
    leaves("Release").calls().takes(&[T83, T80, T81]).returns(Code::Ok);
}

#[test]
fn user_confirms_or_refuses() {
    let asked = || leaves("Logoff:MAPI_LOGOFF_UI").calls().takes(&[T75]).rests_at(W2);
    asked().answers(Confirm).takes(&[T79, T80, T81]).returns(Code::Ok);
    asked().answers(Refuse).takes(&[T76]).returns(Code::UserCancel).shows_no("closed");
}

#[test]
fn logoff_of_one_member_leaves_the_session_to_the_others() {
    let left = members("Logoff").calls().takes(&[T78]).returns(Code::Ok);
    let left = left.shows("word gets fnevExtended on outlook's session");
    let last = left.client("word").calls().takes(&[T79, T80, T81]);
    last.calls().returns(Code::InvalidObject);
}

#[test]
fn shared_logoff_is_announced_to_every_other_member() {
    let left = members("Logoff:MAPI_LOGOFF_SHARED").calls().takes(&[T77, T78]);
    left.shows("word gets fnevCriticalError on outlook's session");
    let forced = members("Logoff:MAPI_LOGOFF_SHARED").read("LOGOFF_SHARED", "force");
    let forced = forced.client("outlook").calls().completes().client("word").calls().completes();
    let forced = forced.client("outlook").calls().takes(&[T77, T79, T80, T81]);
    forced.client("word").calls().returns(Code::InvalidObject);
}

#[test]
fn last_uninitialise_releases_what_is_held_and_frees_the_libraries() {
    let calls = "calls = ['MAPIInitialize', 'MAPILogonEx', 'MAPIUninitialize']";
    let client = format!("[[client]]\nname = 'tool'\nprofile = 'Work'\n{calls}\n");
    let done = office(&client).calls().calls().completes().calls();
    done.takes(&[T83, T80, T81, T84]).shows("library of EXMS is freed").returns(Code::Ok);
}

#[test]
fn calls_on_one_session_take_turns() {
    let text = "[[client]]\nname = 'outlook'\nprofile = 'Work'\nflags = ['MAPI_ALLOW_OTHERS']\n\
                calls = ['MAPILogonEx', 'Logoff:MAPI_LOGOFF_UI']\n\
                [[client]]\nname = 'word'\ncalls = ['MAPILogonEx', 'QueryIdentity']\n";
    let both = office(text).client("outlook").calls().completes();
    let both = both.client("word").calls().completes().client("outlook").calls().rests_at(W2);
    let waits = both.client("word").cannot_call().client("outlook").answers(Refuse);
    waits.client("word").calls().returns(Code::Ok);
}

//! Every advice is given where it is not followed, and only there.

use mapi_logon_model::scenario::Scenario;

const WELL_BRED: &str = r#"
[[profile]]
name = "Work"
[[profile.service]]
name = "Exchange"
provider = [{ name = "EXMS", kind = "message-store" }]
[[client]]
name = "tool"
profile = "Work"
flags = ["MAPI_EXTENDED", "MAPI_NEW_SESSION", "MAPI_NT_SERVICE", "MAPI_NO_MAIL"]
calls = ["MAPILogonEx", "Logoff"]
"#;

fn ids(text: &str) -> Vec<&'static str> {
    let advice = Scenario::parse(text).unwrap().advice();
    advice.iter().map(|(id, _)| *id).collect()
}

#[test]
fn who_follows_all_advice_is_given_none() {
    assert_eq!(ids(WELL_BRED), [""; 0]);
    assert_eq!(ids("[[client]]\nname = 'idle'\ncalls = []"), [""; 0]);
}

#[test]
fn each_advice_is_given_where_it_is_not_followed() {
    for (right, wrong, id) in [
        ("\"MAPI_EXTENDED\", ", "", "FLG-8"),
        (", \"MAPI_NO_MAIL\"", "", "FLG-23"),
        ("\"MAPI_NEW_SESSION\", ", "", "FLG-26"),
        ("\"message-store\"", "\"message-store\", data = \"missing\"", "PAR-11"),
        ("\"Exchange\"", "\"Exchange\"\ndata = \"missing\"", "PAR-11"),
        ("\"Logoff\"", "\"Logoff:MAPI_LOGOFF_SHARED\"", "OFF-10"),
    ] {
        assert!(WELL_BRED.contains(right), "{right}");
        assert_eq!(ids(&WELL_BRED.replace(right, wrong)), [id], "{wrong}");
    }
}

#[test]
fn service_whose_mail_mapi_forbids_needs_no_advice() {
    let text = WELL_BRED.replace(", \"MAPI_NO_MAIL\"", "");
    assert_eq!(ids(&(text + "[policy]\nSERVICE_NO_MAIL = \"force\"")), [""; 0]);
}

#[test]
fn advice_names_the_clients_it_is_for() {
    let text = "[[client]]\nname = 'one'\n[[client]]\nname = 'two'";
    let advice = Scenario::parse(text).unwrap().advice();
    let expected = "\"one\", \"two\" should set MAPI_EXTENDED in MAPILogonEx";
    assert_eq!(advice, [("FLG-8", expected.to_owned())]);
}

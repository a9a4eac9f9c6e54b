//! Revision 2 of the specification: each change that its last sections list is shown by a test or a
//! built-in scenario named for it.

use std::collections::BTreeSet;
use std::fs;

use mapi_logon::builtin;
use serde_json::{Value, json};

use crate::support::{files, root, run, workplace};

/// The changes, in the words of SPEC 12 or of the end of SCENARIO, each with the tests and
/// scenarios that show it.
const SHOWN: &[(&str, &[&str])] = &[
    ("`TRIES`", &["step_is_tried_as_often_as_the_reading_says"]),
    ("`RETRY_UNIT` = logon", &["unit_of_a_whole_logon_spends_its_further_try_once"]),
    (
        "the failure dialog names the step",
        &["retry_repeats_the_step_and_a_second_failure_is_final"],
    ),
    (
        "Correct repairs paths and servers only",
        &["correct_repairs_paths_and_servers_and_never_the_other_two", "corrected-by-user"],
    ),
    (
        "faults of services and profiles",
        &[
            "fault_of_a_service_fails_its_configuration_before_any_prompt",
            "fault_of_a_service_stays_when_no_more_can_strike",
            "profile_that_corruption_strikes_is_damaged_for_good",
            "failing-configuration",
        ],
    ),
    (
        "a stored password that is wrong",
        &["wrong_password_is_asked_for_or_fails_the_try", "wrong-password"],
    ),
    ("the code of a provider that is full", &["full_provider_answers_in_its_own_words"]),
    (
        "stores table",
        &["stores_of_enabled_services_are_listed_and_none_is_started", "joined-twice"],
    ),
    (
        "initialisation unknown where a recording begins",
        &["whether_a_client_is_initialised_before_a_recording_is_unknown"],
    ),
    ("OLE's own code", &["first_initialisation_may_answer_what_the_scenario_lets_it"]),
    (
        "creator of a session",
        &[
            "session_ends_with_its_last_member_or_with_its_creator",
            "creator_ends_the_session_by_its_first_logoff_from_either_attachment",
        ],
    ),
    (
        "MAPI_NT_SERVICE without MAPI_NO_MAIL as an error",
        &["windows_service_with_mail_is_served_or_a_parameter_error"],
    ),
    (
        "given-up, tested, the table of readings and departures",
        &[
            "declared_readings_are_those_of_the_specification_row_by_row",
            "every_declared_property_is_given_up_in_some_scenario",
            "every_property_is_put_to_the_test_in_a_built_in_scenario",
        ],
    ),
    ("INV-49..66", &["every_id_of_section_8_has_its_place", "every_mutant_is_killed"]),
    ("LIV-4 and LIV-5 cannot be forgotten", &["every_mutant_is_killed"]),
    ("`[subsystem].init_codes`", &["first_initialisation_may_answer_what_the_scenario_lets_it"]),
    ("\"Any caller\"", &["outcomes_name_rows_flags_and_names", "anyone"]),
    ("`GetMsgStoresTable`", &["stores_of_enabled_services_are_listed_and_none_is_started"]),
    ("`LOGOFF_SHARED = \"force\"`", &["shared_logoff_notifies_the_others_or_logs_them_off"]),
    (
        "`MISSING_CFG_NOUI` does not concern a fault",
        &["missing_configuration_ends_a_silent_logon_where_read_so_and_a_fault_does_not"],
    ),
    (
        "an exhausted first failure is final",
        &["first_failure_of_a_spent_service_is_final_and_has_the_effect_of_a_final_one"],
    ),
    (
        "`LIMIT_EFFECT` has no effect inside session calls",
        &["session_limit_ends_a_logon_where_read_so_and_no_session_call"],
    ),
    ("`failure:NAME:CODE`", &["fault_of_a_service_fails_its_configuration_before_any_prompt"]),
    ("`rows`, `flags` and `name`", &["outcomes_name_rows_flags_and_names"]),
    ("a failure dialog without code", &["a_failure_dialog_without_code_stands_for_any"]),
];

#[test]
fn every_change_is_shown_by_a_test_or_a_scenario_named_for_it() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap();
    let section = |text: &str, head: &str| text.split(head).nth(1).unwrap().replace('\n', " ");
    let said = section(&read("docs/spec.md"), "## 12 Revision 2")
        + &section(&read("docs/scenario-format.md"), "## Revision 2");
    let spec = read("docs/spec.md");
    let rows = spec.split("## 12 Revision 2").nth(1).unwrap().lines().skip(3);
    for row in rows.filter(|row| row.starts_with('|')) {
        assert!(SHOWN.iter().any(|(change, _)| row.contains(change)), "nothing shows {row}");
    }
    let tests = ["tests", "model/tests", "traces/tests"].into_iter();
    let sources = tests.flat_map(|folder| files(folder, ".rs"));
    let sources: Vec<String> = sources.map(|path| fs::read_to_string(path).unwrap()).collect();
    let scenarios: BTreeSet<&str> = builtin::names().collect();
    for (change, shown) in SHOWN {
        assert!(said.contains(change), "{change} is not a change that is listed");
        for name in *shown {
            let test = format!("\nfn {name}(");
            let is_test = sources.iter().any(|text| text.contains(&test));
            assert!(is_test || scenarios.contains(name), "{change}: nothing is called {name}");
        }
    }
}

#[test]
fn outcomes_name_rows_flags_and_names() {
    let path = workplace("revision").join("any.toml");
    let text = "[[profile]]\nname = 'Work'\n[[profile.service]]\nname = 'Exchange'\n\
        provider = [{ name = 'MS', kind = 'message-store' },\
        { name = 'AB', kind = 'address-book' }]\n\
        [[client]]\nname = 'c'\nprofile = { any = ['Work'], none = true }\n\
        flags = { any = ['MAPI_NO_MAIL'], always = ['MAPI_NEW_SESSION'] }\n\
        calls = ['MAPILogonEx', 'GetMsgStoresTable']\n";
    fs::write(&path, text).unwrap();
    let ran = run(&["outcomes", path.to_str().unwrap(), "--format", "json"]);
    let outcomes: Vec<Vec<Value>> = serde_json::from_str(&ran.stdout).unwrap();
    let passed: BTreeSet<String> =
        outcomes.iter().map(|one| format!("{} {}", one[0]["flags"], one[0]["name"])).collect();
    let [new, quiet] = [r#"["MAPI_NEW_SESSION"]"#, r#"["MAPI_NEW_SESSION","MAPI_NO_MAIL"]"#];
    let all = [(new, "\"Work\""), (new, "null"), (quiet, "\"Work\""), (quiet, "null")];
    assert_eq!(passed, all.map(|(flags, name)| format!("{flags} {name}")).into());
    let tables = outcomes.iter().filter_map(|one| one.get(1));
    assert!(
        tables.clone().count() == 2 && tables.clone().all(|table| table["rows"] == json!(["MS"]))
    );
}

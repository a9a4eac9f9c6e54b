//! The journey of a client author with a log of his own: guess, import, explain, keep, look.

use std::fs;

use crate::support::{run, workplace};

const LOG: &str = "tests/data/groupware.log";

#[test]
fn guessed_map_imports_a_log_whose_explanation_the_saved_scenario_repeats() {
    let folder = workplace("journeys");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let [map, log, world, page] = ["map.toml", "log.jsonl", "world.toml", "page.html"].map(path);
    let ran = run(&["import", "--guess", LOG, "--out", &map]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("12 of 14 lines covered"), "{}", ran.stderr);
    assert!(ran.stderr.contains("2 lines not covered may show dialogs"), "{}", ran.stderr);
    let import = || run(&["import", "--map", &map, LOG, "--out", &log]);
    assert_eq!(
        import().stderr,
        "7 events; 2 lines matched by no expression; --unmatched shows them\n"
    );

    // The log's result is one that MAPILogonEx never gives; the rest is explained all the same.
    let ran = run(&["validate", &log]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("UNEXPLAINED at event 2 (groupware.log:2)"), "{}", ran.stdout);
    let rest = "If event 2 (groupware.log:2) was recorded wrongly\n  \
                its result taken as S_OK: the rest is explained, with 1 hidden fault\n";
    assert!(ran.stdout.contains(rest), "{}", ran.stdout);

    let text = fs::read_to_string(&map).unwrap();
    fs::write(&map, text + "[rename.result]\n\"0x00040380\" = \"S_OK\"\n").unwrap();
    assert_eq!(import().code, Some(0));
    let first = run(&["validate", &log, "--save-scenario", &world, "--html", &page]);
    assert_eq!(first.code, Some(0), "{}", first.stdout);
    assert!(!first.stdout.contains("does not say"), "{}", first.stdout);
    let again = run(&["validate", &log, "--scenario", &world]);
    assert_eq!(again.code, Some(0), "{}{}", again.stdout, again.stderr);
    let head = |text: &str| text.lines().next().map(str::to_owned);
    assert_eq!(head(&again.stdout), head(&first.stdout));

    let page = fs::read_to_string(&page).unwrap();
    let steps: Vec<&str> = page.split("<li class=\"step").skip(1).collect();
    let of = |what: &str| steps.iter().find(|step| step.contains(what)).unwrap();
    assert!(of("strikes").contains(">assumed</span>"), "{}", of("strikes"));
    assert!(of("answers").contains(">assumed</span>"), "{}", of("answers"));
    let opens = of("OpenMsgStore:Mailbox");
    assert!(opens.contains("groupware.log:8-9") && !opens.contains(">assumed</span>"), "{opens}");
    assert!(page.contains(">MAPI_E_LOGON_FAILED</tspan>"), "labels are wrapped, not cut");
}

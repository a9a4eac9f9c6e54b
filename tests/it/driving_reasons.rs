//! What `drive` says of a deviation: the clause that the system offends.

use serde_json::Value;

use crate::support::run;

const MODEL: &str = env!("CARGO_BIN_EXE_mapi-logon");

/// The first deviation of a wrong machine.
fn first(scenario: &str, mutant: &str) -> Value {
    let options = ["drive", scenario, "--calls", "3000", "--max-deviations", "1"];
    let adapter = ["--format", "json", "--", MODEL, "impersonate", "--stdio", "--mutant", mutant];
    let ran = run(&[&options[..], &adapter].concat());
    assert_eq!(ran.code, Some(1), "{scenario} {mutant}: {}{}", ran.stdout, ran.stderr);
    let mut result: Value = serde_json::from_str(&ran.stdout).unwrap();
    result["deviations"][0].take()
}

#[test]
fn the_clause_of_a_deviation_is_the_one_that_the_machine_breaks() {
    for (scenario, mutant, clause) in [
        ("office", "third-try", "RTY-5"),
        ("lost-store", "third-try", "RTY-5"),
        ("retry-storm", "third-try", "RTY-5"),
        ("office", "join-prompts", "SHR-10"),
        ("office", "never-disabled", "STA-12"),
        ("shared-session", "never-disabled", "DIS-11"),
        ("shared-logoff", "creator-ends-all", "SHR-13"),
        ("two-users", "TRN-16", "DIS-11"),
    ] {
        let deviation = first(scenario, mutant);
        assert_eq!(deviation["clause"], clause, "{scenario} {mutant}: {deviation:#}");
        let why = deviation["why_not"].as_array().unwrap();
        let named = why.iter().any(|one| one.as_str().unwrap().contains(&format!("({clause}")));
        assert!(named, "{scenario} {mutant}: {deviation:#}");
    }
}

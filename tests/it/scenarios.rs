//! The built-in scenarios show what they say.

use mapi_logon::builtin::{SCENARIOS, names};
use mapi_logon_model::scenario::Scenario;

use crate::support::files;

#[test]
fn every_scenario_file_is_built_in() {
    let mut embedded: Vec<_> = names().map(|name| format!("{name}.toml")).collect();
    embedded.sort();
    let folder = files("scenarios", ".toml").into_iter();
    let there: Vec<_> =
        folder.map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect();
    assert_eq!(embedded, there);
}

#[test]
fn built_in_scenarios_are_well_formed_and_begin_with_their_story() {
    for (name, text) in SCENARIOS {
        let scenario = Scenario::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(scenario.name.as_deref(), Some(*name));
        assert!(text.starts_with("# "), "{name} does not begin with its story");
        assert!(!scenario.expect.is_empty(), "{name} expects nothing to happen");
        let strange = |warning: &String| *name != "anyone" || !warning.contains("Nowhere");
        let warnings = scenario.warnings().into_iter().filter(strange);
        assert_eq!(warnings.collect::<Vec<_>>(), Vec::<String>::new(), "{name}");
    }
}

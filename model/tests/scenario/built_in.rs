//! The files under `scenarios/` are what a user may copy from.

use mapi_logon_model::scenario::{Scenario, WITNESSES};

/// The ready-made scenarios, by file name.
fn files() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../scenarios");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_built_in_scenario_is_read_without_warning() {
    for (name, text) in files() {
        let scenario = Scenario::parse(&text).unwrap_or_else(|e| panic!("{name}.toml:{e}"));
        assert_eq!(scenario.name.as_deref(), Some(name.as_str()));
        // Who may be anyone may also pass a name that means nothing.
        let unknown = "no profile is named \"Nowhere\"";
        let warnings = scenario.warnings().into_iter();
        let warnings = warnings.filter(|one| name != "anyone" || !one.ends_with(unknown));
        assert_eq!(warnings.collect::<Vec<_>>(), [""; 0], "{name}");
        assert_eq!(Scenario::parse(&scenario.to_toml()), Ok(scenario), "{name}");
    }
}

#[test]
fn every_built_in_scenario_has_its_story_and_the_witnesses_it_expects() {
    for (name, text) in files() {
        let story: Vec<_> = text.lines().take_while(|line| line.starts_with("# ")).collect();
        assert!((3..=6).contains(&story.len()), "{name}: {} lines", story.len());
        let story = story.join(" ");
        for witness in Scenario::parse(&text).unwrap().expect {
            let told =
                story.split(|c: char| c != '-' && !c.is_alphanumeric()).any(|w| w == witness);
            assert!(told, "{name} does not tell of {witness}");
        }
    }
}

#[test]
fn every_witness_is_expected_by_a_built_in_scenario() {
    let scenarios = files().into_iter().map(|(_, text)| Scenario::parse(&text).unwrap());
    let expected: Vec<_> = scenarios.flat_map(|scenario| scenario.expect).collect();
    for number in 1..=WITNESSES {
        assert!(expected.contains(&format!("RCH-{number}")), "RCH-{number}");
    }
}

//! Do outcomes change as they must when a scenario changes, and not otherwise?

use std::collections::BTreeSet;

use mapi_logon::outcomes::outcomes;
use proptest::prelude::*;
use serde_json::Value;

use crate::worlds::{KINDS, World, worlds};
use mapi_logon_model::scenario::ANSWERS;

const MOST: usize = 40_000;

/// Every outcome as text; nothing where the world is too large to look at.
fn seen(world: &World, dialogs: bool) -> Option<BTreeSet<String>> {
    let found = outcomes(&world.model(), dialogs, MOST);
    found.complete.then(|| found.outcomes.iter().map(Value::to_string).collect())
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(96))]

    #[test]
    fn names_are_only_names(world in worlds()) {
        let Some(before) = seen(&world, true) else { return Ok(()) };
        let mut renamed = world;
        let rename = |name: &mut String| *name = format!("the {name}");
        for profile in &mut renamed.profiles {
            for service in &mut profile.services {
                rename(&mut service.name);
                service.providers.iter_mut().for_each(|provider| rename(&mut provider.name));
            }
        }
        for client in &mut renamed.clients {
            rename(&mut client.name);
            for call in &mut client.calls {
                *call = call.replace(":R", ":the R");
            }
        }
        let after = seen(&renamed, true).map(|after| {
            after.iter().map(|text| text.replace("the ", "")).collect::<BTreeSet<_>>()
        });
        prop_assert_eq!(Some(before), after);
    }

    #[test]
    fn more_answers_only_add_outcomes(world in worlds(), extra in 0..ANSWERS.len()) {
        let mut wider = world.clone();
        if !wider.answers.contains(&ANSWERS[extra]) {
            wider.answers.push(ANSWERS[extra]);
        }
        grows(&world, &wider)?;
    }

    #[test]
    fn more_fault_kinds_only_add_outcomes(world in worlds(), extra in 0..KINDS.len()) {
        let mut wider = world.clone();
        if !wider.kinds.contains(&KINDS[extra]) {
            wider.kinds.push(KINDS[extra]);
        }
        grows(&world, &wider)?;
    }

    #[test]
    fn a_larger_budget_only_adds_outcomes(world in worlds()) {
        let mut wider = world.clone();
        wider.budget += 1;
        grows(&world, &wider)?;
    }

    #[test]
    fn faults_that_stay_do_nothing_that_repairable_ones_could_not(world in worlds()) {
        let (mut never, mut both) = (world.clone(), world);
        never.repair = "never";
        both.repair = "both";
        grows(&never, &both)?;
    }

    #[test]
    fn an_unused_profile_changes_nothing(world in worlds()) {
        let mut larger = world.clone();
        let mut unused = larger.profiles[0].clone();
        // A profile on the list could be picked.
        unused.state = "deleted";
        unused.name = "unused".to_owned();
        for service in &mut unused.services {
            service.name = format!("unused {}", service.name);
            for provider in &mut service.providers {
                provider.name = format!("unused {}", provider.name);
            }
        }
        larger.profiles.push(unused);
        let (before, after) = (seen(&world, true), seen(&larger, true));
        prop_assert!(before.is_none() || after.is_none() || before == after);
    }

    #[test]
    fn a_client_without_ui_never_has_a_logon_dialog(world in worlds()) {
        let found = outcomes(&world.model(), true, MOST);
        let ui = ["MAPI_LOGON_UI", "MAPI_PASSWORD_UI", "MAPI_SERVICE_UI_ALWAYS"];
        for record in found.outcomes.iter().filter_map(Value::as_array).flatten() {
            let client = world.clients.iter().find(|client| record["client"] == client.name);
            let flags = client.map_or(&[][..], |client| &client.flags);
            let silent = flags.contains(&"MAPI_NT_SERVICE")
                || !flags.iter().any(|flag| ui.contains(flag));
            if silent && record["method"] == "MAPILogonEx" {
                prop_assert_eq!(&record["dialogs"], &Value::Array(Vec::new()));
            }
        }
    }
}

/// What `smaller` can come to, `larger` can.
fn grows(smaller: &World, larger: &World) -> Result<(), TestCaseError> {
    if let (Some(few), Some(many)) = (seen(smaller, true), seen(larger, true)) {
        let lost: Vec<_> = few.difference(&many).take(2).collect();
        prop_assert!(lost.is_empty(), "lost {:?}", lost);
    }
    Ok(())
}

//! Outcomes change as they must when a scenario changes, and not otherwise.

use std::collections::BTreeSet;

use mapi_logon::outcomes::outcomes;
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::model;
use crate::worlds::worlds;
use mapi_logon_model::scenario::file::{FaultKind, FlagsParameter, Repair, ScenarioFile};
use mapi_logon_model::scenario::{ANSWERS, ProfileState};

const MOST: usize = 40_000;

/// Every outcome as text; nothing where the world is too large to look at.
fn seen(world: &ScenarioFile, dialogs: bool) -> Option<BTreeSet<String>> {
    let found = outcomes(&model(world), dialogs, MOST);
    found
        .complete
        .then(|| found.outcomes.iter().map(|one| serde_json::to_string(one).unwrap()).collect())
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
        for profile in &mut renamed.profile {
            for service in &mut profile.service {
                rename(&mut service.name);
                service.provider.iter_mut().for_each(|provider| rename(&mut provider.name));
            }
        }
        renamed.provider.iter_mut().for_each(|foreign| rename(&mut foreign.name));
        for client in &mut renamed.client {
            rename(&mut client.name);
            for call in client.calls.iter_mut().flatten() {
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
        let answers = wider.user.answers.as_mut().unwrap();
        if !answers.iter().any(|answer| answer == ANSWERS[extra]) {
            answers.push(ANSWERS[extra].to_owned());
        }
        grows(&world, &wider)?;
    }

    #[test]
    fn more_fault_kinds_only_add_outcomes(
        world in worlds(),
        extra in select(FaultKind::ALL.to_vec()),
    ) {
        let mut wider = world.clone();
        let kinds = wider.faults.kinds.as_mut().unwrap();
        if !kinds.contains(&extra) {
            kinds.push(extra);
        }
        grows(&world, &wider)?;
    }

    #[test]
    fn a_larger_budget_only_adds_outcomes(world in worlds()) {
        let mut wider = world.clone();
        wider.faults.budget += 1;
        grows(&world, &wider)?;
    }

    #[test]
    fn faults_that_stay_do_nothing_that_repairable_ones_could_not(world in worlds()) {
        let (mut never, mut both) = (world.clone(), world);
        never.faults.repair = Repair::Never;
        both.faults.repair = Repair::Both;
        grows(&never, &both)?;
    }

    #[test]
    fn an_unused_profile_changes_nothing(world in worlds()) {
        let mut larger = world.clone();
        let mut unused = larger.profile[0].clone();
        // A profile on the list could be picked.
        unused.state = ProfileState::Deleted;
        unused.name = "unused".to_owned();
        for service in &mut unused.service {
            service.name = format!("unused {}", service.name);
            for provider in &mut service.provider {
                provider.name = format!("unused {}", provider.name);
            }
        }
        larger.profile.push(unused);
        let (before, after) = (seen(&world, true), seen(&larger, true));
        prop_assert!(before.is_none() || after.is_none() || before == after);
    }

    #[test]
    fn a_client_without_ui_never_has_a_logon_dialog(world in worlds()) {
        let found = outcomes(&model(&world), true, MOST);
        let ui = ["MAPI_LOGON_UI", "MAPI_PASSWORD_UI", "MAPI_SERVICE_UI_ALWAYS"];
        for record in found.outcomes.iter().flatten() {
            let client = world.client.iter().find(|client| record.client == client.name);
            let flags = match client.map(|client| &client.flags) {
                Some(FlagsParameter::These(flags)) => flags.clone(),
                Some(FlagsParameter::Any(_)) => record.flags.clone().unwrap_or_default(),
                None => Vec::new(),
            };
            let has = |wanted: &str| flags.iter().any(|flag| flag == wanted);
            let silent = has("MAPI_NT_SERVICE") || !ui.into_iter().any(has);
            if silent && record.method == "MAPILogonEx" {
                prop_assert_eq!(&record.dialogs, &Some(Vec::new()));
            }
        }
    }
}

/// What `smaller` can come to, `larger` can.
fn grows(smaller: &ScenarioFile, larger: &ScenarioFile) -> Result<(), TestCaseError> {
    if let (Some(few), Some(many)) = (seen(smaller, true), seen(larger, true)) {
        let lost: Vec<_> = few.difference(&many).take(2).collect();
        prop_assert!(lost.is_empty(), "lost {:?}", lost);
    }
    Ok(())
}

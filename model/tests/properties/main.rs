//! The properties hold of the machine, and break where it is wrong.

mod arenas;
mod declared;
mod drawn;
mod explore;
mod forgetting;
mod sources;
mod worlds;

use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::observe::Observer;
use mapi_logon_model::policy::{PRESETS, Policy, SWITCHES};
use mapi_logon_model::property::{Decided, Kind, PROPERTIES, PropertySet, given_up_by};
use mapi_logon_model::scenario::{Answers, Scenario, WITNESSES};
use mapi_logon_model::world::bits::{BitReader, BitWriter};

use explore::{Explored, explore, explore_some, named_scenarios, scenario};
use worlds::{CROWDED, SILENT, WORLDS};

fn all_scenarios() -> Vec<(String, Scenario)> {
    let own = WORLDS.iter().map(|(name, text)| ((*name).to_owned(), scenario(text)));
    named_scenarios().into_iter().chain(own).collect()
}

#[test]
fn no_run_comes_back_to_where_it_was() {
    for (name, scenario) in all_scenarios() {
        assert_eq!(explore(&Model::new(scenario)).descents, 0, "{name}");
    }
}

#[test]
fn every_id_of_section_8_has_its_place() {
    let ids = |kind, prefix: &str, numbers: &mut dyn Iterator<Item = usize>| {
        let mut found: Vec<_> =
            PROPERTIES.iter().filter(|p| p.kind == kind).map(|p| p.id.to_owned()).collect();
        found.dedup();
        let wanted: Vec<_> = numbers.map(|number| format!("{prefix}-{number}")).collect();
        assert_eq!(found, wanted);
    };
    ids(Kind::Invariant, "INV", &mut (1..=66).chain(101..=117));
    ids(Kind::Witness, "RCH", &mut (1..=WITNESSES));
    ids(Kind::Progress, "LIV", &mut (1..=11));
    for property in PROPERTIES {
        assert!(property.clause().is_some(), "{} says nothing", property.id);
    }
}

#[test]
fn no_property_is_broken_in_any_scenario() {
    for (name, scenario) in all_scenarios() {
        let explored = explore(&Model::new(scenario.clone()));
        let mut broken = explored.broken();
        broken.retain(|id| given_up_by(id, &scenario).is_empty());
        assert_eq!(broken, [""; 0], "in {name}");
    }
}

#[test]
fn no_property_is_broken_under_a_reading_that_is_not_declared_to_give_it_up() {
    let mut wrong = Vec::new();
    for (name, scenario) in all_scenarios() {
        for switch in SWITCHES {
            for value in &switch.values[1..] {
                let mut read = scenario.clone();
                read.policy.set(switch.name, value).unwrap();
                let explored = explore_some(&Model::new(read.clone()));
                let missing = read.expect.iter().map(String::as_str);
                let mut broken: Vec<&str> = missing.filter(|id| !explored.shows(id)).collect();
                broken.extend(explored.broken());
                broken.retain(|id| given_up_by(id, &read).is_empty());
                if !broken.is_empty() {
                    wrong.push(format!("{name}, {} = {value}: {broken:?}", switch.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_witness_is_found_in_a_scenario_that_expects_it() {
    let mut found = Vec::new();
    for (name, scenario) in named_scenarios() {
        let expected = scenario.expect.clone();
        let explored = explore(&Model::new(scenario));
        for id in expected {
            assert!(explored.shows(&id), "{id} is not found in {name}");
            found.push(id);
        }
    }
    for number in 1..=WITNESSES {
        let id = format!("RCH-{number}");
        assert!(found.contains(&id), "no scenario expects {id}");
    }
}

#[test]
fn every_property_is_put_to_the_test_in_a_built_in_scenario() {
    let explored = named_scenarios().into_iter().map(|(_, one)| explore(&Model::new(one)).tested);
    let tested = explored.fold(PropertySet::EMPTY, PropertySet::or);
    for (at, property) in PROPERTIES.iter().enumerate() {
        // A session without members is closed in the step that ends the last one: only a mutant
        // leaves one open, and LIV-9 is shown by those.
        if (property.id, property.part) == ("LIV-9", "the session closes") {
            continue;
        }
        let asked = match property.decided {
            Decided::Never(_) | Decided::Eventually(_) => true,
            Decided::Sometime(_) | Decided::Elsewhere(_) => false,
        };
        let (id, part) = (property.id, property.part);
        assert!(!asked || tested.contains(at), "{id} {part} is not put to the test");
    }
}

#[test]
fn every_mutant_is_killed() {
    let mut missed = Vec::new();
    for mutant in Mutant::ALL {
        let scenario = arenas::arena(*mutant);
        let right = explore(&Model::new(scenario.clone()));
        let wrong = explore(&Model::new(scenario).mutated(*mutant));
        for id in mutant.killers() {
            let (name, witness) = (mutant.name(), id.starts_with("RCH"));
            let held = if witness { right.shows(id) } else { !right.broken().contains(id) };
            let fails = if witness { !wrong.shows(id) } else { wrong.broken().contains(id) };
            if !(held && fails) {
                missed.push(format!("{name}: {id}; {:?}", wrong.broken()));
            }
        }
    }
    assert_eq!(missed, [""; 0]);
}

#[test]
fn transport_that_a_download_needs_has_its_turn_whatever_is_lost() {
    let world = || Model::new(scenario(worlds::DOWNLOAD));
    assert!(!explore(&world()).broken().contains(&"LIV-6"));
    let wrong = explore(&world().mutated(Mutant::TurnDenied));
    assert!(wrong.broken().contains(&"LIV-6"));
}

#[test]
fn every_invariant_and_all_progress_can_fail() {
    for property in PROPERTIES {
        let can = Mutant::ALL.iter().any(|mutant| mutant.killers().contains(&property.id));
        let needs =
            property.kind != Kind::Witness && !matches!(property.decided, Decided::Elsewhere(_));
        assert!(can || !needs, "no mutant breaks {}", property.id);
    }
}

#[test]
fn user_who_never_answers_keeps_the_mutex_forever() {
    let (_, mut silent) = WORLDS
        .iter()
        .map(|(name, text)| (*name, scenario(text)))
        .find(|(name, _)| *name == "crowded")
        .unwrap();
    silent.answers = Answers(0);
    assert_eq!(explore(&Model::new(silent)).broken(), ["LIV-3"]);
}

#[test]
fn memory_survives_being_written() {
    for text in [CROWDED, SILENT] {
        let model = Model::new(scenario(text));
        let observer = Observer::of(&model);
        let mut words = vec![0; (observer.bits() as usize).div_ceil(64)];
        for (_, memory) in explore(&model).nodes {
            let mut out = BitWriter::new(&mut words);
            memory.encode(&observer, &mut out);
            assert!(out.len() <= observer.bits() as usize);
            let mut read = observer.start();
            read.decode(&observer, &mut BitReader::new(&words));
            assert_eq!(read, memory);
        }
    }
}

#[test]
fn memory_distinguishes_few_states_that_the_machine_does_not() {
    for (name, scenario) in named_scenarios() {
        let Explored { nodes, states, .. } = explore(&Model::new(scenario));
        let allowed = if name == "service-account" { 150 } else { 130 };
        assert!(nodes.len() * 100 <= states * allowed, "{name}: {} for {states}", nodes.len());
    }
}

#[test]
fn no_preset_violates_what_it_is_not_declared_to_give_up() {
    for (name, mut scenario) in named_scenarios() {
        for preset in PRESETS {
            scenario.policy = Policy::preset(preset.name).unwrap();
            let explored = explore_some(&Model::new(scenario.clone()));
            let missing = scenario.expect.iter().map(String::as_str);
            let mut broken: Vec<&str> = missing.filter(|id| !explored.shows(id)).collect();
            broken.extend(explored.broken());
            broken.retain(|id| given_up_by(id, &scenario).is_empty());
            assert_eq!(broken, [""; 0], "in {name} under {}", preset.name);
        }
    }
}

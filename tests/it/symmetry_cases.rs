//! Symmetry by cases: what can be exchanged in a scenario, what cannot, and the effect.

use mapi_logon::builtin::SCENARIOS;
use mapi_logon::cached::check_cached;
use mapi_logon::explorable::{Explorable, Parted};
use mapi_logon::symmetric::Symmetric;
use mapi_logon_checker::{
    Cached, Decision, Finding, Options, Report, Tally, TransitionSystem as _, check,
};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::scenario::Budget;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::symmetry::{Ordered, Symmetry};
use serde_json::{Value, json};

use crate::support::{root, run, workplace};
use crate::symmetry::{agree, classes_add_up, explore, is_symmetric, verdicts, worlds_of};

fn parsed(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// A built-in scenario with `clients` clients, copies of its own in turn.
pub(crate) fn crowded(name: &str, clients: usize, budget: u8) -> Scenario {
    let (_, text) = SCENARIOS.iter().find(|(known, _)| *known == name).unwrap();
    let mut scenario = parsed(text);
    let own = scenario.clients.clone();
    scenario.clients = own.iter().cycle().take(clients).cloned().collect();
    for (at, client) in scenario.clients.iter_mut().enumerate() {
        client.name = format!("c{at}");
    }
    scenario.faults.budget = Budget::Limited(budget);
    parsed(&scenario.to_toml())
}

/// Too large to be explored twice.
const LARGE: [&str; 2] = ["retry-storm", "anyone"];

#[test]
fn built_in_scenarios_have_the_same_verdicts_class_by_class() {
    for (name, text) in SCENARIOS.iter().filter(|(name, _)| !LARGE.contains(name)) {
        let model = Model::new(parsed(text));
        let world = Explorable::new(model.clone(), PropertySet::ALL);
        let classes = check(&Symmetric::new(&world), &Options::default()).unwrap();
        assert!(!classes.findings.iter().any(is_starved), "{name} goes round");
        let sizes = agree(model);
        assert!(sizes.is_none_or(|(whole, classes)| classes <= whole), "{name}");
    }
}

#[test]
fn equal_clients_are_explored_once() {
    for (name, clients) in [("session-limit", 4), ("wait-behind-dialog", 4), ("no-default", 3)] {
        let model = Model::new(crowded(name, clients, 0));
        is_symmetric(&model, 300).unwrap();
        classes_add_up(&model);
        let (whole, classes) = agree(model).unwrap();
        assert!(classes * 3 < whole * 2, "{name}: {classes} of {whole}");
    }
}

/// Two branch offices, alike in everything; each has a client and a profile with two services.
pub(crate) const BRANCHES: &str = "
[[profile]]\nname = 'North'
[[profile.service]]\nname = 'NS'\n[[profile.service.provider]]\nname = 'NB'
kind = 'address-book'\n[[profile.service.provider]]\nname = 'NM'\nkind = 'message-store'
[[profile]]\nname = 'South'
[[profile.service]]\nname = 'SS'\n[[profile.service.provider]]\nname = 'SB'
kind = 'address-book'\n[[profile.service.provider]]\nname = 'SM'\nkind = 'message-store'
[[client]]\nname = 'n'\nprofile = 'North'\nflags = ['MAPI_NEW_SESSION']
calls = ['MAPILogonEx', 'OpenMsgStore:NM', 'Logoff']
[[client]]\nname = 's'\nprofile = 'South'\nflags = ['MAPI_NEW_SESSION']
calls = ['MAPILogonEx', 'OpenMsgStore:SM', 'Logoff']
[faults]\nbudget = 1\nkinds = ['server-unavailable']
";

#[test]
fn services_and_providers_of_equal_profiles_change_places_with_their_clients() {
    let scenario = parsed(BRANCHES);
    let symmetry = Symmetry::of(&scenario);
    assert_eq!((symmetry.order(), symmetry.clients().len()), (2, 0));
    assert_eq!(symmetry.profiles().len(), 1);
    let model = Model::new(scenario);
    is_symmetric(&model, 2_000).unwrap();
    classes_add_up(&model);
    let (whole, classes) = agree(model).unwrap();
    assert!(classes * 10 < whole * 6, "{classes} of {whole}");
}

#[test]
fn whatever_distinguishes_things_keeps_them_apart() {
    let apart = [
        ("a default", "[subsystem]\ndefault_profile = 'South'\n", "", ""),
        ("a flag", "", "name = 's'\n", "name = 's'\npassword = 'x'\n"),
        ("a call", "", "OpenMsgStore:SM", "OpenMsgStore:NM"),
        ("a state", "", "name = 'South'\n[", "name = 'South'\nstate = 'damaged'\n["),
        ("a provider", "", "name = 'SM'\n", "name = 'SM'\nsession_cap = 1\n"),
        ("a service", "", "name = 'SS'\n", "name = 'SS'\nidentity = true\n"),
    ];
    for (what, before, old, new) in apart {
        let text = before.to_owned() + &BRANCHES.replace(old, new);
        assert_eq!(Symmetry::of(&parsed(&text)).order(), 1, "{what}");
    }
}

/// One profile with two services that are equal in everything.
const PAIR: &str = "
[[profile]]\nname = 'Work'
[[profile.service]]\nname = 'A'\n[[profile.service.provider]]\nname = 'AM'\nkind = 'message-store'
[[profile.service]]\nname = 'B'\n[[profile.service.provider]]\nname = 'BM'\nkind = 'message-store'
[[client]]\nname = 'c'\nprofile = 'Work'\nflags = ['MAPI_NEW_SESSION']
[faults]\nbudget = 1\nkinds = ['server-unavailable']
";

/// Exchanging equal services of one profile is no symmetry: some run comes to a world whose mirror
/// image no run comes to.
#[test]
fn equal_services_of_one_profile_are_distinguished_by_their_order() {
    let scenario = parsed(PAIR);
    assert_eq!(Symmetry::of(&scenario).order(), 1);
    let [Ordered::Services(pair)] = scenario.told_apart_by_order()[..] else {
        panic!("one pair of services");
    };
    assert_eq!(pair.len(), 2);
    let model = Model::new(scenario);
    let (first, second) = (0.into(), 1.into());
    let running = |only, other| {
        worlds_of(&model, 10_000).iter().any(|world| {
            let sight = model.sight(&world.state);
            let session = sight.session(0.into());
            session.running().contains(only)
                && !session.running().contains(other)
                && session.disabled().is_empty()
        })
    };
    assert!(running(first, second) && !running(second, first));
}

fn is_starved(finding: &Finding) -> bool {
    matches!(finding.verdict, Decision::Starved(_))
}

/// A wrong machine breaks the same properties class by class.
#[test]
fn wrong_machines_are_found_out_class_by_class() {
    let mut broken = 0;
    for scenario in [crowded("office", 3, 0), crowded("shared-logoff", 3, 0)] {
        for mutant in Mutant::ALL {
            let model = Model::new(scenario.clone()).mutated(*mutant);
            if is_symmetric(&model, 4_000).is_err() {
                // A machine that prefers one client to another, or whose memory is not all kept,
                // has no such symmetry.
                continue;
            }
            broken += usize::from(agree(model).is_some());
        }
    }
    assert!(broken > Mutant::ALL.len(), "{broken}");
}

#[test]
fn obligation_that_stays_open_is_found_class_by_class() {
    let text = std::fs::read_to_string(root().join("tests/data/silent-user.toml")).unwrap();
    let more = "\n[[client]]\nname = 'excel'\nprofile = 'Work'\nflags = ['MAPI_TIMEOUT_SHORT']\n\
                [[client]]\nname = 'access'\nprofile = 'Work'\nflags = ['MAPI_TIMEOUT_SHORT']\n";
    let scenario = parsed(&(text.clone() + more));
    assert_eq!(Symmetry::of(&scenario).order(), 2);
    let world = Explorable::new(Model::new(scenario.clone()), PropertySet::ALL);
    let report = explore(&world, true);
    assert!(verdicts(&report).contains(&"LIV-3 starved".to_owned()));
    agree(Model::new(scenario));
}

/// Only wrong machines go round in circles. Whether that is fair, the whole model decides.
#[test]
fn cycles_are_judged_by_who_goes_round() {
    let goes_round = |report: &Report, id: &str| {
        report.findings.iter().any(|finding| {
            finding.property.id == id
                && matches!(&finding.verdict, Decision::Starved(lasso) if !lasso.cycle.is_empty())
        })
    };
    for (budget, fair) in [(0, false), (1, true)] {
        let model = Model::new(crowded("session-limit", 3, budget)).mutated(Mutant::ThirdTry);
        let world = Explorable::new(model.clone(), PropertySet::ALL);
        // Without faults a try fails only until others, who are not kept from it, have logged off.
        let classes = Symmetric::new(&world);
        assert!(goes_round(&check(&classes, &Options::default()).unwrap(), "LIV-1"));
        assert!(goes_round(&check_cached(&classes, &Options::default()).unwrap(), "LIV-1"));
        let cached = Cached::<_, 1>::new(Parted::of(classes).unwrap(), Tally::None).unwrap();
        assert!(cached.exchanges_actors());
        assert_eq!(goes_round(&explore(&world, true), "LIV-1"), fair);
        assert_eq!(goes_round(&explore(&world, false), "LIV-1"), fair);
        agree(model).unwrap();
    }
}

#[test]
fn check_says_what_is_interchangeable_and_its_runs_can_be_replayed() {
    let trace = workplace("symmetry").join("run.jsonl");
    let trace = trace.to_str().unwrap();
    let whole = run(&["check", "refused-calls", "--format", "json"]);
    let witness = ["--witness", "RCH-1", "--trace", trace];
    let classes = ["check", "refused-calls", "--symmetry", "--format", "json"];
    let ran = run(&[&classes[..], &witness].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(run(&["replay", trace]).code, Some(0));
    let ran = run(&classes);
    let [whole, classes]: [Value; 2] =
        [whole.stdout, ran.stdout].map(|text| serde_json::from_str(&text).unwrap());
    assert_eq!(classes["symmetry"]["clients"], json!([["first", "second"]]));
    let verdicts = |checked: &Value| -> Vec<Value> {
        let rows = checked["properties"].as_array().unwrap().iter();
        rows.map(|row| json!([row["id"], row["verdict"], row["tested"] == 0])).collect()
    };
    assert_eq!(verdicts(&classes), verdicts(&whole));
    assert!(classes["states"].as_u64() < whole["states"].as_u64());
    let schema = std::fs::read_to_string(root().join("schemas/check.schema.json")).unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    jsonschema::validate(&schema, &classes).unwrap();
}

#[test]
fn symmetry_is_refused_where_it_is_unknown() {
    let ran = run(&["check", "--symmetry", "--engine", "stateright"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("does not support --symmetry"), "{}", ran.stderr);
}

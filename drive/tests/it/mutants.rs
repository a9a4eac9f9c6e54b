//! Mutants of the model as systems under test: those that an adapter can tell from the right
//! machine are found, and no run of the others gives them away.

use std::fs;

use mapi_logon_drive::campaign::Limits;
use mapi_logon_drive::protocol::World;
use mapi_logon_drive::world::{drivable, opened};
use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, CodeSet, FaultSet};
use mapi_logon_model::mutant::Mutant;
use mapi_logon_model::protocol::ProviderCall;
use mapi_logon_model::scenario::{Budget, Scenario};
use mapi_logon_traces::cover::{Atlas, Criterion};

use crate::letters::Eyes;
use crate::reach::{Alphabet, Difference, Machine, Right, answers, refused, wrong};
use crate::support::{LIMITS, along, built_in, drive};

/// Most calls that it may take to find one.
const CALLS: u64 = 10_000;

/// A scenario with its right machine, as an adapter sees it and with every effect.
struct Place {
    name: String,
    scenario: Scenario,
    model: Model,
    /// The same as adapters play it: providers answer what the tool says.
    played: Model,
    seen: (Alphabet, Right),
    inside: (Alphabet, Right),
}

/// The built-in scenarios whose graph is small.
fn places() -> Vec<Place> {
    let place = |(name, scenario): (String, Scenario)| {
        let model = Model::new(drivable(scenario.clone()));
        let right = |model: &Model, eyes| {
            let mut alphabet = Alphabet::default();
            let machine = Machine::of(model, eyes, &mut alphabet);
            machine.is_complete().then(|| (alphabet, Right::new(machine)))
        };
        let mut alphabet = Alphabet::default();
        let machine = Machine::of(&model, Eyes::Adapter, &mut alphabet);
        let played = Model::new(played(&scenario, &answers(&alphabet, &machine)));
        let mut seen = machine.is_complete().then(|| (alphabet, Right::new(machine)))?;
        let mut own = Machine::of(&played, Eyes::Adapter, &mut seen.0);
        let alike = wrong(&mut own, &mut seen.1, &seen.0).is_none();
        let inside = right(&played, Eyes::All).filter(|_| alike)?;
        Some(Place { name, scenario, model, played, seen, inside })
    };
    built_in().into_iter().filter_map(place).collect()
}

/// The scenario as an adapter plays it: its providers have no data, faults or limits of their own,
/// and answer what the tool says.
fn played(scenario: &Scenario, answers: &[(ProviderId, ProviderCall, Code)]) -> Scenario {
    let known = drivable(scenario.clone());
    let mut played = World::of(&known).scenario().unwrap();
    for service in &mut played.services {
        service.faults = FaultSet::default();
    }
    for (index, provider) in played.providers.iter_mut().enumerate() {
        provider.faults = FaultSet::default();
        let own = answers.iter().filter(|(one, ..)| one.index() == index);
        let codes = |wanted: ProviderCall| {
            let mut codes = CodeSet::default();
            own.clone()
                .filter(|(_, call, code)| *call == wanted && *code != Code::Ok)
                .for_each(|(.., code)| codes.insert(*code));
            codes
        };
        (provider.init_codes, provider.logon_codes) =
            (codes(ProviderCall::Init), codes(ProviderCall::Logon));
    }
    played.faults.budget = Budget::Unlimited;
    Scenario { clients: known.clients, answers: known.answers, policy: known.policy, ..played }
}

/// What can be told of a mutant.
enum Told {
    /// An adapter can tell it from the right machine in this scenario.
    Differs(usize),
    /// It shows nothing wrong, and this is why.
    Not(String),
}

fn told(mutant: Mutant, places: &mut [Place]) -> Told {
    for (at, place) in places.iter_mut().enumerate() {
        let (alphabet, right) = &mut place.seen;
        let model = place.played.clone().mutated(mutant);
        let mut machine = Machine::of(&model, Eyes::Adapter, alphabet);
        if wrong(&mut machine, right, alphabet).is_some() {
            return Told::Differs(at);
        }
    }
    for place in &mut *places {
        let (alphabet, right) = &mut place.inside;
        let model = place.played.clone().mutated(mutant);
        let mut machine = Machine::of(&model, Eyes::All, alphabet);
        if let Some(difference) = wrong(&mut machine, right, alphabet) {
            return Told::Not(format!("{}: {}", place.name, in_words(&difference)));
        }
    }
    for place in &mut *places {
        let (alphabet, right) = &mut place.seen;
        let model = place.played.clone().mutated(mutant);
        let machine = Machine::of(&model, Eyes::Adapter, alphabet);
        if let Some(Difference { shown: Some(letter), .. }) = refused(machine, right, alphabet) {
            let (name, what) = (&place.name, letter.name());
            return Told::Not(format!("{name}: does not take {what}, and shows nothing else"));
        }
    }
    Told::Not("does what the right machine does in all of them".to_owned())
}

fn in_words(difference: &Difference) -> String {
    let shown = difference.shown.as_ref().map_or("nothing".to_owned(), |letter| letter.name());
    let mut due: Vec<_> = difference.due.iter().map(|letter| letter.name()).collect();
    due.sort_unstable();
    due.dedup();
    let due = if due.is_empty() { "nothing".to_owned() } else { due.join(" or ") };
    format!("{shown} where {due} is due")
}

/// A mutant as a system under test in a scenario.
fn build(scenario: &Scenario, mutant: Mutant) -> impl Fn(Scenario) -> Model + use<> {
    let policy = scenario.policy;
    move |world: Scenario| opened(Scenario { policy, ..world }).mutated(mutant)
}

/// Is the mutant found in the scenario: along the goals of the right machine, then at random?
fn is_found(mutant: Mutant, place: &Place) -> bool {
    let (build, mut left) = (build(&place.scenario, mutant), CALLS);
    for criterion in [Criterion::Pairs, Criterion::States] {
        let atlas = Atlas::explore(&place.model, criterion, &mut |_| true);
        let limits = Limits { calls: 1_000, ..LIMITS };
        // A mutant that ignores the answers chosen for its providers cannot be driven.
        let tally = along((&place.model, &atlas), &place.scenario, &build, &limits);
        let Ok((tally, _)) = tally else { continue };
        left -= tally.calls;
        if !tally.deviating.is_empty() {
            return true;
        }
    }
    (1..).find_map(|seed| {
        let limits = Limits { seed, calls: 100.min(left), ..LIMITS };
        let tally = drive(&place.scenario, &build, &limits);
        left -= limits.calls;
        let deviates = tally.is_ok_and(|tally| !tally.deviating.is_empty());
        (deviates || left == 0).then_some(deviates)
    }) == Some(true)
}

/// Is the mutant found by a few random calls in some scenario, which may be others than it lists?
fn is_found_at_random(mutant: Mutant, scenarios: &[(String, Scenario)]) -> bool {
    scenarios.iter().any(|(_, scenario)| {
        let limits = Limits { seed: 1, calls: 100, ..LIMITS };
        let tally = drive(scenario, &build(scenario, mutant), &limits);
        tally.is_ok_and(|tally| !tally.deviating.is_empty())
    })
}

/// The page with those that are not found.
const PAGE: &str = "../docs/drive-mutants.md";

#[test]
fn every_mutant_that_an_adapter_can_tell_is_found_and_a_search_says_why_others_are_not() {
    let (mut places, scenarios) = (places(), built_in());
    assert_eq!(places.len(), 30, "the page says how many");
    let (mut missed, mut rows) = (Vec::new(), String::new());
    for mutant in Mutant::ALL.iter().copied() {
        match told(mutant, &mut places) {
            Told::Differs(at) if is_found(mutant, &places[at]) => {}
            Told::Differs(at) => missed.push(format!("{} in {}", mutant.name(), places[at].name)),
            Told::Not(_) if is_found_at_random(mutant, &scenarios) => {}
            Told::Not(why) => {
                let wrong = mutant.wrong().trim_end_matches('.');
                rows += &format!("| `{}` | {wrong} | {why} |\n", mutant.name());
            }
        }
    }
    assert_eq!(missed, [""; 0]);
    let page = fs::read_to_string(PAGE).unwrap();
    let (head, _) = page.split_once("|:--|:--|:--|\n").unwrap();
    let now = format!("{head}|:--|:--|:--|\n{rows}");
    if std::env::var_os("MAPI_LOGON_BLESS").is_some() {
        fs::write(PAGE, &now).unwrap();
    }
    assert_eq!(fs::read_to_string(PAGE).unwrap(), now, "MAPI_LOGON_BLESS=1 renews the page");
}

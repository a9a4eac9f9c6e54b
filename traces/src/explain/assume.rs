//! The world assumed where no scenario is given: the plainest one, with the cheapest facts that
//! make the recording possible.

use std::collections::BTreeSet;

use mapi_logon_model::policy::Start;
use mapi_logon_model::scenario::{Client, Scenario};

use super::change::Change;
use super::decide::explain;
use super::limits::ExplainLimits;
use super::report::Explained;
use super::suspects::suspects;
use super::trials::{Changes, Tested, Trials};
use super::verdict::{Assumed, ExplainVerdict};
use crate::lines::FileError;
use crate::recording::Recording;

/// Most facts that are assumed together.
const MOST: usize = 3;

/// Steps that the search for facts may take in all.
const STEPS: u64 = 5_000_000;

/// Most steps of a search after which other explanations of the same price are looked for.
const CHEAP: u64 = 200_000;

/// Explains a recording in the plainest world, or with the cheapest facts beyond it.
///
/// Every fault, every fact and the reading that stores start when they are opened have the price 1;
/// the cheapest is chosen, what asks for no fact before what does.
///
/// # Errors
/// [`FileError`] as [`explain`] has it.
pub fn assume(
    recording: &Recording,
    plainest: &Scenario,
    limits: &ExplainLimits<'_>,
) -> Result<(Explained, Scenario, Assumed), FileError> {
    let base = explain(recording, plainest, limits)?;
    let explanation = &base.explanation;
    let plain = (explanation.verdict == ExplainVerdict::Explained).then_some(explanation.faults);
    let world = in_short(plainest).into_iter().chain(missing(recording, plainest));
    let world = world.chain(unsaid(recording, plainest)).collect();
    let mut assumed = Assumed { world, ..Assumed::default() };
    let undecided = explanation.verdict == ExplainVerdict::Inconclusive;
    if plain == Some(0) || undecided || (plain.is_some() && base.work > CHEAP) {
        return Ok((base, plainest.clone(), assumed));
    }
    let facts = suspects(recording, plainest);
    let starts_late = plainest.policy.start == Start::OnOpen;
    let mut trials = Trials::new(recording, plainest, limits, STEPS);
    let reached = if plain.is_some() { 0 } else { explanation.explained };
    let most = if plain.is_some() { 1 } else { MOST };
    let mut found = trials.grow(reached, most, |base| {
        let mut sets: Vec<Changes> = facts.iter().filter_map(|fact| base.with(fact)).collect();
        if !starts_late && base.set.is_empty() {
            // A fact may show only where stores start when they are opened.
            let late = |changes: &Changes| {
                let mut late = changes.clone();
                late.set.insert("START", "on_open");
                late
            };
            let also: Vec<Changes> = std::iter::once(base).chain(&sets).map(late).collect();
            sets.extend(also);
        }
        sets
    });
    found.sort_by_key(|(changes, tested)| (changes.price() + tested.faults, changes.clone()));
    let cheapest = found.first().map(|(changes, tested)| changes.price() + tested.faults);
    let Some(price) = cheapest.into_iter().chain(plain).min() else {
        let answering = answering(&facts, plainest);
        let (report, scenario) = match answering {
            Some((scenario, lines)) => {
                let report = explain(recording, &scenario, limits)?;
                if report.explanation.explained < base.explanation.explained {
                    return Ok((base, plainest.clone(), assumed));
                }
                assumed.world.extend(lines);
                (report, scenario)
            }
            None => (base, plainest.clone()),
        };
        return Ok((report, scenario, assumed));
    };
    found.retain(|(changes, tested)| changes.price() + tested.faults == price);
    fullest(&mut found);
    let told = |(changes, tested): &(Changes, _)| changes.hypothesis(None, *tested);
    assumed.or = found.iter().map(told).collect();
    if plain == Some(price) {
        // Under another reading the same faults explain as much, at a higher price.
        assumed.or.retain(|one| one.set.is_empty());
        return Ok((base, plainest.clone(), assumed));
    }
    let chosen = found[0].0.apply(plainest).unwrap_or_else(|| plainest.clone());
    assumed.chosen = Some(assumed.or.remove(0));
    let report = explain(recording, &chosen, limits)?;
    Ok((report, chosen, assumed))
}

/// The world in which providers may answer whatever they are recorded to have answered, so that
/// the first difference is MAPI's own; and what that assumes, in words.
fn answering(facts: &[Change], plainest: &Scenario) -> Option<(Scenario, Vec<String>)> {
    let answers = facts.iter().filter(|fact| matches!(fact, Change::Answer(..)));
    let world: BTreeSet<Change> = answers.cloned().collect();
    let lines = world.iter().map(|fact| fact.fact().text).collect();
    let changes = Changes { world, ..Changes::default() };
    (changes.len() > 0).then(|| changes.apply(plainest)).flatten().map(|it| (it, lines))
}

/// Of limits that differ in their number alone the greatest is kept.
fn fullest(found: &mut Vec<(Changes, Tested)>) {
    let mut limits = BTreeSet::new();
    found.reverse();
    found.retain(|(changes, _)| {
        let mut kinds = changes.world.iter().filter_map(Change::limit);
        kinds.all(|kind| limits.insert(kind))
    });
    found.reverse();
}

/// Profiles that logons name and that are assumed to be missing.
fn missing(recording: &Recording, scenario: &Scenario) -> Vec<String> {
    let named = recording.events.iter().filter_map(|event| event.name.as_ref()?.as_ref());
    let is_known = |name: &str| scenario.profiles.iter().any(|profile| profile.name == name);
    let names: BTreeSet<&str> =
        named.map(String::as_str).filter(|name| !name.is_empty() && !is_known(name)).collect();
    names.into_iter().map(|name| format!("no profile {name:?}")).collect()
}

/// What logons pass where the recording does not say: a line for each client.
fn unsaid(recording: &Recording, scenario: &Scenario) -> Vec<String> {
    let line = |client: &Client| {
        let own = recording.events.iter().filter(|one| one.client == client.name);
        let logons = || own.clone().filter(|one| one.method == "MAPILogonEx");
        let name = client.only_name().and_then(|name| name.written.as_deref());
        let name = name.filter(|_| logons().any(|one| one.name.is_none()));
        let flags: Vec<_> = client.flags.iter_names().map(|(name, _)| name).collect();
        let flags = (logons().any(|one| one.flags.is_none()) && !flags.is_empty()).then_some(flags);
        let said = match (name, flags) {
            (None, None) => return None,
            (Some(name), None) => format!("the profile name {name:?}"),
            (None, Some(flags)) => flags.join(", "),
            (Some(name), Some(flags)) => {
                format!("the profile name {name:?} and {}", flags.join(", "))
            }
        };
        Some(format!("{} passes {said}; the recording does not say", client.name))
    };
    scenario.clients.iter().filter_map(line).collect()
}

/// A world in short: a line for each profile with its services and providers.
fn in_short(scenario: &Scenario) -> Vec<String> {
    let foreign = scenario.foreign();
    let profiles = scenario.profiles.iter().map(|profile| {
        let services = profile.services.map(|service| {
            let service = &scenario.services[service.index()];
            let names = service.providers.map(|one| {
                let provider = &scenario.providers[one.index()];
                format!("{} {}", provider.kind.name(), provider.name)
            });
            format!("{} ({})", service.name, names.collect::<Vec<_>>().join(", "))
        });
        let services: Vec<String> = services.collect();
        let services = if services.is_empty() { "nothing".into() } else { services.join(", ") };
        let default = scenario.default_name.as_ref() == Some(&profile.name);
        let default = if default { ", the default profile," } else { "" };
        format!("profile {}{default} with {services}", profile.name)
    });
    let foreign = scenario.providers.iter().filter(|one| foreign.contains(one.service));
    let foreign = foreign.map(|one| format!("store {}, which belongs to no service", one.name));
    profiles.chain(foreign).collect()
}

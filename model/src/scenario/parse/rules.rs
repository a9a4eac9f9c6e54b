//! What rules a scenario's runs? Subsystem, user, faults, policy, expectations, weights.

use super::mistake::{Read, admissible, lookup, quoted};
use super::value::{Field, Section};
use crate::mapi::{Code, CodeSet, FaultSet, INITIALIZE_CODES};
use crate::policy::{Policy, SWITCHES};
use crate::scenario::{
    ANSWERS, Answers, Faults, MAX_WEIGHT, Scenario, WITNESSES, Weights, fault_kinds,
};

/// Most faults of one run, as the budget is written.
#[expect(clippy::cast_possible_truncation, reason = "the limit is far below 256")]
const BUDGET: u8 = crate::ids::BUDGET as u8;

/// Names of the ambiguity register that other keys set.
const ELSEWHERE: [(&str, &str); 5] = [
    ("CRITICAL", "is set by `critical = true` in [[profile.service]]"),
    ("profile_password", "is set by `password = true` in [[profile]]"),
    ("PROFILE_PASSWORD", "is set by `password = true` in [[profile]]"),
    ("max_sessions", "is set by `max_sessions` in [subsystem]"),
    ("MAX_SESSIONS", "is set by `max_sessions` in [subsystem]"),
];

/// Reads `[subsystem]`. Profiles must have been read.
pub(super) fn subsystem(root: Section<'_>, scenario: &mut Scenario) -> Read<()> {
    let keys = ["default_profile", "max_sessions", "init_codes"];
    let Some(section) = root.section("subsystem", "[subsystem]", &keys)? else {
        return Ok(());
    };
    if let Some(field) = section.get("max_sessions") {
        scenario.max_sessions = Some(field.whole(0..=u32::MAX)?);
    }
    scenario.init_codes = codes(section, "init_codes", &INITIALIZE_CODES)?;
    if let Some(field) = section.get("default_profile") {
        let name = field.title()?;
        scenario.default_profile = scenario.resolve(name);
        scenario.default_name = Some(name.to_owned());
    }
    Ok(())
}

/// A list of result codes, of those that are admissible here.
pub(super) fn codes(section: Section<'_>, key: &str, admissible: &[Code]) -> Read<CodeSet> {
    let mut codes = CodeSet::default();
    let Some(field) = section.get(key) else {
        return Ok(codes);
    };
    let known: Vec<_> = admissible.iter().map(|code| (code.name(), *code)).collect();
    for code in field.choices("result code", &known)? {
        codes.insert(code);
    }
    Ok(codes)
}

/// Reads `[faults]`.
pub(super) fn faults(root: Section<'_>) -> Read<Faults> {
    let mut faults = Faults::default();
    let keys = ["budget", "kinds", "repair"];
    let Some(section) = root.section("faults", "[faults]", &keys)? else {
        return Ok(faults);
    };
    if let Some(field) = section.get("budget") {
        faults.budget = budget(field)?;
    }
    if let Some(field) = section.get("kinds") {
        faults.kinds = kinds(field)?;
    }
    if let Some(field) = section.get("repair") {
        let known = [
            ("user", (true, false)),
            ("environment", (false, true)),
            ("both", (true, true)),
            ("never", (false, false)),
        ];
        (faults.repair_by_user, faults.repair_by_environment) = field.choice(&known)?;
    }
    Ok(faults)
}

fn budget(field: Field<'_>) -> Read<u8> {
    field.whole(0..=BUDGET).map_err(|mut mistake| {
        mistake.message += " (limit BUDGET)";
        mistake
    })
}

/// A list of fault kinds; both directions of a version mismatch are one kind.
pub(super) fn kinds(field: Field<'_>) -> Read<FaultSet> {
    let sets = field.choices("fault kind", &fault_kinds())?;
    Ok(sets.into_iter().fold(FaultSet::default(), |all, set| FaultSet(all.0 | set.0)))
}

/// Reads `[user]`.
pub(super) fn answers(root: Section<'_>) -> Read<Answers> {
    let field = root.section("user", "[user]", &["answers"])?.and_then(|user| user.get("answers"));
    let Some(field) = field else {
        return Ok(Answers::default());
    };
    let known: Vec<_> = ANSWERS.iter().enumerate().map(|(bit, name)| (*name, 1 << bit)).collect();
    Ok(Answers(field.choices("answer", &known)?.into_iter().sum()))
}

/// Reads `[policy]`.
pub(super) fn policy(root: Section<'_>) -> Read<Policy> {
    let mut policy = Policy::default();
    let Some(field) = root.get("policy") else {
        return Ok(policy);
    };
    for field in field.open("[policy]")?.fields() {
        let key = quoted(field.key);
        if let Some((_, place)) = ELSEWHERE.iter().find(|(name, _)| *name == field.key) {
            return Err(field.key_mistake(format!("{key} is no switch of [policy]: it {place}")));
        }
        let Some(switch) = SWITCHES.iter().find(|switch| switch.name == field.key) else {
            let names: Vec<_> = SWITCHES.iter().map(|switch| switch.name).collect();
            let choice = admissible(field.key, &names);
            return Err(field.key_mistake(format!("unknown policy {key} in [policy]; {choice}")));
        };
        let known: Vec<_> = switch.values.iter().map(|value| (*value, *value)).collect();
        let value = field.choice(&known)?;
        policy.set(switch.name, value).map_err(|error| field.mistake(error.to_string()))?;
    }
    Ok(policy)
}

/// Reads `[expect]`.
pub(super) fn expect(root: Section<'_>) -> Read<Vec<String>> {
    let section = root.section("expect", "[expect]", &["witnesses"])?;
    let Some(field) = section.and_then(|section| section.get("witnesses")) else {
        return Ok(Vec::new());
    };
    let names: Vec<_> = (1..=WITNESSES).map(|number| format!("RCH-{number}")).collect();
    let known: Vec<_> = names.iter().map(|name| (name.as_str(), name)).collect();
    Ok(field.choices("witness", &known)?.into_iter().cloned().collect())
}

/// Reads `[weights]`.
pub(super) fn weights(root: Section<'_>) -> Read<Weights> {
    let mut weights = Weights::default();
    let Some(field) = root.get("weights") else {
        return Ok(weights);
    };
    let names: Vec<_> = weights.named_mut().map(|(name, _)| (name, ())).collect();
    for field in field.open("[weights]")?.fields() {
        lookup(field.key, "key of [weights]", &names).map_err(|m| field.key_mistake(m))?;
        let number = field.whole(0..=MAX_WEIGHT)?;
        for (name, weight) in weights.named_mut() {
            if name == field.key {
                *weight = number;
            }
        }
    }
    Ok(weights)
}

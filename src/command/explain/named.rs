//! What else has a name? Presets, scenarios, boxes of the flowchart, numbers of result codes.

use mapi_logon_model::clause::{FLOWCHART_EDGES, FLOWCHART_NODES, find};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::policy::{Elsewhere, PRESETS, Preset, elsewhere};
use mapi_logon_model::scenario::Scenario;

use super::{Explanation, Related, fact, mentions, of_code, sentence};
use crate::builtin::SCENARIOS;
use crate::command::list::story;

/// The names that are explained here, for whoever mistypes one.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let presets = PRESETS.iter().map(|preset| preset.name);
    let scenarios = SCENARIOS.iter().map(|(name, _)| *name);
    let boxes = FLOWCHART_NODES.iter().map(|(id, _)| *id);
    let policies = mapi_logon_model::policy::ELSEWHERE;
    presets.chain(scenarios).chain(boxes).chain(policies.iter().map(|entry| entry.name))
}

/// The explanation of such a name.
pub(super) fn explain(written: &str) -> Option<Explanation> {
    let same = |name: &str| name.eq_ignore_ascii_case(written);
    let preset = PRESETS.iter().find(|preset| same(preset.name));
    let scenario = SCENARIOS.iter().find(|(name, _)| same(name));
    let flowchart = FLOWCHART_NODES.iter().find(|(id, _)| same(id));
    let policy = elsewhere(written);
    preset
        .map(of_preset)
        .or_else(|| scenario.map(|(name, text)| of_scenario(name, text)))
        .or_else(|| flowchart.map(|(id, says)| of_box(id, says)))
        .or_else(|| policy.map(of_policy))
        .or_else(|| number(written).and_then(Code::valued).map(of_code))
}

/// The 32 bits of a result as logs write them: hexadecimal, decimal, or decimal with a sign.
pub(super) fn number(written: &str) -> Option<u32> {
    let lower = written.to_ascii_lowercase();
    if let Some(digits) = lower.strip_prefix("0x") {
        return u32::from_str_radix(digits, 16).ok();
    }
    let signed = || lower.parse::<i32>().ok().map(i32::cast_unsigned);
    lower.parse::<u32>().ok().or_else(signed)
}

/// What the bits of a result say that has no name here (SPEC 6.1).
pub(super) fn anatomy(value: u32) -> String {
    let severity = if value >> 31 == 1 { "failure" } else { "success" };
    let facility = value >> 16 & 0x7FF;
    let own = match facility {
        4 => " (of the interface itself)",
        7 => " (Win32)",
        _ => "",
    };
    format!(
        "0x{value:08X} is a {severity}, facility {facility}{own}, code 0x{:04X}; \
         logon gives it no name (`mapi-logon list codes`)",
        value & 0xFFFF
    )
}

fn of_preset(preset: &'static Preset) -> Explanation {
    let settings = preset.settings.iter();
    let settings: Vec<_> = settings.map(|(name, to)| format!("{name}={to}")).collect();
    let facts = vec![
        fact("set by", &format!("--policy {}", preset.name)),
        fact("sets", &settings.join(", ")),
    ];
    blank(preset.name, "preset", sentence(preset.about), facts)
}

fn of_scenario(name: &'static str, text: &'static str) -> Explanation {
    let expects = Scenario::parse(text).map(|scenario| scenario.expect.join(", "));
    let mut facts = vec![fact("checked by", &format!("mapi-logon check {name}"))];
    if let Ok(expects) = expects
        && !expects.is_empty()
    {
        facts.push(fact("shows", &expects));
    }
    blank(name, "scenario", story(text), facts)
}

fn of_box(id: &'static str, says: &'static str) -> Explanation {
    let kind = match id.as_bytes() {
        [b'D', ..] => "decision of the flowchart of session logon",
        [b'X', ..] => "end of the flowchart of session logon",
        _ => "action of the flowchart of session logon",
    };
    let touching = FLOWCHART_EDGES.iter().filter(|(from, to, _, _)| *from == id || *to == id);
    let facts = touching.clone().map(|(from, to, label, _)| {
        let (name, other) = if *from == id { ("goes to", to) } else { ("comes from", from) };
        let box_of = FLOWCHART_NODES.iter().find(|(known, _)| known == other);
        let says = box_of.map_or("", |(_, says)| says);
        let label = if label.is_empty() { String::new() } else { format!("{label}: ") };
        fact(name, &format!("{label}{other} {says}"))
    });
    let facts = facts.collect();
    let mut explanation = blank(id, kind, says.to_owned(), facts);
    let clauses = touching.filter_map(|(_, _, _, clause)| find(clause));
    explanation.related = clauses.map(Related::of).collect();
    explanation.related.dedup_by_key(|related| related.id);
    explanation.source = "amapi_47.gif";
    explanation.seed = true;
    explanation
}

fn of_policy(policy: &'static Elsewhere) -> Explanation {
    let text = find(policy.ambiguity).map_or("", |clause| clause.text);
    let facts = vec![fact("set by", policy.set_by)];
    let mut explanation = blank(policy.name, "policy", text.to_owned(), facts);
    explanation.grounds = find(policy.ambiguity).map(Related::of).into_iter().collect();
    explanation.related = mentions(policy.name);
    explanation
}

fn blank(
    id: &'static str,
    kind: &'static str,
    text: String,
    facts: Vec<super::Fact>,
) -> Explanation {
    Explanation {
        id,
        kind,
        text,
        source: "",
        seed: false,
        facts,
        grounds: Vec::new(),
        related: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_logs_write_them() {
        for written in ["0x80040111", "0X80040111", "2147746065", "-2147221231"] {
            assert_eq!(number(written), Some(0x8004_0111), "{written}");
            assert_eq!(explain(written).unwrap().id, "MAPI_E_LOGON_FAILED");
        }
        assert_eq!(number("T-1"), None);
        assert!(anatomy(0x8007_0002).contains("facility 7 (Win32), code 0x0002"));
    }
}

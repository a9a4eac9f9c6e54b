//! Replay notices every change: any one effect, action, transition or digest of the corpus.

use std::fs;
use std::path::PathBuf;

use mapi_logon_traces::replay::replay;
use proptest::prelude::*;
use serde_json::Value;

use crate::support::{files, root};

/// Which part of a line is changed.
#[derive(Clone, Copy, Debug)]
enum Part {
    Step,
    Action,
    Effects,
    Taken,
    State,
}

fn paths() -> Vec<PathBuf> {
    files(&root().join("traces/corpus/conforming"), "jsonl")
}

/// Changes one thing in a value, whichever the numbers pick; says whether anything changed.
fn change(value: &mut Value, picks: &mut impl Iterator<Item = usize>) -> bool {
    let pick = picks.next().unwrap_or(0);
    match value {
        Value::Null => *value = Value::from("something"),
        Value::Bool(flag) => *flag = !*flag,
        Value::Number(number) => *value = Value::from(number.as_u64().unwrap_or(0) + 1),
        Value::String(text) => {
            let at = text.char_indices().map(|(at, _)| at).nth(pick % text.len().max(1));
            match at {
                Some(at) if pick.is_multiple_of(3) => text.insert(at, 'x'),
                Some(at) => {
                    let old = text.remove(at);
                    text.insert(at, if old == 'a' { 'b' } else { 'a' });
                }
                None => text.push('x'),
            }
        }
        Value::Array(items) => {
            if items.is_empty() {
                items.push(Value::from("x"));
                return true;
            }
            let at = pick % items.len();
            match pick % 4 {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => return change(&mut items[at], picks),
            }
        }
        Value::Object(fields) => {
            let names: Vec<String> = fields.keys().cloned().collect();
            let Some(name) = names.get(pick % names.len().max(1)) else {
                return false;
            };
            let field = fields.get_mut(name).unwrap();
            return change(field, picks);
        }
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_one_change_of_a_line_stops_replay_at_that_line(
        file in 0_usize..10_000,
        line in 0_usize..10_000,
        part in prop::sample::select(vec![
            Part::Step, Part::Action, Part::Effects, Part::Taken, Part::State,
        ]),
        picks in prop::collection::vec(0_usize..64, 8),
    ) {
        let paths = paths();
        let text = fs::read_to_string(&paths[file % paths.len()]).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let number = 1 + line % (lines.len() - 1);
        let mut value: Value = serde_json::from_str(&lines[number]).unwrap();
        let before = value.clone();
        let key = match part {
            Part::Step => "step",
            Part::Action => "action",
            Part::Effects => "effects",
            Part::Taken => "taken",
            Part::State => "state",
        };
        let mut picks = picks.into_iter();
        change(&mut value[key], &mut picks);
        prop_assume!(value != before);
        lines[number] = value.to_string();
        let replayed = replay(lines.join("\n").as_bytes()).unwrap();
        let stopped = replayed.divergence.map(|one| one.line);
        prop_assert_eq!(stopped, Some(number as u64 + 1));
    }
}

#[test]
fn a_line_left_out_or_repeated_stops_replay_there() {
    for path in paths() {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for number in 1..lines.len() - 1 {
            let mut fewer = lines.clone();
            fewer.remove(number);
            let stopped = replay(fewer.join("\n").as_bytes()).unwrap().divergence;
            assert_eq!(stopped.map(|one| one.line), Some(number as u64 + 1));
        }
        let mut more = lines.clone();
        more.insert(2, lines[1]);
        let stopped = replay(more.join("\n").as_bytes()).unwrap().divergence;
        assert_eq!(stopped.map(|one| one.line), Some(3));
    }
}

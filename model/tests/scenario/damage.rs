//! The reader survives every text, in bounded time and memory.

use proptest::prelude::*;

use mapi_logon_model::scenario::{MAX_BYTES, Scenario};

use crate::EVERYTHING;

/// Pieces that break a file in interesting ways.
const PIECES: [&str; 24] = [
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "\"",
    "'",
    "\"\"\"",
    "=",
    ".",
    ",",
    "\n",
    "#",
    "\\",
    "\0",
    "\u{feff}",
    "ä",
    "-1",
    "1e999",
    "nan",
    "0x",
    "name",
    "[[client]]\n",
];

/// What is done to the text at a place: an end, a piece put in, a stretch left out or repeated.
type Damage = (u8, usize, usize);

fn damaged(text: &str, damages: &[Damage]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (kind, place, extent) in damages {
        let at = place % (bytes.len() + 1);
        let end = (at + extent % 40).min(bytes.len());
        match kind % 6 {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => drop(bytes.splice(at..at, PIECES[extent % PIECES.len()].bytes())),
            3 => {
                let copy = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, copy));
            }
            4 => bytes[at..end].reverse(),
            _ => bytes.extend_from_slice(&text.as_bytes()[at.min(text.len())..]),
        }
    }
    bytes
}

/// Reads, and checks that an error is placed inside the text.
fn survives(bytes: &[u8]) {
    match Scenario::parse_bytes(bytes) {
        Ok(scenario) => {
            drop(scenario.warnings());
            assert_eq!(Scenario::parse(&scenario.to_toml()), Ok(scenario));
        }
        Err(error) => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}");
            assert!((1..=bytes.len() + 1).contains(&error.column), "{error}");
            assert!(!error.message.chars().any(char::is_control), "{error:?}");
        }
    }
}

proptest! {
    #[test]
    fn damaged_scenarios_never_panic(
        damages in proptest::collection::vec(any::<Damage>(), 1..8)
    ) {
        survives(&damaged(EVERYTHING, &damages));
    }

    #[test]
    fn values_of_every_type_under_every_key_never_panic(
        key in 0..60_usize,
        value in 0..12_usize,
    ) {
        let values = [
            "1", "-1", "1.5", "''", "'x'", "true", "[]", "{}", "1979-05-27", "[1]", "[[]]",
            "[{}]",
        ];
        let keys: Vec<_> = EVERYTHING.match_indices(" = ").map(|(at, _)| at + 3).collect();
        let at = keys[key % keys.len()];
        let end = at + EVERYTHING[at..].find('\n').unwrap();
        let (before, after) = (&EVERYTHING[..at], &EVERYTHING[end..]);
        survives(format!("{before}{}{after}", values[value]).as_bytes());
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        survives(&bytes);
    }

    #[test]
    fn any_text_never_panics(text in ".{0,64}") {
        survives(text.as_bytes());
    }
}

#[test]
fn deep_nesting_is_refused() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("x = {}{}", open.repeat(count), close.repeat(count))
    };
    for count in [70, 100, 1000, 50_000] {
        for (open, close) in [("[", "]"), ("{ a = ", " }"), ("[{ a = ", "}]")] {
            survives(deep(open, close, count).as_bytes());
            survives(deep(open, "", count).as_bytes());
        }
        survives(format!("{}a = 1", "a.".repeat(count)).as_bytes());
        survives(format!("[{}a]\nx = 1", "a.".repeat(count)).as_bytes());
    }
}

#[test]
fn dotted_keys_cannot_nest_inline_tables_without_bound() {
    // Each of up to 80 inline tables may have a key of up to 80 parts: too deep to be dropped.
    let key = ["a"; 79].join(".");
    for (open, close) in [("{ ", " }"), ("{\n", "\n}")] {
        let text = format!("x = {}1{}", format!("{open}{key} = ").repeat(79), close.repeat(79));
        let message = Scenario::parse(&text).unwrap_err().message;
        assert!(message.starts_with("too many dots"), "{message}");
    }
    let key = ["a"; 9].join(".");
    survives(format!("x = {}1{}", format!("{{\n{key} = ").repeat(79), "\n}".repeat(79)).as_bytes());
    let comment = format!("# {}\n{EVERYTHING}", ".".repeat(100));
    assert!(Scenario::parse(&comment).is_ok());
}

#[test]
fn large_files_are_refused_unread() {
    let text = "[[client]]\n".repeat(MAX_BYTES / 11 + 1);
    let expected =
        format!("1:1: a scenario has at most {MAX_BYTES} bytes, this file {}", text.len());
    assert_eq!(Scenario::parse(&text).unwrap_err().to_string(), expected);
    survives(&text.as_bytes()[..MAX_BYTES]);
    survives("a = 1\n".repeat(MAX_BYTES / 6).as_bytes());
    survives(format!("# {}", "x".repeat(MAX_BYTES - 2)).as_bytes());
}

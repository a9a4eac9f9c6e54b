//! README and the pages under `docs`: transcripts, commands and links.
//!
//! A block of kind `console` is a transcript: commands after `$`, run one after the other by a
//! shell in a folder of the page's own, and what they wrote. Commands of `sh` blocks are parsed
//! and not run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Parser;
use mapi_logon::Args;
use mapi_logon_model::scenario::Scenario;

use crate::support::{Ran, agrees, files, root, short, workplace};

/// Pages that people read, the specification included.
fn pages() -> Vec<PathBuf> {
    let mut pages = files("docs", ".md");
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|name| root().join(name)));
    pages
}

/// The blocks of a kind, as lines with their numbers.
fn blocks<'t>(text: &'t str, kind: &'t str) -> impl Iterator<Item = (usize, &'t str)> {
    let mut inside = false;
    text.lines().enumerate().filter(move |(_, line)| {
        if line.starts_with("```") {
            inside = *line == format!("```{kind}");
            return false;
        }
        inside
    })
}

#[test]
fn transcripts_are_what_the_commands_write() {
    let mut commands = 0;
    for path in pages() {
        let kept = fs::read_to_string(&path).unwrap();
        let folder = folder_of(&path);
        if path.ends_with("impersonate.md") && !with_clients(&folder) {
            continue;
        }
        let (mut now, mut inside) = (String::new(), false);
        for line in kept.lines() {
            if line.starts_with("```") {
                inside = line == "```console";
            }
            let shown = inside && !line.starts_with("```");
            if let Some(command) = line.strip_prefix("$ ").filter(|_| shown) {
                commands += 1;
                now += &format!("{line}\n{}", output(command, &folder));
            } else if !shown {
                now += &format!("{line}\n");
            }
        }
        agrees(&path, &now);
    }
    assert!(commands > 15, "{commands} commands are shown");
}

/// A folder for what the commands of a page write, with the files that they read.
fn folder_of(page: &Path) -> PathBuf {
    let folder = workplace(&format!("page-{}", page.file_stem().unwrap().display()));
    for file in files("tests/data", "") {
        let copy = folder.join(short(&file));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(file, copy).unwrap();
    }
    folder
}

/// Puts the shim and its clients where `make -C adapters` does; whether they could be built.
fn with_clients(folder: &Path) -> bool {
    let Some(built) = crate::impersonating::built() else { return false };
    let to = folder.join("adapters/build");
    fs::create_dir_all(&to).unwrap();
    for name in ["client", "libmapi_logon.so"] {
        fs::copy(built.join(name), to.join(name)).unwrap();
    }
    true
}

/// What a command writes to a terminal: results, then the rest.
fn output(command: &str, folder: &Path) -> String {
    let own = Path::new(env!("CARGO_BIN_EXE_mapi-logon")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let shell = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", own.display()))
        .env_remove("RUST_BACKTRACE")
        .env_remove("COLUMNS")
        .output();
    let ran = Ran::from(shell.unwrap());
    assert_ne!(ran.code, Some(127), "{command}: {}", ran.stderr);
    ran.stdout + &ran.stderr
}

#[test]
fn commands_that_are_not_run_are_understood() {
    let mut wrong = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in blocks(&text, "sh") {
            let command = line.split(['#', '>']).next().unwrap_or_default();
            let words = command.split_whitespace();
            if command.starts_with("mapi-logon ")
                && let Err(error) = Args::try_parse_from(words)
            {
                wrong.push(format!("{}:{}: {error}", short(&path), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a guide leaves out of a scenario that it shows a part of.
const REST: &str = "[[profile]]\nname = \"Work\"\n[[profile.service]]\nname = \"Exchange\"\n\
                    [[profile.service.provider]]\nname = \"EXMS\"\nkind = \"message-store\"\n\
                    [[client]]\nname = \"outlook\"\n";

#[test]
fn scenarios_of_the_guides_are_well_formed() {
    let mut shown = 0;
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        // The specification is ahead of the code; `spec.rs` compares them.
        let own = !path.ends_with("scenario-format.md");
        for block in text.split("```toml\n").skip(1).filter(|_| own) {
            let (block, _) = block.split_once("```").unwrap();
            let whole = block.contains("[[client]]");
            let text = if whole { block.to_owned() } else { format!("{REST}{block}") };
            if let Err(error) = Scenario::parse(&text) {
                panic!("{}: {error} in\n{text}", short(&path));
            }
            shown += 1;
        }
    }
    assert!(shown > 4, "{shown} scenarios are shown");
}

/// The anchor of a heading, as Markdown viewers make it.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = letters.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut dead = Vec::new();
    for path in pages() {
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate() {
            for link in line.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
                let (file, place) = link.split_once('#').unwrap_or((link, ""));
                let target = if file.is_empty() { path.clone() } else { path.with_file_name(file) };
                let there = fs::read_to_string(&target).is_ok_and(|text| {
                    let mut headings = text.lines().filter(|line| line.starts_with('#'));
                    place.is_empty() || headings.any(|heading| anchor(heading) == place)
                });
                if !link.starts_with("https://") && !there {
                    dead.push(format!("{}:{}: {link}", short(&path), at + 1));
                }
            }
        }
    }
    assert!(dead.is_empty(), "dead links:\n{}", dead.join("\n"));
}

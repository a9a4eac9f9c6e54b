//! Does README show what the command writes?

use std::fs;

use crate::support::{agrees, root, run};

#[test]
fn readme_shows_what_the_command_writes() {
    let path = root().join("README.md");
    let kept = fs::read_to_string(&path).unwrap();
    let (now, commands) = renewed(&kept);
    assert!(commands > 0, "README.md runs no command");
    agrees(&path, &now);
}

/// The text with what its `console` blocks show renewed, and how many commands there are.
fn renewed(kept: &str) -> (String, usize) {
    let (mut now, mut commands, mut inside) = (String::new(), 0, false);
    for line in kept.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        }
        let shown = inside && !line.starts_with("```");
        if let Some(command) = line.strip_prefix("$ ").filter(|_| shown) {
            commands += 1;
            now += &format!("{line}\n{}", output(command));
        } else if !shown {
            now += &format!("{line}\n");
        }
    }
    (now, commands)
}

/// What a command of README writes: results, as a reader sees them.
fn output(command: &str) -> String {
    let command = command
        .strip_prefix("cargo run --release -- ")
        .or_else(|| command.strip_prefix("mapi-logon "));
    let args: Vec<_> = command.unwrap_or_default().split_whitespace().collect();
    assert!(!args.is_empty(), "README.md shows a command that no test can run");
    let ran = run(&args);
    ran.stdout + &ran.stderr
}

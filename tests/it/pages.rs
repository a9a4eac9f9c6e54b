//! Pages stand alone, write equal bytes, and work in a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Ran, run, skip, workplace};

/// Commands that write a page, with a text of it.
const PAGES: [(&[&str], &str); 7] = [
    (&["check", "office", "--property", "RCH-8"], "The shortest run that shows RCH-8"),
    (&["outcomes", "wait-behind-dialog"], "MAPI_E_USER_CANCEL"),
    (&["compare", "lost-store", "--against", "START=on_open"], "The runs diverge in step"),
    (&["simulate", "office", "--runs", "20"], "No run broke an invariant"),
    (&["simulate", "monday-morning", "--load"], "mutex utilisation"),
    (&["replay", "traces/corpus/violating"], "diverges as expected"),
    (&["explore", "lost-store"], "Enabled actions"),
];

/// Writes the pages of all commands.
fn pages(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let page = |(number, (args, text)): (usize, (&[&str], &'static str))| {
        let path = folder.join(format!("{number}.html"));
        let ran = run(&[args, &["--html", path.to_str().unwrap()]].concat());
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
        (path, text)
    };
    PAGES.into_iter().enumerate().map(page).collect()
}

#[test]
fn pages_stand_alone_and_are_equal_bytes() {
    let folder = workplace("pages");
    let first = pages(&folder);
    let before: Vec<_> = first.iter().map(|(path, _)| fs::read(path).unwrap()).collect();
    for ((path, text), before) in pages(&folder).iter().zip(before) {
        let page = fs::read_to_string(path).unwrap();
        assert_eq!(page.as_bytes(), before, "{}", path.display());
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
        assert!(page.contains(text), "{}: no {text:?}", path.display());
        for outside in ["http:", "https:", "src=", "@import", "url(http"] {
            assert!(!page.contains(outside), "{}: {outside}", path.display());
        }
    }
}

#[test]
fn page_of_a_recording_shows_the_run_that_explains_it() {
    let folder = workplace("pages-validate");
    let (recording, page) = (folder.join("log.jsonl"), folder.join("log.html"));
    let [recording, page] = [&recording, &page].map(|path| path.to_str().unwrap());
    let args = ["import", "--map", "tests/data/helpdesk.toml", "tests/data/helpdesk.log", "--out"];
    assert_eq!(run(&[&args[..], &[recording]].concat()).code, Some(0));
    let args = ["validate", recording, "--scenario", "office", "--html", page];
    assert_eq!(run(&args).code, Some(0));
    let written = fs::read_to_string(page).unwrap();
    assert!(written.contains("EXPLAINED") && written.contains("class=\"message fault\""));
}

#[test]
fn names_of_a_scenario_are_text_on_a_page() {
    let folder = workplace("pages-foreign");
    let (scenario, page) = (folder.join("foreign.toml"), folder.join("foreign.html"));
    let name = "</script><img src=x onerror=alert(1)>";
    fs::write(&scenario, format!("name = '{name}'\n[[client]]\nname = '{name}'\n")).unwrap();
    for verb in ["explore", "outcomes", "check"] {
        let args = [verb, scenario.to_str().unwrap(), "--html", page.to_str().unwrap()];
        let ran = run(&args);
        assert_eq!(ran.code, Some(0), "{verb}: {}", ran.stderr);
        let written = fs::read_to_string(&page).unwrap();
        assert!(!written.contains("<img"), "{verb}");
    }
}

/// A page in a browser that does as told when its scripts have run; nothing where there is none.
fn in_browser(page: &Path, hash: &str, told: &str) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let works = |name: &&str| Command::new(name).arg("--version").output().is_ok();
    let Some(browser) = names.into_iter().find(|name| works(name)) else {
        skip("chromium", "pages in a browser");
        return None;
    };
    let profile = page.with_extension("profile");
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=3000"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(told)
        .arg(format!("file://{}{hash}", page.display()))
        .output();
    Some(Ran::from(output.unwrap()).stdout)
}

#[test]
fn on_paper_every_run_of_a_page_is_unfolded() {
    let page = workplace("pages-paper").join("outcomes.html");
    let args = ["outcomes", "wait-behind-dialog", "--html", page.to_str().unwrap()];
    assert_eq!(run(&args).code, Some(0));
    let pdf = page.with_extension("pdf");
    let Some(_) = in_browser(&page, "", &format!("--print-to-pdf={}", pdf.display())) else {
        return;
    };
    let printed = fs::read(&pdf).unwrap();
    let printed = String::from_utf8_lossy(&printed);
    let sheets = printed.matches("/Type /Page\n").count();
    // Folded, the four outcomes stand on one sheet.
    assert!(sheets > 4, "{sheets} sheets");
}

#[test]
fn state_graph_is_walked_in_a_browser_and_its_run_replays() {
    let folder = workplace("pages-browser");
    let page = folder.join("explore.html");
    let args = ["explore", "lost-store", "--html", page.to_str().unwrap()];
    assert_eq!(run(&args).code, Some(0));
    let Some(dom) = in_browser(&page, "#run=0.1.2", "--dump-dom") else {
        return;
    };
    assert_eq!(dom.matches("class=\"edge passed\"").count(), 3, "the run is marked");
    assert!(dom.contains(" at\"") || dom.contains("node at"), "the state is marked");
    let enabled = between(&dom, "id=\"actions\">", "</ol>");
    assert!(enabled.contains("<button"), "{enabled}");
    let trace = between(&dom, "aria-label=\"The run as a trace\" rows=\"6\">", "</textarea>");
    let trace = trace.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
    let copied = folder.join("copied.jsonl");
    fs::write(&copied, trace).unwrap();
    let ran = run(&["replay", copied.to_str().unwrap()]);
    assert!(ran.stdout.contains("conforms (3 steps)"), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn state_graph_opens_at_the_end_of_the_run_that_was_asked_for() {
    let page = workplace("pages-run").join("explore.html");
    let args = ["explore", "lost-store", "--property", "RCH-8", "--html", page.to_str().unwrap()];
    assert_eq!(run(&args).code, Some(0));
    let written = fs::read_to_string(&page).unwrap();
    assert!(written.contains("after the 9 steps of the run that was asked for"));
    let Some(dom) = in_browser(&page, "", "--dump-dom") else {
        return;
    };
    assert_eq!(dom.matches("class=\"edge passed\"").count(), 9);
    let says = between(&dom, "id=\"says\">", "</ul>");
    assert!(says.contains("RCH-8 shown"), "{says}");
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let rest = text.split_once(from).map_or("", |(_, rest)| rest);
    rest.split_once(to).map_or("", |(inside, _)| inside)
}

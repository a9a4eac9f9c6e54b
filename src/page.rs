//! Pages: results as HTML files that stand alone, for a browser, paper or an attachment.
//!
//! A page needs no network and no script to be read; the script moves along a run by keyboard.

use mapi_logon_traces::export::xml::admissible;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::render::text::Tone;

mod graph;
mod lanes;
mod results;
mod story;

pub use graph::explored;
pub(crate) use results::replayed;
pub use results::{
    AssumedRun, ComparedRun, checked, compared, loaded, outcomes, simulated, untidy, validated,
};
pub use story::Story;

const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = include_str!("page/steps.js");

/// What every page begins and ends with.
#[derive(Clone, Debug)]
struct Page {
    /// In the title bar, and over the page.
    title: String,
    /// The verdict in a word, and how good it is.
    verdict: (Tone, String),
    /// The verdict in sentences.
    lead: String,
    /// Names and what they stand for.
    facts: Vec<(&'static str, String)>,
    /// The command that writes the page again.
    repeat: String,
    /// Heads with what stands under them.
    sections: Vec<(String, Markup)>,
    /// What the page does beside moving along runs.
    script: &'static str,
}

impl Page {
    fn new(title: &str, verdict: (Tone, &str), lead: &str, repeat: &str) -> Self {
        Self {
            title: title.to_owned(),
            verdict: (verdict.0, verdict.1.to_owned()),
            lead: lead.to_owned(),
            facts: Vec::new(),
            repeat: repeat.to_owned(),
            sections: Vec::new(),
            script: "",
        }
    }

    fn fact(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    fn section(mut self, head: impl Into<String>, body: Markup) -> Self {
        self.sections.push((head.into(), body));
        self
    }

    /// The page as a file.
    fn write(&self) -> String {
        let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
        let (tone, verdict) = &self.verdict;
        let sections = || self.sections.iter().enumerate();
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta http-equiv="Content-Security-Policy" content=(policy);
                    title { (verdict) ": " (self.title) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    a.skip href="#main" { "Skip to the result" }
                    header {
                        h1 { (self.title) }
                        p.verdict.(class(*tone)) role="status" {
                            strong { (verdict) } " " (self.lead)
                        }
                        dl.facts {
                            @for (name, value) in &self.facts {
                                div { dt { (name) } dd { (value) } }
                            }
                        }
                    }
                    @if self.sections.len() > 1 {
                        nav aria-label="Sections" {
                            @for (number, (head, _)) in sections() {
                                a href={ "#section-" (number) } { (head) }
                            }
                        }
                    }
                    main #main {
                        @for (number, (head, body)) in sections() {
                            section aria-labelledby={ "section-" (number) } {
                                h2 id={ "section-" (number) } { (head) }
                                (body)
                            }
                        }
                    }
                    footer { "Repeat: " code { (self.repeat) } }
                    script { (PreEscaped(SCRIPT)) (PreEscaped(self.script)) }
                }
            }
        };
        admissible(&page.into_string()).into_owned()
    }
}

/// The class of a tone.
const fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain | Tone::Strong => "plain",
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Faint => "faint",
    }
}

/// A table with heads; each cell has a class.
fn table(caption: &str, heads: &[&str], rows: impl Iterator<Item = Vec<Markup>>) -> Markup {
    html! {
        div.wide tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                thead { tr { @for head in heads { th scope="col" { (head) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

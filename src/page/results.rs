//! Pages of single results: what a command found, with the runs that show it.

use mapi_logon_impersonate::finding::Finding;
use mapi_logon_model::clause;
use maud::{Markup, PreEscaped, html};

use super::story::{Story, cited};
use super::{Page, class, table};
use crate::outcomes::CallRecord;
use crate::render::checked::{Checked, tone};
use crate::render::outcome;
use crate::render::replayed::{ReplayVerdict, Replayed};
use crate::render::text::{Paint, Tone, count, grouped};
use crate::verdict::{Row, Verdict};

/// The page of a check; `stories` are the runs of rows that have one.
#[must_use]
pub fn checked(checked: &Checked<'_>, stories: &[(&'static str, Story)]) -> String {
    let name = checked.verdict.name().to_uppercase();
    let lead = checked.meaning(Paint::none());
    let lead = lead.split_once(". ").map_or("", |(_, rest)| rest);
    let report = checked.report;
    let mut page = Page::new(checked.name, (tone(checked.verdict), &name), lead, &checked.again())
        .fact("policy", checked.policy())
        .fact("explored", count(report.states, "state"))
        .fact("transitions", grouped(report.transitions))
        .fact("depth", report.depth.to_string());
    if let Some(reduction) = checked.reduction() {
        page = page.fact("reduction", reduction);
    }
    if !checked.warnings.is_empty() {
        let warnings = html! { ul { @for one in checked.warnings { li { (one) } } } };
        page = page.section("Warnings", warnings);
    }
    for (at, (id, story)) in stories.iter().enumerate() {
        let shows = checked.rows.iter().any(|row| row.id == *id && row.verdict == Verdict::Found);
        let head = format!("The shortest run that {} {id}", if shows { "shows" } else { "breaks" });
        let row = checked.rows.iter().find(|row| row.id == *id);
        let same = row.and_then(|row| checked.same_run(row));
        let body = html! {
            p { (cited(id)) " " (clause::find(id).map_or("", |clause| clause.text)) }
            @if let Some(breaks) = row.and_then(Row::breaks) { p.bad { (breaks) } }
            @match same {
                Some(first) => p { "The run is that of " (cited(first)) "." },
                None => (story.markup(&format!("run{at}"))),
            }
        };
        page = page.section(head, body);
    }
    page.section("Properties", properties(&checked.rows)).write()
}

/// Properties, those that need attention first.
fn properties(rows: &[Row]) -> Markup {
    let mut rows: Vec<_> = rows.iter().collect();
    rows.sort_by_key(|row| match row.verdict {
        _ if row.is_bad() => 0,
        Verdict::Violated | Verdict::GivenUp => 0,
        Verdict::Undecided => 1,
        Verdict::Holds if row.is_vacuous() => 2,
        Verdict::Holds | Verdict::Found => 3,
        Verdict::NotFound | Verdict::NotApplicable | Verdict::NotModelled => 4,
    });
    let rows = rows.into_iter().map(|row| {
        let tone = match row.verdict {
            _ if row.is_bad() => Tone::Bad,
            Verdict::GivenUp | Verdict::Violated => Tone::Bad,
            Verdict::Holds | Verdict::Found => Tone::Good,
            Verdict::Undecided => Tone::Plain,
            Verdict::NotFound | Verdict::NotApplicable | Verdict::NotModelled => Tone::Faint,
        };
        let tested = match row.tested {
            None => String::new(),
            Some(0) => "never: holds vacuously".to_owned(),
            Some(times) => grouped(times),
        };
        vec![
            html! { span.clause { (row.id) } },
            html! { span.(class(tone)) { (row.verdict.name().replace('-', " ")) } },
            html! { (tested) },
            html! { (row.text()) @if !row.reason.is_empty() { " (" (row.reason) ")" } },
        ]
    });
    let caption =
        "Tested: explored steps or states in which the antecedent of the property was true";
    table(caption, &["id", "verdict", "tested", "property"], rows)
}

/// The page of replayed traces, each with the steps that the machine followed.
#[must_use]
pub(crate) fn replayed(all: &[(Replayed, Story)], repeat: &str) -> String {
    let bad = all.iter().filter(|(one, _)| !one.as_expected).count();
    let (tone, verdict) = if bad == 0 { (Tone::Good, "CONFORMS") } else { (Tone::Bad, "DIVERGES") };
    let traces = count(all.len() as u64, "trace");
    let first = all.iter().find(|(one, _)| !one.as_expected);
    let lead = match first {
        None => format!("{traces}: the model does what each of them expects."),
        Some((one, _)) => format!("{bad} of {traces}. {}: {}", one.place(), one.headline()),
    };
    let page = Page::new("replay", (tone, verdict), &lead, repeat);
    let section = |page: Page, (at, (one, story)): (usize, &(Replayed, Story))| {
        let difference = one.sides();
        let body = html! {
            p.(class(if one.as_expected { Tone::Good } else { Tone::Bad })) {
                strong { (name(one)) } " after " (count(one.steps, "step"))
                @if let Some(line) = one.line { ", at line " (line) }
                @if let Some(member) = &one.member { ": " code { (member) } " differs" }
            }
            @if !difference.is_empty() { pre { (difference) } }
            (story.markup(&format!("run{at}")))
        };
        page.section(one.file.clone(), body)
    };
    all.iter().enumerate().fold(page, section).write()
}

const fn name(one: &Replayed) -> &'static str {
    match (one.verdict, one.as_expected) {
        (ReplayVerdict::Conforms, true) => "conforms",
        (ReplayVerdict::Conforms, false) => "conforms, although it is kept to diverge",
        (ReplayVerdict::Diverges, true) => "diverges as expected",
        (ReplayVerdict::Diverges, false) => "diverges",
        (ReplayVerdict::Interrupted, _) => "interrupted",
    }
}

/// A recording, and a run that shows as much of it as is explained.
#[derive(Debug)]
pub struct AssumedRun {
    /// The recording's name.
    pub recording: String,
    /// The verdict, and how good it is.
    pub verdict: (Tone, &'static str),
    /// The verdict in a sentence, with the first difference.
    pub headline: String,
    /// The report for people.
    pub report: String,
    /// The run.
    pub story: Option<Story>,
}

/// The page of recordings: the report on each, and a run that shows as much of it as is explained.
#[must_use]
pub fn validated(all: &[AssumedRun], repeat: &str) -> String {
    let body = |at: usize, one: &AssumedRun| {
        html! {
            pre { (one.report) }
            @if let Some(story) = &one.story {
                h3 { "A run that shows what is explained" }
                p {
                    "Dashed and marked " span.tag { "assumed" }
                    ": no line of the log shows it; other runs may explain the log as well."
                }
                (story.markup(&format!("run{at}")))
            }
        }
    };
    if let [one] = all {
        let lead = one.headline.strip_prefix(one.verdict.1).unwrap_or(&one.headline);
        let lead = lead.trim_start_matches([':', ' ']);
        return Page::new(&one.recording, one.verdict, lead, repeat)
            .section("Report", body(0, one))
            .write();
    }
    let bad = |one: &&AssumedRun| one.verdict.0 != Tone::Good;
    let verdict = all.iter().find(bad).map_or((Tone::Good, "EXPLAINED"), |one| one.verdict);
    let explained = all.len() - all.iter().filter(bad).count();
    let lead = format!("{explained} of {} explained.", count(all.len() as u64, "recording"));
    let rows = all.iter().enumerate().map(|(at, one)| {
        vec![
            html! { a href={ "#section-" (at + 1) } { (one.recording) } },
            html! { span.(class(one.verdict.0)) { (one.headline) } },
        ]
    });
    let list = table("Recordings and verdicts", &["recording", "verdict"], rows);
    let page = Page::new("validate", verdict, &lead, repeat).section("All", list);
    let section = |page: Page, (at, one): (usize, &AssumedRun)| {
        page.section(one.recording.clone(), body(at, one))
    };
    all.iter().enumerate().fold(page, section).write()
}

/// The page of random runs: the report, and the shrunk run that breaks a property.
#[must_use]
pub fn simulated(name: &str, report: &str, repeat: &str, failing: Option<&Story>) -> String {
    let (verdict, lead) = match failing {
        None => ((Tone::Good, "HOLDS"), "No run broke an invariant."),
        Some(_) => ((Tone::Bad, "VIOLATED"), "A run broke an invariant."),
    };
    let page = Page::new(name, verdict, lead, repeat).section("Report", html! { pre { (report) } });
    match failing {
        None => page,
        Some(story) => page.section("The shrunk run", story.markup("run")),
    }
    .write()
}

/// The page of a finding about a client: the answers that it got, and the run behind them.
#[must_use]
pub fn untidy(
    client: &str,
    verdict: (Tone, &str),
    finding: &Finding,
    answers: &str,
    run: Option<AssumedRun>,
) -> String {
    let mut page = Page::new(client, verdict, &finding.text, &finding.repeat)
        .fact("finding", finding.kind.name());
    if let Some(clause) = finding.clause.as_deref().and_then(clause::find) {
        let asked = html! { p { (cited(clause.id)) " " (clause.text) } };
        page = page.section("What is asked of clients", asked);
    }
    page = page.section("The answers that led to it", html! { pre { (answers) } });
    if let Some(run) = run {
        if let Some(story) = &run.story {
            page = page.section("A run of MAPI with these answers", story.markup("run"));
        }
        page = page.section("Why MAPI may answer so", html! { pre { (run.report) } });
    }
    page.write()
}

/// The page of a load: latency over virtual time as a picture, and the report.
#[must_use]
pub fn loaded(name: &str, lead: &str, svg: &str, report: &str, repeat: &str) -> String {
    // A picture inside a page needs no namespace.
    let svg = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
    let picture = html! { figure.plot { (PreEscaped(svg)) } };
    Page::new(name, (Tone::Plain, "LOAD"), lead, repeat)
        .section("Latency over virtual time", picture)
        .section("Report", html! { pre { (report) } })
        .write()
}

/// The page of outcomes, each with a shortest run that leads to it.
#[must_use]
pub fn outcomes(
    name: &str,
    complete: bool,
    found: &[(Vec<CallRecord>, Story)],
    repeat: &str,
) -> String {
    let number = count(found.len() as u64, "outcome");
    let lead = if complete {
        "All that clients can see, however their calls interleave."
    } else {
        "A limit ended the search; there may be more."
    };
    let tone = if complete { Tone::Good } else { Tone::Plain };
    Page::new(name, (tone, &number), lead, repeat)
        .section("Outcomes", rows("outcome", found.iter().map(|(calls, story)| (calls, story))))
        .write()
}

/// A row for each outcome, with its run folded away.
fn rows<'o>(id: &str, found: impl Iterator<Item = (&'o Vec<CallRecord>, &'o Story)>) -> Markup {
    html! {
        @for (at, (calls, story)) in (1..).zip(found) {
            details open[at == 1] {
                summary { strong { "#" (at) } @for call in calls { " · " (outcome::line(call)) } }
                (story.markup(&format!("{id}{at}")))
            }
        }
    }
}

/// An outcome of one side with the run that leads to it.
#[derive(Debug)]
pub struct ComparedRun {
    /// What the calls come to.
    pub calls: Vec<CallRecord>,
    /// The run.
    pub story: Story,
    /// Where the other machine parts from it.
    pub parting: String,
}

/// The page of a comparison: what differs in words, verdicts side by side, outcomes of one side.
#[must_use]
pub fn compared(
    name: &str,
    (verdict, lead): ((Tone, &str), &str),
    verdicts: (&[&str], Vec<Vec<String>>),
    sides: [(&str, &[ComparedRun]); 2],
    repeat: &str,
) -> String {
    let mut page = Page::new(name, verdict, lead, repeat);
    let (heads, rows) = verdicts;
    if !rows.is_empty() {
        let rows = rows.into_iter().map(|row| row.iter().map(|cell| html! { (cell) }).collect());
        page = page.section("Verdicts", table("Properties whose verdicts differ", heads, rows));
    }
    for (at, (head, runs)) in sides.into_iter().enumerate().filter(|(_, side)| !side.1.is_empty()) {
        let body = html! {
            @for (number, run) in (1..).zip(runs) {
                details open[number == 1] {
                    summary {
                        strong { "#" (number) }
                        @for call in &run.calls { " · " (outcome::line(call)) }
                    }
                    p { (run.parting) }
                    (run.story.markup(&format!("side{at}-{number}")))
                }
            }
        };
        page = page.section(head, body);
    }
    page.write()
}

//! The verdict on a client that the model served.

use mapi_logon_impersonate::answers::Answered;
use mapi_logon_impersonate::every::Tried;
use mapi_logon_impersonate::finding::Finding;
use mapi_logon_model::clause;
use schemars::JsonSchema;
use serde::Serialize;

use crate::exit::Exit;
use crate::render::text::{Paint, Tone, count, grouped, paragraph};

/// The result of `mapi-logon impersonate`.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct ImpersonateResult {
    /// The verdict.
    pub verdict: Verdict,
    /// The scenario.
    pub scenario: String,
    /// The preset, if one is given.
    pub policy: Option<String>,
    /// The client and its arguments.
    pub client: Vec<String>,
    /// The seed of the answers, if they were drawn.
    pub seed: Option<u64>,
    /// How often the client was run.
    pub runs: u64,
    /// How many calls it made in all runs.
    pub calls: u64,
    /// Most processes of the client that called in one run.
    pub most_processes: usize,
    /// Most threads of those that called in one run.
    pub most_threads: usize,
    /// What the client did that it is asked not to do.
    pub findings: Vec<Finding>,
    /// The share of the possible sequences of answers that was tried, with `--every`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Coverage>,
    /// The first call, from 1, that was not the one for which the answers were planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departed: Option<usize>,
    /// Methods that were called and are not modelled; they answered MAPI_E_NO_SUPPORT.
    pub unmodelled: Vec<String>,
    /// Runs that ended before a dialog to which the scenario allows no answer.
    pub blocked: u64,
    /// The user interrupted the tool.
    pub interrupted: bool,
    /// Advice that is not followed counts as an error.
    #[serde(skip)]
    strict: bool,
}

/// The share of the possible sequences of answers that was tried.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Coverage {
    /// Every sequence of answers was given.
    pub complete: bool,
    /// Runs of the search.
    pub searched: u64,
    /// Runs with answers drawn at random.
    pub sampled: u64,
    /// Sequences of answers that were begun and not gone on with.
    pub left: u64,
    /// Runs in which the client did not repeat itself.
    pub departed: u64,
    /// Most answers of a run.
    pub longest: usize,
}

impl From<Tried> for Coverage {
    fn from(tried: Tried) -> Self {
        Self {
            complete: tried.complete,
            searched: tried.runs,
            sampled: tried.sampled,
            left: tried.left,
            departed: tried.departed,
            longest: tried.longest,
        }
    }
}

/// The verdict on a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does all that is asked of clients.
    Tidy,
    /// It does something that it is asked not to do.
    Untidy,
    /// Not everything was tried, and what was tried is as it should be.
    Undecided,
    /// It made no call.
    #[default]
    Silent,
}

impl ImpersonateResult {
    /// With its verdict.
    #[must_use]
    pub fn decided(mut self, strict: bool) -> Self {
        self.strict = strict;
        let complete = self.every.is_none_or(|every| every.complete);
        self.verdict = match self.findings.iter().any(|finding| self.fails(finding)) {
            true => Verdict::Untidy,
            false if self.calls == 0 => Verdict::Silent,
            false if complete => Verdict::Tidy,
            false => Verdict::Undecided,
        };
        self
    }

    /// Whether the finding makes the client untidy.
    #[must_use]
    pub const fn fails(&self, finding: &Finding) -> bool {
        finding.error || self.strict
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        match self.verdict {
            _ if self.interrupted => Exit::Interrupted,
            Verdict::Tidy => Exit::Good,
            Verdict::Untidy => Exit::Finding,
            Verdict::Undecided => Exit::Inconclusive,
            Verdict::Silent => Exit::BrokenProtocol,
        }
    }
}

/// The verdict for people, with the command that gives it again.
#[must_use]
pub fn text(result: &ImpersonateResult, repeat: &str, paint: Paint) -> String {
    let (tone, verdict) = match result.verdict {
        Verdict::Tidy => (Tone::Good, "TIDY"),
        Verdict::Untidy => (Tone::Bad, "UNTIDY"),
        Verdict::Undecided => (Tone::Strong, "UNDECIDED"),
        Verdict::Silent => (Tone::Bad, "SILENT"),
    };
    let mut text = format!(
        "{}: {}, {}{}\n",
        paint.paint(tone, verdict),
        count(result.runs, "run"),
        count(result.calls, "call"),
        result.seed.map(|seed| format!(", seed {seed}")).unwrap_or_default(),
    );
    if let Some(every) = &result.every {
        text += &covered(every);
    }
    for (number, one) in (1..).zip(&result.findings) {
        let (tone, kind) =
            if one.error { (Tone::Bad, "error") } else { (Tone::Strong, "advice not followed") };
        let head = format!("{kind}: {}", one.text);
        text += &format!("\n{number}. {}\n", paint.paint(tone, &head));
        text += &answers_text(&one.answers, paint);
        if let Some(clause) = one.clause.as_deref().and_then(clause::find) {
            let id = paint.paint(Tone::Strong, clause.id);
            text += &paragraph(&format!("{id}: {}", clause.text), 4);
        }
        if result.runs > 1 {
            text += &format!("    Seen in {}.\n", count(one.runs, "run"));
        }
        if one.repeat != repeat {
            text += &format!("    {}\n", one.repeat);
        }
    }
    if let Some(call) = result.departed.filter(|_| result.every.is_none()) {
        text += &format!("\nFrom call {call} on, the client made other calls than planned.\n");
    }
    for what in &result.unmodelled {
        text += &format!("\nnot modelled, answered MAPI_E_NO_SUPPORT: {what}\n");
    }
    if result.blocked > 0 {
        let blocked = count(result.blocked, "run");
        text += &format!("\nstopped before a dialog that nobody may answer: {blocked}\n");
    }
    text + &format!("\n{repeat}\n")
}

/// How much was tried, in a sentence.
fn covered(every: &Coverage) -> String {
    let mut text = if every.complete {
        "Every sequence of answers that the model allows was given".to_owned()
    } else {
        let left = count(every.left, "sequence");
        let runs = count(every.searched, "run");
        format!("Not complete: {left} of answers begun and not gone on with after {runs}")
    };
    if every.sampled > 0 {
        text += &format!(", then {} with answers drawn at random", count(every.sampled, "run"));
    }
    text += &format!("; at most {} in a run.\n", count(every.longest as u64, "call"));
    if every.departed > 0 {
        let departed = count(every.departed, "run");
        text += &format!("The client did not repeat itself after equal answers in {departed}.\n");
    }
    text
}

/// The answers that led to a finding, one a line.
#[must_use]
pub fn answers_text(answers: &[Answered], paint: Paint) -> String {
    /// Most answers that are shown.
    const MOST: usize = 30;
    let mut text = String::new();
    let skipped = answers.len().saturating_sub(MOST);
    if skipped > 0 {
        text += &format!("        … {} before\n", count(skipped as u64, "answer"));
    }
    let several = answers.iter().any(|one| one.process > 1);
    for (at, one) in answers.iter().enumerate().skip(skipped) {
        let process = if several { format!("process {} ", one.process) } else { String::new() };
        let rows =
            if one.rows.is_empty() { String::new() } else { format!(" ({})", one.rows.join(", ")) };
        let result = if one.result == "S_OK" {
            one.result.clone()
        } else {
            paint.paint(Tone::Strong, &one.result)
        };
        let number = grouped(at as u64 + 1);
        text += &format!("{number:>7}  {process}{} -> {result}{rows}\n", one.call);
    }
    text
}

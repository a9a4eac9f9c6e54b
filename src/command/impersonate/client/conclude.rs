//! The verdict on a client: shown, and written as answers, pages and reports.

use std::time::Duration;

use anyhow::{Result, anyhow};
use mapi_logon_impersonate::finding::Finding;
use mapi_logon_impersonate::record::recording;
use mapi_logon_model::scenario::Scenario;

use super::ClientArgs;
use crate::arguments::{CommandLine, Subject};
use crate::command::drive::{explained, lines};
use crate::command::validate::part;
use crate::exit::Exit;
use crate::output;
use crate::outputs::Outputs;
use crate::page::untidy;
use crate::path::text_of;
use crate::render::impersonated::{ImpersonateResult, answers_text, text};
use crate::render::json::pretty;
use crate::render::text::{Paint, Tone};
use crate::reports::{Case, CaseVerdict};

impl ClientArgs {
    /// Shows and writes what was found.
    pub(super) fn conclude(
        &self,
        subject: &Subject,
        scenario: &Scenario,
        seed: Option<u64>,
        mut result: ImpersonateResult,
    ) -> Result<Exit> {
        let whole = self.repeat(subject, seed);
        let mut outputs = Outputs::default();
        for finding in &mut result.findings {
            finding.repeat = whole.clone();
            if let Some(folder) = &self.record {
                let path = folder.join(format!("{}.json", finding.kind.name()));
                let line = self.line(subject).option("--answers", [text_of(&path)]);
                finding.repeat = self.client(line);
                outputs.add(Some(&path), || pretty(&finding.answers))?;
            }
        }
        let result = result.decided(subject.strict);
        for finding in &result.findings {
            self.tell(subject, scenario, finding, &mut outputs)?;
        }
        if self.pass_through {
            output::complain(text(&result, &whole, Paint::none()).trim_end());
        } else {
            self.format.show(|paint| text(&result, &whole, paint), || pretty(&result))?;
        }
        self.reports.add_to(&mut outputs, "impersonate", &whole, &cases(&result))?;
        outputs.write()?;
        if result.calls == 0 && !result.interrupted && !self.client.is_empty() {
            output::complain(
                "error: the client made no MAPI call through the shim: it did not load it (try \
                 --preload, or link it with -lmapi_logon), or it never called",
            );
        }
        Ok(result.exit())
    }

    /// Writes the page of a finding, and the recording of its run.
    fn tell(
        &self,
        subject: &Subject,
        scenario: &Scenario,
        finding: &Finding,
        outputs: &mut Outputs,
    ) -> Result<()> {
        let Some(folder) = &self.html else { return Ok(()) };
        let name = finding.kind.name();
        let events = recording(&finding.answers, scenario);
        let mut run = None;
        if let Some(world) = events.first().and_then(|event| event.scenario.as_deref()) {
            let file = format!("{name}.jsonl");
            let again = CommandLine::new("validate")
                .word(&text_of(folder.join(&file)))
                .option("--policy", &subject.policy)
                .option("--set", &subject.settings);
            let mut world = Scenario::parse(world).map_err(|error| anyhow!("{error}"))?;
            world.policy = scenario.policy;
            let (report, read) = explained(&events, &world)?;
            run = Some(part(&report, &read, (&file, &again.to_string()), true)?);
            outputs.add_in(folder, &file, || Ok(lines(&events)))?;
        }
        let answers = answers_text(&finding.answers, Paint::none());
        let (tone, verdict) =
            if finding.error { (Tone::Bad, "ERROR") } else { (Tone::Strong, "ADVICE") };
        let page = untidy(&self.client.join(" "), (tone, verdict), finding, &answers, run);
        outputs.add_in(folder, &format!("{name}.html"), || Ok(page))
    }

    /// The command without what chooses the answers.
    fn line(&self, subject: &Subject) -> CommandLine {
        let usual = Duration::from_secs(10);
        let deadline = Some(self.deadline).filter(|one| Duration::from(*one) != usual);
        subject
            .repeat(CommandLine::new("impersonate"))
            .option("--deadline", deadline)
            .option("--max-retries", Some(self.max_retries).filter(|one| *one != 50))
            .option("--expect-exit", &self.expect_exit)
            .option("--shim", self.shim.as_ref().map(text_of))
            .flag("--preload", self.preload)
            .option("--wine-prefix", self.wine_prefix.as_ref().map(text_of))
            .flag("--dll-path-ex", self.dll_path_ex)
            .option("--timing", self.timing)
            .flag("--pass-through", self.pass_through)
    }

    fn client(&self, line: CommandLine) -> String {
        let line = line.flag("--", !self.client.is_empty());
        self.client.iter().fold(line, |line, word| line.word(word)).to_string()
    }

    fn repeat(&self, subject: &Subject, seed: Option<u64>) -> String {
        let line = self
            .line(subject)
            .option("--seed", seed)
            .option("--answers", self.answers.as_ref().map(text_of))
            .flag("--every", self.every)
            .option("--depth", Some(self.depth).filter(|one| *one != 64))
            .option("--runs", Some(self.runs).filter(|one| *one != 10_000))
            .option("--max-time", self.max_time)
            .option("--samples", Some(self.samples).filter(|one| *one != 100));
        self.client(line)
    }
}

/// The findings as test cases.
fn cases(result: &ImpersonateResult) -> Vec<Case> {
    let found = result.findings.iter().map(|one| {
        let name = one.clause.clone().unwrap_or_else(|| one.kind.name().to_owned());
        let run = answers_text(&one.answers, Paint::none()) + &format!("{}\n", one.repeat);
        let verdict = if result.fails(one) {
            CaseVerdict::Failed(one.text.clone(), run)
        } else {
            CaseVerdict::Skipped(format!("advice not followed: {}", one.text))
        };
        Case { name, about: one.text.clone(), verdict, place: None }
    });
    let runs = Case {
        name: format!("{} runs", result.scenario),
        about: "The client ends, and leaves nothing behind, whatever it is answered.".to_owned(),
        verdict: if result.calls == 0 {
            CaseVerdict::Undecided("the client made no MAPI call".to_owned())
        } else {
            CaseVerdict::Passed
        },
        place: None,
    };
    found.chain([runs]).collect()
}

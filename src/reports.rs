//! Verdicts for continuous integration: JUnit for test reports, SARIF for annotations.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use mapi_logon_model::clause;
use mapi_logon_traces::export::xml::admissible;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};

use crate::outputs::Outputs;
use crate::path::real;
use crate::render::json::pretty;

/// Where reports for continuous integration are written.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Reports {
    /// Write a JUnit report, with a test case for each verdict
    #[arg(long, value_name = "FILE.xml", help_heading = "Output")]
    junit: Option<PathBuf>,
    /// Write a SARIF report, with a result for each finding
    #[arg(long, value_name = "FILE.sarif", help_heading = "Output")]
    sarif: Option<PathBuf>,
}

/// A verdict as a test case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What was judged: a property, a combination, a file, a mutant.
    pub name: String,
    /// What it says, for a reader who does not know the name.
    pub about: String,
    /// How it was judged.
    pub verdict: CaseVerdict,
    /// The file and line that it is about, if there is one.
    pub place: Option<(String, u64)>,
}

/// How something was judged.
#[derive(Clone, Debug)]
pub enum CaseVerdict {
    /// As it should be.
    Passed,
    /// Not as it should be: in a sentence, and with the run that shows it.
    Failed(String, String),
    /// Not as this rule of the specification has it: in a sentence, and with what shows it.
    Against(String, String, String),
    /// As [`Self::Failed`], and not in the list of known findings.
    New(String, String),
    /// A known finding, and why it is accepted.
    Known(String, String),
    /// A known finding that no longer happens.
    Gone(String),
    /// Not judged, and why.
    Skipped(String),
    /// A limit ended the work before a verdict.
    Undecided(String),
}

impl Reports {
    /// The files that are written.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.junit.iter().chain(&self.sarif)
    }

    /// Adds the reports that are asked for on cases of a suite; `repeat` gives the same verdicts.
    ///
    /// # Errors
    /// When there is no place for a file.
    pub fn add_to(
        &self,
        outputs: &mut Outputs,
        suite: &str,
        repeat: &str,
        cases: &[Case],
    ) -> Result<()> {
        outputs.add(self.junit.as_ref(), || Ok(junit(suite, repeat, cases)?))?;
        outputs.add(self.sarif.as_ref(), || pretty(&sarif(repeat, cases)))
    }
}

/// The cases as JUnit has them. Times are left out, so that equal runs write equal bytes.
fn junit(suite: &str, repeat: &str, cases: &[Case]) -> Result<String, quick_junit::SerializeError> {
    let mut report = Report::new("mapi-logon");
    let mut tests = TestSuite::new(suite);
    let mut named = BTreeMap::new();
    for case in cases {
        let failed = |kind, message: &str, text: &str| {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(message).set_type(case.name.as_str());
            status.set_description(format!("{text}\n{repeat}\n"));
            status
        };
        let status = match &case.verdict {
            CaseVerdict::Passed => TestCaseStatus::success(),
            CaseVerdict::Failed(message, run)
            | CaseVerdict::Against(_, message, run)
            | CaseVerdict::New(message, run) => failed(NonSuccessKind::Failure, message, run),
            CaseVerdict::Gone(message) => failed(NonSuccessKind::Failure, message, ""),
            CaseVerdict::Undecided(why) => failed(NonSuccessKind::Error, why, ""),
            CaseVerdict::Skipped(why) | CaseVerdict::Known(_, why) => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(why.as_str());
                status
            }
        };
        // Readers of reports tell test cases apart by their names.
        let times = named.entry(case.name.as_str()).and_modify(|times| *times += 1).or_insert(1);
        let name = match *times {
            1 => case.name.clone(),
            times => format!("{} ({times})", case.name),
        };
        let mut test = TestCase::new(name, status);
        test.set_classname(suite);
        tests.add_test_case(test);
    }
    report.add_test_suite(tests);
    Ok(admissible(&report.to_string()?).into_owned())
}

/// The text of a path as a relative reference of RFC 3986.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = real(path);
    let bytes = path.as_os_str().as_encoded_bytes().iter();
    let letters = bytes.map(|byte| match plain(*byte) {
        true => char::from(*byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    letters.collect()
}

/// The findings as SARIF 2.1.0 has them. The rule of a finding is the clause that it offends, else
/// what was judged.
fn sarif(repeat: &str, cases: &[Case]) -> Value {
    let (mut rules, mut results) = (BTreeMap::new(), Vec::new());
    for case in cases {
        let (level, rule, message) = match &case.verdict {
            CaseVerdict::Passed | CaseVerdict::Skipped(_) => continue,
            CaseVerdict::Failed(message, _)
            | CaseVerdict::New(message, _)
            | CaseVerdict::Known(message, _)
            | CaseVerdict::Gone(message) => ("error", &case.name, message),
            CaseVerdict::Against(rule, message, _) => ("error", rule, message),
            CaseVerdict::Undecided(why) => ("warning", &case.name, why),
        };
        let about = clause::find(rule).map_or(case.about.as_str(), |clause| clause.text);
        rules.insert(rule, json!({ "id": rule, "shortDescription": { "text": about } }));
        let mut location = json!({ "logicalLocations": [{ "name": case.name }] });
        if let Some((file, line)) = &case.place {
            location["physicalLocation"] = json!({
                "artifactLocation": { "uri": uri(file) },
                "region": { "startLine": line },
            });
        }
        let mut result = json!({
            "ruleId": rule,
            "level": level,
            "message": { "text": format!("{}. Repeat: {repeat}", message.trim_end_matches('.')) },
            "locations": [location],
        });
        let baseline = match &case.verdict {
            CaseVerdict::New(..) => Some("new"),
            CaseVerdict::Known(_, reason) => {
                result["suppressions"] = json!([{ "kind": "external", "justification": reason }]);
                Some("unchanged")
            }
            CaseVerdict::Gone(_) => Some("absent"),
            CaseVerdict::Passed
            | CaseVerdict::Failed(..)
            | CaseVerdict::Against(..)
            | CaseVerdict::Skipped(_)
            | CaseVerdict::Undecided(_) => None,
        };
        if let Some(baseline) = baseline {
            result["baselineState"] = baseline.into();
        }
        results.push(result);
    }
    let rules: Vec<_> = rules.into_values().collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mapi-logon",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sarif_tells_new_known_and_gone_findings_apart() {
        let said = "It deviates.".to_owned();
        let verdicts = [
            CaseVerdict::New(said.clone(), String::new()),
            CaseVerdict::Known(said.clone(), "on purpose".to_owned()),
            CaseVerdict::Gone(said),
        ];
        let [first, ..] = &cases()[..] else { panic!("no case") };
        let cases = verdicts.map(|verdict| Case { verdict, ..first.clone() });
        let sarif = sarif("mapi-logon drive", &cases);
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let states: Vec<_> = results.iter().map(|one| &one["baselineState"]).collect();
        assert_eq!(states, ["new", "unchanged", "absent"]);
        assert_eq!(results[1]["suppressions"][0]["justification"], "on purpose");
        assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len(), 1);
    }

    fn cases() -> Vec<Case> {
        let case = |name: &str, verdict| Case {
            name: name.to_owned(),
            about: "about".to_owned(),
            verdict,
            place: Some(("a.toml".to_owned(), 1)),
        };
        vec![
            case("INV-1", CaseVerdict::Passed),
            case("INV-2", CaseVerdict::Failed("It <fails>.".to_owned(), "the run".to_owned())),
            case("INV-3", CaseVerdict::Skipped("not applicable".to_owned())),
            case("INV-4", CaseVerdict::Undecided("a limit".to_owned())),
            case("a.jsonl", CaseVerdict::Against("RTY-5".into(), "third".into(), String::new())),
            case("b.jsonl", CaseVerdict::Against("RTY-5".into(), "third".into(), String::new())),
        ]
    }

    #[test]
    fn junit_counts_failures_errors_and_skips() {
        let xml = junit("check office", "mapi-logon check", &cases()).unwrap();
        let counts = "tests=\"6\" skipped=\"1\"";
        assert!(xml.contains(counts) || xml.contains("tests=\"6\" disabled=\"1\""), "{xml}");
        assert!(xml.contains("failures=\"3\"") && xml.contains("errors=\"1\""), "{xml}");
        assert!(xml.contains("It &lt;fails&gt;.") && xml.contains("the run"), "{xml}");
    }

    #[test]
    fn sarif_has_a_result_with_a_rule_and_a_place_for_each_finding() {
        let sarif = sarif("mapi-logon check", &cases());
        let run = &sarif["runs"][0];
        let of = |list: &Value, key: &str| -> Vec<Value> {
            list.as_array().unwrap().iter().map(|one| one[key].clone()).collect()
        };
        assert_eq!(of(&run["results"], "ruleId"), ["INV-2", "INV-4", "RTY-5", "RTY-5"]);
        let rules = &run["tool"]["driver"]["rules"];
        assert_eq!(of(rules, "id"), ["INV-2", "INV-4", "RTY-5"]);
        let text = rules[2]["shortDescription"]["text"].as_str().unwrap();
        assert!(text.starts_with("There is one second try and no third"), "{text}");
        let place = &run["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a.toml");
        assert_eq!(run["results"][1]["level"], "warning");
    }
}

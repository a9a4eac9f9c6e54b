//! `mapi-logon compare`: two readings, two scenarios, or a scenario and a saved result.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use mapi_logon_model::policy::{PRESETS, Policy, SWITCHES};
use mapi_logon_model::suggest::{admissible, hint};

use crate::arguments::{CommandLine, OutputFormat, Setting, Subject, quoted, setting};
use crate::builtin::{self, Loaded};
use crate::compare::{CompareMeans, Comparison, Side, read};
use crate::exit::Exit;
use crate::interrupt;
use crate::memory::most_bytes;
use crate::output;
use crate::outputs::Outputs;
use crate::path::{parsed, real, text_of};
use crate::progress::ProgressLine;
use crate::quantity::{MemorySize, Time, number};
use crate::render::compared::{Compared, Label, picture};
use crate::render::json::pretty;
use crate::render::text::count;

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Compare with a preset, POLICY=VALUE,..., a scenario, or a saved result (.json)
    #[arg(long, value_name = "WHAT", value_parser = parsed(what), required_unless_present = "save")]
    against: Option<What>,
    /// Save the result of the scenario, to compare with it later
    #[arg(long, value_name = "FILE.json", value_parser = parsed(json_file))]
    save: Option<PathBuf>,
    /// Ignore the dialogs that calls displayed when outcomes are compared
    #[arg(long)]
    no_dialogs: bool,
    /// Exit with 1 if anything differs, as with a saved result
    #[arg(long, requires = "against")]
    exit_code: bool,
    /// Show N new and N gone outcomes with the runs that lead to them, shortest runs first
    #[arg(long, value_name = "N", default_value_t = SHOWN, value_parser = number::<usize>)]
    show: usize,
    /// Draw where the machines part, as a Mermaid sequence diagram
    #[arg(long, value_name = "FILE.mmd", value_parser = parsed(mermaid_file), requires = "against")]
    picture: Option<PathBuf>,
    /// Stop after N states of either side
    #[arg(long, value_name = "N", default_value_t = MAX_STATES, value_parser = number::<u64>)]
    max_states: u64,
    /// Stop when states take this much memory: megabytes, or with a unit as in 2GB [default: half
    /// of what is available]
    #[arg(long, value_name = "SIZE")]
    max_memory: Option<MemorySize>,
    /// Stop after this time: seconds, or with a unit as in 30s, 5m or 2h
    #[arg(long, value_name = "TIME")]
    max_time: Option<Time>,
    /// Write the comparison as a page for a browser, with the runs to outcomes of one side
    #[arg(long, value_name = "FILE.html")]
    html: Option<PathBuf>,
    /// Write the comparison as text or as JSON
    #[arg(long, value_enum, default_value_t)]
    format: OutputFormat,
}

/// New and gone outcomes that are shown by default.
const SHOWN: usize = 2;

/// States of either side that are explored by default.
const MAX_STATES: u64 = 10_000_000;

/// What a scenario is compared with.
#[derive(Clone, Debug)]
enum What {
    /// The same scenario under all readings of a known system.
    Preset(String),
    /// The same scenario with other readings.
    Settings(Vec<Setting>),
    /// Another scenario.
    Scenario(String),
    /// A saved result.
    Saved(PathBuf),
}

/// Compares.
///
/// # Errors
/// When input is not usable, a side cannot be explored, or a result cannot be written.
pub fn run(args: &Args) -> Result<Exit> {
    Outputs::check(args.save.iter().chain(&args.picture).chain(&args.html))?;
    let saved = match &args.against {
        Some(What::Saved(path)) => Some(read(path)?),
        Some(What::Preset(_) | What::Settings(_) | What::Scenario(_)) | None => None,
    };
    let loaded = builtin::load_active(&args.subject)?;
    if let (Some(What::Saved(path)), Some(saved)) = (&args.against, &saved)
        && saved.scenario != loaded.name
    {
        output::complain(&format!(
            "warning: {}: saved from `{}`, not from `{}`",
            text_of(path),
            saved.scenario,
            loaded.name
        ));
    }
    let other = args.against.as_ref().map(|what| args.other(what, &loaded)).transpose()?.flatten();
    let dialogs = !args.no_dialogs && saved.as_ref().is_none_or(Side::has_dialogs);
    let stop = interrupt::listen()?;
    let means = CompareMeans {
        max_states: args.max_states,
        max_bytes: most_bytes(args.max_memory),
        max_time: args.max_time.map(Into::into),
        dialogs,
        interrupt: stop,
        progress: ProgressLine::begin(),
    };
    let explored = Side::explore(&loaded.name, 1, loaded.scenario.clone(), &means);
    let left = explored.inspect_err(|_| means.progress.end())?;
    let right = match (saved, other) {
        (Some(saved), _) if dialogs => Some(saved),
        (Some(saved), _) => Some(saved.without_dialogs()),
        (None, Some(other)) if left.is_some() => {
            let explored = Side::explore(&other.name, 2, other.scenario, &means);
            explored.inspect_err(|_| means.progress.end())?
        }
        (None, _) => None,
    };
    means.progress.end();
    let Some(left) = left else {
        return Ok(gave_up(args, &loaded.name, stop));
    };
    if left.outcomes.is_none() && args.save.is_some() {
        return Ok(gave_up(args, &format!("what clients see of {}", loaded.name), stop));
    }
    let mut outputs = Outputs::default();
    outputs.add(args.save.as_ref(), || pretty(&left))?;
    match (&args.against, right) {
        (None, _) => {
            outputs.write()?;
            Ok(Exit::Good)
        }
        (Some(what), None) => Ok(gave_up(args, &what.label(args).head, stop)),
        (Some(what), Some(right)) => args.tell(what, &loaded, &left, &right, outputs),
    }
}

/// Reports that a side could not be explored to the end.
fn gave_up(args: &Args, name: &str, stop: &AtomicBool) -> Exit {
    if stop.load(Ordering::Relaxed) {
        output::complain("interrupted; nothing was compared: both sides must be explored");
        return Exit::Interrupted;
    }
    output::complain(&format!(
        "inconclusive: {name} {}; nothing was compared; raise --max-states, --max-memory \
         or --max-time",
        args.limits()
    ));
    Exit::Inconclusive
}

impl Args {
    /// The limits, one of which was reached.
    fn limits(&self) -> String {
        let most = count(self.max_states, "state");
        let time = self.max_time.map_or_else(String::new, |time| format!(", or takes over {time}"));
        format!("has more than {most}, or more than fit into memory{time}")
    }

    /// The scenario on the other side, unless that is a saved result.
    fn other(&self, what: &What, left: &Loaded) -> Result<Option<Loaded>> {
        let mut other = match what {
            What::Saved(_) => return Ok(None),
            What::Scenario(_) => return builtin::load_active(&self.changed(what)).map(Some),
            What::Preset(_) | What::Settings(_) => left.clone(),
        };
        other.scenario.policy = what.policy(&left.scenario.policy)?;
        Ok(Some(other))
    }

    /// The arguments that select what has changed: the other side, or the scenario where that is
    /// compared with what was saved.
    fn changed(&self, what: &What) -> Subject {
        let own = self.subject.clone();
        match what {
            What::Saved(_) => own,
            What::Preset(name) => Subject { policy: Some(name.clone()), settings: vec![], ..own },
            What::Settings(settings) => {
                Subject { settings: [own.settings, settings.clone()].concat(), ..own }
            }
            What::Scenario(path) => {
                Subject { scenario: path.clone(), policy: None, settings: vec![], ..own }
            }
        }
    }

    /// The command that gives the same comparison.
    fn repeat(&self, what: &What) -> CommandLine {
        let line = self.subject.repeat(CommandLine::new("compare"));
        line.option("--against", [what.written()])
            .flag("--no-dialogs", self.no_dialogs)
            .option("--show", (self.show != SHOWN).then_some(self.show))
            .option("--max-states", (self.max_states != MAX_STATES).then_some(self.max_states))
            .option("--max-memory", self.max_memory)
            .option("--max-time", self.max_time)
    }

    /// Writes the comparison.
    fn tell(
        &self,
        what: &What,
        loaded: &Loaded,
        left: &Side,
        right: &Side,
        mut outputs: Outputs,
    ) -> Result<Exit> {
        let comparison = Comparison::of(left, right);
        let is_saved = matches!(what, What::Saved(_));
        let is_cut = left.outcomes.is_none() || (right.outcomes.is_none() && !is_saved);
        let compared = Compared {
            comparison: &comparison,
            left: self.left_label(what, &loaded.scenario.policy),
            right: what.label(self),
            reversed: is_saved,
            shown: self.show,
            cut: is_cut.then(|| self.limits()),
            check: self.changed(what).repeat(CommandLine::new("check")),
            repeat: self.repeat(what),
        };
        if let Some(path) = &self.picture {
            match picture(&compared, left, right)? {
                Some(drawn) => outputs.add(Some(path), || Ok(drawn))?,
                None => output::note(&format!(
                    "note: no run is known on which the machines diverge; {} is not written",
                    text_of(path)
                )),
            }
        }
        outputs.add(self.html.as_ref(), || Ok(compared.page(&loaded.name, left, right)))?;
        self.format.show(|paint| compared.text(paint), || pretty(&comparison))?;
        outputs.write()?;
        let matters = self.exit_code || is_saved;
        Ok(match (matters && comparison.differs, is_cut) {
            (true, _) => Exit::Finding,
            (false, true) => Exit::Inconclusive,
            (false, false) => Exit::Good,
        })
    }

    /// What the first side is called.
    fn left_label(&self, what: &What, policy: &Policy) -> Label {
        match what {
            What::Saved(_) => Label::new("now", "Now", "the machine as it is now"),
            What::Scenario(_) => Label::scenario(&self.subject.scenario),
            What::Preset(_) | What::Settings(_) => {
                let readings: Vec<_> =
                    policy.deviations().map(|(name, value)| format!("{name} = {value}")).collect();
                match (&self.subject.policy, readings.is_empty()) {
                    (_, true) => {
                        Label::new("as documented", "As documented", "the machine as documented")
                    }
                    (Some(preset), _) if self.subject.settings.is_empty() => Label::under(preset),
                    (_, false) => Label::under(&readings.join(", ")),
                }
            }
        }
    }
}

impl What {
    /// The readings on the other side of a comparison of readings.
    fn policy(&self, left: &Policy) -> Result<Policy> {
        let mut policy = *left;
        match self {
            Self::Preset(name) => policy = Policy::preset(name)?,
            Self::Settings(settings) => {
                for setting in settings {
                    policy.set(&setting.policy, &setting.value)?;
                }
            }
            Self::Scenario(_) | Self::Saved(_) => {}
        }
        Ok(policy)
    }

    /// As the command line has it.
    fn written(&self) -> String {
        match self {
            Self::Preset(name) | Self::Scenario(name) => name.clone(),
            Self::Settings(settings) => {
                settings.iter().map(Setting::to_string).collect::<Vec<_>>().join(",")
            }
            Self::Saved(path) => text_of(path),
        }
    }

    /// What the other side is called.
    fn label(&self, args: &Args) -> Label {
        match self {
            Self::Preset(name) => Label::under(name),
            Self::Settings(settings) => {
                let settings = settings.iter().map(|one| format!("{} = {}", one.policy, one.value));
                Label::under(&settings.collect::<Vec<_>>().join(", "))
            }
            Self::Scenario(path) if *path == args.subject.scenario => {
                Label::under("its own readings")
            }
            Self::Scenario(path) => Label::scenario(path),
            Self::Saved(path) => {
                let path = text_of(path);
                Label::new(&path, &format!("Since {path}"), &format!("the machine of {path}"))
            }
        }
    }
}

/// Reads what to compare with.
fn what(text: &str) -> Result<What, String> {
    if Path::new(text).extension().is_some_and(|ending| ending == "json") {
        return Ok(What::Saved(real(text)));
    }
    if PRESETS.iter().any(|preset| preset.name == text) {
        return Ok(What::Preset(text.to_owned()));
    }
    if builtin::text(text).is_some() || real(text).exists() {
        return Ok(What::Scenario(text.to_owned()));
    }
    if text.contains('=') {
        let settings = text.split(',').map(setting).collect::<Result<Vec<_>, _>>()?;
        return match (1..settings.len()).find(|at| repeats(&settings, *at)) {
            Some(at) => Err(format!("{} is given twice", settings[at].policy)),
            None => Ok(What::Settings(settings)),
        };
    }
    if let Some(switch) = SWITCHES.iter().find(|switch| switch.name == text) {
        let choice = admissible("", switch.values);
        return Err(format!("{text} needs a value, {text}=VALUE; {choice}"));
    }
    let presets = PRESETS.iter().map(|preset| preset.name);
    let hint = hint(text, presets.clone().chain(builtin::names()));
    let presets = presets.collect::<Vec<_>>().join(", ");
    Err(format!(
        "{} is neither a preset ({presets}) nor POLICY=VALUE, a scenario or a saved result \
         (.json){hint}",
        quoted(text)
    ))
}

/// Is the policy of a setting set before?
fn repeats(settings: &[Setting], at: usize) -> bool {
    settings[..at].iter().any(|one| one.policy == settings[at].policy)
}

/// Reads the name of a file that ends in `.json`, as that of a saved result must.
fn json_file(text: &str) -> Result<PathBuf, String> {
    named(text, "json", "a saved result is JSON: name the file FILE.json")
}

/// Reads the name of a file for a picture.
fn mermaid_file(text: &str) -> Result<PathBuf, String> {
    named(text, "mmd", "the picture is Mermaid text: name the file FILE.mmd")
}

fn named(text: &str, ending: &str, otherwise: &str) -> Result<PathBuf, String> {
    let path = real(text);
    let fits = path.extension().is_some_and(|own| own == ending);
    if fits { Ok(path) } else { Err(otherwise.to_owned()) }
}

//! What a campaign is after: goals of a criterion, the traces of a suite, or nothing in particular.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result, anyhow, bail};
use mapi_logon_drive::bench::{Bench, Unusable};
use mapi_logon_drive::campaign::{Campaign, Each, Tally, random, replay};
use mapi_logon_drive::course::End;
use mapi_logon_drive::goals::{Covered, Played, Refused, TRIES, cover, play};
use mapi_logon_drive::moves::Move;
use mapi_logon_drive::plan::Plan;
use mapi_logon_model::machine::Model;
use mapi_logon_model::scenario::{Scenario, split_call};
use mapi_logon_traces::cover::{Atlas, Criterion, Uncovered, cover_while};
use mapi_logon_traces::lines::FileError;
use mapi_logon_traces::replay::{Reader, world};
use mapi_logon_traces::tracer::Tracer;

use crate::arguments::CommandLine;
use crate::command::generate::Cover;
use crate::output;
use crate::path::text_of;
use crate::quantity::number;
use crate::render::driven::Coverage;
use crate::render::text::count;

/// Most states of the graph in which goals are looked up.
const MAX_STATES: usize = 1_000_000;

/// What a campaign is after.
#[derive(Debug, clap::Args)]
pub(super) struct Aims {
    /// Plan calls and answers to cover these goals of the scenario, and stop when they are covered
    #[arg(long, value_enum, value_name = "GOALS", conflicts_with_all = ["suite", "replay"])]
    cover: Option<Cover>,
    /// With --cover: stop exploring the scenario after N states
    #[arg(long, value_name = "N", default_value_t = MAX_STATES, value_parser = number::<usize>)]
    max_states: usize,
    /// Play every trace in this folder, as `generate` writes them for this scenario
    #[arg(long, value_name = "DIR", conflicts_with = "replay")]
    suite: Option<PathBuf>,
}

/// What came of it.
pub(super) struct Aimed {
    pub(super) tally: Tally,
    pub(super) coverage: Option<Coverage>,
    pub(super) suite: Vec<Played>,
}

impl Aimed {
    /// Nothing in particular.
    pub(super) const fn of(tally: Tally) -> Self {
        Self { tally, coverage: None, suite: Vec::new() }
    }
}

impl Aims {
    /// Drives worlds until there is nothing more to do.
    pub(super) fn drive(
        &self,
        bench: &mut Bench<'_>,
        campaign: Campaign<'_>,
        each: &mut Each<'_>,
        stop: &AtomicBool,
    ) -> Result<Aimed, Trouble> {
        if let Some(folder) = &self.suite {
            let plans = plans(folder, bench.whole())?;
            let (tally, suite) = play(bench, campaign, &plans, 1, each)?;
            return Ok(Aimed { suite, ..Aimed::of(tally) });
        }
        let Some(cover) = self.cover else { return Ok(Aimed::of(random(bench, campaign, each)?)) };
        let model = Model::new(bench.listed().clone());
        let mut goes_on = |known| known < self.max_states && !stop.load(Ordering::Relaxed);
        let (criterion, complete, tally, covered) = match cover.criterion() {
            criterion @ (Criterion::Outcomes | Criterion::OutcomesWithDialogs) => {
                let suite = cover_while(&model, criterion, &mut goes_on);
                let plan = |trace: &mapi_logon_traces::write::Trace| {
                    let acts = trace.lines.iter().map(|line| &line.action);
                    let plan = Plan::following(Tracer::listed(model.clone()), acts);
                    (trace.header.expect.covers.join(", "), plan)
                };
                let plans: Vec<_> = suite.traces.iter().map(plan).collect();
                let (tally, played) = play(bench, campaign, &plans, TRIES, each)?;
                (criterion, suite.coverage.complete, tally, outcomes(played))
            }
            criterion @ (Criterion::States
            | Criterion::Transitions
            | Criterion::Pairs
            | Criterion::Clauses) => {
                let atlas = Atlas::explore(&model, criterion, &mut goes_on);
                let lost = lost(bench, &atlas, criterion, &mut goes_on);
                let (tally, covered) = self::cover(bench, campaign, (&model, &atlas), lost, each)?;
                (criterion, atlas.is_complete(), tally, covered)
            }
        };
        let coverage = Some(Coverage { criterion, complete, covered });
        Ok(Aimed { coverage, ..Aimed::of(tally) })
    }

    /// The options that say so again.
    pub(super) fn repeat(&self, line: CommandLine) -> CommandLine {
        line.option("--cover", self.cover.map(|cover| cover.criterion().name()))
            .option("--max-states", (self.max_states != MAX_STATES).then_some(self.max_states))
            .option("--suite", self.suite.as_ref().map(text_of))
    }
}

/// Goals that some run of the scenario shows, and none without the calls that the adapter does not
/// support.
fn lost(
    bench: &Bench<'_>,
    atlas: &Atlas,
    criterion: Criterion,
    goes_on: &mut dyn FnMut(usize) -> bool,
) -> Vec<Uncovered> {
    if bench.whole() == bench.listed() {
        return Vec::new();
    }
    let whole = Atlas::explore(&Model::new(bench.whole().clone()), criterion, goes_on);
    let names = |atlas: &Atlas| -> BTreeSet<_> {
        (0..atlas.goals()).map(|goal| atlas.name(goal)).collect()
    };
    let listed = bench.whole().clients.iter().flat_map(|client| &client.written);
    let lacks = |call: &&str| !bench.hello().calls.iter().any(|one| one == call);
    let calls: BTreeSet<_> = listed.map(|call| split_call(call).0).filter(lacks).collect();
    let calls = calls.into_iter().collect::<Vec<_>>().join(", ");
    let why = format!("the adapter does not support {calls}");
    let lost = &names(&whole) - &names(atlas);
    lost.into_iter().map(|id| Uncovered { id, why: why.clone() }).collect()
}

/// Outcomes that the system showed, or declined; a trace that was never tried is open.
fn outcomes(played: Vec<Played>) -> Covered {
    let mut covered = Covered::default();
    for one in played {
        match (one.is_reached(), one.tries) {
            (true, _) => covered.covered.push(one.name),
            (false, TRIES..) => {
                covered.refused.push(Refused { goal: one.name, tries: one.tries });
            }
            (false, _) => covered.open.push(one.name),
        }
    }
    covered
}

/// The traces of a folder by name, each as the plan to follow it.
fn plans(folder: &Path, scenario: &Scenario) -> Result<Vec<(String, Plan)>> {
    let shown = text_of(folder);
    let writes = format!("`mapi-logon generate SCENARIO --out {shown}` writes traces");
    let entries = fs::read_dir(folder).map_err(|error| anyhow!("{shown}: {error}; {writes}"))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("{shown}: cannot be read"))?.path();
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            paths.push(path);
        }
    }
    if paths.is_empty() {
        bail!("{shown}: has no traces; {writes}");
    }
    paths.sort();
    paths.into_iter().map(|path| plan(&path, scenario)).collect()
}

fn plan(path: &Path, scenario: &Scenario) -> Result<(String, Plan)> {
    let shown = text_of(path);
    let file = File::open(path).with_context(|| format!("{shown}: cannot be read"))?;
    let wrong = |error| anyhow!("{shown}: {error}");
    let reader = Reader::new(BufReader::new(file)).map_err(wrong)?;
    let own = world(reader.header()).map_err(|error| anyhow!("{shown}: {error}"))?;
    if mapi_logon_drive::world::drivable(own) != *scenario {
        bail!("{shown}: was made from another scenario, or under another policy");
    }
    let mut plan = Plan::default();
    let replayed = reader.replay(|run, line| plan.push(run, line)).map_err(wrong)?;
    if let Some(divergence) = replayed.divergence {
        bail!("{shown}:{}: is no run of the model", divergence.line);
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, plan))
}

/// The moves of a saved run, made again.
pub(super) fn replayed(
    bench: &mut Bench<'_>,
    campaign: Campaign<'_>,
    path: &PathBuf,
    each: &mut Each<'_>,
) -> Result<Tally, Trouble> {
    let shown = text_of(path);
    let text = fs::read_to_string(path).with_context(|| format!("{shown}: cannot be read"))?;
    let wrong = |error: serde_json::Error| {
        let place = FileError::of_json(error.line() as u64, &error);
        anyhow!("{shown}:{place}; a saved run is a FILE.run.json of `--record` or `--html`")
    };
    let moves: Vec<Move> = serde_json::from_str(&text).map_err(wrong)?;
    let calls = |moves: &[Move]| moves.iter().filter(|one| one.as_call().is_some()).count();
    let (all, mut left) = (calls(&moves), 0);
    let tally = replay(bench, campaign, moves, &mut |world, tally| {
        left = if world.end == End::Complete { all - calls(&world.moves) } else { 0 };
        each(world, tally)
    })?;
    if all == left {
        let them = if all == 0 { "no calls" } else { "no call that this scenario has" };
        return Err(anyhow!("{shown}: has {them}").into());
    }
    if left > 0 {
        let these = count(left as u64, "call");
        output::complain(&format!("warning: {shown}: {these} of {all} could not be made here"));
    }
    Ok(tally)
}

/// Why a campaign came to no result.
pub(super) enum Trouble {
    Adapter(Unusable),
    Other(anyhow::Error),
}

impl From<Unusable> for Trouble {
    fn from(unusable: Unusable) -> Self {
        Self::Adapter(unusable)
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::Other(error)
    }
}

//! `mapi-logon explore`: the state graph of a scenario as a page to click through.

use std::path::PathBuf;

use anyhow::{Result, bail};
use mapi_logon_model::machine::Model;
use mapi_logon_traces::trace::{Calls, Expect, Header};

use crate::arguments::{CommandLine, Subject};
use crate::builtin;
use crate::command::check::property;
use crate::exit::Exit;
use crate::explore::Part;
use crate::output;
use crate::outputs::Outputs;
use crate::page;
use crate::path::text_of;
use crate::quantity::number;
use crate::render::text::count;

/// States on a page by default: more are too many to look at.
const SHOWN: usize = 200;

/// States that are explored by default to find what is asked for.
const EXPLORED: usize = 100_000;

/// Arguments of `explore`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Write the page to this file
    #[arg(long, value_name = "FILE.html")]
    html: PathBuf,
    /// Show the part around the shortest run that shows or breaks this property
    #[arg(long, value_name = "ID", value_parser = property)]
    property: Option<&'static str>,
    /// Show N states: those nearest to the property, else to the beginning
    #[arg(long, value_name = "N", default_value_t = SHOWN, value_parser = number::<usize>)]
    max_states: usize,
    /// Explore N states to find the property
    #[arg(long, value_name = "N", default_value_t = EXPLORED, value_parser = number::<usize>)]
    search: usize,
}

/// Writes the page.
///
/// # Errors
/// When the scenario is not usable, no run explored marks the property, or the page cannot be
/// written.
pub fn run(args: &Args) -> Result<Exit> {
    Outputs::check([&args.html])?;
    let loaded = builtin::load_active(&args.subject)?;
    let model = Model::new(loaded.scenario);
    let most = args.search.max(args.max_states);
    let Some(part) = Part::of(&model, args.property, args.max_states.max(1), most) else {
        let id = args.property.unwrap_or_default();
        bail!(
            "no run through the first {} shows or breaks {id}; raise --search, or ask `mapi-logon \
             check --property {id}`",
            count(most as u64, "state")
        );
    };
    let scenario = model.scenario();
    let header = Header::new(&model, scenario, Calls::Listed, Expect::conforms());
    let header = serde_json::to_string(&header)?;
    let repeat = args.repeat().to_string();
    let mut outputs = Outputs::default();
    let page = || Ok(page::explored(&loaded.name, scenario, &part, &header, &repeat));
    outputs.add(Some(&args.html), page)?;
    outputs.write()?;
    let shown = count(part.nodes.len() as u64, "state");
    let of = if part.complete {
        "all of the scenario".to_owned()
    } else {
        format!("of {} explored", count(part.explored as u64, "state"))
    };
    let file = text_of(&args.html);
    output::print(&format!("{file}: {shown}, {of}\n\n{repeat}\n"))?;
    Ok(Exit::Good)
}

impl Args {
    /// The command that writes the same page.
    fn repeat(&self) -> CommandLine {
        let changed = |given: usize, default: usize| (given != default).then_some(given);
        self.subject
            .repeat(CommandLine::new("explore"))
            .option("--html", [text_of(&self.html)])
            .option("--property", self.property)
            .option("--max-states", changed(self.max_states, SHOWN))
            .option("--search", changed(self.search, EXPLORED))
    }
}

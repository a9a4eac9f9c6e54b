//! How much is driven, and how long things may take.

use std::num::NonZeroUsize;

use mapi_logon_drive::campaign::Limits;
use mapi_logon_drive::course::Patience;

use crate::arguments::CommandLine;
use crate::quantity::{Time, positive};

/// Limits of a campaign.
#[derive(Debug, clap::Args)]
pub(super) struct LimitArgs {
    /// Draw calls and answers at random from this seed
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(super) seed: u64,
    /// Stop after N calls
    #[arg(long, value_name = "N", default_value = "10000", value_parser = positive::<u64>)]
    pub(super) calls: u64,
    /// Make N calls in a world
    #[arg(long, value_name = "N", default_value = PER_WORLD)]
    #[arg(value_parser = positive::<NonZeroUsize>)]
    per_world: NonZeroUsize,
    /// Stop after N worlds
    #[arg(long, value_name = "N", value_parser = positive::<u64>)]
    worlds: Option<u64>,
    /// Stop after this time
    #[arg(long, value_name = "TIME")]
    max_time: Option<Time>,
    /// Stop after N new deviations
    #[arg(long, value_name = "N", default_value = DEVIATIONS)]
    #[arg(value_parser = positive::<NonZeroUsize>)]
    max_deviations: NonZeroUsize,
    /// A call that must go on and does not for this time hangs
    #[arg(long, value_name = "TIME", default_value = DEADLINE, value_parser = some_time)]
    deadline: Time,
    /// A call that may wait and says nothing for this time waits
    #[arg(long, value_name = "TIME", default_value = QUIET)]
    quiet_after: Time,
    /// An adapter that does not answer `hello` or `world` for this time is broken
    #[arg(long, value_name = "TIME", default_value = START, value_parser = some_time)]
    start: Time,
    /// Let providers answer S_OK without being asked
    #[arg(long)]
    preset: bool,
}

const PER_WORLD: &str = "25";
const DEVIATIONS: &str = "10";
const DEADLINE: &str = "10s";
const QUIET: &str = "250ms";
const START: &str = "1min";

fn some_time(text: &str) -> Result<Time, String> {
    let time: Time = text.parse()?;
    let some = Some(time).filter(|time| time.ms > 0);
    some.ok_or_else(|| "expected a time over 0, such as 500ms, 10s or 2min".to_owned())
}

impl LimitArgs {
    /// The limits; calls overlap unless their time is measured.
    pub(super) fn limits(&self, overlap: bool) -> Limits {
        Limits {
            seed: self.seed,
            calls: self.calls,
            per_world: self.per_world.get(),
            worlds: self.worlds.unwrap_or(u64::MAX),
            time: self.max_time.map(Into::into),
            deviations: self.max_deviations.get(),
            patience: Patience {
                deadline: self.deadline.into(),
                quiet: self.quiet_after.into(),
                start: self.start.into(),
            },
            preset: self.preset,
            withhold: overlap,
        }
    }

    /// The options that say so again; what a saved run does not depend on is left out with it.
    pub(super) fn repeat(&self, line: CommandLine, saved: bool) -> CommandLine {
        let other = |value: String, usual: &str| (value != usual).then_some(value);
        let line = if saved {
            line
        } else {
            line.option("--seed", [self.seed])
                .option("--calls", [self.calls])
                .option("--per-world", other(self.per_world.to_string(), PER_WORLD))
                .option("--worlds", self.worlds)
                .option("--max-time", self.max_time)
                .option("--max-deviations", other(self.max_deviations.to_string(), DEVIATIONS))
        };
        line.option("--deadline", other(self.deadline.to_string(), DEADLINE))
            .option("--quiet-after", other(self.quiet_after.to_string(), QUIET))
            .option("--start", other(self.start.to_string(), START))
            .flag("--preset", self.preset)
    }
}

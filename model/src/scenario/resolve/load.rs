//! Resolution of `[timing]` and `[load]`: durations, arrivals and outages.

use super::value::{number, whole, wrong};
use crate::scenario::calls::position;
use crate::scenario::error::{Mistake, Resolved, Within};
use crate::scenario::file::{FASTEST, LoadSection, MOST_ARRIVALS, OutageSection, ScenarioFile};
use crate::scenario::load::{Distribution, FaultRate, Load, Outage, Timing};
use crate::scenario::load::{LEAST, LONGEST};
use crate::scenario::parts::{Scenario, fault_kinds};

/// Clients of a load that does not say how many.
const ARRIVALS: u64 = 100_000;

/// Longest time in which clients arrive, in virtual years: a sixth of what fits into 64 bits of
/// nanoseconds, which leaves chance and the drain room enough [DER].
const MOST_YEARS: f64 = 100.0;

/// Seconds of a year.
const YEAR: f64 = 365.25 * 86_400.0;

/// Resolves both sections; clients and providers must have been resolved.
pub(super) fn resolve(file: &ScenarioFile, scenario: &mut Scenario) -> Resolved {
    scenario.timing = file.timing;
    for (key, duration) in file.timing.iter().flat_map(Timing::named) {
        distribution(duration).under(key).under("timing")?;
    }
    let section = file.load.as_ref();
    scenario.load = section.map(|section| load(section, scenario).under("load")).transpose()?;
    Ok(())
}

fn load(section: &LoadSection, scenario: &Scenario) -> Resolved<Load> {
    if scenario.timing.is_none() {
        return wrong("[load] needs a section [timing] beside it");
    }
    if scenario.clients.iter().all(|client| client.weight == 0) {
        let message = "[load] needs a client whose `weight` is not 0: nobody would arrive";
        return wrong(message);
    }
    let key = "arrivals_per_second";
    let per_second = section.arrivals_per_second;
    number(per_second, key, LEAST..=FASTEST)?;
    let logons = section.logons.map(|logons| whole(logons, "logons", 1..=MOST_ARRIVALS));
    let logons = logons.transpose()?.unwrap_or(ARRIVALS);
    let years = logons as f64 / per_second / YEAR;
    if years > MOST_YEARS {
        let message = format!(
            "{logons} logons at {per_second} arrivals per second take {years:.0} virtual years; \
             a load has at most {MOST_YEARS}"
        );
        return wrong(message).under(key);
    }
    let outages = section.outage.iter().enumerate();
    let outages = outages.map(|(at, one)| outage(one, scenario).under(at).under("outage"));
    if let Some(FaultRate { mtbf, mttr }) = section.fault_rate {
        for (key, seconds) in [("mtbf", mtbf), ("mttr", mttr)] {
            number(seconds, key, LEAST..=LONGEST).under("fault_rate")?;
        }
    }
    Ok(Load {
        arrivals_per_second: per_second,
        logons,
        outages: outages.collect::<Resolved<_>>()?,
        fault_rate: section.fault_rate,
    })
}

fn outage(section: &OutageSection, scenario: &Scenario) -> Resolved<Outage> {
    let names = scenario.providers.iter().map(|provider| &*provider.name);
    let provider = position("provider", &section.provider, names).map_err(Mistake::new);
    let (from, to) = (section.from, section.to);
    let outage = Outage {
        provider: provider.under("provider")?.into(),
        kind: fault_kinds()[section.kind as usize].1,
        from,
        to,
    };
    number(from, "from", 0.0..=LONGEST)?;
    number(to, "to", 0.0..=LONGEST)?;
    if to <= from {
        let message = format!("`to` ({to}) must be after `from` ({from})");
        return wrong(message).under("to");
    }
    Ok(outage)
}

fn distribution(duration: Distribution) -> Resolved {
    match duration {
        Distribution::Constant(value) => number(value, "constant", 0.0..=LONGEST),
        Distribution::Exponential(mean) => number(mean, "exponential", LEAST..=LONGEST),
        Distribution::Uniform(low, high) => rising("uniform", low, high, 0.0),
        Distribution::Lognormal(median, p95) => rising("lognormal", median, p95, LEAST),
    }
}

/// Two numbers, the second not below the first.
fn rising(key: &str, first: f64, second: f64, least: f64) -> Resolved {
    for value in [first, second] {
        number(value, key, least..=LONGEST)?;
    }
    if second < first {
        let message = format!("`{key}` must rise: its second number ({second}) is below {first}");
        return wrong(message).under(key);
    }
    Ok(())
}

//! What is written under `[timing]` and `[load]`? Durations, arrivals and outages.

use super::clients::refer;
use super::mistake::{Mistake, Read, admissible, quoted};
use super::value::{Field, Section};
use crate::scenario::{Distribution, FaultRate, Load, Outage, Scenario, Timing, fault_kinds};

/// Greatest duration, in milliseconds or seconds: large enough for every use, and small enough for
/// sums of them to be exact to the millisecond.
const LONGEST: f64 = 1e12;

/// Least mean that a duration may have.
const SHORTEST: f64 = 1e-6;

/// Greatest rate of arrivals per second.
const FASTEST: f64 = 1e9;

/// Most logons of one load.
const MOST_LOGONS: u64 = 1_000_000_000_000;

/// Logons of a load that does not say how many.
const LOGONS: u64 = 100_000;

/// Longest time in which clients arrive, in virtual years: a sixth of what fits into 64 bits of
/// nanoseconds, which leaves chance and the drain room enough [DER].
const MOST_YEARS: f64 = 100.0;

/// Seconds of a year.
const YEAR: f64 = 365.25 * 86_400.0;

const SHAPES: [&str; 4] = ["constant", "uniform", "exponential", "lognormal"];

/// Reads `[timing]` and `[load]`. Clients and providers must have been read.
pub(super) fn read(root: Section<'_>, scenario: &mut Scenario) -> Read<()> {
    scenario.timing = timing(root)?;
    let keys = ["arrivals_per_second", "logons", "outage", "fault_rate"];
    let Some(section) = root.section("load", "[load]", &keys)? else {
        return Ok(());
    };
    if scenario.timing.is_none() {
        return Err(Mistake::new(section.at, "[load] needs a section [timing] beside it"));
    }
    if scenario.clients.iter().all(|client| client.weight == 0) {
        let message = "[load] needs a client whose `weight` is not 0: nobody would arrive";
        return Err(Mistake::new(section.at, message));
    }
    let (arrivals_per_second, logons) = arrivals(section)?;
    scenario.load = Some(Load {
        arrivals_per_second,
        logons,
        outages: outages(section, scenario)?,
        fault_rate: fault_rate(section)?,
    });
    Ok(())
}

/// How fast clients arrive, and how many.
fn arrivals(section: Section<'_>) -> Read<(f64, u64)> {
    let rate = section.require("arrivals_per_second")?;
    let per_second = rate.number(SHORTEST..=FASTEST)?;
    let logons = section.get("logons").map_or(Ok(LOGONS), |field| field.whole(1..=MOST_LOGONS))?;
    let years = logons as f64 / per_second / YEAR;
    if years > MOST_YEARS {
        let message = format!(
            "{logons} logons at {per_second} arrivals per second take {years:.0} virtual years; \
             a load has at most {MOST_YEARS}"
        );
        return Err(rate.mistake(message));
    }
    Ok((per_second, logons))
}

fn timing(root: Section<'_>) -> Read<Option<Timing>> {
    let mut timing = Timing::default();
    let keys = timing.named().map(|(key, _)| key);
    let Some(section) = root.section("timing", "[timing]", &keys)? else {
        return Ok(None);
    };
    for (key, duration) in timing.named_mut() {
        if let Some(field) = section.get(key) {
            *duration = distribution(field)?;
        }
    }
    Ok(Some(timing))
}

fn distribution(field: Field<'_>) -> Read<Distribution> {
    let section = field.open("a table such as { constant = 2 }")?;
    let fields = section.fields();
    let [shape] = fields.as_slice() else {
        let message = format!(
            "`{}` must have exactly one key, not {}; {}",
            field.key,
            fields.len(),
            admissible("", &SHAPES)
        );
        return Err(field.mistake(message));
    };
    match shape.key {
        "constant" => shape.number(0.0..=LONGEST).map(Distribution::Constant),
        "exponential" => {
            shape.number(SHORTEST..=LONGEST).map(|mean| Distribution::Exponential { mean })
        }
        "uniform" => {
            let [low, high] = pair(*shape, ["low", "high"], 0.0)?;
            Ok(Distribution::Uniform { low, high })
        }
        "lognormal" => {
            let [median, p95] = pair(*shape, ["median", "p95"], SHORTEST)?;
            Ok(Distribution::Lognormal { median, p95 })
        }
        other => {
            let (key, choice) = (quoted(other), admissible(other, &SHAPES));
            Err(shape.key_mistake(format!("unknown distribution {key}; {choice}")))
        }
    }
}

/// Two numbers, the second not below the first.
fn pair(field: Field<'_>, names: [&str; 2], least: f64) -> Read<[f64; 2]> {
    let items = field.list("two numbers")?;
    let (key, [lower, upper]) = (field.key, names);
    let [first, second] = items.as_slice() else {
        let count = items.len();
        let message = format!("`{key}` must be [{lower}, {upper}], not a list of {count}");
        return Err(field.mistake(message));
    };
    let pair = [first.number(least..=LONGEST)?, second.number(least..=LONGEST)?];
    if pair[1] < pair[0] {
        let [less, more] = pair;
        let message = format!(
            "`{key}` must be [{lower}, {upper}]: the {upper} ({more}) is below the {lower} ({less})"
        );
        return Err(second.mistake(message));
    }
    Ok(pair)
}

fn outages(load: Section<'_>, scenario: &Scenario) -> Read<Vec<Outage>> {
    let keys = ["provider", "kind", "from", "to"];
    let mut outages = Vec::new();
    for section in load.sections("outage", "[[load.outage]]", &keys)? {
        let provider = section.require("provider")?;
        let names = scenario.providers.iter().map(|provider| provider.name.as_str());
        let end = section.require("to")?;
        let outage = Outage {
            provider: refer(provider, provider.text()?, "provider", names)?.into(),
            kind: section.require("kind")?.choice(&fault_kinds())?,
            from: section.require("from")?.number(0.0..=LONGEST)?,
            to: end.number(0.0..=LONGEST)?,
        };
        if outage.to <= outage.from {
            let message = format!("`to` ({}) must be after `from` ({})", outage.to, outage.from);
            return Err(end.mistake(message));
        }
        outages.push(outage);
    }
    Ok(outages)
}

fn fault_rate(load: Section<'_>) -> Read<Option<FaultRate>> {
    let section = load.section("fault_rate", "[load.fault_rate]", &["mtbf", "mttr"])?;
    let Some(section) = section else {
        return Ok(None);
    };
    let seconds = |key| section.require(key)?.number(SHORTEST..=LONGEST);
    Ok(Some(FaultRate { mtbf: seconds("mtbf")?, mttr: seconds("mttr")? }))
}

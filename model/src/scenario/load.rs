//! Virtual time: service times, arrivals, and the weights of random runs.

use crate::scenario::parts::ANSWERS;
use serde::{Deserialize, Serialize, Serializer};

use crate::ids::ProviderId;
use crate::mapi::FaultSet;

/// Most seconds or milliseconds of a duration: large enough for every use, and small enough for
/// sums of them to be exact to the millisecond.
pub(super) const LONGEST: f64 = 1e12;

/// Least mean of a duration, and least rate.
pub(super) const LEAST: f64 = 1e-6;

/// Greatest weight of a client, an answer or another choice.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// How long things take, in virtual milliseconds (`[timing]`).
///
/// Work that is not given takes no time; the other four have defaults of their own.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Timing {
    /// Opening the profile (Q7).
    pub profile_load: Distribution,
    /// `cfg(s)`, per service (Q11).
    pub configure: Distribution,
    /// Loading a provider (Q13).
    pub provider_load: Distribution,
    /// The logon method of a provider (Q14), successful or refused.
    pub provider_logon: Distribution,
    /// How long an unavailable server takes to fail; 30 seconds where not given.
    pub server_timeout: Distribution,
    /// How long a user thinks; median 4 and 95th percentile 20 seconds where not given.
    pub user_answer: Distribution,
    /// `T_short` of `MAPI_TIMEOUT_SHORT` (MTX-3); 5 seconds where not given.
    pub short_timeout: Distribution,
    /// How long a client stays logged on; exponential of mean 10 minutes where not given.
    pub session: Distribution,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            profile_load: Distribution::default(),
            configure: Distribution::default(),
            provider_load: Distribution::default(),
            provider_logon: Distribution::default(),
            server_timeout: Distribution::Constant(30_000.0),
            user_answer: Distribution::Lognormal(4_000.0, 20_000.0),
            short_timeout: Distribution::Constant(5_000.0),
            session: Distribution::Exponential(600_000.0),
        }
    }
}

impl Serialize for Timing {
    /// Durations that have their defaults are left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let durations = self.named().into_iter().zip(Self::default().named());
        let given = durations.filter(|(own, default)| own != default);
        serializer.collect_map(given.map(|(own, _)| own))
    }
}

impl Timing {
    /// Every duration under its key, in the order of the struct.
    #[must_use]
    pub fn named(&self) -> [(&'static str, Distribution); 8] {
        [
            ("profile_load", self.profile_load),
            ("configure", self.configure),
            ("provider_load", self.provider_load),
            ("provider_logon", self.provider_logon),
            ("server_timeout", self.server_timeout),
            ("user_answer", self.user_answer),
            ("short_timeout", self.short_timeout),
            ("session", self.session),
        ]
    }
}

/// A duration in virtual milliseconds; every number is finite and not negative.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Every value of a range is as likely: its least, and its greatest, which is not below that.
    Uniform(f64, f64),
    /// Memoryless, by its mean, which is over zero.
    Exponential(f64),
    /// The logarithm is normal: the median, over zero, and the 95th percentile, not below that.
    Lognormal(f64, f64),
}

impl Default for Distribution {
    fn default() -> Self {
        Self::Constant(0.0)
    }
}

/// The work that arrives (`[load]`).
#[derive(Clone, PartialEq, Debug)]
pub struct Load {
    /// Rate of the Poisson process, over zero; each arrival is a client drawn by weight.
    pub arrivals_per_second: f64,
    /// How many arrive in all; 100 000 where not given.
    pub logons: u64,
    /// Scripted faults, in file order.
    pub outages: Vec<Outage>,
    /// Random faults.
    pub fault_rate: Option<FaultRate>,
}

/// A scripted fault (`[[load.outage]]`).
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Outage {
    /// Whom it strikes.
    pub provider: ProviderId,
    /// What strikes, one kind: two faults for `incompatible-version`, otherwise one.
    pub kind: FaultSet,
    /// When it begins, in virtual seconds.
    pub from: f64,
    /// When it ends, in virtual seconds, after `from`.
    pub to: f64,
}

/// Random faults, each provider by itself (`[load.fault_rate]`).
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FaultRate {
    /// Mean time between faults, in virtual seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = LEAST, max = LONGEST)))]
    pub mtbf: f64,
    /// Mean time to repair, in virtual seconds.
    #[cfg_attr(feature = "schema", schemars(range(min = LEAST, max = LONGEST)))]
    pub mttr: f64,
}

/// How likely a random run takes each enabled action, relative to the others (`[weights]`).
///
/// The default leans to runs that get somewhere: work goes on more often than it is disturbed, and
/// users help more often than they give up. Whatever has weight 0 is taken only where nothing else
/// is possible.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weights {
    /// One for each of [`ANSWERS`]; default 4 for `pick`, `supply`, `retry` and `confirm`,
    /// 2 for `correct`, 1 for the others.
    pub answers: [u32; 9],
    /// A fault strikes; default 1.
    pub fault: u32,
    /// A fault or a missing password is found repaired; default 2.
    pub repair: u32,
    /// A waiting call times out; default 1.
    pub timeout: u32,
    /// A call that has begun goes on; default 8.
    pub proceed: u32,
    /// A client begins its next call; default 4.
    pub begin: u32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            answers: [4, 4, 1, 1, 4, 2, 1, 4, 1],
            fault: 1,
            repair: 2,
            timeout: 1,
            proceed: 8,
            begin: 4,
        }
    }
}

impl Weights {
    /// Every weight under its key: the answers, then the rest in the order of the struct.
    pub fn named(mut self) -> impl Iterator<Item = (&'static str, u32)> {
        let named: Vec<_> = self.named_mut().map(|(name, weight)| (name, *weight)).collect();
        named.into_iter()
    }

    /// As [`Self::named`], to set.
    pub(super) fn named_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut u32)> {
        let rest = [
            ("fault", &mut self.fault),
            ("repair", &mut self.repair),
            ("timeout", &mut self.timeout),
            ("proceed", &mut self.proceed),
            ("begin", &mut self.begin),
        ];
        ANSWERS.into_iter().zip(&mut self.answers).chain(rest)
    }
}

//! The scenario's times on the client's clock: how long calls take, and when providers are away.

use std::time::Duration;

use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::mapi::Fault;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_sim::duration::Nanos;
use mapi_logon_sim::load::{Outages, ServiceTimes, Spending};

use crate::clock::Moment;

/// The faults that providers suffer from at a moment, in the order of the providers.
pub(crate) type Weather = Vec<Option<Fault>>;

/// The times of `[timing]` and the outages of `[load]`.
#[derive(Debug)]
pub struct Pace {
    scenario: Scenario,
    /// Seconds of the client for each second of the scenario.
    fraction: f64,
    seed: u64,
    times: ServiceTimes,
    outages: Option<Outages>,
    began: Option<Moment>,
}

impl Pace {
    /// The times of a scenario, each multiplied by `fraction`.
    #[must_use]
    pub fn new(scenario: &Scenario, fraction: f64, seed: u64) -> Self {
        let times = ServiceTimes::new(&scenario.timing.unwrap_or_default(), seed);
        let scenario = scenario.clone();
        let mut pace = Self { scenario, fraction, seed, times, outages: None, began: None };
        pace.begin();
        pace
    }

    /// A new run, whose time begins with its first call.
    pub(crate) fn begin(&mut self) {
        let load = self.scenario.load.as_ref();
        self.outages = load.map(|load| Outages::new(&self.scenario, load, self.seed));
        self.began = None;
    }

    /// What strikes each provider now; nothing is left to chance where the scenario has a load.
    pub(crate) fn weather(&mut self) -> Option<Weather> {
        let began = *self.began.get_or_insert_with(Moment::now);
        let outages = self.outages.as_mut()?;
        let now = nanos(began.elapsed().div_f64(self.fraction));
        let providers = (0..).map(ProviderId).take(self.scenario.providers.len());
        Some(providers.map(|provider| outages.fault(provider, now)).collect())
    }

    /// How long a call takes the client.
    pub(crate) fn takes(&mut self, spent: &[Spending]) -> Duration {
        let spent = spent.iter().map(|one| self.times.draw(*one));
        Duration::from_nanos(spent.fold(0, Nanos::saturating_add)).mul_f64(self.fraction)
    }
}

fn nanos(time: Duration) -> Nanos {
    Nanos::try_from(time.as_nanos()).unwrap_or(Nanos::MAX)
}

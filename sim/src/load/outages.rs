//! Outages: which provider fails when, by the times that the scenario lists and by chance.

use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::mapi::{Fault, FaultSet};
use mapi_logon_model::scenario::{FaultRate, Load, Scenario, fault_kinds};

use crate::duration::{Nanos, Sampler, from_seconds};
use crate::random::{Purpose, Stream};

/// Most random outages of a provider whose times are kept for pictures.
const REMEMBERED: usize = 1000;

/// A time during which every try of a provider fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Downtime {
    /// The provider.
    pub provider: ProviderId,
    /// The fault.
    pub fault: Fault,
    /// When it begins.
    pub from: Nanos,
    /// When it ends.
    pub to: Nanos,
}

/// The outages of a load.
#[derive(Debug)]
pub struct Outages {
    scripted: Vec<Downtime>,
    random: Vec<Random>,
}

/// The random outages of one provider, drawn as time passes.
#[derive(Debug)]
struct Random {
    faults: FaultSet,
    /// Mean times between outages and to repair, in nanoseconds.
    between: f64,
    lasting: f64,
    stream: Stream,
    /// The last outage that has been drawn; the next begins after it.
    last: Downtime,
    past: Vec<Downtime>,
}

impl Outages {
    /// The outages of a scenario's load under a seed.
    #[must_use]
    pub fn new(scenario: &Scenario, load: &Load, seed: u64) -> Self {
        let scripted = (0..).zip(&load.outages).map(|(number, outage)| {
            let mut stream = Stream::new(seed, Purpose::Faults, OUTAGES + number);
            Downtime {
                provider: outage.provider,
                fault: any(outage.kind, &mut stream),
                from: from_seconds(outage.from),
                to: from_seconds(outage.to),
            }
        });
        let providers = (0..).zip(&scenario.providers);
        let random = providers.filter_map(|(number, provider)| {
            let any = provider.faults != FaultSet::default();
            let rate = load.fault_rate.filter(|_| any)?;
            Some(Random::new(ProviderId(number), provider.faults, rate, seed))
        });
        Self { scripted: scripted.collect(), random: random.collect() }
    }

    /// The fault that a try of the provider meets now; times must not go back.
    pub fn fault(&mut self, provider: ProviderId, now: Nanos) -> Option<Fault> {
        let met = |one: &&Downtime| one.provider == provider && one.from <= now && now < one.to;
        if let Some(downtime) = self.scripted.iter().find(met) {
            return Some(downtime.fault);
        }
        let mut random = self.random.iter_mut();
        let random = random.find(|random| random.last.provider == provider)?;
        random.pass(now);
        Some(&random.last).filter(met).map(|downtime| downtime.fault)
    }

    /// Every outage that has begun by then, scripted ones first.
    pub(super) fn downtimes(mut self, until: Nanos) -> Vec<Downtime> {
        let mut downtimes = self.scripted;
        for random in &mut self.random {
            random.pass(until);
            downtimes.append(&mut random.past);
            downtimes.push(random.last);
        }
        downtimes.retain(|downtime| downtime.from < until);
        downtimes
    }
}

/// The mixing time, in mean cycles of outage and repair: after it, past and present are
/// independent.
const MIXING_TIME: f64 = 1000.0;

/// Streams of scripted outages are numbered behind those of providers.
const OUTAGES: u64 = 1 << 32;

impl Random {
    fn new(provider: ProviderId, faults: FaultSet, rate: FaultRate, seed: u64) -> Self {
        let mut random = Self {
            faults,
            between: rate.mtbf * 1e9,
            lasting: rate.mttr * 1e9,
            stream: Stream::new(seed, Purpose::Faults, u64::from(provider.0)),
            last: Downtime { provider, fault: Fault::InvalidPath, from: 0, to: 0 },
            past: Vec::new(),
        };
        random.draw();
        random
    }

    /// Draws the next outage.
    fn draw(&mut self) {
        let mut drawn = |mean| Sampler::Exponential(mean).draw(&mut self.stream);
        self.last.from = self.last.to.saturating_add(drawn(self.between));
        self.last.to = self.last.from.saturating_add(drawn(self.lasting));
        self.last.fault = any(self.faults, &mut self.stream);
    }

    /// Past the mixing time, draws the present from the stationary distribution; what is left of an
    /// outage or of the time between two is exponential again.
    fn leap(&mut self, now: Nanos) {
        let share = self.lasting / (self.between + self.lasting);
        self.last.to = now;
        self.draw();
        if self.stream.unit() <= share {
            let lasting = self.last.to - self.last.from;
            self.last.from = now;
            self.last.to = now.saturating_add(lasting.max(1));
        }
    }

    /// Draws on until the last outage is not over.
    fn pass(&mut self, now: Nanos) {
        let cycles = now.saturating_sub(self.last.to) as f64 / (self.between + self.lasting);
        if cycles > MIXING_TIME {
            self.leap(now);
        }
        while self.last.to <= now && self.last.to < Nanos::MAX {
            if self.past.len() < REMEMBERED {
                self.past.push(self.last);
            }
            self.draw();
        }
    }
}

/// One of the faults: every kind is as likely, and so is every fault of a kind.
fn any(faults: FaultSet, stream: &mut Stream) -> Fault {
    let kinds = fault_kinds().map(|(_, kind)| FaultSet(kind.0 & faults.0));
    let kinds: Vec<_> = kinds.into_iter().filter(|kind| kind.0 != 0).collect();
    let kind = pick(&kinds, stream).unwrap_or(faults);
    let faults: Vec<_> = kind.iter().collect();
    pick(&faults, stream).unwrap_or(Fault::ServerUnavailable)
}

fn pick<T: Copy>(among: &[T], stream: &mut Stream) -> Option<T> {
    let at = usize::try_from(stream.below(among.len() as u64)).unwrap_or_default();
    among.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outages(mtbf: f64, mttr: f64) -> Outages {
        let text = "[[profile]]\nname = 'P'\n[[profile.service]]\nname = 'S'\n\
                    [[profile.service.provider]]\nname = 'M'\nkind = 'message-store'\n\
                    [[client]]\nname = 'a'\n[timing]\n[load]\narrivals_per_second = 1\n";
        let mut scenario = Scenario::parse(text).unwrap();
        let mut load = scenario.load.take().unwrap();
        load.fault_rate = Some(FaultRate { mtbf, mttr });
        Outages::new(&scenario, &load, 3)
    }

    /// The share of `looks`, each `apart` from the one before, that meet a fault.
    fn met(mtbf: f64, mttr: f64, apart: Nanos, looks: u64) -> f64 {
        let mut outages = outages(mtbf, mttr);
        let met = (1..=looks).filter(|look| outages.fault(ProviderId(0), look * apart).is_some());
        met.count() as f64 / looks as f64
    }

    #[test]
    fn provider_is_down_for_its_share_of_time() {
        let often = met(30.0, 10.0, 7_000_000_000, 50_000);
        assert!((often - 0.25).abs() < 0.01, "{often}");
        // Each look is past the mixing time.
        let seldom = met(3e-6, 1e-6, 1_000_000_000, 50_000);
        assert!((seldom - 0.25).abs() < 0.01, "{seldom}");
    }

    #[test]
    fn outages_do_not_overlap_and_all_kinds_come() {
        let downtimes = outages(100.0, 20.0).downtimes(from_seconds(100_000.0));
        assert!(downtimes.windows(2).all(|pair| pair[0].to <= pair[1].from));
        assert!(downtimes.len() > 600, "{}", downtimes.len());
        for (name, kind) in fault_kinds() {
            let share = downtimes.iter().filter(|one| kind.contains(one.fault));
            let share = share.count();
            assert!(share * 6 > downtimes.len(), "{name}: {share}");
        }
    }
}

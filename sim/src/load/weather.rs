//! Which provider is struck when? By outages the scenario lists, and by chance.

use mapi_logon_model::ids::ProviderId;
use mapi_logon_model::mapi::{Fault, FaultSet};
use mapi_logon_model::scenario::{Load, Scenario, fault_kinds};

use crate::duration::{Nanos, Sampler, from_seconds};
use crate::random::{Purpose, Stream};

/// Random outages of a provider of which the times are remembered for pictures.
const REMEMBERED: usize = 1000;

/// A time during which every try of a provider fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spell {
    /// Whose tries.
    pub provider: ProviderId,
    /// By which fault.
    pub fault: Fault,
    /// From when on.
    pub from: Nanos,
    /// Until when.
    pub to: Nanos,
}

/// All outages of a load.
#[derive(Debug)]
pub(super) struct Weather {
    scripted: Vec<Spell>,
    random: Vec<Random>,
}

/// The random outages of one provider, worked out as far as anybody has asked.
#[derive(Debug)]
struct Random {
    provider: ProviderId,
    faults: FaultSet,
    /// Means in nanoseconds.
    between: f64,
    lasting: f64,
    stream: Stream,
    /// The last outage that has been drawn; the next begins after it.
    last: Spell,
    past: Vec<Spell>,
}

impl Weather {
    /// The outages of a scenario's load under a seed.
    pub(super) fn new(scenario: &Scenario, load: &Load, seed: u64) -> Self {
        let scripted = (0..).zip(&load.outages).map(|(number, outage)| Spell {
            provider: outage.provider,
            fault: any(outage.kind, &mut Stream::new(seed, Purpose::Faults, OUTAGES + number)),
            from: from_seconds(outage.from),
            to: from_seconds(outage.to),
        });
        let mut random = Vec::new();
        for (number, provider) in (0..).zip(&scenario.providers) {
            let Some(rate) = load.fault_rate else {
                continue;
            };
            if provider.faults.iter().next().is_none() {
                continue;
            }
            let id = ProviderId(number);
            let stream = Stream::new(seed, Purpose::Faults, u64::from(number));
            let none = Spell { provider: id, fault: Fault::InvalidPath, from: 0, to: 0 };
            let mut one = Random {
                provider: id,
                faults: provider.faults,
                between: rate.mtbf * 1e9,
                lasting: rate.mttr * 1e9,
                last: none,
                past: Vec::new(),
                stream,
            };
            one.draw();
            random.push(one);
        }
        Self { scripted: scripted.collect(), random }
    }

    /// The fault that a try of the provider meets now; times must not go back.
    pub(super) fn fault(&mut self, provider: ProviderId, now: Nanos) -> Option<Fault> {
        let mut scripted = self.scripted.iter();
        let met = |spell: &&Spell| spell.provider == provider && spell.covers(now);
        if let Some(spell) = scripted.find(met) {
            return Some(spell.fault);
        }
        let random = self.random.iter_mut().find(|random| random.provider == provider)?;
        random.pass(now);
        random.last.covers(now).then_some(random.last.fault)
    }

    /// Every outage that has begun by then, scripted ones first.
    pub(super) fn spells(mut self, until: Nanos) -> Vec<Spell> {
        let mut spells = self.scripted;
        for random in &mut self.random {
            random.pass(until);
            spells.append(&mut random.past);
            spells.push(random.last);
        }
        spells.retain(|spell| spell.from < until);
        spells
    }
}

/// Mean cycles of outage and repair after which chance has forgotten where it began.
const FORGOTTEN: f64 = 1000.0;

/// Streams of scripted outages are numbered behind those of providers.
const OUTAGES: u64 = 1 << 32;

impl Spell {
    const fn covers(&self, now: Nanos) -> bool {
        self.from <= now && now < self.to
    }
}

impl Random {
    /// Draws the next outage.
    fn draw(&mut self) {
        let from = self.last.to.saturating_add(drawn(self.between, &mut self.stream));
        let to = from.saturating_add(drawn(self.lasting, &mut self.stream));
        let fault = any(self.faults, &mut self.stream);
        self.last = Spell { provider: self.provider, fault, from, to };
    }

    /// After so long a time nothing is left of the past: whether there is an outage now is drawn
    /// anew, and times without memory begin where one looks.
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

    /// Lets outages pass that are over.
    fn pass(&mut self, now: Nanos) {
        let cycles = now.saturating_sub(self.last.to) as f64 / (self.between + self.lasting);
        if cycles > FORGOTTEN {
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

/// A whole number of nanoseconds of the exponential distribution with this mean.
fn drawn(mean: f64, stream: &mut Stream) -> Nanos {
    Sampler::Exponential(mean).draw(stream)
}

/// One of the faults: every kind is as likely, and so is every fault of a kind.
fn any(faults: FaultSet, stream: &mut Stream) -> Fault {
    let mut kinds = fault_kinds().map(|(_, kind)| FaultSet(kind.0 & faults.0)).to_vec();
    kinds.retain(|kind| *kind != FaultSet::default());
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
    use mapi_logon_model::scenario::FaultRate;

    use super::*;

    fn weather(mtbf: f64, mttr: f64) -> Weather {
        let text = "[[profile]]\nname = 'P'\n[[profile.service]]\nname = 'S'\n\
                    [[profile.service.provider]]\nname = 'M'\nkind = 'message-store'\n\
                    [[client]]\nname = 'a'\n[timing]\n[load]\narrivals_per_second = 1\n";
        let mut scenario = Scenario::parse(text).unwrap();
        let mut load = scenario.load.take().unwrap();
        load.fault_rate = Some(FaultRate { mtbf, mttr });
        Weather::new(&scenario, &load, 3)
    }

    /// How many of so many looks, a given time apart, meet a fault.
    fn met(mtbf: f64, mttr: f64, apart: Nanos, looks: u64) -> f64 {
        let mut weather = weather(mtbf, mttr);
        let met = (1..=looks).filter(|look| weather.fault(ProviderId(0), look * apart).is_some());
        met.count() as f64 / looks as f64
    }

    #[test]
    fn provider_is_down_for_its_share_of_time() {
        let often = met(30.0, 10.0, 7_000_000_000, 50_000);
        assert!((often - 0.25).abs() < 0.01, "{often}");
        // So seldom looked at that the past is leapt over.
        let seldom = met(3e-6, 1e-6, 1_000_000_000, 50_000);
        assert!((seldom - 0.25).abs() < 0.01, "{seldom}");
    }

    #[test]
    fn outages_do_not_overlap_and_all_kinds_come() {
        let spells = weather(100.0, 20.0).spells(from_seconds(100_000.0));
        assert!(spells.windows(2).all(|pair| pair[0].to <= pair[1].from));
        assert!(spells.len() > 600, "{}", spells.len());
        for (name, kind) in fault_kinds() {
            let share = spells.iter().filter(|spell| kind.contains(spell.fault)).count();
            assert!(share * 6 > spells.len(), "{name}: {share}");
        }
    }
}

//! Mutex utilisation: the share of its time that logons need, and the effects of overload.

use mapi_logon_model::ids::{CLIENTS, ClientId};

use crate::duration::{Nanos, seconds};

/// Fewest calls that took the mutex from which a mean is taken [DER].
const ENOUGH: u64 = 100;

/// The utilisation of the mutex.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub enum Utilisation {
    /// The policy has no mutex: nobody waits for it.
    #[default]
    Absent,
    /// The share of the time up to the last return in which it was held; too few calls took it for
    /// a mean.
    Held(f64),
    /// Offered load: the share of its time that the logons which ask for it need.
    Needed {
        /// Arrival rate times mean time held; 1 and more is overload.
        share: f64,
        /// The effect of overload.
        overload: Option<Overload>,
    },
}

/// The effect of overload of the mutex.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overload {
    /// The queue grows for as long as clients arrive.
    Grows,
    /// The queue is bounded, as calls with `MAPI_TIMEOUT_SHORT` give up.
    GivesUp,
}

impl Utilisation {
    /// The share, where there is a mutex.
    #[must_use]
    pub const fn share(self) -> Option<f64> {
        match self {
            Self::Absent => None,
            Self::Held(share) | Self::Needed { share, .. } => Some(share),
        }
    }

    /// The effect of overload, where there is any.
    #[must_use]
    pub const fn overload(self) -> Option<Overload> {
        match self {
            Self::Absent | Self::Held(_) => None,
            Self::Needed { overload, .. } => overload,
        }
    }
}

/// The demand of the logon calls of one kind of client for the mutex.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Kind {
    asked: u64,
    took: u64,
    held: u128,
}

/// The demand of logon calls for the mutex, by kind of client: where some give up, those that are
/// served do not represent those that arrive.
#[derive(Clone, Debug, Default)]
pub(super) struct Demand {
    kinds: [Kind; CLIENTS],
}

impl Demand {
    /// A call of a client of that kind asks for the mutex.
    pub(super) const fn asks(&mut self, kind: ClientId) {
        self.kinds[kind.index()].asked += 1;
    }

    /// A call that took the mutex returns, having held it that time.
    pub(super) fn returns(&mut self, kind: ClientId, held: Nanos) {
        let kind = &mut self.kinds[kind.index()];
        kind.took += 1;
        kind.held += u128::from(held);
    }

    /// The share of the mutex's time that is needed, when `arrivals` clients have come at the rate
    /// `per_second`; `patient` are the kinds that wait however long it takes. Nothing where too few
    /// took it.
    pub(super) fn needed(
        &self,
        per_second: f64,
        arrivals: u64,
        patient: impl Fn(usize) -> bool,
    ) -> Option<Utilisation> {
        let took: u64 = self.kinds.iter().map(|kind| kind.took).sum();
        if took < ENOUGH {
            return None;
        }
        let mean = |kinds: &[Kind]| {
            let held: u128 = kinds.iter().map(|kind| kind.held).sum();
            let took: u64 = kinds.iter().map(|kind| kind.took).sum();
            (took > 0).then(|| held as f64 / 1e9 / took as f64)
        };
        let (mut share, mut of_patient) = (0.0, 0.0);
        for (number, kind) in self.kinds.iter().enumerate() {
            // A kind that was never served is taken for an average one.
            let held = mean(&[*kind]).or(mean(&self.kinds)).unwrap_or_default();
            let needs = per_second * held * (kind.asked as f64 / arrivals as f64);
            share += needs;
            of_patient += if patient(number) { needs } else { 0.0 };
        }
        let overload = if of_patient >= 1.0 {
            Some(Overload::Grows)
        } else {
            (share >= 1.0).then_some(Overload::GivesUp)
        };
        Some(Utilisation::Needed { share, overload })
    }

    /// The share of the time up to `end` in which the mutex was held, `unfinished` by a call that
    /// has not returned.
    pub(super) fn held(&self, unfinished: Nanos, end: Nanos) -> Utilisation {
        let returned: u128 = self.kinds.iter().map(|kind| kind.held).sum();
        let held = (returned + u128::from(unfinished)) as f64 / 1e9;
        Utilisation::Held(if end == 0 { 0.0 } else { held / seconds(end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten in a hundred wait as long as it takes, and take 5 ms; one in nine of the others is
    /// served and takes 10 ms.
    fn mixed() -> Demand {
        let mut demand = Demand::default();
        for _ in 0..100 {
            demand.asks(ClientId(0));
            demand.returns(ClientId(0), 5_000_000);
            (0..9).for_each(|_| demand.asks(ClientId(1)));
            demand.returns(ClientId(1), 10_000_000);
        }
        demand
    }

    #[test]
    fn kinds_of_client_count_as_often_as_they_come_not_as_they_are_served() {
        let needed = mixed().needed(100.0, 1000, |kind| kind == 0).unwrap();
        let share = needed.share().unwrap();
        assert!((share - (0.1 * 0.5 + 0.9 * 1.0)).abs() < 1e-12, "{share}");
        assert_eq!(needed.overload(), None);
    }

    #[test]
    fn queue_grows_only_if_those_who_wait_are_too_many() {
        for (rate, overload) in [
            (100.0, None),
            (110.0, Some(Overload::GivesUp)),
            (1900.0, Some(Overload::GivesUp)),
            (2001.0, Some(Overload::Grows)),
        ] {
            let needed = mixed().needed(rate, 1000, |kind| kind == 0).unwrap();
            assert_eq!(needed.overload(), overload, "{rate}");
        }
    }

    #[test]
    fn few_calls_count_by_the_time_they_held_the_mutex() {
        let mut demand = Demand::default();
        demand.asks(ClientId(0));
        demand.returns(ClientId(0), 10_000_000);
        assert_eq!(demand.needed(1000.0, 1, |_| true), None);
        assert_eq!(demand.held(0, 40_000_000), Utilisation::Held(0.25));
        assert_eq!(demand.held(20_000_000, 40_000_000), Utilisation::Held(0.75));
        assert_eq!(demand.held(0, 0).share(), Some(0.0));
    }
}

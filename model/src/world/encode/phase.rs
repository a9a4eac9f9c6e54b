//! The phase of a call, packed: its number in the table of phases, then what it carries.

use super::{provider, service};
use crate::ids::{ProfileId, ServiceId};
use crate::protocol::{Asked, Attempt, Origin, PHASES, Phase, Task};
use crate::scenario::Scenario;
use crate::world::bits::{BitReader, BitWriter, low8, option, some, width_of};
use crate::world::encode::codes::Codes;

/// How many phases the scenario has: where no fault can strike a service, none waits for one.
/// That phase has the highest number.
fn phases(scenario: &Scenario) -> usize {
    if scenario.services.iter().all(|service| service.faults.is_empty()) {
        PHASES - 1
    } else {
        PHASES
    }
}

const _: () = {
    let checking = Phase::Checking(ServiceId(0), Attempt::FIRST).row().number;
    assert!(checking as usize == PHASES - 1);
};

/// How wide the ids in a phase are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Widths {
    /// Of the number of a try.
    k: u32,
    kind: u32,
    profile: u32,
    service: u32,
    provider: u32,
    codes: Codes,
}

impl Widths {
    pub(super) fn of(scenario: &Scenario, mutated: bool) -> Self {
        let tries = usize::from(scenario.policy.tries.count());
        Self {
            // A mutated machine may go one try further.
            k: width_of(tries + 1),
            kind: width_of(phases(scenario)),
            profile: width_of(scenario.profiles.len() + 1),
            service: width_of(scenario.services.len()),
            provider: width_of(scenario.providers.len()),
            codes: Codes::of(scenario, mutated),
        }
    }

    /// The most bits a phase can need.
    pub(super) fn most(self) -> u32 {
        let task = 1 + self.service.max(self.provider);
        let carried = [
            self.profile + 2,
            self.service + self.attempt(),
            self.provider + self.attempt() + 1,
            task + self.codes.width + 1,
        ];
        self.kind + self.k + carried.into_iter().max().unwrap_or(0)
    }

    #[inline]
    pub(super) fn put(self, phase: Phase, out: &mut BitWriter<'_>) {
        out.put(u64::from(phase.row().number), self.kind);
        match phase {
            Phase::Opening { profile, origin } => {
                out.put(option(profile.map(|p| p.0)), self.profile);
                out.put(origin as u64, 2);
            }
            Phase::Forced(id) => out.put(u64::from(id.0), self.service),
            Phase::Prompting(id, attempt) | Phase::Checking(id, attempt) => {
                out.put(u64::from(id.0), self.service);
                self.put_attempt(attempt, out);
            }
            Phase::Trying(id, attempt) | Phase::Reconfiguring(id, attempt) => {
                out.put(u64::from(id.0), self.provider);
                self.put_attempt(attempt, out);
            }
            Phase::Asking(id, attempt, asked) => {
                out.put(u64::from(id.0), self.provider);
                self.put_attempt(attempt, out);
                out.put(asked as u64, 1);
            }
            Phase::Informing(task, attempt, code) => {
                out.put(u64::from(attempt.k - 1), self.k);
                out.put(u64::from(attempt.loaded), 1);
                self.put_task(task, out);
                out.put(self.codes.number(code), self.codes.width);
            }
            Phase::Disabling(task, code) => {
                self.put_task(task, out);
                out.put(self.codes.optional(code), self.codes.width);
            }
            Phase::Undoing(code) => out.put(self.codes.number(code), self.codes.width),
            Phase::Ready
            | Phase::Waiting
            | Phase::Choosing
            | Phase::PickingProfile
            | Phase::GivingPassword
            | Phase::Finishing
            | Phase::Confirming => {}
        }
    }

    #[inline]
    pub(super) fn take(self, from: &mut BitReader<'_>) -> Phase {
        match from.take(self.kind) {
            0 => Phase::Ready,
            1 => Phase::Waiting,
            2 => Phase::Choosing,
            3 => Phase::PickingProfile,
            4 => Phase::Opening {
                profile: some(from.take(self.profile)).map(|id| ProfileId(low8(id.into()))),
                origin: match from.take(2) {
                    0 => Origin::Given,
                    1 => Origin::Default,
                    _ => Origin::Picked,
                },
            },
            5 => Phase::GivingPassword,
            6 => Phase::Forced(service(from.take(self.service))),
            7 => Phase::Prompting(service(from.take(self.service)), self.take_attempt(from)),
            8 => Phase::Trying(provider(from.take(self.provider)), self.take_attempt(from)),
            9 => {
                let id = provider(from.take(self.provider));
                let attempt = self.take_attempt(from);
                let asked = if from.take(1) == 0 { Asked::Data } else { Asked::Password };
                Phase::Asking(id, attempt, asked)
            }
            10 => {
                let k = low8(from.take(self.k)) + 1;
                let attempt = Attempt { k, corrected: false, loaded: from.take(1) == 1 };
                let task = self.take_task(from);
                Phase::Informing(task, attempt, self.codes.code(from.take(self.codes.width)))
            }
            11 => Phase::Reconfiguring(provider(from.take(self.provider)), self.take_attempt(from)),
            12 => {
                let task = self.take_task(from);
                Phase::Disabling(task, self.codes.maybe(from.take(self.codes.width)))
            }
            13 => Phase::Finishing,
            14 => Phase::Undoing(self.codes.code(from.take(self.codes.width))),
            15 => Phase::Confirming,
            _ => Phase::Checking(service(from.take(self.service)), self.take_attempt(from)),
        }
    }

    /// The bits of an attempt.
    const fn attempt(self) -> u32 {
        self.k + 2
    }

    fn put_attempt(self, attempt: Attempt, out: &mut BitWriter<'_>) {
        out.put(u64::from(attempt.k - 1), self.k);
        out.put(u64::from(attempt.corrected) | u64::from(attempt.loaded) << 1, 2);
    }

    fn take_attempt(self, from: &mut BitReader<'_>) -> Attempt {
        let k = low8(from.take(self.k)) + 1;
        let bits = from.take(2);
        Attempt { k, corrected: bits & 1 == 1, loaded: bits >> 1 == 1 }
    }

    fn put_task(self, task: Task, out: &mut BitWriter<'_>) {
        let width = self.service.max(self.provider);
        let (kind, id) = match task {
            Task::Configure(service) => (0, service.0),
            Task::Run(provider) => (1, provider.0),
        };
        out.put(kind, 1);
        out.put(u64::from(id), width);
    }

    fn take_task(self, from: &mut BitReader<'_>) -> Task {
        let width = self.service.max(self.provider);
        match from.take(1) {
            0 => Task::Configure(service(from.take(width))),
            _ => Task::Run(provider(from.take(width))),
        }
    }
}

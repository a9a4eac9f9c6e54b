//! Service times: how long the work of a step takes, and the thought of users.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Effect, ProviderCall, Taken, Work};
use mapi_logon_model::scenario::Timing;

use crate::duration::{Nanos, Sampler};
use crate::random::{Purpose, Stream};

/// The distributions of `[timing]`, and the chance they are drawn with.
#[derive(Debug)]
pub struct ServiceTimes {
    profile_load: Sampler,
    configure: Sampler,
    provider_load: Sampler,
    provider_logon: Sampler,
    server_timeout: Sampler,
    user_answer: Sampler,
    short_timeout: Sampler,
    session: Sampler,
    work: Stream,
    users: Stream,
    stays: Stream,
    patience: Stream,
}

impl ServiceTimes {
    /// The times of a scenario under a seed.
    #[must_use]
    pub fn new(timing: &Timing, seed: u64) -> Self {
        Self {
            profile_load: Sampler::new(timing.profile_load),
            configure: Sampler::new(timing.configure),
            provider_load: Sampler::new(timing.provider_load),
            provider_logon: Sampler::new(timing.provider_logon),
            server_timeout: Sampler::new(timing.server_timeout),
            user_answer: Sampler::new(timing.user_answer),
            short_timeout: Sampler::new(timing.short_timeout),
            session: Sampler::new(timing.session),
            work: Stream::new(seed, Purpose::Work, 0),
            users: Stream::new(seed, Purpose::Users, 0),
            stays: Stream::new(seed, Purpose::Stays, 0),
            patience: Stream::new(seed, Purpose::Patience, 0),
        }
    }

    /// How long the work of a step takes, and the thought about the dialog in which it ends.
    pub(super) fn step(&mut self, effects: &[Effect], taken: &[Taken]) -> Nanos {
        spending(effects, taken).map(|one| self.draw(one)).fold(0, Nanos::saturating_add)
    }

    /// How long it takes this time.
    pub fn draw(&mut self, spent: Spending) -> Nanos {
        let work = match spent {
            Spending::Work(Work::None) => return 0,
            Spending::Work(Work::ProfileLoad) => self.profile_load,
            Spending::Work(Work::Configure) => self.configure,
            Spending::Work(Work::ProviderLoad) => self.provider_load,
            Spending::Work(Work::ProviderLogon) => self.provider_logon,
            Spending::Timeout => self.server_timeout,
            Spending::User => return self.user_answer.draw(&mut self.users),
        };
        work.draw(&mut self.work)
    }

    /// How long a call with `MAPI_TIMEOUT_SHORT` waits.
    pub(super) fn short_timeout(&mut self) -> Nanos {
        self.short_timeout.draw(&mut self.patience)
    }

    /// How long a client stays logged on.
    pub(super) fn session(&mut self) -> Nanos {
        self.session.draw(&mut self.stays)
    }

    /// The chance users answer with.
    pub(super) const fn users(&mut self) -> &mut Stream {
        &mut self.users
    }
}

/// Something that takes time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Spending {
    /// Work of MAPI or of a provider.
    Work(Work),
    /// A provider that waits for a server in vain.
    Timeout,
    /// A user who thinks about a dialog.
    User,
}

/// What takes time in a step, in order.
pub fn spending<'a>(
    effects: &'a [Effect],
    taken: &'a [Taken],
) -> impl Iterator<Item = Spending> + use<'a> {
    let works = taken.iter().map(|taken| match taken.transition.work() {
        Work::ProviderLogon if times_out(effects) => Spending::Timeout,
        work @ (Work::None
        | Work::ProfileLoad
        | Work::Configure
        | Work::ProviderLoad
        | Work::ProviderLogon) => Spending::Work(work),
    });
    let shown = effects.iter().any(|effect| matches!(effect, Effect::Displayed { .. }));
    works.filter(|one| *one != Spending::Work(Work::None)).chain(shown.then_some(Spending::User))
}

/// Does a logon method of this step wait for a server in vain?
fn times_out(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Provider { call: ProviderCall::Logon, result: Code::NetworkError, .. }
        )
    })
}

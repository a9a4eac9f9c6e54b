//! Service times: how long the work of a step takes, and the thought of users.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Effect, ProviderCall, Taken, Work};
use mapi_logon_model::scenario::Timing;

use crate::duration::{Nanos, Sampler};
use crate::random::{Purpose, Stream};

/// The distributions of `[timing]`, and the chance they are drawn with.
#[derive(Debug)]
pub(super) struct ServiceTimes {
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
    pub(super) fn new(timing: &Timing, seed: u64) -> Self {
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
        let mut spent: Nanos = 0;
        for taken in taken {
            let work = match taken.transition.work() {
                Work::None => continue,
                Work::ProfileLoad => self.profile_load,
                Work::Configure => self.configure,
                Work::ProviderLoad => self.provider_load,
                Work::ProviderLogon if times_out(effects) => self.server_timeout,
                Work::ProviderLogon => self.provider_logon,
            };
            spent = spent.saturating_add(work.draw(&mut self.work));
        }
        if effects.iter().any(|effect| matches!(effect, Effect::Displayed { .. })) {
            spent = spent.saturating_add(self.user_answer.draw(&mut self.users));
        }
        spent
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

/// Does a logon method of this step wait for a server in vain?
fn times_out(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| {
        matches!(
            effect,
            Effect::Provider { call: ProviderCall::Logon, result: Code::NetworkError, .. }
        )
    })
}

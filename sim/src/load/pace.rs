//! How long does a step take? Transitions on its way have stages, stages have distributions.

use mapi_logon_model::effect::{Effect, ProviderCall};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::Timing;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::Transition::{
    self, T17, T18, T28, T29, T30, T31, T37, T38, T39, T40, T41, T42,
};

use crate::duration::{Nanos, Sampler};
use crate::random::{Purpose, Stream};

/// Durations of work and thought, and the chance they are drawn with.
#[derive(Debug)]
pub(super) struct Pace {
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

impl Pace {
    /// The pace of a scenario under a seed.
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
    pub(super) fn step(&mut self, step: &Step) -> Nanos {
        let mut spent: Nanos = 0;
        for taken in &step.taken {
            if let Some(stage) = self.stage(taken.transition, step) {
                spent = spent.saturating_add(stage.draw(&mut self.work));
            }
        }
        if step.effects.iter().any(|effect| matches!(effect, Effect::Displayed { .. })) {
            spent = spent.saturating_add(self.user_answer.draw(&mut self.users));
        }
        spent
    }

    /// The work a transition stands for; most stand for none.
    fn stage(&self, transition: Transition, step: &Step) -> Option<Sampler> {
        if matches!(transition, T17 | T18) {
            Some(self.profile_load)
        } else if matches!(transition, T28 | T29 | T30 | T31) {
            Some(self.configure)
        } else if matches!(transition, T37 | T38 | T39) {
            Some(self.provider_load)
        } else if matches!(transition, T40 | T41 | T42) {
            Some(if times_out(step) { self.server_timeout } else { self.provider_logon })
        } else {
            None
        }
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
fn times_out(step: &Step) -> bool {
    let call = (ProviderCall::Logon, Code::NetworkError);
    step.effects.iter().any(|effect| {
        matches!(effect, Effect::Provider { call: made, code, .. } if (*made, *code) == call)
    })
}

//! The tries of the task at hand, and their results.

use crate::mapi::{Class, Code};
use crate::protocol::{Answer, Attempt, Dialog, Effect, Phase, ProviderCall, Task};

/// What is known of the task a client's call is about (RTY-9).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Trial {
    /// The task; none before its first effect.
    pub(crate) task: Option<Task>,
    /// Tries begun, counted to 3.
    pub(crate) tries: u8,
    /// Tries failed, counted to 3; a declined offer is none.
    pub(crate) failures: u8,
    /// Configuration prompts cancelled, counted to 3 where RCH-6 asks for it.
    pub(crate) cancels: u8,
    /// A try is under way: a dialog of the provider is open.
    pub(crate) open: bool,
    /// The first failure was `MAPI_E_UNCONFIGURED`, and no entry point has been called since.
    pub(crate) conf: bool,
    /// The user has been told of the first failure.
    pub(crate) informed: bool,
    /// The offer was declined.
    pub(crate) declined: bool,
    /// The last failure was `MAPI_E_SESSION_LIMIT`.
    pub(crate) limit: bool,
    /// The last try succeeded.
    pub(crate) won: bool,
    /// A try was answered `MAPI_E_FAILONEPROVIDER`.
    pub(crate) skipped: bool,
}

impl Trial {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self {
        task: None,
        tries: 0,
        failures: 0,
        cancels: 0,
        open: false,
        conf: false,
        informed: false,
        declined: false,
        limit: false,
        won: false,
        skipped: false,
    };

    /// Has the second try come to nothing, or been declined (RTY-8)?
    pub(crate) const fn is_lost(&self) -> bool {
        self.failures > 1 || self.declined && self.failures > 0
    }

    /// Takes an effect in; `strict` where S_OK is the only success of a provider.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a trial is about the effects of tasks")]
    pub(crate) fn sees(&mut self, effect: &Effect, strict: bool) {
        match *effect {
            Effect::Sought { service, found, .. } => {
                self.turns_to(Task::Configure(service));
                self.tries = more(self.tries);
                self.won = found;
            }
            Effect::Displayed { dialog: Dialog::Provider(provider), .. } => {
                self.turns_to(Task::Run(provider));
                self.begins();
            }
            Effect::Displayed { dialog: Dialog::Failure(task, _), .. } => {
                self.turns_to(task);
                self.informed = true;
            }
            Effect::Answered { answer, .. } => self.hears(answer),
            Effect::Provider { provider, call: ProviderCall::Load, .. } => {
                self.turns_to(Task::Run(provider));
                self.begins();
            }
            Effect::Provider { provider, call: ProviderCall::Init, result, .. } => {
                self.turns_to(Task::Run(provider));
                self.skips(result);
            }
            Effect::Provider { provider, call: ProviderCall::Logon, result, .. } => {
                self.turns_to(Task::Run(provider));
                self.begins();
                self.open = false;
                self.won = succeeds(result, strict);
                self.skips(result);
            }
            Effect::EntryPoint { forced: false, .. } => self.conf = false,
            Effect::Failed { task, result, .. } => self.fails(task, result),
            _ => {}
        }
    }

    fn turns_to(&mut self, task: Task) {
        if self.task != Some(task) {
            *self = Self { task: Some(task), ..Self::NONE };
        }
    }

    const fn begins(&mut self) {
        if !self.open {
            self.tries = more(self.tries);
            self.open = true;
        }
    }

    fn skips(&mut self, code: Code) {
        if code.class() == Class::Skip {
            self.skipped = true;
            self.open = false;
        }
    }

    /// Only a configuration prompt is answered `supply` or `cancel` while its service is the task.
    fn hears(&mut self, answer: Answer) {
        let prompt = matches!(self.task, Some(Task::Configure(_)));
        match answer {
            Answer::Decline => self.declined = true,
            Answer::Supply => self.won |= prompt,
            Answer::Cancel if prompt => self.cancels = more(self.cancels),
            Answer::Cancel
            | Answer::Pick(_)
            | Answer::SupplyIncomplete
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Confirm
            | Answer::Refuse => {}
        }
    }

    fn fails(&mut self, task: Task, code: Code) {
        self.turns_to(task);
        self.open = false;
        self.won = false;
        self.limit = code == Code::SessionLimit;
        if code.class() != Class::Skip {
            self.failures = more(self.failures);
            self.conf = self.failures == 1 && code.class() == Class::Conf;
        }
    }

    /// Forgets what cannot matter where the call rests now.
    pub(crate) fn rests(&mut self, phase: Phase, cancels: bool) {
        if !cancels {
            self.cancels = 0;
        }
        if let Phase::Undoing(code) = phase {
            let limit = self.limit && code == Code::SessionLimit;
            *self = Self { limit, ..Self::NONE };
            return;
        }
        if self.task.is_none() || phase.task() != self.task {
            *self = Self::NONE;
            return;
        }
        let reconfigures = matches!(phase, Phase::Reconfiguring { .. });
        if reconfigures || matches!(phase.attempt(), Some(Attempt::Second { .. })) {
            self.limit = false;
            self.conf &= reconfigures;
        } else if let (Phase::Disabling(_, code), true) = (phase, self.is_lost()) {
            // The loss is justified; which of the two ways is all that is asked for.
            let declined = self.failures < 2;
            let limit = self.limit && (!declined || code == Some(Code::SessionLimit));
            let (failures, cancels) = if declined { (1, 0) } else { (2, self.cancels / 2) };
            let cancels = cancels * 2;
            let task = self.task;
            *self = Self { task, failures, declined, limit, cancels, ..Self::NONE };
        }
    }
}

/// Is it the code of a provider that is logged on?
pub(crate) const fn succeeds(code: Code, strict: bool) -> bool {
    if strict { matches!(code, Code::Ok) } else { code.is_success() }
}

const fn more(count: u8) -> u8 {
    if count < 3 { count + 1 } else { 3 }
}

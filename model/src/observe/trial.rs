//! The tries of the task at hand, and their results.

use crate::ids::ServiceId;
use crate::mapi::{Class, Code};
use crate::policy::FailureCodes;
use crate::protocol::{Answer, Dialog, Effect, Phase, ProviderCall, Task};
use crate::scenario::Scenario;

/// The known tries of the task of a client's call (RTY-9).
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
    /// A try is under way.
    pub(crate) open: bool,
    /// The first failure was `MAPI_E_UNCONFIGURED`, and no entry point has been called since.
    pub(crate) conf: bool,
    /// The user has been informed of the last failure.
    pub(crate) informed: bool,
    /// The offer was declined.
    pub(crate) declined: bool,
    /// The last failure was `MAPI_E_SESSION_LIMIT`.
    pub(crate) limit: bool,
    /// The last try succeeded.
    pub(crate) won: bool,
    /// A try was answered `MAPI_E_FAILONEPROVIDER`.
    pub(crate) skipped: bool,
    /// A provider object was made that is neither released nor logged on.
    pub(crate) object: bool,
    /// The code of the last failed try, as long as a call may return it.
    pub(crate) code: Option<Code>,
    /// Its service has been disabled; the task is left in the same step.
    pub(crate) disabled: bool,
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
        object: false,
        code: None,
        disabled: false,
    };

    /// Has the second try come to nothing, or been declined (RTY-8)?
    pub(crate) const fn is_lost(&self) -> bool {
        self.failures > 1 || self.declined && self.failures > 0
    }

    /// Has a first failure had neither a further try nor a refusal of it (LIV-4)?
    pub(crate) const fn is_unanswered(&self) -> bool {
        self.failures == 1 && self.tries == 1 && !self.declined
    }

    /// Has its last try failed, or its offer been declined (INV-61)?
    pub(crate) const fn is_unsuccessful(&self) -> bool {
        self.failures > 0 && !self.won && !self.skipped
    }

    /// Records an effect; returns the trial of another task that ends with it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a trial is about the effects of tasks")]
    pub(crate) fn sees(&mut self, effect: &Effect, scenario: &Scenario) -> Option<Self> {
        let mut left = None;
        match *effect {
            Effect::Sought { service, found, .. } => {
                left = self.turns_to(Task::Configure(service));
                self.begins();
                self.won = found;
                self.open = !found;
            }
            Effect::Displayed { dialog: Dialog::Provider(provider), .. } => {
                left = self.turns_to(Task::Run(provider));
                self.begins();
            }
            Effect::Displayed { dialog: Dialog::Failure(task, _), .. } => {
                left = self.turns_to(task);
                self.informed = true;
            }
            Effect::Answered { answer, .. } => self.hears(answer),
            Effect::Provider { provider, call, result, .. } => {
                left = self.calls(Task::Run(provider), call, result, scenario);
            }
            Effect::EntryPoint { forced: false, .. } => self.conf = false,
            Effect::Failed { task, result, .. } => {
                left = self.turns_to(task);
                self.fails(result);
            }
            Effect::ServiceDisabled { service, .. } => {
                self.disabled |=
                    self.task.is_some_and(|task| service_of(task, scenario) == service);
            }
            _ => {}
        }
        left
    }

    fn turns_to(&mut self, task: Task) -> Option<Self> {
        if self.task == Some(task) {
            return None;
        }
        let left = std::mem::replace(self, Self { task: Some(task), ..Self::NONE });
        left.task.is_some().then_some(left)
    }

    const fn begins(&mut self) {
        if !self.open {
            self.tries = more(self.tries);
            self.open = true;
        }
    }

    fn calls(
        &mut self,
        task: Task,
        call: ProviderCall,
        result: Code,
        scenario: &Scenario,
    ) -> Option<Self> {
        let success = succeeds(result, is_strict(scenario));
        match call {
            ProviderCall::Load => {
                let left = self.turns_to(task);
                self.begins();
                left
            }
            ProviderCall::Init => {
                let left = self.turns_to(task);
                self.object |= success;
                self.skips(result);
                left
            }
            ProviderCall::Logon => {
                let left = self.turns_to(task);
                self.begins();
                self.won = success;
                self.open &= !success;
                self.object &= !success;
                self.skips(result);
                left
            }
            ProviderCall::Release => {
                self.object &= self.task != Some(task);
                None
            }
            ProviderCall::AddressTypes
            | ProviderCall::Notify
            | ProviderCall::Logoff
            | ProviderCall::ReleaseLogon
            | ProviderCall::Shutdown => None,
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
            Answer::Supply if prompt => {
                self.won = true;
                self.open = false;
            }
            Answer::Cancel if prompt => self.cancels = more(self.cancels),
            Answer::Supply
            | Answer::Cancel
            | Answer::Pick(_)
            | Answer::SupplyIncomplete
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Confirm
            | Answer::Refuse => {}
        }
    }

    /// A further try that fails before it has begun, as in its entry point, counts as begun.
    fn fails(&mut self, code: Code) {
        self.begins();
        self.open = false;
        self.won = false;
        self.informed = false;
        self.limit = code == Code::SessionLimit;
        self.code = Some(code);
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
        let reconfigures = matches!(phase, Phase::Reconfiguring(..));
        if reconfigures || phase.attempt().is_some_and(|attempt| attempt.k > 1) {
            (self.limit, self.code) = (false, None);
            self.conf &= reconfigures;
        } else if let (Phase::Disabling(_, code), true) = (phase, self.is_lost()) {
            // The loss is justified; which of the two ways is all that is asked for.
            let declined = self.failures < 2;
            let limit = self.limit && (!declined || code == Some(Code::SessionLimit));
            let (failures, cancels) = if declined { (1, 0) } else { (2, self.cancels / 2) };
            let cancels = cancels * 2;
            let Self { task, object, .. } = *self;
            let code = self.code.filter(|_| code.is_some());
            let kept = Self { task, failures, declined, limit, cancels, ..Self::NONE };
            *self = Self { object, code, ..kept };
        } else if let Phase::Disabling(_, code) = phase {
            self.code = self.code.filter(|_| code.is_some());
        }
    }
}

/// The service of a task.
pub(crate) fn service_of(task: Task, scenario: &Scenario) -> ServiceId {
    match task {
        Task::Configure(service) => service,
        Task::Run(provider) => scenario.providers[provider.index()].service,
    }
}

/// Is it the code of a provider that is logged on?
pub(crate) const fn succeeds(code: Code, strict: bool) -> bool {
    if strict { matches!(code, Code::Ok) } else { code.is_success() }
}

const fn more(count: u8) -> u8 {
    if count < 3 { count + 1 } else { 3 }
}

/// Is S_OK the only success of a provider?
pub(crate) const fn is_strict(scenario: &Scenario) -> bool {
    matches!(scenario.policy.failure_codes, FailureCodes::Mapi4linux)
}

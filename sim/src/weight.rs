//! How likely is a choice, relative to the others? What `[weights]` of the scenario says.

use mapi_logon_model::action::Choice;
use mapi_logon_model::scenario::Weights;

/// The weight of a choice.
///
/// A fault that strikes counts as `fault`, also where another has just been repaired, and so does
/// an answer a provider or `MAPIInitialize` gives of its own accord; a fault or a missing password
/// that is found repaired as `repair`; every other way in which MAPI or a provider goes on as
/// `proceed`.
#[inline]
#[must_use]
pub const fn weight(weights: &Weights, choice: Choice) -> u32 {
    match choice {
        Choice::Begin => weights.begin,
        Choice::Proceed | Choice::Postpone | Choice::Configure { .. } => weights.proceed,
        Choice::Refuse(_) => weights.fault,
        Choice::TimeOut => weights.timeout,
        Choice::Try(fate) => {
            if fate.struck.is_some() || fate.scripted.is_some() {
                weights.fault
            } else if fate.repaired || fate.password_found {
                weights.repair
            } else {
                weights.proceed
            }
        }
        Choice::Answer(answer) => weights.answers[answer.bit()],
    }
}

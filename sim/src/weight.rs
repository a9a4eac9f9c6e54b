//! The weight of a choice in random runs: `[weights]` of the scenario.

use mapi_logon_model::protocol::Choice;
use mapi_logon_model::scenario::Weights;

/// The weight of a choice.
///
/// A fault that strikes weighs `fault`, also where another has just been repaired, and so does a
/// code that the scenario lets a provider or `MAPIInitialize` answer; a fault or a missing password
/// that is found repaired weighs `repair`; every other way in which MAPI or a provider goes on
/// weighs `proceed`.
#[inline]
#[must_use]
pub const fn weight(weights: &Weights, choice: Choice) -> u32 {
    match choice {
        Choice::Begin(_) => weights.begin,
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

//! Swarm testing: every run under another variation of the scenario.
//!
//! A run in which everything can happen rarely gets far in any one direction. A swarm draws for
//! every run which fault kinds, answers and flags are left out and how skewed the weights are, so
//! that some runs see nothing but one kind of fault, and others no retry at all.

use mapi_logon_model::mapi::{FaultSet, LogonFlags};
use mapi_logon_model::protocol::{Answer, DIALOG_ANSWERS};
use mapi_logon_model::scenario::{ANSWERS, Answers, MAX_WEIGHT, Scenario, fault_kinds};

use crate::random::Stream;

/// Doublings by which a weight can grow against the others.
const SKEW: u64 = 6;

/// Draws a variation of a scenario.
///
/// Of fault kinds one in three is left out, of answers and flags one in four; of the answers that
/// a dialog takes and the scenario allows, one is left at least.
#[must_use]
pub fn vary(scenario: &Scenario, chance: &mut Stream) -> Scenario {
    let mut varied = scenario.clone();
    let mut left_out = FaultSet::default();
    for (_, kind) in fault_kinds() {
        if chance.happens(1, 3) {
            left_out.0 |= kind.0;
        }
    }
    varied.leave_out(left_out);
    varied.answers = answers(scenario.answers, chance);
    for client in &mut varied.clients {
        let given = LogonFlags::all().iter();
        let mut flags = client.flags;
        for flag in given.filter(|flag| client.flags.contains(*flag)) {
            if chance.happens(1, 4) {
                flags.remove(flag);
            }
        }
        client.set_flags(flags);
    }
    let weights = &mut varied.weights;
    let rest = [
        &mut weights.fault,
        &mut weights.repair,
        &mut weights.timeout,
        &mut weights.proceed,
        &mut weights.begin,
    ];
    for weight in weights.answers.iter_mut().chain(rest) {
        *weight = weight.saturating_mul(1 << chance.below(SKEW + 1)).min(MAX_WEIGHT);
    }
    varied
}

/// Leaves answers out, but never all that a dialog takes.
fn answers(allowed: Answers, chance: &mut Stream) -> Answers {
    let mut kept = allowed.0;
    for bit in 0..ANSWERS.len() {
        if chance.happens(1, 4) {
            kept &= !(1 << bit);
        }
    }
    for dialog in dialogs() {
        if kept & dialog == 0 {
            kept |= allowed.0 & dialog;
        }
    }
    Answers(kept)
}

/// The answers that each sort of dialog takes, as bits of [`Answers`].
fn dialogs() -> impl Iterator<Item = u16> {
    let bits = |answers: &[Answer]| answers.iter().fold(0, |bits, one| bits | 1 << one.bit());
    DIALOG_ANSWERS.into_iter().map(bits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    #[test]
    fn every_dialog_that_had_an_answer_keeps_one() {
        for run in 0..2000 {
            let mut chance = Stream::new(1, Purpose::Swarm, run);
            let kept = answers(Answers::default(), &mut chance);
            assert!(dialogs().all(|dialog| kept.0 & dialog != 0), "{:b}", kept.0);
        }
        let none = answers(Answers(0), &mut Stream::new(1, Purpose::Swarm, 0));
        assert_eq!(none, Answers(0));
    }

    #[test]
    fn variations_only_take_away() {
        let mut scenario = Scenario::default();
        scenario.faults.kinds = FaultSet::ALL;
        let mut seen = Vec::new();
        for run in 0..200 {
            let varied = vary(&scenario, &mut Stream::new(3, Purpose::Swarm, run));
            assert_eq!(varied.answers.0 & !scenario.answers.0, 0);
            assert!(varied.weights.proceed >= scenario.weights.proceed);
            if !seen.contains(&varied.faults.kinds) {
                seen.push(varied.faults.kinds);
            }
        }
        assert_eq!(seen.len(), 16, "every combination of kinds is drawn");
    }
}

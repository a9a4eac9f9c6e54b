//! Schedules that an outside program can bring about.

use std::collections::BTreeSet;

use crate::act::Deed;
use crate::effect::Seen;
use crate::trace::Line;

/// Can a program that makes the calls, scripts the providers and answers the dialogs bring about
/// the order of these steps?
///
/// It decides when a call begins, when a provider answers and when the user does. What MAPI does
/// next by itself it cannot hold up: such a step must follow the last one of its client at once,
/// unless the client was the only one to wait for the mutex that has just been released.
#[must_use]
pub fn is_forceable(lines: &[Line]) -> bool {
    let mut waiting = BTreeSet::new();
    let mut before: Option<&Line> = None;
    lines.iter().all(|line| {
        let client = line.action.client.as_str();
        let follows = before.is_none_or(|before| before.action.client == client);
        let released = before.is_some_and(|before| {
            before.effects.iter().any(|one| matches!(one.effect, Seen::MutexReleased { .. }))
        });
        let alone = waiting.len() == 1 && waiting.contains(client);
        let forced = match line.action.deed {
            Deed::Begin { .. } | Deed::Try { .. } | Deed::Answer { .. } => true,
            Deed::Configure { .. } | Deed::Postpone | Deed::Refuse { .. } => true,
            Deed::Proceed | Deed::TimeOut => follows || released && alone,
        };
        let takes = line.effects.iter().any(|one| matches!(one.effect, Seen::MutexTaken { .. }));
        let returns = line.effects.iter().any(|one| matches!(one.effect, Seen::Returned { .. }));
        if takes || returns {
            waiting.remove(client);
        } else if matches!(&line.action.deed, Deed::Begin { call, .. } if call == "MAPILogonEx") {
            waiting.insert(client);
        }
        before = Some(line);
        forced
    })
}

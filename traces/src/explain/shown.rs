//! What a recording shows of a step of the run that explains it.

use mapi_logon_model::machine::Step;
use mapi_logon_model::protocol::{Effect, ProviderCall};

use super::story::place;
use crate::recording::{DialogEvent, RecordedEvent};

/// What a recording shows of a step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shown {
    /// Where the log shows it; nothing where it does not.
    pub place: Option<String>,
    /// The log does not show it, or not all of it: it is assumed.
    pub assumed: bool,
}

impl Shown {
    /// Of a step that belongs to the call of an event.
    #[expect(clippy::wildcard_enum_match_arm, reason = "no recording shows the others")]
    pub(super) fn of(event: &RecordedEvent, step: &Step) -> Self {
        let (mut begins, mut ends, mut shown, mut hidden) = (false, false, false, false);
        let dialogs = event.seen.dialogs.as_ref();
        let answered = |one: &DialogEvent| matches!(one, DialogEvent::Answered { .. });
        for effect in &step.effects {
            let is_shown = match *effect {
                Effect::Called { .. } => {
                    begins = true;
                    true
                }
                Effect::Returned { .. } => {
                    ends = true;
                    true
                }
                Effect::Provider { call: ProviderCall::Init | ProviderCall::Logon, .. } => {
                    event.seen.provider_events.is_some()
                }
                Effect::Displayed { .. } => dialogs.is_some(),
                Effect::Answered { .. } => dialogs.is_some_and(|all| all.iter().all(answered)),
                Effect::Struck { .. }
                | Effect::ServiceStruck { .. }
                | Effect::ProfileDamaged { .. }
                | Effect::Repaired { .. } => false,
                _ => continue,
            };
            shown |= is_shown;
            hidden |= !is_shown;
        }
        let end = event.seen.origin.as_ref().and_then(|origin| origin.end).filter(|_| ends);
        let place = match (begins, ends, end) {
            (true, _, Some(end)) => Some(format!("{}-{end}", place(event))),
            (true, _, None) | (false, true, None) => Some(place(event)),
            (false, true, Some(end)) => {
                event.seen.origin.as_ref().map(|origin| format!("{}:{end}", origin.file))
            }
            (false, false, _) => None,
        };
        Self { place, assumed: hidden || !shown }
    }
}

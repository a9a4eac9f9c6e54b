//! A comparison as a picture.

use anyhow::Result;
use mapi_logon_traces::export::mermaid;
use mapi_logon_traces::trace::Expect;
use mapi_logon_traces::write::Trace;

use super::Compared;
use crate::compare::{Side, follow};

/// The shortest run that one side alone makes, as a sequence diagram that shows how both go on from
/// where they part; nothing if no such run is known.
///
/// # Errors
/// When a run that was found cannot be repeated.
pub fn picture(compared: &Compared<'_>, left: &Side, right: &Side) -> Result<Option<String>> {
    let (old_label, new_label) = compared.labels();
    let (old, new) = if compared.reversed { (right, left) } else { (left, right) };
    let (news, gone) = compared.news();
    let all = news.iter().map(|one| (one, (new, new_label), (old, old_label)));
    let all = all.chain(gone.iter().map(|one| (one, (old, old_label), (new, new_label))));
    let all = all.filter_map(|(one, own, other)| {
        let (run, parting) = (one.outcome.run.as_ref()?, one.parting.as_ref()?);
        Some((run, parting, one, own, other))
    });
    let Some((run, parting, one, own, other)) = all.min_by_key(|(run, ..)| run.len()) else {
        return Ok(None);
    };
    let (Some(own_model), Some(other_model)) = (own.0.model(), other.0.model()) else {
        return Ok(None);
    };
    let taken = follow(&own_model, run, &one.outcome.calls).actions;
    let followed = follow(&other_model, run, &one.outcome.calls);
    let rest = followed.rest(&other_model, run);
    let actions = followed.actions.into_iter().chain(rest);
    let own_lines = Trace::record(&own_model, taken, Expect::conforms())?.lines;
    let other_lines = Trace::record(&other_model, actions, Expect::conforms())?.lines;
    let common = (parting.step - 1).min(own_lines.len());
    let ways = [
        (own.1.head.as_str(), &own_lines[common..]),
        (other.1.head.as_str(), other_lines.get(common..).unwrap_or_default()),
    ];
    Ok(Some(mermaid::parting(&own_lines[..common], ways)))
}

//! What follows for the user from what happened: what is lost, for how long, and what to do.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Effect, Transition};

use super::words::{Moment, listed};
use crate::explain::verdict::Sentence;

/// Adds what follows from a step.
#[expect(clippy::wildcard_enum_match_arm, reason = "nothing follows from the others")]
pub(super) fn note(moment: &Moment<'_>, follows: &mut Vec<Sentence>) {
    let words = moment.model.words();
    let mut add = |text: String, clauses: &[&str]| {
        let sentence = Sentence::new(text, clauses);
        if !follows.contains(&sentence) {
            follows.push(sentence);
        }
    };
    let fails = |transition| moment.step.taken.iter().any(|one| one.transition == transition);
    for effect in &moment.step.effects {
        match *effect {
            Effect::ServiceDisabled { session, service } => {
                let providers = moment.model.scenario().services[service.index()].providers;
                let names: Vec<_> = providers.map(|one| words.provider(one).to_owned()).collect();
                let of = (moment.session)(session).unwrap_or_else(|| "this call".to_owned());
                let names = listed(&names, "and");
                let foreign = moment.model.scenario().foreign().contains(service);
                let but = (!foreign).then(|| format!(" but for {}", words.service(service)));
                let but = but.unwrap_or_default();
                add(
                    format!(
                        "The session of {of} is sound{but}: {names} cannot be used in it. Log off \
                         and on again when the cause is gone."
                    ),
                    &["DIS-2", "OFF-21"],
                );
            }
            Effect::Provider { provider, result: Code::FailOneProvider, .. } => add(
                format!(
                    "{} is tried again the next time it is needed in this session.",
                    words.provider(provider)
                ),
                &["PRV-52"],
            ),
            _ => {}
        }
    }
    if fails(Transition::T7) {
        let text = "Repeat the logon when the other one has ended, or wait without \
                    MAPI_TIMEOUT_SHORT.";
        add(text.to_owned(), &["MTX-2", "MTX-3"]);
    }
    if fails(Transition::T2) {
        add("Call MAPIInitialize first, in every process.".to_owned(), &["INI-1"]);
    }
    if fails(Transition::T14) {
        let text = "Pass a profile name, or MAPI_USE_DEFAULT where a default profile is set.";
        add(text.to_owned(), &["PAR-10", "FLG-9"]);
    }
    if fails(Transition::T18) {
        let text = "Check that the profile exists and can be read; no provider was called.";
        add(text.to_owned(), &["SES-4"]);
    }
    if fails(Transition::T4) {
        add("Correct the parameters; nothing was tried.".to_owned(), &["RES-2"]);
    }
    if fails(Transition::T82) {
        add("After Logoff only Release may be called.".to_owned(), &["OFF-4"]);
    }
}

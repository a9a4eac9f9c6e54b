//! Services that sessions have lost, and how they can be used again.

use std::collections::BTreeSet;

use mapi_logon_model::ids::SessionId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::Effect;
use mapi_logon_model::world::State;

use super::words::{Moment, listed};
use crate::explain::verdict::Sentence;

/// The services that sessions of a run have lost.
#[derive(Debug, Default)]
pub(super) struct Losses {
    lost: Vec<Loss>,
    /// Sessions that are open.
    open: BTreeSet<SessionId>,
}

/// A service that a session has lost.
#[derive(Debug)]
struct Loss {
    session: SessionId,
    /// Where the session was made.
    of: String,
    /// The service; nothing for a store that belongs to none.
    service: Option<String>,
    providers: String,
    shared: bool,
    /// The session has ended since.
    over: bool,
}

impl Losses {
    /// Notes what a step loses.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others lose no service")]
    pub(super) fn note(&mut self, moment: &Moment<'_>) {
        let words = moment.model.words();
        for effect in &moment.step.effects {
            match *effect {
                Effect::ServiceDisabled { session, service } => {
                    let providers = moment.model.scenario().services[service.index()].providers;
                    let names: Vec<_> =
                        providers.map(|one| words.provider(one).to_owned()).collect();
                    let foreign = moment.model.scenario().foreign().contains(service);
                    let made = moment.model.sight(&moment.step.state).session(session);
                    self.lost.push(Loss {
                        session,
                        of: (moment.session)(session).unwrap_or_else(|| "this call".to_owned()),
                        service: (!foreign).then(|| words.service(service).to_owned()),
                        providers: listed(&names, "and"),
                        shared: moment.model.permissions(made.flags()).shareable,
                        over: false,
                    });
                }
                Effect::SessionOpened { session } => {
                    self.open.insert(session);
                }
                // Of a logon that fails nothing is left.
                Effect::SessionClosed { session } if !self.open.remove(&session) => {
                    self.lost.retain(|one| one.over || one.session != session);
                }
                Effect::SessionClosed { session } => {
                    let of = self.lost.iter_mut().filter(|one| one.session == session);
                    of.for_each(|one| one.over = true);
                }
                _ => {}
            }
        }
    }

    /// What follows from them, by who holds the sessions in the end.
    pub(super) fn told(&self, model: &Model, end: &State) -> Vec<Sentence> {
        let told = self.lost.iter().filter_map(|loss| {
            let sight = model.sight(end);
            let held = sight.attachments().iter().filter(|one| one.session == loss.session);
            let mut members: Vec<_> =
                held.map(|one| model.words().client(one.client).to_owned()).collect();
            members.dedup();
            loss.told(&members)
        });
        told.collect()
    }
}

impl Loss {
    fn told(&self, members: &[String]) -> Option<Sentence> {
        let Self { of, service, providers, .. } = self;
        let but = service.as_ref().map_or_else(String::new, |one| format!(" but for {one}"));
        let lost = format!("The session of {of} is sound{but}: {providers} cannot be used in it.");
        if self.over {
            let text = format!("{lost} It has ended; the next logon tries {providers} again.");
            return Some(Sentence::new(text, &["DIS-2", "OFF-21"]));
        }
        let who = match members {
            [] => return None,
            [one] => format!("{one} never logs off"),
            more => format!("{} never log off", listed(more, "and")),
        };
        if !self.shared {
            let text = format!(
                "{lost} Log off and on again when the cause is gone: {who} in this log, which \
                 keeps the session open."
            );
            return Some(Sentence::new(text, &["DIS-2", "OFF-21"]));
        }
        let text = format!(
            "{lost} When the cause is gone, all members of the session have to log off before a \
             logon tries again, or one logs on with MAPI_NEW_SESSION: {who} in this log, which \
             keeps the session open."
        );
        Some(Sentence::new(text, &["DIS-2", "SHR-13", "OFF-21", "FLG-4"]))
    }
}

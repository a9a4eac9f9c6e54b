//! A system that ends, or no longer goes on.

use mapi_logon_model::ids::ClientId;
use mapi_logon_traces::explain::Waiting;
use mapi_logon_traces::recording::EventLine;

use super::heard::Understood;
use super::{Course, End};
use crate::broken::Broken;
use crate::finding::{Finding, Status};
use crate::moves::Move;
use crate::port::Port;
use crate::seats::running;

impl<P: Port + ?Sized> Course<'_, '_, P> {
    /// The adapter has ended, and what was said last may be unread: then no such call was made.
    pub(super) fn died(&mut self, how: &str, unread: bool) -> Understood {
        if unread && let Some(Move::Call(calling)) = self.moves.last() {
            let own = |call: &crate::seats::InCall| call.calling == *calling;
            let made = self.seats.iter().position(|seat| seat.open.as_ref().is_some_and(own));
            let _unmade = made.and_then(|client| self.take_back(client.into(), String::new()));
        }
        if let Some(client) = self.newest() {
            let last = self.seats[client.index()].open.as_ref().and_then(|call| call.last.clone());
            let asked = last.map_or_else(String::new, |last| format!(", last asked {last}"));
            let allowed = self.judge.possible(client);
            return Ok(self.found(client, Status::Dies, format!("died ({how}){asked}"), allowed));
        }
        let finding = died_after(&self.recording, how);
        finding.map(|finding| Some(End::Deviated(finding))).ok_or_else(|| {
            let what = format!("it ended before the first call of the world: {how}");
            Broken::new(what, "an adapter that runs until `bye`")
        })
    }

    pub(super) fn hangs(&mut self) -> Option<End> {
        let client = running(&self.seats).find(|client| {
            let call = self.seats[client.index()].open.as_ref();
            call.is_none_or(|call| call.waits != Some(Waiting::MustWait))
        })?;
        let seconds = self.patience.deadline.as_secs_f64();
        let allowed = self.judge.possible(client);
        let notes = self.why_on(client);
        let end = self.found(client, Status::Hangs, format!("no sign for {seconds} s"), allowed)?;
        if let End::Deviated(finding) = end {
            return Some(End::Deviated(Finding { notes, ..finding }));
        }
        Some(end)
    }

    /// What is left open while the client's call is silent, and why it has to go on all the same.
    fn why_on(&self, client: ClientId) -> Vec<String> {
        let others = self.seats.iter().enumerate().filter(|(at, _)| *at != client.index());
        let open: Vec<_> = others.filter_map(|(_, seat)| seat.open.as_ref()).collect();
        let mut notes: Vec<_> = open
            .iter()
            .map(|call| {
                let of = format!("{} of {}", call.calling.call, call.calling.client);
                match &call.held {
                    Some(held) => format!("Left open: {}, which {of} asked", held.to),
                    None => format!("Also in progress: {of}"),
                }
            })
            .collect();
        notes.push(match open.is_empty() {
            true => "No other call is in progress, so nothing can keep this one waiting".to_owned(),
            false => "The call must go on: in every state that the model may be in it needs \
                      nothing that another call holds"
                .to_owned(),
        });
        notes
    }

    /// The client whose call is not held, or has been held last.
    fn newest(&self) -> Option<ClientId> {
        let running = running(&self.seats).last();
        let open = || self.seats.iter().position(|seat| seat.open.is_some()).map(ClientId::from);
        running.or_else(open)
    }
}

/// A system that has ended while no call was open: in the one that returned last.
pub(crate) fn died_after(recording: &[EventLine], how: &str) -> Option<Finding> {
    let returned = recording.iter().enumerate().filter_map(|(at, one)| Some((one.end?, at)));
    let (_, event) = returned.max_by(|one, other| one.0.total_cmp(&other.0))?;
    Some(Finding {
        status: Status::Dies,
        client: recording[event].client.clone(),
        call: recording[event].call.clone(),
        observed: format!("died ({how}) after the return"),
        allowed: Vec::new(),
        event,
        notes: Vec::new(),
    })
}

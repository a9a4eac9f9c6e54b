//! What lies before a chooser: the clients, what holds their calls, the calls they can make.

use std::collections::BTreeSet;

use mapi_logon_model::ids::ClientId;
use mapi_logon_traces::recording::EventLine;

use crate::judge::{Judge, Offered};
use crate::moves::Calling;
use crate::protocol::{Clients, Hello};
use crate::repertoire::Repertoire;
use crate::seats::Seat;

/// What lies before a chooser: the clients, and what holds their calls.
#[derive(Debug)]
pub struct Table<'t, 'm> {
    pub(crate) judge: &'t Judge<'m>,
    pub(crate) seats: &'t [Seat],
    pub(crate) repertoires: &'t [Repertoire],
    pub(crate) hello: &'t Hello,
    pub(crate) recording: &'t [EventLine],
    pub(crate) refused: &'t BTreeSet<Calling>,
}

impl Table<'_, '_> {
    /// The clients whose calls are held by a question.
    #[must_use]
    pub fn held(&self) -> Vec<ClientId> {
        self.clients(|seat| seat.open.as_ref().is_some_and(|open| open.held.is_some()))
    }

    /// The clients that can make a call.
    #[must_use]
    pub fn idle(&self) -> Vec<ClientId> {
        let busy = self.seats.iter().any(|seat| seat.open.is_some());
        let full = busy && self.hello.clients == Clients::One;
        self.clients(|seat| seat.open.is_none() && !full)
    }

    fn clients(&self, wanted: impl Fn(&Seat) -> bool) -> Vec<ClientId> {
        let all = 0..self.seats.len();
        all.filter(|at| wanted(&self.seats[*at])).map(ClientId::from).collect()
    }

    /// Can the client make a call?
    #[must_use]
    pub fn is_idle(&self, client: ClientId) -> bool {
        self.idle().contains(&client)
    }

    /// The client of this name.
    #[must_use]
    pub fn client(&self, name: &str) -> Option<ClientId> {
        let clients = &self.judge.model().scenario().clients;
        clients.iter().position(|client| client.name == name).map(ClientId::from)
    }

    /// The results of the client's calls that have returned, in order.
    pub fn results(&self, client: ClientId) -> impl Iterator<Item = &str> {
        let name = self.judge.model().words().client(client);
        let own = self.recording.iter().filter(move |event| event.client == name);
        own.filter(|event| event.end.is_some()).filter_map(|event| event.result.as_str())
    }

    /// What holds the client's call.
    #[must_use]
    pub fn question(&self, client: ClientId) -> Option<&str> {
        let call = self.seats[client.index()].open.as_ref()?;
        call.held.as_ref().map(|held| held.to.as_str())
    }

    /// The answers to what holds the client's call.
    #[must_use]
    pub fn offered(&self, client: ClientId) -> &[Offered] {
        let call = self.seats[client.index()].open.as_ref();
        call.and_then(|call| call.held.as_ref()).map_or(&[], |held| &held.offered)
    }

    /// The calls that the client can make now.
    #[must_use]
    pub fn calls(&self, client: ClientId) -> Calls<'_> {
        let (seat, own) = (&self.seats[client.index()], &self.repertoires[client.index()]);
        let supported = |calling: &&Calling| !self.is_refused(calling);
        let logons = if self.judge.has_room(client) { own.logons.as_slice() } else { &[] };
        let first = logons.iter().chain(&own.others).filter(supported).collect();
        // As likely as all methods together where there is no session, else as one of them.
        let live = seat.usable().any(|one| one.live);
        let times = if live { 1 } else { own.methods.len().max(1) };
        let on: Vec<_> = seat.usable().map(|pointer| pointer.label).collect();
        let methods =
            if on.is_empty() { Vec::new() } else { own.methods.iter().filter(supported).collect() };
        Calls { first, times, methods, on }
    }

    fn is_refused(&self, calling: &Calling) -> bool {
        !self.refused.is_empty() && self.refused.contains(&calling.kind())
    }

    /// Whether the client can make this call now.
    #[must_use]
    pub fn can_make(&self, client: ClientId, calling: &Calling) -> bool {
        let (name, _) = mapi_logon_model::scenario::split_call(&calling.call);
        let seat = &self.seats[client.index()];
        let ready = match name {
            "MAPILogonEx" => self.judge.has_room(client),
            "MAPIInitialize" | "MAPIUninitialize" | "DeleteProfile" => true,
            _ => seat.pointer(calling.on).is_some(),
        };
        ready && !self.is_refused(calling) && self.hello.calls.iter().any(|call| call == name)
    }
}

/// The calls that a client can make.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calls<'t> {
    /// Calls on no session, each of them this many times.
    first: Vec<&'t Calling>,
    times: usize,
    /// Calls on each of the sessions with these labels.
    methods: Vec<&'t Calling>,
    on: Vec<u32>,
}

impl Calls<'_> {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.first.len() * self.times + self.methods.len() * self.on.len()
    }

    /// Are there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The one at this place.
    #[must_use]
    pub fn at(&self, place: usize) -> Option<Calling> {
        let Some(place) = place.checked_sub(self.first.len() * self.times) else {
            return self.first.get(place % self.first.len()).map(|call| (*call).clone());
        };
        let on = *self.on.get(place.checked_div(self.methods.len())?)?;
        let call = *self.methods.get(place % self.methods.len())?;
        Some(Calling { on, ..call.clone() })
    }
}

//! The clients of a world as the tool sees them: calls in progress, session pointers.

use std::num::NonZeroU64;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::protocol::Method;
use mapi_logon_traces::explain::{Begun, Waiting};

use crate::judge::Offered;
use crate::moves::Calling;

/// A client.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seat {
    pub(crate) open: Option<InCall>,
    pub(crate) pointers: Vec<Pointer>,
}

/// A session pointer that a client has obtained.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pointer {
    /// The label of the logon that obtained it.
    pub(crate) label: u32,
    /// The adapter's number.
    pub(crate) handle: NonZeroU64,
    /// The session behind it, by the number that recordings give it, where that is seen.
    pub(crate) identity: Option<u32>,
    /// It has not been logged off.
    pub(crate) live: bool,
}

/// A call in progress.
#[derive(Clone, Debug)]
pub(crate) struct InCall {
    pub(crate) id: u64,
    /// Its place in the recording.
    pub(crate) event: usize,
    pub(crate) calling: Calling,
    pub(crate) call: Begun,
    pub(crate) held: Option<Held>,
    /// Whether it may wait, as long as nothing has happened since that was found out.
    pub(crate) waits: Option<Waiting>,
    /// Nothing was heard of it for a while, and it may wait.
    pub(crate) silent: bool,
    /// The provider asked last.
    pub(crate) last: Option<String>,
}

/// A question that holds a call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Held {
    pub(crate) number: Number,
    /// What is asked, as moves name it.
    pub(crate) to: String,
    /// The dialogs that the provider has shown before it returns, by their answers.
    pub(crate) dialogs: Vec<crate::protocol::UserAnswer>,
    pub(crate) offered: Vec<Offered>,
    /// Something has happened since the answers were found.
    pub(crate) stale: bool,
}

/// The number of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Number {
    Ask(u64),
    Dialog(u64),
}

impl Seat {
    /// The pointer with this label, if the client may use it: of two that lead to one session the
    /// one obtained last, and a dead one only where no live one leads there.
    pub(crate) fn pointer(&self, label: u32) -> Option<Pointer> {
        let found = self.pointers.iter().position(|one| one.label == label)?;
        let pointer = self.pointers[found];
        let same = |one: &Pointer| match (one.identity, pointer.identity) {
            (Some(one), Some(own)) => one == own,
            (_, _) => true,
        };
        let later = self.pointers[found + 1..].iter().any(|one| same(one) && one.live);
        let earlier = self.pointers[..found].iter().any(|one| same(one) && one.live);
        (!later && (pointer.live || !earlier)).then_some(pointer)
    }

    /// A call on a session has returned: a pointer that is given up, or gone.
    pub(crate) fn closes(&mut self, call: &InCall, good: bool) {
        let Begun::OnSession(_, method) = call.call else { return };
        let on = call.calling.on;
        match method {
            Method::Logoff(_) if good => {
                let own = self.pointers.iter_mut().find(|one| one.label == on);
                own.into_iter().for_each(|one| one.live = false);
            }
            Method::Release => self.pointers.retain(|one| one.label != on),
            Method::Logoff(_)
            | Method::OpenMsgStore(_)
            | Method::OpenAddressBook
            | Method::GetStatusTable
            | Method::GetMsgStoresTable
            | Method::QueryIdentity
            | Method::RemoveService(_) => {}
        }
    }

    /// The pointers that may be used.
    pub(crate) fn usable(&self) -> impl Iterator<Item = Pointer> + '_ {
        self.pointers.iter().filter_map(|one| self.pointer(one.label))
    }
}

/// The calls in progress that nothing holds on the tool's side.
pub(crate) fn running(seats: &[Seat]) -> impl Iterator<Item = ClientId> + '_ {
    let running = |seat: &Seat| seat.open.as_ref().is_some_and(|open| open.held.is_none());
    (0..seats.len()).filter(move |at| running(&seats[*at])).map(ClientId::from)
}

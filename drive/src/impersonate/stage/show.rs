//! What can be seen of a step, as lines to the tool.

use std::num::NonZeroU64;

use mapi_logon_model::ids::{ClientId, ProviderId};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Action, Call, Choice, Dialog, Effect, Status, StatusRow, Task};
use mapi_logon_traces::explain::Begun;
use mapi_logon_traces::tracer::DEAD;

use super::{Handle, Stage};
use crate::impersonate::Voice;
use crate::impersonate::player::{Asked, releases};
use crate::protocol::{AskArgs, DialogKind, FromAdapter, Question, Row};

impl Stage {
    pub(super) fn ask(
        &mut self,
        client: ClientId,
        provider: String,
        call: Question,
        voice: &mut Voice,
    ) {
        let name = self.world.clients[client.index()].name.clone();
        let Some(open) = &mut self.players[client.index()] else { return };
        voice.numbers.ask += 1;
        open.asked = Some(Asked::Provider(voice.numbers.ask));
        voice.said.push(FromAdapter::Ask {
            ask: voice.numbers.ask,
            id: open.id,
            client: name,
            call,
            provider: Some(provider),
            service: None,
            args: AskArgs::default(),
        });
    }

    pub(super) fn ask_configure(
        &mut self,
        client: ClientId,
        service: String,
        ui: bool,
        voice: &mut Voice,
    ) {
        let name = self.world.clients[client.index()].name.clone();
        let Some(open) = &mut self.players[client.index()] else { return };
        voice.numbers.ask += 1;
        open.asked = Some(Asked::Configure(voice.numbers.ask));
        voice.said.push(FromAdapter::Ask {
            ask: voice.numbers.ask,
            id: open.id,
            client: name,
            call: Question::Configure,
            provider: None,
            service: Some(service),
            args: AskArgs { flags: None, ui: Some(ui) },
        });
    }

    /// Takes a step, and says what can be seen of it.
    pub(super) fn take(&mut self, client: ClientId, choice: Choice, voice: &mut Voice) -> bool {
        if self.run.take(Action { client, choice }).is_err() {
            return false;
        }
        let effects: Vec<_> = self.run.step().effects.to_vec();
        for effect in effects {
            self.show(client, effect, voice);
        }
        true
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "an adapter sees no more than these")]
    fn show(&mut self, mover: ClientId, effect: Effect, voice: &mut Voice) {
        let words = self.run.model().words();
        match effect {
            Effect::Displayed { client, dialog } => self.display(client, dialog, voice),
            Effect::StatusRow { row, status, .. } => {
                let name = self.row_name(row);
                let status = Some(status_name(status).to_owned());
                let open = self.players[mover.index()].as_mut();
                open.into_iter().for_each(|open| {
                    open.rows.push(Row { name: name.clone(), status: status.clone() });
                });
            }
            Effect::StoreRow { provider, .. } => {
                let name = words.provider(provider).to_owned();
                let open = self.players[mover.index()].as_mut();
                open.into_iter()
                    .for_each(|open| open.rows.push(Row { name: name.clone(), status: None }));
            }
            Effect::SessionClosed { session } => self.identities[session.index()] = None,
            Effect::Returned { client, call, result, session } => {
                self.came_back(client, (call, result), session.map(|one| one.index()), voice);
            }
            _ => {}
        }
    }

    fn display(&mut self, client: ClientId, dialog: Dialog, voice: &mut Voice) {
        let words = self.run.model().words();
        let (kind, of, code) = match dialog {
            Dialog::Profile => (DialogKind::Profile, None, None),
            Dialog::Password => (DialogKind::Password, None, None),
            Dialog::Logoff => (DialogKind::Logoff, None, None),
            Dialog::Failure(Task::Configure(service), code) => {
                (DialogKind::Failure, Some(words.service(service).to_owned()), Some(code.into()))
            }
            Dialog::Failure(Task::Run(provider), code) => {
                (DialogKind::Failure, Some(words.provider(provider).to_owned()), Some(code.into()))
            }
            Dialog::Configure(service) => {
                let service = words.service(service).to_owned();
                return self.ask_configure(client, service, true, voice);
            }
            // It belongs to the provider, and that is the tool.
            Dialog::Provider(_) => return,
        };
        let name = self.world.clients[client.index()].name.clone();
        let Some(open) = &mut self.players[client.index()] else { return };
        voice.numbers.dialog += 1;
        open.asked = Some(Asked::Dialog(voice.numbers.dialog));
        let (dialog, id) = (voice.numbers.dialog, open.id);
        voice.said.push(FromAdapter::Dialog { dialog, id, client: name, kind, of, code });
    }

    /// The call has returned; with the session that it got at.
    fn came_back(
        &mut self,
        client: ClientId,
        (call, result): (Call, Code),
        session: Option<usize>,
        voice: &mut Voice,
    ) {
        let Some(open) = self.players[client.index()].take() else { return };
        let obtained = call.logon().filter(|_| result.is_success());
        let handle = obtained.map(|logon| self.obtain(client, logon.slot));
        // A wrong machine may give a pointer that leads nowhere: a session of its own.
        let identity = handle.map(|_| {
            let known = session.and_then(|session| self.identities[session]);
            let number = known.unwrap_or(self.last + 1);
            self.last = self.last.max(number);
            if let Some(session) = session {
                self.identities[session] = Some(number);
            }
            number
        });
        if let Begun::OnSession(Some(handle), _) = open.call
            && releases(open.call)
            && let Some(held) = self.handles.get_mut(handle as usize - 1)
        {
            held.slot = DEAD;
        }
        let table = matches!(call.name(), "GetStatusTable" | "GetMsgStoresTable");
        voice.said.push(FromAdapter::Returned {
            id: open.id,
            client: self.world.clients[client.index()].name.clone(),
            result: result.into(),
            session: handle.and_then(numbered),
            identity: identity.and_then(numbered),
            rows: (table && result.is_success()).then_some(open.rows),
            provider_events: open.preset.map(|_| open.events),
        });
    }

    /// A pointer is kept in this slot from here on; returns its handle.
    fn obtain(&mut self, client: ClientId, slot: u8) -> u32 {
        for held in &mut self.handles {
            if (held.client, held.slot) == (client, slot) {
                held.slot = DEAD;
            }
        }
        self.handles.push(Handle { client, slot });
        u32::try_from(self.handles.len()).unwrap_or(u32::MAX)
    }

    fn row_name(&self, row: StatusRow) -> String {
        let provider = |id: ProviderId| self.run.model().words().provider(id).to_owned();
        match row {
            StatusRow::Subsystem(_) => "MAPI_SUBSYSTEM".to_owned(),
            StatusRow::Spooler => "MAPI_SPOOLER".to_owned(),
            StatusRow::AddressBook => "MAPI_AB".to_owned(),
            StatusRow::Provider(id) => provider(id),
        }
    }
}

fn numbered(number: u32) -> Option<NonZeroU64> {
    NonZeroU64::new(number.into())
}

const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Available => "available",
        Status::Offline => "offline",
        Status::Failure => "failure",
    }
}

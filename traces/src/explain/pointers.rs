//! Session pointers: which call a client makes in a state, and which session a label names there.

use std::rc::Rc;

use mapi_logon_model::ids::{ClientId, SlotId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Call, Choice, Logon, Method};
use mapi_logon_model::world::State;

use crate::tracer::{DEAD, free_slot};

/// A call that a client begins, wherever it keeps its session pointers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Begun {
    /// `MAPILogonEx`; the slot of its parameters is not read.
    Logon(Logon),
    /// A method of the session with this label; without one, of the session obtained last.
    OnSession(Option<u32>, Method),
    /// Another call.
    Other(Call),
}

/// The labels of the sessions whose pointers are kept in slots.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub(super) struct Labels(Rc<Vec<(SlotId, u32)>>);

impl Labels {
    /// The label of the session obtained last through a slot.
    pub(super) fn of(&self, slot: SlotId) -> Option<u32> {
        let mut all = self.0.iter();
        all.find(|(one, _)| *one == slot).map(|(_, label)| *label)
    }

    /// A session has been obtained through a slot, with this label if it has one.
    pub(super) fn obtained(&mut self, slot: SlotId, label: Option<u32>) {
        if label.is_some() || self.of(slot).is_some() {
            let all = Rc::make_mut(&mut self.0);
            all.retain(|(one, _)| *one != slot);
            all.extend(label.map(|label| (slot, label)));
        }
    }

    /// The call that begins so in a state; nothing where the client has no slot left.
    pub(super) fn call(
        &self,
        model: &Model,
        state: &State,
        client: ClientId,
        begun: Begun,
    ) -> Option<Call> {
        Some(match begun {
            Begun::Logon(logon) => {
                let slot = free_slot(model, state, client)?;
                Call::LogonEx(Logon { slot, ..logon })
            }
            Begun::OnSession(label, method) => {
                let pointer = |label| self.pointer(model, state, client, label);
                Call::OnSession(label.map(pointer), method)
            }
            Begun::Other(call) => call,
        })
    }

    /// The number of the client's slot with the session of this label, the one obtained last of
    /// several.
    fn pointer(&self, model: &Model, state: &State, client: ClientId, label: u32) -> u8 {
        let held = model.sight(state).attachments().iter().rev();
        let mut own = held.filter(|held| held.client == client);
        let slot = own.find(|held| self.of(held.slot) == Some(label));
        slot.map_or(DEAD, |held| model.slots().number(held.slot))
    }

    /// The same label is the same session, another label another: is the session obtained through
    /// this slot not the one of this label?
    pub(super) fn clashes(
        &self,
        model: &Model,
        state: &State,
        (own, label): (SlotId, u32),
    ) -> bool {
        let held = model.sight(state).attachments();
        let obtained = held.iter().find(|held| held.slot == own);
        obtained.is_some_and(|obtained| {
            let others = held.iter().filter(|held| held.slot != own);
            let mut labelled = others.filter_map(|held| Some((held, self.of(held.slot)?)));
            labelled.any(|(held, other)| (held.session == obtained.session) != (other == label))
        })
    }
}

/// An action without the slots that its call names: what runs have in common whose clients keep
/// session pointers elsewhere.
pub(super) const fn without_slots(mut action: Action) -> Action {
    if let Choice::Begin(Call::LogonEx(logon)) = &mut action.choice {
        logon.slot = 0;
    }
    if let Choice::Begin(Call::OnSession(slot, _)) = &mut action.choice {
        *slot = None;
    }
    action
}

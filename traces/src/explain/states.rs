//! In which states may the machine be? Each packed into words, with the fewest faults that lead
//! there.

use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::ids::{BUDGET, CLIENTS, ClientId, PROVIDERS};
use mapi_logon_model::model::Model;
use mapi_logon_model::state::State;

use super::front::Ills;

/// The faults that are at hand where any may strike; their number is counted apart.
#[expect(clippy::cast_possible_truncation, reason = "the limit is far below 256")]
pub(super) const AT_HAND: u8 = BUDGET as u8;

/// A state the machine may be in, or one on the way to it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The state without its faults, and what its calls have shown.
    pub(super) words: Box<[u64]>,
    /// Its faults.
    pub(super) ills: Ills,
    /// How many faults have struck on the way.
    pub(super) cost: u32,
    /// The last step of the way, in the arena.
    pub(super) node: u32,
}

impl Entry {
    /// What is compared where states differ in faults alone.
    pub(super) const fn rank(&self) -> (Ills, u32) {
        (self.ills, self.cost)
    }
}

/// How much of its event every call in progress has shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Shown {
    calls: [u8; CLIENTS],
    dialogs: [u8; CLIENTS],
}

/// Packs and unpacks entries.
#[derive(Clone, Debug)]
pub(super) struct Packer {
    words: usize,
    scratch: Vec<u64>,
}

impl Packer {
    pub(super) fn new(model: &Model) -> Self {
        let words = (model.state_bits() as usize).div_ceil(64).max(1);
        Self { words, scratch: vec![0; words + 2 * CLIENTS / 8] }
    }

    /// The state and what its calls have shown; `full` says whether a fault may still strike.
    pub(super) fn unpack(
        &self,
        model: &Model,
        entry: &Entry,
        full: bool,
        state: &mut State,
    ) -> Shown {
        let words = &entry.words;
        model.decode_into(&mut BitReader::new(&words[..self.words]), state);
        state.suffer(entry.ills.faults());
        if !full {
            let people = state.people();
            state.seat(&people, 0);
        }
        let tail = &words[self.words..];
        let bytes = |word: &u64| word.to_le_bytes();
        Shown {
            calls: tail.first().map_or([0; CLIENTS], bytes),
            dialogs: tail.get(1).map_or([0; CLIENTS], bytes),
        }
    }

    /// The words of a state, whose budget is taken to be full, and its faults.
    pub(super) fn pack(&mut self, model: &Model, state: &State, shown: Shown) -> (&[u64], Ills) {
        let ills = Ills::of(model, state);
        let (head, tail) = self.scratch.split_at_mut(self.words);
        let mut writer = BitWriter::new(head);
        let budget = model.scenario().faults.budget;
        if state.budget() == budget && ills == Ills::default() {
            model.encode(state, &mut writer);
        } else {
            let mut plain = *state;
            plain.suffer([None; PROVIDERS]);
            plain.seat(&state.people(), budget);
            model.encode(&plain, &mut writer);
        }
        tail[0] = u64::from_le_bytes(shown.calls);
        tail[1] = u64::from_le_bytes(shown.dialogs);
        (&self.scratch, ills)
    }
}

impl Shown {
    /// How many provider calls the client's call has made.
    pub(super) fn calls(&self, client: ClientId) -> usize {
        usize::from(self.calls[client.index()])
    }

    /// How many dialogs it has displayed.
    pub(super) fn dialogs(&self, client: ClientId) -> usize {
        usize::from(self.dialogs[client.index()])
    }

    pub(super) const fn count_call(&mut self, client: ClientId) {
        self.calls[client.index()] = self.calls[client.index()].saturating_add(1);
    }

    pub(super) const fn count_dialog(&mut self, client: ClientId) {
        self.dialogs[client.index()] = self.dialogs[client.index()].saturating_add(1);
    }

    /// The client's call is over.
    pub(super) const fn clear(&mut self, client: ClientId) {
        self.calls[client.index()] = 0;
        self.dialogs[client.index()] = 0;
    }
}

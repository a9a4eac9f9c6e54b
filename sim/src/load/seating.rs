//! How does a client get into its window, and out again?

use mapi_logon_model::ids::{BUDGET, LOGONS, LogonId, SessionSet};
use mapi_logon_model::outside::{Outside, People};
use mapi_logon_model::state::{Session, State};

use super::crowd::{Crowd, ME, MemberId, SessionKey};
use super::window::{Founders, WindowId};

/// As many faults may strike as the schedule of the load wants.
pub(super) const FAULTS: u8 = 15;

const _: () = assert!(FAULTS as usize == BUDGET);

/// Who sits where while a window is open.
#[derive(Debug)]
pub(super) struct Seating {
    who: MemberId,
    people: People,
    /// The sessions of the window, by their slots.
    keys: [Option<SessionKey>; LOGONS],
    /// How many attachments to each of them belong to others.
    others: [u32; LOGONS],
    founders: Founders,
    initialized: bool,
}

impl Seating {
    /// Empty seats, where nobody has done anything yet.
    pub(super) const fn new(world: &State) -> Self {
        Self {
            who: MemberId::NOBODY,
            people: world.people(),
            keys: [None; LOGONS],
            others: [0; LOGONS],
            founders: Founders::NONE,
            initialized: false,
        }
    }
}

impl Crowd {
    /// Opens the window of a client.
    pub(super) fn seat(&mut self, who: MemberId) -> WindowId {
        let logons = self.logons(self.member(who).kind);
        self.seating.who = who;
        self.seating.keys = [None; LOGONS];
        self.seating.others = [0; LOGONS];
        self.seating.founders = Founders::NONE;
        let people = &mut self.seating.people;
        people.attached = [None; LOGONS];
        people.sessions = [Session::NONE; LOGONS];
        for logon in 0..logons {
            let Some(key) = self.member(who).attached[logon] else {
                continue;
            };
            if !self.is_open(key) {
                // Closed for all its members while this one was elsewhere.
                self.member_mut(who).attached[logon] = None;
                continue;
            }
            let slot = self.show(key, logons);
            self.seating.others[slot] -= 1;
            self.seating.people.attached[logon] = Some(slot.into());
        }
        let current = self.current.map(|key| self.show(key, logons));
        self.seating.people.current = current.map(LogonId::from);
        if let Some((logon, making)) = self.member(who).making {
            self.seating.people.sessions[logon.index()] = making;
            self.all.remove(&making);
        }
        let kind = self.member(who).kind;
        let window = self.windows.find(kind, &self.seating.founders);
        self.seating.people.clients[ME.index()] = self.member(who).state;
        self.seating.initialized = self.member(who).state.initialized() > 0;
        self.world.seat(&self.seating.people, FAULTS);
        self.tell(window);
        window
    }

    /// Gives a session a slot in the window, unless it has one.
    fn show(&mut self, key: SessionKey, logons: usize) -> usize {
        if let Some(slot) = self.seating.keys.iter().position(|known| *known == Some(key)) {
            return slot;
        }
        let session = self.session(key);
        let (founder, kind, own, held) =
            (session.founder, session.kind, session.logon, session.held);
        let content = session.content;
        let slot = if founder == self.seating.who {
            usize::from(own)
        } else {
            logons + self.seating.founders.push(kind)
        };
        self.seating.keys[slot] = Some(key);
        self.seating.others[slot] = held;
        self.seating.people.sessions[slot] = content;
        self.all.remove(&content);
        self.all.sessions -= 1;
        slot
    }

    /// Tells the window what happens outside it.
    fn tell(&mut self, window: WindowId) {
        let (mut held, mut busy) = (SessionSet::EMPTY, SessionSet::EMPTY);
        for (slot, key) in self.seating.keys.iter().enumerate() {
            let Some(key) = key else { continue };
            if self.seating.others[slot] > 0 {
                held.insert(slot.into());
            }
            if self.session(*key).busy.is_some_and(|other| other != self.seating.who) {
                busy.insert(slot.into());
            }
        }
        let mutex_held = self.mutex.is_some_and(|holder| holder != self.seating.who);
        let initialized = self.initialized > u32::from(self.seating.initialized);
        let outside = self.windows.model_mut(window).outside_mut();
        outside.clone_from(&self.all);
        *outside = Outside { mutex_held, initialized, held, busy, ..*outside };
    }

    /// Closes the window and puts back what is in it.
    pub(super) fn unseat(&mut self, window: WindowId) {
        let who = self.seating.who;
        let me = *self.world.client(ME);
        let logons = self.logons(self.member(who).kind);
        self.initialized -= u32::from(self.seating.initialized);
        self.initialized += u32::from(me.initialized() > 0);
        for logon in 0..logons {
            let id = LogonId::from(logon);
            let founded = self.world.attachment(id) == Some(id);
            if founded && self.seating.keys[logon].is_none() {
                let key = self.register(who, id, *self.world.session(id));
                self.seating.keys[logon] = Some(key);
            }
        }
        for slot in 0..LOGONS {
            if let Some(key) = self.seating.keys[slot] {
                self.put_back(slot, key);
            }
        }
        for logon in 0..logons {
            let session = self.world.attachment(logon.into());
            let key = session.and_then(|session| self.seating.keys[session.index()]);
            self.member_mut(who).attached[logon] = key;
        }
        self.member_mut(who).state = me;
        let current = self.world.current();
        self.current = current.and_then(|session| self.seating.keys[session.index()]);
        let model = self.windows.model(window);
        let past_q3 = model.mutex_holder(&self.world) == Some(ME);
        let logon = model.logon_in_progress(&self.world, ME).filter(|_| past_q3);
        let making = logon.map(|logon| (logon, *self.world.session(logon)));
        if let Some((_, making)) = &making {
            self.all.add(making);
        }
        self.member_mut(who).making = making;
        if past_q3 && self.has_mutex() {
            self.mutex = Some(who);
        } else if self.mutex == Some(who) {
            self.mutex = None;
        }
    }

    /// A session goes back as the step left it, or is closed.
    fn put_back(&mut self, slot: usize, key: SessionKey) {
        let content = *self.world.session(slot.into());
        if content == Session::NONE {
            self.close(key);
            return;
        }
        let others = self.seating.others[slot];
        let held = self.world.attachments(slot.into()).fold(others, |held, _| held + 1);
        let session = self.session_mut(key);
        session.content = content;
        session.held = held;
        self.all.add(&content);
        self.all.sessions += 1;
    }
}

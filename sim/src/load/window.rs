//! Which small scenario shows one client of a load, and the sessions it shares? A window.
//!
//! In it the client comes first, with its own calls. Behind it stands, for every session it shares
//! or could join and did not establish, one client of the kind that did, whose flags decide how the
//! session behaves; what that one does itself happens outside.

use mapi_logon_model::ids::{CLIENTS, ClientId, LOGONS, LogonId};
use mapi_logon_model::mapi::{FaultSet, LogoffFlags};
use mapi_logon_model::model::Model;
use mapi_logon_model::policy::Logoff;
use mapi_logon_model::scenario::{Call, Client, Logon, Scenario};

use super::seating::FAULTS;

/// Most `MAPILogonEx` calls of one client of a load.
pub(super) const MOST_LOGONS: usize = 5;

/// Most sessions in a window that its client did not establish: one for each of its logons, and
/// the current one.
pub(super) const MOST_FOUNDERS: usize = MOST_LOGONS + 1;

const _: () = assert!(MOST_LOGONS + MOST_FOUNDERS <= LOGONS);
const _: () = assert!(1 + MOST_FOUNDERS < CLIENTS);

/// Kinds of client that established sessions, in the order in which the window has them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Founders {
    kinds: [u8; MOST_FOUNDERS],
    count: usize,
}

impl Founders {
    /// No session but the client's own.
    pub(super) const NONE: Self = Self { kinds: [0; MOST_FOUNDERS], count: 0 };

    /// One more; its place among them.
    pub(super) const fn push(&mut self, kind: u8) -> usize {
        self.kinds[self.count] = kind;
        self.count += 1;
        self.count - 1
    }
    fn kinds(&self) -> &[u8] {
        &self.kinds[..self.count]
    }
}

/// Which of the windows.
#[derive(Clone, Copy, Debug)]
pub(super) struct WindowId {
    kind: u8,
    place: usize,
}

/// A window that has been built before.
#[derive(Debug)]
struct Known {
    founders: Founders,
    model: Model,
}

/// The windows of a scenario: built once, when first needed.
#[derive(Debug)]
pub(super) struct Windows {
    scenario: Scenario,
    by_kind: Vec<Vec<Known>>,
}

impl Windows {
    /// Windows for a scenario.
    pub(super) fn new(scenario: Scenario) -> Self {
        let by_kind = scenario.clients.iter().map(|_| Vec::new()).collect();
        Self { scenario, by_kind }
    }

    /// The window for a kind of client beside sessions of these founders.
    #[inline]
    pub(super) fn find(&mut self, kind: u8, founders: &Founders) -> WindowId {
        let wanted = founders.kinds();
        let known = &mut self.by_kind[usize::from(kind)];
        let found = known.iter().position(|one| one.founders.kinds() == wanted);
        let place = found.unwrap_or_else(|| {
            let model = Model::new(derive(&self.scenario, kind, wanted));
            known.push(Known { founders: *founders, model });
            known.len() - 1
        });
        WindowId { kind, place }
    }

    /// The window's model.
    #[inline]
    pub(super) fn model(&self, window: WindowId) -> &Model {
        &self.by_kind[usize::from(window.kind)][window.place].model
    }

    /// The window's model, to tell it what happens outside.
    #[inline]
    pub(super) fn model_mut(&mut self, window: WindowId) -> &mut Model {
        &mut self.by_kind[usize::from(window.kind)][window.place].model
    }

    /// The scenario all windows show a part of.
    pub(super) const fn scenario(&self) -> &Scenario {
        &self.scenario
    }
}

/// How many `MAPILogonEx` calls a client makes.
pub(super) fn logons(client: &Client) -> usize {
    client.calls.iter().filter(|call| matches!(call, Call::LogonEx(_))).count()
}

/// How whoever does not end its session is made to: as the policy lets it [DER].
pub(super) const fn leaving(scenario: &Scenario) -> Call {
    match scenario.policy.logoff {
        Logoff::On => Call::Logoff(LogoffFlags::empty()),
        Logoff::Off => Call::Release,
    }
}

fn derive(scenario: &Scenario, kind: u8, founders: &[u8]) -> Scenario {
    let mut window = scenario.clone();
    window.clients.clear();
    window.logons.clear();
    // When faults strike and go is decided by the schedule of the load alone.
    window.faults.budget = FAULTS;
    window.faults.repair_by_environment = true;
    for provider in &mut window.providers {
        provider.faults = FaultSet::ALL;
    }
    let mut me = scenario.clients[usize::from(kind)].clone();
    for (place, call) in me.calls.iter_mut().enumerate() {
        if matches!(call, Call::LogonEx(_)) {
            *call = logon(&mut window, place);
        }
    }
    let left = std::iter::repeat_n(leaving(scenario), logons(&me));
    me.calls.extend(left);
    me.written.resize(me.calls.len(), String::new());
    window.clients.push(me);
    for founder in founders {
        let mut founder = scenario.clients[usize::from(*founder)].clone();
        founder.calls = vec![logon(&mut window, 0)];
        founder.written = vec!["MAPILogonEx".to_owned()];
        window.clients.push(founder);
    }
    if let Some(initializing) = scenario.clients.iter().find(|client| client.initializes) {
        // Libraries are freed in the window if they are freed at all (OFF-14).
        let calls = Vec::new();
        window.clients.push(Client { calls, written: Vec::new(), ..initializing.clone() });
    }
    window
}

/// Adds a logon call of the client that is added next.
fn logon(window: &mut Scenario, place: usize) -> Call {
    let id = LogonId::from(window.logons.len());
    let client = ClientId::from(window.clients.len());
    window.logons.push(Logon { client, call: ClientId::from(place).0 });
    Call::LogonEx(id)
}

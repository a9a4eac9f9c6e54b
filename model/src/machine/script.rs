//! The script: the calls that a scenario lists, as one driver of its clients.

use crate::ids::ClientId;
use crate::machine::{Model, Step};
use crate::protocol::{Action, Call};
use crate::world::asked::Fact;
use crate::world::{Cursor, World};

impl Model {
    /// The moment before anything has happened.
    #[must_use]
    pub fn start(&self) -> World {
        World { state: self.initial(), cursor: self.beginning() }
    }

    /// The call the client makes next, or is in.
    #[inline]
    #[must_use]
    pub fn listed_call(&self, cursor: &Cursor, client: ClientId) -> Option<Call> {
        let calls = &self.scenario().clients[client.index()].calls;
        calls.get(usize::from(cursor.position(client))).copied()
    }

    /// Is this the call the client makes next, or one of its choices for it?
    #[must_use]
    pub fn lists(&self, cursor: &Cursor, client: ClientId, call: Call) -> bool {
        let listed = self.listed_call(cursor, client);
        let caller = &self.scenario().clients[client.index()];
        match (listed, call) {
            (Some(Call::LogonEx(listed)), Call::LogonEx(logon)) => caller.chooses(listed, logon),
            (listed, call) => listed == Some(call),
        }
    }

    /// The clients' places after a step of this client.
    #[inline]
    #[must_use]
    pub fn advance(&self, cursor: &Cursor, client: ClientId, step: &Step) -> Cursor {
        let mut after = *cursor;
        let me = self.sight(&step.state).client(client);
        if me.call.is_none() {
            after.next[client.index()] += 1;
            after.leave_out(self.scenario(), client, me.obtained);
        }
        after
    }

    /// Is a logon in progress, or still to come?
    pub(crate) fn logs_on_again(&self, cursor: &Cursor) -> bool {
        (0..self.scenario().clients.len()).map(ClientId::from).any(|client| {
            self.notes().fact(client, Fact::LogsOnAgain);
            self.client_logs_on_again(cursor, client)
        })
    }

    /// As [`Model::logs_on_again`], of one client.
    pub(crate) fn client_logs_on_again(&self, cursor: &Cursor, client: ClientId) -> bool {
        let calls = &self.scenario().clients[client.index()].calls;
        let mut left = calls.iter().skip(usize::from(cursor.position(client)));
        left.any(|call| call.logon().is_some())
    }

    /// Has every client made all its calls?
    #[must_use]
    pub fn has_ended(&self, cursor: &Cursor) -> bool {
        (0..self.scenario().clients.len())
            .map(ClientId::from)
            .all(|client| self.listed_call(cursor, client).is_none())
    }

    /// Calls `each` with every enabled action, what it does and the clients' places after it;
    /// clients in file order.
    pub fn successors(&self, world: &World, mut each: impl FnMut(Action, &Step, Cursor)) {
        let mut step = Step::at(world.state.clone());
        self.each_successor(world, &mut step, &mut each);
    }

    /// As [`Model::successors`], with a step whose memory is reused.
    pub fn each_successor(
        &self,
        world: &World,
        step: &mut Step,
        each: &mut impl FnMut(Action, &Step, Cursor),
    ) {
        for client in (0..self.scenario().clients.len()).map(ClientId::from) {
            self.each_successor_of(client, world, step, each);
        }
    }

    /// As [`Model::each_successor`], of one client alone.
    pub fn each_successor_of(
        &self,
        client: ClientId,
        world: &World,
        step: &mut Step,
        each: &mut impl FnMut(Action, &Step, Cursor),
    ) {
        self.candidates(world, client, &mut |choice| {
            let action = Action { client, choice };
            if self.step_into(&world.state, action, step).is_ok() {
                each(action, step, self.advance(&world.cursor, client, step));
            }
        });
    }
}

//! Expected deviations, and how a world goes on after them.

use mapi_logon_model::ids::ClientId;
use mapi_logon_traces::explain::Begun;

use super::{Course, End};
use crate::expected::{Excused, Then};
use crate::finding::{Finding, Status, Wrong};
use crate::port::Port;
use crate::protocol::Hr;
use crate::seats::InCall;

impl<P: Port + ?Sized> Course<'_, '_, P> {
    /// What was found in a call of the client.
    pub(super) fn finding(call: &InCall, (status, observed, allowed): Wrong) -> Finding {
        Finding {
            status,
            client: call.calling.client.clone(),
            call: call.calling.call.clone(),
            observed,
            allowed,
            event: call.event,
            notes: Vec::new(),
        }
    }

    /// The end of a world in which a call did what the model does not allow, as far as that could
    /// be decided.
    pub(super) fn wrong(&self, call: &InCall, wrong: Wrong) -> End {
        let found = || End::Deviated(Self::finding(call, wrong));
        self.judge.undecided().map_or_else(found, End::Undecided)
    }

    /// A call has returned what it must not. If that is expected, and the model knows how to go
    /// on: the result with which it does.
    ///
    /// # Errors
    /// What is wrong, where the world cannot go on.
    pub(super) fn excuse(
        &mut self,
        client: ClientId,
        call: &InCall,
        (result, wrong): (Hr, Wrong),
    ) -> Result<Hr, Wrong> {
        let finding = Self::finding(call, wrong.clone());
        let decided = self.judge.undecided().is_none();
        let expected = self.expected.expects(&finding).filter(|_| decided);
        let going = expected.filter(|at| self.expected.deviation[*at].then == Then::AsExpected);
        let Some(deviation) = going else { return Err(wrong) };
        let code = match (wrong.0, call.call) {
            (Status::Rows, _) => None,
            (_, Begun::Logon(_)) => return Err(wrong),
            (_, _) => Some(self.judge.corrected(client).ok_or(wrong)?),
        };
        let event = call.event;
        self.excused.push(Excused { deviation, event, result: code.map(|code| code.name()) });
        Ok(code.map_or(result, Hr::from))
    }
}

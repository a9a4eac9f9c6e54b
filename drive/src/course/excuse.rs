//! Expected deviations, and how a world goes on after them.

use mapi_logon_model::ids::ClientId;
use mapi_logon_traces::explain::Begun;

use super::{Course, Finding, Status};
use crate::expected::{Excused, Then};
use crate::judge::Allowed;
use crate::port::Port;
use crate::protocol::Hr;
use crate::seats::InCall;

/// What a call did that the model does not allow, and what it allows.
pub(super) type Wrong = (Status, String, Allowed);

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
        }
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
        let expected = self.expected.expects(&finding);
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

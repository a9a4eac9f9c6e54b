//! A number for each action.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::Model;
use mapi_logon_model::protocol::{Action, Answer, Choice, Fate, Scripted};

/// Above this bit an action's number names the client.
pub(super) const CLIENT_BIT: u32 = 26;

/// From this number on choices are choices of parameters.
const CHOICES: u32 = 1 << 13;

/// The number of an action, its own: the client above [`CLIENT_BIT`], the choice below.
pub(crate) fn number(model: &Model, action: Action) -> u32 {
    let choice = match action.choice {
        Choice::Begin(call) => {
            let client = &model.scenario().clients[action.client.index()];
            let chosen = call.logon().filter(|_| client.is_any_caller());
            chosen.map_or(0, |logon| CHOICES + client.number(&logon))
        }
        Choice::Proceed => 1,
        Choice::TimeOut => 2,
        Choice::Postpone => 3,
        Choice::Refuse(code) => 3_500 + code as u32,
        Choice::Configure { completed } => 4 + u32::from(completed),
        Choice::Answer(answer) => {
            let detail = match answer {
                Answer::Pick(profile) => u32::from(profile.0),
                Answer::Correct { completed } => u32::from(completed),
                Answer::Supply
                | Answer::SupplyIncomplete
                | Answer::Cancel
                | Answer::Retry
                | Answer::Decline
                | Answer::Confirm
                | Answer::Refuse => 0,
            };
            32 + u32::try_from(answer.bit()).unwrap_or_default() * 8 + detail
        }
        Choice::Try(Fate { repaired, password_found, struck, scripted }) => {
            let struck = struck.map_or(0, |fault| fault as u32 + 1);
            let scripted = match scripted {
                None => 0,
                Some(Scripted::Init(code)) => 2 + 2 * code as u32,
                Some(Scripted::Logon(code)) => 3 + 2 * code as u32,
            };
            128 + u32::from(repaired) + u32::from(password_found) * 2 + struck * 4 + scripted * 32
        }
    };
    let ClientId(client) = action.client;
    client << CLIENT_BIT | choice
}

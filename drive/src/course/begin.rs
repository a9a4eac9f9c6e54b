//! The beginning of a call: for the adapter, for the judge, for the recording; calls taken back.

use std::collections::BTreeMap;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::mapi::LogonFlags;
use mapi_logon_model::protocol::{Call, Logon};
use mapi_logon_model::scenario::split_call;
use mapi_logon_traces::calls;
use mapi_logon_traces::explain::Begun;
use mapi_logon_traces::recording::EventLine;
use serde_json::Value;

use super::{Course, End, in_call};
use crate::clock::Moment;
use crate::moves::{Calling, Move};
use crate::port::Port;
use crate::protocol::{Args, FromTool};
use crate::seats::Pointer;

impl<P: Port + ?Sized> Course<'_, '_, P> {
    /// Makes a call; one that the model knows nothing of is left out.
    pub(super) fn begin(&mut self, mut calling: Calling) {
        let scenario = self.judge.model().scenario();
        let Some(at) = scenario.clients.iter().position(|one| one.name == calling.client) else {
            return;
        };
        let Ok(known) = calls::call(scenario, &calling.call) else { return };
        let pointer = self.seats[at].pointer(calling.on);
        let begun = match known {
            Call::LogonEx(_) => {
                // A run that is made again keeps its labels.
                calling.on = if calling.on == 0 { self.labels + 1 } else { calling.on };
                self.labels = self.labels.max(calling.on);
                Begun::Logon(Logon {
                    slot: 0,
                    name: calls::name_parameter(scenario, calling.profile.as_deref()),
                    password: calling.password,
                    flags: LogonFlags::from_bits_retain(calling.flags),
                })
            }
            Call::OnSession(_, method) => match pointer {
                Some(pointer) => Begun::OnSession(pointer.identity, method),
                None => return,
            },
            call @ (Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_)) => {
                Begun::Other(call)
            }
        };
        if self.judge.begin(at.into(), begun).is_err() {
            return;
        }
        *self.ids += 1;
        let args = args(&calling, pointer);
        let event = self.event(&calling, pointer);
        self.recording.push(event);
        let call = split_call(&calling.call).0.to_owned();
        self.began.push(Moment::now());
        self.port.say(&FromTool::Call {
            id: *self.ids,
            client: calling.client.clone(),
            call,
            args,
            preset: self.preset.then(BTreeMap::new),
            deadline_ms: u64::try_from(self.patience.deadline.as_millis()).unwrap_or(u64::MAX),
        });
        let event = self.recording.len() - 1;
        self.moves.push(Move::Call(calling.clone()));
        self.seats[at].open = Some(in_call(*self.ids, event, calling, begun));
        self.stir();
    }

    /// The adapter does not support the call: it has not been made, and the world ends.
    pub(super) fn take_back(&mut self, client: ClientId, what: String) -> Option<End> {
        let call = self.seats[client.index()].open.take()?;
        self.recording.remove(call.event);
        let begun = self.moves.iter().rposition(|one| one.as_call() == Some(&call.calling))?;
        let answers = self.moves.split_off(begun).into_iter().skip(1);
        self.moves.extend(answers.filter(|one| one.client() != call.calling.client));
        Some(End::Unsupported(call.calling, what))
    }

    /// The call as a recording has it.
    fn event(&mut self, calling: &Calling, pointer: Option<Pointer>) -> EventLine {
        self.moment += 1;
        let mut args = BTreeMap::new();
        if calling.call == "MAPILogonEx" {
            let profile = calling.profile.clone().map_or(Value::Null, Value::String);
            args.insert("profile".to_owned(), profile);
            args.insert("flags".to_owned(), Value::from(format!("{:#010x}", calling.flags)));
            if calling.password {
                args.insert("password".to_owned(), Value::from("x"));
            }
        }
        let session = pointer.and_then(|one| one.identity);
        let known = self.judge.known();
        EventLine {
            client: calling.client.clone(),
            call: calling.call.clone(),
            args,
            begin: Some(f64::from(self.moment)),
            session: session.map_or(Value::Null, |number| Value::from(format!("s{number}"))),
            provider_events: known.provider_calls.then(Vec::new),
            dialogs: known.dialogs.then(Vec::new),
            ..EventLine::default()
        }
    }
}

fn args(calling: &Calling, pointer: Option<Pointer>) -> Args {
    let (name, target) = split_call(&calling.call);
    let target = target.map(str::to_owned);
    let session = pointer.map(|one| one.handle);
    let own = Args { session, ..Args::default() };
    match name {
        "MAPILogonEx" => Args {
            profile: calling.profile.clone(),
            password: calling.password.then(|| "x".to_owned()),
            flags: Some(calling.flags),
            ..Args::default()
        },
        "OpenMsgStore" => Args { store: target, ..own },
        "RemoveService" => Args { service: target, ..own },
        "DeleteProfile" => Args { profile: target, ..Args::default() },
        "Logoff" => {
            let flags = calls::logoff_flags(target.as_deref().unwrap_or_default());
            Args { flags: Some(flags.unwrap_or_default().bits()), ..own }
        }
        "MAPIInitialize" | "MAPIUninitialize" => Args::default(),
        _ => own,
    }
}

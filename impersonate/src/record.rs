//! The recording of a run, for `validate`; and answers from recordings and traces.

use mapi_logon_model::scenario::{Scenario, split_call};
use mapi_logon_traces::recording::{EventLine, RecordedEvent, Returned};
use serde_json::Value;

use crate::answers::Answered;
use crate::stage::staffed;

/// A run as a recorder in the client would have written it, with the world that it took place in.
#[must_use]
pub fn recording(answers: &[Answered], scenario: &Scenario) -> Vec<EventLine> {
    let mut events: Vec<_> = (0_u32..).zip(answers).map(|(at, one)| event(at, one)).collect();
    let most = answers.iter().map(|one| one.process).max().unwrap_or_default() as usize;
    if let Some(first) = events.first_mut() {
        first.scenario = Some(staffed(scenario.clone(), most).to_toml());
    }
    events
}

fn event(at: u32, one: &Answered) -> EventLine {
    let (call, target) = split_call(&one.call);
    let mut event = EventLine {
        client: format!("process-{}", one.process),
        call: one.call.clone(),
        result: Value::from(one.result.as_str()),
        begin: Some(f64::from(at)),
        end: Some(f64::from(at) + 0.5),
        ..EventLine::default()
    };
    if one.session > 0 {
        event.session = Value::from(one.session);
    }
    match call {
        "MAPILogonEx" => {
            call.clone_into(&mut event.call);
            event.args.insert("profile".to_owned(), target.map_or(Value::Null, Value::from));
            let password = if one.password { Value::from("x") } else { Value::Null };
            event.args.insert("password".to_owned(), password);
            event.args.insert("flags".to_owned(), Value::from(one.flags));
        }
        "Logoff" => {
            call.clone_into(&mut event.call);
            event.args.insert("flags".to_owned(), Value::from(one.flags));
        }
        _ => {}
    }
    event
}

/// The answers of a recording; its clients are processes in the order of their first calls.
#[must_use]
pub fn answers(events: &[RecordedEvent]) -> Vec<Answered> {
    let mut clients: Vec<&str> = Vec::new();
    let mut answers = Vec::new();
    for event in events {
        let Returned::With(result) = event.result else { continue };
        let known = clients.iter().position(|client| *client == event.client);
        let at = known.unwrap_or_else(|| {
            clients.push(&event.client);
            clients.len() - 1
        });
        let process = u32::try_from(at + 1).unwrap_or(u32::MAX);
        // Recordings may leave out what a client must have called first.
        if known.is_none() && event.method != "MAPIInitialize" {
            answers.push(given(process, "MAPIInitialize".to_owned(), "S_OK"));
        }
        let target = match event.method {
            "MAPILogonEx" => event.name.clone().flatten(),
            "Logoff" => event.flags.filter(|flags| *flags != 0).map(|flags| format!("{flags:#x}")),
            _ => event.target.clone(),
        };
        let call = target
            .map_or_else(|| event.method.to_owned(), |target| format!("{}:{target}", event.method));
        answers.push(given(process, call, result.name()));
    }
    answers
}

fn given(process: u32, call: String, result: &str) -> Answered {
    Answered { process, call, result: result.to_owned(), ..Answered::default() }
}

//! What the adapter says: whether it fits the protocol, and whether the model allows it.

use std::num::NonZeroU64;

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::policy::SharedSessions;
use mapi_logon_model::protocol::{Answer, Method};
use mapi_logon_model::scenario::ANSWERS;
use mapi_logon_traces::explain::Begun;
use mapi_logon_traces::recording::{DialogEvent, EventLine, ProviderEvent};
use serde_json::Value;

use super::{Course, End};
use crate::broken::Broken;
use crate::choose::{Chooser, code_name};
use crate::finding::{Status, Wrong};
use crate::impersonate::answer_of;
use crate::judge::{Allowed, dialogs_of, provider_call, row_words};
use crate::port::{Heard, Port};
use crate::protocol::{FromAdapter, Hr, ProviderAnswer, Question, Row};
use crate::seats::{Held, InCall, Number, Pointer};

/// Most remarks in a row.
const REMARKS: u32 = 1_000;

pub(super) type Understood = Result<Option<End>, Broken>;

impl<P: Port + ?Sized> Course<'_, '_, P> {
    /// Understands what was heard; `must` says that something had to come.
    pub(super) fn understand(
        &mut self,
        heard: Heard,
        must: bool,
        chooser: &mut dyn Chooser,
    ) -> Understood {
        match heard {
            Heard::Line(line) => self.line(line, chooser),
            Heard::Interrupted => Ok(Some(End::Interrupted)),
            Heard::Garbage(line, why) => Err(Broken::garbage(line, &why)),
            Heard::Ended { how, unread } => self.died(&how, unread),
            Heard::Nothing if must => Ok(self.hangs()),
            Heard::Nothing => {
                let open = self.seats.iter_mut().filter_map(|seat| seat.open.as_mut());
                open.filter(|call| call.held.is_none()).for_each(|call| call.silent = true);
                Ok(None)
            }
        }
    }

    pub(super) fn found(
        &mut self,
        client: ClientId,
        status: Status,
        observed: String,
        allowed: Allowed,
    ) -> Option<End> {
        let call = self.seats[client.index()].open.as_ref()?;
        Some(self.wrong(call, (status, observed, allowed)))
    }

    fn line(&mut self, line: FromAdapter, chooser: &mut dyn Chooser) -> Understood {
        let text = || serde_json::to_string(&line).unwrap_or_default();
        let (id, client) = match &line {
            FromAdapter::Note { .. } if self.remarks < REMARKS => {
                self.remarks += 1;
                return Ok(None);
            }
            FromAdapter::Note { .. } => {
                let what = format!("{REMARKS} remarks came in a row");
                return Err(Broken::new(what, "messages about open calls").at(text()));
            }
            FromAdapter::Error { text } => {
                return Err(Broken::new(format!("it gave up: {text}"), "no `error`"));
            }
            FromAdapter::Hello { .. } | FromAdapter::Ready { .. } => {
                let expected = "`ask`, `saw`, `dialog` or `returned` of an open call";
                return Err(Broken::new("nobody has asked for this", expected).at(text()));
            }
            FromAdapter::Unsupported { id, .. } => (*id, None),
            FromAdapter::Ask { id, client, .. }
            | FromAdapter::Saw { id, client, .. }
            | FromAdapter::Dialog { id, client, .. }
            | FromAdapter::Returned { id, client, .. } => (*id, Some(client.as_str())),
        };
        self.remarks = 0;
        let fits = |call: &InCall| {
            call.id == id && client.is_none_or(|client| client == call.calling.client)
        };
        let found = self.seats.iter().position(|seat| seat.open.as_ref().is_some_and(fits));
        let Some(client) = found.map(ClientId::from) else {
            let open = self.seats.iter().filter_map(|seat| seat.open.as_ref());
            let open: Vec<_> =
                open.map(|call| format!("{} of {}", call.id, call.calling.client)).collect();
            let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
            let expected = format!("the `id` and `client` of an open call ({open})");
            return Err(Broken::new("this belongs to no open call", expected).at(text()));
        };
        let held = self.seats[client.index()].open.as_ref().is_some_and(|one| one.held.is_some());
        if held && !matches!(line, FromAdapter::Saw { .. }) {
            let expected = "nothing about this call until its question is answered";
            return Err(Broken::new("the call is held by a question", expected).at(text()));
        }
        if let Some((key, number)) = line.number().filter(|one| !self.numbers.insert(*one)) {
            let what = format!("`{key}` {number} is repeated");
            return Err(Broken::new(what, "a number that is new in this world").at(text()));
        }
        let broken = |wrong: Broken| wrong.at(text());
        self.stir();
        let understood = match line.clone() {
            FromAdapter::Ask { ask, call, provider, service, args, .. } => {
                let of = provider.or(service);
                self.ask(client, Number::Ask(ask), (call, of), args.ui, chooser)
            }
            FromAdapter::Dialog { dialog, kind, of, code, .. } => {
                let dialogs = dialogs_of(self.judge.model(), kind, of.as_deref(), code);
                self.dialog(client, dialog, &dialogs)
            }
            FromAdapter::Returned { result, session, identity, rows, provider_events, .. } => {
                self.came_back(client, result, (session, identity), rows, provider_events)
            }
            FromAdapter::Unsupported { what, .. } => Ok(self.take_back(client, what)),
            FromAdapter::Saw { .. }
            | FromAdapter::Note { .. }
            | FromAdapter::Error { .. }
            | FromAdapter::Hello { .. }
            | FromAdapter::Ready { .. } => Ok(None),
        };
        understood.map_err(broken)
    }

    fn ask(
        &mut self,
        client: ClientId,
        number: Number,
        (call, of): (Question, Option<String>),
        ui: Option<bool>,
        chooser: &mut dyn Chooser,
    ) -> Understood {
        let scenario = self.judge.model().scenario();
        let name = of.unwrap_or_default();
        let Some(asked) = provider_call(call) else {
            let service = scenario.services.iter().position(|one| one.name == name);
            let service = service.ok_or_else(|| unknown("service", &name))?;
            let to = format!("configure:{name}");
            let offered = match call {
                Question::Configure => {
                    self.judge.configure(client, service.into(), ui.unwrap_or(false))
                }
                Question::Create | Question::Delete | Question::Init | Question::Logon => {
                    Ok(vec![crate::judge::accepted()])
                }
            };
            let seen = self.judge.known().dialogs && ui == Some(true);
            if seen && call == Question::Configure {
                self.note_dialog(client, &to);
            }
            return Ok(self.hold(client, number, to, Vec::new(), offered));
        };
        let provider = scenario.providers.iter().position(|one| one.name == name);
        let provider = provider.ok_or_else(|| unknown("provider", &name))?.into();
        let to = format!("{name} {call:?}");
        let mut path = Vec::new();
        if call == Question::Logon {
            let paths = self.judge.paths(client, provider);
            if !paths.is_empty() {
                let user = &self.judge.model().words().client(client).to_owned();
                let at = chooser.path(user, &to, &paths);
                path = paths.into_iter().nth(at).unwrap_or_default();
            }
        }
        for answer in &path {
            self.note_dialog(client, &format!("provider:{name}"));
            if let Some(call) = &self.seats[client.index()].open {
                note_answer(&mut self.recording[call.event], *answer);
            }
        }
        if let Some(call) = &mut self.seats[client.index()].open {
            call.last = Some(to.clone());
            let one = ProviderEvent { provider: name, call: format!("{asked:?}"), result: None };
            self.recording[call.event].provider_events.iter_mut().for_each(|list| {
                list.push(one.clone());
            });
        }
        let offered = self.judge.asked(client, provider, asked, &path);
        let dialogs = path.into_iter().map(answer_of).collect();
        Ok(self.hold(client, number, to, dialogs, offered))
    }

    fn dialog(
        &mut self,
        client: ClientId,
        number: u64,
        dialogs: &[mapi_logon_model::protocol::Dialog],
    ) -> Understood {
        let Some(first) = dialogs.first() else {
            return Err(Broken::new(
                "this dialog is about nothing that exists",
                "`of` with the name of a provider or service, and `code`",
            ));
        };
        let shown = self.judge.displayed(client, dialogs);
        let dialog = shown.as_ref().map_or(*first, |(dialog, _)| *dialog);
        let to = self.judge.model().words().dialog(dialog);
        self.note_dialog(client, &to);
        let offered = shown.map(|(_, offered)| offered);
        Ok(self.hold(client, Number::Dialog(number), to, Vec::new(), offered))
    }

    /// The question holds the call until it is answered, if the model allows it.
    fn hold(
        &mut self,
        client: ClientId,
        number: Number,
        to: String,
        dialogs: Vec<crate::protocol::UserAnswer>,
        offered: Result<Vec<crate::judge::Offered>, Allowed>,
    ) -> Option<End> {
        let offered = match offered {
            Ok(offered) => offered,
            Err(allowed) => {
                return self.found(client, Status::Question, format!("asked {to}"), allowed);
            }
        };
        let call = self.seats[client.index()].open.as_mut()?;
        call.held = Some(Held { number, to, dialogs, offered, stale: false });
        None
    }

    fn came_back(
        &mut self,
        client: ClientId,
        result: Hr,
        (session, identity): (Option<NonZeroU64>, Option<NonZeroU64>),
        rows: Option<Vec<Row>>,
        events: Option<Vec<ProviderAnswer>>,
    ) -> Understood {
        if let Some(end) = self.follow_preset(client, events.unwrap_or_default())? {
            return Ok(Some(end));
        }
        let alone = self.seats.iter().filter(|seat| seat.open.is_some()).count() == 1;
        let seat = &mut self.seats[client.index()];
        let Some(call) = seat.open.take() else { return Ok(None) };
        let good = result.0 & 0x8000_0000 == 0;
        let obtains = good && matches!(call.call, Begun::Logon(_));
        if obtains != session.is_some() {
            let expected = "`session` with a successful MAPILogonEx, and only there";
            return Err(Broken::new("handle and result do not fit", expected));
        }
        let seen = self.hello.observes.session_identity;
        if obtains && seen && identity.is_none() {
            let expected = "`identity`, as `hello` promises `observes.session_identity`";
            return Err(Broken::new("the session has no identity", expected));
        }
        // Where sessions are never shared, every handle is a session of its own.
        let shares = self.judge.model().scenario().policy.shared_sessions != SharedSessions::Off;
        let identity = identity.filter(|_| seen).or(session.filter(|_| !shares));
        let identity = identity.map(|own| self.numbered(own));
        let event = &mut self.recording[call.event];
        self.moment += 1;
        event.result = Value::from(code_name(result));
        event.end = Some(f64::from(self.moment));
        if let (true, Some(number)) = (obtains, identity) {
            event.session = Value::from(format!("s{number}"));
        }
        let name = mapi_logon_model::scenario::split_call(&call.calling.call).0;
        // What a logon takes is measured where it obtains a session.
        let failed = matches!(call.call, Begun::Logon(_)) && !obtains;
        let name = name.to_owned() + if failed { ", failed" } else { "" };
        self.times.push((name, self.began[call.event].elapsed()));
        let judged = self.judge.returned(client, result, identity.filter(|_| obtains));
        let wrong = |allowed| (result, (Status::Result, code_name(result), allowed));
        let judged = judged.map(|()| result);
        let judged = judged.or_else(|allowed| self.excuse(client, &call, wrong(allowed)));
        let judged = judged.and_then(|went| {
            let rows = rows.filter(|_| good && alone);
            let wrong = rows.and_then(|rows| self.wrong_rows(client, &call, &rows));
            wrong.map_or(Ok(went), |wrong| self.excuse(client, &call, (went, wrong)))
        });
        let went = judged.as_ref().copied().unwrap_or(result);
        let seat = &mut self.seats[client.index()];
        seat.closes(&call, went.0 & 0x8000_0000 == 0);
        if let Some(handle) = session {
            let label = call.calling.on;
            seat.pointers.push(Pointer { label, handle, identity, live: true });
        }
        Ok(judged.err().map(|wrong| self.wrong(&call, wrong)))
    }

    /// The number of a session in recordings, whatever the adapter calls it.
    fn numbered(&mut self, identity: NonZeroU64) -> u32 {
        let known = self.identities.iter().position(|one| *one == identity);
        let at = known.unwrap_or_else(|| {
            self.identities.push(identity);
            self.identities.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(u32::MAX)
    }

    /// A table with rows that it cannot have.
    fn wrong_rows(&self, client: ClientId, call: &InCall, rows: &[Row]) -> Option<Wrong> {
        let status = match call.call {
            Begun::OnSession(_, Method::GetStatusTable) => true,
            Begun::OnSession(_, Method::GetMsgStoresTable) => false,
            Begun::OnSession(..) | Begun::Logon(_) | Begun::Other(_) => return None,
        };
        let allowed = self.judge.rows(client, status, rows).err()?;
        Some((Status::Rows, row_words(rows), allowed))
    }

    /// Judges the provider calls that the adapter has answered itself.
    fn follow_preset(&mut self, client: ClientId, events: Vec<ProviderAnswer>) -> Understood {
        for event in events {
            let scenario = self.judge.model().scenario();
            let found = scenario.providers.iter().position(|one| one.name == event.provider);
            let provider = found.ok_or_else(|| unknown("provider", &event.provider))?;
            let Some(asked) = provider_call(event.call) else { continue };
            let code = mapi_logon_model::mapi::Code::valued(event.result.0);
            if let Some(call) = &self.seats[client.index()].open {
                let list = &mut self.recording[call.event].provider_events;
                list.iter_mut().for_each(|list| {
                    list.push(ProviderEvent {
                        provider: event.provider.clone(),
                        call: format!("{asked:?}"),
                        result: Some(code_name(event.result)),
                    });
                });
            }
            let to = format!("{} {:?}", event.provider, event.call);
            let judged = self.judge.asked(client, provider.into(), asked, &[]);
            match (judged, code) {
                (Ok(_), Some(code)) => {
                    self.judge.answered(client, crate::judge::Feed::Code(code));
                }
                (Ok(_), None) => {}
                (Err(allowed), _) => {
                    return Ok(self.found(
                        client,
                        Status::Question,
                        format!("asked {to}"),
                        allowed,
                    ));
                }
            }
            self.answers += 1;
        }
        Ok(None)
    }

    fn note_dialog(&mut self, client: ClientId, dialog: &str) {
        if let Some(call) = &self.seats[client.index()].open {
            let list = &mut self.recording[call.event].dialogs;
            list.iter_mut().for_each(|list| list.push(DialogEvent::Named(dialog.to_owned())));
        }
    }
}

/// The dialog shown last has been answered so.
pub(super) fn note_answer(event: &mut EventLine, answer: Answer) {
    if let Some(last) = event.dialogs.iter_mut().flatten().last()
        && let DialogEvent::Named(dialog) = last
    {
        let answer = ANSWERS[answer.bit()].to_owned();
        *last = DialogEvent::Answered { dialog: dialog.clone(), answer };
    }
}

fn unknown(what: &str, name: &str) -> Broken {
    Broken::new(format!("no {what} is called {name:?}"), format!("a {what} of the world"))
}

//! The judge: every question, dialog and result held against all states the model may be in.

use std::collections::BTreeSet;

use mapi_logon_model::ids::{ClientId, ProviderId, ServiceId};
use mapi_logon_model::machine::{Model, View};
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Answer, Dialog, ProviderCall, Status, StatusRow, Task};
use mapi_logon_model::scenario::EntryPoint;
use mapi_logon_traces::explain::{Begun, Came, Deviation, Follower, Impossible, Known, Waiting};
use mapi_logon_traces::recording::Returned;

use crate::moves::{Reply, plain_answer};
use crate::protocol::{DialogKind, Hr, Question, Row, UserAnswer};

/// The judge of one world.
#[derive(Debug)]
pub struct Judge<'m> {
    model: &'m Model,
    follower: Follower<'m>,
    known: Known,
    /// The limit that was reached before something was decided.
    undecided: Option<&'static str>,
}

/// An answer that the model allows, and what it is for the model.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offered {
    /// The answer.
    pub reply: Reply,
    pub(crate) feed: Feed,
}

/// What an answer is for the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Feed {
    /// A provider's result.
    Code(Code),
    /// The user's answer.
    Answer(Answer),
    /// Nothing that is followed.
    Unseen,
}

/// What the model allows instead of what happened.
pub type Allowed = Vec<String>;

impl<'m> Judge<'m> {
    /// Before any call; what is `known` of calls is seen of each.
    #[must_use]
    pub fn new(model: &'m Model, known: Known) -> Self {
        let budget = model.scenario().faults.budget.limit().map_or(u32::MAX, u32::from);
        let follower = Follower::new(model, known).with_faults(budget);
        Self { model, known, follower, undecided: None }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &'m Model {
        self.model
    }

    pub(crate) const fn known(&self) -> Known {
        self.known
    }

    pub(crate) fn begin(&mut self, client: ClientId, call: Begun) -> Result<(), Impossible> {
        self.follower.begin(client, call)
    }

    pub(crate) fn waiting(&mut self, client: ClientId) -> Waiting {
        self.follower.may_wait(client)
    }

    /// Whether the client has room for one more session pointer in every state.
    pub(crate) fn has_room(&self, client: ClientId) -> bool {
        let free =
            |state| mapi_logon_traces::tracer::free_slot(self.model, state, client).is_some();
        self.follower.states().all(free)
    }

    /// The dialogs of its own that the provider may show before it returns, by their answers.
    pub(crate) fn paths(&mut self, client: ClientId, provider: ProviderId) -> Vec<Vec<Answer>> {
        let scenario = self.model.scenario();
        let definition = &scenario.providers[provider.index()];
        let plain = definition.complete
            && definition.password == mapi_logon_model::scenario::Password::Stored;
        let mut paths = vec![Vec::new()];
        if !plain && self.known.dialogs {
            let answers = [Answer::Supply, Answer::SupplyIncomplete, Answer::Cancel];
            let allowed: Vec<_> =
                answers.into_iter().filter(|one| scenario.answers.allow(*one)).collect();
            paths.extend(allowed.iter().map(|one| vec![*one]));
            paths.extend(allowed.iter().map(|one| vec![Answer::Supply, *one]));
        }
        if paths.len() > 1 {
            let call = ProviderCall::Logon;
            paths.retain(|path| self.follower.may_ask_after(client, provider, call, path));
        }
        paths
    }

    /// MAPI calls a provider, after dialogs of its own that are answered so.
    pub(crate) fn asked(
        &mut self,
        client: ClientId,
        provider: ProviderId,
        call: ProviderCall,
        path: &[Answer],
    ) -> Result<Vec<Offered>, Allowed> {
        let asked = self.follower.asked_after(client, provider, call, path);
        Ok(asked.map_err(|wrong| self.allowed(wrong))?.into_iter().map(offered).collect())
    }

    /// What the provider that was asked last may answer now.
    pub(crate) fn answers_now(&mut self, client: ClientId) -> Vec<Offered> {
        self.follower.answers(client).into_iter().map(offered).collect()
    }

    /// The answers to `CONFIGURE`.
    pub(crate) fn configure(
        &mut self,
        client: ClientId,
        service: ServiceId,
        ui: bool,
    ) -> Result<Vec<Offered>, Allowed> {
        let scenario = self.model.scenario();
        let reply = |code: Code, completed, user| Reply {
            result: Some(code.into()),
            completed: Some(completed),
            user,
            profile: None,
        };
        if !ui {
            let programmatic =
                scenario.services[service.index()].entry_point == EntryPoint::Programmatic;
            let unseen = |completed: bool| Offered {
                reply: reply(
                    if completed { Code::Ok } else { Code::Unconfigured },
                    completed,
                    None,
                ),
                feed: Feed::Unseen,
            };
            let all = [false, true].into_iter().filter(|completed| programmatic || !*completed);
            return Ok(all.map(unseen).collect());
        }
        let seen = self.known.dialogs;
        if seen {
            let shown = self.follower.displayed(client, Dialog::Configure(service));
            shown.map_err(|wrong| self.allowed(wrong))?;
        }
        let all = [
            (Answer::Supply, Code::Ok, UserAnswer::Supply),
            (Answer::SupplyIncomplete, Code::Unconfigured, UserAnswer::SupplyIncomplete),
            (Answer::Cancel, Code::UserCancel, UserAnswer::Cancel),
        ];
        let allowed = all.into_iter().filter(|(answer, ..)| scenario.answers.allow(*answer));
        let offered = allowed.map(|(answer, code, user)| Offered {
            reply: reply(code, answer == Answer::Supply, Some(user)),
            feed: if seen { Feed::Answer(answer) } else { Feed::Unseen },
        });
        Ok(offered.collect())
    }

    /// MAPI shows a dialog of its own: the answers that the scenario allows.
    pub(crate) fn displayed(
        &mut self,
        client: ClientId,
        dialogs: &[Dialog],
    ) -> Result<(Dialog, Vec<Offered>), Allowed> {
        let mut wrong = None;
        for dialog in dialogs {
            match self.follower.displayed(client, *dialog) {
                Ok(()) => return Ok((*dialog, self.answers(*dialog))),
                Err(deviation) => wrong = Some(deviation),
            }
        }
        Err(wrong.map_or_else(Vec::new, |wrong| self.allowed(wrong)))
    }

    fn answers(&self, dialog: Dialog) -> Vec<Offered> {
        let scenario = self.model.scenario();
        let user = |user, answer| Offered {
            reply: Reply { user: Some(user), ..Reply::default() },
            feed: Feed::Answer(answer),
        };
        let mut all = Vec::new();
        let mut plain = |answers: &[UserAnswer]| {
            for one in answers {
                all.extend(plain_answer(*one).map(|answer| user(*one, answer)));
            }
        };
        match dialog {
            Dialog::Profile => {
                plain(&[UserAnswer::Cancel]);
                for picked in scenario.listed() {
                    let mut one = user(UserAnswer::Pick, Answer::Pick(picked));
                    one.reply.profile = Some(self.model.words().profile(picked).to_owned());
                    all.push(one);
                }
            }
            Dialog::Password | Dialog::Configure(_) | Dialog::Provider(_) => {
                plain(&[UserAnswer::Supply, UserAnswer::SupplyIncomplete, UserAnswer::Cancel]);
            }
            Dialog::Failure(task, _) => {
                plain(&[UserAnswer::Retry, UserAnswer::Decline]);
                let both: &[bool] =
                    if matches!(task, Task::Configure(_)) { &[false, true] } else { &[false] };
                for completed in both {
                    let mut one =
                        user(UserAnswer::Correct, Answer::Correct { completed: *completed });
                    one.reply.completed = Some(*completed);
                    all.push(one);
                }
            }
            Dialog::Logoff => plain(&[UserAnswer::Confirm, UserAnswer::Refuse]),
        }
        all.retain(|one| match one.feed {
            Feed::Answer(answer) => scenario.answers.allow(answer),
            Feed::Code(_) | Feed::Unseen => true,
        });
        all
    }

    /// The tool has answered so.
    pub(crate) fn answered(&mut self, client: ClientId, feed: Feed) {
        match feed {
            Feed::Code(code) => self.follower.answered(client, code),
            Feed::Answer(answer) => self.follower.replied(client, answer),
            Feed::Unseen => {}
        }
    }

    /// The call has returned.
    pub(crate) fn returned(
        &mut self,
        client: ClientId,
        result: Hr,
        session: Option<u32>,
    ) -> Result<(), Allowed> {
        let result = Code::valued(result.0).map_or(Returned::Unknown(result.0), Returned::With);
        let came = Came { result, session, joined: None };
        self.follower.returned(client, came).map_err(|wrong| self.allowed(wrong))
    }

    /// The call has returned what it must not: the model goes on with the only result that it
    /// allows, if there is one.
    pub(crate) fn corrected(&mut self, client: ClientId) -> Option<Code> {
        let ways = self.follower.possible(client);
        let results: BTreeSet<_> = ways.iter().map(|way| way.result.as_str()).collect();
        let only = results.first().filter(|_| results.len() == 1);
        let code = only.and_then(|name| Code::named(name))?;
        self.returned(client, code.into(), None).is_ok().then_some(code)
    }

    /// The rows of a table that a call returned, while nothing else goes on.
    pub(crate) fn rows(&self, client: ClientId, status: bool, rows: &[Row]) -> Result<(), Allowed> {
        let mut seen = rows.to_vec();
        // OPN-12: stores come in profile order.
        if status {
            seen.sort_unstable();
        }
        let mut allowed = Vec::new();
        for state in self.follower.states() {
            let sight = self.model.sight(state);
            for held in sight.attachments_of(client) {
                let session = *sight.session(held.session);
                let no_mail = self.model.permissions(held.flags).no_mail;
                let view = View::of(self.model, session, no_mail);
                let mut own: Vec<_> = if status {
                    view.status_rows().map(|(row, status)| self.row(row, Some(status))).collect()
                } else {
                    let enabled = session.services().without(session.disabled());
                    let stores =
                        self.model.kind(mapi_logon_model::mapi::ProviderKind::MessageStore);
                    let stores = stores.and(self.model.providers_of(enabled));
                    stores.map(|id| self.row(StatusRow::Provider(id), None)).collect()
                };
                if status {
                    own.sort_unstable();
                }
                if own == seen {
                    return Ok(());
                }
                allowed.push(row_words(&own));
            }
        }
        allowed.sort_unstable();
        allowed.dedup();
        Err(allowed)
    }

    fn row(&self, row: StatusRow, status: Option<Status>) -> Row {
        let name = match row {
            StatusRow::Subsystem(_) => "MAPI_SUBSYSTEM",
            StatusRow::Spooler => "MAPI_SPOOLER",
            StatusRow::AddressBook => "MAPI_AB",
            StatusRow::Provider(id) => self.model.words().provider(id),
        };
        Row { name: name.to_owned(), status: status.map(|one| status_name(one).to_owned()) }
    }

    /// What the model allows, in words.
    pub(crate) fn possible(&mut self, client: ClientId) -> Allowed {
        let ways = self.follower.possible(client);
        ways.iter().map(way_in_words).collect()
    }

    /// The limit that was reached before something was decided: it is no deviation then.
    pub(crate) const fn undecided(&self) -> Option<&'static str> {
        self.undecided
    }

    fn allowed(&mut self, wrong: Deviation) -> Allowed {
        match wrong {
            Deviation::Possible(ways) => ways.iter().map(way_in_words).collect(),
            Deviation::Limit(limit) => {
                self.undecided = Some(limit);
                Vec::new()
            }
        }
    }
}

fn offered(code: Code) -> Offered {
    let reply = Reply { result: Some(code.into()), ..Reply::default() };
    Offered { reply, feed: Feed::Code(code) }
}

/// An entry point that accepts whatever comes.
pub(crate) fn accepted() -> Offered {
    let reply = Reply { result: Some(Hr(0)), ..Reply::default() };
    Offered { reply, feed: Feed::Unseen }
}

/// The dialogs that an adapter can mean: a service and a provider may have one name.
pub(crate) fn dialogs_of(
    model: &Model,
    kind: DialogKind,
    of: Option<&str>,
    code: Option<Hr>,
) -> Vec<Dialog> {
    let scenario = model.scenario();
    match kind {
        DialogKind::Profile => vec![Dialog::Profile],
        DialogKind::Password => vec![Dialog::Password],
        DialogKind::Logoff => vec![Dialog::Logoff],
        DialogKind::Failure => {
            let Some(code) = code.and_then(|code| Code::valued(code.0)) else { return Vec::new() };
            let run = scenario.providers.iter().position(|one| Some(one.name.as_str()) == of);
            let configure = scenario.services.iter().position(|one| Some(one.name.as_str()) == of);
            let run = run.map(|at| Task::Run(at.into()));
            let configure = configure.map(|at| Task::Configure(at.into()));
            run.into_iter().chain(configure).map(|task| Dialog::Failure(task, code)).collect()
        }
    }
}

/// A provider's call by the name of the question.
pub(crate) const fn provider_call(question: Question) -> Option<ProviderCall> {
    match question {
        Question::Init => Some(ProviderCall::Init),
        Question::Logon => Some(ProviderCall::Logon),
        Question::Create | Question::Configure | Question::Delete => None,
    }
}

/// The rows of a table in words.
pub(crate) fn row_words(rows: &[Row]) -> String {
    let word = |row: &Row| match &row.status {
        Some(status) => format!("{} {status}", row.name),
        None => row.name.clone(),
    };
    let words: Vec<_> = rows.iter().map(word).collect();
    if words.is_empty() { "no rows".to_owned() } else { words.join(", ") }
}

const fn status_name(status: Status) -> &'static str {
    match status {
        Status::Available => "available",
        Status::Offline => "offline",
        Status::Failure => "failure",
    }
}

fn way_in_words(way: &mapi_logon_traces::explain::Possible) -> String {
    let mut words = way.result.clone();
    for event in way.provider_events.iter().flatten() {
        let result = event.result.as_deref().unwrap_or("?");
        words += &format!(", {} {} {result}", event.provider, event.call);
    }
    for dialog in way.dialogs.iter().flatten() {
        words += &format!(", dialog {dialog}");
    }
    if let Some(session) = &way.session {
        words += &format!(", {session}");
    }
    words
}

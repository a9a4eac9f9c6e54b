//! Plans: a run of the model as the calls and answers that lead a system along it, and how far a
//! system came along.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::protocol::{Action, Answer};
use mapi_logon_traces::act::{Act, Deed};
use mapi_logon_traces::calls;
use mapi_logon_traces::effect::Seen;
use mapi_logon_traces::trace::Line;
use mapi_logon_traces::tracer::Tracer;
use serde::Deserialize;
use serde::de::value::{Error as ValueError, StrDeserializer};

use crate::choose::{Chooser, Next, Script};
use crate::impersonate::answer_of;
use crate::moves::{Answering, Calling, Reply};
use crate::protocol::{Hr, UserAnswer};
use crate::table::Table;

/// What leads a system along a run of the model.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan {
    steps: Vec<Step>,
    /// How many steps of the run there are.
    lines: usize,
    /// Labels of sessions by the names that traces give them.
    labels: BTreeMap<String, u32>,
    /// How many logons each client has begun.
    logons: BTreeMap<String, u32>,
    /// The session that each client obtained last and still holds.
    held: BTreeMap<String, String>,
    /// The dialog that is open in each client's call.
    open: BTreeMap<String, String>,
    /// What the user has answered in dialogs of a provider that has not returned yet.
    shown: BTreeMap<String, Vec<UserAnswer>>,
}

/// A visible part of a step of the run.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Step {
    /// Which step of the run, from 0.
    line: usize,
    what: What,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum What {
    Call(Calling),
    /// Only what is given of the reply counts.
    Answer(Answering),
    Returned {
        client: String,
        result: String,
    },
}

impl Plan {
    /// The plan of a run that takes these actions; as far as they are possible.
    #[must_use]
    pub fn of(mut run: Tracer, actions: impl IntoIterator<Item = Action>) -> Self {
        let mut plan = Self::default();
        for action in actions {
            let Some(line) = run.record(action) else { break };
            plan.push(&run, &line);
        }
        plan
    }

    /// The plan of a run that takes the steps that are written so; as far as they are possible.
    pub fn following<'a>(mut run: Tracer, acts: impl IntoIterator<Item = &'a Act>) -> Self {
        let mut plan = Self::default();
        for act in acts {
            let Some(line) = run.follow(act) else { break };
            plan.push(&run, &line);
        }
        plan
    }

    /// The same for a system whose providers answer without being asked.
    #[must_use]
    pub fn unasked(mut self) -> Self {
        let asked = |what: &What| matches!(what, What::Answer(one) if one.reply.user.is_none());
        self.steps.retain(|step| !asked(&step.what));
        self
    }

    /// The first step of the run that makes one of these calls, whoever makes it.
    pub(crate) fn line_of(&self, calls: &BTreeSet<Calling>) -> Option<usize> {
        let makes = |step: &&Step| match &step.what {
            What::Call(calling) => calls.contains(&calling.kind()),
            What::Answer(_) | What::Returned { .. } => false,
        };
        self.steps.iter().find(makes).map(|step| step.line)
    }

    /// How many steps the run has.
    #[must_use]
    pub const fn lines(&self) -> usize {
        self.lines
    }

    /// Adds a step of the run, which has been taken.
    pub fn push(&mut self, run: &Tracer, line: &Line) {
        let client = &line.action.client;
        if let Deed::Begin { call, parameters, on } = &line.action.deed {
            let mut calling =
                Calling { client: client.clone(), call: call.clone(), ..Calling::default() };
            if let Some(parameters) = parameters {
                let logons = self.logons.entry(client.clone()).or_default();
                *logons += 1;
                let label = u32::try_from(self.labels.len()).unwrap_or(u32::MAX - 1) + 1;
                self.labels.insert(format!("{client}/{logons}"), label);
                "MAPILogonEx".clone_into(&mut calling.call);
                calling.profile.clone_from(&parameters.profile);
                calling.password = parameters.password;
                let flags = calls::logon_flags(&parameters.flags.join("|"));
                calling.flags = flags.unwrap_or_default().bits();
                calling.on = label;
            } else if let Some(on) = on.as_ref().or_else(|| self.held.get(client)) {
                calling.on = self.labels.get(on).copied().unwrap_or_default();
            }
            self.add(What::Call(calling));
        }
        self.answer(line);
        for shown in &line.effects {
            self.see(&shown.effect, client);
        }
        self.lines += 1;
        let names = run.names();
        for (at, one) in run.model().scenario().clients.iter().enumerate() {
            let sight = run.model().sight(run.state());
            // A call after the last Logoff is made on the pointer that was held before.
            if let Some(held) = sight.attachment(ClientId::from(at), None) {
                self.held.insert(one.name.clone(), names.session(held.slot.session()));
            }
        }
    }

    fn add(&mut self, what: What) {
        self.steps.push(Step { line: self.lines, what });
    }

    fn answering(&mut self, client: &str, to: String, reply: Reply) {
        let dialogs = match to.ends_with(" Logon") {
            true => self.shown.remove(client).unwrap_or_default(),
            false => Vec::new(),
        };
        self.add(What::Answer(Answering { client: client.to_owned(), to, dialogs, reply }));
    }

    /// What the user, or an entry point, answers.
    fn answer(&mut self, line: &Line) {
        let client = &line.action.client;
        match &line.action.deed {
            Deed::Answer { answer, profile, completed } => {
                let Some(user) = user_answer(answer) else { return };
                let to = self.open.remove(client).unwrap_or_default();
                if to.starts_with("provider:") {
                    self.shown.entry(client.clone()).or_default().push(user);
                    return;
                }
                let corrects = user == UserAnswer::Correct;
                let reply = Reply {
                    user: Some(user),
                    profile: profile.clone(),
                    completed: corrects.then_some(*completed),
                    result: None,
                };
                self.answering(client, to, reply);
            }
            Deed::Configure { completed } => {
                let reply = Reply { completed: Some(*completed), ..Reply::default() };
                self.answering(client, "configure:".to_owned(), reply);
            }
            Deed::Begin { .. }
            | Deed::Proceed
            | Deed::TimeOut
            | Deed::Try { .. }
            | Deed::Postpone
            | Deed::Refuse { .. } => {}
        }
    }

    fn see(&mut self, seen: &Seen, client: &str) {
        if let Seen::Provider { provider, call: call @ ("Init" | "Logon"), result, .. } = seen {
            let result = mapi_logon_model::mapi::Code::named(result).map(Hr::from);
            let reply = Reply { result, ..Reply::default() };
            self.answering(client, format!("{provider} {call}"), reply);
        } else if let Seen::Displayed { client, dialog } = seen {
            self.open.insert(client.clone(), dialog.clone());
        } else if let Seen::Returned { client, result, .. } = seen {
            let result = (*result).to_owned();
            self.add(What::Returned { client: client.clone(), result });
        }
    }
}

fn user_answer(name: &str) -> Option<UserAnswer> {
    UserAnswer::deserialize(StrDeserializer::<ValueError>::new(name)).ok()
}

/// Leads a system along a plan, as long as the system follows it.
#[derive(Clone, Debug)]
pub struct Lead<'p> {
    plan: &'p Plan,
    at: usize,
    /// How many results of each client have been compared.
    compared: BTreeMap<String, usize>,
    /// Where the system has left the plan, and how.
    left: Option<String>,
    /// How many steps of the run something that the system did later has shown.
    confirmed: usize,
}

impl<'p> Lead<'p> {
    /// At the beginning of the plan.
    #[must_use]
    pub const fn new(plan: &'p Plan) -> Self {
        Self { plan, at: 0, compared: BTreeMap::new(), left: None, confirmed: 0 }
    }

    /// How many steps of the run the system has shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.plan.steps.get(self.at).map_or(self.plan.lines, |step| step.line)
    }

    /// How many steps of the run are certain: the system has gone on as the run does. A question
    /// shows what came before it, and not yet what the system makes of the answer.
    #[must_use]
    pub const fn confirmed(&self) -> usize {
        self.confirmed
    }

    /// How the system has left the run.
    #[must_use]
    pub fn left(&self) -> Option<&str> {
        self.left.as_deref()
    }

    /// Has the system shown the whole run?
    #[must_use]
    pub const fn is_through(&self) -> bool {
        self.at == self.plan.steps.len()
    }

    /// Compares results that have come.
    ///
    /// # Errors
    /// Where a call returned otherwise, too early or not yet.
    fn compare(&mut self, table: &Table<'_, '_>) -> Result<(), String> {
        while let Some(Step { what: What::Returned { client, result }, line }) =
            self.plan.steps.get(self.at)
        {
            let compared = self.compared.entry(client.clone()).or_default();
            let own = table.client(client);
            match own.and_then(|own| table.results(own).nth(*compared)) {
                Some(came) if came == result => {}
                Some(came) => {
                    return Err(format!("{client}'s call returned {came}, not {result}"));
                }
                None => {
                    let asks = own.and_then(|own| table.question(own));
                    let asks = asks.map_or_else(String::new, |asks| format!(": it asked {asks}"));
                    return Err(format!("{client}'s call did not return {result} then{asks}"));
                }
            }
            *compared += 1;
            self.at += 1;
            self.confirmed = self.confirmed.max(line + 1);
        }
        let early = |name: &str| {
            let own = table.client(name)?;
            table.results(own).nth(self.compared.get(name).copied().unwrap_or_default())
        };
        let clients = self.plan.steps.iter().filter_map(|step| match &step.what {
            What::Call(calling) => Some(calling.client.as_str()),
            What::Answer(_) | What::Returned { .. } => None,
        });
        for name in clients {
            if let Some(came) = early(name) {
                return Err(format!("{name}'s call returned {came} before it does in the run"));
            }
        }
        Ok(())
    }

    /// The next move along the plan; nothing at its end.
    ///
    /// # Errors
    /// How the system has left the plan, or why the tool cannot bring the next step about.
    fn along(&mut self, table: &Table<'_, '_>) -> Result<Option<Next>, String> {
        self.compare(table)?;
        let Some(Step { what, line }) = self.plan.steps.get(self.at) else { return Ok(None) };
        let unknown = |client: &String| format!("no client is called {client}");
        let next = match what {
            What::Call(calling) => {
                let own = table.client(&calling.client);
                let client = own.ok_or_else(|| unknown(&calling.client))?;
                if !table.is_idle(client) {
                    return Err(format!("cannot make {}: a call is in progress", calling.call));
                }
                if !table.can_make(client, calling) {
                    return Err(format!("the adapter cannot make {} here", calling.call));
                }
                Next::Call(calling.clone())
            }
            What::Answer(Answering { client: name, to, reply, .. }) => {
                let client = table.client(name).ok_or_else(|| unknown(name))?;
                let question = table.question(client);
                let asked = question.is_some_and(|question| {
                    question == to || to == "configure:" && question.starts_with(to)
                });
                if !asked {
                    let instead = question.unwrap_or("nothing");
                    return Err(format!("{name}'s call asked {instead}, not {to}"));
                }
                self.confirmed = self.confirmed.max(*line);
                let mut offered = table.offered(client).iter();
                let at = offered.position(|one| agrees(reply, &one.reply));
                Next::Answer(
                    client,
                    at.ok_or_else(|| {
                        format!("drive cannot bring about this answer of {to} in {name}'s call")
                    })?,
                )
            }
            What::Returned { client, .. } => return Err(format!("{client}'s call goes on")),
        };
        self.at += 1;
        Ok(Some(next))
    }
}

impl Chooser for Lead<'_> {
    fn next(&mut self, table: &Table<'_, '_>) -> Option<Next> {
        if self.left.is_none() {
            match self.along(table) {
                Ok(Some(next)) => return Some(next),
                Ok(None) => {}
                Err(left) => {
                    // What an entry point without data is asked is no part of a run of the model.
                    if let Some(unseen) = unseen(table) {
                        return Some(Script::plain(table, unseen));
                    }
                    self.left = Some(left);
                }
            }
        }
        unseen(table).or_else(|| table.held().first().copied()).map(|one| Script::plain(table, one))
    }

    fn path(&mut self, client: &str, to: &str, paths: &[Vec<Answer>]) -> usize {
        let wanted = self.plan.steps[self.at..].iter().find_map(|step| match &step.what {
            What::Answer(one) if one.client == client && one.to == to => Some(&one.dialogs),
            What::Answer(_) | What::Call(_) | What::Returned { .. } => None,
        });
        let Some(wanted) = wanted else { return 0 };
        let same =
            |path: &Vec<Answer>| path.iter().copied().map(answer_of).eq(wanted.iter().copied());
        paths.iter().position(same).unwrap_or_default()
    }
}

/// The client whose call is held by a question that no run of the model has.
fn unseen(table: &Table<'_, '_>) -> Option<ClientId> {
    table
        .held()
        .into_iter()
        .find(|one| table.question(*one).is_some_and(|question| question.starts_with("configure:")))
}

/// Whether a reply is the one wanted, as far as that says.
fn agrees(wanted: &Reply, reply: &Reply) -> bool {
    (wanted.result.is_none() || wanted.result == reply.result)
        && (wanted.user.is_none() || wanted.user == reply.user)
        && (wanted.completed.is_none() || wanted.completed == reply.completed)
        && (wanted.profile.is_none() || wanted.profile == reply.profile)
}

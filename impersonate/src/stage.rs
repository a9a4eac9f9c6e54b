//! One run of a client: its calls, in the order in which they come, and the answers to them.

use mapi_logon_model::ids::{ClientId, LOGONS};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::protocol::{CALL_NAMES, Call, Logon, Method};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::{Session, Slots};
use mapi_logon_traces::calls;
use mapi_logon_traces::tracer::{DEAD, any_calls};

use crate::answers::{Answered, KEPT, Plan};
use crate::conduct::{Conduct, Ending};
use crate::finding::Seen;
use crate::oracle::{Belief, Oracle, Row};
use crate::wire::{Asked, Said, answer};

/// The least number of client processes for which the model has room.
const PROCESSES: usize = 4;

/// Most sessions of a process that is not the first.
const LATER: usize = 4;

/// Calls that the model does not have, and that are answered without it.
const OWN: [&str; 2] = ["GetLastError", "GetMsgServiceTable"];

/// The model of a scenario whose clients are the processes of a real client.
#[must_use]
pub fn opened(mut scenario: Scenario) -> Model {
    while let (true, Some(last)) = (scenario.clients.len() < PROCESSES, scenario.clients.last()) {
        let copy = last.clone();
        scenario.clients.push(copy);
    }
    for (at, client) in scenario.clients.iter_mut().enumerate() {
        client.name = format!("process-{}", at + 1);
        (client.initializes, client.initialized) = (true, false);
        client.any_flags = Some(LogonFlags::all());
    }
    (scenario.timing, scenario.load) = (None, None);
    let count = scenario.clients.len();
    let later = LATER.min(LOGONS / count);
    let first = LOGONS - later * (count - 1);
    let slots = Slots::of((0..count).map(|at| if at == 0 { first } else { later }));
    any_calls(scenario, slots, None)
}

/// One run.
#[derive(Debug)]
pub struct Stage {
    oracle: Oracle,
    belief: Belief,
    plan: Plan,
    conduct: Conduct,
    answered: Vec<Answered>,
    /// For each session its process and slot.
    sessions: Vec<(u32, u8)>,
    /// Processes of the system, in the order of their first connections.
    processes: Vec<u64>,
    unmodelled: Vec<String>,
    calls: u64,
    max_retries: u64,
    stop: Option<Stop>,
}

/// Why a run is not to go on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// A call was repeated too often.
    Storm,
    /// A dialog waits for an answer that the scenario does not have.
    Blocked,
    /// A line of the shim is nonsense.
    Nonsense(String),
}

/// What became of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// What the client did that it is asked not to do.
    pub seen: Vec<Seen>,
    /// The answers that were given.
    pub answered: Vec<Answered>,
    /// How many calls the client made.
    pub calls: u64,
    /// How many of its processes called.
    pub processes: usize,
    /// What was called that the model does not have.
    pub unmodelled: Vec<String>,
    /// Why the run was stopped, if it was.
    pub stop: Option<Stop>,
    /// The first call that was not the planned one, from 1.
    pub departed: Option<usize>,
    /// How the client ended.
    pub ending: Ending,
}

impl Stage {
    /// A client is stopped when a call fails more than `max_retries` times without a success.
    #[must_use]
    pub fn new(model: Model, max_retries: u64) -> Self {
        let mut oracle = Oracle::new(model);
        Self {
            belief: oracle.begin(),
            oracle,
            plan: Plan::of(Vec::new()),
            conduct: Conduct::default(),
            answered: Vec::new(),
            sessions: Vec::new(),
            processes: Vec::new(),
            unmodelled: Vec::new(),
            calls: 0,
            max_retries,
            stop: None,
        }
    }

    /// A new run.
    pub fn begin(&mut self, plan: Plan) {
        self.belief = self.oracle.begin();
        self.plan = plan;
        self.conduct = Conduct::default();
        self.answered.clear();
        self.sessions.clear();
        self.processes.clear();
        self.unmodelled.clear();
        (self.calls, self.stop) = (0, None);
    }

    /// The run is over.
    pub fn end(&mut self, ending: Ending, expected: &[i32]) -> Report {
        let ending = if self.stop.is_some() { Ending::Stopped } else { ending };
        Report {
            seen: std::mem::take(&mut self.conduct).judged(ending, expected),
            answered: std::mem::take(&mut self.answered),
            calls: self.calls,
            processes: self.processes.len(),
            unmodelled: std::mem::take(&mut self.unmodelled),
            stop: self.stop.take(),
            departed: self.plan.departed(),
            ending,
        }
    }

    /// Why the run is not to go on.
    #[must_use]
    pub const fn stop(&self) -> Option<&Stop> {
        self.stop.as_ref()
    }

    /// Whether more was possible somewhere than was followed.
    #[must_use]
    pub const fn is_incomplete(&self) -> bool {
        self.oracle.is_incomplete()
    }

    /// The number of a process of the system, from 1.
    pub(crate) fn process(&mut self, id: u64) -> u32 {
        let known = self.processes.iter().position(|known| *known == id);
        let at = known.unwrap_or_else(|| {
            self.processes.push(id);
            self.processes.len() - 1
        });
        u32::try_from(at + 1).unwrap_or(u32::MAX)
    }

    /// A line is nonsense.
    pub(crate) fn baffled(&mut self, line: &str) {
        self.stop.get_or_insert(Stop::Nonsense(line.chars().take(200).collect()));
    }

    /// Hears what a process says; the line to answer, if one is due.
    pub(crate) fn hear(&mut self, process: u32, said: Said) -> Option<String> {
        match said {
            Said::Unmodelled(what) => {
                if !self.unmodelled.contains(&what) {
                    self.unmodelled.push(what);
                }
                None
            }
            Said::Bye(buffers) => {
                self.conduct.ended(process, buffers);
                None
            }
            Said::Call(asked) => self.called(process, &asked),
        }
    }

    fn called(&mut self, process: u32, asked: &Asked) -> Option<String> {
        if self.stop.is_some() {
            return None;
        }
        if !CALL_NAMES.contains(&asked.name.as_str()) && !OWN.contains(&asked.name.as_str()) {
            self.baffled(&asked.written());
            return None;
        }
        self.calls += 1;
        let usable = self.conduct.called(self.oracle.model(), process, asked);
        let call = match self.call(process, asked, usable) {
            Ok(call) => call,
            Err(result) => return self.reply(process, asked, result, None, Vec::new()),
        };
        let client = ClientId::from(process as usize - 1);
        let replies = self.oracle.replies(self.belief, client, call);
        if replies.is_empty() {
            self.stop = Some(Stop::Blocked);
            return None;
        }
        let written = asked.written();
        let at = self.plan.choose(process, &written, &replies);
        if self.answered.len() < KEPT {
            self.answered.push(Answered::of(process, written, &replies, at));
        }
        self.belief = match self.plan.decided() {
            Some(which) => self.oracle.narrowed(replies[at].next, which),
            None => replies[at].next,
        };
        let slot = call.logon().map(|logon| logon.slot);
        self.reply(process, asked, replies[at].result, slot, replies[at].rows.clone())
    }

    fn reply(
        &mut self,
        process: u32,
        asked: &Asked,
        result: Code,
        slot: Option<u8>,
        rows: Vec<Row>,
    ) -> Option<String> {
        let obtained = slot.filter(|_| result.is_success());
        if let Some(slot) = obtained {
            // Pointers that were logged off and not released lead nowhere now.
            let same = self.sessions.iter_mut().filter(|held| **held == (process, slot));
            same.for_each(|held| held.1 = DEAD);
            self.sessions.push((process, slot));
        }
        let failed = self.conduct.answered(process, asked, result, obtained.is_some());
        if failed > self.max_retries {
            self.conduct.storms(asked, failed, result);
            self.stop = Some(Stop::Storm);
        }
        let rows = if result.is_success() { self.rows(process, asked, rows) } else { Vec::new() };
        let session = obtained.map(|_| u32::try_from(self.sessions.len()).unwrap_or(u32::MAX));
        Some(answer(result, session, &rows))
    }

    /// The rows of a table; of the services those of the session's profile.
    fn rows(&self, process: u32, asked: &Asked, rows: Vec<Row>) -> Vec<Row> {
        if asked.name != "GetMsgServiceTable" {
            return rows;
        }
        let (model, client) = (self.oracle.model(), ClientId::from(process as usize - 1));
        let Some(state) = self.oracle.states(self.belief).next() else { return rows };
        let sight = model.sight(state);
        let held = sight.attachment(client, Some(self.slot(asked)));
        let profile = held.and_then(|held| sight.session(held.session).profile());
        let services = profile.map(|profile| model.scenario().profiles[profile.index()].services);
        let kept = services.into_iter().flatten().filter(|one| !sight.removed().contains(*one));
        kept.map(|service| (model.words().service(service).to_owned(), None)).collect()
    }

    fn held(&self, asked: &Asked) -> Option<&(u32, u8)> {
        let at = asked.session.map_or(0, |number| number as usize);
        self.sessions.get(at.wrapping_sub(1))
    }

    /// Whether the process obtained the session that is called.
    fn owns(&self, process: u32, asked: &Asked) -> bool {
        self.held(asked).is_some_and(|held| held.0 == process)
    }

    /// The slot of the session that is called.
    fn slot(&self, asked: &Asked) -> u8 {
        self.held(asked).map_or(DEAD, |held| held.1)
    }

    /// The call as the model has it; where it has none, the answer.
    fn call(&mut self, process: u32, asked: &Asked, usable: bool) -> Result<Call, Code> {
        let model = self.oracle.model();
        let scenario = model.scenario();
        let client = ClientId::from(process as usize - 1);
        if client.index() >= scenario.clients.len() {
            let what = format!("more than {} processes", scenario.clients.len());
            self.hear(process, Said::Unmodelled(what));
            return Err(Code::CallFailed);
        }
        let ready = self.conduct.is_initialized(process);
        let missing = match (ready, usable) {
            (false, _) => Code::NotInitialized,
            (true, false) => Code::InvalidObject,
            (true, true) => Code::NotFound,
        };
        let call = match asked.name.as_str() {
            name if OWN.contains(&name) => {
                return Err(if missing == Code::NotFound { Code::Ok } else { missing });
            }
            "Logoff" => {
                let flags = mapi_logon_model::mapi::LogoffFlags::from_bits_truncate(asked.flags);
                Call::OnSession(None, Method::Logoff(flags))
            }
            "MAPILogonEx" => {
                let Some(slot) = self.free_slot(client) else {
                    self.hear(process, Said::Unmodelled("more sessions at once".to_owned()));
                    return Err(Code::LogonFailed);
                };
                return Ok(Call::LogonEx(Logon {
                    slot,
                    name: calls::name_parameter(scenario, asked.profile.as_deref()),
                    password: asked.password,
                    flags: LogonFlags::from_bits_retain(asked.flags),
                }));
            }
            name => {
                let target = asked.profile.clone().or_else(|| asked.target.clone());
                // A service is known by the 16 bytes of its MAPIUID.
                let target = target.map(|target| {
                    match scenario.services.iter().find(|service| {
                        name == "RemoveService"
                            && target.len() == 16
                            && service.name.starts_with(&target)
                    }) {
                        Some(service) => service.name.clone(),
                        None => target,
                    }
                });
                let written = target.map_or_else(|| name.to_owned(), |to| format!("{name}:{to}"));
                calls::call(scenario, &written).map_err(|_unknown| missing)?
            }
        };
        Ok(match call {
            Call::OnSession(_, method) => {
                if !self.owns(process, asked) {
                    return Err(if ready { Code::InvalidObject } else { Code::NotInitialized });
                }
                Call::OnSession(Some(self.slot(asked)), method)
            }
            call @ (Call::LogonEx(_)
            | Call::Initialize
            | Call::Uninitialize
            | Call::DeleteProfile(_)) => call,
        })
    }

    /// A slot of the client that is free, whatever state the run is in.
    fn free_slot(&self, client: ClientId) -> Option<u8> {
        let (model, slots) = (self.oracle.model(), self.oracle.model().slots());
        (0..slots.count(client)).find(|number| {
            let Some(slot) = slots.of_client(client, *number) else { return false };
            self.oracle.states(self.belief).all(|state| {
                let sight = model.sight(state);
                *sight.session(slot.session()) == Session::NONE
                    && sight.attachments().iter().all(|held| held.slot != slot)
            })
        })
    }
}

#[cfg(test)]
mod tests;

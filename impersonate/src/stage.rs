//! One run of a client: its calls, in the order in which they come, and the answers to them.

use std::collections::BTreeMap;
use std::time::Duration;

use mapi_logon_model::ids::{ClientId, LOGONS};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogonFlags};
use mapi_logon_model::protocol::CALL_NAMES;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::world::Slots;
use mapi_logon_traces::tracer::{DEAD, any_calls};

use crate::answers::{Answered, KEPT, Plan};
use crate::conduct::{Conduct, Ending};
use crate::finding::Seen;
use crate::oracle::{Belief, Oracle, Row};
use crate::pace::Pace;
use crate::wire::{Asked, Said, answer};

/// The least number of client processes for which the model has room.
const PROCESSES: usize = 4;

/// Most sessions of a process that is not the first.
const LATER: usize = 4;

/// Calls that the model does not have, and that are answered without it.
const OWN: [&str; 5] =
    ["GetLastError", "AdminServices", "GetMsgServiceTable", "GetProviderTable", "GetProfileTable"];

mod calls;
mod tables;

/// The model of a scenario whose clients are the processes of a real client.
#[must_use]
pub fn opened(scenario: Scenario) -> Model {
    let mut scenario = staffed(scenario, PROCESSES);
    (scenario.timing, scenario.load) = (None, None);
    let count = scenario.clients.len();
    let later = LATER.min(LOGONS / count);
    let first = LOGONS - later * (count - 1);
    let slots = Slots::of((0..count).map(|at| if at == 0 { first } else { later }));
    any_calls(scenario, slots, None)
}

/// The scenario with processes for clients, at least this number of them.
pub(crate) fn staffed(mut scenario: Scenario, least: usize) -> Scenario {
    while let (true, Some(last)) = (scenario.clients.len() < least, scenario.clients.last()) {
        let copy = last.clone();
        scenario.clients.push(copy);
    }
    for (at, client) in scenario.clients.iter_mut().enumerate() {
        client.name = format!("process-{}", at + 1);
        (client.initializes, client.initialized) = (true, false);
        client.any_flags = Some(LogonFlags::all());
    }
    scenario
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
    /// The pointer that leads to a slot of a process.
    holders: BTreeMap<(u32, u8), usize>,
    threads: usize,
    unmodelled: Vec<String>,
    calls: u64,
    max_retries: u64,
    pace: Option<Pace>,
    stop: Option<Stop>,
}

/// A line for a client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Answer {
    pub(crate) line: String,
    /// How long the client waits for it.
    pub(crate) after: Duration,
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
    /// How many of their threads called.
    pub threads: usize,
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
            holders: BTreeMap::new(),
            threads: 0,
            unmodelled: Vec::new(),
            calls: 0,
            max_retries,
            pace: None,
            stop: None,
        }
    }

    /// Calls take the times of the scenario, and providers fail when it says so.
    #[must_use]
    pub fn paced(mut self, pace: Option<Pace>) -> Self {
        self.pace = pace;
        self
    }

    /// A world in which nothing has been called yet.
    fn anew(&mut self) {
        self.belief = self.oracle.begin();
        self.conduct = Conduct::default();
        self.sessions.clear();
        self.holders.clear();
        self.pace.iter_mut().for_each(Pace::begin);
    }

    /// A new run.
    pub fn begin(&mut self, plan: Plan) {
        self.anew();
        self.plan = plan;
        self.answered.clear();
        self.processes.clear();
        self.unmodelled.clear();
        (self.calls, self.threads, self.stop) = (0, 0, None);
    }

    /// The run is over.
    pub fn end(&mut self, ending: Ending, expected: &[i32]) -> Report {
        let ending = if self.stop.is_some() { Ending::Stopped } else { ending };
        Report {
            seen: std::mem::take(&mut self.conduct).judged(ending, expected),
            answered: std::mem::take(&mut self.answered),
            calls: self.calls,
            processes: self.processes.len(),
            threads: self.threads,
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

    /// A thread calls for the first time.
    pub(crate) const fn meets_thread(&mut self) {
        self.threads += 1;
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

    /// Hears what a process says; the answer, if one is due.
    pub(crate) fn hear(&mut self, process: u32, said: Said) -> Option<Answer> {
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
            Said::Crash(code) => {
                self.conduct.crashed(code);
                None
            }
            Said::World => {
                self.anew();
                Some(Answer { line: answer(Code::Ok, None, &[]), after: Duration::ZERO })
            }
            Said::Call(asked) => self.called(process, &asked),
        }
    }

    fn called(&mut self, process: u32, asked: &Asked) -> Option<Answer> {
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
            Err(result) => {
                let rows = if result.is_success() { self.rows(process, asked) } else { Vec::new() };
                return Some(self.reply(process, asked, result, None, &rows));
            }
        };
        let client = ClientId::from(process as usize - 1);
        let weather = self.pace.as_mut().and_then(Pace::weather);
        let replies = self.oracle.replies(self.belief, client, call, weather);
        if replies.is_empty() {
            self.stop = Some(Stop::Blocked);
            return None;
        }
        let written = asked.written();
        let at = self.plan.choose(process, &written, &replies);
        let reply = &replies[at];
        self.belief = match self.plan.decided() {
            Some(which) => self.oracle.narrowed(reply.next, which),
            None => reply.next,
        };
        let slot = call.logon().map(|logon| logon.slot).filter(|_| reply.result.is_success());
        let session = slot.map_or(asked.session, |_| Some(number(self.sessions.len() + 1)));
        if self.answered.len() < KEPT {
            let mut answered = Answered::of(process, written, &replies, at);
            (answered.flags, answered.password) = (asked.flags, asked.password);
            answered.session = session.unwrap_or_default();
            self.answered.push(answered);
        }
        let rows: &[Row] = if reply.result.is_success() { &reply.rows } else { &[] };
        let mut answer = self.reply(process, asked, reply.result, slot, rows);
        if let Some(pace) = &mut self.pace {
            answer.after = pace.takes(&reply.spent);
        }
        Some(answer)
    }

    fn reply(
        &mut self,
        process: u32,
        asked: &Asked,
        result: Code,
        obtained: Option<u8>,
        rows: &[Row],
    ) -> Answer {
        if let Some(slot) = obtained {
            // A pointer that was logged off and not released leads nowhere now.
            if let Some(old) = self.holders.insert((process, slot), self.sessions.len()) {
                self.sessions[old].1 = DEAD;
            }
            self.sessions.push((process, slot));
        }
        let failed = self.conduct.answered(process, asked, result, obtained.is_some());
        if failed > self.max_retries {
            self.conduct.storms(asked, failed, result);
            self.stop = Some(Stop::Storm);
        }
        let session = obtained.map(|_| number(self.sessions.len()));
        Answer { line: answer(result, session, rows), after: Duration::ZERO }
    }
}

/// A number from 1, as lines have it.
fn number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;

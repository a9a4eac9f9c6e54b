//! The conduct of a client in one run: what its processes did with MAPI, and what they left behind.

use std::collections::BTreeMap;

use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::{Code, LogoffFlags, LogonFlags};
use mapi_logon_model::policy::ServiceNoMail;
use mapi_logon_model::protocol::NameParameter;
use mapi_logon_traces::calls::name_parameter;

use crate::finding::{Kind, Seen};
use crate::wire::Asked;

/// What is known of a session pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Held {
    Open,
    LoggedOff,
    Released,
}

/// A session pointer that a process got.
#[derive(Clone, Copy, Debug)]
struct Session {
    process: u32,
    held: Held,
    /// The call that warned, and whose details nobody has asked for yet.
    warned: bool,
}

/// A process of the client.
#[derive(Clone, Debug, Default)]
struct Process {
    initialized: u32,
    buffers: u64,
    /// For each call how often it has failed since it last succeeded.
    failures: BTreeMap<String, u64>,
}

/// How a client ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ending {
    /// With this status.
    Status(i32),
    /// By this signal.
    Signal(i32),
    /// It was still there when its time was over.
    Hung,
    /// It was stopped, as nothing more was to be learnt.
    Stopped,
}

/// The conduct of a client in one run.
#[derive(Debug, Default)]
pub struct Conduct {
    processes: BTreeMap<u32, Process>,
    sessions: Vec<Session>,
    seen: Vec<Seen>,
    crashed: bool,
}

impl Conduct {
    fn see(&mut self, kind: Kind, text: String) {
        if self.seen.iter().all(|seen| seen.kind != kind) {
            self.seen.push(Seen { kind, text });
        }
    }

    /// Whether the process has initialised MAPI.
    pub(crate) fn is_initialized(&self, process: u32) -> bool {
        self.processes.get(&process).is_some_and(|process| process.initialized > 0)
    }

    /// A call before it is answered; whether the process may make it on its session.
    pub(crate) fn called(&mut self, model: &Model, process: u32, asked: &Asked) -> bool {
        match asked.name.as_str() {
            "MAPILogonEx" => self.logs_on(model, asked),
            "Logoff" if asked.flags & LogoffFlags::MAPI_LOGOFF_SHARED.bits() != 0 => {
                let text = "it passes MAPI_LOGOFF_SHARED to Logoff, which makes all clients end";
                self.see(Kind::SharedLogoff, text.to_owned());
            }
            _ => {}
        }
        let Some(number) = asked.session else { return true };
        let call = &asked.name;
        let known = self.sessions.get_mut((number as usize).wrapping_sub(1));
        let Some(session) = known.filter(|session| session.process == process) else {
            let text = format!("process {process} calls {call} on a session it did not obtain");
            self.see(Kind::ForeignSession, text);
            return false;
        };
        let warned = std::mem::take(&mut session.warned) && call != "GetLastError";
        let held = session.held;
        if warned {
            self.ignores();
        }
        match held {
            Held::LoggedOff if call != "Release" => {
                let text = format!("it calls {call} on a session after its Logoff");
                self.see(Kind::UsedAfterLogoff, text);
            }
            Held::Released => {
                let text = format!("it calls {call} on a session after its last Release");
                self.see(Kind::UsedAfterRelease, text);
            }
            Held::Open | Held::LoggedOff => {}
        }
        held == Held::Open || held == Held::LoggedOff && call == "Release"
    }

    fn ignores(&mut self) {
        let text = "it does not call GetLastError after MAPI_W_ERRORS_RETURNED";
        self.see(Kind::IgnoredWarning, text.to_owned());
    }

    fn logs_on(&mut self, model: &Model, asked: &Asked) {
        let flags = LogonFlags::from_bits_retain(asked.flags);
        let scenario = model.scenario();
        let name = name_parameter(scenario, asked.profile.as_deref());
        let mut advise = |wrong: bool, kind, text: &str| {
            if wrong {
                self.see(kind, text.to_owned());
            }
        };
        advise(
            !flags.contains(LogonFlags::MAPI_EXTENDED),
            Kind::NotExtended,
            "it logs on without MAPI_EXTENDED",
        );
        advise(
            flags.contains(LogonFlags::MAPI_NT_SERVICE)
                && !flags.contains(LogonFlags::MAPI_NO_MAIL)
                && scenario.policy.service_no_mail == ServiceNoMail::Lint,
            Kind::ServiceWithMail,
            "it logs on as a Windows service without MAPI_NO_MAIL",
        );
        advise(
            matches!(name, NameParameter::Name { .. })
                && !flags.contains(LogonFlags::MAPI_NEW_SESSION),
            Kind::MayShare,
            "it logs on to one profile without MAPI_NEW_SESSION, and may land in a shared session",
        );
        let lacking = name.profile().is_some_and(|profile| {
            let profile = &scenario.profiles[profile.index()];
            let mut services = profile.services;
            let mut providers = profile.providers;
            services.any(|service| !scenario.services[service.index()].complete)
                || providers.any(|provider| !scenario.providers[provider.index()].complete)
        });
        advise(
            lacking && !model.permissions(flags).ui_cfg,
            Kind::LacksDialogs,
            "it names a profile that lacks data and allows no configuration dialog",
        );
    }

    /// A call after it was answered; `obtained` a session. How often it has failed in turn.
    pub(crate) fn answered(
        &mut self,
        process: u32,
        asked: &Asked,
        result: Code,
        obtained: bool,
    ) -> u64 {
        let own = self.processes.entry(process).or_default();
        let succeeded = result.is_success();
        match asked.name.as_str() {
            "MAPIInitialize" if succeeded => own.initialized += 1,
            "MAPIUninitialize" if succeeded => {
                own.initialized = own.initialized.saturating_sub(1);
            }
            _ => {}
        }
        let failed = if succeeded {
            own.failures.clear();
            0
        } else {
            let failures = own.failures.entry(asked.written()).or_default();
            *failures += 1;
            *failures
        };
        let warned = result == Code::ErrorsReturned;
        if obtained {
            self.sessions.push(Session { process, held: Held::Open, warned });
        }
        let number = asked.session.map_or(0, |number| number as usize);
        if let Some(session) = self.sessions.get_mut(number.wrapping_sub(1))
            && session.process == process
        {
            session.warned |= warned && asked.session.is_some();
            match asked.name.as_str() {
                "Logoff" if succeeded && session.held == Held::Open => {
                    session.held = Held::LoggedOff;
                }
                "Release" => {
                    let only = session.held == Held::Open;
                    session.held = Held::Released;
                    if only {
                        let text = "it releases a session without Logoff";
                        self.see(Kind::ReleasedOnly, text.to_owned());
                    }
                }
                _ => {}
            }
        }
        failed
    }

    /// A call was repeated too often after failures.
    pub(crate) fn storms(&mut self, asked: &Asked, failed: u64, result: Code) {
        let (call, result) = (asked.written(), result.name());
        let text = format!("it repeats {call}, which has failed {failed} times, last {result}");
        self.see(Kind::Storm, text);
    }

    /// A process has said goodbye.
    pub(crate) fn ended(&mut self, process: u32, buffers: u64) {
        self.processes.entry(process).or_default().buffers = buffers;
    }

    /// A process ends by an exception of Windows, which its status does not show.
    pub(crate) fn crashed(&mut self, code: u32) {
        self.crashed = true;
        self.see(Kind::Crash, format!("it ends by exception {code:#010x}{}", exception(code)));
    }

    /// What was seen in the run; `expected` are the statuses with which the client may end.
    pub(crate) fn judged(mut self, ending: Ending, expected: &[i32]) -> Vec<Seen> {
        match ending {
            Ending::Signal(signal) => {
                self.see(Kind::Crash, format!("it ends by signal {signal}{}", name(signal)));
            }
            Ending::Hung => self.see(Kind::Hang, "it does not end in time".to_owned()),
            Ending::Stopped => {}
            Ending::Status(_) if self.crashed => {}
            Ending::Status(status) => {
                self.leaves();
                if !expected.is_empty() && !expected.contains(&status) {
                    self.see(Kind::Status, format!("it ends with status {status}"));
                }
            }
        }
        self.seen.sort();
        self.seen
    }

    /// What a client that has ended leaves behind.
    fn leaves(&mut self) {
        if self.sessions.iter().any(|session| session.warned) {
            self.ignores();
        }
        let open = self.sessions.iter().filter(|session| session.held == Held::Open).count();
        if open > 0 {
            let text = "it ends with a session that is neither logged off nor released";
            self.see(Kind::LeftSession, text.to_owned());
        }
        let mut texts = Vec::new();
        for own in self.processes.values() {
            if own.initialized > 0 {
                let text = "it ends without the MAPIUninitialize that undoes MAPIInitialize";
                texts.push((Kind::LeftInitialized, text.to_owned()));
            }
            if own.buffers > 0 {
                let text = format!("it ends with buffers that are not freed: {}", own.buffers);
                texts.push((Kind::LeftBuffers, text));
            }
        }
        texts.into_iter().for_each(|(kind, text)| self.see(kind, text));
    }
}

/// The usual name of a signal, for a sentence.
const fn name(signal: i32) -> &'static str {
    match signal {
        4 => " (SIGILL)",
        6 => " (SIGABRT)",
        8 => " (SIGFPE)",
        9 => " (SIGKILL)",
        11 => " (SIGSEGV)",
        13 => " (SIGPIPE)",
        15 => " (SIGTERM)",
        _ => "",
    }
}

/// The usual name of an exception of Windows, for a sentence.
const fn exception(code: u32) -> &'static str {
    match code {
        0xC000_0005 => " (access violation)",
        0xC000_001D => " (illegal instruction)",
        0xC000_0094 => " (integer division by zero)",
        0xC000_00FD => " (stack overflow)",
        _ => "",
    }
}

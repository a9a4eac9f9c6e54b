//! The words of a story: a sentence with its clauses for each thing that matters in a step.

use mapi_logon_model::ids::{ClientId, ServiceId, SessionId};
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::policy::SharedSessions;
use mapi_logon_model::protocol::{
    Action, Call, Dialog, Effect, Event, Logon, Method, NameParameter, Origin, ProviderCall, Task,
    Transition,
};
use mapi_logon_model::world::State;

use crate::explain::verdict::Sentence;
use crate::recording::{RecordedEvent, Returned};

/// A step of a run, with the places in the log of what it concerns.
pub(crate) struct Moment<'a> {
    pub(crate) model: &'a Model,
    pub(crate) before: &'a State,
    pub(crate) action: Action,
    pub(crate) step: &'a Step,
    /// Where the logon stands that made a session.
    pub(crate) session: &'a dyn Fn(SessionId) -> Option<String>,
    /// Where the call stands that a client is in.
    pub(crate) caller: &'a dyn Fn(ClientId) -> Option<String>,
}

fn said(text: impl Into<String>, clauses: &[&str]) -> Option<Sentence> {
    Some(Sentence::new(text, clauses))
}

fn assumed(text: impl Into<String>, clauses: &[&str]) -> Option<Sentence> {
    Some(Sentence::assumed(text, clauses))
}

/// Words joined as in a sentence.
pub(crate) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., end] => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// The clause of a fault's cause.
pub(crate) const fn clause_of(fault: Fault) -> &'static str {
    match fault {
        Fault::InvalidPath => "FLT-1",
        Fault::ProviderTooNew | Fault::ProviderTooOld => "FLT-2",
        Fault::ServerUnavailable => "FLT-3",
        Fault::DataCorruption => "FLT-4",
    }
}

impl Moment<'_> {
    /// What matters in the step, in order: what was seen of it, then why the call goes on so.
    pub(crate) fn sentences(&self) -> Vec<Sentence> {
        let mut told: Vec<_> =
            self.step.effects.iter().filter_map(|effect| self.effect(*effect)).collect();
        told.extend(self.logged_on());
        let taken = self.step.taken.iter().filter_map(|taken| self.reason(taken.transition));
        told.extend(taken);
        told
    }

    /// Why the call goes on as it does, and the services it loses.
    pub(crate) fn reasons(&self) -> Vec<Sentence> {
        let lost = self.step.effects.iter();
        let lost = lost.filter(|effect| matches!(effect, Effect::ServiceDisabled { .. }));
        let lost = lost.filter_map(|effect| self.effect(*effect));
        let mut told: Vec<_> = lost.collect();
        let taken = self.step.taken.iter().map(|taken| taken.transition);
        let taken = taken.filter(|one| !matches!(one, Transition::T60 | Transition::T72));
        told.extend(taken.filter_map(|transition| self.reason(transition)));
        told
    }

    /// The providers that are logged on by the step.
    fn logged_on(&self) -> Option<Sentence> {
        let names = self.step.effects.iter().filter_map(|effect| {
            if let Effect::Registered { provider, registered: true, .. } = *effect {
                Some(self.model.words().provider(provider).to_owned())
            } else {
                None
            }
        });
        let names: Vec<_> = names.collect();
        let verb = if names.len() == 1 { "is" } else { "are" };
        if names.is_empty() {
            return None;
        }
        said(format!("{} {verb} logged on", listed(&names, "and")), &["PRV-50"])
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others need no sentence")]
    fn effect(&self, effect: Effect) -> Option<Sentence> {
        let words = self.model.words();
        match effect {
            Effect::Joined { session, .. } => {
                let of = (self.session)(session).map_or_else(String::new, |at| format!(" of {at}"));
                let sharing = self.model.scenario().policy.shared_sessions;
                if sharing == SharedSessions::ByProfile {
                    let text = format!(
                        "joins the session{of} on the same profile, as every logon \
                                        does under SHARED_SESSIONS = by_profile"
                    );
                    return said(text, &["SHR-1"]);
                }
                let text = format!("joins the shared session{of}; name and password do not matter");
                said(text, &["FLW-4", "SHR-4"])
            }
            Effect::Resolved { profile: Some(profile), origin, .. } => {
                let name = words.profile(profile);
                match origin {
                    Origin::Given => None,
                    Origin::Default => said(format!("{name} is the default profile"), &["PAR-12b"]),
                    Origin::Picked => {
                        assumed(format!("the user picks profile {name}"), &["PAR-12e"])
                    }
                }
            }
            Effect::Displayed { dialog, .. } => self.dialog(dialog),
            Effect::Answered { answer, .. } => {
                assumed(format!("the user answers: {}", words.answer(answer)), &["RTY-7"])
            }
            Effect::Sought { service, found: false, .. } => {
                let text = format!(
                    "the configuration of {} is incomplete in the profile",
                    words.service(service)
                );
                said(text, &["SVC-2"])
            }
            Effect::EntryPoint { service, result, .. } => {
                let name = words.service(service);
                let text = format!("the entry point of {name} answers {}", result.name());
                said(text, &["SVC-12"])
            }
            Effect::SessionOpened { session } => self.opened(session),
            Effect::SessionClosed { .. } if self.took(Transition::T81) => {
                said("the last member logs off, and the session ends", &["SHR-13", "OFF-21"])
            }
            Effect::ProfileMarked { profile } => {
                let name = words.profile(profile);
                said(format!("{name} is marked for deletion"), &["PRF-12"])
            }
            Effect::ServiceRemoved { service } => {
                let name = words.service(service);
                let text = format!("{name} is taken out of its profile, from the next session on");
                said(text, &["OPN-14"])
            }
            Effect::Identity { provider, .. } => match provider {
                Some(one) => {
                    said(format!("{} supplies the identity", words.provider(one)), &["OPN-13"])
                }
                None => said("no provider supplies an identity", &["OPN-13"]),
            },
            Effect::Notified { client, event, .. } => {
                let clause = if event == Event::CriticalError { "OFF-8" } else { "OFF-9" };
                said(format!("{} is notified", words.client(client)), &[clause])
            }
            other => self.trouble(other),
        }
    }

    /// The effects of faults and failures.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others need no sentence")]
    fn trouble(&self, effect: Effect) -> Option<Sentence> {
        let words = self.model.words();
        let strikes = |fault: Fault, what: String| {
            assumed(format!("{} strikes {what}", fault.name()), &[clause_of(fault)])
        };
        match effect {
            Effect::Struck { provider, fault } => {
                strikes(fault, words.provider(provider).to_owned())
            }
            Effect::ServiceStruck { service, fault } => {
                strikes(fault, format!("the configuration of {}", words.service(service)))
            }
            Effect::ProfileDamaged { profile } => {
                strikes(Fault::DataCorruption, format!("profile {}", words.profile(profile)))
            }
            Effect::Repaired { provider } => {
                let name = words.provider(provider);
                assumed(format!("the fault of {name} is gone"), &["FLT-10"])
            }
            Effect::Provider {
                provider,
                call: ProviderCall::Init | ProviderCall::Logon,
                result: Code::FailOneProvider,
                ..
            } => {
                let name = words.provider(provider);
                let text = format!(
                    "{name} answers MAPI_E_FAILONEPROVIDER: it is left out for now, its service \
                     goes on"
                );
                said(text, &["PRV-52", "RTY-10"])
            }
            Effect::Failed { task, k, result, .. } => {
                let what = match task {
                    Task::Run(provider) => words.provider(provider).to_owned(),
                    Task::Configure(service) => {
                        format!("the configuration of {}", words.service(service))
                    }
                };
                let clauses: &[&str] = if k == 1 { &["RTY-1", "RTY-6"] } else { &["RTY-5"] };
                said(format!("try {k} of {what} fails with {}", result.name()), clauses)
            }
            Effect::ServiceDisabled { service, .. } if self.is_foreign(service) => {
                let name = words.service(service);
                let text = format!("{name}, which belongs to no service, is lost for this session");
                said(text, &["PRV-60", "AMB-50"])
            }
            Effect::ServiceDisabled { service, .. } => {
                let providers = self.model.scenario().services[service.index()].providers;
                let names: Vec<_> = providers.map(|one| words.provider(one).to_owned()).collect();
                let text = format!(
                    "{} is disabled for this session, and with it {}",
                    words.service(service),
                    listed(&names, "and")
                );
                said(text, &["DIS-1", "DIS-4"])
            }
            _ => None,
        }
    }

    fn dialog(&self, dialog: Dialog) -> Option<Sentence> {
        let words = self.model.words();
        match dialog {
            Dialog::Profile => said("the user is asked for a profile", &["PAR-9"]),
            Dialog::Password => said("the user is asked for the profile's password", &["FLW-16"]),
            Dialog::Configure(service) => {
                let name = words.service(service);
                said(format!("the user is asked to configure {name}"), &["SVC-3"])
            }
            Dialog::Provider(provider) => {
                let name = words.provider(provider);
                said(format!("{name} asks the user for what it lacks"), &["PRV-25"])
            }
            Dialog::Failure(Task::Run(provider), code) => {
                let name = words.provider(provider);
                let text = format!("the user is told that {name} failed with {}", code.name());
                said(text, &["RTY-1", "RTY-2"])
            }
            Dialog::Failure(Task::Configure(service), _) => {
                let name = words.service(service);
                let text = format!("the user is told that {name} could not be configured");
                said(text, &["RTY-1", "RTY-2"])
            }
            Dialog::Logoff => said("the user is asked to confirm the logoff", &["OFF-7"]),
        }
    }

    fn opened(&self, session: SessionId) -> Option<Sentence> {
        let words = self.model.words();
        let made = self.model.sight(&self.step.state).session(session);
        let profile = made.profile().map_or("no profile", |profile| words.profile(profile));
        if self.model.permissions(made.flags()).shareable {
            said(format!("makes a shared session of profile {profile}"), &["RES-1", "SHR-14"])
        } else {
            said(format!("makes an individual session of profile {profile}"), &["RES-1", "SES-10"])
        }
    }

    fn took(&self, transition: Transition) -> bool {
        self.step.taken.iter().any(|taken| taken.transition == transition)
    }

    /// Why a call ends or goes on as it does, where no effect shows it.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the others need no sentence")]
    fn reason(&self, transition: Transition) -> Option<Sentence> {
        match transition {
            Transition::T2 => said("the client has not initialised MAPI", &["INI-1"]),
            Transition::T4 => Some(self.parameter_error()),
            Transition::T7 => {
                let holder = self.model.sight(self.before).mutex_holder();
                let holder = holder.and_then(|holder| (self.caller)(holder));
                let who = holder
                    .map_or_else(|| "another logon".to_owned(), |at| format!("the logon of {at}"));
                let text = format!("{who} holds the logon mutex for longer than a short time");
                said(text, &["MTX-3"])
            }
            Transition::T10a => said("too many sessions are open", &["AMB-12"]),
            Transition::T14 => {
                let text = "no profile is named, there is no default to use, and no dialog may ask";
                said(text, &["PAR-10", "PAR-12f"])
            }
            Transition::T16 => said("the user cancels the choice of a profile", &["RES-4"]),
            Transition::T18 => {
                said("the profile is missing, marked for deletion or damaged", &["SES-4", "PRF-13"])
            }
            Transition::T20 => {
                said("the profile needs a password, and no dialog may ask for it", &["FLW-15"])
            }
            Transition::T23 => said("the password is wrong", &["AMB-23"]),
            Transition::T24 => said("the user cancels the password", &["RES-4"]),
            Transition::T55 => {
                said("the service is critical: the logon fails without it", &["SVC-24", "AMB-9"])
            }
            Transition::T60 => said("nothing of the failed logon is left", &["RES-8"]),
            Transition::T72 if self.opens_foreign() => {
                said("the store belongs to no service, and is started now", &["PRV-60"])
            }
            Transition::T72 => {
                said("the provider is not logged on, and is started now", &["PRV-6"])
            }
            Transition::T73 => self.without_the_disabled(),
            Transition::T76 => said("the user refuses the logoff", &["OFF-7", "AMB-52"]),
            Transition::T78 => said("the session goes on for its other members", &["SHR-13"]),
            Transition::T82 => said("the session pointer is not valid any more", &["OFF-4"]),
            _ => None,
        }
    }

    /// What a call answers where a service is disabled.
    fn without_the_disabled(&self) -> Option<Sentence> {
        let call = self.model.sight(self.before).call_of(self.action);
        let (text, clauses): (_, &[&str]) = match call {
            Some(Call::OnSession(_, Method::OpenAddressBook)) => {
                ("the address books of disabled services are left out", &["DIS-4", "OPN-22"])
            }
            Some(Call::OnSession(_, Method::GetMsgStoresTable)) => {
                ("the table leaves out the stores of disabled services", &["DIS-4", "OPN-25"])
            }
            Some(Call::OnSession(_, Method::GetStatusTable)) => (
                "the table shows the providers of disabled services as failed",
                &["STA-12", "OPN-24"],
            ),
            Some(Call::OnSession(_, Method::QueryIdentity)) => {
                ("the identity of a disabled service does not count", &["DIS-4", "OPN-23"])
            }
            _ => (
                "the service is disabled in this session, so no provider is called",
                &["DIS-4", "OPN-20"],
            ),
        };
        said(text, clauses)
    }

    fn is_foreign(&self, service: ServiceId) -> bool {
        self.model.scenario().foreign().contains(service)
    }

    fn opens_foreign(&self) -> bool {
        let call = self.model.sight(self.before).call_of(self.action);
        matches!(call.and_then(Call::method), Some(Method::OpenMsgStore(store))
            if self.is_foreign(self.model.scenario().providers[store.index()].service))
    }

    /// Which parameter of the logon is wrong.
    fn parameter_error(&self) -> Sentence {
        let call = self.model.sight(self.before).call_of(self.action);
        let Logon { name, password, .. } = call.and_then(|call| call.logon()).unwrap_or_default();
        if let NameParameter::Name { too_long: true, .. } = name {
            return Sentence::new("the profile name has more than 64 characters", &["PAR-5"]);
        }
        if password {
            return Sentence::new("a password is passed, which must be NULL", &["PAR-6"]);
        }
        Sentence::new("the flags contradict each other or are undefined", &["FLG-20", "RES-2"])
    }
}

/// A call of which there is nothing else to tell.
pub(super) fn plain(event: &RecordedEvent) -> Option<Sentence> {
    let good = matches!(event.result, Returned::With(code) if code.is_success());
    match (event.method, good) {
        ("OpenMsgStore", true) => said("the store's provider is logged on already", &["OPN-6"]),
        ("OpenAddressBook", true) => said("all address books are there", &["OPN-1"]),
        ("GetStatusTable", true) => said("the table shows the session's providers", &["OPN-11"]),
        ("GetMsgStoresTable", true) => said("the table shows the session's stores", &["OPN-12"]),
        ("MAPIInitialize" | "MAPIUninitialize", true) => {
            said("MAPI counts its callers", &["INI-2"])
        }
        ("OpenMsgStore", false) => {
            said("the store cannot be opened, and no provider is called", &["OPN-5"])
        }
        (_, _) => None,
    }
}

//! Changes of the world: what a scenario may lack that a recording needs, with the line to add.

use mapi_logon_model::mapi::Code;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::scenario::file::{
    Data, ProfileSection, ProviderSection, ScenarioFile, ServiceSection,
};
use mapi_logon_model::scenario::{Password, ProfileState};

use super::verdict::WorldFact;

/// A fact about the world of a recording; the plainest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Change {
    /// A provider's password is not stored (PRV-28).
    PasswordMissing(String),
    /// A provider's stored password is refused (PRV-30).
    PasswordWrong(String),
    /// The configuration of a service is incomplete (SVC-2).
    ServiceData(String),
    /// A provider lacks data of its own (PRV-26).
    ProviderData(String),
    /// A provider takes so many logons, and answers this code beyond (LIM-5).
    Full(String, u32, Code),
    /// A provider may answer this code (AMB-35).
    Answer(String, Code),
    /// All providers of a profile belong to one service (DIS-4).
    OneService(String),
    /// A store belongs to no service (PRV-60).
    Foreign(String),
    /// A service is critical (SVC-24).
    Critical(String),
    /// A profile is damaged (T-18).
    Damaged(String),
    /// A profile asks for a password (AMB-23).
    ProfilePassword(String),
    /// This is the default profile (PRF-8).
    Default(String),
    /// So many sessions may be open (AMB-12).
    Sessions(u32),
    /// So many faults may strike.
    Faults(i64),
}

impl Change {
    /// The fact in words, with the line that states it.
    pub(super) fn fact(&self) -> WorldFact {
        let [text, clause, section, line] = self.of_provider().unwrap_or_else(|| self.of_world());
        WorldFact { text, clause, section, line }
    }

    /// A provider's fact: in words, its clause, section and line.
    fn of_provider(&self) -> Option<[String; 4]> {
        let (name, clause, text, line) = match self {
            Self::PasswordMissing(name) => {
                let text = format!("no password is stored for {name}");
                (name, "PRV-28", text, "password = \"missing\"".to_owned())
            }
            Self::PasswordWrong(name) => {
                let text = format!("the stored password of {name} is wrong");
                (name, "PRV-30", text, "password = \"wrong\"".to_owned())
            }
            Self::ProviderData(name) => {
                let text = format!("{name} lacks data of its own");
                (name, "PRV-26", text, "data = \"missing\"".to_owned())
            }
            Self::Full(name, most, code) => {
                let code = code.name();
                let text = format!("{name} takes {most} logons at once, and answers {code} beyond");
                let line = format!("session_cap = {most}, cap_code = \"{code}\"");
                (name, "LIM-5", text, line)
            }
            Self::Answer(name, code) => {
                let code = code.name();
                let text = format!("{name} may answer {code}");
                (name, "AMB-35", text, format!("logon_codes = [\"{code}\"]"))
            }
            Self::ServiceData(_)
            | Self::OneService(_)
            | Self::Foreign(_)
            | Self::Critical(_)
            | Self::Damaged(_)
            | Self::ProfilePassword(_)
            | Self::Default(_)
            | Self::Sessions(_)
            | Self::Faults(_) => return None,
        };
        Some([text, clause.to_owned(), format!("provider {name}"), line])
    }

    /// Another fact: in words, its clause, section and line.
    fn of_world(&self) -> [String; 4] {
        let (clause, section, text, line) = match self {
            Self::ServiceData(name) => {
                let text = format!("the configuration of {name} is incomplete");
                ("SVC-2", format!("service {name}"), text, "data = \"missing\"".to_owned())
            }
            Self::Critical(name) => {
                let text = format!("{name} is critical: a logon fails without it");
                ("SVC-24", format!("service {name}"), text, "critical = true".to_owned())
            }
            Self::OneService(name) => {
                let text = format!("the providers of {name} belong to one service");
                let line = "one [[profile.service]] with all providers".to_owned();
                ("DIS-4", format!("profile {name}"), text, line)
            }
            Self::Foreign(name) => {
                let text = format!("{name} belongs to no service, and is opened by an identifier");
                let line = "[[provider]] in place of [[profile.service.provider]]".to_owned();
                ("PRV-60", format!("provider {name}"), text, line)
            }
            Self::Damaged(name) => {
                let text = format!("profile {name} is missing or damaged");
                ("SES-4", format!("profile {name}"), text, "state = \"damaged\"".to_owned())
            }
            Self::ProfilePassword(name) => {
                let text = format!("profile {name} asks for a password");
                ("AMB-23", format!("profile {name}"), text, "password = true".to_owned())
            }
            Self::Default(name) => {
                let text = format!("{name} is the default profile");
                let line = format!("default_profile = {name:?}");
                ("PRF-8", "[subsystem]".to_owned(), text, line)
            }
            Self::Sessions(most) => {
                let text = format!("at most {most} sessions may be open");
                ("AMB-12", "[subsystem]".to_owned(), text, format!("max_sessions = {most}"))
            }
            Self::Faults(most) => {
                let text = format!("{most} faults may strike");
                ("FLT-9", "[faults]".to_owned(), text, format!("budget = {most}"))
            }
            Self::PasswordMissing(_)
            | Self::PasswordWrong(_)
            | Self::ProviderData(_)
            | Self::Full(..)
            | Self::Answer(..) => Default::default(),
        };
        [text, clause.to_owned(), section, line]
    }

    /// What a limit limits, whatever its number; nothing for other facts.
    pub(super) fn limit(&self) -> Option<(String, Option<Code>)> {
        if let Self::Full(name, _, code) = self {
            return Some((name.clone(), Some(*code)));
        }
        matches!(self, Self::Sessions(_)).then(|| (String::new(), None))
    }

    /// Adds the fact to a scenario file; false where it has no place there, or is there already.
    fn apply(&self, file: &mut ScenarioFile) -> bool {
        let before = file.clone();
        match self {
            Self::PasswordMissing(name) => {
                provider(file, name, |one| one.password = Password::Missing);
            }
            Self::PasswordWrong(name) => {
                provider(file, name, |one| one.password = Password::Wrong);
            }
            Self::ServiceData(name) => service(file, name, |one| one.data = Data::Missing),
            Self::ProviderData(name) => provider(file, name, |one| one.data = Data::Missing),
            Self::Full(name, most, code) => provider(file, name, |one| {
                one.session_cap = Some(i64::from(*most));
                one.cap_code = Some(code.name().to_owned());
            }),
            Self::Answer(name, code) => provider(file, name, |one| {
                one.logon_codes.push(code.name().to_owned());
            }),
            Self::OneService(name) => profile(file, name, join_services),
            Self::Foreign(name) => take_out(file, name),
            Self::Critical(name) => service(file, name, |one| one.critical = true),
            Self::Damaged(name) => profile(file, name, |one| one.state = ProfileState::Damaged),
            Self::ProfilePassword(name) => profile(file, name, |one| one.password = true),
            Self::Default(name) => file.subsystem.default_profile = Some(name.clone()),
            Self::Sessions(most) => file.subsystem.max_sessions = Some(i64::from(*most)),
            Self::Faults(most) => file.faults.budget = *most,
        }
        *file != before
    }
}

fn profile(file: &mut ScenarioFile, name: &str, change: impl FnOnce(&mut ProfileSection)) {
    if let Some(one) = file.profile.iter_mut().find(|one| one.name == name) {
        change(one);
    }
}

fn service(file: &mut ScenarioFile, name: &str, change: impl FnOnce(&mut ServiceSection)) {
    let mut all = file.profile.iter_mut().flat_map(|profile| &mut profile.service);
    if let Some(one) = all.find(|one| one.name == name) {
        change(one);
    }
}

fn provider(file: &mut ScenarioFile, name: &str, change: impl FnOnce(&mut ProviderSection)) {
    let services = file.profile.iter_mut().flat_map(|profile| &mut profile.service);
    let mut all = services.flat_map(|service| &mut service.provider).chain(&mut file.provider);
    if let Some(one) = all.find(|one| one.name == name) {
        change(one);
    }
}

/// Puts the providers of all services into the first.
fn join_services(profile: &mut ProfileSection) {
    let mut services = std::mem::take(&mut profile.service).into_iter();
    if let Some(mut first) = services.next() {
        for other in services {
            first.identity |= other.identity;
            first.provider.extend(other.provider);
        }
        profile.service.push(first);
    }
}

/// Takes a store out of its service, and with it a service that has no other provider.
fn take_out(file: &mut ScenarioFile, name: &str) {
    for profile in &mut file.profile {
        for service in &mut profile.service {
            let own = |one: &mut ProviderSection| one.name == name;
            file.provider.extend(service.provider.extract_if(.., own));
        }
        profile.service.retain(|service| !service.provider.is_empty());
    }
}

/// The scenario with all these facts, if each of them adds something.
pub(super) fn changed<'c>(
    scenario: &Scenario,
    changes: impl IntoIterator<Item = &'c Change>,
) -> Option<Scenario> {
    let mut changes = changes.into_iter().peekable();
    if changes.peek().is_none() {
        return Some(scenario.clone());
    }
    let mut file = ScenarioFile::from(scenario);
    for change in changes {
        if !change.apply(&mut file) {
            return None;
        }
    }
    Scenario::parse(&file.to_toml()).ok()
}

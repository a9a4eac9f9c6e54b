//! Advice to clients that a scenario does not follow: clauses that bind the client, never MAPI.
//!
//! [DER] Advice about what the model does not have is not checked: what a client sends
//! (FLG-24), whether it means to use or to create a shared session (SHR-7), threads and windows
//! (INI-8), what a provider's logon method calls (PRV-38). Of the unattended clients of FLG-23 only
//! Windows services are known. A client that chooses its parameters goes against advice only where
//! every choice does.

use crate::mapi::{LogoffFlags, LogonFlags};
use crate::policy::ServiceNoMail;
use crate::protocol::{Call, Method};
use crate::scenario::caller::Client;
use crate::scenario::parts::{Named, Scenario};

impl Scenario {
    /// The advice that clients of the scenario do not follow, in the order of the specification:
    /// the id of the clause, and one sentence that names the clients.
    #[must_use]
    pub fn advice(&self) -> Vec<(&'static str, String)> {
        let asked: [(&'static str, &str, Test); 5] = [
            ("FLG-8", "should set MAPI_EXTENDED in MAPILogonEx", |_, client| {
                logs_on(client) && !client.may_set(LogonFlags::MAPI_EXTENDED)
            }),
            (
                "FLG-23",
                "should set MAPI_NO_MAIL, being a Windows service (AMB-43)",
                is_service_with_mail,
            ),
            (
                "FLG-26",
                "should set MAPI_NEW_SESSION together with the profile name, or may land in \
                 somebody else's shared session",
                |_, client| {
                    logs_on(client)
                        && client.names.iter().all(|name| name.named != Named::Nothing)
                        && !client.may_set(LogonFlags::MAPI_NEW_SESSION)
                },
            ),
            (
                "PAR-11",
                "should allow configuration dialogs, as the profile named lacks data",
                lacks_dialogs,
            ),
            (
                "OFF-10",
                "should not pass MAPI_LOGOFF_SHARED, which makes all clients shut down",
                |_, client| client.calls.iter().any(ends_shared),
            ),
        ];
        let mut advice = Vec::new();
        for (id, sentence, test) in asked {
            let clients = self.clients.iter().filter(|client| test(self, client));
            let names: Vec<_> = clients.map(|client| format!("{:?}", client.name)).collect();
            if !names.is_empty() {
                advice.push((id, format!("{} {sentence}", names.join(", "))));
            }
        }
        advice
    }
}

/// Does the client of the scenario go against the advice?
type Test = fn(&Scenario, &Client) -> bool;

fn logs_on(client: &Client) -> bool {
    client.logons() > 0
}

fn is_service_with_mail(scenario: &Scenario, client: &Client) -> bool {
    let service = client.flags.contains(LogonFlags::MAPI_NT_SERVICE);
    let advised = scenario.policy.service_no_mail == ServiceNoMail::Lint;
    let mail = !client.may_set(LogonFlags::MAPI_NO_MAIL);
    logs_on(client) && service && advised && mail
}

fn lacks_dialogs(scenario: &Scenario, client: &Client) -> bool {
    let Some(&Named::Profile(profile)) = client.only_name().map(|name| &name.named) else {
        return false;
    };
    let profile = &scenario.profiles[profile.index()];
    let mut services = profile.services;
    let mut providers = profile.providers;
    let lacking = services.any(|service| !scenario.services[service.index()].complete)
        || providers.any(|provider| !scenario.providers[provider.index()].complete);
    logs_on(client) && lacking && !client.may(&scenario.policy, |may| may.ui_cfg)
}

fn ends_shared(call: &Call) -> bool {
    matches!(call.method(), Some(Method::Logoff(flags))
        if flags.contains(LogoffFlags::MAPI_LOGOFF_SHARED))
}

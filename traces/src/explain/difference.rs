//! The first thing in which an event differs from what the model allows, with the clause that it
//! offends.

use std::collections::BTreeSet;

use mapi_logon_model::mapi::{Code, ProviderKind};

use super::nearest::{agreeing, agreeing_dialogs, likeness, name_of};
use super::pointers::Begun;
use super::story::{listed, place, result};
use super::verdict::{Alternative, Possible, Sentence};
use super::why_not::WhyNot;
use crate::recording::ProviderEvent;

/// What a call that is looked at closely can be compared with.
pub(super) struct Compared<'a> {
    /// The nearest ways, nearest first.
    pub(super) nearest: &'a [Alternative],
    /// The results of all ways.
    pub(super) results: &'a BTreeSet<String>,
    /// Why what was recorded could not happen.
    pub(super) reasons: &'a [Sentence],
}

impl WhyNot<'_> {
    /// The first difference: what was seen and cannot be, before what is missing.
    pub(super) fn difference(&self, with: &Compared<'_>) -> Option<Sentence> {
        let event = self.event();
        let nearest = with.nearest.first()?;
        let way = &nearest.possible;
        let differs = |field: &str| nearest.differs.iter().any(|one| one == field);
        let (calls, dialogs) = (agreeing(event, way), agreeing_dialogs(event, way));
        let call = self.calls().get(calls).copied();
        let dialog = self.dialogs().get(dialogs).copied();
        let answered = result(event).filter(|result| !with.results.contains(result));
        if let Some(call) = call.filter(|_| differs("provider_events")) {
            return Some(self.unexpected_call(call, calls, with.nearest));
        }
        if let Some(dialog) = dialog.filter(|_| differs("dialogs")) {
            return Some(self.unexpected_dialog(dialog, dialogs, way));
        }
        if let Some(result) = answered {
            return Some(self.impossible_result(&result, with));
        }
        if differs("session") {
            return Some(self.other_session(way, with.reasons));
        }
        if differs("provider_events") {
            return self.missing_call(calls, way);
        }
        if differs("dialogs") {
            let next = way.dialogs.iter().flatten().nth(dialogs)?;
            let text = format!("MAPI displays {next} here, and the log has no such dialog");
            return Some(Sentence::new(text, shown_by(next)));
        }
        Some(match result(event).filter(|_| differs("result")) {
            Some(result) => self.impossible_result(&result, with),
            None => Sentence {
                text: format!("`{}` cannot be so here", nearest.differs.join("`, `")),
                clauses: because(nearest),
                assumed: false,
            },
        })
    }

    fn calls(&self) -> Vec<&ProviderEvent> {
        self.event().seen.provider_events.iter().flatten().collect()
    }

    fn dialogs(&self) -> Vec<&str> {
        self.event().seen.dialogs.iter().flatten().map(name_of).collect()
    }

    /// A result that no way has, or none that shows what the call has shown.
    fn impossible_result(&self, result: &str, with: &Compared<'_>) -> Sentence {
        let only = if with.results.len() == 1 { "only " } else { "" };
        let all: Vec<_> = with.results.iter().cloned().collect();
        let text = match with.nearest.first() {
            Some(nearest) if with.results.contains(result) => format!(
                "{result} is no answer after what the call has shown; the model answers {} then",
                nearest.possible.result
            ),
            Some(_) | None => format!(
                "{result} cannot be answered here; the model allows {only}{}",
                listed(&all, "or")
            ),
        };
        // A failure that is the only answer has a reason of its own.
        let failure = |name: &String| Code::named(name).is_some_and(|code| !code.is_success());
        let refused = with.results.len() == 1 && with.results.iter().all(failure);
        let because = with.nearest.first().map(because).unwrap_or_default();
        let clauses = match with.reasons.first() {
            Some(reason) if !refused || because.is_empty() => reason.clauses.clone(),
            Some(_) | None => because,
        };
        if clauses.is_empty() {
            return Sentence::new(text, self.returned_by());
        }
        Sentence { text, clauses, assumed: false }
    }

    /// The clause that lists the results of the call.
    fn returned_by(&self) -> &'static [&'static str] {
        match self.event().method {
            "MAPIInitialize" | "MAPIUninitialize" => &["INI-3"],
            "Logoff" => &["OFF-3"],
            "Release" => &["OFF-4"],
            "OpenMsgStore" => &["OPN-5"],
            "OpenAddressBook" => &["OPN-1"],
            "GetStatusTable" => &["OPN-11"],
            "GetMsgStoresTable" => &["OPN-12"],
            "QueryIdentity" => &["OPN-13"],
            _ => &["RES-1"],
        }
    }

    /// The session is not the one that MAPI gives.
    fn other_session(&self, way: &Possible, reasons: &[Sentence]) -> Sentence {
        let event = self.event();
        let label = event.label().ok().flatten().unwrap_or_default();
        let other = way.session.as_deref().unwrap_or("another session");
        let same = |one: &&crate::recording::RecordedEvent| {
            one.method == "MAPILogonEx" && one.label().ok().flatten().as_ref() == Some(&label)
        };
        let owner = self.before().find(same);
        let of = owner.map_or_else(String::new, |owner| format!(", that of {},", place(owner)));
        let advice = match &event.seen.origin {
            Some(_) => "; leave `session` out if the log numbers pointers",
            None => "",
        };
        let text = format!("the call gives session {label}{of} where MAPI gives {other}{advice}");
        match reasons.first() {
            Some(reason) if owner.is_some() => {
                Sentence { text, clauses: reason.clauses.clone(), assumed: false }
            }
            Some(_) | None => match self.call() {
                Begun::Logon(logon) if self.joins(logon.flags) => {
                    let text =
                        format!("{text}; which of several shared sessions is joined: SHARED_CLASH");
                    Sentence::new(text, &["AMB-17", "SHR-12"])
                }
                Begun::Logon(_) | Begun::OnSession(..) | Begun::Other(_) => {
                    Sentence::new(text, &["RES-9", "SHR-12"])
                }
            },
        }
    }

    /// A dialog that MAPI does not display here.
    fn unexpected_dialog(&self, dialog: &str, at: usize, way: &Possible) -> Sentence {
        let instead = match way.dialogs.iter().flatten().nth(at) {
            Some(other) => format!("where MAPI displays {other}"),
            None => "which MAPI does not display here".to_owned(),
        };
        let (why, clauses) = self.undisplayed(dialog, at);
        Sentence::new(format!("the dialog {dialog}, {instead}: {why}"), clauses)
    }

    /// Why a dialog is not displayed.
    fn undisplayed(&self, dialog: &str, at: usize) -> (String, &'static [&'static str]) {
        let mut parts = dialog.splitn(3, ':');
        let (kind, whom) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let logon = match self.call() {
            Begun::Logon(logon) => Some(logon),
            Begun::OnSession(..) | Begun::Other(_) => None,
        };
        let may = logon.map(|logon| self.model.permissions(logon.flags));
        let forbidden = may.is_some_and(|may| !may.ui_cfg);
        match kind {
            "failure" => return self.unreported(whom, at, forbidden),
            "logoff" => return ("MAPI_LOGOFF_UI is not set".to_owned(), &["OFF-7"]),
            _ if logon.is_some_and(|logon| self.joins(logon.flags)) => {
                let text = "the logon joins the shared session, and a join asks for nothing";
                return (text.to_owned(), &["SHR-10", "SHR-4"]);
            }
            "profile" if may.is_some_and(|may| !may.ui_profile) => {
                return ("MAPI_LOGON_UI is not set".to_owned(), &["FLG-3", "PAR-10"]);
            }
            "profile" => {
                return ("the call or the default names the profile".to_owned(), &["PAR-12a"]);
            }
            "password" if self.model.scenario().profiles.iter().all(|one| !one.password) => {
                let text = "no profile asks for a password; that of a provider is `provider:NAME`";
                return (text.to_owned(), &["FLW-13", "PRV-25"]);
            }
            "password" if may.is_some_and(|may| !may.ui_pwd) => {
                let text = "MAPI_PASSWORD_UI is not set, the only flag that asks for a password";
                return (text.to_owned(), &["FLG-14", "FLW-15"]);
            }
            _ => {}
        }
        if forbidden {
            let text = "neither MAPI_LOGON_UI nor MAPI_SERVICE_UI_ALWAYS is set";
            return (text.to_owned(), &["FLG-3", "FLG-12"]);
        }
        match kind {
            "configure" => {
                (format!("nothing is missing from the configuration of {whom}"), &["SVC-2"])
            }
            "provider" => (format!("{whom} lacks nothing it could ask for"), &["PRV-25"]),
            _ => ("nothing asks for it".to_owned(), &["SVC-3"]),
        }
    }

    /// Why a failure is not reported to the user.
    fn unreported(
        &self,
        whom: &str,
        at: usize,
        forbidden: bool,
    ) -> (String, &'static [&'static str]) {
        let tries = usize::from(self.model.scenario().policy.tries.count());
        let reported = |dialog: &&&str| {
            let mut parts = dialog.splitn(3, ':');
            (parts.next(), parts.next()) == (Some("failure"), Some(whom))
        };
        let before = self.dialogs()[..at].iter().filter(reported).count();
        let last = self.calls().into_iter().rfind(|call| call.provider == whom);
        let last = last.and_then(|call| call.result.as_deref()).and_then(Code::named);
        if before + 1 >= tries {
            let text = format!(
                "after the last try {whom} is given up, and its service is disabled without a word"
            );
            return (text, &["RTY-5", "DIS-1"]);
        }
        match last {
            Some(Code::FailOneProvider) => {
                let text = format!("MAPI_E_FAILONEPROVIDER puts {whom} off, and is not reported");
                (text, &["RTY-10", "PRV-52"])
            }
            Some(code) if code.is_success() => (format!("{whom} has not failed"), &["RTY-1"]),
            _ if forbidden => {
                let text = "MAPI_LOGON_UI is not set, and the second try follows by itself";
                (text.to_owned(), &["RTY-6", "RTY-3"])
            }
            Some(_) | None => {
                ("no dialog may be displayed, or nothing has failed".to_owned(), &["RTY-6"])
            }
        }
    }

    /// A provider call that MAPI does not make here, or an answer that it cannot get.
    fn unexpected_call(&self, call: &ProviderEvent, at: usize, near: &[Alternative]) -> Sentence {
        let (number, what) = (at + 1, format!("{} of {}", call.call, call.provider));
        let same =
            |other: &&ProviderEvent| (&other.provider, &other.call) == (&call.provider, &call.call);
        let next = near[0].possible.provider_events.iter().flatten().nth(at);
        if next.is_some_and(|next| same(&next)) {
            let result = call.result.as_deref().unwrap_or("nothing");
            let text = format!(
                "provider call {number}: {what} answers {result}; in this world it may answer {}",
                self.answers(near, at)
            );
            return Sentence::new(text, &["AMB-46", "FLT-9"]);
        }
        let before: Vec<_> = self.calls()[..at].iter().copied().filter(|one| same(one)).collect();
        let nth = ["first", "second", "third", "fourth", "fifth"].get(before.len());
        let nth = nth.copied().unwrap_or("further");
        let skipped =
            |one: &&ProviderEvent| one.result.as_deref() == Some("MAPI_E_FAILONEPROVIDER");
        let tries = usize::from(self.model.scenario().policy.tries.count());
        let what = format!("provider call {number}: {nth} {what}");
        if before.last().is_some_and(skipped) {
            let text = format!(
                "{what}; MAPI_E_FAILONEPROVIDER puts it off until it is needed again, without a \
                 second try"
            );
            return Sentence::new(text, &["PRV-52", "RTY-10"]);
        }
        if before.len() >= tries && call.call == "Logon" {
            return Sentence::new(format!("{what}; one second try and no third"), &["RTY-5"]);
        }
        let instead = match next {
            Some(next) => format!("where the model calls {} of {}", next.call, next.provider),
            None => "where the model calls no provider".to_owned(),
        };
        if let Some(service) = self.lost_service(&call.provider, at) {
            let text =
                format!("{what}, {instead}: {service} is disabled, and with it its providers");
            return Sentence::new(text, &["DIS-4", "DIS-6"]);
        }
        let last = at.checked_sub(1).and_then(|last| failed(self.calls()[last]));
        if let (Some(last), Some(next)) = (last, next)
            && last == next.provider
        {
            return Sentence::new(
                format!("{what}, {instead}: {last} has a second try"),
                &["RTY-8"],
            );
        }
        let stores_first = next.is_some_and(|next| self.is_store(call) && !self.is_store(next));
        let clauses: &[&str] = match self.call() {
            Begun::Logon(logon) if self.joins(logon.flags) => &["SHR-10"],
            _ if !before.is_empty() => &["RTY-8", "RTY-9"],
            Begun::Logon(_) if stores_first => &["PRV-2"],
            Begun::Logon(_) => &["PRV-1"],
            Begun::OnSession(..) | Begun::Other(_) => &["PRV-6"],
        };
        Sentence::new(format!("{what}, {instead}"), clauses)
    }

    fn is_store(&self, call: &ProviderEvent) -> bool {
        let mut providers = self.model.scenario().providers.iter();
        let provider = providers.find(|one| one.name == call.provider);
        provider.is_some_and(|one| one.kind == ProviderKind::MessageStore)
    }

    /// The provider's service, if some provider of it has failed for good in this call before, or
    /// it was disabled earlier.
    fn lost_service(&self, provider: &str, at: usize) -> Option<&str> {
        let scenario = self.model.scenario();
        let tries = usize::from(scenario.policy.tries.count());
        let own = scenario.providers.iter().find(|one| one.name == provider)?.service;
        let failed = |name: &str| {
            let calls = self.calls();
            calls[..at].iter().filter(|one| failed(one) == Some(name)).count() >= tries
        };
        let here = scenario.services[own.index()]
            .providers
            .into_iter()
            .any(|one| failed(&scenario.providers[one.index()].name));
        let before = self.everywhere(|one| self.is_disabled(one, self.client(), own));
        (here || before).then_some(scenario.services[own.index()].name.as_str())
    }

    /// The answers that a provider call may get where the log first differs.
    fn answers(&self, nearest: &[Alternative], at: usize) -> String {
        let ways = nearest.iter().filter(|one| likeness(self.event(), &one.possible) == 2 * at + 1);
        let all: BTreeSet<_> = ways
            .filter_map(|one| one.possible.provider_events.iter().flatten().nth(at))
            .map(|call| call.result.clone().unwrap_or_else(|| "nothing".to_owned()))
            .collect();
        listed(&all.into_iter().collect::<Vec<_>>(), "or")
    }

    /// A provider call that MAPI makes here, and the log does not have.
    fn missing_call(&self, at: usize, way: &Possible) -> Option<Sentence> {
        let next = way.provider_events.iter().flatten().nth(at)?;
        let last = self.calls().last().and_then(|last| failed(last));
        let text = match at {
            0 => format!(
                "no provider is called, where MAPI calls {} of {}",
                next.call, next.provider
            ),
            at => format!(
                "no provider is called after provider call {at}, where MAPI calls {} of {}",
                next.call, next.provider
            ),
        };
        let clauses: &[&str] = match last {
            Some(last) if last == next.provider => &["RTY-8", "RTY-6"],
            Some(_) => &["DIS-11", "PRV-2"],
            None if matches!(self.call(), Begun::Logon(_)) => &["PRV-1", "PRV-2"],
            None => &["PRV-6"],
        };
        Some(Sentence::new(text, clauses))
    }
}

/// The provider of a call that has failed, and was not merely put off.
fn failed(call: &ProviderEvent) -> Option<&str> {
    let code = call.result.as_deref().and_then(Code::named)?;
    let failed = !code.is_success() && code != Code::FailOneProvider;
    failed.then_some(call.provider.as_str())
}

/// The clauses of a way.
fn because(way: &Alternative) -> Vec<String> {
    way.because.iter().flat_map(|one| one.clauses.iter().cloned()).take(3).collect()
}

/// The clauses by which MAPI displays a dialog.
fn shown_by(dialog: &str) -> &'static [&'static str] {
    match dialog.split(':').next().unwrap_or_default() {
        "failure" => &["RTY-1", "RTY-6"],
        "password" => &["FLW-16"],
        "profile" => &["PAR-9"],
        "configure" => &["SVC-3"],
        "provider" => &["PRV-25"],
        _ => &["OFF-7"],
    }
}

//! How is a scenario written? Canonical text: every default left out, one order, one spelling.

use std::fmt::Display;

use super::{
    ANSWERS, Answers, Client, Distribution, EntryPoint, Faults, Load, Profile, ProfileState,
    Provider, Scenario, Service, Timing, Weights, fault_kinds,
};
use crate::mapi::{Code, CodeSet, FaultSet};
use crate::policy::Policy;

impl Scenario {
    /// The scenario as a file: [`Scenario::parse`] reads an equal one from it.
    ///
    /// What is written follows the lists and sets of names, not the ids inside calls: after taking
    /// a client from `clients`, a service from its profile's set or a provider from its service's,
    /// parsing the text gives the smaller scenario with new ids, or says which call now dangles.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = Text::default();
        text.pair_unless("name", self.name.as_deref().map(string), None);
        text.header("[subsystem]");
        text.pair_unless("default_profile", self.default_name.as_deref().map(string), None);
        text.pair_unless("max_sessions", self.max_sessions, None);
        text.codes("init_codes", self.init_codes);
        for profile in &self.profiles {
            text.profile(profile, self);
        }
        for client in &self.clients {
            text.client(client);
        }
        text.header("[user]");
        if self.answers != Answers::default() {
            let given =
                ANSWERS.iter().enumerate().filter(|(bit, _)| self.answers.0 >> bit & 1 == 1);
            text.pair("answers", strings(given.map(|(_, name)| *name)));
        }
        text.faults(&self.faults);
        text.header("[policy]");
        for ((name, value), (_, default)) in
            self.policy.settings().zip(Policy::default().settings())
        {
            text.pair_unless(name, Some(string(value)), Some(string(default)));
        }
        text.header("[expect]");
        if !self.expect.is_empty() {
            text.pair("witnesses", strings(self.expect.iter().map(String::as_str)));
        }
        if let Some(timing) = &self.timing {
            text.timing(timing);
        }
        if let Some(load) = &self.load {
            text.load(load, self);
        }
        text.header("[weights]");
        for ((name, weight), (_, default)) in self.weights.named().zip(Weights::default().named()) {
            text.pair_unless(name, Some(weight), Some(default));
        }
        text.written
    }
}

/// What is written so far, and a header that waits for its first key.
#[derive(Default)]
struct Text {
    written: String,
    header: Option<&'static str>,
}

impl Text {
    /// Begins a section that is written only if a key follows.
    fn header(&mut self, header: &'static str) {
        self.header = Some(header);
    }

    /// Begins a section that is written in any case.
    fn section(&mut self, header: &'static str) {
        let gap = if self.written.is_empty() { "" } else { "\n" };
        self.written += &format!("{gap}{header}\n");
        self.header = None;
    }

    fn pair(&mut self, key: &str, value: impl Display) {
        if let Some(header) = self.header.take() {
            self.section(header);
        }
        self.written += &format!("{key} = {value}\n");
    }

    fn pair_unless<T: Display + PartialEq>(
        &mut self,
        key: &str,
        value: Option<T>,
        default: Option<T>,
    ) {
        if let Some(value) = value.filter(|value| Some(value) != default.as_ref()) {
            self.pair(key, value);
        }
    }

    fn profile(&mut self, profile: &Profile, scenario: &Scenario) {
        self.section("[[profile]]");
        self.pair("name", string(&profile.name));
        match profile.state {
            ProfileState::Valid => {}
            ProfileState::Damaged => self.pair("state", string("damaged")),
            ProfileState::Deleted => self.pair("state", string("deleted")),
        }
        self.pair_unless("password", Some(profile.password), Some(false));
        for id in profile.services {
            self.service(&scenario.services[id.index()], scenario);
        }
    }

    fn service(&mut self, service: &Service, scenario: &Scenario) {
        self.section("[[profile.service]]");
        self.pair("name", string(&service.name));
        self.missing("data", service.complete);
        match service.entry_point {
            EntryPoint::Dialog => {}
            EntryPoint::Programmatic => self.pair("entry_point", string("programmatic")),
            EntryPoint::None => self.pair("entry_point", string("none")),
        }
        self.pair_unless("critical", Some(service.critical), Some(false));
        self.pair_unless("identity", Some(service.identity), Some(false));
        for id in service.providers {
            self.provider(&scenario.providers[id.index()], &scenario.faults);
        }
    }

    fn provider(&mut self, provider: &Provider, faults: &Faults) {
        self.section("[[profile.service.provider]]");
        self.pair("name", string(&provider.name));
        self.pair("kind", string(provider.kind.name()));
        self.pair_unless("session_cap", provider.session_cap, None);
        self.missing("data", provider.complete);
        self.missing("password", provider.password_stored);
        self.pair_unless("faults", Some(kinds(provider.faults)), Some(kinds(faults.kinds)));
        for (key, codes) in
            [("init_codes", provider.init_codes), ("logon_codes", provider.logon_codes)]
        {
            self.codes(key, codes);
        }
    }

    fn codes(&mut self, key: &str, codes: CodeSet) {
        if !codes.is_empty() {
            self.pair(key, strings(codes.iter().map(Code::name)));
        }
    }

    fn missing(&mut self, key: &str, there: bool) {
        if !there {
            self.pair(key, string("missing"));
        }
    }

    fn client(&mut self, client: &Client) {
        self.section("[[client]]");
        self.pair("name", string(&client.name));
        self.pair_unless("profile", client.profile.as_deref().map(string), None);
        if client.password {
            self.pair("password", string("x"));
        }
        if !client.flags.is_empty() {
            self.pair("flags", strings(client.flags.iter_names().map(|(name, _)| name)));
        }
        if client.written != ["MAPILogonEx"] {
            self.pair("calls", strings(client.written.iter().map(String::as_str)));
        }
        self.pair_unless("weight", Some(client.weight), Some(1));
    }

    fn faults(&mut self, faults: &Faults) {
        self.header("[faults]");
        self.pair_unless("budget", Some(faults.budget), Some(0));
        self.pair_unless("kinds", Some(kinds(faults.kinds)), Some(kinds(FaultSet::ALL)));
        match (faults.repair_by_user, faults.repair_by_environment) {
            (true, true) => {}
            (true, false) => self.pair("repair", string("user")),
            (false, true) => self.pair("repair", string("environment")),
            (false, false) => self.pair("repair", string("never")),
        }
    }

    fn timing(&mut self, timing: &Timing) {
        self.section("[timing]");
        for ((key, duration), (_, default)) in
            timing.named().into_iter().zip(Timing::default().named())
        {
            self.pair_unless(key, Some(inline(duration)), Some(inline(default)));
        }
    }

    fn load(&mut self, load: &Load, scenario: &Scenario) {
        self.section("[load]");
        self.pair("arrivals_per_second", number(load.arrivals_per_second));
        self.pair("logons", load.logons);
        for outage in &load.outages {
            self.section("[[load.outage]]");
            self.pair("provider", string(&scenario.providers[outage.provider.index()].name));
            if let Some(fault) = outage.kind.iter().next() {
                self.pair("kind", string(fault.kind()));
            }
            self.pair("from", number(outage.from));
            self.pair("to", number(outage.to));
        }
        if let Some(rate) = load.fault_rate {
            self.section("[load.fault_rate]");
            self.pair("mtbf", number(rate.mtbf));
            self.pair("mttr", number(rate.mttr));
        }
    }
}

/// A TOML basic string.
fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                quoted += &format!("\\u{:04X}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

/// A TOML array of strings.
fn strings<'s>(texts: impl Iterator<Item = &'s str>) -> String {
    format!("[{}]", texts.map(string).collect::<Vec<_>>().join(", "))
}

/// The kinds of a set of faults.
fn kinds(faults: FaultSet) -> String {
    let known = fault_kinds();
    strings(known.iter().filter(|(_, kind)| kind.0 & faults.0 != 0).map(|(name, _)| *name))
}

/// A TOML float, to the last bit.
fn number(number: f64) -> String {
    format!("{number:?}")
}

fn inline(distribution: Distribution) -> String {
    match distribution {
        Distribution::Constant(value) => format!("{{ constant = {value:?} }}"),
        Distribution::Uniform { low, high } => format!("{{ uniform = [{low:?}, {high:?}] }}"),
        Distribution::Exponential { mean } => format!("{{ exponential = {mean:?} }}"),
        Distribution::Lognormal { median, p95 } => {
            format!("{{ lognormal = [{median:?}, {p95:?}] }}")
        }
    }
}

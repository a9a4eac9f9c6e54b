//! Traces as text: one line for the header, one for each step, the same bytes each time.

use std::io::{self, Write};

use mapi_logon_model::machine::Model;
use mapi_logon_model::policy::Policy;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::Scenario;
use serde::Serialize;

use crate::trace::{Caller, Calls, Expect, Format, Header, Initialised, Line, VERSION};
use crate::tracer::Tracer;

/// A run as it is written: its header and its steps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// The first line.
    pub header: Header,
    /// The steps.
    pub lines: Vec<Line>,
}

/// An action of a list that the machine cannot take.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("action {number} of the run cannot happen where it stands")]
pub struct CannotHappen {
    /// Which, from 1.
    pub number: usize,
}

impl Header {
    /// The header of a run of this model.
    #[must_use]
    pub fn new(model: &Model, scenario: &Scenario, calls: Calls, expect: Expect) -> Self {
        let switches = scenario.policy.deviations();
        let policy = switches.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let plain = Scenario { policy: Policy::default(), ..scenario.clone() };
        let clients = scenario.clients.iter().enumerate().map(|(index, client)| {
            let initialised = match (client.initializes, client.initialized) {
                (false, _) => Initialised::Implied,
                (true, false) => Initialised::ByItsCalls,
                (true, true) => Initialised::Before,
            };
            let sessions = (!calls.are_listed()).then(|| model.slots().count(index.into()));
            let caller = Caller { initialised, sessions };
            (client.name.clone(), caller)
        });
        Self {
            format: Format::Trace,
            version: VERSION,
            scenario: plain.to_toml(),
            policy,
            calls,
            clients: clients.collect(),
            faults: None,
            seed: None,
            expect,
            repeats: None,
        }
    }
}

impl Trace {
    /// Records the run of a model that takes these actions.
    ///
    /// # Errors
    /// [`CannotHappen`] at the first action that is not enabled.
    pub fn record(
        model: &Model,
        actions: impl IntoIterator<Item = Action>,
        expect: Expect,
    ) -> Result<Self, CannotHappen> {
        let header = Header::new(model, model.scenario(), Calls::Listed, expect);
        let mut run = Tracer::listed(model.clone());
        let mut lines = Vec::new();
        for (index, action) in actions.into_iter().enumerate() {
            let line = run.record(action);
            lines.push(line.ok_or(CannotHappen { number: index + 1 })?);
        }
        Ok(Self { header, lines })
    }

    /// The same with the seed of the run.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.header.seed = Some(seed);
        self
    }

    /// The same for a run that returns from its last step to the state after step `to`.
    #[must_use]
    pub const fn with_loop(mut self, to: u64) -> Self {
        self.header.repeats = Some(to);
        self
    }

    /// Writes the trace.
    ///
    /// # Errors
    /// When the writer fails.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_line(out, &self.header)?;
        self.lines.iter().try_for_each(|line| write_line(out, line))
    }

    /// The trace as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut bytes = Vec::new();
        match self.write(&mut bytes) {
            Ok(()) => String::from_utf8(bytes).unwrap_or_default(),
            Err(_) => String::new(),
        }
    }
}

/// Writes a value as one line of JSON.
///
/// # Errors
/// When the writer fails.
pub fn write_line(out: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

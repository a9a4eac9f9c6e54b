//! Which transitions does the machine take? Every state of the built-in scenarios is asked.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use mapi_logon_checker::{End, Limits, Marks, Options, Property, Verdict, check};
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::model::Model;
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::step::Step;
use mapi_logon_model::transition::Taken;
use mapi_logon_sim::judge::showing;

use crate::builtin::SCENARIOS;
use crate::explorable::Explorable;

/// Most states of a scenario that are asked; the shallowest. Larger scenarios repeat themselves.
const STATES: u64 = 10_000;

/// Every transition taken in some run of some built-in scenario, from where to where.
///
/// # Errors
/// When a built-in scenario cannot be read or explored.
pub fn taken() -> Result<BTreeSet<Taken>> {
    let mut taken = BTreeSet::new();
    for (name, text) in SCENARIOS {
        let scenario = Scenario::parse(text).with_context(|| format!("scenario {name}"))?;
        taken.append(&mut taken_in(scenario)?);
    }
    Ok(taken)
}

/// Every transition taken in some run of a scenario.
///
/// # Errors
/// When the scenario cannot be explored.
pub fn taken_in(scenario: Scenario) -> Result<BTreeSet<Taken>> {
    let (taken, _) = survey(scenario, None)?;
    Ok(taken)
}

/// As [`taken_in`], and whether every state was asked.
///
/// # Errors
/// When the scenario cannot be explored.
pub fn survey(
    scenario: Scenario,
    interrupt: Option<&AtomicBool>,
) -> Result<(BTreeSet<Taken>, bool)> {
    let survey = Survey { model: Model::new(scenario), taken: Mutex::default() };
    let report = check(&survey, &Options { interrupt, ..few() })?;
    let taken = survey.taken.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((taken, report.end == End::Complete))
}

/// The witnesses that some run of a scenario shows, bit `i` for entry `i` of the properties, and
/// whether every state was asked.
///
/// # Errors
/// When the scenario cannot be explored.
pub fn witnesses(model: Model, interrupt: &AtomicBool) -> Result<(Marks, bool)> {
    let world = Explorable::new(model, showing());
    let report = check(&world, &Options { interrupt: Some(interrupt), ..few() })?;
    let found = report.findings.iter().enumerate().fold(0, |found, (bit, finding)| {
        found | Marks::from(matches!(finding.verdict, Verdict::Found(_))) << bit
    });
    Ok((found, report.end == End::Complete))
}

/// For so few states one worker is faster than several that wait for each other.
fn few<'a>() -> Options<'a> {
    let limits = Limits { states: Some(STATES), ..Limits::default() };
    Options { workers: Some(NonZeroUsize::MIN), limits, ..Options::default() }
}

/// A model without properties that notes what it takes.
struct Survey {
    model: Model,
    taken: Mutex<BTreeSet<Taken>>,
}

/// Working memory of one worker.
struct Scratch {
    step: Step,
    words: Vec<u64>,
    known: BTreeSet<Taken>,
}

impl Survey {
    fn note(&self, known: &mut BTreeSet<Taken>, step: &Step) {
        for taken in &step.taken {
            if known.insert(*taken) {
                self.taken.lock().unwrap_or_else(PoisonError::into_inner).insert(*taken);
            }
        }
    }
}

impl mapi_logon_checker::Model for Survey {
    type Scratch = Scratch;

    fn identity(&self) -> String {
        self.model.scenario().to_toml()
    }

    fn scratch(&self) -> Scratch {
        let step = Step::at(self.model.initial());
        Scratch { step, words: vec![0; self.words()], known: BTreeSet::new() }
    }

    fn words(&self) -> usize {
        self.model.state_bits().div_ceil(64).max(1) as usize
    }

    fn properties(&self) -> Vec<Property> {
        Vec::new()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut words = vec![0; self.words()];
        self.model.encode(&self.model.initial(), &mut BitWriter::new(&mut words));
        each(&words, 0);
    }

    fn successors(
        &self,
        scratch: &mut Scratch,
        state: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        let Scratch { step, words, known } = scratch;
        let state = self.model.decode(&mut BitReader::new(state));
        let mut number = 0;
        self.model.each_successor(&state, step, &mut |_, step| {
            self.note(known, step);
            self.model.encode(&step.state, &mut BitWriter::new(words));
            each(number, words, 0);
            number += 1;
        });
    }
}

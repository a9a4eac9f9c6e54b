//! Integration tests: one binary, a module for each topic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod adapters;
mod adapters_scenes;
mod answers;
mod bad_input;
mod cached;
mod checking;
mod clusters;
mod command_line;
mod compare;
mod documents;
mod driving;
mod driving_measures;
mod driving_reasons;
mod driving_reports;
mod explaining;
mod field;
mod frugal;
mod golden;
mod impersonating;
mod impersonating_options;
mod impersonating_wine;
mod imports;
mod journeys;
mod lassos;
mod limited;
mod machine;
mod metamorphic;
mod mutants;
mod pages;
#[cfg(unix)]
mod paths;
mod processes;
mod reduced;
mod references;
mod reports;
mod revision;
mod saved;
mod scenarios;
mod schemas;
mod searching;
mod several;
mod simulate;
mod simulate_interrupt;
mod simulate_load;
mod simulate_mutex;
mod simulate_queue;
mod spec;
mod strangers;
mod support;
mod sweep;
mod sweep_line;
mod symmetry;
mod symmetry_cases;
mod terminal;
mod tidy;
mod traceability;
mod traces;
mod traces_ended;
mod traces_files;
#[path = "../../model/tests/support/drawn.rs"]
mod worlds;

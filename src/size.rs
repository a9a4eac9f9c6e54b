//! The size of a scenario: other numbers of clients and faults than its own.

use anyhow::{Context, Result};
use mapi_logon_model::scenario::{Budget, Scenario};

/// The scenario with `clients` clients and a budget of `faults`, where they are given. Its
/// expectations hold for its own size only.
///
/// # Errors
/// When there are more clients than a scenario may have.
pub fn resized(
    mut scenario: Scenario,
    clients: Option<usize>,
    faults: Option<u8>,
) -> Result<Scenario> {
    let own = (scenario.clients.len(), scenario.faults.budget);
    if let Some(faults) = faults {
        scenario.faults.budget = Budget::Limited(faults);
    }
    if (clients.unwrap_or(own.0), scenario.faults.budget) != own {
        scenario.expect.clear();
    }
    match clients {
        Some(clients) if clients != own.0 => crowd(scenario, clients),
        Some(_) | None => Ok(scenario),
    }
}

/// The scenario with `clients` clients: its first, or all of them and copies in turn, under
/// names of their own.
fn crowd(mut scenario: Scenario, clients: usize) -> Result<Scenario> {
    let own = scenario.clients.clone();
    scenario.clients.truncate(clients);
    for number in own.len()..clients {
        let mut copy = own[number % own.len()].clone();
        let mut round = number / own.len() + 1;
        let taken = |name: &str| scenario.clients.iter().any(|client| client.name == name);
        while taken(&format!("{}-{round}", copy.name)) {
            round += 1;
        }
        copy.name = format!("{}-{round}", copy.name);
        scenario.clients.push(copy);
    }
    // Reading it again numbers its calls and keeps the limits.
    Scenario::parse(&scenario.to_toml())
        .map_err(|error| anyhow::anyhow!(error.message))
        .with_context(|| format!("with {clients} clients"))
}

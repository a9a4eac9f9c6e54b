//! The plan of a recording: its events in order, in the numbers of a world.

use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;

use indexmap::IndexSet;
use mapi_logon_model::ids::{ClientId, ProviderId, ServiceId};
use mapi_logon_model::machine::Model;
use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::{Call, Dialog, Logon, ProviderCall, Task};
use mapi_logon_model::scenario::{ANSWERS, Scenario};
use mapi_logon_model::suggest::unknown;
use mapi_logon_model::world::RunState;
use rustc_hash::FxBuildHasher;

use super::expected::{DialogName, Expected, Snapshot};
use super::pointers::Begun;
use crate::calls;
use crate::lines::FileError;
use crate::recording::{DialogEvent, RecordedEvent, Recording, Returned};

/// A recording in the numbers of a scenario.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) events: Vec<Planned>,
    pub(super) points: Vec<Point>,
}

/// A moment of the recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Point {
    /// From here on the call of this event may begin.
    Begin(u32),
    /// Here it has returned; a call that never does has shown here what is known of it.
    End(u32),
}

/// An event: the call, and what it must show.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) client: ClientId,
    pub(super) call: Begun,
    pub(super) expected: Rc<Expected>,
}

impl Plan {
    /// Puts a recording in the numbers of a scenario.
    ///
    /// # Errors
    /// [`FileError`] at the first event that names what the scenario does not have.
    pub(super) fn of(recording: &Recording, model: &Model) -> Result<Self, FileError> {
        let mut events = Vec::with_capacity(recording.events.len());
        let without_init = lists(recording, "Logon") && !lists(recording, "Init");
        let mut known = Known { without_init, ..Known::default() };
        for event in &recording.events {
            let planned = plan(event, model, &mut known);
            events.push(planned.map_err(|reason| FileError::at(event.line, reason))?);
        }
        let points = points(recording, &events)?;
        let mut plan = Self { events, points };
        plan.forget_unknown_labels();
        Ok(plan)
    }

    /// A call on a session that nobody has obtained acts on the one obtained last.
    fn forget_unknown_labels(&mut self) {
        let mut known = BTreeSet::new();
        for point in &self.points {
            let Point::Begin(number) = point else {
                continue;
            };
            let event = &mut self.events[*number as usize];
            match &mut event.call {
                Begun::Logon(_) => known.extend(event.expected.label),
                Begun::OnSession(label, _) => *label = label.filter(|label| known.contains(label)),
                Begun::Other(_) => {}
            }
        }
    }
}

/// What earlier events were planned with: few differ in what they must show.
#[derive(Default)]
struct Known {
    labels: IndexSet<String, FxBuildHasher>,
    expected: HashSet<Rc<Expected>, FxBuildHasher>,
    /// Calls of logon methods are listed, those of entry points are not.
    without_init: bool,
}

impl Known {
    fn number(&mut self, label: String) -> u32 {
        u32::try_from(self.labels.insert_full(label).0).unwrap_or(u32::MAX)
    }

    fn of(&mut self, expected: Expected) -> Rc<Expected> {
        if let Some(known) = self.expected.get(&expected) {
            return Rc::clone(known);
        }
        let new = Rc::new(expected);
        self.expected.insert(Rc::clone(&new));
        new
    }
}

/// Does the recording list calls of providers that are called so?
fn lists(recording: &Recording, call: &str) -> bool {
    let listed = recording.events.iter().filter_map(|event| event.seen.provider_events.as_ref());
    listed.flatten().any(|one| one.call == call)
}

/// What is wrong with a name, and how a log's name becomes the scenario's.
fn renamed(error: &str, what: &str) -> String {
    format!("{error}; [rename.{what}] in the map of `import` gives it another name")
}

fn plan(event: &RecordedEvent, model: &Model, known: &mut Known) -> Result<Planned, String> {
    let scenario = model.scenario();
    let names = scenario.clients.iter().map(|client| client.name.as_str());
    let client = calls::refer("client", &event.client, names);
    let client = ClientId::from(client.map_err(|error| renamed(&error, "client"))?);
    let label = event.label()?.map(|label| known.number(label));
    let call = calls::call(scenario, &event.written());
    let store = |error: String| match event.method {
        "OpenMsgStore" => renamed(&error, "store"),
        _ => error,
    };
    let call = match call.map_err(store)? {
        Call::LogonEx(_) => Begun::Logon(parameters(event, scenario, client)),
        Call::OnSession(_, method) => Begun::OnSession(label, method),
        call @ (Call::Initialize | Call::Uninitialize | Call::DeleteProfile(_)) => {
            Begun::Other(call)
        }
    };
    let expected = Expected {
        result: Some(event.result),
        label: label.filter(|_| matches!(call, Begun::Logon(_))),
        snapshot: snapshot(event, scenario)?,
        calls: provider_calls(event, scenario)?,
        without_init: known.without_init,
        dialogs: dialogs(event, model)?,
        ..Expected::default()
    };
    Ok(Planned { client, call, expected: known.of(expected) })
}

/// The logon's parameters as the event has them; the rest is the client's in the scenario.
fn parameters(event: &RecordedEvent, scenario: &Scenario, client: ClientId) -> Logon {
    let own = &scenario.clients[client.index()];
    let name = name(event, scenario, client).map(String::as_str);
    Logon {
        slot: 0,
        name: calls::name_parameter(scenario, name),
        password: event.password.unwrap_or(own.password),
        flags: event.logon_flags().unwrap_or(own.flags),
    }
}

/// The profile name parameter of a logon: as it was recorded, else the client's in the scenario.
pub(super) fn name<'e>(
    event: &'e RecordedEvent,
    scenario: &'e Scenario,
    client: ClientId,
) -> Option<&'e String> {
    let own = scenario.clients[client.index()].only_name();
    match &event.name {
        Some(name) => name.as_ref(),
        None => own.and_then(|name| name.written.as_ref()),
    }
}

fn snapshot(event: &RecordedEvent, scenario: &Scenario) -> Result<Snapshot, String> {
    let seen = &event.seen;
    let profiles = scenario.profiles.iter().map(|profile| profile.name.as_str());
    let services = scenario.services.iter().map(|service| service.name.as_str());
    let providers = scenario.providers.iter().map(|provider| provider.name.as_str());
    let mut snapshot = Snapshot { joined: seen.joined, ..Snapshot::default() };
    if let Some(name) = &seen.profile {
        snapshot.profile = Some(calls::refer("profile", name, profiles)?.into());
    }
    snapshot.shared = match seen.kind.as_deref() {
        None => None,
        Some("shared") => Some(true),
        Some("individual") => Some(false),
        Some(other) => return Err(unknown("kind", other, ["individual", "shared"])),
    };
    for (name, state) in &seen.services {
        let service = calls::refer("service", name, services.clone())?;
        let states = ["enabled", "disabled"];
        let disabled = calls::refer("state of a service", state, states.into_iter())? == 1;
        snapshot.disabled.push((service.into(), disabled));
    }
    for (name, state) in &seen.providers {
        let provider = calls::refer("provider", name, providers.clone())?;
        let states =
            [RunState::NotStarted, RunState::LoggedOn, RunState::Deferred, RunState::Quarantined];
        let names = states.iter().map(|state| state.name());
        let state = calls::refer("state of a provider", state, names)?;
        snapshot.providers.push((provider.into(), states[state]));
    }
    Ok(snapshot)
}

type Calls = Vec<(ProviderId, ProviderCall, Option<Code>)>;

fn provider_calls(event: &RecordedEvent, scenario: &Scenario) -> Result<Option<Calls>, String> {
    let Some(list) = &event.seen.provider_events else {
        return Ok(None);
    };
    let providers = scenario.providers.iter().map(|provider| provider.name.as_str());
    let kinds = [ProviderCall::Init, ProviderCall::Logon];
    let mut found = Vec::with_capacity(list.len());
    for one in list {
        let provider = calls::refer("provider", &one.provider, providers.clone())?.into();
        let kind = calls::refer("provider call", &one.call, ["Init", "Logon"].into_iter())?;
        let code = match &one.result {
            None => None,
            Some(text) => match Returned::of(&text.as_str().into())? {
                Returned::With(code) => Some(code),
                // A code that no provider of the model gives: the call matches nothing.
                Returned::Unknown(_) | Returned::Never => Some(Code::PartialCompletion),
            },
        };
        found.push((provider, kinds[kind], code));
    }
    if found.len() > usize::from(u8::MAX) {
        return Err("more than 255 provider calls in one event".to_owned());
    }
    Ok(Some(found))
}

type Dialogs = Vec<(DialogName, Option<usize>)>;

fn dialogs(event: &RecordedEvent, model: &Model) -> Result<Option<Dialogs>, String> {
    let Some(list) = &event.seen.dialogs else {
        return Ok(None);
    };
    let known = every_dialog(model.scenario());
    let words = |name: &DialogName| match *name {
        DialogName::Dialog(dialog) => model.words().dialog(dialog),
        DialogName::Failure([task, _], _) => model.words().failure(task),
    };
    let names: Vec<_> = known.iter().map(words).collect();
    let mut found = Vec::with_capacity(list.len());
    for one in list {
        let (name, answer) = match one {
            DialogEvent::Named(name) => (name, None),
            DialogEvent::Answered { dialog, answer } => (dialog, Some(answer)),
        };
        let (name, code) = with_code(name, &names);
        let dialog = calls::refer("dialog", name, names.iter().map(String::as_str))?;
        let dialog = match known[dialog] {
            DialogName::Failure([task, _], _) => {
                // A service and a provider may have one name.
                let twin = names.iter().rposition(|one| one == name).map(|last| known[last]);
                let twin = match twin {
                    Some(DialogName::Failure([twin, _], _)) => twin,
                    Some(DialogName::Dialog(_)) | None => task,
                };
                DialogName::Failure([task, twin], code)
            }
            dialog @ DialogName::Dialog(_) => dialog,
        };
        let answer = match answer {
            None => None,
            Some(answer) => Some(calls::refer("answer", answer, ANSWERS.into_iter())?),
        };
        found.push((dialog, answer));
    }
    if found.len() > usize::from(u8::MAX) {
        return Err("more than 255 dialogs in one event".to_owned());
    }
    Ok(Some(found))
}

/// The name of a dialog, and the code of the failure that it says; without one, any is meant.
fn with_code<'n>(name: &'n str, known: &[String]) -> (&'n str, Option<Code>) {
    let coded = name.rsplit_once(':').filter(|(head, _)| head.starts_with("failure:"));
    let coded = coded.filter(|_| !known.iter().any(|one| one == name));
    let coded = coded.and_then(|(head, code)| Some((head, Code::named(code)?)));
    coded.map_or((name, None), |(head, code)| (head, Some(code)))
}

fn every_dialog(scenario: &Scenario) -> Vec<DialogName> {
    let services = (0..scenario.services.len()).map(ServiceId::from);
    let providers = (0..scenario.providers.len()).map(ProviderId::from);
    let configured = services.clone().map(Task::Configure);
    let failed = configured.chain(providers.clone().map(Task::Run));
    [Dialog::Profile, Dialog::Password, Dialog::Logoff]
        .into_iter()
        .chain(services.map(Dialog::Configure))
        .chain(providers.map(Dialog::Provider))
        .map(DialogName::Dialog)
        .chain(failed.map(|task| DialogName::Failure([task; 2], None)))
        .collect()
}

/// The moments in an order that every run can be put in: at equal times calls overlap.
fn points(recording: &Recording, events: &[Planned]) -> Result<Vec<Point>, FileError> {
    let mut order: Vec<(f64, u8, u32)> = Vec::with_capacity(events.len() * 2);
    for (index, event) in recording.events.iter().enumerate() {
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        let in_turn = f64::from(number) * 2.0;
        order.push((event.begin.unwrap_or(in_turn), 0, number));
        let end = match event.result {
            Returned::Never => f64::INFINITY,
            Returned::With(_) | Returned::Unknown(_) => event.end.unwrap_or(in_turn + 1.0),
        };
        order.push((end, 1, number));
    }
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let clients = events.iter().map(|event| event.client.index() + 1).max();
    let mut busy: Vec<Option<u32>> = vec![None; clients.unwrap_or(0)];
    let mut points = Vec::with_capacity(order.len());
    for moment in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        // A call that begins when the client's last one ends comes after that end.
        let mut left = moment.to_vec();
        loop {
            let before = left.len();
            left.retain(|(_, kind, number)| {
                let slot = &mut busy[events[*number as usize].client.index()];
                let (holds, becomes, point) = match kind {
                    0 => (None, Some(*number), Point::Begin(*number)),
                    _ => (Some(*number), None, Point::End(*number)),
                };
                let fits = *slot == holds;
                if fits {
                    *slot = becomes;
                    points.push(point);
                }
                !fits
            });
            match left.first() {
                None => break,
                Some((_, _, number)) if left.len() == before => {
                    return Err(overlap(&recording.events[*number as usize]));
                }
                Some(_) => {}
            }
        }
    }
    Ok(points)
}

fn overlap(event: &RecordedEvent) -> FileError {
    let reason = format!(
        "a call of client {:?} overlaps another of its calls; give each thread its own name",
        event.client
    );
    FileError::at(event.line, reason)
}

//! The run that explains a recording, step by step, each with the event it belongs to.

use mapi_logon_model::ids::ClientId;
use mapi_logon_model::machine::{Model, Step};
use mapi_logon_model::protocol::{Action, Call, Choice};
use mapi_logon_model::world::State;

use super::plan::{Plan, Point, name};
use super::pointers::{Begun, Labels};
use super::world::World;
use crate::act::{Act, Deed};
use crate::recording::Recording;
use crate::trace::{Calls, Expect, Header, Line};
use crate::tracer::{DEAD, Tracer};
use crate::write::Trace;

/// Finds the event that each action of a run belongs to, and the call that it begins there.
struct Places<'p> {
    plan: &'p Plan,
    /// Every client's events, the next one last.
    next: Vec<Vec<u32>>,
    current: Vec<Option<u32>>,
    labels: Labels,
}

impl<'p> Places<'p> {
    fn new(plan: &'p Plan, clients: usize) -> Self {
        let mut next = vec![Vec::new(); clients];
        for point in plan.points.iter().rev() {
            if let Point::Begin(event) = point {
                next[plan.events[*event as usize].client.index()].push(*event);
            }
        }
        Self { plan, next, current: vec![None; clients], labels: Labels::default() }
    }

    /// The event, and the action with the slots in which this run keeps session pointers.
    fn of(&mut self, run: &Tracer, action: Action) -> Option<(u32, Action)> {
        let client = action.client;
        if let Choice::Begin(_) | Choice::Refuse(_) = action.choice {
            self.current[client.index()] = self.next[client.index()].pop();
        }
        let event = self.current[client.index()]?;
        if !matches!(action.choice, Choice::Begin(_)) {
            return Some((event, action));
        }
        let planned = &self.plan.events[event as usize];
        let call = self.labels.call(run.model(), run.state(), client, planned.call)?;
        if let Call::LogonEx(logon) = call {
            let slot = run.model().slots().of_client(client, logon.slot)?;
            self.labels.obtained(slot, planned.expected.label);
        }
        let choice = Choice::Begin(call);
        Some((event, Action { client, choice }))
    }

    /// The event's number among its client's logons with its label, the last before it, from 1.
    fn last_logon(&self, client: ClientId, event: u32) -> Option<usize> {
        let Begun::OnSession(label, _) = self.plan.events[event as usize].call else {
            return None;
        };
        let mut logons = 0;
        let mut found = None;
        for point in &self.plan.points {
            let Point::Begin(number) = *point else {
                continue;
            };
            let one = &self.plan.events[number as usize];
            if number == event {
                break;
            }
            if one.client == client && matches!(one.call, Begun::Logon(_)) {
                logons += 1;
                found = found.filter(|_| one.expected.label != label).or(Some(logons));
            }
        }
        found
    }
}

/// Steps the machine along a run and shows every step with the number of its event, from 0, and
/// the state before.
pub(super) fn walk(
    plan: &Plan,
    model: &Model,
    actions: &[Action],
    mut each: impl FnMut(u32, &State, Action, &Step),
) {
    let mut places = Places::new(plan, model.scenario().clients.len());
    let mut run = Tracer::given(model.clone(), None);
    for action in actions {
        let Some((event, action)) = places.of(&run, *action) else {
            return;
        };
        let before = run.state().clone();
        if run.take(action).is_err() {
            return;
        }
        each(event, &before, action, run.run().step());
    }
}

/// The run as a trace that can be replayed.
pub(super) fn trace(
    recording: &Recording,
    plan: &Plan,
    world: &World,
    model: &Model,
    actions: &[Action],
    faults: u32,
) -> Trace {
    let (scenario, conforms) = (&world.scenario, Expect::conforms());
    let mut header = Header::new(model, scenario, Calls::Given, conforms);
    header.faults = world.faults.map(|most| most.min(faults.max(1)));
    let mut places = Places::new(plan, scenario.clients.len());
    let mut run = Tracer::given(model.clone(), header.faults);
    let mut lines: Vec<Line> = Vec::with_capacity(actions.len());
    for action in actions {
        let Some((event, action)) = places.of(&run, *action) else {
            break;
        };
        let name = name(&recording.events[event as usize], scenario, action.client);
        let act = written(&places, (event, name), &run, action);
        let Some(line) = run.follow(&act) else { break };
        lines.push(line);
    }
    Trace { header, lines }
}

/// The action as it is written, with the names that were recorded.
fn written(
    places: &Places<'_>,
    (event, name): (u32, Option<&String>),
    run: &Tracer,
    action: Action,
) -> Act {
    let mut act = run.names().act(run.state(), action);
    if let Deed::Begin { on, parameters, .. } = &mut act.deed {
        if let Some(parameters) = parameters {
            parameters.profile = name.cloned();
        }
        if let Choice::Begin(Call::OnSession(Some(DEAD), _)) = action.choice {
            let number = places.last_logon(action.client, event);
            *on = number.map(|number| format!("{}/{number}", act.client));
        }
    }
    act
}

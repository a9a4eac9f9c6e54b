//! Which run explains a recording? Told step by step, each with the event it belongs to.

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::ids::{CLIENTS, ClientId, LogonId};
use mapi_logon_model::scenario::Scenario;
use mapi_logon_model::step::Step;
use mapi_logon_model::window::{Asked, Needs, Window};

use super::plan::Plan;
use super::states::AT_HAND;
use crate::calls::given;
use crate::machine::Run;
use crate::trace::{Act, Calls, Deed, Expect, Header, Line};
use crate::write::Trace;

/// Finds the event that each action of a run belongs to.
struct Places<'p> {
    plan: &'p Plan,
    /// Every client's events, those on sessions that were over left out; the next one first.
    next: [Vec<u32>; CLIENTS],
    current: [Option<u32>; CLIENTS],
    made: [Vec<u32>; CLIENTS],
}

impl<'p> Places<'p> {
    fn new(plan: &'p Plan, gone: &[u32]) -> Self {
        let mut next = [const { Vec::new() }; CLIENTS];
        let begins = plan.points.iter().rev().filter_map(|point| match point {
            super::Point::Begin(event) if !gone.contains(event) => Some(*event),
            super::Point::Begin(_) | super::Point::End(_) => None,
        });
        for event in begins {
            next[plan.events[event as usize].client.index()].push(event);
        }
        Self { plan, next, current: [None; CLIENTS], made: [const { Vec::new() }; CLIENTS] }
    }

    /// The event, and whether the action begins its call.
    fn of(&mut self, action: Action) -> Option<(u32, bool)> {
        let client = action.client.index();
        let begins = action.choice == Choice::Begin;
        if begins {
            self.current[client] = self.next[client].pop();
            let event = self.current[client]?;
            if matches!(self.plan.events[event as usize].asked, Asked::Logon(_)) {
                self.made[client].push(event);
            }
        }
        self.current[client].map(|event| (event, begins))
    }

    /// Which of its client's logons obtained the session that the event acts on, from 1.
    fn acts_on(&self, event: u32) -> Option<(ClientId, usize)> {
        let planned = &self.plan.events[event as usize];
        let label = planned.on?;
        let made = &self.made[planned.client.index()];
        let place =
            made.iter().rposition(|one| self.plan.events[*one as usize].label == Some(label));
        place.map(|place| (planned.client, place + 1))
    }
}

/// Steps the machine along a run and shows every step with the number of its event, from 0.
pub(super) fn walk(
    plan: &Plan,
    gone: &[u32],
    scenario: &Scenario,
    actions: &[Action],
    mut each: impl FnMut(u32, &Window, &Step),
) {
    let mut places = Places::new(plan, gone);
    let faults = if scenario.faults.budget > 0 { AT_HAND } else { 0 };
    let mut scenario = scenario.clone();
    scenario.faults.budget = faults;
    let mut window = Window::new(scenario);
    let mut step = Step::at(window.model().initial());
    for action in actions {
        let Some((event, begins)) = places.of(*action) else {
            return;
        };
        if begins {
            let asked = plan.events[event as usize].asked.clone();
            let on = places.acts_on(event).and_then(|(client, number)| {
                let number = number as u64;
                let mut own = window.logons_of(client);
                own.find(|slot: &LogonId| window.ordinal(*slot) == number)
            });
            let mut needs = Needs::default();
            window.need(&step.state, &mut needs);
            let Ok(shift) = window.next(action.client, asked, on, &needs) else {
                return;
            };
            let Some(state) = shift.carry(&step.state) else {
                return;
            };
            step.state = state;
        }
        let state = step.state;
        if window.model().step_into(&state, *action, &mut step).is_err() {
            return;
        }
        each(event, &window, &step);
        let people = step.state.people();
        step.state.seat(&people, faults);
    }
}

/// The run as a trace that can be replayed.
pub(super) fn trace(
    plan: &Plan,
    gone: &[u32],
    scenario: &Scenario,
    actions: &[Action],
    faults: u32,
) -> Trace {
    let mut header = Header::new(scenario, Calls::Given, Expect::conforms());
    header.faults = (faults > u32::from(scenario.faults.budget)).then_some(faults);
    let mut run = Run::new(scenario.clone(), Calls::Given).with_faults(header.faults);
    let mut places = Places::new(plan, gone);
    let mut lines: Vec<Line> = Vec::with_capacity(actions.len());
    for action in actions {
        let Some((event, begins)) = places.of(*action) else {
            break;
        };
        let line = if begins {
            let act = begin(plan, &places, event, &run, *action);
            run.follow(&act)
        } else {
            run.take(*action)
        };
        let Some(line) = line else { break };
        lines.push(line);
    }
    Trace { header, lines }
}

fn begin(plan: &Plan, places: &Places<'_>, event: u32, run: &Run, action: Action) -> Act {
    let planned = &plan.events[event as usize];
    let (call, parameters) = match &planned.asked {
        Asked::Logon(parameters) => ("MAPILogonEx".to_owned(), Some(given(parameters))),
        Asked::Other(_, written) => (written.clone(), None),
    };
    let client = run.names().client(action.client);
    let on = places.acts_on(event).map(|(_, number)| format!("{client}/{number}"));
    Act { client, deed: Deed::Begin, call: Some(call), parameters, on, ..Act::default() }
}

//! Two-phase commit as one would write it for stateright.
//!
//! States are vectors and sets, as in stateright's own example, and not packed into words.

use std::collections::BTreeSet;

use stateright::{Model, Property};

/// Two-phase commit with this number of resource managers.
pub(crate) struct Plain(pub(crate) usize);

/// A state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    managers: Vec<Phase>,
    decision: Decision,
    known: Vec<bool>,
    sent: BTreeSet<Message>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Working,
    Prepared,
    Committed,
    Aborted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Decision {
    None,
    Commit,
    Abort,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Message {
    Prepared(usize),
    Commit,
    Abort,
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Decide(bool),
    Hear(usize),
    Prepare(usize),
    GiveUp(usize),
    Obey(usize, bool),
}

impl Model for Plain {
    type State = World;
    type Action = Act;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            managers: vec![Phase::Working; self.0],
            decision: Decision::None,
            known: vec![false; self.0],
            sent: BTreeSet::new(),
        }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Act>) {
        let undecided = world.decision == Decision::None;
        if undecided && world.known.iter().all(|known| *known) {
            actions.push(Act::Decide(true));
        }
        if undecided {
            actions.push(Act::Decide(false));
        }
        for (at, phase) in world.managers.iter().enumerate() {
            if undecided && world.sent.contains(&Message::Prepared(at)) {
                actions.push(Act::Hear(at));
            }
            if *phase == Phase::Working {
                actions.extend([Act::Prepare(at), Act::GiveUp(at)]);
            }
            if world.sent.contains(&Message::Commit) {
                actions.push(Act::Obey(at, true));
            }
            if world.sent.contains(&Message::Abort) {
                actions.push(Act::Obey(at, false));
            }
        }
    }

    fn next_state(&self, world: &World, action: Act) -> Option<World> {
        let mut next = world.clone();
        match action {
            Act::Decide(true) => {
                next.decision = Decision::Commit;
                next.sent.insert(Message::Commit);
            }
            Act::Decide(false) => {
                next.decision = Decision::Abort;
                next.sent.insert(Message::Abort);
            }
            Act::Hear(at) => next.known[at] = true,
            Act::Prepare(at) => {
                next.managers[at] = Phase::Prepared;
                next.sent.insert(Message::Prepared(at));
            }
            Act::GiveUp(at) | Act::Obey(at, false) => next.managers[at] = Phase::Aborted,
            Act::Obey(at, true) => next.managers[at] = Phase::Committed,
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::sometimes("abort agreement", |_, world: &World| {
                world.managers.iter().all(|phase| *phase == Phase::Aborted)
            }),
            Property::sometimes("commit agreement", |_, world: &World| {
                world.managers.iter().all(|phase| *phase == Phase::Committed)
            }),
            Property::always("consistent", |_, world: &World| {
                !world.managers.contains(&Phase::Aborted)
                    || !world.managers.contains(&Phase::Committed)
            }),
        ]
    }
}

//! Which shortest run breaks a property? Breadth first, within bounds.

use std::collections::{BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_model::action::Action;
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::step::Step;

use crate::judge::Judge;

/// How a world was reached first: from the world with that number, by that action.
type Origin = (u32, Option<Action>);

/// Finds a shortest run that breaks a wanted property; gives up after `most` worlds.
pub(super) fn search(
    model: &Model,
    wanted: u128,
    most: usize,
    stop: &AtomicBool,
) -> Option<Vec<Action>> {
    let words = (model.state_bits() + model.memory_bits()).div_ceil(64).max(1) as usize;
    let mut packed = vec![0; words];
    let mut seen: BTreeSet<Box<[u64]>> = BTreeSet::new();
    let mut origins: Vec<Origin> = vec![(0, None)];
    let mut open: VecDeque<(u32, Box<[u64]>)> = VecDeque::new();
    let pack = |step: &Step, memory: &Memory, packed: &mut [u64]| {
        let mut bits = BitWriter::new(packed);
        model.encode(&step.state, &mut bits);
        memory.encode(model, &mut bits);
    };
    let mut step = Step::at(model.initial());
    let mut judge = Judge::new(model);
    pack(&step, &Memory::default(), &mut packed);
    seen.insert(packed.as_slice().into());
    open.push_back((0, packed.as_slice().into()));
    while let Some((number, world)) = open.pop_front() {
        if origins.len() > most || stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut bits = BitReader::new(&world);
        let state = model.decode(&mut bits);
        let memory = Memory::decode(model, &mut bits);
        let mut found = None;
        model.each_successor(&state, &mut step, &mut |action, step| {
            judge.remember(memory);
            let marks = judge.see(model, &state, action, step);
            if marks & wanted != 0 {
                found = found.or(Some(action));
            }
            pack(step, judge.memory(), &mut packed);
            if !seen.contains(packed.as_slice()) {
                let world: Box<[u64]> = packed.as_slice().into();
                seen.insert(world.clone());
                open.push_back((u32::try_from(origins.len()).unwrap_or(u32::MAX), world));
                origins.push((number, Some(action)));
            }
        });
        if let Some(last) = found {
            return Some(path(&origins, number, last));
        }
    }
    None
}

/// The actions that lead to a world, and one more.
fn path(origins: &[Origin], world: u32, last: Action) -> Vec<Action> {
    let mut actions = vec![last];
    let mut at = world;
    while let (before, Some(action)) = origins[at as usize] {
        actions.push(action);
        at = before;
    }
    actions.reverse();
    actions
}

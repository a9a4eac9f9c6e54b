//! Is one world of each class enough? Every renaming is tried on every step, and all classes are
//! explored beside the whole model.

use std::collections::{BTreeMap, BTreeSet};

use mapi_logon::explorable::Explorable;
use mapi_logon::symmetric::{Symmetric, check_symmetric};
use mapi_logon_checker::{Limits, Model as _, Options, Paths, Report, Verdict, check};
use mapi_logon_model::bits::{BitReader, BitWriter};
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::property::{Moment, PROPERTIES};
use mapi_logon_model::state::State;
use mapi_logon_model::symmetry::{Renaming, Scratch, Symmetry};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::worlds::{World, worlds};

pub(crate) type Life = (State, Memory);

pub(crate) fn asked() -> u128 {
    (1 << PROPERTIES.len()) - 1
}

/// A world as words, whatever is asked.
fn words(model: &Model, (state, memory): &Life) -> Vec<u64> {
    let mut words =
        vec![0; (model.state_bits() + model.memory_bits()).div_ceil(64).max(1) as usize];
    let mut bits = BitWriter::new(&mut words);
    model.encode(state, &mut bits);
    memory.encode(model, &mut bits);
    words
}

fn life_of(model: &Model, words: &[u64]) -> Life {
    let mut bits = BitReader::new(words);
    let state = model.decode(&mut bits);
    (state, Memory::decode(model, &mut bits))
}

/// Where every step leads, what it marks, and what is still to be done there.
fn steps(model: &Model, life: &Life, by: &Renaming) -> BTreeSet<(String, Vec<u64>, u128, u128)> {
    let mut steps = BTreeSet::new();
    model.successors(&life.0, |action, step| {
        let remembered = model.remember(&life.0, &life.1, action, step);
        let moment = Moment {
            model,
            before: &life.0,
            action,
            step,
            memory: &life.1,
            remembered: &remembered,
        };
        let there = (by.state(&step.state), by.memory(&remembered));
        let pending = model.pending(&step.state, &remembered);
        let action = format!("{:?}", by.action(action));
        steps.insert((action, words(model, &there), model.judge(&moment), pending));
    });
    steps
}

/// The worlds nearest to the beginning, at most about so many.
pub(crate) fn lives(model: &Model, most: usize) -> Vec<Life> {
    let mut seen = BTreeSet::new();
    let mut lives = vec![(model.initial(), Memory::default())];
    let mut at = 0;
    while at < lives.len() && lives.len() < most {
        let life = lives[at];
        model.successors(&life.0, |action, step| {
            let remembered = model.remember(&life.0, &life.1, action, step);
            let there = words(model, &(step.state, remembered));
            if !seen.contains(&there) {
                lives.push(life_of(model, &there));
                seen.insert(there);
            }
        });
        at += 1;
    }
    lives
}

/// Every renaming takes steps to steps and classes have one representative.
pub(crate) fn is_symmetric(model: &Model, most: usize) -> Result<u64, TestCaseError> {
    let symmetry = Symmetry::of(model.scenario());
    let renamings = symmetry.renamings();
    prop_assert_eq!(renamings.len() as u64, symmetry.order());
    let nobody = Renaming::identity();
    let mut least = Scratch::of_words(words(model, &(model.initial(), Memory::default())).len());
    let pack = |state: &State, memory: &Memory, out: &mut [u64]| {
        out.copy_from_slice(&words(model, &(*state, *memory)));
    };
    for life in lives(model, most) {
        let to = symmetry.least(&life.0, &life.1, &mut least, pack);
        let stands = least.words.clone();
        prop_assert_eq!(&words(model, &(to.state(&life.0), to.memory(&life.1))), &stands);
        for by in &renamings {
            let image = (by.state(&life.0), by.memory(&life.1));
            prop_assert_eq!(life_of(model, &words(model, &image)), image);
            prop_assert_eq!(steps(model, &life, by), steps(model, &image, &nobody));
            symmetry.least(&image.0, &image.1, &mut least, pack);
            prop_assert_eq!(&least.words, &stands);
            let back = by.inverse();
            prop_assert_eq!((back.state(&image.0), back.memory(&image.1)), life);
        }
    }
    Ok(symmetry.order())
}

pub(crate) fn explore(world: &Explorable, symmetric: bool) -> Report {
    let options = Options {
        paths: Paths::All,
        limits: Limits { states: Some(60_000), ..Limits::default() },
        ..Options::default()
    };
    if symmetric {
        check_symmetric(world, &options).unwrap()
    } else {
        check(world, &options).unwrap()
    }
}

/// What is known of each property, without the run that shows it but for its length.
pub(crate) fn verdicts(report: &Report) -> Vec<String> {
    let told = |finding: &mapi_logon_checker::Finding| match &finding.verdict {
        Verdict::Violated(example) => format!("violated in {}", example.depth),
        Verdict::Found(example) => format!("found in {}", example.depth),
        Verdict::Starved(_) => "starved".to_owned(),
        Verdict::Holds => "holds".to_owned(),
        Verdict::NotFound => "not found".to_owned(),
        Verdict::Undecided => "undecided".to_owned(),
    };
    let rows = report.findings.iter();
    rows.map(|finding| format!("{} {}", finding.property.id, told(finding))).collect()
}

/// Same verdicts, same witnesses, runs that can be replayed.
pub(crate) fn agree(model: Model) -> Option<(u64, u64)> {
    let world = Explorable::new(model, asked());
    let whole = explore(&world, false);
    if whole.end != mapi_logon_checker::End::Complete {
        return None;
    }
    let classes = explore(&world, true);
    let text = world.model().scenario().to_toml();
    assert_eq!(verdicts(&whole), verdicts(&classes), "{text}");
    assert_eq!(whole.depth, classes.depth, "{text}");
    assert_eq!(whole.stuck == 0, classes.stuck == 0, "{text}");
    for (at, finding) in classes.findings.iter().enumerate() {
        match &finding.verdict {
            Verdict::Violated(example) | Verdict::Found(example) => {
                let path = example.path.as_ref().unwrap();
                assert!(replays(&world, path) >> at & 1 == 1, "{}", finding.property.id);
            }
            Verdict::Starved(lasso) => {
                let stem = lasso.stem.as_ref().unwrap();
                replays(&world, stem);
                assert_eq!(stem.last(), &lasso.knot[..]);
                let pending = world.pending(&mut world.scratch(), &lasso.knot);
                assert!(pending >> at & 1 == 1, "{}", finding.property.id);
            }
            Verdict::Holds | Verdict::NotFound | Verdict::Undecided => {}
        }
    }
    Some((whole.states, classes.states))
}

/// Takes the steps of a run one by one; the marks of the last.
fn replays(world: &Explorable, path: &mapi_logon_checker::Path) -> u128 {
    let mut scratch = world.scratch();
    let (mut at, mut last) = (path.initial.clone(), 0);
    for step in &path.steps {
        let mut found = None;
        world.successors(&mut scratch, &at, &mut |action, next, marks| {
            if action == step.action && next == &step.state[..] {
                found = Some(marks);
            }
        });
        last = found.expect("a step of the model");
        at.clone_from(&step.state);
    }
    last
}

/// All worlds of a model by their words.
fn reach<M: mapi_logon_checker::Model>(model: &M) -> BTreeSet<Vec<u64>> {
    let mut seen = BTreeSet::new();
    let mut open = Vec::new();
    model.initial(&mut |world, _| open.push(world.to_vec()));
    seen.extend(open.iter().cloned());
    let mut scratch = model.scratch();
    while let Some(world) = open.pop() {
        model.successors(&mut scratch, &world, &mut |_, next, _| {
            if !seen.contains(next) {
                seen.insert(next.to_vec());
                open.push(next.to_vec());
            }
        });
    }
    seen
}

/// The classes are disjoint and together all there is.
pub(crate) fn classes_add_up(model: &Model) {
    let world = Explorable::new(model.clone(), asked());
    let symmetric = Symmetric::new(&world);
    let renamings = symmetric.symmetry().renamings();
    let whole = reach(&world);
    let mut covered = BTreeSet::new();
    let mut sum = 0;
    for stands in reach(&symmetric) {
        let life = world.unpack(&stands);
        let class: BTreeSet<_> = renamings
            .iter()
            .map(|by| words(model, &(by.state(&life.0), by.memory(&life.1))))
            .collect();
        sum += class.len();
        covered.extend(class);
    }
    assert_eq!(sum, whole.len(), "{}", model.scenario().to_toml());
    assert_eq!(covered, whole);
}

/// The same world with its first client twice or three times, and a second copy of its last
/// profile, with copies of the clients that name it.
fn doubled(mut world: World, more: usize, profile: bool) -> World {
    if profile {
        let mut copy = world.profiles.last().unwrap().clone();
        let names: BTreeMap<String, String> = [(copy.name.clone(), "P9".to_owned())]
            .into_iter()
            .chain(copy.services.iter().flat_map(|service| {
                let providers = service.providers.iter();
                providers.map(|provider| (provider.name.clone(), format!("{}'", provider.name)))
            }))
            .collect();
        let renamed = |name: &str| names.get(name).cloned();
        for service in &mut copy.services {
            service.name += "'";
            for provider in &mut service.providers {
                provider.name += "'";
            }
        }
        let mut clients = Vec::new();
        for client in &world.clients {
            let mut other = client.clone();
            other.name += "'";
            other.profile = client.profile.as_deref().and_then(renamed);
            let mut touched = other.profile.is_some();
            for call in &mut other.calls {
                let target = call.split_once(':').and_then(|(_, name)| renamed(name));
                if let Some(target) = target {
                    *call = format!("OpenMsgStore:{target}");
                    touched = true;
                }
            }
            if touched {
                other.profile = other.profile.or_else(|| client.profile.clone());
                clients.push(other);
            }
        }
        copy.name = "P9".to_owned();
        world.profiles.push(copy);
        world.clients.extend(clients);
        world.has_default &= world.profiles.len() > 2;
    }
    for number in 0..more {
        let mut copy = world.clients[0].clone();
        copy.name = format!("{}{number}", copy.name);
        world.clients.push(copy);
    }
    world
}

fn doubles() -> impl Strategy<Value = World> {
    let parts = (worlds(), 0..3_usize, prop::bool::weighted(0.4));
    parts.prop_map(|(mut world, more, profile)| {
        world.clients.truncate(if more > 1 { 1 } else { 2 });
        doubled(world, if profile { more.min(1) } else { more }, profile)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn renamings_take_steps_to_steps(world in doubles()) {
        is_symmetric(&world.model(), 400)?;
    }

    #[test]
    fn classes_have_the_verdicts_of_the_whole(world in doubles()) {
        agree(world.model());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sizes_of_classes_add_up(world in doubles()) {
        let model = world.model();
        if explore(&Explorable::new(model.clone(), asked()), false).states < 20_000 {
            classes_add_up(&model);
        }
    }
}

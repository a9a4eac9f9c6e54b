//! One world of each class stands for all: every renaming is tried on every step, and all classes
//! are explored beside the whole model.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use mapi_logon::cached::Steps;
use mapi_logon::explorable::Explorable;
use mapi_logon::symmetric::{Symmetric, check_symmetric};
use mapi_logon_checker::{
    Decision, Limits, Marks, Options, Paths, Report, TransitionSystem as _, check,
};
use mapi_logon_model::machine::Model;
use mapi_logon_model::observe::{Memory, Observer};
use mapi_logon_model::property::{Moment, Properties, PropertySet};
use mapi_logon_model::protocol::Action;
use mapi_logon_model::scenario::file::{ProfileParameter, ScenarioFile};
use mapi_logon_model::symmetry::{LeastScratch, Renaming, Symmetry};
use mapi_logon_model::world::bits::{BitReader, BitWriter};
use mapi_logon_model::world::{Seams, World};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::support::model as drawn;
use crate::worlds::worlds;

pub(crate) type Life = (World, Memory);

/// A model with all that watches it.
struct Watched<'m> {
    model: &'m Model,
    observer: Observer,
    properties: Properties,
}

impl<'m> Watched<'m> {
    fn of(model: &'m Model) -> Self {
        Self { model, observer: Observer::of(model), properties: Properties::of(model) }
    }

    fn first(&self) -> Life {
        (self.model.start(), self.observer.start())
    }

    /// A world as words, whatever is asked.
    fn words(&self, (world, memory): &Life) -> Vec<u64> {
        let bits = self.model.layout().bits() + self.observer.bits();
        let mut words = vec![0; bits.div_ceil(64).max(1) as usize];
        let mut bits = BitWriter::new(&mut words);
        self.model.layout().encode(world, &mut bits);
        memory.encode(&self.observer, &mut bits);
        words
    }

    fn life_of(&self, words: &[u64]) -> Life {
        let (mut world, mut memory) = self.first();
        let mut bits = BitReader::new(words);
        self.model.layout().decode_into(&mut bits, &mut world, &mut Seams::default());
        memory.decode(&self.observer, &mut bits);
        (world, memory)
    }

    /// Every step with where it leads and the properties it marks.
    fn each_step(&self, life: &Life, mut each: impl FnMut(Action, Life, PropertySet)) {
        let (model, (before, memory)) = (self.model, life);
        let mut remembered = self.observer.start();
        model.successors(before, |action, step, cursor| {
            self.observer.remember(
                model,
                (before, memory),
                (action, step, &cursor),
                &mut remembered,
            );
            let moment = Moment { model, before, action, step, memory, remembered: &remembered };
            let world = World { state: step.state.clone(), cursor };
            each(action, (world, remembered.clone()), self.properties.judge(&moment).marks);
        });
    }

    /// Where every step leads, what it marks, and what is still to be done there.
    fn steps(&self, life: &Life, by: &Renaming) -> BTreeSet<(String, Vec<u64>, Sets)> {
        let mut steps = BTreeSet::new();
        self.each_step(life, |action, (world, memory), marks| {
            let pending =
                self.properties.pending(self.model, (&world.state, &memory), PropertySet::ALL);
            let there = (by.world(&world), by.memory(&memory));
            let action = format!("{:?}", by.action(action));
            steps.insert((action, self.words(&there), [marks.words(), pending.words()]));
        });
        steps
    }

    /// The worlds nearest to the beginning, at most about `most`.
    fn lives(&self, most: usize) -> Vec<Life> {
        let mut seen = BTreeSet::new();
        let mut lives = vec![self.first()];
        let mut at = 0;
        while at < lives.len() && lives.len() < most {
            let life = lives[at].clone();
            self.each_step(&life, |_, next, _| {
                if seen.insert(self.words(&next)) {
                    lives.push(next);
                }
            });
            at += 1;
        }
        lives
    }
}

/// The worlds nearest to the beginning, at most about `most`.
pub(crate) fn worlds_of(model: &Model, most: usize) -> Vec<World> {
    let lives = Watched::of(model).lives(most);
    lives.into_iter().map(|(world, _)| world).collect()
}

/// Properties marked and pending, as words.
type Sets = [[u128; 2]; 2];

/// Every renaming takes steps to steps and classes have one representative.
pub(crate) fn is_symmetric(model: &Model, most: usize) -> Result<u64, TestCaseError> {
    let watched = Watched::of(model);
    let symmetry = Symmetry::of(model.scenario());
    let renamings = symmetry.renamings();
    prop_assert_eq!(renamings.len() as u64, symmetry.order());
    let nobody = Renaming::identity();
    let mut least = LeastScratch::of_words(watched.words(&watched.first()).len());
    let pack = |world: &World, memory: &Memory, out: &mut [u64]| {
        out.copy_from_slice(&watched.words(&(world.clone(), memory.clone())));
    };
    for life in watched.lives(most) {
        let to = symmetry.least(&life.0, &life.1, &mut least, pack);
        let stands = least.words.clone();
        prop_assert_eq!(&watched.words(&(to.world(&life.0), to.memory(&life.1))), &stands);
        for by in &renamings {
            let image = (by.world(&life.0), by.memory(&life.1));
            prop_assert_eq!(&watched.life_of(&watched.words(&image)), &image);
            prop_assert_eq!(watched.steps(&life, by), watched.steps(&image, &nobody));
            symmetry.least(&image.0, &image.1, &mut least, pack);
            prop_assert_eq!(&least.words, &stands);
            let back = by.inverse();
            prop_assert_eq!((back.world(&image.0), back.memory(&image.1)), life.clone());
        }
    }
    Ok(symmetry.order())
}

fn options<'a>() -> Options<'a> {
    Options {
        paths: Paths::All,
        limits: Limits { states: Some(60_000), ..Limits::default() },
        ..Options::default()
    }
}

pub(crate) fn explore(world: &Explorable, symmetric: bool) -> Report {
    if symmetric { classes(world) } else { check(world, &options()).unwrap() }
}

/// Explores the classes with every step made anew, and by two workers with steps that are used
/// again: all but the cost must be the same.
fn classes(world: &Explorable) -> Report {
    let anew = check_symmetric(world, &options(), Steps::Anew).unwrap();
    let options = Options { workers: NonZeroUsize::new(2), ..options() };
    let remembered = check_symmetric(world, &options, Steps::Remembered).unwrap();
    let remembered = Report { cost: anew.cost, ..remembered };
    assert!(remembered == anew, "{}", world.model().scenario().to_toml());
    anew
}

/// What is known of each property, without the run that shows it but for its length.
pub(crate) fn verdicts(report: &Report) -> Vec<String> {
    let told = |finding: &mapi_logon_checker::Finding| match &finding.verdict {
        Decision::Violated(example) => format!("violated in {}", example.depth),
        Decision::Found(example) => format!("found in {}", example.depth),
        Decision::Starved(_) => "starved".to_owned(),
        Decision::Holds => "holds".to_owned(),
        Decision::NotFound => "not found".to_owned(),
        Decision::Undecided => "undecided".to_owned(),
    };
    let rows = report.findings.iter();
    rows.map(|finding| format!("{} {}", finding.property.id, told(finding))).collect()
}

/// Same verdicts, same witnesses, runs that can be replayed.
pub(crate) fn agree(model: Model) -> Option<(u64, u64)> {
    let world = Explorable::new(model, PropertySet::ALL);
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
            Decision::Violated(example) | Decision::Found(example) => {
                let path = example.path.as_ref().unwrap();
                assert!(replays(&world, path).contains(at), "{}", finding.property.id);
            }
            Decision::Starved(lasso) => {
                let stem = lasso.stem.as_ref().unwrap();
                replays(&world, stem);
                assert_eq!(stem.last(), &lasso.loop_state[..]);
                let pending = world.pending(&mut world.scratch(), &lasso.loop_state);
                assert!(pending.contains(at), "{}", finding.property.id);
            }
            Decision::Holds | Decision::NotFound | Decision::Undecided => {}
        }
    }
    Some((whole.states, classes.states))
}

/// Takes the steps of a run one by one; the marks of the last.
fn replays(world: &Explorable, path: &mapi_logon_checker::Path) -> Marks {
    let mut scratch = world.scratch();
    let (mut at, mut last) = (path.initial.clone(), Marks::NONE);
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
fn reach<M: mapi_logon_checker::TransitionSystem>(model: &M) -> BTreeSet<Vec<u64>> {
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
    let world = Explorable::new(model.clone(), PropertySet::ALL);
    let watched = Watched::of(model);
    let symmetric = Symmetric::new(&world);
    let renamings = symmetric.symmetry().renamings();
    let whole = reach(&world);
    let mut covered = BTreeSet::new();
    let mut sum = 0;
    for stands in reach(&symmetric) {
        let life = world.unpack(&stands);
        let class: BTreeSet<_> = renamings
            .iter()
            .map(|by| watched.words(&(by.world(&life.0), by.memory(&life.1))))
            .collect();
        sum += class.len();
        covered.extend(class);
    }
    assert_eq!(sum, whole.len(), "{}", model.scenario().to_toml());
    assert_eq!(covered, whole);
}

/// The same world with its first client twice or three times, and a second copy of its last
/// profile, with copies of the clients that name it.
fn doubled(mut world: ScenarioFile, more: usize, profile: bool) -> ScenarioFile {
    if profile {
        let mut copy = world.profile.last().unwrap().clone();
        let names: BTreeMap<String, String> = [(copy.name.clone(), "P9".to_owned())]
            .into_iter()
            .chain(copy.service.iter().flat_map(|service| {
                let providers = service.provider.iter();
                providers.map(|provider| (provider.name.clone(), format!("{}'", provider.name)))
            }))
            .collect();
        let renamed = |name: &str| names.get(name).cloned();
        for service in &mut copy.service {
            service.name += "'";
            for provider in &mut service.provider {
                provider.name += "'";
            }
        }
        let mut clients = Vec::new();
        for client in &world.client {
            let mut other = client.clone();
            other.name += "'";
            other.profile = match &client.profile {
                Some(ProfileParameter::Name(name)) => renamed(name).as_deref().map(Into::into),
                Some(ProfileParameter::Any(_)) | None => None,
            };
            let mut touched = other.profile.is_some();
            for call in other.calls.iter_mut().flatten() {
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
        world.profile.push(copy);
        world.client.extend(clients);
        if world.profile.len() == 2 {
            world.subsystem.default_profile = None;
        }
    }
    for number in 0..more {
        let mut copy = world.client[0].clone();
        copy.name = format!("{}{number}", copy.name);
        world.client.push(copy);
    }
    world
}

pub(crate) fn doubles() -> impl Strategy<Value = ScenarioFile> {
    let parts = (worlds(), 0..3_usize, prop::bool::weighted(0.4));
    parts.prop_map(|(mut world, more, profile)| {
        world.client.truncate(if more > 1 { 1 } else { 2 });
        doubled(world, if profile { more.min(1) } else { more }, profile)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn renamings_take_steps_to_steps(world in doubles()) {
        is_symmetric(&drawn(&world), 400)?;
    }

    #[test]
    fn classes_have_the_verdicts_of_the_whole(world in doubles()) {
        agree(drawn(&world));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sizes_of_classes_add_up(world in doubles()) {
        let model = drawn(&world);
        if explore(&Explorable::new(model.clone(), PropertySet::ALL), false).states < 20_000 {
            classes_add_up(&model);
        }
    }
}

//! Symmetry reduction: the quotient of the model by the renamings of equal clients and profiles.
//!
//! Every successor is replaced by the representative of its class ([`Symmetry`]), so that the
//! checker sees a smaller system with the same verdicts. A run of representatives is lifted to a
//! run of the model by renaming each step, so that what is reported can be replayed.
//!
//! Progress needs more: whether a cycle of classes is fair depends on who acts, and classes do not
//! know. An obligation is met if it is open on no cycle at all, whoever acts, and in no quiescent
//! state; who can act in a state is the same for all of its class, as fairness tells no equal
//! clients apart. A quiescent state with the obligation open violates it. If there is a cycle, the
//! whole model decides.

use std::sync::OnceLock;

use mapi_logon_checker::{
    Claim, Decision, Error, Example, Exchange, Finding, Marks, Options, Path, PathStep, Report,
    TransitionSystem,
};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::observe::Memory;
use mapi_logon_model::property::PropertySet;
use mapi_logon_model::protocol::Action;
use mapi_logon_model::symmetry::{self, Renaming, Symmetry};
use mapi_logon_model::world::World;

use crate::cached::Steps;
use crate::explorable::{self, Bench, Counts, Explorable, Whole, number};

/// A model of which one state of each class is explored.
#[derive(Clone, Debug)]
pub struct Symmetric<'a> {
    world: &'a Explorable,
    symmetry: Symmetry,
    /// All renamings, once they are asked for.
    renamings: OnceLock<Vec<Renaming>>,
}

/// Working memory of one worker.
#[derive(Debug)]
pub struct ClassScratch {
    world: explorable::Scratch,
    least: symmetry::LeastScratch,
}

/// Explores one state of each class; the report is about the whole model, but for its counts.
///
/// # Errors
/// As [`Steps::explore`].
pub fn check_symmetric(
    world: &Explorable,
    options: &Options<'_>,
    steps: Steps,
) -> Result<Report, Error> {
    let symmetric = Symmetric::new(world);
    let mut report = steps.explore(&symmetric, options)?;
    symmetric.lift_report(&mut report);
    let doubtful = report.findings.iter().enumerate();
    let doubtful = doubtful.filter(|(_, finding)| goes_round(finding));
    let doubtful = doubtful.fold(PropertySet::EMPTY, |all, (at, _)| all.with(at));
    if !doubtful.is_empty() {
        decide_in_full((world, steps), options, doubtful, &mut report)?;
    }
    Ok(report)
}

/// Does a run go round a cycle with the obligation open, perhaps unfairly?
fn goes_round(finding: &Finding) -> bool {
    matches!(&finding.verdict, Decision::Starved(lasso) if !lasso.cycle.is_empty())
}

/// Decides progress properties by exploring the whole model. Every process does so for itself.
fn decide_in_full(
    (world, steps): (&Explorable, Steps),
    options: &Options<'_>,
    doubtful: PropertySet,
    report: &mut Report,
) -> Result<(), Error> {
    let options = Options { cluster: None, checkpoints: None, ..options.clone() };
    let whole = Explorable::new(world.model().clone(), doubtful).counting(Counts::Nothing);
    let decided = steps.explore(&whole, &options)?;
    report.complete_with(decided, |at, finding, decided| {
        if doubtful.contains(at) {
            finding.verdict = decided.verdict;
        }
    });
    Ok(())
}

impl<'a> Symmetric<'a> {
    /// The classes of this model.
    #[must_use]
    pub fn new(world: &'a Explorable) -> Self {
        let symmetry = Symmetry::of(world.model().scenario());
        Self { world, symmetry, renamings: OnceLock::new() }
    }

    /// The renaming with this number.
    fn renaming(&self, number: usize) -> &Renaming {
        &self.renamings.get_or_init(|| self.symmetry.renamings())[number]
    }

    /// The renamings that make the classes.
    #[must_use]
    pub const fn symmetry(&self) -> &Symmetry {
        &self.symmetry
    }

    /// The renaming to the world that stands for this one, which is left in `scratch`.
    fn least(
        &self,
        world: &World,
        memory: &Memory,
        scratch: &mut symmetry::LeastScratch,
    ) -> Renaming {
        let pack = |world: &World, memory: &Memory, words: &mut [u64]| {
            self.world.pack(world, memory, words);
        };
        self.symmetry.least(world, memory, scratch, pack)
    }

    /// Replaces runs through classes by runs of the model.
    pub(crate) fn lift_report(&self, report: &mut Report) {
        for Finding { verdict, .. } in &mut report.findings {
            match verdict {
                Decision::Violated(example) | Decision::Found(example) => {
                    self.lift_example(example)
                }
                Decision::Starved(lasso) if lasso.cycle.is_empty() => {
                    if let Some(stem) = &mut lasso.stem {
                        *stem = self.lift(stem);
                        lasso.loop_state = stem.last().to_vec();
                    }
                }
                Decision::Starved(_)
                | Decision::Holds
                | Decision::NotFound
                | Decision::Undecided => {}
            }
        }
        if let Some(stuck) = &mut report.first_stuck {
            self.lift_example(stuck);
        }
    }

    fn lift_example(&self, example: &mut Example) {
        if let Some(path) = &mut example.path {
            *path = self.lift(path);
        }
    }

    /// The run of the model that passes through the classes of `path`.
    #[must_use]
    pub fn lift(&self, path: &Path) -> Path {
        let mut scratch = self.scratch();
        let mut words = vec![0; self.words()];
        // `class` stands for the class; `back` renames it to the world in which the run is.
        let mut class = path.initial.clone();
        let mut back = Renaming::identity();
        let mut steps = Vec::new();
        for step in &path.steps {
            let Some((action, next)) = self.taken(&mut scratch, &class, step.action) else {
                break;
            };
            let (there, memory) = self.world.unpack(&next);
            self.world.pack(&back.world(&there), &back.memory(&memory), &mut words);
            steps.push(PathStep {
                action: number(self.world.model(), back.action(action)),
                state: words.clone(),
            });
            let least = self.least(&there, &memory, &mut scratch.least);
            class.clone_from(&scratch.least.words);
            back = least.inverse().then(&back);
        }
        Path { initial: path.initial.clone(), steps }
    }

    /// The action with this number, and the world it leads to.
    fn taken(
        &self,
        scratch: &mut ClassScratch,
        class: &[u64],
        wanted: u32,
    ) -> Option<(Action, Vec<u64>)> {
        let mut there = None;
        self.world.successors(&mut scratch.world, class, &mut |action, next, _| {
            if action == wanted {
                there = Some(next.to_vec());
            }
        });
        let (action, _) = self.world.numbered(&self.world.world(class), wanted)?;
        Some((action, there?))
    }
}

impl TransitionSystem for Symmetric<'_> {
    type Scratch = ClassScratch;

    fn identity(&self) -> String {
        format!("one of each class\n{}", self.world.identity())
    }

    fn scratch(&self) -> ClassScratch {
        ClassScratch {
            world: self.world.scratch(),
            least: symmetry::LeastScratch::of_words(self.words()),
        }
    }

    fn words(&self) -> usize {
        self.world.words()
    }

    fn properties(&self) -> Vec<Claim> {
        self.world.properties()
    }

    fn initial(&self, each: &mut dyn FnMut(&[u64], Marks)) {
        let mut least = symmetry::LeastScratch::of_words(self.words());
        self.world.initial(&mut |world, marks| {
            let (there, memory) = self.world.unpack(world);
            self.least(&there, &memory, &mut least);
            each(&least.words, marks);
        });
    }

    fn successors(
        &self,
        scratch: &mut ClassScratch,
        world: &[u64],
        each: &mut impl FnMut(u32, &[u64], Marks),
    ) {
        let ClassScratch { world: inner, least } = scratch;
        self.world.successors(inner, world, &mut |action, next, marks| {
            let (there, memory) = self.world.unpack(next);
            self.least(&there, &memory, least);
            each(action, &least.words, marks);
        });
    }

    fn select(&self, scratch: &mut ClassScratch, properties: Marks) {
        self.world.select(&mut scratch.world, properties);
    }

    fn tested(&self, scratch: &mut ClassScratch, each: &mut dyn FnMut(usize, u64)) {
        self.world.tested(&mut scratch.world, each);
    }

    fn ascends(&self, scratch: &ClassScratch) -> bool {
        self.world.ascends(&scratch.world)
    }

    fn measure(&self, scratch: &mut ClassScratch, world: &[u64]) -> Option<u64> {
        self.world.measure(&mut scratch.world, world)
    }

    fn may_end(&self, scratch: &mut ClassScratch, world: &[u64]) -> bool {
        self.world.may_end(&mut scratch.world, world)
    }

    fn pending(&self, scratch: &mut ClassScratch, world: &[u64]) -> Marks {
        self.world.pending(&mut scratch.world, world)
    }

    fn actor(&self, action: u32) -> u8 {
        self.world.actor(action)
    }

    fn fair(&self, property: usize) -> u64 {
        self.world.fair(property)
    }

    fn exchanges_actors(&self) -> bool {
        true
    }
}

impl Whole for Symmetric<'_> {
    fn explorable(&self) -> &Explorable {
        self.world
    }

    fn exchange(&self) -> Option<&dyn Exchange<Bench>> {
        Some(self)
    }
}

impl Exchange<Bench> for Symmetric<'_> {
    fn classes(&self) -> Option<Vec<Vec<usize>>> {
        let classes = self.symmetry.clients().iter();
        let classes = classes.map(|class| class.map(ClientId::index).collect());
        self.symmetry.is_of_clients_alone().then(|| classes.collect())
    }

    fn sum_of_part(&self, bench: &Bench, actor: usize) -> u64 {
        let (world, memory) = bench.moment();
        self.symmetry.sum_of_part(actor.into(), world, memory)
    }

    fn sum_of_common(&self, bench: &Bench, actor: usize) -> u64 {
        let (world, memory) = bench.moment();
        self.symmetry.sum_of_common(actor.into(), &world.state, memory)
    }

    fn advance(&self, bench: &mut Bench, from: usize, to: usize) {
        bench.rename(&self.symmetry.advancing(from.into(), to.into()));
    }

    fn represent(&self, bench: &mut Bench) {
        let (world, memory) = bench.moment();
        let mut least = symmetry::LeastScratch::of_words(self.words());
        let least = self.least(world, memory, &mut least);
        bench.rename(&least);
    }

    fn renamings(&self) -> usize {
        usize::try_from(self.symmetry.order()).unwrap_or(usize::MAX)
    }

    fn place(&self, renaming: usize, actor: usize) -> usize {
        self.renaming(renaming).client(actor.into()).index()
    }

    fn rename(&self, bench: &mut Bench, renaming: usize) {
        bench.rename(self.renaming(renaming));
    }
}

//! The graph of the states with open obligations.
//!
//! Every worker expands its own such states once more and notes for each step the number of the
//! state it leads to, asking the owners of states it does not own. Worker 0 collects the parts:
//! numbers, not states, so that the whole graph takes a few bytes per step.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::exchange::dataflow::Dataflow;
use crate::hash::{index, low32, owner};
use crate::liveness::scc::{Graph, NONE};
use crate::marks::Marks;
use crate::report::End;
use crate::search::control::Control;
use crate::system::{TransitionSystem, unmarked};
use crate::visited::batch::Batch;
use crate::visited::ranks::Ranks;

/// Progress properties decided together: the bits of a [`Mask`].
pub(crate) const GROUP: usize = 32;

/// The properties of a group whose obligation is open in a state.
pub(crate) type Mask = u32;

/// States expanded between two exchanges of questions.
const CHUNK: usize = 1 << 15;

/// The steps between states with open obligations, of one worker's states or of all.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct PendingGraph {
    /// For each state the properties whose obligation is open.
    pub(crate) masks: Vec<Mask>,
    /// For each state the actors that are enabled.
    pub(crate) enabled: Vec<u64>,
    /// The steps, in the order of the system. A step to a state without any open obligation has
    /// the target [`NONE`].
    pub(crate) graph: Graph,
    /// The actor of each step.
    pub(crate) actors: Vec<u8>,
    /// For each state its level.
    pub(crate) levels: Vec<u32>,
    /// The number of the first state of this worker.
    pub(crate) first: u32,
}

impl PendingGraph {
    /// Builds the graph, unless there is a reason to stop: all of it on worker 0, its own part on
    /// every other.
    pub(crate) fn build<S: TransitionSystem>(
        system: &S,
        ranks: &Ranks<'_>,
        dataflow: &mut Dataflow,
        control: &Control<'_>,
        group: &[usize],
    ) -> Result<ControlFlow<End, Self>, Error> {
        let sizes = dataflow.gather(&ranks.len())?;
        let first: usize = sizes[..dataflow.me()].iter().sum();
        let first = low32(first as u64);
        let mut builder = Builder::new(system, ranks, dataflow, group, first);
        let most = sizes.into_iter().max().unwrap_or(0);
        for from in (0..most).step_by(CHUNK) {
            let ends = builder.dataflow.gather(&control.check())?;
            if let Some(end) = ends.into_iter().flatten().next() {
                return Ok(ControlFlow::Break(end));
            }
            builder.expand(from)?;
        }
        let own = builder.graph;
        if dataflow.peers() == 1 {
            return Ok(ControlFlow::Continue(own));
        }
        let parts = dataflow.collect(&own)?.into_iter().skip(1);
        Ok(ControlFlow::Continue(parts.fold(own, Self::with)))
    }

    /// The graph, and the part of the next worker.
    fn with(mut self, part: Self) -> Self {
        let edges = self.graph.targets.len();
        let starts = part.graph.starts.iter().skip(1);
        self.graph.starts.extend(starts.map(|start| start + edges));
        self.graph.targets.extend(part.graph.targets);
        self.masks.extend(part.masks);
        self.enabled.extend(part.enabled);
        self.actors.extend(part.actors);
        self.levels.extend(part.levels);
        self
    }
}

/// The part of the graph that one worker builds.
struct Builder<'a, S: TransitionSystem> {
    system: &'a S,
    scratch: S::Scratch,
    ranks: &'a Ranks<'a>,
    dataflow: &'a mut Dataflow,
    graph: PendingGraph,
    /// Own targets to be looked up, each with the step that leads there.
    batch: Batch,
    steps: Vec<usize>,
    /// Questions to other workers: the target and the step that leads there.
    questions: Vec<Vec<u64>>,
}

impl<'a, S: TransitionSystem> Builder<'a, S> {
    fn new(
        system: &'a S,
        ranks: &'a Ranks<'a>,
        dataflow: &'a mut Dataflow,
        group: &[usize],
        first: u32,
    ) -> Self {
        let mut scratch = unmarked(system);
        let mut graph = PendingGraph {
            graph: Graph { starts: vec![0], targets: Vec::new() },
            first,
            ..PendingGraph::default()
        };
        ranks.each(0..low32(ranks.len() as u64), |level, state| {
            graph.masks.push(select(system.pending(&mut scratch, state), group));
            graph.levels.push(level);
        });
        Self {
            system,
            scratch,
            questions: vec![Vec::new(); dataflow.peers()],
            batch: Batch::new(ranks.words()),
            ranks,
            dataflow,
            graph,
            steps: Vec::new(),
        }
    }

    /// Expands the states of the chunk that begins with rank `from`.
    fn expand(&mut self, from: usize) -> Result<(), Error> {
        let end = self.ranks.len().min(from + CHUNK);
        let chunk = low32(from.min(end) as u64)..low32(end as u64);
        self.ranks.each(chunk, |_, state| {
            let open = self.graph.masks[self.graph.enabled.len()] != 0;
            let enabled = if open { self.expand_state(state) } else { 0 };
            self.graph.enabled.push(enabled);
            let edges = self.graph.graph.targets.len();
            self.graph.graph.starts.push(edges);
            if self.batch.len() >= Batch::FULL {
                self.look_up();
            }
        });
        self.look_up();
        self.ask()
    }

    /// Notes the steps out of a state. Returns the actors that are enabled.
    fn expand_state(&mut self, state: &[u64]) -> u64 {
        let (me, peers) = (self.dataflow.me(), self.dataflow.peers());
        let system = self.system;
        let mut enabled = 0;
        system.successors(&mut self.scratch, state, &mut |action, next, _| {
            let actor = system.actor(action) & 63;
            enabled |= 1 << actor;
            let step = self.graph.graph.targets.len();
            self.graph.graph.targets.push(NONE);
            self.graph.actors.push(actor);
            let to = owner(system.home(next), peers);
            if to == me {
                self.batch.push(next, true);
                self.steps.push(step);
            } else {
                self.questions[to].extend_from_slice(next);
                self.questions[to].push(step as u64);
            }
        });
        enabled
    }

    /// The numbers of states of this worker, for those in which an obligation is open.
    fn numbers(&self, states: &[u64]) -> impl Iterator<Item = Option<u32>> {
        let open = |rank: &u32| self.graph.masks[*rank as usize] != 0;
        let ranks = self.ranks.find(states).into_iter();
        ranks.map(move |rank| rank.filter(open).map(|rank| self.graph.first + rank))
    }

    /// Notes the numbers of own targets.
    fn look_up(&mut self) {
        let numbers: Vec<_> = self.numbers(self.batch.states()).collect();
        for (step, number) in self.steps.drain(..).zip(numbers) {
            self.graph.graph.targets[step] = number.unwrap_or(NONE);
        }
        self.batch.clear();
    }

    /// Asks the owners of other targets for their numbers, and answers their questions.
    fn ask(&mut self) -> Result<(), Error> {
        if self.dataflow.peers() == 1 {
            return Ok(());
        }
        let (me, width) = (self.dataflow.me() as u64, self.ranks.words());
        let mut questions = vec![Vec::new(); self.dataflow.peers()];
        std::mem::swap(&mut questions, &mut self.questions);
        questions.iter_mut().filter(|words| !words.is_empty()).for_each(|words| words.push(me));
        let mut answers = vec![Vec::new(); self.dataflow.peers()];
        for words in self.round(questions)? {
            let (from, words) = words.split_last().ok_or(Error::Worker)?;
            let answers = answers.get_mut(index(*from)).ok_or(Error::Worker)?;
            let records = words.chunks_exact(width + 1).map(|record| record.split_at(width));
            let (states, steps): (Vec<&[u64]>, Vec<&[u64]>) = records.unzip();
            for (number, step) in self.numbers(&states.concat()).zip(steps) {
                answers.extend(number.into_iter().flat_map(|number| [step[0], u64::from(number)]));
            }
        }
        for words in self.round(answers)? {
            for answer in words.chunks_exact(2) {
                self.graph.graph.targets[index(answer[0])] = low32(answer[1]);
            }
        }
        Ok(())
    }

    /// Posts words to every worker, and returns what others post.
    fn round(&mut self, posts: Vec<Vec<u64>>) -> Result<Vec<Vec<u64>>, Error> {
        for (to, words) in posts.into_iter().enumerate() {
            if !words.is_empty() {
                self.dataflow.post(to, words);
            }
        }
        self.dataflow.close();
        let mut all = Vec::new();
        while let Some((_, words)) = self.dataflow.drain()? {
            all.push(words);
        }
        // Nobody posts in the next round before all have seen the end of this one.
        self.dataflow.barrier()?;
        Ok(all)
    }
}

/// The properties of a group among `marks`.
fn select(marks: Marks, group: &[usize]) -> Mask {
    let bit = |(bit, &property)| Mask::from(marks.contains(property)) << bit;
    group.iter().enumerate().map(bit).sum()
}

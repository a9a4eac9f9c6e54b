//! How do workers exchange states as a dataflow?
//!
//! Timely carries the letters, between the threads of one process or over TCP between many, and
//! tracks when a round is over: a round is a timestamp, and it is over when no worker can send
//! letters of that time and none is under way. Expanding and looking up stay outside the dataflow,
//! in the [worker](crate::worker), so that what a worker keeps for itself never passes through it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use timely::WorkerConfig;
use timely::communication::{Allocator, AllocatorBuilder};
use timely::container::NoopBuilder;
use timely::dataflow::channels::pact::DistributorPact;
use timely::dataflow::operators::generic::Operator;
use timely::dataflow::operators::{Input, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

use crate::control::Clock;
use crate::error::Error;
use crate::fabric::Fabric;
use crate::letter::{Address, Letter, Postman};
use crate::lost::Lost;

/// How long to wait for letters before looking whether a peer is lost.
const NAP: Duration = Duration::from_millis(100);

/// A worker in a dataflow.
pub(crate) struct Dataflow {
    worker: Worker,
    input: InputHandle<u64, NoopBuilder<Letter>>,
    probe: ProbeHandle<u64>,
    /// Letters that have arrived and were not looked at.
    inbox: Rc<RefCell<VecDeque<Letter>>>,
    /// What was posted to this worker in this round, or early for the next.
    posted: VecDeque<Vec<u64>>,
    /// What each peer said.
    said: Vec<VecDeque<Vec<u64>>>,
    round: u64,
    lost: Arc<Lost>,
}

impl Dataflow {
    /// The worker that this builder was made for; to be called on the worker's own thread.
    pub(crate) fn new(builder: AllocatorBuilder, lost: Arc<Lost>) -> Self {
        let mut worker =
            Worker::new(WorkerConfig::default(), build(builder), Some(Clock::start().moment()));
        let inbox = Rc::new(RefCell::new(VecDeque::new()));
        let mut input = InputHandle::new_with_builder();
        let probe = ProbeHandle::new();
        let arrived = Rc::clone(&inbox);
        worker.dataflow::<u64, _, _>(|scope| {
            let pact = DistributorPact(|_| Postman);
            scope
                .input_from(&mut input)
                .unary::<NoopBuilder<Letter>, _, _, _>(pact, "Post", |_, _| {
                    move |letters, _| {
                        letters.for_each(|_, letter| {
                            arrived.borrow_mut().push_back(std::mem::take(letter));
                        });
                    }
                })
                .probe_with(&probe);
        });
        let said = vec![VecDeque::new(); worker.peers()];
        Self { worker, input, probe, inbox, posted: VecDeque::new(), said, round: 0, lost }
    }

    fn send(&mut self, to: usize, said: bool, words: Vec<u64>) {
        let address = Some(Address { to, from: self.worker.index(), said });
        self.input.send_batch(&mut Letter { address, words });
    }

    /// Lets the dataflow work, for want of work waiting for letters at most so long.
    fn step(&mut self, wait: Duration) -> Result<(), Error> {
        self.worker.step_or_park(Some(wait));
        for letter in self.inbox.borrow_mut().drain(..) {
            match letter.address {
                Some(Address { from, said: true, .. }) => self.said[from].push_back(letter.words),
                Some(_) => self.posted.push_back(letter.words),
                None => {}
            }
        }
        self.lost.check()
    }
}

fn build(builder: AllocatorBuilder) -> Allocator {
    match builder {
        AllocatorBuilder::Thread(_) => Allocator::Thread(Default::default()),
        AllocatorBuilder::Process(process) => Allocator::Process(process.build()),
        AllocatorBuilder::Tcp(tcp) => Allocator::Tcp(tcp.build()),
    }
}

impl Drop for Dataflow {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.lost.set(Error::Worker);
        }
    }
}

impl Fabric for Dataflow {
    fn me(&self) -> usize {
        self.worker.index()
    }

    fn peers(&self) -> usize {
        self.worker.peers()
    }

    fn post(&mut self, to: usize, words: Vec<u64>) -> Result<(), Error> {
        self.send(to, false, words);
        Ok(())
    }

    fn poll(&mut self) -> Result<Option<Vec<u64>>, Error> {
        if self.posted.is_empty() {
            self.step(Duration::ZERO)?;
        }
        Ok(self.posted.pop_front())
    }

    fn close(&mut self) -> Result<(), Error> {
        self.round += 1;
        self.input.advance_to(self.round);
        Ok(())
    }

    fn drain(&mut self) -> Result<Option<Vec<u64>>, Error> {
        while self.posted.is_empty() && self.probe.less_than(&self.round) {
            self.step(NAP)?;
        }
        Ok(self.posted.pop_front())
    }

    fn gather(&mut self, words: Vec<u64>) -> Result<Vec<Vec<u64>>, Error> {
        for to in 0..self.worker.peers() {
            self.send(to, true, words.clone());
        }
        self.step(Duration::ZERO)?;
        while self.said.iter().any(VecDeque::is_empty) {
            self.step(NAP)?;
        }
        Ok(self.said.iter_mut().filter_map(VecDeque::pop_front).collect())
    }
}

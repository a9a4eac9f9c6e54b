//! The dataflow of a worker: rounds of messages to other workers, and gatherings of reports.
//!
//! The search alternates rounds, in which every worker posts messages to others and takes what
//! arrives, and gatherings, in which all learn what each reports. Timely carries the messages,
//! between the threads of one process or over TCP, and tracks when a round is over: a round is a
//! timestamp, and it is over when no worker can send messages of that time and none is under way.
//! Expanding and looking up stay outside the dataflow, in the [worker](crate::search::worker), so
//! that states that a worker keeps for itself never pass through it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use timely::WorkerConfig;
use timely::communication::{Allocator, AllocatorBuilder};
use timely::container::NoopBuilder;
use timely::dataflow::channels::pact::DistributorPact;
use timely::dataflow::operators::generic::Operator;
use timely::dataflow::operators::{Input, Probe};
use timely::dataflow::{InputHandle, ProbeHandle};
use timely::worker::Worker;

use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::failure::FailureFlag;
use crate::exchange::message::{Message, Route, Router};

/// The time to wait for messages before the failure flag is looked at again.
const NAP: Duration = Duration::from_millis(100);

/// A worker's end of the dataflow.
pub(crate) struct Dataflow {
    worker: Worker,
    input: InputHandle<u64, NoopBuilder<Message>>,
    probe: ProbeHandle<u64>,
    /// Messages that have arrived and were not sorted.
    inbox: Rc<RefCell<VecDeque<Message>>>,
    /// What was posted to this worker in this round, or early for the next, and by whom.
    posted: VecDeque<(usize, Vec<u64>)>,
    /// What each worker reported.
    reports: Vec<VecDeque<Vec<u64>>>,
    round: u64,
    failure: Arc<FailureFlag>,
}

impl Dataflow {
    /// The end of the worker for which `builder` was made. Call it on the worker's own thread.
    pub(crate) fn new(builder: AllocatorBuilder, failure: Arc<FailureFlag>) -> Self {
        let start = Some(Clock::start().moment());
        let mut worker = Worker::new(WorkerConfig::default(), build(builder), start);
        let inbox = Rc::new(RefCell::new(VecDeque::new()));
        let mut input = InputHandle::new_with_builder();
        let probe = ProbeHandle::new();
        let arrived = Rc::clone(&inbox);
        worker.dataflow::<u64, _, _>(|scope| {
            let pact = DistributorPact(|_| Router);
            scope
                .input_from(&mut input)
                .unary::<NoopBuilder<Message>, _, _, _>(pact, "Route", |_, _| {
                    move |messages, _| {
                        messages.for_each(|_, message| {
                            arrived.borrow_mut().push_back(std::mem::take(message));
                        });
                    }
                })
                .probe_with(&probe);
        });
        let reports = vec![VecDeque::new(); worker.peers()];
        Self { worker, input, probe, inbox, posted: VecDeque::new(), reports, round: 0, failure }
    }

    /// The number of this worker.
    pub(crate) fn me(&self) -> usize {
        self.worker.index()
    }

    /// The number of workers.
    pub(crate) fn peers(&self) -> usize {
        self.worker.peers()
    }

    /// Sends words to another worker in this round.
    pub(crate) fn post(&mut self, to: usize, words: Vec<u64>) {
        self.send(to, false, words);
    }

    /// A message that has arrived in this round, and its sender; does not wait.
    ///
    /// # Errors
    /// When a worker or process has failed, as for all methods that may wait.
    pub(crate) fn poll(&mut self) -> Result<Option<(usize, Vec<u64>)>, Error> {
        if self.posted.is_empty() {
            self.step(Duration::ZERO)?;
        }
        Ok(self.posted.pop_front())
    }

    /// Ends this worker's part of the round: it posts no more.
    pub(crate) fn close(&mut self) {
        self.round += 1;
        self.input.advance_to(self.round);
    }

    /// The next message of a closed round, and its sender; waits for it; none when the round ends.
    pub(crate) fn drain(&mut self) -> Result<Option<(usize, Vec<u64>)>, Error> {
        while self.posted.is_empty() && self.probe.less_than(&self.round) {
            self.step(NAP)?;
        }
        Ok(self.posted.pop_front())
    }

    /// What every worker reports, in the order of workers.
    pub(crate) fn gather<T: Serialize + DeserializeOwned>(
        &mut self,
        report: &T,
    ) -> Result<Vec<T>, Error> {
        self.report(0..self.peers(), report)?;
        (0..self.peers()).map(|from| self.report_of(from)).collect()
    }

    /// What worker 0 reports.
    pub(crate) fn broadcast<T: Serialize + DeserializeOwned>(
        &mut self,
        report: &T,
    ) -> Result<T, Error> {
        if self.me() == 0 {
            self.report(0..self.peers(), report)?;
        }
        self.report_of(0)
    }

    /// What every worker reports, in the order of workers, on worker 0; nothing on others.
    pub(crate) fn collect<T: Serialize + DeserializeOwned>(
        &mut self,
        report: &T,
    ) -> Result<Vec<T>, Error> {
        self.report(0..1, report)?;
        let senders = if self.me() == 0 { self.peers() } else { 0 };
        (0..senders).map(|from| self.report_of(from)).collect()
    }

    /// Waits until all workers wait.
    pub(crate) fn barrier(&mut self) -> Result<(), Error> {
        self.gather(&()).map(|_| ())
    }

    fn report<T: Serialize>(&mut self, to: Range<usize>, report: &T) -> Result<(), Error> {
        let words = encode(report)?;
        to.for_each(|to| self.send(to, true, words.clone()));
        self.step(Duration::ZERO)
    }

    /// The next report of a worker; waits for it.
    fn report_of<T: DeserializeOwned>(&mut self, from: usize) -> Result<T, Error> {
        loop {
            if let Some(words) = self.reports[from].pop_front() {
                return decode(&words);
            }
            self.step(NAP)?;
        }
    }

    fn send(&mut self, to: usize, gathered: bool, words: Vec<u64>) {
        let from = self.worker.index();
        let route = Some(Route { to, from, gathered });
        self.input.send_batch(&mut Message { route, words });
    }

    /// Lets timely work, and waits for messages for at most `wait` if there is nothing to do.
    fn step(&mut self, wait: Duration) -> Result<(), Error> {
        self.worker.step_or_park(Some(wait));
        for Message { route, words } in self.inbox.borrow_mut().drain(..) {
            match route {
                Some(route) if route.gathered => self.reports[route.from].push_back(words),
                Some(route) => self.posted.push_back((route.from, words)),
                None => {}
            }
        }
        self.failure.check()
    }
}

impl Drop for Dataflow {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.failure.set(Error::Worker);
        }
    }
}

fn build(builder: AllocatorBuilder) -> Allocator {
    match builder {
        AllocatorBuilder::Thread(_) => Allocator::Thread(Default::default()),
        AllocatorBuilder::Process(process) => Allocator::Process(process.build()),
        AllocatorBuilder::Tcp(tcp) => Allocator::Tcp(tcp.build()),
    }
}

/// A report as words, the last of them padded.
fn encode<T: Serialize>(report: &T) -> Result<Vec<u64>, Error> {
    let mut bytes = postcard::to_allocvec(report).map_err(|_| Error::Worker)?;
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let (words, _) = bytes.as_chunks();
    Ok(words.iter().map(|word| u64::from_le_bytes(*word)).collect())
}

fn decode<T: DeserializeOwned>(words: &[u64]) -> Result<T, Error> {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    postcard::from_bytes(&bytes).map_err(|_| Error::Worker)
}

//! Messages between workers, and the router that delivers them.

use std::io::Write;

use timely::Accountable;
use timely::bytes::arc::Bytes;
use timely::communication::Push;
use timely::dataflow::channels::pushers::exchange::Distributor;
use timely::dataflow::channels::{ContainerBytes, Message as TimelyMessage};

use crate::hash::index;

/// Words from one worker to another. An unaddressed message is an empty buffer of timely's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Message {
    pub(crate) route: Option<Route>,
    pub(crate) words: Vec<u64>,
}

/// The workers that a message connects, and its purpose.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Route {
    pub(crate) to: usize,
    pub(crate) from: usize,
    /// Does it belong to a gathering, rather than to a round?
    pub(crate) gathered: bool,
}

impl Accountable for Message {
    fn record_count(&self) -> i64 {
        i64::from(self.route.is_some())
    }
}

impl ContainerBytes for Message {
    fn from_bytes(bytes: Bytes) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or(0);
        let (to, from, gathered) = (index(next()), index(next()), next() != 0);
        Self { route: Some(Route { to, from, gathered }), words: words.collect() }
    }

    fn length_in_bytes(&self) -> usize {
        8 * (3 + self.words.len())
    }

    fn into_bytes<W: Write>(&self, writer: &mut W) {
        let Some(route) = self.route else { return };
        let head = [route.to as u64, route.from as u64, u64::from(route.gathered)];
        let mut bytes = Vec::with_capacity(self.length_in_bytes());
        for word in head.iter().chain(&self.words) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        // Timely writes into memory that it has measured with the method above.
        let written = writer.write_all(&bytes);
        debug_assert!(written.is_ok());
    }
}

/// Delivers every message to its worker at once.
pub(crate) struct Router;

impl Distributor<Message> for Router {
    fn partition<T: Clone, P: Push<TimelyMessage<T, Message>>>(
        &mut self,
        message: &mut Message,
        time: &T,
        pushers: &mut [P],
    ) {
        if let Some(route) = message.route {
            TimelyMessage::push_at(message, time.clone(), &mut pushers[route.to]);
            *message = Message::default();
        }
    }

    fn flush<T: Clone, P: Push<TimelyMessage<T, Message>>>(&mut self, _: &T, _: &mut [P]) {}
}

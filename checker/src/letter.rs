//! What travels between workers?

use std::io::Write;

use timely::Accountable;
use timely::bytes::arc::Bytes;
use timely::communication::Push;
use timely::dataflow::channels::pushers::exchange::Distributor;
use timely::dataflow::channels::{ContainerBytes, Message};

use crate::hash::index;

/// Words from one worker to another; without an address it is blank paper.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Letter {
    /// To and from whom.
    pub(crate) address: Option<Address>,
    /// What it says.
    pub(crate) words: Vec<u64>,
}

/// To and from whom a letter is, and about what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The worker it is for.
    pub(crate) to: usize,
    /// The worker it is from.
    pub(crate) from: usize,
    /// Is it said while all gather, rather than posted in a round?
    pub(crate) said: bool,
}

impl Accountable for Letter {
    fn record_count(&self) -> i64 {
        i64::from(self.address.is_some())
    }
}

impl ContainerBytes for Letter {
    fn from_bytes(bytes: Bytes) -> Self {
        let (words, _) = bytes.as_chunks::<8>();
        let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
        let mut next = || words.next().unwrap_or(0);
        let (to, from, said) = (index(next()), index(next()), next() != 0);
        Self { address: Some(Address { to, from, said }), words: words.collect() }
    }

    fn length_in_bytes(&self) -> usize {
        8 * (3 + self.words.len())
    }

    fn into_bytes<W: Write>(&self, writer: &mut W) {
        let Some(address) = self.address else { return };
        let head = [address.to as u64, address.from as u64, u64::from(address.said)];
        let mut bytes = Vec::with_capacity(self.length_in_bytes());
        for word in head.iter().chain(&self.words) {
            bytes.extend_from_slice(&word.to_le_bytes());
        }
        // Timely writes into memory that it has measured with the method above.
        let written = writer.write_all(&bytes);
        debug_assert!(written.is_ok());
    }
}

/// Hands every letter to the worker it is for, at once.
pub(crate) struct Postman;

impl Distributor<Letter> for Postman {
    fn partition<T: Clone, P: Push<Message<T, Letter>>>(
        &mut self,
        letter: &mut Letter,
        time: &T,
        pushers: &mut [P],
    ) {
        if let Some(address) = letter.address {
            Message::push_at(letter, time.clone(), &mut pushers[address.to]);
            *letter = Letter::default();
        }
    }

    fn flush<T: Clone, P: Push<Message<T, Letter>>>(&mut self, _time: &T, _pushers: &mut [P]) {}
}

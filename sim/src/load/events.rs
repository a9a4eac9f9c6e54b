//! The event queue: events in the order of their times, those of one time in the order of booking.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use mapi_logon_model::ids::ClientId;

use crate::duration::Nanos;

/// Something that is due at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Event {
    /// A client arrives.
    Arrival,
    /// A client goes on.
    Resume(ClientId),
    /// The short bound of a client's logon call has passed, the call with this number.
    TimeOut(ClientId, u64),
}

/// Events to come.
#[derive(Debug, Default)]
pub(super) struct EventQueue {
    events: BinaryHeap<Reverse<(Nanos, u64, Event)>>,
    booked: u64,
}

impl EventQueue {
    /// Books an event.
    pub(super) fn book(&mut self, at: Nanos, event: Event) {
        self.events.push(Reverse((at, self.booked, event)));
        self.booked += 1;
    }

    /// Takes the next event and its time.
    pub(super) fn next(&mut self) -> Option<(Nanos, Event)> {
        self.events.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_times_are_served_in_the_order_of_booking() {
        let mut queue = EventQueue::default();
        let resume = |at, client| (at, Event::Resume(ClientId(client)));
        for (at, event) in [resume(5, 9), resume(3, 8), resume(5, 1), resume(3, 0)] {
            queue.book(at, event);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.next()).collect();
        assert_eq!(order, [resume(3, 8), resume(3, 0), resume(5, 9), resume(5, 1)]);
    }
}

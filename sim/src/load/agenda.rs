//! What happens when? Events in the order of their times; of equal times, in the order of booking.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::crowd::MemberId;
use crate::duration::Nanos;

/// Something that is due at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Event {
    /// A client arrives.
    Arrival,
    /// What a client was about takes its course.
    Resume(MemberId),
    /// The short bound of a client's so many-th logon call has passed.
    TimeOut(MemberId, u32),
}

/// Events to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    events: BinaryHeap<Reverse<(Nanos, u64, Event)>>,
    booked: u64,
}

impl Agenda {
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
        let mut agenda = Agenda::default();
        let member = |place| MemberId { place, ..MemberId::NOBODY };
        for (at, place) in [(5, 9), (3, 8), (5, 1), (3, 0)] {
            agenda.book(at, Event::Resume(member(place)));
        }
        let order: Vec<_> = std::iter::from_fn(|| agenda.next()).collect();
        let resume = |at, place| (at, Event::Resume(member(place)));
        assert_eq!(order, [resume(3, 8), resume(3, 0), resume(5, 9), resume(5, 1)]);
    }
}

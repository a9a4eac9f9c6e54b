//! What did expanding a level yield?

use std::collections::BTreeMap;

use crate::model::Marks;
use crate::report::End;
use crate::wire::{Reader, put, put_marks};

/// A marked step, or a marked initial state, which has no source. Of two, the one with the least
/// source and then the least position among its steps is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Hit {
    /// Where the step begins; empty for an initial state.
    pub(crate) source: Vec<u64>,
    /// Its position among the steps from there.
    pub(crate) ordinal: u32,
    /// Its action.
    pub(crate) action: u32,
    /// Where it leads.
    pub(crate) target: Vec<u64>,
}

impl Hit {
    /// As words, to be sent or stored.
    pub(crate) fn encode(&self, words: &mut Vec<u64>) {
        words.extend([u64::from(self.ordinal), u64::from(self.action)]);
        put(words, &self.source);
        put(words, &self.target);
    }

    /// From words, unless they are damaged.
    pub(crate) fn decode(words: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            ordinal: words.small()?,
            action: words.small()?,
            source: words.words()?.to_vec(),
            target: words.words()?.to_vec(),
        })
    }
}

/// What expanding one level yielded, on one worker or on all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// States met for the first time.
    pub(crate) fresh: u64,
    /// Steps taken.
    pub(crate) transitions: u64,
    /// States without steps.
    pub(crate) terminal: u64,
    /// Those of them in which no run may end.
    pub(crate) stuck: u64,
    /// The least of those.
    pub(crate) stuck_at: Option<Vec<u64>>,
    /// The least hit of each property.
    pub(crate) hits: BTreeMap<usize, Hit>,
    /// For each progress property the least state in which it is pending and a run may rest.
    pub(crate) rests: BTreeMap<usize, Vec<u64>>,
    /// The properties that were put to the test.
    pub(crate) tested: Marks,
    /// Why new states were no longer kept, if so.
    pub(crate) full: Option<End>,
    /// Why the level was left in the middle, if so.
    pub(crate) halt: Option<End>,
    /// Bytes in use.
    pub(crate) bytes: u64,
    /// Is it time for a checkpoint?
    pub(crate) due: bool,
}

impl Tally {
    /// Notes a hit of property `property`.
    pub(crate) fn note(&mut self, property: usize, hit: Hit) {
        let kept = self.hits.entry(property).or_insert_with(|| hit.clone());
        if hit < *kept {
            *kept = hit;
        }
    }

    /// Notes a state from which no run goes on although none may end there.
    pub(crate) fn note_stuck(&mut self, state: &[u64]) {
        self.stuck += 1;
        if self.stuck_at.as_ref().is_none_or(|least| state < &least[..]) {
            self.stuck_at = Some(state.to_vec());
        }
    }

    /// Notes a state in which a run may rest although progress property `property` is pending.
    pub(crate) fn note_rest(&mut self, property: usize, state: &[u64]) {
        let least = self.rests.entry(property).or_insert_with(|| state.to_vec());
        if state < &least[..] {
            *least = state.to_vec();
        }
    }

    /// Adds what another worker found.
    pub(crate) fn merge(&mut self, other: Self) {
        self.fresh += other.fresh;
        self.transitions += other.transitions;
        self.terminal += other.terminal;
        let stuck = self.stuck + other.stuck;
        if let Some(state) = &other.stuck_at {
            self.note_stuck(state);
        }
        self.stuck = stuck;
        for (property, hit) in other.hits {
            self.note(property, hit);
        }
        for (property, state) in &other.rests {
            self.note_rest(*property, state);
        }
        self.tested |= other.tested;
        self.full = self.full.or(other.full);
        self.halt = self.halt.or(other.halt);
        self.bytes += other.bytes;
        self.due |= other.due;
    }

    /// As words, to be sent or stored.
    pub(crate) fn encode(&self) -> Vec<u64> {
        let mut words = vec![self.fresh, self.transitions, self.terminal, self.stuck, self.bytes];
        words.extend([code(self.full), code(self.halt), u64::from(self.due)]);
        put_marks(&mut words, self.tested);
        put(&mut words, self.stuck_at.as_deref().unwrap_or_default());
        words.push(self.hits.len() as u64);
        for (property, hit) in &self.hits {
            words.push(*property as u64);
            hit.encode(&mut words);
        }
        words.push(self.rests.len() as u64);
        for (property, state) in &self.rests {
            words.push(*property as u64);
            put(&mut words, state);
        }
        words
    }

    /// From words, unless they are damaged.
    pub(crate) fn decode(words: &mut Reader<'_>) -> Option<Self> {
        let mut tally = Self {
            fresh: words.word()?,
            transitions: words.word()?,
            terminal: words.word()?,
            stuck: words.word()?,
            bytes: words.word()?,
            full: end(words.word()?)?,
            halt: end(words.word()?)?,
            due: words.word()? != 0,
            tested: words.marks()?,
            ..Self::default()
        };
        let stuck = words.words()?;
        tally.stuck_at = (!stuck.is_empty()).then(|| stuck.to_vec());
        for _ in 0..words.word()? {
            tally.hits.insert(words.count()?, Hit::decode(words)?);
        }
        for _ in 0..words.word()? {
            let property = words.count()?;
            tally.rests.insert(property, words.words()?.to_vec());
        }
        Some(tally)
    }
}

/// Reasons to stop early, in the order of their codes from 1.
const REASONS: [End; 4] = [End::States, End::Memory, End::Time, End::Interrupted];

/// A reason to stop as a word.
pub(crate) fn code(end: Option<End>) -> u64 {
    let at = |end| REASONS.iter().position(|&reason| reason == end);
    end.and_then(at).map_or(0, |at| at as u64 + 1)
}

/// A word as a reason to stop, if it can be one.
pub(crate) fn end(code: u64) -> Option<Option<End>> {
    match usize::try_from(code).ok()? {
        0 => Some(None),
        code => REASONS.get(code - 1).map(|&end| Some(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(source: u64, ordinal: u32) -> Hit {
        Hit { source: vec![source], ordinal, action: 5, target: vec![9] }
    }

    #[test]
    fn least_hit_is_kept_in_any_order() {
        let mut tally = Tally::default();
        for hit in [hit(3, 0), hit(2, 7), hit(2, 4), hit(8, 1)] {
            tally.note(1, hit);
        }
        assert_eq!(tally.hits[&1], hit(2, 4));
    }

    #[test]
    fn tally_survives_the_wire() {
        let mut tally =
            Tally { fresh: 3, halt: Some(End::Time), tested: 1 << 100 | 6, ..Tally::default() };
        tally.note(0, hit(1, 2));
        tally.note_stuck(&[4, 4]);
        tally.note_rest(3, &[6]);
        let words = tally.encode();
        assert_eq!(Tally::decode(&mut Reader::new(&words)), Some(tally));
        for len in 0..words.len() {
            assert_eq!(Tally::decode(&mut Reader::new(&words[..len])), None, "{len}");
        }
    }
}

//! The dense code of a state: its numbers side by side, each in as few bits as the largest so far
//! needs.
//!
//! A number that outgrows its bits gets further ones at the top of the code. All states known so
//! far have zeros there, so their codes stay what they are. When the code has come to consist of
//! too many pieces for quick packing, it is ordered anew, and codes change.

use crate::hash::{gather, scatter};

/// The bits of the first word of a code. Further words have 64.
pub(crate) const HEAD: u32 = 32;

/// A coding of states.
#[derive(Clone)]
pub(crate) struct Coding {
    /// Words of a state.
    words: usize,
    fields: Vec<Field>,
    pieces: Vec<Piece>,
    /// The bits of each word of a state that have a place in the code.
    room: Vec<u64>,
    /// Bits of a code.
    bits: u32,
}

/// A number of a state.
#[derive(Clone)]
struct Field {
    word: usize,
    shift: u32,
    /// The most bits it can have.
    most: u32,
    /// The bits that it has in the code.
    used: u32,
}

/// Neighbouring bits of a state that are neighbours in the code, too.
#[derive(Clone)]
struct Piece {
    word: usize,
    shift: u32,
    mask: u64,
    /// Their place in the code.
    to: usize,
    at: u32,
}

impl Coding {
    /// For states of `words` words with fields of these widths. Bits that belong to no field make
    /// fields of their own.
    pub(crate) fn new(words: usize, widths: &[u32]) -> Self {
        let mut fields = Vec::new();
        let (mut word, mut shift) = (0, 0);
        let mut add = |width: u32| {
            if word < words && width > 0 {
                fields.push(Field { word, shift, most: width, used: 0 });
            }
            shift += width;
            if shift == u64::BITS {
                (word, shift) = (word + 1, 0);
            }
            u64::BITS - shift
        };
        let mut free = u64::BITS;
        for width in widths.iter().map(|&width| width.min(u64::BITS)) {
            if width > free {
                add(free);
            }
            free = add(width);
        }
        add(free % u64::BITS);
        for _ in 0..words {
            add(u64::BITS);
        }
        Self { words, fields, pieces: Vec::new(), room: vec![0; words], bits: 0 }
    }

    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// Bits of a code after the first word.
    pub(crate) fn tail(&self) -> u32 {
        self.bits.saturating_sub(HEAD)
    }

    /// Words of a code.
    pub(crate) fn code_words(&self) -> usize {
        1 + self.tail().div_ceil(u64::BITS) as usize
    }

    /// Do states with only these bits have codes?
    #[inline]
    pub(crate) fn fits(&self, seen: &[u64]) -> bool {
        seen.iter().zip(&self.room).all(|(seen, room)| seen & !room == 0)
    }

    /// Makes room for states with these bits.
    pub(crate) fn widen(&mut self, seen: &[u64]) {
        for at in 0..self.fields.len() {
            let Field { word, shift, most, used } = self.fields[at];
            let needed = bits(seen[word] >> shift & ones(most));
            if needed > used {
                self.place(word, shift + used, needed - used);
                self.fields[at].used = needed;
                self.room[word] |= ones(needed) << shift;
            }
        }
    }

    /// Gives these bits of a state the next place in the code.
    fn place(&mut self, word: usize, mut shift: u32, mut width: u32) {
        while width > 0 {
            let (to, at, end) = match self.bits.checked_sub(HEAD) {
                None => (0, self.bits, HEAD),
                Some(tail) => (1 + (tail / u64::BITS) as usize, tail % u64::BITS, u64::BITS),
            };
            let part = width.min(end - at);
            self.pieces.push(Piece { word, shift, mask: ones(part), to, at });
            self.bits += part;
            shift += part;
            width -= part;
        }
    }

    /// Are there so many pieces that packing takes longer than it must?
    pub(crate) fn is_scrappy(&self) -> bool {
        let fields = self.fields.iter().filter(|field| field.used > 0).count();
        self.pieces.len() > 2 * fields + 2
    }

    /// The coding of the same states in as few pieces as possible.
    pub(crate) fn ordered(&self) -> Self {
        let mut ordered = Self { pieces: Vec::new(), bits: 0, ..self.clone() };
        for Field { word, shift, used, .. } in &self.fields {
            ordered.place(*word, *shift, *used);
        }
        ordered
    }

    /// The scattered codes of states, one after the other.
    pub(crate) fn codes(&self, states: &[u64], codes: &mut Vec<u64>) {
        let words = self.code_words();
        codes.clear();
        codes.resize(states.len() / self.words * words, 0);
        for Piece { word, shift, mask, to, at } in &self.pieces {
            let states = states.chunks_exact(self.words);
            for (state, code) in states.zip(codes.chunks_exact_mut(words)) {
                code[*to] |= (state[*word] >> shift & mask) << at;
            }
        }
        codes.chunks_exact_mut(words).for_each(scatter);
    }

    /// The state with this scattered code, which is left as garbage.
    pub(crate) fn state(&self, code: &mut [u64], state: &mut [u64]) {
        gather(code);
        state.fill(0);
        for Piece { word, shift, mask, to, at } in &self.pieces {
            state[*word] |= (code[*to] >> at & mask) << shift;
        }
    }
}

/// The bits that a number needs.
pub(crate) fn bits(number: u64) -> u32 {
    u64::BITS - number.leading_zeros()
}

/// A number of `width` ones.
#[inline]
pub(crate) fn ones(width: u32) -> u64 {
    if width == 0 { 0 } else { u64::MAX >> (u64::BITS - width) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Widths, and states whose numbers grow.
    fn states() -> impl Strategy<Value = (usize, Vec<u32>, Vec<Vec<u64>>)> {
        (1usize..4, prop::collection::vec(0u32..=64, 0..9)).prop_flat_map(|(words, widths)| {
            let word = (any::<u64>(), 0u32..64).prop_map(|(word, shift)| word >> shift);
            let state = prop::collection::vec(word, words);
            (Just(words), Just(widths), prop::collection::vec(state, 1..40))
        })
    }

    proptest! {
        #[test]
        fn codes_give_states_back_and_widening_changes_none((words, widths, states) in states()) {
            let mut coding = Coding::new(words, &widths);
            let mut seen: Vec<(Vec<u64>, Vec<u64>)> = Vec::new();
            for state in states {
                if !coding.fits(&state) {
                    coding.widen(&state);
                    prop_assert!(coding.fits(&state));
                }
                for ordered in [false, true] {
                    let coding = if ordered { coding.ordered() } else { coding.clone() };
                    let (mut code, mut back) = (Vec::new(), vec![0; words]);
                    coding.codes(&state, &mut code);
                    if !ordered {
                        seen.push((state.clone(), code.clone()));
                    }
                    coding.state(&mut code, &mut back);
                    prop_assert_eq!(&back, &state);
                }
            }
            for (state, mut code) in seen {
                let mut now = Vec::new();
                coding.codes(&state, &mut now);
                code.resize(now.len(), 0);
                prop_assert_eq!(now, code);
            }
        }
    }

    #[test]
    fn a_code_has_the_bits_of_the_largest_numbers() {
        let mut coding = Coding::new(2, &[20, 20, 20, 40, 10]);
        coding.widen(&[5 | 1 << 20, 0]);
        assert_eq!((coding.bits, coding.tail(), coding.code_words()), (4, 0, 1));
        coding.widen(&[0, ones(40)]);
        assert_eq!((coding.bits, coding.tail(), coding.code_words()), (44, 12, 2));
        assert!(coding.fits(&[7 | 1 << 20, 9]));
        assert!(!coding.fits(&[8, 0]) && !coding.fits(&[0, 1 << 40]));
        let before = coding.pieces.len();
        assert!(coding.ordered().pieces.len() <= before);
    }
}

//! Options of a draw by weight.

use crate::random::Stream;

/// What may be drawn, with weights.
///
/// An option that proves impossible is struck out by drawing again: what is taken in the end has
/// the same chances as if only possible options had been there to begin with.
#[derive(Clone, Debug)]
pub(crate) struct Options<T> {
    options: Vec<(T, u32)>,
    total: u64,
    /// The option drawn last, not yet struck out.
    drawn: Option<usize>,
}

impl<T> Default for Options<T> {
    fn default() -> Self {
        Self { options: Vec::new(), total: 0, drawn: None }
    }
}

impl<T: Copy> Options<T> {
    /// All of them, with their weights.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (T, u32)> {
        self.options.iter().copied()
    }

    /// Becomes the same as another one.
    pub(crate) fn copy(&mut self, other: &Self) {
        self.options.clone_from(&other.options);
        (self.total, self.drawn) = (other.total, other.drawn);
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.options.clear();
        self.total = 0;
        self.drawn = None;
    }

    /// Adds an option.
    #[inline]
    pub(crate) fn push(&mut self, option: T, weight: u32) {
        self.options.push((option, weight));
        self.total += u64::from(weight);
    }

    /// Draws one, having struck out the one drawn before; where none has weight, each is as likely.
    /// One option is no choice, and takes no draw.
    #[inline]
    pub(crate) fn draw(&mut self, stream: &mut Stream) -> Option<T> {
        if let Some(struck) = self.drawn.take() {
            self.total -= u64::from(self.options.remove(struck).1);
        }
        let at = if self.options.len() < 2 {
            self.options.len().checked_sub(1)?
        } else if self.total == 0 {
            usize::try_from(stream.below(self.options.len() as u64)).ok()?
        } else {
            let mut left = stream.below(self.total);
            self.options.iter().position(|(_, weight)| {
                let weight = u64::from(*weight);
                let found = left < weight;
                left = left.wrapping_sub(weight);
                found
            })?
        };
        self.drawn = Some(at);
        Some(self.options[at].0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn drawn(weights: &[(char, u32)], stream: &mut Stream) -> Option<char> {
        let mut options = Options::default();
        for (option, weight) in weights {
            options.push(*option, *weight);
        }
        options.draw(stream)
    }

    #[test]
    fn option_is_drawn_as_often_as_its_weight_says() {
        let mut stream = Stream::new(1, Purpose::Choices, 0);
        let weights = [('a', 1), ('b', 0), ('c', 3)];
        let many = (0..40_000).map(|_| drawn(&weights, &mut stream).unwrap());
        let many: String = many.collect();
        let count = many.matches('a').count();
        assert!(count > 9_500 && count < 10_500, "{count}");
        assert!(!many.contains('b'));
        let unweighted = [0; 50].map(|_| drawn(&[('a', 0), ('b', 0)], &mut stream).unwrap());
        assert!(unweighted.contains(&'a') && unweighted.contains(&'b'));
        assert_eq!(drawn(&[], &mut stream), None);
    }
}

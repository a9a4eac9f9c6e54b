//! Small values packed into words, and read back.

/// Appends values to words, least significant bit first.
#[derive(Debug)]
pub struct BitWriter<'a> {
    words: &'a mut [u64],
    at: usize,
    /// The word being filled, so that it is stored but never loaded again.
    last: u64,
}

/// Takes values from words in the order in which they were put.
#[derive(Debug)]
pub struct BitReader<'a> {
    /// The words not touched so far.
    words: &'a [u64],
    /// The bits that are left of the last word touched, and how many.
    bits: u64,
    left: u32,
    at: usize,
}

/// Writes what was written before, with some parts replaced.
#[derive(Debug)]
pub struct BitEditor<'a> {
    old: BitReader<'a>,
    out: BitWriter<'a>,
}

impl<'a> BitWriter<'a> {
    /// Starts on cleared words.
    #[inline]
    pub fn new(words: &'a mut [u64]) -> Self {
        words.fill(0);
        Self { words, at: 0, last: 0 }
    }
    /// Appends the low `width` bits of `value`, at most 64; there must be room.
    #[inline]
    pub fn put(&mut self, value: u64, width: u32) {
        debug_assert!(width == 64 || value >> width == 0, "{value} is wider than {width} bits");
        if width == 0 {
            return;
        }
        let (word, shift) = (self.at / 64, self.at % 64);
        self.last |= value << shift;
        self.words[word] = self.last;
        self.at += width as usize;
        if shift + width as usize >= 64 {
            self.last = if shift == 0 { 0 } else { value >> (64 - shift) };
            if shift + width as usize > 64 {
                self.words[word + 1] = self.last;
            }
        }
    }
    /// How many bits have been put.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.at
    }
    /// Has nothing been put?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.at == 0
    }
}

impl<'a> BitReader<'a> {
    /// Starts at the first bit.
    #[inline]
    #[must_use]
    pub const fn new(words: &'a [u64]) -> Self {
        Self { words, bits: 0, left: 0, at: 0 }
    }
    /// Takes the next `width` bits, at most 64; beyond the end they are zero.
    #[inline]
    pub fn take(&mut self, width: u32) -> u64 {
        self.at += width as usize;
        if width >= self.left {
            return self.refill(width);
        }
        let value = self.bits & !(u64::MAX << width);
        self.bits >>= width;
        self.left -= width;
        value
    }
    /// As [`Self::take`], when that uses a word up or goes beyond it.
    fn refill(&mut self, width: u32) -> u64 {
        let (low, had) = (self.bits, self.left);
        let (next, rest) = self.words.split_first().map_or((0, self.words), |(w, r)| (*w, r));
        let more = width - had;
        (self.bits, self.left, self.words) = (next, 64, rest);
        if more == 0 {
            return low;
        }
        let value = low | (next << had);
        self.bits = next.checked_shr(more).unwrap_or(0);
        self.left = 64 - more;
        value & (u64::MAX >> (64 - width))
    }
    /// Goes past bits, however many.
    fn skip(&mut self, mut count: usize) {
        while count > 0 {
            let width = u32::try_from(count).unwrap_or(u32::MAX).min(64);
            self.take(width);
            count -= width as usize;
        }
    }
    /// How many bits have been taken.
    #[inline]
    #[must_use]
    pub const fn at(&self) -> usize {
        self.at
    }
}

impl<'a> BitEditor<'a> {
    /// Starts at the first bit of both.
    #[inline]
    pub fn new(old: &'a [u64], new: &'a mut [u64]) -> Self {
        Self { old: BitReader::new(old), out: BitWriter::new(new) }
    }
    /// Copies the old bits before `from` and leaves out those from there to `to`; what is put next
    /// takes their place. Parts are replaced in their order.
    pub fn replace(&mut self, from: usize, to: usize) -> &mut BitWriter<'a> {
        let mut left = from - self.old.at();
        while left > 0 {
            let width = u32::try_from(left).unwrap_or(u32::MAX).min(64);
            let bits = self.old.take(width);
            self.out.put(bits, width);
            left -= width as usize;
        }
        self.old.skip(to - from);
        &mut self.out
    }
}

/// Bits that tell `count` values apart.
#[inline]
#[must_use]
pub const fn width_of(count: usize) -> u32 {
    if count <= 1 { 0 } else { usize::BITS - (count - 1).leading_zeros() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of all widths, so that every way to cross a word is gone.
    fn values() -> Vec<(u64, u32)> {
        let odd = 0x9e37_79b9_7f4a_7c15_u64;
        let width = |n: u32| (n * 37) % 65;
        let value = |n: u32| odd.rotate_left(n) & u64::MAX.checked_shr(64 - width(n)).unwrap_or(0);
        (0..200).map(|n| (value(n), width(n))).collect()
    }

    fn written(values: &[(u64, u32)]) -> Vec<u64> {
        let mut words = vec![7; 200];
        let mut out = BitWriter::new(&mut words);
        values.iter().for_each(|(value, width)| out.put(*value, *width));
        words
    }

    #[test]
    fn what_is_put_is_taken() {
        let words = written(&values());
        let mut from = BitReader::new(&words);
        for (value, width) in values() {
            assert_eq!(from.take(width), value, "at bit {}", from.at());
        }
        let end = from.at();
        from.skip(200 * 64 - end);
        assert_eq!((from.take(64), from.take(3), from.take(0)), (0, 0, 0));
    }

    #[test]
    fn parts_are_replaced_by_shorter_and_longer_ones() {
        let old = values();
        let words = written(&old);
        for (first, last, put) in
            [(3, 4, (5, 3)), (0, 1, (9, 60)), (7, 150, (0, 0)), (199, 200, (1, 1))]
        {
            let start = |at: usize| old[..at].iter().map(|(_, width)| *width as usize).sum();
            let mut new = vec![3; 200];
            let mut editor = BitEditor::new(&words, &mut new);
            editor.replace(start(first), start(last)).put(put.0, put.1);
            editor.replace(start(200), start(200));
            let expected = [&old[..first], &[put], &old[last..]].concat();
            assert_eq!(new, written(&expected));
        }
    }
}

/// An optional number as one number: 0 for none, else one more.
#[inline]
pub(crate) fn option(value: Option<impl Into<u64>>) -> u64 {
    value.map_or(0, |value| value.into() + 1)
}

/// What [`option`] made one number of.
#[inline]
pub(crate) fn some(value: u64) -> Option<u32> {
    low32(value).checked_sub(1)
}

macro_rules! narrow {
    ($($name:ident $type:ty, $width:literal;)*) => {$(
        #[doc = concat!("A value that was put with at most ", $width, " bits.")]
        #[inline]
        #[expect(clippy::cast_possible_truncation, reason = "the width put was small enough")]
        pub(crate) const fn $name(value: u64) -> $type {
            value as $type
        }
    )*};
}

narrow! {
    low8 u8, "8";
    low16 u16, "16";
    low32 u32, "32";
}

//! How are small values packed into words, and read back?

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
    words: &'a [u64],
    at: usize,
}

impl<'a> BitWriter<'a> {
    /// Starts on cleared words.
    #[inline]
    pub fn new(words: &'a mut [u64]) -> Self {
        words.fill(0);
        Self {
            words,
            at: 0,
            last: 0,
        }
    }
    /// Appends the low `width` bits of `value`, at most 64; there must be room.
    #[inline]
    pub fn put(&mut self, value: u64, width: u32) {
        debug_assert!(
            width == 64 || value >> width == 0,
            "{value} is wider than {width} bits"
        );
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
        Self { words, at: 0 }
    }
    /// Takes the next `width` bits, at most 64; beyond the end they are zero.
    #[inline]
    pub fn take(&mut self, width: u32) -> u64 {
        if width == 0 {
            return 0;
        }
        let (word, shift) = (self.at / 64, self.at % 64);
        let low = self.words.get(word).map_or(0, |bits| bits >> shift);
        let high = if shift + width as usize > 64 {
            self.words
                .get(word + 1)
                .map_or(0, |bits| bits << (64 - shift))
        } else {
            0
        };
        self.at += width as usize;
        (low | high) & (u64::MAX >> (64 - width))
    }
}

/// Bits that tell `count` values apart.
#[inline]
#[must_use]
pub const fn width_of(count: usize) -> u32 {
    if count <= 1 {
        0
    } else {
        usize::BITS - (count - 1).leading_zeros()
    }
}

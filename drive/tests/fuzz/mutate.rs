//! Mutations of files: bytewise, and by words and lines, which keep the structure.

/// Numbers that look random, the same for equal seeds (`SplitMix64`).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let word = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number below `end`, or 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Pieces that readers have stumbled over, here or elsewhere.
const PIECES: [&[u8]; 40] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\t",
    b"\"",
    b"'",
    b"\"\"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"[[[[[[[[",
    b",",
    b":",
    b"=",
    b".",
    b"#",
    b"-",
    b"-1",
    b"0",
    b"1e999",
    b"nan",
    b"-0.0",
    b"255",
    b"256",
    b"65536",
    b"4294967296",
    b"18446744073709551616",
    b"null",
    b"true",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"MAPI_E_",
];

/// Most bytes of an input.
const LONGEST: usize = 1 << 17;

/// A seed after a few mutations, some with material of other seeds.
pub(crate) fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = dice.pick(seeds).clone();
    // Few mutations mostly, so that many inputs are accepted.
    let most = 1 + dice.below(6);
    for _ in 0..=dice.below(most) {
        match dice.below(12) {
            0 => flip(dice, &mut bytes),
            1 => insert(dice, &mut bytes),
            2 => cut(dice, &mut bytes),
            3 => repeat(dice, &mut bytes),
            4 => bytes.truncate(dice.below(bytes.len() + 1)),
            5 | 6 => move_line(dice, &mut bytes, seeds),
            7 => drop_line(dice, &mut bytes),
            8 => replace_word(dice, &mut bytes, None),
            _ => replace_word(dice, &mut bytes, Some(seeds)),
        }
    }
    bytes.truncate(LONGEST);
    bytes
}

fn flip(dice: &mut Dice, bytes: &mut [u8]) {
    let at = dice.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
}

fn insert(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let (at, piece) = (dice.below(bytes.len() + 1), *dice.pick(&PIECES));
    bytes.splice(at..at, piece.iter().copied());
}

/// A stretch of at most `most` bytes.
fn stretch(dice: &mut Dice, bytes: &[u8], most: usize) -> std::ops::Range<usize> {
    let at = dice.below(bytes.len() + 1);
    at..(at + dice.below(most)).min(bytes.len())
}

fn cut(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let range = stretch(dice, bytes, 60);
    bytes.drain(range);
}

fn repeat(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let range = stretch(dice, bytes, 400);
    let (end, piece) = (range.end, bytes[range].to_vec());
    bytes.splice(end..end, piece);
}

/// The line around a place, its end included.
fn line(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let at = at.min(bytes.len());
    let begin = bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let end = bytes[at..].iter().position(|byte| *byte == b'\n');
    begin..end.map_or(bytes.len(), |end| at + end + 1)
}

fn move_line(dice: &mut Dice, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let other = dice.pick(seeds);
    let there = line(other, dice.below(other.len()));
    let here = line(bytes, dice.below(bytes.len())).start;
    bytes.splice(here..here, other[there].iter().copied());
}

fn drop_line(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let range = line(bytes, dice.below(bytes.len()));
    bytes.drain(range);
}

/// The word around a place.
fn word(bytes: &[u8], at: usize) -> std::ops::Range<usize> {
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-.+".contains(byte);
    let at =
        bytes[at.min(bytes.len())..].iter().position(inside).map_or(bytes.len(), |skip| at + skip);
    let begin = bytes[..at].iter().rposition(|byte| !inside(byte)).map_or(0, |last| last + 1);
    let end = bytes[at..].iter().position(|byte| !inside(byte)).map_or(bytes.len(), |end| at + end);
    begin..end
}

fn replace_word(dice: &mut Dice, bytes: &mut Vec<u8>, seeds: Option<&[Vec<u8>]>) {
    let range = word(bytes, dice.below(bytes.len()));
    let new = match seeds {
        Some(seeds) => {
            let other = dice.pick(seeds);
            other[word(other, dice.below(other.len()))].to_vec()
        }
        None => dice.pick(&PIECES).to_vec(),
    };
    bytes.splice(range, new);
}

//! What does a checkpoint consist of?
//!
//! The manifest of a process says what is being explored, what was found in complete levels, and
//! which part of each worker's file belongs to the checkpoint. It is written beside and then
//! renamed, so it is either the old one or the new one; and it ends with a checksum.

use std::fs::{File, rename};
use std::io::Write;
use std::path::Path;

use crate::error::Error;
use crate::hash::Checksum;
use crate::totals::Totals;
use crate::wire::{Reader, put};

/// What distinguishes a manifest from any other file, and this form from any later.
const MAGIC: u64 = u64::from_le_bytes(*b"explore2");

/// What a checkpoint consists of, for one process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// What is explored, and how.
    pub(crate) subject: String,
    /// How many processes explore, and which this is.
    pub(crate) processes: (u64, u64),
    /// How often the search was resumed with another number of workers, and so with other files.
    pub(crate) generation: u64,
    /// The files of its workers.
    pub(crate) files: Vec<Extent>,
    /// What was found.
    pub(crate) totals: Totals,
}

/// The part of a worker's file that belongs to a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// The rows of each level.
    pub(crate) levels: Vec<u64>,
    /// The checksum of all of them.
    pub(crate) checksum: u64,
}

impl Manifest {
    /// The level up to which all is known.
    pub(crate) fn level(&self) -> usize {
        self.totals.levels.len().saturating_sub(1)
    }

    /// Puts the manifest in the place of the one before.
    pub(crate) fn write(&self, dir: &Path, name: &str) -> Result<(), Error> {
        let beside = dir.join(format!("{name}.new"));
        let write = || {
            let mut file = File::create(&beside)?;
            let words = self.encode();
            file.write_all(&bytes(&words))?;
            file.sync_all()?;
            rename(&beside, dir.join(name))?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|error| failed(&beside, &error))
    }

    /// The manifest of that name, if there is one.
    pub(crate) fn read(dir: &Path, name: &str) -> Result<Option<Self>, Error> {
        let path = dir.join(name);
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(&path, &error)),
        };
        let manifest = words(&bytes).and_then(|words| Self::decode(&words));
        manifest.ok_or_else(|| damaged(&path)).map(Some)
    }

    fn encode(&self) -> Vec<u64> {
        let mut words = vec![MAGIC, self.subject.len() as u64];
        let (chunks, rest) = self.subject.as_bytes().as_chunks::<8>();
        words.extend(chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        words.extend([u64::from_le_bytes(last), self.processes.0, self.processes.1]);
        words.extend([self.generation, self.files.len() as u64]);
        for file in &self.files {
            put(&mut words, &file.levels);
            words.push(file.checksum);
        }
        words.extend(self.totals.encode());
        words.push(Checksum::of(&words));
        words
    }

    fn decode(words: &[u64]) -> Option<Self> {
        let (checksum, words) = words.split_last()?;
        if Checksum::of(words) != *checksum {
            return None;
        }
        let mut words = Reader::new(words);
        if words.word()? != MAGIC {
            return None;
        }
        let len = words.count()?;
        let mut text = Vec::new();
        for _ in 0..len / 8 + 1 {
            text.extend(words.word()?.to_le_bytes());
        }
        text.truncate(len);
        let subject = String::from_utf8(text).ok()?;
        let processes = (words.word()?, words.word()?);
        let generation = words.word()?;
        let mut files = Vec::new();
        for _ in 0..words.word()? {
            let levels = words.words()?.to_vec();
            files.push(Extent { levels, checksum: words.word()? });
        }
        let totals = Totals::decode(&mut words)?;
        Some(Self { subject, processes, generation, files, totals })
    }
}

/// Words as they stand in files.
pub(crate) fn bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Words from a file, unless there is a rest.
pub(crate) fn words(bytes: &[u8]) -> Option<Vec<u64>> {
    let (chunks, rest) = bytes.as_chunks::<8>();
    rest.is_empty().then(|| chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).collect())
}

/// The error for a file that is not as it was written.
pub(crate) fn damaged(path: &Path) -> Error {
    let path = path.display();
    let way_out = "nothing beside it is believed either: begin again in another directory";
    Error::Checkpoint(format!("{path} is damaged, {way_out}"))
}

/// An error with the file it concerns.
pub(crate) fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Checkpoint(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::totals::Level;

    #[test]
    fn manifest_is_read_as_written_or_not_at_all() {
        let level = Level { states: 5, transitions: 9, terminal: 1, stuck: 0 };
        let manifest = Manifest {
            subject: "two-phase commit".into(),
            processes: (2, 1),
            generation: 3,
            files: vec![Extent { levels: vec![1, 4], checksum: 7 }],
            totals: Totals { levels: vec![level; 2], expanded: 1, ..Totals::default() },
        };
        let words = manifest.encode();
        assert_eq!(Manifest::decode(&words), Some(manifest));
        for at in 0..words.len() {
            let mut damaged = words.clone();
            damaged[at] ^= 1 << (at % 64);
            assert_eq!(Manifest::decode(&damaged), None, "{at}");
            assert_eq!(Manifest::decode(&words[..at]), None, "{at}");
        }
    }
}

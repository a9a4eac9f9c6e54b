//! The manifest of a checkpoint: what is explored, what was found in complete levels, and which
//! part of each worker's file counts.
//!
//! It is written beside the one before and then renamed, so there is always a whole one, and it
//! ends with a checksum.

use std::fs::{File, rename};
use std::io::Write;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::search::search_stats::SearchStats;

/// Distinguishes a manifest from any other file, and from earlier and later forms of itself.
const MAGIC: [u8; 8] = *b"explore5";

/// The words of a file that are read or written at once.
pub(crate) const CHUNK: usize = 1 << 16;

/// A checkpoint of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// What is explored, and how.
    pub(crate) subject: String,
    /// The number of processes, and which of them this is.
    pub(crate) processes: (usize, usize),
    /// How often the search was resumed with another number of workers, and so with other files.
    pub(crate) generation: u64,
    /// The files of its workers.
    pub(crate) files: Vec<Extent>,
    /// By which states are read.
    pub(crate) codebook: Vec<u64>,
    /// What was found.
    pub(crate) stats: SearchStats,
}

/// The part of a worker's file that belongs to a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// The states of each level.
    pub(crate) levels: Vec<u64>,
    /// The checksum of all of them.
    pub(crate) checksum: u32,
}

impl Manifest {
    /// Replaces the manifest of this name.
    pub(crate) fn write(&self, dir: &Path, name: &str) -> Result<(), Error> {
        replace(dir, name, MAGIC, self)
    }

    /// The manifest of this name, if there is one.
    pub(crate) fn read(dir: &Path, name: &str) -> Result<Option<Self>, Error> {
        load(dir, name, MAGIC)
    }
}

/// Replaces the file of this name by one that holds a value.
pub(crate) fn replace<T: Serialize>(
    dir: &Path,
    name: &str,
    magic: [u8; 8],
    value: &T,
) -> Result<(), Error> {
    let beside = dir.join(format!("{name}.new"));
    let write = || {
        let mut file = File::create(&beside)?;
        file.write_all(&encode(magic, value).map_err(std::io::Error::other)?)?;
        file.sync_all()?;
        rename(&beside, dir.join(name))?;
        File::open(dir)?.sync_all()
    };
    write().map_err(|error| Error::file(&beside, &error))
}

/// The value in the file of this name, if there is one.
pub(crate) fn load<T: DeserializeOwned>(
    dir: &Path,
    name: &str,
    magic: [u8; 8],
) -> Result<Option<T>, Error> {
    let path = dir.join(name);
    // A pipe or a device would be read without end.
    let is_other = std::fs::metadata(&path).is_ok_and(|found| !found.is_file());
    if is_other {
        return Err(Error::file(&path, &"is not a file"));
    }
    match std::fs::read(&path) {
        Ok(bytes) => decode(magic, &bytes).map(Some).ok_or_else(|| Error::damaged(&path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::file(&path, &error)),
    }
}

fn encode<T: Serialize>(magic: [u8; 8], value: &T) -> postcard::Result<Vec<u8>> {
    let mut bytes = postcard::to_extend(value, magic.to_vec())?;
    let checksum = checksum(0, &bytes);
    bytes.extend(checksum.to_le_bytes());
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(magic: [u8; 8], bytes: &[u8]) -> Option<T> {
    let (bytes, sum) = bytes.split_last_chunk()?;
    if checksum(0, bytes) != u32::from_le_bytes(*sum) {
        return None;
    }
    postcard::from_bytes(bytes.strip_prefix(&magic)?).ok()
}

/// The checksum of bytes that follow on others with the checksum `before`; 0 if there are none.
pub(crate) fn checksum(before: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(before);
    hasher.update(bytes);
    hasher.finalize()
}

/// Words as bytes of a file.
pub(crate) fn to_bytes(words: &[u64]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Bytes of a file as words, without an incomplete last.
pub(crate) fn to_words(bytes: &[u8]) -> Vec<u64> {
    let (words, _) = bytes.as_chunks();
    words.iter().map(|word| u64::from_le_bytes(*word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::search_stats::LevelCounts;

    #[test]
    fn manifest_is_read_as_written_or_not_at_all() {
        let level = LevelCounts { states: 5, transitions: 9, terminal: 1, stuck: 0 };
        let manifest = Manifest {
            subject: "two-phase commit".into(),
            processes: (2, 1),
            generation: 3,
            files: vec![Extent { levels: vec![1, 4], checksum: 7 }],
            codebook: vec![9],
            stats: SearchStats { levels: vec![level; 2], expanded: 1, ..SearchStats::default() },
        };
        let bytes = encode(MAGIC, &manifest).unwrap();
        let read = |bytes: &[u8]| decode::<Manifest>(MAGIC, bytes);
        assert_eq!(read(&bytes), Some(manifest));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            assert_eq!(read(&damaged), None, "{at}");
            assert_eq!(read(&bytes[..at]), None, "{at}");
        }
    }
}

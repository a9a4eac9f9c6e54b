//! Which states had a worker met when its checkpoint was written?

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::batch::Batch;
use crate::checkpoint::CHUNK;
use crate::error::Error;
use crate::hash::{Checksum, hash, low32, owner};
use crate::manifest::{Extent, damaged, failed, words};
use crate::shard::Shard;

/// The file of one worker of the search that is resumed.
pub(crate) struct Source {
    path: PathBuf,
    front: PathBuf,
    file: BufReader<File>,
    extent: Extent,
    /// The checksum at the end of each level read.
    checksums: Vec<Checksum>,
    batch: Batch,
    /// Whose states to take, of how many workers.
    worker: (usize, usize),
}

impl Source {
    /// The file at `path`, as far as the manifest vouches for it.
    pub(crate) fn open(
        path: PathBuf,
        front: PathBuf,
        extent: &Extent,
        shard: &Shard,
        worker: (usize, usize),
    ) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|error| failed(&path, &error))?;
        Ok(Self {
            path,
            front,
            file: BufReader::with_capacity(8 * CHUNK, file),
            extent: extent.clone(),
            checksums: Vec::new(),
            batch: Batch::new(shard.width()),
            worker,
        })
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes this worker's states of the next level, which is `level`.
    pub(crate) fn read_level(&mut self, level: usize, shard: &mut Shard) -> Result<(), Error> {
        let Some(&rows) = self.extent.levels.get(level) else {
            return Err(self.damaged());
        };
        let mut left = rows;
        let mut checksum = self.checksums.last().copied().unwrap_or_default();
        while left > 0 {
            let count = left.min((CHUNK / shard.record()) as u64);
            let mut bytes = Vec::new();
            let want = 8 * count * shard.record() as u64;
            let read = Read::take(&mut self.file, want).read_to_end(&mut bytes);
            read.map_err(|error| failed(&self.path, &error))?;
            let words = words(&bytes).filter(|words| 8 * words.len() as u64 == want);
            let words = words.ok_or_else(|| self.damaged())?;
            checksum.add(&words);
            for record in words.chunks_exact(shard.record()) {
                self.take(record, shard);
            }
            left -= count;
        }
        shard.absorb(&mut self.batch);
        self.checksums.push(checksum);
        Ok(())
    }

    fn take(&mut self, record: &[u64], shard: &mut Shard) {
        let (me, peers) = self.worker;
        if let (true, [print, hint]) = (shard.compact(), record) {
            if owner(*print, peers) == me {
                shard.restore(*print, low32(*hint));
            }
            return;
        }
        let hash = hash(record);
        self.batch.push(record, hash, 0, owner(hash, peers) == me);
        if self.batch.len() >= Batch::FULL {
            shard.absorb(&mut self.batch);
        }
    }

    /// Checks that the file is what the manifest says, and takes what is kept of the last level
    /// beside fingerprints.
    pub(crate) fn finish(&mut self, level: usize, shard: &mut Shard) -> Result<(), Error> {
        for later in level + 1..self.extent.levels.len() {
            // Levels that another process has not reached are read, but not taken.
            let mut unused = shard.another();
            self.read_level(later, &mut unused)?;
        }
        let checksum = self.checksums.last().copied().unwrap_or_default();
        if checksum.value() != self.extent.checksum {
            return Err(self.damaged());
        }
        if shard.compact() {
            let bytes = std::fs::read(&self.front).map_err(|error| failed(&self.front, &error))?;
            let words = words(&bytes).unwrap_or_default();
            let damaged = || damaged(&self.front);
            let (checksum, states) = words.split_last().ok_or_else(damaged)?;
            if Checksum::of(states) != *checksum {
                return Err(damaged());
            }
            let (me, peers) = self.worker;
            let states = states.chunks_exact(shard.width());
            states
                .filter(|state| owner(hash(state), peers) == me)
                .for_each(|state| shard.restore_front(state));
        }
        Ok(())
    }

    /// What of the file belongs to a checkpoint at the end of `level`.
    pub(crate) fn extent(&self, level: usize) -> (Extent, Checksum) {
        let checksum = self.checksums.get(level).copied().unwrap_or_default();
        let levels = self.extent.levels.iter().take(level + 1).copied().collect();
        (Extent { levels, checksum: checksum.value() }, checksum)
    }

    fn damaged(&self) -> Error {
        damaged(&self.path)
    }
}

//! The reader of a checkpoint: the states that a worker had met when it was written.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::checkpoint::manifest::{CHUNK, Extent, checksum, to_words};
use crate::error::Error;
use crate::hash::{hash, low32, owner};
use crate::visited::batch::Batch;
use crate::visited::shard::Shard;

/// The file of one worker of the search that is resumed.
pub(crate) struct Reader {
    path: PathBuf,
    /// The file with the states of the frontier, for compact shards.
    frontier: PathBuf,
    file: BufReader<File>,
    extent: Extent,
    /// The checksum at the end of each level read.
    checksums: Vec<u32>,
    batch: Batch,
    /// The worker whose states are taken, and the number of workers.
    worker: (usize, usize),
}

impl Reader {
    /// The file at `path`, of which `extent` counts.
    pub(crate) fn open(
        path: PathBuf,
        frontier: PathBuf,
        extent: &Extent,
        width: usize,
        worker: (usize, usize),
    ) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|error| Error::file(&path, &error))?;
        Ok(Self {
            path,
            frontier,
            file: BufReader::with_capacity(8 * CHUNK, file),
            extent: extent.clone(),
            checksums: Vec::new(),
            batch: Batch::new(width),
            worker,
        })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes this worker's states of the next level, which is `level`.
    pub(crate) fn read_level(&mut self, level: usize, shard: &mut Shard) -> Result<(), Error> {
        let rows = self.extent.levels.get(level);
        let mut left = *rows.ok_or_else(|| Error::damaged(&self.path))?;
        let mut sum = self.checksums.last().copied().unwrap_or(0);
        while left > 0 {
            let count = left.min((CHUNK / shard.record()) as u64);
            let want = 8 * count * shard.record() as u64;
            let mut bytes = Vec::new();
            let read = Read::take(&mut self.file, want).read_to_end(&mut bytes);
            read.map_err(|error| Error::file(&self.path, &error))?;
            if bytes.len() as u64 != want {
                return Err(Error::damaged(&self.path));
            }
            sum = checksum(sum, &bytes);
            for record in to_words(&bytes).chunks_exact(shard.record()) {
                self.take(record, shard);
            }
            left -= count;
        }
        shard.absorb(&mut self.batch);
        self.checksums.push(sum);
        Ok(())
    }

    fn take(&mut self, record: &[u64], shard: &mut Shard) {
        let (me, peers) = self.worker;
        if let (true, [hash, hint]) = (shard.compact(), record) {
            if owner(*hash, peers) == me {
                shard.restore(*hash, low32(*hint));
            }
            return;
        }
        let hash = hash(record);
        self.batch.push(record, hash, 0, owner(hash, peers) == me);
        if self.batch.len() >= Batch::FULL {
            shard.absorb(&mut self.batch);
        }
    }

    /// Checks that the file is what the manifest says, and takes the frontier of compact shards.
    pub(crate) fn finish(&mut self, level: usize, shard: &mut Shard) -> Result<(), Error> {
        for later in level + 1..self.extent.levels.len() {
            // Levels that another process has not reached are read, but not taken.
            let mut unused = shard.another();
            self.read_level(later, &mut unused)?;
        }
        if self.checksums.last().copied().unwrap_or(0) != self.extent.checksum {
            return Err(Error::damaged(&self.path));
        }
        if shard.compact() {
            let bytes = std::fs::read(&self.frontier);
            let bytes = bytes.map_err(|error| Error::file(&self.frontier, &error))?;
            let states = match bytes.split_last_chunk() {
                Some((states, sum)) if checksum(0, states) == u32::from_le_bytes(*sum) => states,
                _ => return Err(Error::damaged(&self.frontier)),
            };
            let (me, peers) = self.worker;
            for state in to_words(states).chunks_exact(shard.width()) {
                if owner(hash(state), peers) == me {
                    shard.restore_frontier(state);
                }
            }
        }
        Ok(())
    }

    /// The part of the file that belongs to a checkpoint at the end of `level`.
    pub(crate) fn extent(&self, level: usize) -> Extent {
        Extent {
            levels: self.extent.levels.iter().take(level + 1).copied().collect(),
            checksum: self.checksums.get(level).copied().unwrap_or(0),
        }
    }
}

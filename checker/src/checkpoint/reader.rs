//! The reader of a checkpoint: the states that a worker had met when it was written.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use crate::checkpoint::manifest::{CHUNK, Extent, checksum, to_words};
use crate::error::Error;
use crate::hash::owner;
use crate::system::TransitionSystem;
use crate::visited::batch::Batch;
use crate::visited::shard::Shard;

/// The file of one worker of the search that is resumed.
pub(crate) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    extent: Extent,
    /// The checksum at the end of each level read.
    checksums: Vec<u32>,
    /// Words of a state.
    width: usize,
    /// The worker whose states are taken, and the number of workers.
    worker: (usize, usize),
}

impl Reader {
    /// The file at `path`, of which `extent` counts.
    pub(crate) fn open(
        path: PathBuf,
        extent: &Extent,
        width: usize,
        worker: (usize, usize),
    ) -> Result<Self, Error> {
        let file = File::open(&path).map_err(|error| Error::file(&path, &error))?;
        Ok(Self {
            path,
            file: BufReader::with_capacity(8 * CHUNK, file),
            extent: extent.clone(),
            checksums: Vec::new(),
            width,
            worker,
        })
    }

    /// The path of the file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the states of the next level, which is `level`. A shard takes those of this worker.
    pub(crate) fn read_level<S: TransitionSystem>(
        &mut self,
        system: &S,
        level: usize,
        shard: Option<&mut Shard>,
    ) -> Result<(), Error> {
        let states = self.extent.levels.get(level);
        let mut left = *states.ok_or_else(|| Error::damaged(&self.path))?;
        let mut sum = self.checksums.last().copied().unwrap_or(0);
        let mut shard = shard;
        while left > 0 {
            let count = left.min((CHUNK / self.width).max(1) as u64);
            let want = 8 * count * self.width as u64;
            let mut bytes = Vec::new();
            let read = Read::take(&mut self.file, want).read_to_end(&mut bytes);
            read.map_err(|error| Error::file(&self.path, &error))?;
            if bytes.len() as u64 != want {
                return Err(Error::damaged(&self.path));
            }
            sum = checksum(sum, &bytes);
            if let Some(shard) = &mut shard {
                self.take(system, &to_words(&bytes), shard);
            }
            left -= count;
        }
        self.checksums.push(sum);
        Ok(())
    }

    fn take<S: TransitionSystem>(&self, system: &S, states: &[u64], shard: &mut Shard) {
        let (me, peers) = self.worker;
        let mut batch = Batch::new(self.width);
        for states in states.chunks(Batch::FULL * self.width) {
            for state in states.chunks_exact(self.width) {
                batch.push(state, owner(system.home(state), peers) == me);
            }
            shard.absorb(batch.states());
            batch.clear();
        }
    }

    /// Checks that the file is what the manifest says. Levels after `level`, which another process
    /// has not reached, are read, but not taken.
    pub(crate) fn finish<S: TransitionSystem>(
        &mut self,
        system: &S,
        level: usize,
    ) -> Result<(), Error> {
        for later in level + 1..self.extent.levels.len() {
            self.read_level(system, later, None)?;
        }
        let sum = self.checksums.last().copied().unwrap_or(0);
        if sum == self.extent.checksum { Ok(()) } else { Err(Error::damaged(&self.path)) }
    }

    /// The part of the file that belongs to a checkpoint at the end of `level`.
    pub(crate) fn extent(&self, level: usize) -> Extent {
        Extent {
            levels: self.extent.levels.iter().take(level + 1).copied().collect(),
            checksum: self.checksums.get(level).copied().unwrap_or(0),
        }
    }
}

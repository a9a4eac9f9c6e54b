//! The writer of checkpoints: one per worker.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all, remove_file};
use std::io::{BufWriter, ErrorKind, Result as IoResult, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::checkpoint::manifest::{CHUNK, Extent, Manifest, checksum, to_bytes};
use crate::checkpoint::reader::Reader;
use crate::error::{Error, first_difference};
use crate::search::search_stats::SearchStats;
use crate::visited::shard::Shard;

/// The place of a worker among all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// The worker, and the number of workers.
    pub(crate) worker: (usize, usize),
    /// Workers of each process.
    pub(crate) local: usize,
}

impl Place {
    /// The number of processes, and which of them this is.
    fn processes(self) -> (usize, usize) {
        (self.worker.1 / self.local, self.worker.0 / self.local)
    }

    /// The first worker of this process.
    fn first(self) -> usize {
        self.processes().1 * self.local
    }

    fn is_first(self) -> bool {
        self.worker.0 == self.first()
    }

    fn manifest(self) -> String {
        format!("manifest-{}", self.processes().1)
    }
}

/// What one worker needs to write checkpoints.
pub(crate) struct Writer {
    dir: PathBuf,
    subject: String,
    place: Place,
    generation: u64,
    /// Held by the first worker of a process.
    lock: Option<File>,
    file: Option<File>,
    /// The part of the file that is written.
    extent: Extent,
    /// The levels whose frontiers are on disk (compact only), the last first.
    frontiers: [Option<usize>; 2],
}

impl Writer {
    /// The writer of a worker of a search for `subject`.
    pub(crate) fn new(dir: &Path, subject: String, place: Place) -> Self {
        Self {
            dir: dir.to_owned(),
            subject,
            place,
            generation: 0,
            lock: None,
            file: None,
            extent: Extent::default(),
            frontiers: [None; 2],
        }
    }

    /// The level at which this process can be resumed, if there is a checkpoint.
    pub(crate) fn level(&mut self) -> Result<Option<usize>, Error> {
        create_dir_all(&self.dir).map_err(|error| Error::file(&self.dir, &error))?;
        if self.place.is_first() {
            self.lock = Some(lock(&self.dir, self.place.processes().1)?);
        }
        let manifest = self.manifest()?;
        Ok(manifest.map(|manifest| manifest.stats.depth() as usize))
    }

    /// Removes a checkpoint that cannot be resumed, as another process has none.
    pub(crate) fn discard(&self) -> Result<(), Error> {
        let path = self.dir.join(self.place.manifest());
        match remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::file(&path, &error)),
            _ => Ok(()),
        }
    }

    /// Appends the states met since the last time, up to those of `level`. Returns what belongs to
    /// the checkpoint now.
    pub(crate) fn append(&mut self, shard: &Shard, level: usize) -> Result<Extent, Error> {
        let path = self.path("states", self.place.worker.0, self.generation);
        self.append_rows(&path, shard, level).map_err(|error| Error::file(&path, &error))?;
        if shard.compact() {
            let path = self.path("front", self.place.worker.0, level as u64);
            self.write_frontier(&path, shard, level).map_err(|error| Error::file(&path, &error))?;
        }
        Ok(self.extent.clone())
    }

    /// Writes the manifest that makes the extents of all workers count.
    pub(crate) fn commit(&self, extents: &[Extent], stats: &SearchStats) -> Result<(), Error> {
        if !self.place.is_first() {
            return Ok(());
        }
        let own = extents.iter().skip(self.place.first());
        let mut stats = stats.clone();
        stats.truncate(stats.depth() as usize);
        let manifest = Manifest {
            subject: self.subject.clone(),
            processes: self.place.processes(),
            generation: self.generation,
            files: own.take(self.place.local).cloned().collect(),
            stats,
        };
        manifest.write(&self.dir, &self.place.manifest())?;
        // Files of earlier generations only take space. Not to find them is no failure.
        for old in 0..self.generation {
            let _ = remove_file(self.path("states", self.place.worker.0, old));
        }
        Ok(())
    }

    /// Takes the states of this worker up to `level` into an empty shard. Returns what belongs to
    /// the checkpoint then, if the files stay the same.
    pub(crate) fn resume(
        &mut self,
        shard: &mut Shard,
        level: usize,
    ) -> Result<(SearchStats, Option<Extent>), Error> {
        let manifest = self.manifest()?.ok_or(Error::Worker)?;
        let same = manifest.files.len() == self.place.local;
        if !same && self.place.processes().0 > 1 {
            let message = "a cluster must resume with its earlier number of workers".into();
            return Err(Error::Checkpoint(message));
        }
        let mut readers = Vec::new();
        for (worker, extent) in (self.place.first()..).zip(&manifest.files) {
            if !same || worker == self.place.worker.0 {
                let rows = self.path("states", worker, manifest.generation);
                let frontier = self.path("front", worker, level as u64);
                let (width, own) = (shard.width(), self.place.worker);
                readers.push(Reader::open(rows, frontier, extent, width, own)?);
            }
        }
        for at in 0..=level {
            for reader in &mut readers {
                reader.read_level(at, shard)?;
            }
            shard.seal();
        }
        for reader in &mut readers {
            reader.finish(level, shard)?;
        }
        self.generation = manifest.generation + u64::from(!same);
        let mut extent = None;
        if let (true, [reader]) = (same, &readers[..]) {
            self.extent = reader.extent(level);
            let file = OpenOptions::new().write(true).open(reader.path());
            self.file = Some(file.map_err(|error| Error::file(reader.path(), &error))?);
            self.frontiers[0] = shard.compact().then_some(level);
            extent = Some(self.extent.clone());
        }
        let mut stats = manifest.stats;
        stats.truncate(level);
        Ok((stats, extent))
    }

    fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let Some(manifest) = Manifest::read(&self.dir, &self.place.manifest())? else {
            return Ok(None);
        };
        compare(&self.dir, &self.subject, &manifest.subject)?;
        if manifest.processes != self.place.processes() {
            let ((all, this), (there, of)) = (self.place.processes(), manifest.processes);
            let what = format!("process {of} of {there}, and this is process {this} of {all}");
            return Err(other(&self.dir, &what));
        }
        Ok(Some(manifest))
    }

    fn path(&self, what: &str, worker: usize, number: u64) -> PathBuf {
        self.dir.join(format!("{what}-{worker}-{number}"))
    }

    fn append_rows(&mut self, path: &Path, shard: &Shard, level: usize) -> IoResult<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => File::create(path)?,
        };
        let old: u64 = self.extent.levels.iter().sum();
        file.set_len(8 * old * shard.record() as u64)?;
        file.seek(SeekFrom::End(0))?;
        let mut chunk = Vec::with_capacity(CHUNK + shard.record());
        let mut write = |chunk: &mut Vec<u64>, sum: &mut u32| {
            let bytes = to_bytes(chunk);
            *sum = checksum(*sum, &bytes);
            chunk.clear();
            file.write_all(&bytes)
        };
        for level in self.extent.levels.len()..=level {
            let rows = shard.level(level);
            self.extent.levels.push(rows.len() as u64);
            for row in rows {
                chunk.extend_from_slice(shard.row(row));
                if shard.compact() {
                    chunk.push(u64::from(shard.hint(row)));
                }
                if chunk.len() >= CHUNK {
                    write(&mut chunk, &mut self.extent.checksum)?;
                }
            }
        }
        write(&mut chunk, &mut self.extent.checksum)?;
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes the states of the last level, whose rows are only hashes, and removes those of a
    /// level to which no process returns any more.
    fn write_frontier(&mut self, path: &Path, shard: &Shard, level: usize) -> IoResult<()> {
        if self.frontiers[0] == Some(level) {
            return Ok(());
        }
        let mut file = BufWriter::new(File::create(path)?);
        let mut sum = 0;
        let mut written = Ok(());
        shard.each_of_frontier(|state| {
            let bytes = to_bytes(state);
            sum = checksum(sum, &bytes);
            if written.is_ok() {
                written = file.write_all(&bytes);
            }
        });
        written?;
        file.write_all(&sum.to_le_bytes())?;
        file.flush()?;
        file.get_ref().sync_data()?;
        let [last, before] = self.frontiers;
        if let (Some(_), Some(old)) = (last, before) {
            let _ = remove_file(self.path("front", self.place.worker.0, old as u64));
        }
        self.frontiers = [Some(level), last];
        Ok(())
    }
}

/// Keeps other searches out of a directory for as long as the file is open, where the file system
/// supports locks.
pub(crate) fn lock(dir: &Path, process: usize) -> Result<File, Error> {
    let path = dir.join(format!("lock-{process}"));
    let file = File::create(&path).map_err(|error| Error::file(&path, &error))?;
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        let dir = dir.display();
        let message = format!("{dir} is in use by another search: name another directory");
        return Err(Error::Checkpoint(message));
    }
    Ok(file)
}

/// The error for a directory that holds a checkpoint that is not to be resumed.
pub(crate) fn refusal(dir: &Path) -> Error {
    let dir = dir.display();
    let message = format!("{dir} holds a checkpoint: resume it or name another directory");
    Error::Checkpoint(message)
}

/// Checks that a checkpoint is of this search.
pub(crate) fn compare(dir: &Path, ours: &str, theirs: &str) -> Result<(), Error> {
    if ours == theirs {
        return Ok(());
    }
    Err(other(dir, &format!("another search ({})", first_difference(ours, theirs))))
}

/// The error for a directory that holds something else.
fn other(dir: &Path, what: &str) -> Error {
    let (dir, way_out) = (dir.display(), "resume it as it began, or name another directory");
    Error::Checkpoint(format!("{dir} holds the checkpoint of {what}: {way_out}"))
}

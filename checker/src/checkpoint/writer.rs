//! The writer of checkpoints: one per worker.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all, remove_file};
use std::io::{BufWriter, ErrorKind, Result as IoResult, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::checkpoint::manifest::{CHUNK, Extent, Manifest, checksum, to_bytes};
use crate::checkpoint::reader::Reader;
use crate::error::{Error, first_difference};
use crate::search::search_stats::SearchStats;
use crate::system::TransitionSystem;
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

    /// Appends the last complete level. It counts once a manifest says so.
    pub(crate) fn append(&mut self, shard: &Shard) -> Result<(), Error> {
        let path = self.path(self.place.worker.0, self.generation);
        self.write(&path, shard).map_err(|error| Error::file(&path, &error))
    }

    /// Waits until all that was appended is on disk, and returns it.
    pub(crate) fn sync(&self) -> Result<Extent, Error> {
        let path = self.path(self.place.worker.0, self.generation);
        let synced = self.file.as_ref().map_or(Ok(()), File::sync_data);
        synced.map_err(|error| Error::file(&path, &error))?;
        Ok(self.extent.clone())
    }

    /// Writes the manifest that makes the extents of all workers count.
    pub(crate) fn commit<S: TransitionSystem>(
        &self,
        system: &S,
        extents: &[Extent],
        stats: &SearchStats,
    ) -> Result<(), Error> {
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
            codebook: system.codebook(),
            stats,
        };
        manifest.write(&self.dir, &self.place.manifest())?;
        // Files of earlier generations only take space. Not to find them is no failure.
        for old in 0..self.generation {
            let _ = remove_file(self.path(self.place.worker.0, old));
        }
        Ok(())
    }

    /// Takes the states of this worker up to `level` into an empty shard. Returns what belongs to
    /// the checkpoint then, if the files stay the same.
    pub(crate) fn resume<S: TransitionSystem>(
        &mut self,
        system: &S,
        shard: &mut Shard,
        level: usize,
    ) -> Result<(SearchStats, Option<Extent>), Error> {
        let manifest = self.manifest()?.ok_or(Error::Worker)?;
        if self.place.is_first() && !system.adopt(&manifest.codebook) {
            return Err(Error::damaged(&self.dir.join(self.place.manifest())));
        }
        let same = manifest.files.len() == self.place.local;
        if !same && self.place.processes().0 > 1 {
            let message = "a cluster must resume with its earlier number of workers".into();
            return Err(Error::Checkpoint(message));
        }
        let mut readers = Vec::new();
        for (worker, extent) in (self.place.first()..).zip(&manifest.files) {
            if !same || worker == self.place.worker.0 {
                let path = self.path(worker, manifest.generation);
                readers.push(Reader::open(path, extent, shard.words(), self.place.worker)?);
            }
        }
        self.generation = manifest.generation + u64::from(!same);
        for at in 0..=level {
            for reader in &mut readers {
                reader.read_level(system, at, Some(shard))?;
            }
            shard.seal();
            if !same {
                self.append(shard)?;
            }
        }
        readers.iter_mut().try_for_each(|reader| reader.finish(system, level))?;
        let mut extent = None;
        if let (true, [reader]) = (same, &readers[..]) {
            self.extent = reader.extent(level);
            let file = OpenOptions::new().write(true).open(reader.path());
            self.file = Some(file.map_err(|error| Error::file(reader.path(), &error))?);
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

    /// The file of a worker's states.
    fn path(&self, worker: usize, generation: u64) -> PathBuf {
        self.dir.join(format!("states-{worker}-{generation}"))
    }

    fn write(&mut self, path: &Path, shard: &Shard) -> IoResult<()> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => File::create(path)?,
        };
        let bytes = 8 * shard.words() as u64;
        file.set_len(bytes * self.extent.levels.iter().sum::<u64>())?;
        file.seek(SeekFrom::End(0))?;
        let mut file = BufWriter::with_capacity(8 * CHUNK, file);
        let mut states = 0;
        for block in shard.sealed() {
            let block = to_bytes(block);
            self.extent.checksum = checksum(self.extent.checksum, &block);
            file.write_all(&block)?;
            states += block.len() as u64 / bytes;
        }
        self.extent.levels.push(states);
        self.file = Some(file.into_inner()?);
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

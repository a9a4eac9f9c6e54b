//! How does a search survive the end of its process?
//!
//! Now and then, at the end of a level, every worker appends the states it has met since to a file
//! of its own, and then the first worker of each process writes the [manifest](crate::manifest)
//! that makes them count. Whatever stands in a file beyond that was never finished and is cut off.
//! A search that ends early writes a last checkpoint, so that it can be resumed with more.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all, remove_file};
use std::io::{BufWriter, ErrorKind, Result as IoResult, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cluster::first_difference;
use crate::error::Error;
use crate::hash::Checksum;
use crate::manifest::{Extent, Manifest, bytes, failed};
use crate::resume::Source;
use crate::shard::Shard;
use crate::totals::Totals;

/// Words written or read at once.
pub(crate) const CHUNK: usize = 1 << 16;

/// Where and how often checkpoints are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// A directory of this search's own.
    pub dir: PathBuf,
    /// How long to search from one to the next, at least; they are written between levels.
    pub every: Duration,
    /// Go on from the checkpoint in the directory, if there is one. Otherwise there must be none.
    pub resume: bool,
}

/// Who writes: the workers and processes of a search, and which of them this is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// This worker, and how many there are.
    pub(crate) worker: (usize, usize),
    /// Workers of each process.
    pub(crate) local: usize,
}

impl Place {
    /// This process.
    fn process(self) -> usize {
        self.worker.0 / self.local
    }

    /// All processes.
    fn processes(self) -> usize {
        self.worker.1 / self.local
    }

    /// The first worker of this process.
    fn first(self) -> usize {
        self.process() * self.local
    }

    fn manifest(self) -> String {
        format!("manifest-{}", self.process())
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
    extent: Extent,
    checksum: Checksum,
    /// The levels whose states are kept beside their fingerprints, the last first.
    fronts: [Option<usize>; 2],
}

impl Writer {
    /// For a search for `subject`.
    pub(crate) fn new(dir: &Path, subject: String, place: Place) -> Self {
        Self {
            dir: dir.to_owned(),
            subject,
            place,
            generation: 0,
            lock: None,
            file: None,
            extent: Extent::default(),
            checksum: Checksum::default(),
            fronts: [None; 2],
        }
    }

    /// The level from which this process can go on, if there is a checkpoint.
    pub(crate) fn level(&mut self) -> Result<Option<usize>, Error> {
        create_dir_all(&self.dir).map_err(|error| failed(&self.dir, &error))?;
        if self.place.worker.0 == self.place.first() {
            self.lock()?;
        }
        Ok(self.manifest()?.map(|manifest| manifest.level()))
    }

    /// Keeps other searches out of the directory for as long as this one lasts. Where files cannot
    /// be locked nobody is kept out.
    fn lock(&mut self) -> Result<(), Error> {
        let path = self.dir.join(format!("lock-{}", self.place.process()));
        let file = File::create(&path).map_err(|error| failed(&path, &error))?;
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            let dir = self.dir.display();
            let message = format!("{dir} is in use by another search: name another directory");
            return Err(Error::Checkpoint(message));
        }
        self.lock = Some(file);
        Ok(())
    }

    /// Refuses a directory that holds a checkpoint.
    pub(crate) fn refuse(&self) -> Error {
        let dir = self.dir.display();
        let message = format!("{dir} holds a checkpoint: resume it or name another directory");
        Error::Checkpoint(message)
    }

    /// Forgets a checkpoint that cannot be resumed since another process has none.
    pub(crate) fn discard(&self) -> Result<(), Error> {
        let path = self.dir.join(self.place.manifest());
        match remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&path, &error)),
            _ => Ok(()),
        }
    }

    /// Appends the states met since the last time, up to those of `level`, and says what belongs to
    /// the checkpoint now.
    pub(crate) fn append(&mut self, shard: &Shard, level: usize) -> Result<Vec<u64>, Error> {
        let path = self.path("states", self.place.worker.0, self.generation);
        self.append_rows(&path, shard, level).map_err(|error| failed(&path, &error))?;
        if shard.compact() {
            let path = self.path("front", self.place.worker.0, level as u64);
            self.write_front(&path, shard, level).map_err(|error| failed(&path, &error))?;
        }
        Ok(self.say())
    }

    /// Makes what all workers appended count.
    pub(crate) fn commit(&self, said: &[Vec<u64>], totals: &Totals) -> Result<(), Error> {
        if self.place.worker.0 != self.place.first() {
            return Ok(());
        }
        let own = said.iter().skip(self.place.first()).take(self.place.local);
        let extent = |said: &Vec<u64>| {
            let (checksum, levels) = said.split_first().unwrap_or((&0, &[]));
            Extent { levels: levels.to_vec(), checksum: *checksum }
        };
        let mut totals = totals.clone();
        totals.truncate(totals.levels.len().saturating_sub(1));
        let manifest = Manifest {
            subject: self.subject.clone(),
            processes: (self.place.processes() as u64, self.place.process() as u64),
            generation: self.generation,
            files: own.map(extent).collect(),
            totals,
        };
        manifest.write(&self.dir, &self.place.manifest())?;
        // Files that no manifest mentions any more only take space; not to find them is no failure.
        for old in 0..self.generation {
            let _ = remove_file(self.path("states", self.place.worker.0, old));
        }
        Ok(())
    }

    /// Takes the states of this worker up to `level` into an empty shard. Says what belongs to the
    /// checkpoint then, if the files stay the same.
    pub(crate) fn resume(
        &mut self,
        shard: &mut Shard,
        level: usize,
    ) -> Result<(Totals, Option<Vec<u64>>), Error> {
        let manifest = self.manifest()?.ok_or(Error::Worker)?;
        let same = manifest.files.len() == self.place.local;
        if !same && self.place.processes() > 1 {
            let message = "a cluster resumes with as many workers as before".into();
            return Err(Error::Checkpoint(message));
        }
        let mut sources = Vec::new();
        for (worker, extent) in (self.place.first()..).zip(&manifest.files) {
            if !same || worker == self.place.worker.0 {
                let rows = self.path("states", worker, manifest.generation);
                let front = self.path("front", worker, level as u64);
                sources.push(Source::open(rows, front, extent, shard, self.place.worker)?);
            }
        }
        for at in 0..=level {
            for source in &mut sources {
                source.read_level(at, shard)?;
            }
            shard.seal();
        }
        for source in &mut sources {
            source.finish(level, shard)?;
        }
        self.generation = manifest.generation + u64::from(!same);
        let mut said = None;
        if let (true, [source]) = (same, &sources[..]) {
            (self.extent, self.checksum) = source.extent(level);
            let file = OpenOptions::new().write(true).open(source.path());
            self.file = Some(file.map_err(|error| failed(source.path(), &error))?);
            self.fronts[0] = shard.compact().then_some(level);
            said = Some(self.say());
        }
        let mut totals = manifest.totals;
        totals.truncate(level);
        Ok((totals, said))
    }

    fn say(&self) -> Vec<u64> {
        let mut said = vec![self.extent.checksum];
        said.extend(&self.extent.levels);
        said
    }

    fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let Some(manifest) = Manifest::read(&self.dir, &self.place.manifest())? else {
            return Ok(None);
        };
        let dir = self.dir.display();
        let other = |what: String| {
            let way_out = "resume it as it began, or name another directory";
            Err(Error::Checkpoint(format!("{dir} holds the checkpoint of {what}: {way_out}")))
        };
        if manifest.subject != self.subject {
            let differs = first_difference(&self.subject, &manifest.subject);
            return other(format!("another search ({differs})"));
        }
        let processes = (self.place.processes() as u64, self.place.process() as u64);
        if manifest.processes != processes {
            let ((all, this), (there, of)) = (processes, manifest.processes);
            return other(format!("process {of} of {there}, and this is process {this} of {all}"));
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
        for level in self.extent.levels.len()..=level {
            let rows = shard.level(level);
            self.extent.levels.push(rows.len() as u64);
            for row in rows {
                chunk.extend_from_slice(shard.row(row));
                if shard.compact() {
                    chunk.push(u64::from(shard.hint(row)));
                }
                if chunk.len() >= CHUNK {
                    self.checksum.add(&chunk);
                    file.write_all(&bytes(&chunk))?;
                    chunk.clear();
                }
            }
        }
        self.checksum.add(&chunk);
        self.extent.checksum = self.checksum.value();
        file.write_all(&bytes(&chunk))?;
        file.sync_data()?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes the states of the last level, of which the rows are but fingerprints, and removes
    /// those of a level to which no process goes back any more.
    fn write_front(&mut self, path: &Path, shard: &Shard, level: usize) -> IoResult<()> {
        if self.fronts[0] == Some(level) {
            return Ok(());
        }
        let mut file = BufWriter::new(File::create(path)?);
        let mut checksum = Checksum::default();
        let mut written = Ok(());
        shard.front().each(|state| {
            checksum.add(state);
            if written.is_ok() {
                written = file.write_all(&bytes(state));
            }
        });
        written?;
        file.write_all(&bytes(&[checksum.value()]))?;
        file.flush()?;
        file.get_ref().sync_data()?;
        if let [Some(before), Some(old)] = self.fronts {
            let _ = remove_file(self.path("front", self.place.worker.0, old as u64));
            self.fronts = [Some(level), Some(before)];
        } else {
            self.fronts = [Some(level), self.fronts[0]];
        }
        Ok(())
    }
}

//! The journal of a sweep: what is complete, and which runs on disk count.
//!
//! It is written between two measures, beside the one before, and then renamed. Whatever ends the
//! process, the last journal names all that is needed to go on.

use std::fs::{File, create_dir_all};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::checkpoint::manifest::{Manifest, load, replace};
use crate::checkpoint::writer::{compare, lock, refusal};
use crate::error::Error;
use crate::options::Checkpoints;
use crate::search::search_stats::SearchStats;
use crate::search::worker::subject;
use crate::sweep::disk::Disk;
use crate::sweep::lane::{Past, Waiting};
use crate::system::TransitionSystem;

/// The name of a journal.
const NAME: &str = "sweep";

/// Distinguishes a journal from any other file, and from earlier and later forms of itself.
const MAGIC: [u8; 8] = *b"sweepln2";

/// What a sweep has done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// What is explored.
    pub(crate) subject: String,
    /// The number of the next file of runs.
    pub(crate) next: u64,
    /// By which states are read.
    pub(crate) codebook: Vec<u64>,
    /// What complete measures yielded.
    pub(crate) stats: SearchStats,
    /// What waits.
    pub(crate) waiting: Vec<Waiting>,
    /// What was expanded.
    pub(crate) past: Vec<Past>,
}

/// The directory of a sweep.
pub(crate) struct Journal {
    dir: PathBuf,
    subject: String,
    /// Held as long as the sweep lasts.
    _lock: File,
}

impl Journal {
    /// Opens a directory. Returns what was recorded there, too; none if the sweep there fell back
    /// to another search.
    pub(crate) fn open<S: TransitionSystem>(
        system: &S,
        checkpoints: &Checkpoints,
    ) -> Result<Option<(Self, Option<Record>)>, Error> {
        let dir = checkpoints.dir.clone();
        create_dir_all(&dir).map_err(|error| Error::file(&dir, &error))?;
        let lock = lock(&dir, 0)?;
        let subject = subject(system);
        let record: Option<Record> = load(&dir, NAME, MAGIC)?;
        let fell_back = Manifest::read(&dir, "manifest-0")?.is_some();
        if !checkpoints.resume && (record.is_some() || fell_back) {
            return Err(refusal(&dir));
        }
        if fell_back {
            return Ok(None);
        }
        if let Some(record) = &record {
            compare(&dir, &subject, &record.subject)?;
            if !system.adopt(&record.codebook) {
                return Err(Error::damaged(&dir.join(NAME)));
            }
        }
        Ok(Some((Self { dir, subject, _lock: lock }, record)))
    }

    /// The files of the directory.
    pub(crate) fn disk(&self, record: Option<&Record>) -> Disk {
        Disk::new(&self.dir, record.map_or(0, |record| record.next))
    }

    /// Records what was done, and removes the files that are not needed any more.
    pub(crate) fn write(&self, disk: &Disk, record: Record) -> Result<(), Error> {
        let record = Record { subject: self.subject.clone(), next: disk.next(), ..record };
        replace(&self.dir, NAME, MAGIC, &record)?;
        let waiting = record.waiting.iter().map(|waiting| waiting.run.file);
        let mut files: Vec<u64> =
            waiting.chain(record.past.iter().map(|(_, run)| run.file)).collect();
        files.sort_unstable();
        disk.retain(|number| files.binary_search(&number).is_ok())
    }

    /// Removes everything.
    pub(crate) fn discard(self, disk: &Disk) -> Result<(), Error> {
        disk.retain(|_| false)?;
        let path = self.dir.join(NAME);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::file(&path, &error))
            }
            _ => Ok(()),
        }
    }
}

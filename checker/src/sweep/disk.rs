//! Files of sorted runs.
//!
//! A file is written from its beginning to its end and never changed, so that a process that dies
//! harms nothing that a manifest names. A run is read in order, in chunks, and ends with a
//! comparison of its checksum.

use std::fs::{File, read_dir, remove_file};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::checkpoint::manifest::{checksum, to_bytes, to_words};
use crate::error::Error;

/// How the name of a file of runs begins.
const FILE: &str = "list-";

/// A sorted run on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    /// The number of its file.
    pub(crate) file: u64,
    /// The byte at which it begins.
    start: u64,
    /// Its words.
    pub(crate) words: u64,
    checksum: u32,
}

/// A directory with files of runs.
pub(crate) struct Disk {
    dir: PathBuf,
    /// The number of the next file.
    next: AtomicU64,
}

impl Disk {
    /// The directory, in which files from number `next` on are new.
    pub(crate) fn new(dir: &Path, next: u64) -> Self {
        Self { dir: dir.to_owned(), next: AtomicU64::new(next) }
    }

    /// The number of the next file.
    pub(crate) fn next(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{FILE}{number}"))
    }

    /// Starts a file.
    pub(crate) fn create(&self) -> Result<Writer, Error> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path(number);
        let file = File::create(&path).map_err(|error| Error::file(&path, &error))?;
        let file = BufWriter::with_capacity(CHUNK, file);
        Ok(Writer { path, file, run: Run { file: number, start: 0, words: 0, checksum: 0 } })
    }

    /// A reader of a run that takes `chunk` bytes at a time.
    pub(crate) fn open(&self, run: &Run, chunk: usize) -> Result<Reader, Error> {
        let path = self.path(run.file);
        let open = || {
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(run.start))?;
            Ok(BufReader::with_capacity(0, file))
        };
        let file = open().map_err(|error: std::io::Error| Error::file(&path, &error))?;
        let chunk = chunk / 8;
        Ok(Reader { path, file, left: run.words, chunk, sum: 0, expected: run.checksum })
    }

    /// Removes the files that are not among `named`.
    pub(crate) fn retain(&self, named: impl Fn(u64) -> bool) -> Result<(), Error> {
        let files = read_dir(&self.dir).map_err(|error| Error::file(&self.dir, &error))?;
        for file in files {
            let file = file.map_err(|error| Error::file(&self.dir, &error))?;
            let name = file.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(FILE)?.parse().ok());
            if number.is_some_and(|number| !named(number)) {
                remove_file(file.path()).map_err(|error| Error::file(&file.path(), &error))?;
            }
        }
        Ok(())
    }
}

/// Bytes that are written at once.
pub(crate) const CHUNK: usize = 1 << 14;

/// A file that is being written.
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    /// The run being written.
    run: Run,
}

impl Writer {
    /// Adds words to the run.
    pub(crate) fn write(&mut self, words: &[u64]) -> Result<(), Error> {
        for words in words.chunks(CHUNK / 8) {
            let bytes = to_bytes(words);
            self.run.checksum = checksum(self.run.checksum, &bytes);
            self.run.words += words.len() as u64;
            self.file.write_all(&bytes).map_err(|error| Error::file(&self.path, &error))?;
        }
        Ok(())
    }

    /// Ends the run and begins the next.
    pub(crate) fn end(&mut self) -> Run {
        let start = self.run.start + 8 * self.run.words;
        let next = Run { file: self.run.file, start, words: 0, checksum: 0 };
        std::mem::replace(&mut self.run, next)
    }

    /// Makes sure that what was written is on the disk.
    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        let mut flush = || {
            self.file.flush()?;
            self.file.get_ref().sync_data()
        };
        flush().map_err(|error| Error::file(&self.path, &error))
    }
}

/// A run that is being read.
pub(crate) struct Reader {
    path: PathBuf,
    file: BufReader<File>,
    /// Words left.
    left: u64,
    /// Words that are read at once.
    chunk: usize,
    sum: u32,
    expected: u32,
}

impl Reader {
    /// The next words, a multiple of `width`; none at the end.
    pub(crate) fn read(&mut self, width: usize) -> Result<Vec<u64>, Error> {
        let rows = (self.chunk / width).max(1);
        let want = 8 * self.left.min((rows * width) as u64);
        let mut bytes = Vec::new();
        let read = Read::take(&mut self.file, want).read_to_end(&mut bytes);
        read.map_err(|error| Error::file(&self.path, &error))?;
        self.sum = checksum(self.sum, &bytes);
        self.left -= want / 8;
        if bytes.len() as u64 != want || self.left == 0 && self.sum != self.expected {
            return Err(Error::damaged(&self.path));
        }
        Ok(to_words(&bytes))
    }
}

//! The output of an adapter, line by line.

use std::io::{self, Read};
use std::process::ChildStdout;
use std::time::Duration;

use crate::protocol::LONGEST;

/// Most bytes that are read at once.
const AT_ONCE: usize = 1 << 13;

/// The output of an adapter; of a line that is too long the first part.
#[derive(Debug)]
pub(super) struct Lines {
    source: Source,
    text: Vec<u8>,
    /// Where the next line begins.
    from: usize,
    /// Up to where no end of a line was found.
    searched: usize,
    closed: bool,
}

impl Lines {
    pub(super) fn new(output: ChildStdout) -> Self {
        let (text, source) = (Vec::new(), Source::new(output));
        Self { source, text, from: 0, searched: 0, closed: false }
    }

    /// The next line, if all of it has come.
    pub(super) fn next(&mut self) -> Option<&[u8]> {
        let end = self.text[self.searched..].iter().position(|byte| *byte == b'\n');
        let end = end.map(|at| self.searched + at + 1);
        self.searched = end.unwrap_or(self.text.len());
        let rest = self.text.len() - self.from;
        let cut = (rest >= LONGEST).then_some(self.from + LONGEST);
        let last = (self.closed && rest > 0).then_some(self.text.len());
        let end = end.filter(|end| end - self.from <= LONGEST).or(cut).or(last)?;
        self.searched = end;
        let line = &self.text[std::mem::replace(&mut self.from, end)..end];
        Some(line)
    }

    /// Will nothing more come?
    pub(super) const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Waits for more, for this long at most; whether something came, if only the end.
    pub(super) fn wait(&mut self, most: Duration) -> bool {
        self.text.drain(..self.from);
        self.searched -= std::mem::take(&mut self.from);
        let Some(read) = self.source.read(&mut self.text, most) else { return false };
        self.closed = !matches!(read, Ok(1..));
        true
    }
}

/// Where there is `poll`, the thread that needs a line reads it.
#[cfg(unix)]
#[derive(Debug)]
struct Source(ChildStdout);

#[cfg(unix)]
impl Source {
    const fn new(output: ChildStdout) -> Self {
        Self(output)
    }

    /// Reads on, if something comes in this time.
    fn read(&mut self, text: &mut Vec<u8>, most: Duration) -> Option<io::Result<usize>> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let most = Timespec::try_from(most).ok();
        let ready = poll(&mut [PollFd::new(&self.0, PollFlags::IN)], most.as_ref());
        if !matches!(ready, Ok(1..)) {
            return None;
        }
        let before = text.len();
        text.resize(before + AT_ONCE, 0);
        let read = self.0.read(&mut text[before..]);
        text.truncate(before + read.as_ref().copied().unwrap_or_default());
        Some(read)
    }
}

/// Elsewhere another thread does.
#[cfg(not(unix))]
#[derive(Debug)]
struct Source(std::sync::mpsc::Receiver<Vec<u8>>);

#[cfg(not(unix))]
impl Source {
    fn new(mut output: ChildStdout) -> Self {
        let (sender, parts) = std::sync::mpsc::sync_channel(1);
        std::thread::spawn(move || {
            let mut part = vec![0; AT_ONCE];
            while let Ok(read @ 1..) = output.read(&mut part) {
                if sender.send(part[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self(parts)
    }

    /// Reads on, if something comes in this time.
    fn read(&mut self, text: &mut Vec<u8>, most: Duration) -> Option<io::Result<usize>> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.0.recv_timeout(most) {
            Ok(part) => {
                text.extend_from_slice(&part);
                Some(Ok(part.len()))
            }
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Ok(0)),
        }
    }
}

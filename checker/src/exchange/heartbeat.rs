//! Heartbeats: failure detection between processes.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::failure::FailureFlag;

/// The time between two heartbeats.
const BEAT: Duration = Duration::from_millis(500);

/// How far a process has come; as a byte, its heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    /// It explores.
    Exploring,
    /// It has a report, and has sent all that the others need for theirs.
    Concluded,
    /// It has written the report.
    Told,
}

/// Another process, watched over a connection of its own.
#[derive(Debug)]
pub(crate) struct Peer {
    name: String,
    stream: TcpStream,
    silence: Duration,
    stage: AtomicU8,
    /// How it was lost.
    loss: OnceLock<String>,
    /// Whether all has been sent to it that the dataflow has for it.
    has_all: AtomicBool,
    failure: Arc<FailureFlag>,
}

impl Peer {
    /// Starts to watch a process over `stream`. It is taken for lost after `silence`.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub(crate) fn watch(
        name: String,
        stream: TcpStream,
        silence: Duration,
        failure: &Arc<FailureFlag>,
    ) -> Result<Arc<Self>, Error> {
        let failed = |error| Error::Cluster(format!("cannot watch {name}: {error}"));
        stream.set_read_timeout(Some(BEAT.min(silence / 4))).map_err(failed)?;
        stream.set_write_timeout(Some(BEAT)).map_err(failed)?;
        let peer = Arc::new(Self {
            name: name.clone(),
            stream,
            silence,
            stage: AtomicU8::new(Stage::Exploring as u8),
            loss: OnceLock::new(),
            has_all: AtomicBool::new(false),
            failure: Arc::clone(failure),
        });
        let watched = Arc::clone(&peer);
        std::thread::Builder::new()
            .name("heartbeat".into())
            .spawn(move || watched.listen())
            .map_err(failed)?;
        Ok(peer)
    }

    /// How far it has come.
    pub(crate) fn stage(&self) -> Stage {
        let stages = [Stage::Exploring, Stage::Concluded, Stage::Told];
        stages[usize::from(self.stage.load(Ordering::Acquire))]
    }

    /// How it was lost, if it was.
    pub(crate) fn loss(&self) -> Option<&str> {
        self.loss.get().map(String::as_str)
    }

    /// Notes that it was lost. That is a failure unless it has concluded.
    pub(crate) fn lose(&self, how: &str) {
        let loss = self.loss.get_or_init(|| format!("{} {how}", self.name));
        if self.stage() == Stage::Exploring {
            self.failure.set(Error::Cluster(loss.clone()));
        }
    }

    /// Notes that its connection cannot be understood.
    pub(crate) fn babbles(&self) {
        self.failure.set(Error::Cluster(format!("{} sends what no process sends", self.name)));
    }

    /// Whether all that the dataflow has for it was sent, or it is lost.
    pub(crate) fn has_all(&self) -> bool {
        self.has_all.load(Ordering::Acquire) || self.loss.get().is_some()
    }

    /// Notes that all was sent that the dataflow has for it.
    pub(crate) fn sent_all(&self) {
        self.has_all.store(true, Ordering::Release);
    }

    /// Tells the process how far this one has come.
    pub(crate) fn say(&self, stage: Stage) {
        // A process that is gone need not know.
        let _ = (&self.stream).write_all(&[stage as u8]);
    }

    /// Closes the connection, so that the process detects the loss.
    pub(crate) fn leave(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Exchanges heartbeats until one side leaves.
    fn listen(&self) {
        let (mut heard, mut sent) = (Clock::start(), Clock::start());
        let mut bytes = [0; 64];
        while self.loss.get().is_none() {
            match (&self.stream).read(&mut bytes) {
                Ok(0) => self.lose("has left"),
                Ok(len) => {
                    heard = Clock::start();
                    let furthest = bytes[..len].iter().copied().max().unwrap_or_default();
                    self.stage.fetch_max(furthest.min(Stage::Told as u8), Ordering::AcqRel);
                }
                Err(error) if timed_out(error.kind()) => {
                    if heard.elapsed() > self.silence {
                        let seconds = self.silence.as_secs_f64();
                        self.lose(&format!("has been silent for {seconds} s"));
                    }
                }
                Err(_) => self.lose("has left"),
            }
            if sent.elapsed() >= BEAT.min(self.silence / 4) {
                sent = Clock::start();
                self.say(Stage::Exploring);
            }
        }
    }
}

fn timed_out(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

//! Heartbeats: failure detection between processes.

use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{park, sleep};
use std::time::Duration;

use timely::communication::allocator::zero_copy::stream::Stream;

use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::failure::FailureFlag;

/// The time between two heartbeats.
const BEAT: Duration = Duration::from_millis(500);

/// The silence after which a process is taken for dead.
const SILENCE: Duration = Duration::from_secs(20);

const ALIVE: u8 = b'.';
const DONE: u8 = b'!';

/// Another process, watched over a connection of its own.
pub(crate) struct Peer {
    name: String,
    stream: TcpStream,
    state: AtomicU8,
    failure: Arc<FailureFlag>,
}

/// A peer is at work, has said that it is done, or is gone.
const HERE: u8 = 0;
const PARTED: u8 = 1;
const GONE: u8 = 2;

impl Peer {
    /// Starts to watch a process over `stream`.
    pub(crate) fn watch(
        process: usize,
        address: &str,
        stream: TcpStream,
        failure: &Arc<FailureFlag>,
    ) -> std::result::Result<Arc<Self>, Error> {
        let failed = |error| Error::Cluster(format!("cannot watch process {process}: {error}"));
        stream.set_read_timeout(Some(BEAT)).map_err(failed)?;
        let peer = Arc::new(Self {
            name: format!("process {process} at {address}"),
            stream,
            state: AtomicU8::new(HERE),
            failure: Arc::clone(failure),
        });
        let watched = Arc::clone(&peer);
        std::thread::Builder::new()
            .name(format!("watch-{process}"))
            .spawn(move || watched.listen())
            .map_err(failed)?;
        Ok(peer)
    }

    /// Tells the process that this one is done.
    pub(crate) fn done(&self) {
        // A process that is gone already need not know.
        let _ = (&self.stream).write_all(&[DONE]);
    }

    /// Closes the connection, so that the process detects the loss.
    pub(crate) fn leave(&self) {
        let _ = self.stream.shutdown(Shutdown::Both);
    }

    /// Exchanges heartbeats until one side is done or gone.
    fn listen(&self) {
        let (mut heard, mut sent) = (Clock::start(), Clock::start());
        let mut bytes = [0; 64];
        while self.state.load(Ordering::Acquire) == HERE {
            match (&self.stream).read(&mut bytes) {
                Ok(0) => self.gone("has left"),
                Ok(len) if bytes[..len].contains(&DONE) => {
                    self.state.store(PARTED, Ordering::Release);
                }
                Ok(_) => heard = Clock::start(),
                Err(error) if timed_out(error.kind()) => {
                    if heard.elapsed() > SILENCE {
                        self.gone("is silent");
                    }
                }
                Err(_) => self.gone("has left"),
            }
            if sent.elapsed() >= BEAT {
                sent = Clock::start();
                let _ = (&self.stream).write_all(&[ALIVE]);
            }
        }
    }

    fn gone(&self, how: &str) {
        self.state.store(GONE, Ordering::Release);
        self.failure.set(Error::Cluster(format!("{} {how}", self.name)));
    }

    /// Waits until the process is done or gone. Returns whether it is done.
    pub(crate) fn parted(&self) -> bool {
        while self.state.load(Ordering::Acquire) == HERE {
            sleep(Duration::from_millis(5));
        }
        self.state.load(Ordering::Acquire) == PARTED
    }
}

fn timed_out(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}

/// A connection of the dataflow.
///
/// Timely panics when a connection fails, so this one never does: if the other process is gone, it
/// accepts all writes and blocks all reads, while the heartbeat tells the workers to give up.
pub(crate) struct DataStream {
    stream: TcpStream,
    peer: Arc<Peer>,
}

impl DataStream {
    /// The connection over `stream` to a process that is watched.
    pub(crate) fn new(stream: TcpStream, peer: Arc<Peer>) -> Self {
        Self { stream, peer }
    }
}

impl Read for DataStream {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        match self.stream.read(bytes) {
            Ok(len) if len > 0 => Ok(len),
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            _ => {
                if !self.peer.parted() {
                    loop {
                        park();
                    }
                }
                Ok(0)
            }
        }
    }
}

impl Write for DataStream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(self.stream.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Stream for DataStream {
    fn try_clone(&self) -> Result<Self> {
        Ok(Self { stream: self.stream.try_clone()?, peer: Arc::clone(&self.peer) })
    }

    fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        self.stream.set_nonblocking(nonblocking)
    }

    fn shutdown(&self, how: Shutdown) -> Result<()> {
        // A broken connection is shut down already.
        let _ = self.stream.shutdown(how);
        Ok(())
    }
}

//! Is the process at the other end still there?

use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::{park, sleep};
use std::time::Duration;

use timely::communication::allocator::zero_copy::stream::Stream;

use crate::control::Clock;
use crate::error::Error;
use crate::lost::Lost;

/// How often a process says that it is alive.
const BEAT: Duration = Duration::from_millis(500);

/// The silence after which a process is taken for dead.
const SILENCE: Duration = Duration::from_secs(20);

const ALIVE: u8 = b'.';
const DONE: u8 = b'!';

/// What is known of another process.
pub(crate) struct Peer {
    name: String,
    alive: TcpStream,
    state: AtomicU8,
    lost: Arc<Lost>,
}

/// A peer is there, has said that it is done, or is gone.
const HERE: u8 = 0;
const PARTED: u8 = 1;
const GONE: u8 = 2;

impl Peer {
    /// Begins to watch a process over a connection made for that.
    pub(crate) fn watch(
        process: usize,
        address: &str,
        alive: TcpStream,
        lost: &Arc<Lost>,
    ) -> std::result::Result<Arc<Self>, Error> {
        let failed = |error| Error::Cluster(format!("cannot watch process {process}: {error}"));
        alive.set_read_timeout(Some(BEAT)).map_err(failed)?;
        let peer = Arc::new(Self {
            name: format!("process {process} at {address}"),
            alive,
            state: AtomicU8::new(HERE),
            lost: Arc::clone(lost),
        });
        let watched = Arc::clone(&peer);
        std::thread::Builder::new()
            .name(format!("watch-{process}"))
            .spawn(move || watched.listen())
            .map_err(failed)?;
        Ok(peer)
    }

    /// Tells the process that this one has what it needs.
    pub(crate) fn done(&self) {
        // Should it be gone already, there is nobody to tell.
        let _ = (&self.alive).write_all(&[DONE]);
    }

    /// Breaks with the process.
    pub(crate) fn leave(&self) {
        let _ = self.alive.shutdown(Shutdown::Both);
    }

    /// Listens for signs of life and gives them, until one side is done or gone.
    fn listen(&self) {
        let (mut heard, mut told) = (Clock::start(), Clock::start());
        let mut bytes = [0; 64];
        while self.state.load(Ordering::Acquire) == HERE {
            match (&self.alive).read(&mut bytes) {
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
            if told.elapsed() >= BEAT {
                told = Clock::start();
                let _ = (&self.alive).write_all(&[ALIVE]);
            }
        }
    }

    fn gone(&self, how: &str) {
        self.state.store(GONE, Ordering::Release);
        self.lost.set(Error::Cluster(format!("{} {how}", self.name)));
    }

    /// Waits until the process is done or gone, and tells if it is done.
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
/// Timely panics on connections that fail. This one never does: with a process that is gone it
/// takes all that is written and gives nothing to read, while the workers learn of the loss
/// elsewhere and give up.
pub(crate) struct Link {
    stream: TcpStream,
    peer: Arc<Peer>,
}

impl Link {
    /// Over this stream, to a process that is watched.
    pub(crate) fn new(stream: TcpStream, peer: Arc<Peer>) -> Self {
        Self { stream, peer }
    }
}

impl Read for Link {
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

impl Write for Link {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        Ok(self.stream.write(bytes).unwrap_or(bytes.len()))
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Stream for Link {
    fn try_clone(&self) -> Result<Self> {
        Ok(Self { stream: self.stream.try_clone()?, peer: Arc::clone(&self.peer) })
    }

    fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        self.stream.set_nonblocking(nonblocking)
    }

    fn shutdown(&self, how: Shutdown) -> Result<()> {
        // A connection that is broken is shut already.
        let _ = self.stream.shutdown(how);
        Ok(())
    }
}

//! Connections of the dataflow.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::thread::{park, sleep};
use std::time::Duration;

use timely::communication::allocator::zero_copy::stream::Stream;

use crate::exchange::heartbeat::{Peer, Stage};

/// A connection of the dataflow.
///
/// Timely panics when a connection fails, so this one never does: it notes that the process is
/// lost, which ends the workers, accepts all writes and blocks all reads.
pub(crate) struct DataStream {
    stream: TcpStream,
    peer: Arc<Peer>,
}

impl DataStream {
    /// The connection over `stream` to a process that is watched.
    pub(crate) fn new(stream: TcpStream, peer: Arc<Peer>) -> Self {
        Self { stream, peer }
    }

    fn fail(&self, error: &Error) {
        self.peer.lose(&format!("is lost: {error}"));
    }
}

impl Read for DataStream {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize> {
        match self.stream.read(bytes) {
            Ok(0) => {
                // It says that it has sent all right after its end of the stream.
                while self.peer.stage() == Stage::Exploring && self.peer.loss().is_none() {
                    sleep(Duration::from_millis(5));
                }
                if self.peer.stage() > Stage::Exploring {
                    return Ok(0);
                }
            }
            Ok(len) => return Ok(len),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => self.fail(&error),
        }
        loop {
            park();
        }
    }
}

impl Write for DataStream {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        match self.stream.write(bytes) {
            Err(error) if error.kind() != ErrorKind::Interrupted => {
                self.fail(&error);
                Ok(bytes.len())
            }
            written => written,
        }
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

    /// Timely calls it when it has sent all.
    fn shutdown(&self, how: Shutdown) -> Result<()> {
        // A broken connection is shut down already.
        let _ = self.stream.shutdown(how);
        self.peer.sent_all();
        Ok(())
    }
}

/// Timely panics, too, at bytes that it cannot understand.
impl Drop for DataStream {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.peer.babbles();
        }
    }
}

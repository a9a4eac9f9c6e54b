//! Connections of a client: loopback TCP, or on Linux a local socket, which costs half as much.

use std::io::{self, Read};
use std::net::TcpStream;

#[cfg(not(unix))]
pub(crate) use std::net::TcpStream as Stream;
#[cfg(unix)]
pub(crate) use std::os::unix::net::UnixStream as Stream;

/// A connection over TCP.
pub(crate) fn of_tcp(stream: TcpStream) -> io::Result<Stream> {
    stream.set_nodelay(true)?;
    #[cfg(unix)]
    return Ok(Stream::from(std::os::fd::OwnedFd::from(stream)));
    #[cfg(not(unix))]
    return Ok(stream);
}

/// How often a reader looks before it sleeps: some 30 µs, less than it takes to be woken.
const LOOKS: u32 = 64;

/// Most reads without a look, after looks in vain.
const PAUSE: u32 = 64;

/// The reading half of a connection: looks for a moment before it sleeps, as long as that pays.
#[derive(Debug)]
pub(crate) struct Patient {
    stream: Stream,
    /// How many reads are to go without a look.
    skip: u32,
    /// How many those were after the last look in vain.
    pause: u32,
}

impl Patient {
    pub(crate) const fn new(stream: Stream) -> Self {
        Self { stream, skip: 0, pause: 0 }
    }

    /// What is there already, or comes while we look.
    #[cfg(unix)]
    fn look(&mut self, buffer: &mut [u8]) -> Option<io::Result<usize>> {
        use rustix::io::Errno;
        use rustix::net::{RecvFlags, recv};
        for _look in 0..LOOKS {
            match recv(&self.stream, &mut *buffer, RecvFlags::DONTWAIT) {
                Ok((read, _all)) => return Some(Ok(read)),
                Err(Errno::AGAIN) => std::hint::spin_loop(),
                Err(error) => return Some(Err(error.into())),
            }
        }
        None
    }

    #[cfg(not(unix))]
    const fn look(&mut self, _buffer: &mut [u8]) -> Option<io::Result<usize>> {
        None
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.skip > 0 {
            self.skip -= 1;
        } else if let Some(read) = self.look(buffer) {
            self.pause = 0;
            return read;
        } else {
            self.pause = (2 * self.pause).clamp(1, PAUSE);
            self.skip = self.pause;
        }
        self.stream.read(buffer)
    }
}

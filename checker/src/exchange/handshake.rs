//! The handshake: the first message of a process on a connection.

use std::io::{Error, ErrorKind, Read, Result, Write};

use serde::{Deserialize, Serialize};

/// Distinguishes this protocol from all others, and from earlier and later forms of itself.
const MAGIC: [u8; 8] = *b"explore2";

/// The most bytes after the head. A peer that announces more speaks another protocol.
const LONGEST: u64 = 1 << 20;

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// To carry heartbeats.
    Heartbeat,
    /// To carry the dataflow.
    Data,
}

/// The first message of a process on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Handshake {
    /// The purpose of the connection, according to the process that opened it.
    pub(crate) role: Role,
    /// The number of the process.
    pub(crate) process: usize,
    /// What it explores, and how.
    pub(crate) subject: String,
}

impl Handshake {
    /// Sends it.
    pub(crate) fn write(&self, stream: &mut impl Write) -> Result<()> {
        let body = postcard::to_allocvec(self).map_err(Error::other)?;
        stream.write_all(&MAGIC)?;
        stream.write_all(&(body.len() as u64).to_le_bytes())?;
        stream.write_all(&body)
    }

    /// Receives that of the other side.
    pub(crate) fn read(stream: &mut impl Read) -> Result<Self> {
        let stranger = || Error::new(ErrorKind::InvalidData, "the peer is another program");
        let (mut magic, mut len) = ([0; 8], [0; 8]);
        stream.read_exact(&mut magic)?;
        stream.read_exact(&mut len)?;
        let len = u64::from_le_bytes(len);
        if magic != MAGIC || len > LONGEST {
            return Err(stranger());
        }
        let mut body = Vec::new();
        stream.take(len).read_to_end(&mut body)?;
        postcard::from_bytes(&body).map_err(|_| stranger())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handshakes_are_understood_and_nothing_else_is() {
        let handshake = Handshake { role: Role::Data, process: 7, subject: "2pc\nexact".into() };
        let mut bytes = Vec::new();
        handshake.write(&mut bytes).unwrap();
        assert_eq!(Handshake::read(&mut &bytes[..]).unwrap(), handshake);
        assert!(Handshake::read(&mut &bytes[..bytes.len() - 1]).is_err());
        assert!(Handshake::read(&mut &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]).is_err());
        let mut long = bytes;
        long[12] = 1;
        assert!(Handshake::read(&mut &long[..]).is_err());
    }
}

//! Who calls, and what do they want to explore?

use std::io::{Error, ErrorKind, Read, Result};

/// What distinguishes us from any other program, and this form of hello from any later.
const GREETING: &[u8; 8] = b"explore1";

/// The longest subject that is read: a program that says more is none of ours.
const LONGEST: usize = 1 << 20;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// To tell that a process is alive.
    Alive,
    /// To carry the dataflow.
    Data,
}

/// What a process says first on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hello {
    /// What the connection is for, to the one who called.
    pub(crate) role: Role,
    /// Its number.
    pub(crate) process: u32,
    /// What it is about to explore, and how.
    pub(crate) subject: String,
}

impl Hello {
    /// As bytes.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = GREETING.to_vec();
        bytes.push(u8::from(self.role == Role::Data));
        bytes.extend(self.process.to_le_bytes());
        bytes.extend((self.subject.len() as u64).to_le_bytes());
        bytes.extend(self.subject.as_bytes());
        bytes
    }

    /// What the other side says.
    pub(crate) fn read(stream: &mut impl Read) -> Result<Self> {
        let stranger = || Error::new(ErrorKind::InvalidData, "it is another program");
        let mut head = [0; 21];
        stream.read_exact(&mut head)?;
        if head[..8] != *GREETING || head[8] > 1 {
            return Err(stranger());
        }
        let role = if head[8] == 1 { Role::Data } else { Role::Alive };
        let process = u32::from_le_bytes([head[9], head[10], head[11], head[12]]);
        let len = head[13..].iter().rev().fold(0, |len, &byte| len << 8 | u64::from(byte));
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > LONGEST {
            return Err(stranger());
        }
        let mut subject = vec![0; len];
        stream.read_exact(&mut subject)?;
        let subject = String::from_utf8(subject).map_err(|_| stranger())?;
        Ok(Self { role, process, subject })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hello_is_understood_and_others_are_not() {
        let hello = Hello { role: Role::Data, process: 7, subject: "2pc\nexact".into() };
        let bytes = hello.encode();
        assert_eq!(Hello::read(&mut &bytes[..]).unwrap(), hello);
        assert!(Hello::read(&mut &bytes[..bytes.len() - 1]).is_err());
        assert!(Hello::read(&mut &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..]).is_err());
        let mut long = bytes;
        long[20] = 1;
        assert!(Hello::read(&mut &long[..]).is_err());
    }
}

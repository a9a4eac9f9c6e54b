//! The handshake: two programs prove to each other that they know the cluster's secret, and then
//! say what they explore.
//!
//! ```text
//! the one that calls           the one that listens
//! magic, nonce          ---->
//!                       <----  magic, nonce
//! proof                 ---->
//!                       <----  proof
//! statement             ---->
//!                       <----  statement
//! assent                ---->
//! ```
//!
//! Proofs, statements and the assent are sealed: a message authentication code (HMAC-SHA-256) with
//! the secret as key covers both nonces, the position in the conversation and the content. So
//! nobody learns anything before it has proved itself, and nothing said elsewhere or earlier can be
//! said again.

use std::io::{Error, ErrorKind, Read, Result, Write};

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::exchange::secret::Secret;

/// Distinguishes this protocol from all others, and from earlier and later forms of itself.
const MAGIC: [u8; 8] = *b"explore3";

/// The most bytes of a statement.
const LONGEST: usize = 1 << 20;

/// Bytes of a nonce, and of a message authentication code.
const NONCE: usize = 32;
const SEAL: usize = 32;

/// The purpose of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Role {
    /// To carry heartbeats.
    Heartbeat,
    /// To carry the dataflow.
    Data,
}

/// What a process says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statement {
    /// The purpose of the connection, according to the process that calls.
    pub(crate) role: Role,
    /// The number of the process.
    pub(crate) process: usize,
    /// What it explores, and how.
    pub(crate) subject: String,
}

/// A side of the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The process that opened the connection.
    Caller,
    /// The process that accepted it.
    Listener,
}

/// Exchanges statements over `stream`, and assent to them if they have the same subject.
///
/// # Errors
/// When the other side is no process of the cluster, or the connection fails.
pub(crate) fn shake_hands(
    stream: &mut (impl Read + Write),
    secret: &Secret,
    side: Side,
    ours: &Statement,
) -> Result<Statement> {
    let mut talk = Conversation::open(stream, secret, side)?;
    let words = postcard::to_allocvec(ours).map_err(Error::other)?;
    let heard = match side {
        Side::Caller => {
            talk.say(&[])?;
            talk.hear(0).map_err(refused)?;
            talk.say(&words)?;
            talk.hear(LONGEST)?
        }
        Side::Listener => {
            talk.hear(0)?;
            talk.say(&[])?;
            let heard = talk.hear(LONGEST)?;
            talk.say(&words)?;
            heard
        }
    };
    let theirs: Statement = postcard::from_bytes(&heard).map_err(|_| stranger())?;
    match side {
        _ if theirs.subject != ours.subject => {}
        Side::Caller => talk.say(&[])?,
        Side::Listener => drop(talk.hear(0)?),
    }
    Ok(theirs)
}

fn stranger() -> Error {
    Error::new(ErrorKind::InvalidData, "it is another program")
}

/// What it means that the listener ends the conversation after our proof.
fn refused(error: Error) -> Error {
    let kind = error.kind();
    if matches!(kind, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) {
        Error::new(kind, "it does not accept the secret of this process")
    } else {
        error
    }
}

/// A conversation in which both sides take turns.
struct Conversation<'a, S> {
    stream: &'a mut S,
    secret: &'a Secret,
    /// That of the caller, then that of the listener.
    nonces: [u8; 2 * NONCE],
    turn: u8,
}

impl<'a, S: Read + Write> Conversation<'a, S> {
    /// Exchanges nonces.
    fn open(stream: &'a mut S, secret: &'a Secret, side: Side) -> Result<Self> {
        let mut ours = [0; NONCE];
        getrandom::fill(&mut ours).map_err(Error::other)?;
        let greet = |stream: &mut S| stream.write_all(&[&MAGIC[..], &ours].concat());
        if side == Side::Caller {
            greet(stream)?;
        }
        let (mut magic, mut theirs) = ([0; MAGIC.len()], [0; NONCE]);
        stream.read_exact(&mut magic)?;
        if magic != MAGIC {
            return Err(stranger());
        }
        stream.read_exact(&mut theirs)?;
        if side == Side::Listener {
            greet(stream)?;
        }
        let (caller, listener) = if side == Side::Caller { (ours, theirs) } else { (theirs, ours) };
        let mut nonces = [0; 2 * NONCE];
        nonces[..NONCE].copy_from_slice(&caller);
        nonces[NONCE..].copy_from_slice(&listener);
        Ok(Self { stream, secret, nonces, turn: 0 })
    }

    /// The authentication code of the next message, still to be finished or verified.
    fn seal(&mut self, content: &[u8]) -> Result<Hmac<Sha256>> {
        let mut seal = Hmac::<Sha256>::new_from_slice(self.secret.bytes()).map_err(Error::other)?;
        seal.update(&MAGIC);
        seal.update(&self.nonces);
        seal.update(&[self.turn]);
        seal.update(content);
        self.turn += 1;
        Ok(seal)
    }

    fn say(&mut self, content: &[u8]) -> Result<()> {
        let seal = self.seal(content)?.finalize().into_bytes();
        let length = (content.len() as u64).to_le_bytes();
        self.stream.write_all(&[&length[..], content, &seal].concat())
    }

    fn hear(&mut self, longest: usize) -> Result<Vec<u8>> {
        let (mut length, mut seal) = ([0; 8], [0; SEAL]);
        self.stream.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if length > longest as u64 {
            return Err(stranger());
        }
        let mut content = Vec::new();
        Read::by_ref(self.stream).take(length).read_to_end(&mut content)?;
        self.stream.read_exact(&mut seal)?;
        let unknown = |_| Error::new(ErrorKind::InvalidData, "it does not know the secret");
        self.seal(&content)?.verify_slice(&seal).map_err(unknown)?;
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};
    use std::thread::spawn;

    use super::*;

    fn connected() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let caller = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (caller, listener.accept().unwrap().0)
    }

    fn statement(process: usize, subject: &str) -> Statement {
        Statement { role: Role::Data, process, subject: subject.into() }
    }

    /// What both sides hear.
    fn shake(secrets: [Secret; 2], subjects: [&'static str; 2]) -> [Result<Statement>; 2] {
        let (mut caller, mut listener) = connected();
        let [theirs, ours] = secrets;
        let other = spawn(move || {
            shake_hands(&mut caller, &theirs, Side::Caller, &statement(1, subjects[0]))
        });
        let heard = shake_hands(&mut listener, &ours, Side::Listener, &statement(0, subjects[1]));
        drop(listener);
        [other.join().unwrap(), heard]
    }

    #[test]
    fn processes_that_know_the_secret_hear_each_other() {
        let secret = || Secret::new(b"sixteen bytes or more").unwrap();
        let [caller, listener] = shake([secret(), secret()], ["2pc\nexact"; 2]);
        assert_eq!(caller.unwrap(), statement(0, "2pc\nexact"));
        assert_eq!(listener.unwrap(), statement(1, "2pc\nexact"));
        let [caller, listener] = shake([secret(), secret()], ["2pc", "3pc"]);
        assert_eq!(caller.unwrap().subject, "3pc");
        assert_eq!(listener.unwrap().subject, "2pc");
    }

    #[test]
    fn process_without_the_secret_hears_nothing() {
        let secret = Secret::new(b"sixteen bytes or more").unwrap();
        for other in [Secret::none(), Secret::new(b"sixteen bytes or more!").unwrap()] {
            let [caller, listener] = shake([other, secret.clone()], ["2pc"; 2]);
            assert!(listener.unwrap_err().to_string().contains("does not know the secret"));
            assert!(caller.unwrap_err().to_string().contains("does not accept the secret"));
        }
    }

    #[test]
    fn what_was_said_in_another_conversation_is_not_believed() {
        let secret = Secret::new(b"sixteen bytes or more").unwrap();
        let (mut mirror, mut listener) = connected();
        // It says again whatever it hears, the listener's proof included.
        let echo = spawn(move || {
            mirror.write_all(&[&MAGIC[..], &[7; NONCE]].concat())?;
            let mut heard = [0; 256];
            loop {
                match mirror.read(&mut heard)? {
                    0 => return Ok::<(), Error>(()),
                    len => mirror.write_all(&heard[..len])?,
                }
            }
        });
        let heard = shake_hands(&mut listener, &secret, Side::Listener, &statement(0, "2pc"));
        assert_eq!(heard.unwrap_err().kind(), ErrorKind::InvalidData);
        drop(listener);
        drop(echo.join().unwrap());
    }

    #[test]
    fn other_programs_are_recognised_by_their_first_bytes() {
        let (mut other, mut listener) = connected();
        other.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        let heard =
            shake_hands(&mut listener, &Secret::none(), Side::Listener, &statement(0, "2pc"));
        assert_eq!(heard.unwrap_err().to_string(), "it is another program");
        let mut told = Vec::new();
        drop(listener);
        // Reset or end: nothing was told.
        let _ = other.read_to_end(&mut told);
        assert!(told.is_empty(), "{told:?}");
    }
}

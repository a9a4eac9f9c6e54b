//! The rendezvous: every two processes of a cluster connect twice, once for the dataflow and once
//! for heartbeats.
//!
//! A process calls those before it and answers those after it. Each conversation has a thread and a
//! deadline of its own, so that nobody who says little or nothing keeps this process from looking
//! at its limit, at the interrupt and at other callers. Whoever is no process is dropped.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, sleep};
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, first_difference};
use crate::exchange::cluster::Cluster;
use crate::exchange::handshake::{Role, Side, Statement, shake_hands};
use crate::exchange::secret::Secret;
use crate::options::Options;

/// The time between attempts to connect, and between looks at limits.
const PAUSE: Duration = Duration::from_millis(10);

/// The longest time that a conversation may take.
const CONVERSATION: Duration = Duration::from_secs(10);

/// The most callers that are heard at a time.
const CALLERS: usize = 64;

/// The connections with one process, by role.
pub(crate) type Connections = [Option<TcpStream>; 2];

/// The connections with all processes, made if what they explore, and how, is `subject` too; none
/// with this one.
///
/// # Errors
/// When a process does not appear in time, explores something else, or the interrupt is set.
pub(crate) fn meet(
    cluster: &Cluster,
    subject: &str,
    options: &Options<'_>,
) -> Result<Vec<Connections>, Error> {
    let (sender, happened) = channel();
    let invitation = Arc::new(Invitation {
        process: cluster.process,
        subject: format!("{subject}\nprocesses: {}", cluster.hosts.join(" ")),
        secret: cluster.secret.clone(),
        callers: AtomicUsize::new(0),
        over: AtomicBool::new(false),
    });
    let mut meeting = Meeting {
        cluster,
        options,
        clock: Clock::start(),
        listener: listen(&cluster.hosts[cluster.process])?,
        invitation: Arc::clone(&invitation),
        sender: sender.clone(),
        happened,
        connections: cluster.hosts.iter().map(|_| [None, None]).collect(),
        unanswered: None,
        warned: BTreeSet::new(),
    };
    let before = cluster.hosts[..cluster.process].to_vec();
    spawn(move || invitation.call_all(&before, &sender))?;
    meeting.hold()?;
    Ok(std::mem::take(&mut meeting.connections))
}

fn listen(address: &str) -> Result<TcpListener, Error> {
    let listen = || {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(listener)
    };
    listen()
        .map_err(|error: io::Error| Error::Cluster(format!("cannot listen on {address}: {error}")))
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<(), Error> {
    let spawned = Builder::new().name("handshake".into()).spawn(work);
    spawned.map(drop).map_err(|error| Error::Cluster(format!("cannot start a thread: {error}")))
}

/// What happened in a conversation.
enum Event {
    /// A process was met.
    Met { process: usize, role: Role, stream: TcpStream },
    /// A process did not answer, or another program did.
    Unanswered { process: usize, reason: io::Error },
    /// A program called that is no process.
    Stranger { address: SocketAddr, reason: io::Error },
    /// A process was met that cannot take part.
    Misfit(String),
}

/// A meeting of all processes.
struct Meeting<'a> {
    cluster: &'a Cluster,
    options: &'a Options<'a>,
    clock: Clock,
    listener: TcpListener,
    invitation: Arc<Invitation>,
    sender: Sender<Event>,
    happened: Receiver<Event>,
    connections: Vec<Connections>,
    /// The last process that did not answer, and why.
    unanswered: Option<(usize, String)>,
    /// Reasons for which strangers were dropped, each reported once.
    warned: BTreeSet<String>,
}

/// Threads that still call need not go on.
impl Drop for Meeting<'_> {
    fn drop(&mut self) {
        self.invitation.over.store(true, Ordering::Relaxed);
    }
}

impl Meeting<'_> {
    /// Waits until all processes are met.
    fn hold(&mut self) -> Result<(), Error> {
        while let Some(missing) = self.missing() {
            if self.options.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(Error::Interrupted);
            }
            if self.clock.elapsed() > self.cluster.timeout {
                return Err(self.absence(missing));
            }
            self.accept()?;
            match self.happened.recv_timeout(PAUSE) {
                Ok(Event::Met { process, role, stream }) => self.seat(process, role, stream)?,
                Ok(Event::Unanswered { process, reason }) => {
                    self.unanswered = Some((process, reason.to_string()));
                }
                Ok(Event::Stranger { address, reason }) => self.warn(address, &reason),
                Ok(Event::Misfit(message)) => return Err(Error::Cluster(message)),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
        Ok(())
    }

    /// A process that is still to be met.
    fn missing(&self) -> Option<usize> {
        let mut others = (0..self.connections.len()).filter(|at| *at != self.cluster.process);
        others.find(|process| self.connections[*process].iter().any(Option::is_none))
    }

    /// The error for a process that was not met in time.
    fn absence(&self, missing: usize) -> Error {
        let address = &self.cluster.hosts[missing];
        let name = format!("process {missing} at {address}");
        Error::Cluster(match &self.unanswered {
            Some((process, reason)) if *process == missing => {
                format!("{name} does not answer: {reason}")
            }
            _ => format!("{name} does not appear"),
        })
    }

    /// Begins a conversation with every caller.
    fn accept(&self) -> Result<(), Error> {
        loop {
            let (stream, address) = match self.listener.accept() {
                Ok(accepted) => accepted,
                // Whoever left before being answered is no reason to end.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(Error::Cluster(format!("cannot accept: {error}"))),
            };
            if self.invitation.callers.fetch_add(1, Ordering::Relaxed) >= CALLERS {
                self.invitation.callers.fetch_sub(1, Ordering::Relaxed);
                continue;
            }
            let (invitation, sender) = (Arc::clone(&self.invitation), self.sender.clone());
            spawn(move || invitation.answer(stream, address, &sender))?;
        }
    }

    /// Keeps a connection with a process.
    fn seat(&mut self, process: usize, role: Role, stream: TcpStream) -> Result<(), Error> {
        let second = || Error::Cluster(format!("a second process {process} calls"));
        if process == self.cluster.process {
            return Err(second());
        }
        let seat = self.connections.get_mut(process).ok_or_else(second)?;
        match &seat[role as usize] {
            // A process that died in the meantime may be started again.
            Some(known) if is_open(known) => Err(second()),
            Some(_) | None => {
                seat[role as usize] = Some(stream);
                Ok(())
            }
        }
    }

    /// Reports a stranger, if it is the first of its kind.
    fn warn(&mut self, address: SocketAddr, reason: &io::Error) {
        if let Some(warn) = self.options.warn
            && self.warned.insert(reason.to_string())
        {
            warn(&format!("{address} called and was dropped: {reason}; still waiting"));
        }
    }
}

/// Has the other side not closed the connection?
fn is_open(stream: &TcpStream) -> bool {
    let peek = || {
        stream.set_nonblocking(true)?;
        let peeked = stream.peek(&mut [0]);
        stream.set_nonblocking(false)?;
        peeked
    };
    match peek() {
        Ok(len) => len > 0,
        Err(error) => error.kind() == ErrorKind::WouldBlock,
    }
}

/// What the threads of a meeting know.
struct Invitation {
    process: usize,
    subject: String,
    secret: Secret,
    /// Callers that are heard at the moment.
    callers: AtomicUsize,
    /// Whether the meeting is over.
    over: AtomicBool,
}

impl Invitation {
    /// Connects to all processes before this one, in order.
    fn call_all(&self, hosts: &[String], events: &Sender<Event>) {
        for (to, address) in hosts.iter().enumerate() {
            for role in [Role::Heartbeat, Role::Data] {
                let event = loop {
                    if self.over.load(Ordering::Relaxed) {
                        return;
                    }
                    match self.call(address, role) {
                        Ok((_, theirs)) if theirs.process != to => {
                            break Event::Misfit(format!("{address} is not process {to}"));
                        }
                        Ok((stream, theirs)) => break self.judge(stream, role, &theirs),
                        Err(reason) => {
                            let event = Event::Unanswered { process: to, reason };
                            // Nobody hears it if the meeting is over.
                            events.send(event).unwrap_or_default();
                            sleep(PAUSE);
                        }
                    }
                };
                events.send(event).unwrap_or_default();
            }
        }
    }

    fn call(&self, address: &str, role: Role) -> io::Result<(TcpStream, Statement)> {
        let mut failure = io::Error::new(ErrorKind::NotFound, "the host has no address");
        for address in address.to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, CONVERSATION) {
                Ok(stream) => return self.shake_hands(stream, Side::Caller, role),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Hears a caller.
    fn answer(&self, stream: TcpStream, address: SocketAddr, events: &Sender<Event>) {
        let answered = stream
            .set_nonblocking(false)
            .and_then(|()| self.shake_hands(stream, Side::Listener, Role::Heartbeat));
        let event = match answered {
            Ok((stream, theirs)) => self.judge(stream, theirs.role, &theirs),
            Err(reason) => Event::Stranger { address, reason },
        };
        self.callers.fetch_sub(1, Ordering::Relaxed);
        // Nobody hears it if the meeting is over.
        events.send(event).unwrap_or_default();
    }

    /// Does the process explore the same?
    fn judge(&self, stream: TcpStream, role: Role, theirs: &Statement) -> Event {
        let process = theirs.process;
        if theirs.subject == self.subject {
            return Event::Met { process, role, stream };
        }
        let differs = first_difference(&self.subject, &theirs.subject);
        Event::Misfit(format!("process {process} explores something else: {differs}"))
    }

    fn shake_hands(
        &self,
        stream: TcpStream,
        side: Side,
        role: Role,
    ) -> io::Result<(TcpStream, Statement)> {
        stream.set_nodelay(true)?;
        let ours = Statement { role, process: self.process, subject: self.subject.clone() };
        let mut timed = Timed { stream, clock: Clock::start() };
        let theirs = shake_hands(&mut timed, &self.secret, side, &ours)?;
        let Timed { stream, .. } = timed;
        stream.set_read_timeout(None)?;
        stream.set_write_timeout(None)?;
        Ok((stream, theirs))
    }
}

/// A connection with one deadline for the whole conversation.
struct Timed {
    stream: TcpStream,
    clock: Clock,
}

impl Timed {
    fn left(&self) -> io::Result<Option<Duration>> {
        let left = CONVERSATION.checked_sub(self.clock.elapsed()).filter(|left| !left.is_zero());
        let late = || io::Error::new(ErrorKind::TimedOut, "it takes too long");
        left.map(Some).ok_or_else(late)
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(bytes)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

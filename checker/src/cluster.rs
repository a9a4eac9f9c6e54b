//! How do processes on several machines become one search?
//!
//! Every two processes are connected twice: one connection carries the dataflow, the other only
//! says that the process is alive, and at the end that it is done. On both, each process first
//! says who it is and what it is about to explore; processes that differ part at once. A process
//! that dies, or is silent for too long, is noticed on the second connection, and every other gives
//! up with an error.

use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::control::Clock;
use crate::error::Error;
use crate::hello::{Hello, Role};
use crate::link::{Link, Peer};
use crate::lost::Lost;

/// How long to wait between attempts to connect.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a program that answered a connection may take to say who it is.
const COURTESY: Duration = Duration::from_secs(10);

/// The processes that explore a model together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The address, `host:port`, of every process, the same list in the same order for all.
    pub hosts: Vec<String>,
    /// The position of this process among them.
    pub process: usize,
    /// How long to wait for the others to appear.
    pub patience: Duration,
}

impl Cluster {
    /// The processes listed in a file, one address a line; empty lines and what follows `#` do not
    /// count. Waits a minute for the others to appear.
    ///
    /// # Errors
    /// When a line is no address or stands there twice, or there is no process of that number.
    pub fn from_hosts(hosts: &str, process: usize) -> Result<Self, Error> {
        let mut known: Vec<String> = Vec::new();
        for (number, line) in (1..).zip(hosts.lines()) {
            let host = line.split('#').next().unwrap_or("").trim();
            if host.is_empty() {
                continue;
            }
            let wrong = |what: &str| Err(Error::Cluster(format!("line {number}: `{host}` {what}")));
            if !is_address(host) {
                return wrong("is no address; one is written HOST:PORT, a port is 1 to 65535");
            }
            if known.iter().any(|known| known == host) {
                return wrong("stands there twice");
            }
            known.push(host.to_owned());
        }
        if process >= known.len() {
            let least = process + 1;
            let number = known.len();
            return Err(Error::Cluster(format!(
                "process {process} needs {least} hosts or more, and there are {number}"
            )));
        }
        Ok(Self { hosts: known, process, patience: Duration::from_secs(60) })
    }
}

/// Is it a host, a colon and a port?
fn is_address(text: &str) -> bool {
    let port = |port: &str| port.parse().is_ok_and(|port: u16| port > 0);
    text.rsplit_once(':').is_some_and(|(host, number)| !host.is_empty() && port(number))
}

/// The other processes, connected: for each but this one its dataflow connection.
pub(crate) struct Company {
    /// The connections of the dataflow, by process; none to this one.
    pub(crate) links: Vec<Option<Link>>,
    peers: Vec<Arc<Peer>>,
}

impl Company {
    /// Meets the other processes. `subject` is what this one is about to explore, and how.
    pub(crate) fn meet(
        cluster: &Cluster,
        subject: &str,
        interrupt: Option<&AtomicBool>,
        lost: &Arc<Lost>,
    ) -> Result<Self, Error> {
        let meeting = Meeting { cluster, subject, interrupt, clock: Clock::start() };
        let mut doors: Vec<Door> = cluster.hosts.iter().map(|_| Door::default()).collect();
        let listener = meeting.listen()?;
        for (to, door) in doors.iter_mut().enumerate().take(cluster.process) {
            for role in [Role::Alive, Role::Data] {
                door.put(role, meeting.call(to, role)?);
            }
        }
        meeting.answer(&listener, &mut doors)?;
        let mut company = Self { links: Vec::new(), peers: Vec::new() };
        for (process, door) in doors.into_iter().enumerate() {
            let link = match (door.alive, door.data) {
                (Some(alive), Some(data)) => {
                    let peer = Peer::watch(process, &cluster.hosts[process], alive, lost)?;
                    company.peers.push(Arc::clone(&peer));
                    Some(Link::new(data, peer))
                }
                _ => None,
            };
            company.links.push(link);
        }
        Ok(company)
    }

    /// Tells the others that this process has what it needs, and hears the same of them.
    pub(crate) fn part(mut self, lost: &Lost) -> Result<(), Error> {
        let peers = std::mem::take(&mut self.peers);
        peers.iter().for_each(|peer| peer.done());
        if peers.iter().all(|peer| peer.parted()) { Ok(()) } else { lost.check() }
    }
}

/// A process that gives up leaves its company in a way that all notice.
impl Drop for Company {
    fn drop(&mut self) {
        self.peers.iter().for_each(|peer| peer.leave());
    }
}

/// The connections with one process, as they come.
#[derive(Default)]
struct Door {
    alive: Option<TcpStream>,
    data: Option<TcpStream>,
}

impl Door {
    fn put(&mut self, role: Role, stream: TcpStream) {
        match role {
            Role::Alive => self.alive = Some(stream),
            Role::Data => self.data = Some(stream),
        }
    }
}

struct Meeting<'a> {
    cluster: &'a Cluster,
    subject: &'a str,
    interrupt: Option<&'a AtomicBool>,
    clock: Clock,
}

impl Meeting<'_> {
    fn listen(&self) -> Result<TcpListener, Error> {
        let address = &self.cluster.hosts[self.cluster.process];
        let listener = TcpListener::bind(address)
            .map_err(|error| Error::Cluster(format!("cannot listen on {address}: {error}")))?;
        listener.set_nonblocking(true).map_err(failed("listen"))?;
        Ok(listener)
    }

    /// Calls a process until it answers.
    fn call(&self, to: usize, role: Role) -> Result<TcpStream, Error> {
        let address = &self.cluster.hosts[to];
        loop {
            match TcpStream::connect(address) {
                Ok(mut stream) => {
                    let theirs = self.greet(&mut stream, role, Some(to))?;
                    if theirs.process as usize != to {
                        let message = format!("{address} is not process {to}");
                        return Err(Error::Cluster(message));
                    }
                    return Ok(stream);
                }
                Err(error) if self.clock.elapsed() > self.cluster.patience => {
                    let message = format!("process {to} at {address} does not answer: {error}");
                    return Err(Error::Cluster(message));
                }
                Err(_) => self.pause()?,
            }
        }
    }

    /// Takes the calls of all processes after this one.
    fn answer(&self, listener: &TcpListener, doors: &mut [Door]) -> Result<(), Error> {
        let after = self.cluster.process + 1;
        let missing = |doors: &[Door]| {
            let open = |door: &Door| door.alive.is_none() || door.data.is_none();
            (after..doors.len()).find(|&process| open(&doors[process]))
        };
        while let Some(process) = missing(doors) {
            match listener.accept() {
                Ok((mut stream, _)) => {
                    stream.set_nonblocking(false).map_err(failed("accept"))?;
                    let theirs = self.greet(&mut stream, Role::Alive, None)?;
                    let from = theirs.process as usize;
                    match doors.get_mut(from) {
                        Some(door) if from >= after => door.put(theirs.role, stream),
                        _ => return Err(Error::Cluster(format!("a second process {from} calls"))),
                    }
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(failed("accept")(error));
                }
                Err(_) if self.clock.elapsed() > self.cluster.patience => {
                    let address = &self.cluster.hosts[process];
                    let message = format!("process {process} at {address} does not appear");
                    return Err(Error::Cluster(message));
                }
                Err(_) => self.pause()?,
            }
        }
        Ok(())
    }

    /// Waits a little, unless somebody has had enough.
    fn pause(&self) -> Result<(), Error> {
        if self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        sleep(PAUSE);
        Ok(())
    }

    /// Exchanges who is who and compares what is to be explored.
    fn greet(&self, stream: &mut TcpStream, role: Role, to: Option<usize>) -> Result<Hello, Error> {
        let ours = Hello {
            role,
            process: u32::try_from(self.cluster.process).unwrap_or(u32::MAX),
            subject: format!("{}\nprocesses: {}", self.subject, self.cluster.hosts.join(" ")),
        };
        let whom = to.map_or_else(
            || "a program that called".to_owned(),
            |to| format!("the program at {}", self.cluster.hosts[to]),
        );
        let broken = |error: std::io::Error| {
            Error::Cluster(format!("{whom} does not say what it explores: {error}"))
        };
        stream.set_nodelay(true).map_err(broken)?;
        stream.set_read_timeout(Some(COURTESY)).map_err(broken)?;
        stream.write_all(&ours.encode()).map_err(broken)?;
        let theirs = Hello::read(stream).map_err(broken)?;
        stream.set_read_timeout(None).map_err(broken)?;
        if theirs.subject != ours.subject {
            let process = theirs.process;
            let differs = first_difference(&ours.subject, &theirs.subject);
            return Err(Error::Cluster(format!(
                "process {process} explores something else: {differs}"
            )));
        }
        Ok(theirs)
    }
}

fn failed(what: &'static str) -> impl Fn(std::io::Error) -> Error {
    move |error| Error::Cluster(format!("cannot {what}: {error}"))
}

/// The first lines that only one of two texts has.
pub(crate) fn first_difference(ours: &str, theirs: &str) -> String {
    let only = |one: &str, other: &str| {
        let new = |line: &&str| !other.lines().any(|known| known == *line);
        let lines = one.lines().filter(new).take(2);
        let lines: Vec<_> = lines.map(|line| format!("`{line}`")).collect();
        if lines.is_empty() { "nothing more".to_owned() } else { lines.join(", ") }
    };
    format!("here {}, there {}", only(ours, theirs), only(theirs, ours))
}

//! Connections between the processes of a cluster.
//!
//! Every two processes are connected twice: one connection carries the dataflow, the other
//! heartbeats, and at the end the message that a process is done. Both begin with a handshake about
//! what is to be explored; processes that differ disconnect at once. When a process dies, or is
//! silent for too long, every other ends with an error.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::{Error, first_difference};
use crate::exchange::failure::FailureFlag;
use crate::exchange::handshake::{Handshake, Role};
use crate::exchange::heartbeat::{DataStream, Peer};
use crate::options::Cluster;

/// The time between attempts to connect.
const PAUSE: Duration = Duration::from_millis(10);

/// The longest time that a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The other processes, connected.
pub(crate) struct Peers {
    /// The connections of the dataflow, by process; none to this one.
    pub(crate) streams: Vec<Option<DataStream>>,
    peers: Vec<Arc<Peer>>,
}

impl Peers {
    /// Connects this process to all others, if what they explore, and how, is `subject` too.
    pub(crate) fn connect(
        cluster: &Cluster,
        subject: &str,
        interrupt: Option<&AtomicBool>,
        failure: &Arc<FailureFlag>,
    ) -> Result<Self, Error> {
        let rendezvous = Rendezvous {
            cluster,
            subject: format!("{subject}\nprocesses: {}", cluster.hosts.join(" ")),
            interrupt,
            clock: Clock::start(),
        };
        let mut connections: Vec<Connections> =
            cluster.hosts.iter().map(|_| [None, None]).collect();
        let listener = rendezvous.listen()?;
        for (to, streams) in connections.iter_mut().enumerate().take(cluster.process) {
            for role in [Role::Heartbeat, Role::Data] {
                streams[role as usize] = Some(rendezvous.call(to, role)?);
            }
        }
        rendezvous.answer(&listener, &mut connections)?;
        let mut all = Self { streams: Vec::new(), peers: Vec::new() };
        for (process, connections) in connections.into_iter().enumerate() {
            let [Some(heartbeat), Some(data)] = connections else {
                all.streams.push(None);
                continue;
            };
            let peer = Peer::watch(process, &cluster.hosts[process], heartbeat, failure)?;
            all.peers.push(Arc::clone(&peer));
            all.streams.push(Some(DataStream::new(data, peer)));
        }
        Ok(all)
    }

    /// Waits until all processes are done.
    pub(crate) fn part(mut self, failure: &FailureFlag) -> Result<(), Error> {
        let peers = std::mem::take(&mut self.peers);
        peers.iter().for_each(|peer| peer.done());
        if peers.iter().all(|peer| peer.parted()) { Ok(()) } else { failure.check() }
    }
}

/// A process that gives up closes its connections, so that its peers detect the loss.
impl Drop for Peers {
    fn drop(&mut self) {
        self.peers.iter().for_each(|peer| peer.leave());
    }
}

/// The connections with one process, by role, as they are made.
type Connections = [Option<TcpStream>; 2];

/// The attempt to connect all processes.
struct Rendezvous<'a> {
    cluster: &'a Cluster,
    subject: String,
    interrupt: Option<&'a AtomicBool>,
    clock: Clock,
}

impl Rendezvous<'_> {
    fn listen(&self) -> Result<TcpListener, Error> {
        let address = &self.cluster.hosts[self.cluster.process];
        let listener = TcpListener::bind(address)
            .map_err(|error| Error::Cluster(format!("cannot listen on {address}: {error}")))?;
        listener.set_nonblocking(true).map_err(failed("listen"))?;
        Ok(listener)
    }

    /// Connects to a process until it answers.
    fn call(&self, to: usize, role: Role) -> Result<TcpStream, Error> {
        let address = &self.cluster.hosts[to];
        loop {
            match TcpStream::connect(address) {
                Ok(mut stream) => {
                    let whom = format!("the program at {address}");
                    let theirs = self.shake_hands(&mut stream, role, &whom)?;
                    if theirs.process != to {
                        let message = format!("{address} is not process {to}");
                        return Err(Error::Cluster(message));
                    }
                    return Ok(stream);
                }
                Err(error) if self.clock.elapsed() > self.cluster.timeout => {
                    let message = format!("process {to} at {address} does not answer: {error}");
                    return Err(Error::Cluster(message));
                }
                Err(_) => self.pause()?,
            }
        }
    }

    /// Answers the calls of all processes after this one.
    fn answer(&self, listener: &TcpListener, connections: &mut [Connections]) -> Result<(), Error> {
        let after = self.cluster.process + 1;
        let missing = |connections: &[Connections]| {
            let open = |process: &usize| connections[*process].iter().any(Option::is_none);
            (after..connections.len()).find(open)
        };
        while let Some(process) = missing(connections) {
            match listener.accept() {
                Ok((mut stream, _)) => {
                    stream.set_nonblocking(false).map_err(failed("accept"))?;
                    let theirs =
                        self.shake_hands(&mut stream, Role::Heartbeat, "a program that called")?;
                    let from = theirs.process;
                    match connections.get_mut(from) {
                        Some(streams) if from >= after => {
                            streams[theirs.role as usize] = Some(stream);
                        }
                        _ => return Err(Error::Cluster(format!("a second process {from} calls"))),
                    }
                }
                Err(error) if error.kind() != ErrorKind::WouldBlock => {
                    return Err(failed("accept")(error));
                }
                Err(_) if self.clock.elapsed() > self.cluster.timeout => {
                    let address = &self.cluster.hosts[process];
                    let message = format!("process {process} at {address} does not appear");
                    return Err(Error::Cluster(message));
                }
                Err(_) => self.pause()?,
            }
        }
        Ok(())
    }

    /// Waits a little, unless the interrupt is set.
    fn pause(&self) -> Result<(), Error> {
        if self.interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        sleep(PAUSE);
        Ok(())
    }

    /// Exchanges handshakes, and compares what is to be explored.
    fn shake_hands(
        &self,
        stream: &mut TcpStream,
        role: Role,
        whom: &str,
    ) -> Result<Handshake, Error> {
        let ours = Handshake { role, process: self.cluster.process, subject: self.subject.clone() };
        let broken = |error: std::io::Error| {
            Error::Cluster(format!("{whom} does not say what it explores: {error}"))
        };
        stream.set_nodelay(true).map_err(broken)?;
        stream.set_read_timeout(Some(HANDSHAKE)).map_err(broken)?;
        ours.write(stream).map_err(broken)?;
        let theirs = Handshake::read(stream).map_err(broken)?;
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

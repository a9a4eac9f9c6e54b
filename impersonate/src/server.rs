//! The place where clients call: a loopback port and on Linux a local socket, a thread for each
//! connection, a token that keeps strangers out.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::answers::Plan;
use crate::conduct::Ending;
use crate::connection::{Patient, Stream, of_tcp};
use crate::stage::{Report, Stage};
use crate::wire::{Said, hello, said};

/// Longest line of a shim, in bytes.
const LONGEST: u64 = 1 << 14;

/// How long a connection may take to say who it is.
const GREETING: Duration = Duration::from_secs(2);

/// Most connections that have not said yet who they are.
const STRANGERS: usize = 64;

/// What a client needs to find the tool: variables and their values.
pub type Variables = Vec<(&'static str, String)>;

/// A port at which clients call.
#[derive(Debug)]
pub struct Server {
    port: u16,
    addresses: Variables,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    at_work: Mutex<AtWork>,
    /// A connection has ended.
    left: Condvar,
}

#[derive(Debug)]
struct AtWork {
    stage: Stage,
    /// What a connection of this run must say; without it no run is under way.
    token: Option<String>,
    /// The connections of this run, by number.
    open: BTreeMap<u64, Stream>,
    last: u64,
    strangers: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, AtWork> {
        self.at_work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Server {
    /// Listens on a loopback port, from now to the end of the process.
    ///
    /// # Errors
    /// When there is no port.
    pub fn listen(stage: Stage) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let at_work = AtWork { stage, token: None, open: BTreeMap::new(), last: 0, strangers: 0 };
        let shared = Arc::new(Shared { at_work: Mutex::new(at_work), left: Condvar::new() });
        let mut addresses = vec![("MAPI_LOGON_PORT", port.to_string())];
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            listener.incoming().flatten().map(of_tcp).for_each(|one| own.meet(one))
        });
        if let Some((name, listener)) = local()? {
            addresses.push(("MAPI_LOGON_LOCAL", name));
            let own = Arc::clone(&shared);
            thread::spawn(move || listener.incoming().for_each(|one| own.meet(one)));
        }
        Ok(Self { port, addresses, shared })
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Begins a run; what its clients must know.
    #[must_use]
    pub fn begin(&self, plan: Plan) -> Variables {
        let token = secret();
        let mut at_work = self.shared.lock();
        at_work.stage.begin(plan);
        at_work.token = Some(token.clone());
        [&self.addresses[..], &[("MAPI_LOGON_TOKEN", token)]].concat()
    }

    /// Whether the run is not to go on.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.shared.lock().stage.stop().is_some()
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.lock().open.len()
    }

    /// Waits until no connection is open, at most for this time; whether that is so.
    #[must_use]
    pub fn quiet(&self, most: Duration) -> bool {
        let at_work = self.shared.lock();
        let busy = |at_work: &mut AtWork| !at_work.open.is_empty();
        let waited = self.shared.left.wait_timeout_while(at_work, most, busy);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Ends the run: closes what is open, and judges.
    #[must_use]
    pub fn end(&self, ending: Ending, expected: &[i32]) -> Report {
        for stream in self.shared.lock().open.values() {
            // It may be closed already.
            stream.shutdown(Shutdown::Both).unwrap_or_default();
        }
        let _all = self.quiet(GREETING);
        let mut at_work = self.shared.lock();
        at_work.token = None;
        at_work.stage.end(ending, expected)
    }

    /// Whether more was possible somewhere than was followed.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.shared.lock().stage.is_incomplete()
    }
}

/// A word that nobody guesses.
pub(crate) fn secret() -> String {
    let word = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", word(), word())
}

/// A local socket without a file, and its name.
#[cfg(target_os = "linux")]
fn local() -> io::Result<Option<(String, std::os::unix::net::UnixListener)>> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::net::{SocketAddr, UnixListener};
    let name = format!("mapi-logon-{}", secret());
    let listener = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name)?)?;
    Ok(Some((name, listener)))
}

#[cfg(not(target_os = "linux"))]
const fn local() -> io::Result<Option<(String, TcpListener)>> {
    Ok(None)
}

impl Shared {
    /// Serves a connection on a thread of its own, unless too many are there that say nothing.
    fn meet(self: &Arc<Self>, stream: io::Result<Stream>) {
        let Ok(stream) = stream else { return };
        {
            let mut at_work = self.lock();
            if at_work.strangers == STRANGERS {
                return;
            }
            at_work.strangers += 1;
        }
        let shared = Arc::clone(self);
        thread::spawn(move || shared.serve(stream));
    }

    /// A connection from its first line to its end; nobody without the token gets an answer.
    fn serve(&self, stream: Stream) {
        let admitted = self.admit(&stream);
        self.lock().strangers -= 1;
        let Ok(Some((number, process, reader))) = admitted else { return };
        // A client may close its sockets, or be killed, at any moment.
        self.answer(&stream, process, reader).unwrap_or_default();
        self.lock().open.remove(&number);
        self.left.notify_all();
    }

    fn admit(&self, stream: &Stream) -> io::Result<Option<(u64, u32, BufReader<Patient>)>> {
        stream.set_read_timeout(Some(GREETING))?;
        let mut reader = BufReader::new(Patient::new(stream.try_clone()?));
        let mut line = String::new();
        (&mut reader).take(256).read_line(&mut line)?;
        let mut at_work = self.lock();
        let known = at_work.token.as_deref().and_then(|token| hello(&line, token));
        let Some((process, _thread)) = known else { return Ok(None) };
        stream.set_read_timeout(None)?;
        at_work.last += 1;
        let number = at_work.last;
        at_work.open.insert(number, stream.try_clone()?);
        let process = at_work.stage.process(process);
        Ok(Some((number, process, reader)))
    }

    fn answer(
        &self,
        mut stream: &Stream,
        process: u32,
        mut reader: BufReader<Patient>,
    ) -> io::Result<()> {
        let (mut bytes, mut known) = (Vec::new(), false);
        loop {
            bytes.clear();
            let read = (&mut reader).take(LONGEST).read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&bytes);
            let Some(said) = text.strip_suffix('\n').and_then(said) else {
                // The last line of a client that was killed may be cut.
                if text.ends_with('\n') || bytes.len() as u64 == LONGEST {
                    self.lock().stage.baffled(text.trim_end());
                }
                return Ok(());
            };
            let answer = {
                let stage = &mut self.lock().stage;
                // A thread that only says goodbye for its process is none of the client's.
                if !known && matches!(said, Said::Call(_)) {
                    known = true;
                    stage.meets_thread();
                }
                stage.hear(process, said)
            };
            if let Some(answer) = answer {
                if !answer.after.is_zero() {
                    thread::sleep(answer.after);
                }
                stream.write_all(answer.line.as_bytes())?;
            }
        }
    }
}

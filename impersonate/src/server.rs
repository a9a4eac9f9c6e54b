//! The place where clients call: a loopback port, a thread for each connection, a token that keeps
//! strangers out.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::answers::Plan;
use crate::conduct::Ending;
use crate::stage::{Report, Stage};
use crate::wire::{hello, said};

/// Longest line of a shim, in bytes.
const LONGEST: u64 = 1 << 14;

/// How long a connection may take to say who it is.
const GREETING: Duration = Duration::from_secs(2);

/// Most connections that have not said yet who they are.
const STRANGERS: usize = 64;

/// A port at which clients call.
#[derive(Debug)]
pub struct Server {
    port: u16,
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
    open: BTreeMap<u64, TcpStream>,
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
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&own);
                let full = {
                    let mut at_work = shared.lock();
                    at_work.strangers += 1;
                    at_work.strangers > STRANGERS
                };
                if full {
                    shared.lock().strangers -= 1;
                    continue;
                }
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { port, shared })
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Begins a run; what its connections must say.
    #[must_use]
    pub fn begin(&self, plan: Plan) -> String {
        let word = || RandomState::new().build_hasher().finish();
        let token = format!("{:016x}{:016x}", word(), word());
        let mut at_work = self.shared.lock();
        at_work.stage.begin(plan);
        at_work.token = Some(token.clone());
        token
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

impl Shared {
    /// A connection from its first line to its end; nobody without the token gets an answer.
    fn serve(&self, stream: TcpStream) {
        let admitted = self.admit(&stream);
        self.lock().strangers -= 1;
        let Ok(Some((number, process, reader))) = admitted else { return };
        // A client may close its sockets, or be killed, at any moment.
        self.answer(&stream, process, reader).unwrap_or_default();
        self.lock().open.remove(&number);
        self.left.notify_all();
    }

    fn admit(&self, stream: &TcpStream) -> io::Result<Option<(u64, u32, BufReader<TcpStream>)>> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(GREETING))?;
        let mut reader = BufReader::new(stream.try_clone()?);
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
        mut stream: &TcpStream,
        process: u32,
        mut reader: BufReader<TcpStream>,
    ) -> io::Result<()> {
        let mut bytes = Vec::new();
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
            let answer = self.lock().stage.hear(process, said);
            if let Some(answer) = answer {
                stream.write_all(answer.as_bytes())?;
            }
        }
    }
}

//! An adapter that is a process: lines over its standard input and output, and its certain end.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock::Moment;
use crate::port::{Heard, Port};
use crate::protocol::{FromAdapter, FromTool, LONGEST};

mod lines;

use lines::Lines;

/// Most lines of standard error that are kept.
const KEPT: usize = 200;

/// What to do where an adapter does not start.
const START: &str =
    "; after `--` comes the command that starts it, with its path, as in `-- ./adapter`";

/// How often an interruption is looked for.
const SLICE: Duration = Duration::from_millis(50);

/// How long an adapter that has closed its output may take to end.
const FAREWELL: Duration = Duration::from_millis(500);

/// Longest part of a wrong line that is shown.
const SHOWN: usize = 200;

/// An adapter that is a process.
#[derive(Debug)]
pub struct Process {
    words: Vec<String>,
    stop: &'static AtomicBool,
    running: Option<Running>,
    complaints: Arc<Mutex<VecDeque<String>>>,
    watch: Watch,
}

/// Who is told what the tool waits for.
struct Watch(Box<dyn Fn(&str)>);

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Watch")
    }
}

#[derive(Debug)]
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    lines: Option<Lines>,
    text: Vec<u8>,
}

impl Process {
    /// Starts a command with its arguments; `stop` becomes true when the user interrupts the tool.
    ///
    /// # Errors
    /// One sentence where it cannot be started.
    pub fn start(words: Vec<String>, stop: &'static AtomicBool) -> Result<Self, String> {
        let watch = Watch(Box::new(|_| {}));
        let mut process = Self { words, stop, running: None, complaints: Arc::default(), watch };
        process.restart()?;
        Ok(process)
    }

    /// Has `watch` called with what the tool waits for, when that takes long.
    pub fn watch(&mut self, watch: impl Fn(&str) + 'static) {
        self.watch = Watch(Box::new(watch));
    }

    fn spawn(&self) -> Result<Running, String> {
        let (program, arguments) = self.words.split_first().ok_or("no adapter is named")?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        command.stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let started = command.spawn();
        let mut child = started
            .map_err(|error| format!("adapter {program:?} cannot be started: {error}{START}"))?;
        let input = child.stdin.take();
        let lines = child.stdout.take().map(Lines::new);
        if let Some(errors) = child.stderr.take() {
            let kept = Arc::clone(&self.complaints);
            thread::spawn(move || keep_last(errors, &kept));
        }
        Ok(Running { child, input, lines, text: Vec::new() })
    }

    /// Ends the adapter: politely if it has been told goodbye, else at once.
    pub fn end(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.input = None;
            running.kill();
        }
    }

    /// Waits until an adapter that has been told goodbye has ended; the status, if it has one.
    pub fn wait(&mut self, most: Duration) -> Option<String> {
        let running = self.running.as_mut()?;
        running.input = None;
        let status = running.ended_within(most);
        self.end();
        status
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

impl Port for Process {
    fn waits(&mut self, what: &str) {
        (self.watch.0)(what);
    }

    fn say(&mut self, line: &FromTool) {
        let Some(running) = &mut self.running else { return };
        running.text.clear();
        if serde_json::to_writer(&mut running.text, line).is_ok() {
            running.text.push(b'\n');
            // An adapter that no longer reads is found out by what it does not answer.
            let written = running.input.as_mut().map(|input| input.write_all(&running.text));
            if !matches!(written, Some(Ok(()))) {
                running.input = None;
            }
        }
    }

    fn hear(&mut self, wait: Duration) -> Heard {
        let Some(running) = &mut self.running else {
            return Heard::Ended { how: "it was ended".to_owned(), unread: false };
        };
        let began = Moment::now();
        while let Some(lines) = &mut running.lines {
            if let Some(line) = lines.next() {
                return read(line);
            }
            if lines.is_closed() {
                break;
            }
            let left = began.left_of(wait);
            if !lines.wait(left.min(SLICE)) {
                if self.stop.load(Ordering::Relaxed) {
                    return Heard::Interrupted;
                }
                if left <= SLICE {
                    return Heard::Nothing;
                }
            }
        }
        let how = running.ended_within(FAREWELL);
        let how = how.unwrap_or_else(|| "it closed its output".to_owned());
        let unread = running.has_unread();
        running.kill();
        Heard::Ended { how, unread }
    }

    fn restart(&mut self) -> Result<(), String> {
        self.end();
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.running = Some(self.spawn()?);
        Ok(())
    }

    fn complaints(&self) -> Vec<String> {
        let kept = self.complaints.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().cloned().collect()
    }
}

impl Running {
    fn ended_within(&mut self, most: Duration) -> Option<String> {
        let began = Moment::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => return Some(status.to_string()),
                Ok(None) if began.elapsed() < most => thread::sleep(Duration::from_millis(1)),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    /// Is something that was said left in the pipe, or was it never written?
    fn has_unread(&self) -> bool {
        #[cfg(unix)]
        if let Some(input) = &self.input {
            return rustix::io::ioctl_fionread(input).is_ok_and(|bytes| bytes > 0);
        }
        self.input.is_none()
    }

    /// Kills the process and all it has started.
    fn kill(&mut self) {
        #[cfg(unix)]
        {
            use rustix::process::{Pid, Signal, kill_process_group};
            let group = Pid::from_child(&self.child);
            // There may be nobody left.
            let _nobody = kill_process_group(group, Signal::KILL);
        }
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A line as a message.
fn read(line: &[u8]) -> Heard {
    match serde_json::from_slice::<FromAdapter>(line) {
        Ok(message) => Heard::Line(message),
        Err(error) => {
            let text = String::from_utf8_lossy(&line[..line.len().min(SHOWN)]);
            let long = line.len() >= LONGEST;
            let why = if long { format!("more than {LONGEST} bytes") } else { error.to_string() };
            Heard::Garbage(text.trim_end().to_owned(), why)
        }
    }
}

fn keep_last(errors: impl Read, kept: &Mutex<VecDeque<String>>) {
    let mut errors = BufReader::new(errors);
    loop {
        let mut line = Vec::new();
        let read = (&mut errors).take(1 << 12).read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(String::from_utf8_lossy(&line).trim_end().to_owned());
    }
}

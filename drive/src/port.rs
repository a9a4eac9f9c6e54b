//! The connection to an adapter: a process, or the model in this one.

use std::collections::VecDeque;
use std::time::Duration;

use crate::impersonate::{Build, Impersonator};
use crate::protocol::{FromAdapter, FromTool};

/// What comes from an adapter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    /// A message.
    Line(FromAdapter),
    /// Nothing, in the time that was given.
    Nothing,
    /// A line that is no message: the line, and why it is none.
    Garbage(String, String),
    /// The adapter has ended.
    Ended {
        /// How.
        how: String,
        /// It had not read all that was said to it.
        unread: bool,
    },
    /// The user has interrupted the tool.
    Interrupted,
}

/// A connection to an adapter.
pub trait Port {
    /// Sends a message; an adapter that has ended is noticed when it is heard next.
    fn say(&mut self, line: &FromTool);
    /// Waits for a message, for this long at most.
    fn hear(&mut self, wait: Duration) -> Heard;
    /// The tool waits for what is described so.
    fn waits(&mut self, _what: &str) {}
    /// Ends the adapter, whatever it does, and starts it again.
    ///
    /// # Errors
    /// One sentence where it cannot be started.
    fn restart(&mut self) -> Result<(), String>;
    /// The last lines that the adapter wrote to its standard error.
    fn complaints(&self) -> Vec<String>;
}

/// The model in this process.
#[derive(Debug)]
pub struct Local<'b> {
    adapter: Impersonator<'b>,
    said: VecDeque<FromAdapter>,
}

impl<'b> Local<'b> {
    /// A model that is built so; its choices are drawn from the seed.
    #[must_use]
    pub fn new(build: &'b Build, seed: u64) -> Self {
        Self { adapter: Impersonator::new(build, seed), said: VecDeque::new() }
    }
}

impl Port for Local<'_> {
    fn say(&mut self, line: &FromTool) {
        self.said.extend(self.adapter.hear(line.clone()));
    }

    fn hear(&mut self, _: Duration) -> Heard {
        self.said.pop_front().map_or(Heard::Nothing, Heard::Line)
    }

    fn restart(&mut self) -> Result<(), String> {
        self.adapter.restart();
        self.said.clear();
        Ok(())
    }

    fn complaints(&self) -> Vec<String> {
        Vec::new()
    }
}

//! Exit codes of the command.

use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// 0: holds, conforms, explained; also every command that only shows something.
    Good = 0,
    /// 1: a counterexample, a divergence, an unexplained recording.
    Finding = 1,
    /// 2: usage, input or output went wrong.
    BadInput = 2,
    /// 3: a limit stopped it before a verdict.
    Inconclusive = 3,
    /// 4: a system under test broke its adapter's protocol.
    BrokenProtocol = 4,
    /// 130: interrupted by the person at the keyboard; what was known is written.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

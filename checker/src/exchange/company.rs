//! The connections to the other processes, from the handshake to the end of the search.

use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use crate::clock::Clock;
use crate::error::Error;
use crate::exchange::failure::FailureFlag;
use crate::exchange::heartbeat::{Peer, Stage};

/// The time between looks at a process that is waited for.
const PAUSE: Duration = Duration::from_millis(5);

/// The longest time that process 0 waits for the others to leave.
const FAREWELL: Duration = Duration::from_secs(5);

/// The other processes, in order.
#[derive(Debug)]
pub(crate) struct Company {
    peers: Vec<Arc<Peer>>,
}

impl Company {
    pub(crate) fn new(peers: Vec<Arc<Peer>>) -> Self {
        Self { peers }
    }

    /// Says that this process has a report. Process 0 waits until all have.
    ///
    /// # Errors
    /// When a process was lost before it had one.
    pub(crate) fn conclude(&self, first: bool, failure: &FailureFlag) -> Result<(), Error> {
        for peer in &self.peers {
            while !peer.has_all() {
                failure.check()?;
                sleep(PAUSE);
            }
        }
        self.peers.iter().for_each(|peer| peer.say(Stage::Concluded));
        if first {
            self.peers.iter().try_for_each(|peer| wait_for(peer, Stage::Concluded))?;
        }
        Ok(())
    }

    /// Process 0 says that it has written the report; the others wait for that.
    ///
    /// # Errors
    /// When process 0 was lost before it had written the report.
    pub(crate) fn part(self, first: bool) -> Result<(), Error> {
        if !first {
            return self.peers.first().map_or(Ok(()), |peer| wait_for(peer, Stage::Told));
        }
        self.peers.iter().for_each(|peer| peer.say(Stage::Told));
        // What was said could get lost if this process ended before they have left.
        let clock = Clock::start();
        while clock.elapsed() < FAREWELL && self.peers.iter().any(|peer| peer.loss().is_none()) {
            sleep(PAUSE);
        }
        Ok(())
    }
}

/// A process that gives up closes its connections, so that its peers detect the loss.
impl Drop for Company {
    fn drop(&mut self) {
        self.peers.iter().for_each(|peer| peer.leave());
    }
}

/// Waits until a process has come to a stage.
fn wait_for(peer: &Peer, stage: Stage) -> Result<(), Error> {
    while peer.stage() < stage {
        if let Some(loss) = peer.loss()
            && peer.stage() < stage
        {
            return Err(Error::Cluster(loss.to_owned()));
        }
        sleep(PAUSE);
    }
    Ok(())
}

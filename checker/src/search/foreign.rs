//! States of other processes, whose encodings may depend on the order of discovery there.
//!
//! What a process sends begins with the news that the receiver needs to read it. Posts and reports
//! are read in orders of their own, so each kind carries its own news.

use crate::error::Error;
use crate::hash::index;
use crate::system::TransitionSystem;

/// What one worker has told others, and heard from them.
pub(crate) struct Foreign {
    me: usize,
    /// Workers of each process.
    local: usize,
    width: usize,
    /// What every worker was told in posts, and all of them in reports.
    told: Vec<Vec<usize>>,
    told_all: Vec<usize>,
    /// What was heard from every worker in posts, and in reports.
    posts: Vec<Vec<Vec<u32>>>,
    reports: Vec<Vec<Vec<u32>>>,
}

impl Foreign {
    /// For worker `me` of `peers`, of which each process has `local`.
    pub(crate) fn new((me, peers): (usize, usize), local: usize, width: usize) -> Self {
        Self {
            me,
            local,
            width,
            told: vec![Vec::new(); peers],
            told_all: Vec::new(),
            posts: vec![Vec::new(); peers],
            reports: vec![Vec::new(); peers],
        }
    }

    fn is_abroad(&self, worker: usize) -> bool {
        worker / self.local != self.me / self.local
    }

    /// Are there other processes that need to be told the news of this system?
    pub(crate) fn matters<S: TransitionSystem>(&self, system: &S) -> bool {
        self.told.len() > self.local && !system.news(&mut Vec::new()).is_empty()
    }

    /// States as they are posted to a worker.
    pub(crate) fn write<S: TransitionSystem>(
        &mut self,
        system: &S,
        to: usize,
        states: &[u64],
    ) -> Vec<u64> {
        if !self.is_abroad(to) {
            return states.to_vec();
        }
        let news = system.news(&mut self.told[to]);
        [&[news.len() as u64], &news[..], states].concat()
    }

    /// States that a worker has posted.
    pub(crate) fn read<S: TransitionSystem>(
        &mut self,
        system: &S,
        from: usize,
        mut words: Vec<u64>,
    ) -> Result<Vec<u64>, Error> {
        if !self.is_abroad(from) {
            return Ok(words);
        }
        let length = words.first().map_or(0, |length| index(*length));
        let news = words.get(1..1 + length).ok_or(Error::Worker)?;
        if length > 0 && !system.learn(&mut self.posts[from], news) {
            return Err(Error::Worker);
        }
        words.drain(..1 + length);
        for state in words.chunks_exact_mut(self.width) {
            if !system.read_foreign(&self.posts[from], state) {
                return Err(Error::Worker);
            }
        }
        Ok(words)
    }

    /// What other processes need to read the states of the next report.
    pub(crate) fn news<S: TransitionSystem>(&mut self, system: &S) -> Vec<u64> {
        let is_alone = self.told.len() == self.local;
        if is_alone { Vec::new() } else { system.news(&mut self.told_all) }
    }

    /// Reads the states of a worker's report, with the news that came with it.
    pub(crate) fn read_report<'s, S: TransitionSystem>(
        &mut self,
        system: &S,
        (from, news): (usize, &[u64]),
        states: impl Iterator<Item = &'s mut Vec<u64>>,
    ) -> Result<(), Error> {
        if !self.is_abroad(from) {
            return Ok(());
        }
        let heard = &mut self.reports[from];
        if !news.is_empty() && !system.learn(heard, news) {
            return Err(Error::Worker);
        }
        for state in states {
            if !system.read_foreign(heard, state) {
                return Err(Error::Worker);
            }
        }
        Ok(())
    }
}

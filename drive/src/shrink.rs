//! Shrinking of a deviation: the world is driven again with fewer moves, as long as it shows.

use std::sync::atomic::{AtomicBool, Ordering};

use mapi_logon_traces::recording::EventLine;

use crate::bench::{Bench, Driven, Unusable};
use crate::choose::Script;
use crate::course::End;
use crate::finding::Finding;
use crate::moves::Move;
use crate::protocol::Hr;

/// Most worlds that are driven to make one deviation small.
const RERUNS: usize = 200;

/// How often what is left is driven again.
const REPEATS: usize = 3;

/// A deviation made small.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// What the system did.
    pub finding: Finding,
    /// The moves that lead there.
    pub moves: Vec<Move>,
    /// What was seen, with the model's results after expected deviations.
    pub recording: Vec<EventLine>,
    /// In how many of `of` repetitions it showed again.
    pub shown: usize,
    /// How often it was driven again at the end.
    pub of: usize,
}

/// Makes a deviation small.
///
/// # Errors
/// [`Unusable`] where the adapter cannot be used any more.
pub fn shrink(
    bench: &mut Bench<'_>,
    finding: &Finding,
    driven: &Driven,
    stop: &AtomicBool,
) -> Result<Shrunk, Unusable> {
    let mut shrinker = Shrinker { bench, left: RERUNS, stop };
    let mut best = Shrunk {
        finding: finding.clone(),
        moves: driven.moves.clone(),
        recording: driven.followed(),
        shown: 0,
        of: 0,
    };
    while shrinker.calls(&mut best)? || shrinker.answers(&mut best)? {}
    for _ in 0..REPEATS {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let shows = shrinker.again(&best.finding, &best.moves)?.is_some();
        if !stop.load(Ordering::Relaxed) {
            best.of += 1;
            best.shown += usize::from(shows);
        }
    }
    Ok(best)
}

struct Shrinker<'b, 'p> {
    bench: &'b mut Bench<'p>,
    left: usize,
    stop: &'b AtomicBool,
}

impl Shrinker<'_, '_> {
    /// Drives these moves in a fresh world; the world, if it shows the same.
    fn again(&mut self, wanted: &Finding, moves: &[Move]) -> Result<Option<Driven>, Unusable> {
        let driven = self.bench.drive(0, &mut Script::new(moves.iter().cloned()))?;
        Ok(match &driven.end {
            End::Deviated(found) if found.is_like(wanted) => Some(driven),
            End::Deviated(_)
            | End::Undecided(_)
            | End::Complete
            | End::Stuck
            | End::Unsupported(..)
            | End::Interrupted => None,
        })
    }

    /// Keeps a shorter run that shows the same; whether it does.
    fn keep(&mut self, best: &mut Shrunk, moves: &[Move]) -> Result<bool, Unusable> {
        let ended = self.left == 0 || self.stop.load(Ordering::Relaxed);
        if ended || !moves.iter().any(is_call) {
            return Ok(false);
        }
        self.left -= 1;
        let Some(driven) = self.again(&best.finding, moves)? else { return Ok(false) };
        // Answers that were left out are given all the same, so that the run may grow.
        let shorter = weight(&driven.moves) < weight(&best.moves);
        if let (true, End::Deviated(finding)) = (shorter, &driven.end) {
            best.finding = finding.clone();
            best.recording = driven.followed();
            best.moves = driven.moves;
        }
        Ok(shorter)
    }

    /// Drops calls with their answers, halves first.
    fn calls(&mut self, best: &mut Shrunk) -> Result<bool, Unusable> {
        let count = |moves: &[Move]| moves.iter().filter(|one| is_call(one)).count();
        let (mut size, mut any) = (count(&best.moves).div_ceil(2), false);
        while size > 0 {
            let mut from = 0;
            while from < count(&best.moves) {
                if self.keep(best, &without(&best.moves.clone(), from, size))? {
                    any = true;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
        Ok(any)
    }

    /// Leaves answers to what keeps things going.
    fn answers(&mut self, best: &mut Shrunk) -> Result<bool, Unusable> {
        let (mut at, mut any) = (0, false);
        while at < best.moves.len() {
            let plain = is_call(&best.moves[at]) || is_plain(&best.moves[at]);
            let mut moves = best.moves.clone();
            moves.remove(at);
            if !plain && self.keep(best, &moves)? {
                any = true;
            } else {
                at += 1;
            }
        }
        Ok(any)
    }
}

/// The moves without the calls from one on, and without their answers.
fn without(moves: &[Move], from: usize, size: usize) -> Vec<Move> {
    let (mut number, mut kept) = (0, Vec::with_capacity(moves.len()));
    let mut dropped = std::collections::BTreeSet::new();
    for one in moves {
        if is_call(one) {
            let drops = (from..from + size).contains(&number);
            number += 1;
            if drops {
                dropped.insert(one.client().to_owned());
            } else {
                dropped.remove(one.client());
            }
        }
        if !dropped.contains(one.client()) {
            kept.push(one.clone());
        }
    }
    kept
}

/// Fewer calls are better than fewer answers, and an answer that keeps things going costs nothing.
fn weight(moves: &[Move]) -> (usize, usize, usize) {
    let calls = moves.iter().filter(|one| is_call(one)).count();
    let odd = moves.iter().filter(|one| !is_call(one) && !is_plain(one)).count();
    (calls, odd, moves.len())
}

const fn is_call(one: &Move) -> bool {
    matches!(one, Move::Call(_))
}

fn is_plain(one: &Move) -> bool {
    matches!(one, Move::Answer(answer) if answer.reply.result == Some(Hr(0)))
}

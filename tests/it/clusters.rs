//! Clusters whose processes are killed at every stage of the protocol, while strangers call.
//!
//! Whatever happens: no wrong verdict, no verdict without the report of process 0, no panic, one
//! message, nobody left behind. A round for each stage by default; as many rounds as
//! `MAPI_LOGON_CLUSTER_ROUNDS` says on request.

#![expect(clippy::disallowed_types, reason = "survivors must end in time")]

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Child;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, SystemTime};

use crate::processes::{end, hosts, start};
use crate::support::{Ran, run, workplace};

/// What is explored; it takes a second or less.
const ARGS: [&str; 4] = ["check", "retry-storm", "--budget", "1"];

/// The longest time in which survivors have to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// When a process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Before it can have said anything.
    Start,
    /// While another process has not been started.
    Waiting,
    /// While all meet.
    Meeting,
    /// In the middle of the search.
    Search,
    /// Near its end, and while the report is written.
    Late,
}

use Stage::{Late, Meeting, Search, Start, Waiting};

/// Every other kill is late.
const STAGES: [Stage; 8] = [Start, Late, Waiting, Late, Meeting, Late, Search, Late];

/// Numbers that look random, the same for equal seeds.
struct Dice(u64);

impl Dice {
    /// The next, below `end`.
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// A time between two percentages of another.
    fn between(&mut self, least: u64, most: u64, of: Duration) -> Duration {
        of * u32::try_from(least * 100 + self.below((most - least) * 100)).unwrap() / 10_000
    }
}

/// How a round ended.
#[derive(Debug, Default)]
struct Tally {
    rounds: u64,
    /// Survivors that ended with an error, and with the verdict.
    lost: u64,
    told: u64,
    /// The longest time from the kill to the end of all.
    longest: Duration,
}

#[test]
fn no_kill_and_no_stranger_leads_to_a_wrong_verdict_or_a_panic() {
    let folder = workplace("clusters");
    let rounds = std::env::var("MAPI_LOGON_CLUSTER_ROUNDS");
    let rounds = rounds.map_or(STAGES.len() as u64, |rounds| rounds.parse().unwrap());
    let expected = run(&[&ARGS[..], &["--workers", "1"]].concat());
    let mut time = (0..2).map(|_| undisturbed(&folder, &expected)).min().unwrap();
    let mut tallies = std::collections::BTreeMap::<Stage, Tally>::new();
    for round in 0..rounds {
        let mut dice = Dice(round.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let stage = STAGES[usize::try_from(round).unwrap() % STAGES.len()];
        let tally = tallies.entry(stage).or_default();
        let told = tally.told;
        play(&folder, stage, time, (&mut dice, &expected), tally);
        if stage == Late {
            // Half of the late kills come before the end, whatever else the machine does.
            time = if tally.told > told { time * 9 / 10 } else { time * 11 / 10 };
        }
    }
    let mut table = format!("{rounds} rounds\n");
    for (stage, tally) in tallies {
        writeln!(table, "{stage:?}: {tally:?}").unwrap();
    }
    println!("{table}");
}

/// How long three processes take that nobody disturbs.
fn undisturbed(folder: &Path, expected: &Ran) -> Duration {
    let begin = SystemTime::now();
    let (hosts, _) = hosts(folder, 3);
    let children = [0, 1, 2].map(|number| start(&ARGS, &hosts, number));
    let [first, ..] = children.map(end);
    assert_eq!((&first.stdout, first.code), (&expected.stdout, expected.code));
    begin.elapsed().unwrap()
}

/// Plays a round: starts three processes, kills one, and looks at the others.
fn play(
    folder: &Path,
    stage: Stage,
    undisturbed: Duration,
    (dice, expected): (&mut Dice, &Ran),
    tally: &mut Tally,
) {
    let (hosts, addresses) = hosts(folder, 3);
    let wait = if stage < Search { "2s" } else { "20s" };
    let args = [&ARGS[..], &["--wait", wait]].concat();
    let over = AtomicBool::new(false);
    scope(|scope| {
        scope.spawn(|| call(&addresses, &over));
        let victim = usize::try_from(dice.below(3)).unwrap();
        let missing = (victim + 1) % 3;
        let mut children: Vec<Option<Child>> = (0..3)
            .map(|number| {
                (stage != Waiting || number != missing).then(|| start(&args, &hosts, number))
            })
            .collect();
        let time = match stage {
            Start => Duration::from_micros(dice.below(3_000)),
            Waiting => dice.between(0, 50, undisturbed),
            Meeting => dice.between(0, 20, undisturbed),
            Search => dice.between(20, 80, undisturbed),
            Late => dice.between(85, 110, undisturbed),
        };
        sleep(time);
        let mut killed = children[victim].take().unwrap();
        // It may have ended.
        let _ = killed.kill();
        let killed = end(killed);
        let begin = SystemTime::now();
        if stage == Waiting {
            children[missing] = Some(start(&args, &hosts, missing));
        }
        let ended: Vec<Option<Ran>> =
            children.into_iter().map(|one| one.map(end_in_time)).collect();
        tally.longest = tally.longest.max(begin.elapsed().unwrap());
        tally.rounds += 1;
        judge(&ended, (victim, &killed), expected, tally);
        over.store(true, Ordering::Relaxed);
    });
    for address in addresses {
        TcpListener::bind(address).expect("a port is still in use");
    }
}

/// What a process left behind, which must end by itself.
fn end_in_time(mut child: Child) -> Ran {
    let begin = SystemTime::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begin.elapsed().unwrap() < PATIENCE, "process {} does not end", child.id());
        sleep(Duration::from_millis(5));
    }
    end(child)
}

/// Looks at what survivors said.
fn judge(
    ended: &[Option<Ran>],
    (victim, killed): (usize, &Ran),
    expected: &Ran,
    tally: &mut Tally,
) {
    let first = ended[0].as_ref().unwrap_or(killed);
    let has_told = first.stdout == expected.stdout;
    assert!(has_told || first.stdout.is_empty() || victim == 0, "{first:?}");
    assert!(!killed.stderr.contains("panicked"), "{killed:?}");
    for (number, ran) in ended.iter().enumerate() {
        let Some(ran) = ran else { continue };
        assert!(!ran.stderr.contains("panicked"), "process {number}: {ran:?}");
        if ran.code == expected.code {
            tally.told += 1;
            assert!(has_told, "process {number} has a verdict that was never told: {ran:?}");
            assert!(number == 0 || ran.stdout.is_empty(), "{ran:?}");
        } else {
            tally.lost += 1;
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "process {number}: {ran:?}");
            let errors = ran.stderr.matches("error: ").count();
            assert_eq!(errors, 1, "process {number}: {ran:?}");
            assert!(ran.stderr.contains("error: cluster: "), "process {number}: {ran:?}");
        }
    }
}

/// Calls the processes as strangers do, until it is over.
fn call(addresses: &[String], over: &AtomicBool) {
    let greetings: [&[u8]; 5] =
        [b"", b"GET / HTTP/1.0\r\n\r\n", &[0xff; 600], b"expl", b"explore3explore3explore3"];
    let mut held: Vec<TcpStream> = Vec::new();
    for (address, greeting) in
        addresses.iter().cycle().zip(greetings.iter().cycle().flat_map(|one| [one; 2]))
    {
        if over.load(Ordering::Relaxed) {
            return;
        }
        if let Ok(mut stream) = TcpStream::connect(address) {
            // The process may be killed at any moment.
            let _ = stream.write_all(greeting);
            let _ = stream.set_read_timeout(Some(Duration::from_millis(5)));
            let _ = stream.read(&mut [0; 64]);
            held.push(stream);
            if held.len() > 8 {
                held.clear();
            }
        }
        sleep(Duration::from_millis(3));
    }
}

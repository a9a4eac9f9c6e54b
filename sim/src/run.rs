//! How does one random run go? Step by step, each an enabled action chosen by weight.

use mapi_logon_model::action::{Action, Choice};
use mapi_logon_model::ids::ClientId;
use mapi_logon_model::model::Model;
use mapi_logon_model::observer::Memory;
use mapi_logon_model::step::Step;

use crate::digest::Digest;
use crate::judge::{self, Judge};
use crate::random::Stream;
use crate::tally::Tally;
use crate::weight::weight;

/// How a run came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// Every client has made all its calls.
    Complete,
    /// Nothing can happen any more, but calls remain: a dialog that nobody may answer.
    Blocked,
    /// The greatest number of steps was made.
    Cut,
    /// A step broke a property.
    Broken,
}

/// Makes runs of a model, one after the other, without allocating in between.
#[derive(Debug)]
pub struct Runner<'m> {
    model: &'m Model,
    /// The properties that end a run when they are broken; none are judged where this is absent.
    judged: Option<u128>,
    broken: u128,
    judge: Judge,
    /// The last step, and that before it or the one in the making.
    steps: [Step; 2],
    /// Which of them is the last.
    last: usize,
    options: Vec<(Action, u32)>,
    path: Vec<Action>,
}

impl<'m> Runner<'m> {
    /// A runner for a model; properties are judged after every step if `judging`.
    #[must_use]
    pub fn new(model: &'m Model, judging: bool) -> Self {
        Self {
            model,
            judged: judging.then(judge::breaking),
            broken: 0,
            judge: Judge::new(model),
            steps: [Step::at(model.initial()), Step::at(model.initial())],
            last: 0,
            options: Vec::with_capacity(64),
            path: Vec::with_capacity(256),
        }
    }

    /// The model.
    #[must_use]
    pub const fn model(&self) -> &Model {
        self.model
    }

    /// The last run, action by action.
    #[must_use]
    pub fn path(&self) -> &[Action] {
        &self.path
    }

    /// The properties that the last run broke, bit `i` for entry `i` of the list of properties.
    #[must_use]
    pub const fn broken(&self) -> u128 {
        self.broken
    }

    /// Makes the run with this number, of at most `most` steps, and counts what it shows; `each`
    /// sees every step.
    pub fn run(
        &mut self,
        number: u64,
        stream: &mut Stream,
        most: u64,
        tally: &mut Tally,
        mut each: impl FnMut(Action, &Step),
    ) -> End {
        self.steps[self.last].state = self.model.initial();
        self.path.clear();
        self.broken = 0;
        self.judge.remember(Memory::default());
        let mut digest = Digest::of_run(number);
        let end = loop {
            if self.path.len() as u64 == most {
                break if self.has_ended() { End::Complete } else { End::Cut };
            }
            let Some(action) = self.advance(stream) else {
                break if self.has_ended() { End::Complete } else { End::Blocked };
            };
            self.path.push(action);
            digest.add(action);
            let (before, step) = (&self.steps[1 - self.last].state, &self.steps[self.last]);
            tally.count(step, self.model.next_call(before, action.client));
            each(action, step);
            if let Some(judged) = self.judged {
                let marks = self.judge.see(self.model, before, action, step);
                tally.shown |= marks;
                self.broken = marks & judged;
                if self.broken != 0 {
                    break End::Broken;
                }
            }
        };
        tally.runs += 1;
        tally.steps += self.path.len() as u64;
        tally.blocked += u64::from(end == End::Blocked);
        tally.cut += u64::from(end == End::Cut);
        tally.digest = tally.digest.wrapping_add(digest.value());
        end
    }

    fn has_ended(&self) -> bool {
        self.model.has_ended(&self.steps[self.last].state)
    }

    /// Takes one enabled action, if there is one.
    ///
    /// An option that proves not to be enabled is struck out and another drawn: what is taken in
    /// the end has the same chances as if only enabled options had been there to begin with.
    fn advance(&mut self, stream: &mut Stream) -> Option<Action> {
        let mut total = self.consider();
        let [one, other] = &mut self.steps;
        let (here, next) = if self.last == 0 { (one, other) } else { (other, one) };
        loop {
            let at = choose(&self.options, total, stream)?;
            let (action, weight) = self.options[at];
            if self.model.step_into(&here.state, action, next).is_ok() {
                self.last = 1 - self.last;
                return Some(action);
            }
            self.options.remove(at);
            total -= u64::from(weight);
        }
    }

    /// Collects what might happen, and the sum of its weights.
    fn consider(&mut self) -> u64 {
        let Self { model, options, .. } = self;
        let state = &self.steps[self.last].state;
        let weights = &model.scenario().weights;
        options.clear();
        let mut total = 0;
        for index in 0..model.scenario().clients.len() {
            let client = ClientId::from(index);
            model.candidates(state, client, &mut |choice: Choice| {
                let weight = weight(weights, choice);
                total += u64::from(weight);
                options.push((Action { client, choice }, weight));
            });
        }
        total
    }
}

/// Draws an option by weight; where no option has one, each is as likely. One option is no choice,
/// and takes no draw.
#[inline]
pub(crate) fn choose<T>(options: &[(T, u32)], total: u64, stream: &mut Stream) -> Option<usize> {
    if options.len() < 2 {
        return options.len().checked_sub(1);
    }
    if total == 0 {
        return usize::try_from(stream.below(options.len() as u64)).ok();
    }
    let mut left = stream.below(total);
    options.iter().position(|(_, weight)| {
        let weight = u64::from(*weight);
        let found = left < weight;
        left = left.wrapping_sub(weight);
        found
    })
}

#[cfg(test)]
mod tests {
    use mapi_logon_model::scenario::Scenario;

    use super::*;
    use crate::random::Purpose;

    #[test]
    fn option_is_drawn_as_often_as_its_weight_says() {
        let mut stream = Stream::new(1, Purpose::Choices, 0);
        let options = [('a', 1), ('b', 0), ('c', 3)];
        let mut counts = [0; 3];
        for _ in 0..40_000 {
            counts[choose(&options, 4, &mut stream).unwrap()] += 1;
        }
        assert!(counts[0] > 9_500 && counts[0] < 10_500, "{counts:?}");
        assert_eq!(counts[1], 0);
        let unweighted = [('a', 0), ('b', 0)];
        let drawn = [0; 50].map(|_| choose(&unweighted, 0, &mut stream).unwrap());
        assert!(drawn.contains(&0) && drawn.contains(&1));
        assert_eq!(choose::<char>(&[], 0, &mut stream), None);
    }

    /// Judged or not, in every built-in scenario; a long run may once need room for its path.
    #[test]
    fn steps_of_a_run_allocate_nothing() {
        for file in std::fs::read_dir("../scenarios").unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let model = Model::new(Scenario::parse(&text).unwrap());
            for judging in [false, true] {
                let mut runner = Runner::new(&model, judging);
                let mut tally = Tally::default();
                let mut make = |number| {
                    let mut chance = Stream::new(7, Purpose::Choices, number);
                    runner.run(number, &mut chance, 200, &mut tally, |_, _| {});
                };
                (0..100).for_each(&mut make);
                let counted = allocation_counter::measure(|| (100..1_000).for_each(&mut make));
                assert_eq!(counted.count_total, 0, "{} {judging}", path.display());
            }
        }
    }
}

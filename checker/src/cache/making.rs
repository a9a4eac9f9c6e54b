//! The making of steps, once for each part and all answers to what is asked there.

use crate::cache::reduction::Making;
use crate::cache::steps::UNCHANGED;
use crate::cache::{Cached, Worker};
use crate::marks::Marks;
use crate::modular::Modular;

impl<M: Modular, const W: usize> Cached<M, W> {
    /// Makes the steps and remembers them.
    #[cold]
    pub(super) fn make(&self, worker: &mut Worker<M, W>, actor: usize) -> usize {
        let Worker { bench, sites, steps, parts, descended, wanted, .. } = worker;
        sites.learn(&self.numbers, parts);
        sites.answer(&self.system, bench, actor, parts);
        let key = sites.new_key(actor, parts);
        if let Some(found) = key.and_then(|key| steps.find(&key)) {
            return found;
        }
        sites.put(&self.system, bench, parts);
        let common = sites.common(parts);
        let start = steps.len();
        let (mut changed, mut written) = (Vec::new(), 0u128);
        let (mut descends, mut rises) = (false, false);
        let level = self.level(common);
        if actor == self.system.actors() {
            let tested = self.system.tests(bench, *wanted);
            steps.push((0, UNCHANGED), ([0; W], [0; W]), (Marks::NONE, tested));
        } else {
            self.system.steps(bench, actor, &mut |made| {
                let bits = common ^ made.common;
                written |= bits;
                let mut next = ([0; W], [0; W]);
                for (other, part) in made.parts.iter().enumerate() {
                    let number = self.numbers.of_part(other, part);
                    if number != parts[other] {
                        changed.push((other, number));
                        self.packing.set(other, number, &mut next, &self.outgrown);
                    }
                }
                let delta =
                    if bits == 0 { UNCHANGED } else { sites.delta((bits, made.common & bits)) };
                descends |= !made.ascends;
                rises |= self.level(made.common) > level;
                steps.push((made.action, delta), next, (made.marks, made.tested));
            });
        }
        *descended |= descends;
        let all = changed.iter().fold(0, |all, (other, _)| all | 1 << other);
        sites.ask(&self.system, bench, (actor, parts), (all, written));
        if let Some(knowledge) = self.knowledge.as_ref().filter(|_| actor < parts.len() - 1) {
            let descends = descends || rises;
            let made = Making { actor, parts, changed: &changed, written, level, descends };
            steps.intend(start, knowledge.record(&self.system, &self.numbers, bench, &made));
            self.halt_if_hindered(knowledge);
        }
        sites.answer(&self.system, bench, actor, parts);
        let key = sites.new_key(actor, parts).unwrap_or_default();
        steps.finish(key, start)
    }
}

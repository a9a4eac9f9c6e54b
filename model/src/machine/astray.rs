//! Wrong turns of a mutated machine: after a transition it goes elsewhere, or with another code.

use crate::ids::SessionId;
use crate::machine::step::{Next, Stage, Turn};
use crate::machine::variant::Variant;
use crate::mapi::Code;
use crate::protocol::{Method, Phase, Place, Task, Transition};
use crate::world::Store;

/// The most transitions of one step: a mutated machine may loop forever.
const MOST: usize = 500;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// What comes next after the transitions that are not `known` yet.
    pub(super) fn misled(&self, mut next: Next, known: &mut usize) -> Next {
        if self.taken.len() > MOST {
            return Next::Rest(self.world.client(self.client).phase);
        }
        for taken in &self.taken[*known..] {
            let transition = taken.transition;
            let sent = self.variant.sends(transition);
            if let Some(wrong) = sent.and_then(|goal| self.towards(goal, next)) {
                self.variant.applies();
                next = wrong;
            }
            next = self.recoded(transition, next);
        }
        *known = self.taken.len();
        next
    }

    /// The way to a place from here, if there is one; on the right way comes `next`.
    fn towards(&self, goal: Place, next: Next) -> Option<Next> {
        let in_logon = self.logon().is_some();
        let logs_off = matches!(self.call.method(), Some(Method::Logoff(_)));
        match goal {
            Place::Q3 if in_logon => Some(Next::Rest(Phase::Waiting)),
            Place::Q4 if in_logon => Some(Next::Rest(Phase::Choosing)),
            Place::Q17 => self.task(next).map(|task| Next::Rest(Phase::Disabling(task, None))),
            Place::Q18 => self.task(next).map(|task| Next::Go(Stage::Finish(task, Code::Ok))),
            Place::Q19 if in_logon && self.slot().profile.is_some() => {
                Some(Next::Rest(Phase::Finishing))
            }
            Place::Q21 if in_logon => Some(Next::Rest(Phase::Undoing(Code::LogonFailed))),
            Place::Q22 if in_logon => Some(Next::Return(Code::LogonFailed, None)),
            Place::W0 if self.call.method().is_some() => {
                let held = self.session != SessionId::NONE;
                Some(Next::Return(Code::CallFailed, held.then_some(self.session)))
            }
            Place::W2 if logs_off => Some(Next::Rest(Phase::Confirming)),
            Place::Q0
            | Place::Q1
            | Place::Q2
            | Place::Q3
            | Place::Q4
            | Place::Q5
            | Place::Q6
            | Place::Q7
            | Place::Q8
            | Place::Q9
            | Place::Q10
            | Place::Q11
            | Place::Q12
            | Place::Q13
            | Place::Q14
            | Place::Q15
            | Place::Q16
            | Place::Q19
            | Place::Q20
            | Place::Q21
            | Place::Q22
            | Place::W0
            | Place::W1
            | Place::W2
            | Place::W3
            | Place::W4 => None,
        }
    }

    /// The task that the step is about.
    fn task(&self, next: Next) -> Option<Task> {
        let begun = self.world.client(self.client).phase.task();
        match next {
            Next::Rest(phase) => phase.task().or(begun),
            Next::Go(Stage::Configure(service, _) | Stage::Check(service, _)) => {
                Some(Task::Configure(service))
            }
            Next::Go(
                Stage::LogOn(provider, _)
                | Stage::Reconfigure(provider, _)
                | Stage::EndEntryPoint(provider, ..)
                | Stage::StartLate(provider),
            ) => Some(Task::Run(provider)),
            Next::Go(
                Stage::Fail(task, ..)
                | Stage::Offer(task, ..)
                | Stage::Retry(task, ..)
                | Stage::Finish(task, _),
            ) => Some(task),
            Next::Go(
                Stage::Resolve
                | Stage::AskProfile
                | Stage::CheckCredentials(_)
                | Stage::ForceAfter(_)
                | Stage::ConfigureAfter(_)
                | Stage::StartAfter(_)
                | Stage::StartWanted(_),
            )
            | Next::Return(..) => begun,
        }
    }

    /// The same with the code that the transition has in this machine.
    fn recoded(&self, transition: Transition, next: Next) -> Next {
        let code = |code| {
            let wrong = self.variant.code(transition, code);
            if wrong != code {
                self.variant.applies();
            }
            wrong
        };
        match next {
            Next::Return(old, session) => Next::Return(code(old), session),
            Next::Rest(Phase::Undoing(old)) => Next::Rest(Phase::Undoing(code(old))),
            Next::Rest(Phase::Informing(task, attempt, old)) => {
                Next::Rest(Phase::Informing(task, attempt, code(old)))
            }
            Next::Rest(Phase::Disabling(task, Some(old))) => {
                Next::Rest(Phase::Disabling(task, Some(code(old))))
            }
            Next::Go(Stage::Fail(task, attempt, old)) => {
                Next::Go(Stage::Fail(task, attempt, code(old)))
            }
            Next::Go(Stage::Offer(task, k, old)) => Next::Go(Stage::Offer(task, k, code(old))),
            Next::Go(Stage::Retry(task, k, old, answer)) => {
                Next::Go(Stage::Retry(task, k, code(old), answer))
            }
            Next::Go(Stage::Finish(task, old)) => Next::Go(Stage::Finish(task, code(old))),
            Next::Rest(_) | Next::Go(_) => next,
        }
    }
}

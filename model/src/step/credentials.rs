//! Do the credentials validate the profile? D6 and D7 of the figure, T-19 to T-24 (AMB-23).

use super::{Disabled, Turn, Verdict};
use crate::action::{Answer, Choice};
use crate::effect::{Dialog, Effect};
use crate::ids::ProfileId;
use crate::mapi::Code;
use crate::state::Phase;
use crate::transition::Place::{Q9, Q18, Q21};
use crate::transition::Transition::{T19, T20, T21, T22, T23, T24};

impl Turn<'_> {
    /// Q8: whatever name was found, the credentials are checked against its profile (SES-5,
    /// FLW-12); they validate (FLW-13) or not (FLW-14).
    pub(super) fn check_credentials(&mut self, profile: ProfileId) -> Verdict {
        let needed = self.model.scenario().profiles[profile.index()].password;
        let ui = self.model.permissions(self.client).ui_pwd;
        match (needed, ui) {
            // T-19: nothing to check (PAR-6).
            (false, _) => {
                self.takes(T19, Q18);
                self.force_configuration(None)
            }
            // T-20: not validated and nobody to ask (FLW-15).
            (true, false) => {
                self.takes(T20, Q21);
                self.undo(Code::LogonFailed)
            }
            // T-21: the password dialog (FLW-16).
            (true, true) => {
                self.takes(T21, Q9);
                self.displays(Dialog::Password);
                self.rests(Phase::GivingPassword);
                Ok(())
            }
        }
    }

    /// Q9. Supplied data lead on (FLW-17, read "on success"). What is given here is not kept: each
    /// establishing logon asks again.
    pub(super) fn giving_password(&mut self, choice: Choice) -> Verdict {
        match choice {
            Choice::Answer(Answer::Supply) => {
                self.answers(Answer::Supply)?;
                self.takes(T22, Q18);
                self.force_configuration(None)
            }
            Choice::Answer(Answer::SupplyIncomplete) => {
                self.answers(Answer::SupplyIncomplete)?;
                self.takes(T23, Q21);
                self.undo(Code::LogonFailed)
            }
            Choice::Answer(Answer::Cancel) => {
                self.answers(Answer::Cancel)?;
                self.takes(T24, Q21);
                self.undo(Code::UserCancel)
            }
            Choice::Answer(
                Answer::Pick(_)
                | Answer::Retry
                | Answer::Correct { .. }
                | Answer::Decline
                | Answer::Confirm
                | Answer::Refuse,
            )
            | Choice::Begin
            | Choice::Proceed
            | Choice::TimeOut
            | Choice::Try(_)
            | Choice::Postpone
            | Choice::Refuse(_)
            | Choice::Configure { .. } => Err(Disabled),
        }
    }

    /// A dialog appears in this call.
    pub(super) fn displays(&mut self, dialog: Dialog) {
        self.shows(Effect::Displayed { client: self.client, dialog });
    }

    /// The user answers, if the scenario lets the user answer so.
    pub(super) fn answers(&mut self, answer: Answer) -> Verdict {
        if self.model.scenario().answers.0 >> answer.bit() & 1 == 0 {
            return Err(Disabled);
        }
        self.shows(Effect::Answered { client: self.client, answer });
        Ok(())
    }
}

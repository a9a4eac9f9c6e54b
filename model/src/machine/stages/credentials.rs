//! Validation of credentials: D6 and D7 of the figure, T-19 to T-24 (AMB-23).

use crate::ids::ProfileId;
use crate::machine::step::{Disabled, Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::Code;
use crate::protocol::Transition::{T19, T20, T21, T22, T23, T24};
use crate::protocol::{Answer, Choice, Dialog, Effect, Phase};
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q8: whatever name was found, the credentials are checked against its profile (SES-5,
    /// FLW-12); they validate (FLW-13) or not (FLW-14).
    pub(crate) fn check_credentials(&mut self, profile: ProfileId) -> Next {
        let needed = self.model.scenario().profiles[profile.index()].password;
        let needed = self.holds(Guard::CredentialsNeeded, needed);
        let may_ask = self.holds(Guard::PasswordDialogAllowed, self.may().ui_pwd);
        match (needed, may_ask) {
            // T-19: nothing to check (PAR-6).
            (false, _) => {
                self.takes(T19);
                Next::Go(Stage::ForceAfter(None))
            }
            // T-20: not validated and nobody to ask (FLW-15).
            (true, false) => {
                self.takes(T20);
                Next::Rest(Phase::Undoing(Code::LogonFailed))
            }
            // T-21: the password dialog (FLW-16).
            (true, true) => {
                self.takes(T21);
                self.displays(Dialog::Password);
                Next::Rest(Phase::GivingPassword)
            }
        }
    }

    /// Q9. Supplied data lead on (FLW-17, read "on success"). What is given here is not kept: each
    /// establishing logon asks again.
    pub(crate) fn giving_password(&mut self, choice: Choice) -> Entered {
        let code = self.supplied(choice)?;
        Ok(if code == Code::Ok {
            self.takes(T22);
            Next::Go(Stage::ForceAfter(None))
        } else if code == Code::UserCancel {
            self.takes(T24);
            Next::Rest(Phase::Undoing(Code::UserCancel))
        } else {
            self.takes(T23);
            Next::Rest(Phase::Undoing(Code::LogonFailed))
        })
    }

    /// A dialog appears in this call.
    pub(crate) fn displays(&mut self, dialog: Dialog) {
        self.shows(Effect::Displayed { client: self.client, dialog });
    }

    /// The user answers, if the scenario lets the user answer so.
    pub(crate) fn answers(&mut self, answer: Answer) -> Result<(), Disabled> {
        if !self.model.scenario().answers.allow(answer) {
            return Err(Disabled);
        }
        self.shows(Effect::Answered { client: self.client, answer });
        Ok(())
    }

    /// The answer to a dialog that asks for data, as the code it comes to.
    pub(crate) fn supplied(&mut self, choice: Choice) -> Result<Code, Disabled> {
        let Choice::Answer(answer) = choice else {
            return Err(Disabled);
        };
        let code = match answer {
            Answer::Supply => Code::Ok,
            Answer::SupplyIncomplete => Code::Unconfigured,
            Answer::Cancel => Code::UserCancel,
            Answer::Pick(_)
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Decline
            | Answer::Confirm
            | Answer::Refuse => return Err(Disabled),
        };
        self.answers(answer)?;
        Ok(code)
    }
}

//! The choice of a profile: D3 to D5 of the figure, T-11 to T-18.

use crate::ids::ProfileId;
use crate::machine::step::{Disabled, Entered, Next, Stage, Turn};
use crate::machine::variant::{Guard, Variant};
use crate::mapi::{Code, Fault, LogonFlags};
use crate::policy::{BadNameUi, DefaultProfile, FailureCodes, NameVsDefault, NoDefault};
use crate::protocol::Transition::{T11, T12, T13, T14, T15, T16, T17, T18};
use crate::protocol::{Answer, Choice, Dialog, Effect, Fate, NameParameter, Origin, Phase};
use crate::scenario::{Named, ProfileState};
use crate::world::Store;

impl<S: Store, V: Variant> Turn<'_, S, V> {
    /// Q5, by the table PAR-12: the first row that fits. The name is optional (PAR-2): without one
    /// the default is asked for, then the user (FLW-7, FLW-9).
    pub(crate) fn resolve(&mut self) -> Next {
        let scenario = self.model.scenario();
        let policy = &scenario.policy;
        let asks = self.has(LogonFlags::MAPI_USE_DEFAULT);
        let wants_default =
            self.holds(Guard::DefaultWanted, asks) && policy.default_profile == DefaultProfile::On;
        let default = if wants_default { scenario.default_profile } else { Named::Nothing };
        let default_wins =
            default != Named::Nothing && policy.name_vs_default == NameVsDefault::Default;
        let given = self.name_given();
        let is_given = self.holds(Guard::NameGiven, given != Named::Nothing) && !default_wins;
        let fails = wants_default && policy.no_default == NoDefault::Fail;
        let may_ask = self.holds(Guard::ProfileDialogAllowed, self.may().ui_profile);
        match (is_given, default) {
            // T-11: a given name is used (FLW-6, PAR-12a).
            (true, _) => {
                self.takes(T11);
                self.resolved(given, Origin::Given)
            }
            // T-12: the default, whether or not that profile exists (FLW-8, PAR-12b).
            (false, Named::Profile(_) | Named::Unknown) => {
                self.takes(T12);
                self.resolved(default, Origin::Default)
            }
            // T-13: the user is asked (FLW-10, PAR-12c, PAR-12e).
            (false, Named::Nothing) if may_ask && !fails => Next::Go(Stage::AskProfile),
            // T-14: no name to be had (FLW-11, PAR-12d, PAR-12f).
            (false, Named::Nothing) => {
                self.takes(T14);
                Next::Rest(Phase::Undoing(Code::LogonFailed))
            }
        }
    }

    /// The name parameter; where an empty one is no NULL, it is a name that no profile has.
    fn name_given(&self) -> Named {
        let is_name = self.model.scenario().policy.failure_codes == FailureCodes::Mapi4linux;
        match self.logon().unwrap_or_default().name {
            NameParameter::Empty if is_name => Named::Unknown,
            NameParameter::Null | NameParameter::Empty => Named::Nothing,
            NameParameter::Name { profile, .. } => profile.map_or(Named::Unknown, Named::Profile),
        }
    }

    fn resolved(&mut self, named: Named, origin: Origin) -> Next {
        let profile = match named {
            Named::Profile(profile) => Some(profile),
            Named::Unknown | Named::Nothing => None,
        };
        self.shows(Effect::Resolved { client: self.client, profile, origin });
        Next::Rest(Phase::Opening { profile, origin })
    }

    /// T-13, and the second way to it of AMB-27.
    pub(crate) fn ask_profile(&mut self) -> Next {
        self.takes(T13);
        self.displays(Dialog::Profile);
        Next::Rest(Phase::PickingProfile)
    }

    /// Q6. The list omits profiles that are deleted or marked (PRF-11).
    pub(crate) fn picking_profile(&mut self, choice: Choice) -> Entered {
        let Choice::Answer(answer) = choice else {
            return Err(Disabled);
        };
        let listed = self.model.scenario().listed().without(self.world.shared().marked());
        match answer {
            Answer::Pick(profile) if listed.contains(profile) => {
                self.answers(answer)?;
                self.takes(T15);
                Ok(self.resolved(Named::Profile(profile), Origin::Picked))
            }
            Answer::Cancel => {
                self.answers(answer)?;
                self.takes(T16);
                Ok(Next::Rest(Phase::Undoing(Code::UserCancel)))
            }
            Answer::Pick(_)
            | Answer::Supply
            | Answer::SupplyIncomplete
            | Answer::Retry
            | Answer::Correct { .. }
            | Answer::Decline
            | Answer::Confirm
            | Answer::Refuse => Err(Disabled),
        }
    }

    /// Q7.
    pub(crate) fn opening(
        &mut self,
        profile: Option<ProfileId>,
        origin: Origin,
        choice: Choice,
    ) -> Entered {
        let scenario = self.model.scenario();
        let strikes = self.corrupts(profile, choice)?;
        let usable = |profile: &ProfileId| {
            let valid = scenario.profiles[profile.index()].state == ProfileState::Valid
                && !self.world.shared().marked().contains(*profile)
                && !self.world.shared().damaged().contains(*profile)
                && !strikes;
            self.holds(Guard::ProfileUsable, valid)
        };
        let reprompts = origin == Origin::Given
            && scenario.policy.bad_name_ui == BadNameUi::Reprompt
            && self.may().ui_profile;
        let usable = profile.filter(usable);
        if let (true, Some(profile)) = (strikes, profile) {
            self.world.shared_mut().spend();
            self.world.shared_mut().damage(profile);
            self.shows(Effect::ProfileDamaged { profile });
        }
        Ok(match usable {
            // T-17: opened and in use from here on (SES-4).
            Some(profile) => self.join_on(profile).unwrap_or_else(|| {
                self.takes(T17);
                self.opens(profile);
                Next::Go(Stage::CheckCredentials(profile))
            }),
            // AMB-27: with UI the user may choose another.
            None if reprompts => Next::Go(Stage::AskProfile),
            // T-18: missing, marked or damaged (SES-4, PRF-13).
            None => {
                self.takes(T18);
                Next::Rest(Phase::Undoing(match scenario.policy.failure_codes {
                    FailureCodes::Documented => Code::LogonFailed,
                    FailureCodes::Mapi4linux | FailureCodes::Openchange => Code::NotFound,
                }))
            }
        })
    }

    /// SCENARIO rule 3: may data corruption strike a usable profile now, and does it (FLT-11)?
    fn corrupts(&self, profile: Option<ProfileId>, choice: Choice) -> Result<bool, Disabled> {
        let Choice::Try(fate) = choice else {
            return if choice == Choice::Proceed { Ok(false) } else { Err(Disabled) };
        };
        let strikes = Fate { struck: Some(Fault::DataCorruption), ..Fate::default() };
        let shared = self.world.shared();
        let may = profile.is_some_and(|profile| {
            let definition = &self.model.scenario().profiles[profile.index()];
            definition.corruptible
                && definition.state == ProfileState::Valid
                && !shared.marked().contains(profile)
                && !shared.damaged().contains(profile)
        });
        if fate == strikes && may && !shared.budget().is_spent() { Ok(true) } else { Err(Disabled) }
    }

    fn opens(&mut self, profile: ProfileId) {
        let services = self.model.scenario().profiles[profile.index()].services;
        let services = services.without(self.world.shared().removed());
        let passed = self.world.client(self.client).call.and_then(|call| call.logon());
        let session = self.session;
        let slot = self.slot_mut();
        slot.profile = Some(profile);
        slot.services = services;
        slot.flags = passed.unwrap_or_default().flags;
        self.shows(Effect::ProfileOpened { session, profile });
    }
}

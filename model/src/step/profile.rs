//! Which profile? D3 to D5 of the figure, T-11 to T-18.

use super::{Disabled, Turn, Verdict};
use crate::action::{Answer, Choice};
use crate::effect::{Dialog, Effect};
use crate::ids::ProfileId;
use crate::mapi::{Code, LogonFlags};
use crate::policy::{BadNameUi, DefaultProfile, FailureCodes, NameVsDefault, NoDefault};
use crate::scenario::{Named, ProfileState};
use crate::state::{Origin, Phase};
use crate::transition::Place::{Q6, Q7, Q8, Q21};
use crate::transition::Transition::{T11, T12, T13, T14, T15, T16, T17, T18};

impl Turn<'_> {
    /// Q5, by the table PAR-12: the first row that fits. The name is optional (PAR-2): without one
    /// the default is asked for, then the user (FLW-7, FLW-9).
    pub(super) fn resolve_name(&mut self) -> Verdict {
        let scenario = self.model.scenario();
        let wants_default = self.has(LogonFlags::MAPI_USE_DEFAULT)
            && scenario.policy.default_profile == DefaultProfile::On;
        let default_wins = wants_default
            && scenario.policy.name_vs_default == NameVsDefault::Default
            && scenario.default_profile != Named::Nothing;
        let given = if default_wins { Named::Nothing } else { self.name_given() };
        let default = if wants_default { scenario.default_profile } else { Named::Nothing };
        let fails = wants_default && scenario.policy.no_default == NoDefault::Fail;
        let ui = self.model.permissions(self.client).ui_profile;
        match (given, default) {
            // T-11: a given name is used (FLW-6, PAR-12a).
            (Named::Profile(_) | Named::Unknown, _) => {
                self.takes(T11, Q7);
                self.resolved(given, Origin::Given)
            }
            // T-12: the default, whether or not that profile exists (FLW-8, PAR-12b).
            (Named::Nothing, Named::Profile(_) | Named::Unknown) => {
                self.takes(T12, Q7);
                self.resolved(default, Origin::Default)
            }
            // T-13: the user is asked (FLW-10, PAR-12c, PAR-12e).
            (Named::Nothing, Named::Nothing) if ui && !fails => self.ask_profile(),
            // T-14: no name to be had (FLW-11, PAR-12d, PAR-12f).
            (Named::Nothing, Named::Nothing) => {
                self.takes(T14, Q21);
                self.undo(Code::LogonFailed)
            }
        }
    }

    /// The name parameter; where an empty one is no NULL, it is a name that no profile has.
    fn name_given(&self) -> Named {
        let me = self.me();
        let is_name = self.model.scenario().policy.failure_codes == FailureCodes::Mapi4linux;
        match me.named {
            Named::Nothing if is_name && me.profile.is_some() => Named::Unknown,
            named @ (Named::Nothing | Named::Unknown | Named::Profile(_)) => named,
        }
    }

    fn resolved(&mut self, named: Named, origin: Origin) -> Verdict {
        let profile = match named {
            Named::Profile(profile) => Some(profile),
            Named::Unknown | Named::Nothing => None,
        };
        self.shows(Effect::Resolved { client: self.client, profile, origin });
        self.rests(Phase::Opening { profile, origin });
        Ok(())
    }

    fn ask_profile(&mut self) -> Verdict {
        self.takes(T13, Q6);
        self.displays(Dialog::Profile);
        self.rests(Phase::PickingProfile);
        Ok(())
    }

    /// Q6. The list omits profiles that are deleted or marked (PRF-11).
    pub(super) fn picking_profile(&mut self, choice: Choice) -> Verdict {
        match choice {
            Choice::Answer(answer @ Answer::Pick(profile)) => {
                let listed = self.model.scenario().listed().without(self.state.marked);
                if !listed.contains(profile) {
                    return Err(Disabled);
                }
                self.answers(answer)?;
                self.takes(T15, Q7);
                self.resolved(Named::Profile(profile), Origin::Picked)
            }
            Choice::Answer(Answer::Cancel) => {
                self.answers(Answer::Cancel)?;
                self.takes(T16, Q21);
                self.undo(Code::UserCancel)
            }
            Choice::Answer(
                Answer::Supply
                | Answer::SupplyIncomplete
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

    /// Q7.
    pub(super) fn opening(
        &mut self,
        profile: Option<ProfileId>,
        origin: Origin,
        choice: Choice,
    ) -> Verdict {
        if choice != Choice::Proceed {
            return Err(Disabled);
        }
        let scenario = self.model.scenario();
        let usable = profile.filter(|profile| {
            scenario.profiles[profile.index()].state == ProfileState::Valid
                && !self.state.marked.contains(*profile)
        });
        let reprompts = origin == Origin::Given
            && scenario.policy.bad_name_ui == BadNameUi::Reprompt
            && self.model.permissions(self.client).ui_profile;
        match usable {
            // T-17: opened and in use from here on (SES-4).
            Some(profile) => {
                self.takes(T17, Q8);
                let session = self.own_logon()?;
                let services = scenario.profiles[profile.index()].services;
                let slot = &mut self.state.sessions[session.index()];
                slot.profile = Some(profile);
                slot.services = services.without(self.state.removed);
                self.shows(Effect::ProfileOpened { session, profile });
                self.check_credentials(profile)
            }
            // AMB-27: with UI the user may choose another.
            None if reprompts => self.ask_profile(),
            // T-18: missing, marked or damaged (SES-4, PRF-13).
            None => {
                self.takes(T18, Q21);
                self.undo(match scenario.policy.failure_codes {
                    FailureCodes::Documented => Code::LogonFailed,
                    FailureCodes::Mapi4linux => Code::NotFound,
                })
            }
        }
    }
}

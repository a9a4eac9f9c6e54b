//! Properties of profiles, names and dialogs.

use crate::ids::{ProfileId, ServiceId};
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::policy::BadNameUi;
use crate::property::seen::Seen;
use crate::protocol::{Dialog, Effect, Method, Origin, Phase};
use crate::scenario::{Named, ProfileState};

/// What PAR-12 says of a call's profile name, under the default readings.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Name {
    Given(Option<ProfileId>),
    Default(Option<ProfileId>),
    Dialog,
    Error,
}

fn name_of(seen: &Seen<'_>) -> Name {
    let id = |named| match named {
        Named::Profile(profile) => Some(profile),
        Named::Unknown | Named::Nothing => None,
    };
    let default = seen.moment.model.scenario().default_profile;
    let asked = seen.flag(LogonFlags::MAPI_USE_DEFAULT);
    let given = seen.logon().unwrap_or_default().name;
    if !given.is_absent() {
        Name::Given(given.profile())
    } else if asked && default != Named::Nothing {
        Name::Default(id(default))
    } else if seen.own_permissions().ui_profile {
        Name::Dialog
    } else {
        Name::Error
    }
}

/// INV-11: a profile that is opened exists, and a session that opens has one.
pub(super) fn no_such_profile(seen: &Seen<'_>) -> bool {
    let scenario = seen.moment.model.scenario();
    let unusable = |profile: ProfileId| {
        scenario.profiles[profile.index()].state != ProfileState::Valid
            || seen.before().marked().contains(profile)
    };
    let without = |session| seen.after().session(session).profile().is_none();
    seen.effects().any(|effect| {
        matches!(effect, Effect::ProfileOpened { profile, .. } if unusable(profile))
            || matches!(effect, Effect::SessionOpened { session } if without(session))
    })
}

/// INV-12: the name given, else the default if defined [DER], else the dialog, else an error.
pub(super) fn name_out_of_order(seen: &Seen<'_>) -> bool {
    let wanted = name_of(seen);
    // A name that cannot be used leads to the dialog under one reading only (AMB-27).
    let reprompts = seen.moment.model.scenario().policy.bad_name_ui == BadNameUi::Reprompt;
    let asks_again =
        reprompts && matches!(seen.before().client(seen.client).phase(), Phase::Opening { .. });
    let (mut found, mut establishing) = (false, false);
    for effect in seen.effects() {
        establishing |= matches!(effect, Effect::Establishing { .. });
        let right = if let Effect::Resolved { profile, origin, .. } = effect {
            match origin {
                Origin::Given => wanted == Name::Given(profile),
                Origin::Default => wanted == Name::Default(profile),
                Origin::Picked => {
                    wanted == Name::Dialog || reprompts && matches!(wanted, Name::Given(_))
                }
            }
        } else if matches!(effect, Effect::Displayed { dialog: Dialog::Profile, .. }) {
            wanted == Name::Dialog || asks_again && matches!(wanted, Name::Given(_))
        } else {
            continue;
        };
        found = true;
        if !right {
            return true;
        }
    }
    establishing && !found && wanted != Name::Error
}

/// INV-13: the default profile is used on request, or because the user picked or the client named
/// it.
pub(super) fn default_unasked(seen: &Seen<'_>) -> bool {
    seen.effects().any(|effect| {
        matches!(effect, Effect::Resolved { origin: Origin::Default, .. })
            && !seen.flag(LogonFlags::MAPI_USE_DEFAULT)
    })
}

/// INV-14: no name, no default, no dialog, nothing to join: no session.
pub(super) fn session_out_of_nothing(seen: &Seen<'_>) -> bool {
    seen.logon().is_some()
        && seen.logon().is_some_and(|logon| logon.name.is_absent())
        && !seen.flag(LogonFlags::MAPI_USE_DEFAULT)
        && !seen.own_permissions().ui_profile
}

/// INV-15: each dialog needs the flag that allows its kind [DER]; that none appears where no flag
/// is set is part of it.
pub(super) fn dialog_not_allowed(seen: &Seen<'_>) -> bool {
    let may = seen.permissions();
    let confirms = match seen.method() {
        Some(Method::Logoff(flags)) => flags.contains(LogoffFlags::MAPI_LOGOFF_UI),
        Some(_) | None => false,
    };
    let allowed = |dialog| match dialog {
        Dialog::Profile => may.ui_profile,
        Dialog::Password => may.ui_pwd,
        Dialog::Configure(_) | Dialog::Provider(_) | Dialog::Failure(..) => may.ui_cfg,
        Dialog::Logoff => confirms,
    };
    seen.effects()
        .any(|effect| matches!(effect, Effect::Displayed { dialog, .. } if !allowed(dialog)))
}

/// INV-16: the user is asked for what the profile was found not to hold, in the forced round, or
/// after a failure.
pub(super) fn asked_without_need(seen: &Seen<'_>) -> bool {
    let (memory, before) = (seen.moment.memory, seen.before());
    let trial = memory.trial(seen.client);
    let failed = |service: ServiceId| {
        trial.failures > 0 && trial.task.is_some_and(|task| seen.service_of(task) == service)
    };
    let forced = |service| {
        seen.own_permissions().forced
            && seen.logon().is_some()
            && seen.progress().settled.is_empty()
            && trial.task.is_none()
            && !seen.progress().forced.contains(service)
    };
    let mut missing = None;
    for effect in seen.effects() {
        if let Effect::Sought { service, found: false, .. } = effect {
            missing = Some(service);
        }
        let Effect::Displayed { dialog, .. } = effect else {
            continue;
        };
        let needed = match dialog {
            Dialog::Configure(service) => {
                let sought = missing == Some(service) && !before.configured().contains(service);
                sought || forced(service) || failed(service)
            }
            Dialog::Provider(provider) => {
                !before.supplied().contains(provider) || !before.passwords().contains(provider)
            }
            Dialog::Profile | Dialog::Password | Dialog::Failure(..) | Dialog::Logoff => true,
        };
        if !needed {
            return true;
        }
    }
    false
}

/// INV-42: a profile goes when it is marked and no session uses it.
pub(super) fn removed_in_use(seen: &Seen<'_>) -> bool {
    let after = seen.after();
    let early = |profile| after.uses(profile) > 0 || !after.marked().contains(profile);
    seen.effects()
        .any(|effect| matches!(effect, Effect::ProfileRemoved { profile } if early(profile)))
}

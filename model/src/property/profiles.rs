//! Properties of profiles, names and dialogs.

use crate::ids::{ProfileId, ServiceId};
use crate::mapi::{LogoffFlags, LogonFlags};
use crate::property::seen::Seen;
use crate::protocol::{Dialog, Effect, Method, Origin};
use crate::scenario::{Named, ProfileState};

/// What PAR-12 says of a call's profile name, under the default readings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Given(Option<ProfileId>),
    Default(Option<ProfileId>),
    Dialog,
    Error,
}

pub(super) fn name_of(seen: &Seen<'_>) -> Name {
    let id = |named| match named {
        Named::Profile(profile) => Some(profile),
        Named::Unknown | Named::Nothing => None,
    };
    let default = seen.scenario().default_profile;
    let asked = seen.flag(LogonFlags::MAPI_USE_DEFAULT);
    let given = seen.logon().unwrap_or_default().name;
    if !given.is_absent() {
        Name::Given(given.profile())
    } else if asked && default != Named::Nothing {
        Name::Default(id(default))
    } else if seen.own_passed().ui_profile() {
        Name::Dialog
    } else {
        Name::Error
    }
}

/// INV-11: a profile that is opened exists, and a session that opens has one.
pub(super) fn no_such_profile(seen: &Seen<'_>) -> bool {
    let unusable = |profile: ProfileId| {
        seen.scenario().profiles[profile.index()].state != ProfileState::Valid
            || seen.before().marked().contains(profile)
            || seen.before().damaged().contains(profile)
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
    let (mut found, mut establishing) = (false, false);
    for effect in seen.effects() {
        establishing |= matches!(effect, Effect::Establishing { .. });
        let right = if let Effect::Resolved { profile, origin, .. } = effect {
            match origin {
                Origin::Given => wanted == Name::Given(profile),
                Origin::Default => wanted == Name::Default(profile),
                Origin::Picked => wanted == Name::Dialog,
            }
        } else if matches!(effect, Effect::Displayed { dialog: Dialog::Profile, .. }) {
            wanted == Name::Dialog
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
        && !seen.own_passed().ui_profile()
}

/// INV-15: no dialog where none is allowed; the logoff dialog has a flag of its own.
pub(super) fn dialog_not_allowed(seen: &Seen<'_>) -> bool {
    seen.passed().is_silent() && dialogs(seen).any(|dialog| dialog != Dialog::Logoff)
}

/// INV-64: each dialog needs a flag for its kind.
pub(super) fn dialog_without_flag(seen: &Seen<'_>) -> bool {
    let may = seen.passed();
    let confirms = match seen.method() {
        Some(Method::Logoff(flags)) => flags.contains(LogoffFlags::MAPI_LOGOFF_UI),
        Some(_) | None => false,
    };
    let profile = LogonFlags::MAPI_LOGON_UI;
    dialogs(seen).any(|dialog| match dialog {
        Dialog::Profile => !may.any(profile),
        Dialog::Password => !may.any(LogonFlags::MAPI_PASSWORD_UI),
        Dialog::Configure(_) | Dialog::Provider(_) | Dialog::Failure(..) => {
            !may.any(profile | LogonFlags::MAPI_SERVICE_UI_ALWAYS)
        }
        Dialog::Logoff => !confirms,
    })
}

/// INV-65: a Windows service sees no dialog of a logon, whatever its other flags.
pub(super) fn service_sees_dialog(seen: &Seen<'_>) -> bool {
    seen.passed().any(LogonFlags::MAPI_NT_SERVICE)
        && dialogs(seen).any(|dialog| dialog != Dialog::Logoff)
}

/// The dialogs that appear.
pub(super) fn dialogs(seen: &Seen<'_>) -> impl Iterator<Item = Dialog> {
    seen.effects().filter_map(|effect| {
        let Effect::Displayed { dialog, .. } = effect else {
            return None;
        };
        Some(dialog)
    })
}

/// INV-59: on a profile with a password a session is established only after it was given.
pub(super) fn not_validated(seen: &Seen<'_>) -> bool {
    let profiles = &seen.scenario().profiles;
    let needs = |profile: ProfileId| profiles[profile.index()].password;
    seen.effects().any(|effect| {
        let Effect::SessionOpened { session } = effect else {
            return false;
        };
        let profile = seen.after().session(session).profile();
        profile.is_some_and(needs) && !seen.progress().validated
    })
}

/// INV-16: the user is asked for what the profile was found not to hold, in the forced round, or
/// after a failure.
pub(super) fn asked_without_need(seen: &Seen<'_>) -> bool {
    let (memory, before) = (seen.memory(), seen.before());
    let trial = memory.trial(seen.client);
    let failed = |service: ServiceId| {
        trial.failures > 0 && trial.task.is_some_and(|task| seen.service_of(task) == service)
    };
    let forced = |service| {
        seen.own_passed().forces(&seen.scenario().policy)
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

//! Every property of SPEC 8, in its order.

use crate::property::policies::{self as on, Unless};
use crate::property::seen::{
    ATTACHED, CHOSEN, DISABLED, PROFILES, RUNNING, TRANSPORT, WAITS, CURRENT, DISPLAYED, ENTRY_POINT, ENTRY_UNASKED, ESTABLISHING, EVERY,
    FAILED_SUCCESS, INITIALIZED, JOINED, LIBRARY, LIMIT, LOGGED_ON, LOGON_FAILED, LOGON_METHOD,
    LOGON_OK, LOST, MUTEX_RELEASED, MUTEX_TAKEN, PROFILE_OPENED, PROFILE_REMOVED, PROVIDER_CALLED,
    PROVIDER_STOPPED, REPAIRED, RESOLVED, RETURNED, SECOND_FAILURE, SECOND_SUCCESS,
    SESSION_CLOSED, SESSION_OPENED, STATUS_ROW, STORE, Seen, FAILED, THIRD_TRY, UNINFORMED,
};
use crate::property::{
    Decided, Kind, Pending, Property, Test, calls, profiles, progress, providers, sessions,
    tries, witness,
};
use crate::property::calls::LOGON_ENDS;
use crate::model::Model;
use crate::observer::Memory;
use crate::state::State;

type Marks = fn(&Seen<'_>) -> bool;
type Applicable = &'static [Unless];
type Open = fn(&Model, &State, &Memory) -> bool;

const fn inv(id: &'static str, on: u64, marks: Marks, unless: Applicable) -> Property {
    let decided = Decided::Never(Test { on, marks });
    Property { id, part: "", kind: Kind::Invariant, decided, unless }
}

const fn rch(id: &'static str, on: u64, marks: Marks, unless: Applicable) -> Property {
    let decided = Decided::Sometime(Test { on, marks });
    Property { id, part: "", kind: Kind::Witness, decided, unless }
}

const fn liv(id: &'static str, open: Open, unless: Applicable) -> Property {
    let decided = Decided::Eventually(Pending(open));
    Property { id, part: "", kind: Kind::Progress, decided, unless }
}

/// A progress property that is, or is in part, decided step by step.
const fn bound(id: &'static str, on: u64, marks: Marks, unless: Applicable) -> Property {
    let decided = Decided::Never(Test { on, marks });
    Property { id, part: "", kind: Kind::Progress, decided, unless }
}

impl Property {
    const fn part(self, part: &'static str) -> Self {
        Self { part, ..self }
    }
}

const TWO_TRIES: Applicable =
    &[on::UNIT, on::CODES, on::NO_UI, on::CANCEL_DISABLES, on::CONF_FINAL];
const SECOND_FOLLOWS: Applicable = &[
    on::UNIT,
    on::CODES,
    on::NO_UI,
    on::CANCEL_DISABLES,
    on::CANCEL_ABORTS,
    on::MISSING,
    on::CONF_FINAL,
];
const HELPED: Applicable = &[on::NOBODY_HELPS, on::UNIT, on::CODES, on::CANCEL_DISABLES, on::CONF_FINAL];
const CANCELS: Applicable =
    &[on::CANCEL_ABORTS, on::CANCEL_DISABLES, on::CODES, on::DISABLE, on::DIALOGS];
const QUARANTINE: Applicable = &[on::SIBLINGS, on::DISABLE];

/// Every property of SPEC 8, in its order. The position of an entry is its bit in
/// [`Model::judge`] and [`Model::pending`].
pub const PROPERTIES: &[Property] = &[
    inv("INV-1", EVERY, calls::mutex_shared, &[on::MUTEX]),
    inv("INV-2", RETURNED, calls::times_out_unasked, &[]),
    inv("INV-3", RETURNED | INITIALIZED, calls::served_uninitialized, &[]),
    inv("INV-4", LOGON_OK, calls::new_session_is_old, &[]),
    inv("INV-5", CHOSEN, calls::joinable_passed_over, &[]),
    inv("INV-6", JOINED, sessions::join_does_more, &[]),
    inv("INV-7", ATTACHED | PROFILES, sessions::individual_shared, &[]),
    inv("INV-8", ATTACHED | PROFILES, sessions::profile_changes, &[]),
    inv("INV-9", CURRENT | ATTACHED, sessions::current_not_joinable, &[]),
    inv("INV-10", LOGON_OK, calls::pointer_not_its_own, &[]),
    inv("INV-11", PROFILE_OPENED | SESSION_OPENED, profiles::no_such_profile, &[]),
    inv(
        "INV-12",
        RESOLVED | DISPLAYED | ESTABLISHING,
        profiles::name_out_of_order,
        &[on::DEFAULT_WINS, on::DEFAULT_FAILS, on::NO_DEFAULTS, on::STRICT],
    ),
    inv("INV-13", RESOLVED, profiles::default_unasked, &[]),
    inv("INV-14", PROFILE_OPENED | SESSION_OPENED, profiles::session_out_of_nothing, &[]),
    inv("INV-15", DISPLAYED, profiles::dialog_not_allowed, &[]),
    inv("INV-16", DISPLAYED, profiles::asked_without_need, &[]),
    inv("INV-17", LOST, tries::lost_too_early, TWO_TRIES),
    inv("INV-18", THIRD_TRY, tries::shown, &[]),
    inv("INV-19", LOST, tries::lost_by_success, &[]),
    inv("INV-20", UNINFORMED, tries::shown, &[]),
    inv("INV-21", DISABLED, sessions::enabled_again, &[]),
    inv(
        "INV-22",
        PROVIDER_CALLED | PROVIDER_STOPPED | ENTRY_POINT,
        providers::disabled_called,
        &[on::SIBLINGS],
    ),
    inv("INV-23", LOST, sessions::loss_spreads, &[]),
    inv("INV-24", LOST, tries::lost_by_skip, &[]),
    inv("INV-25", FAILED_SUCCESS, tries::shown, &[on::STRICT]),
    inv("INV-26", LOST, tries::lost_unconfigured, &[on::UNIT, on::NO_UI, on::CONF_FINAL])
        .part("a first MAPI_E_UNCONFIGURED does not disable"),
    inv("INV-26", ENTRY_UNASKED, tries::shown, &[])
        .part("the entry point is called once"),
    inv("INV-27", LOGON_METHOD, providers::store_before_books, &[on::ON_OPEN]),
    inv("INV-28", TRANSPORT, providers::transport_unneeded, &[on::XP_EARLY]),
    inv("INV-29", PROVIDER_CALLED, providers::started_unconfigured, &[]),
    inv("INV-30", PROVIDER_CALLED, providers::version_disagrees, &[on::DEFERRED]),
    inv("INV-31", LOGON_ENDS, calls::half_done, &[]),
    inv("INV-32", LOGON_FAILED, calls::cancelled_by_nobody, &[on::CANCEL_ABORTS, on::DECLINE, on::DISABLE]),
    inv("INV-33", RETURNED | LIMIT, calls::limit_not_a_providers, &[]),
    inv("INV-34", CHOSEN, calls::refused_by_number, &[on::MAX_SESSIONS, on::CLASH]),
    inv("INV-35", LOGGED_ON, providers::over_cap, &[on::DEFERRED, on::CAP_SCRIPTED]),
    inv(
        "INV-36",
        RUNNING | LOGGED_ON | PROVIDER_STOPPED | SESSION_CLOSED,
        providers::logons_unbalanced,
        &[on::DEFERRED],
    ),
    inv("INV-37", PROVIDER_STOPPED, providers::released_out_of_order, &[]),
    inv("INV-38", LIBRARY | INITIALIZED, providers::libraries_unbalanced, &[on::LIBRARIES_STAY]),
    inv("INV-39", RETURNED | PROVIDER_CALLED | ENTRY_POINT, calls::used_after_logoff, &[on::LOGOFF]),
    inv("INV-40", RETURNED, sessions::individual_logoff_felt, &[]),
    inv("INV-41", ATTACHED, sessions::plain_logoff_felt, &[on::CREATOR]),
    inv("INV-42", PROFILE_REMOVED, profiles::removed_in_use, &[]),
    inv("INV-43", PROFILES, sessions::services_change, &[]),
    inv("INV-44", RETURNED, calls::no_address_book, &[]),
    inv("INV-45", STATUS_ROW, sessions::mail_in_view, &[]),
    inv("INV-46", MUTEX_TAKEN | DISPLAYED, calls::honours_both_flags, &[on::UNCHECKED]),
    inv("INV-47", SESSION_OPENED | DISABLED, sessions::pending_when_open, &[]),
    Property {
        id: "INV-48",
        part: "",
        kind: Kind::Invariant,
        decided: Decided::Elsewhere(
            "the machine is a function of state and action, so that no state can break it; \
             replaying and simulating twice show it",
        ),
        unless: &[],
    },
    rch("RCH-1", SESSION_OPENED, witness::all_enabled, &[]),
    rch("RCH-2", SESSION_OPENED, witness::some_lost, &[on::DISABLE]),
    rch("RCH-3", SECOND_SUCCESS, witness::made_good, &[]),
    rch("RCH-4", REPAIRED, |seen| witness::repaired(seen, "invalid-path"), &[])
        .part("invalid path, repaired"),
    rch("RCH-4", SECOND_FAILURE, |seen| witness::unrepaired(seen, "invalid-path"), &[])
        .part("invalid path, unrepaired"),
    rch("RCH-4", REPAIRED, |seen| witness::repaired(seen, "incompatible-version"), &[])
        .part("incompatible version, repaired"),
    rch(
        "RCH-4",
        SECOND_FAILURE,
        |seen| witness::unrepaired(seen, "incompatible-version"),
        &[],
    )
    .part("incompatible version, unrepaired"),
    rch("RCH-4", REPAIRED, |seen| witness::repaired(seen, "server-unavailable"), &[])
        .part("server unavailable, repaired"),
    rch(
        "RCH-4",
        SECOND_FAILURE,
        |seen| witness::unrepaired(seen, "server-unavailable"),
        &[],
    )
    .part("server unavailable, unrepaired"),
    rch("RCH-4", REPAIRED, |seen| witness::repaired(seen, "data-corruption"), &[])
        .part("data corruption, repaired"),
    rch("RCH-4", SECOND_FAILURE, |seen| witness::unrepaired(seen, "data-corruption"), &[])
        .part("data corruption, unrepaired"),
    rch("RCH-5", LOST, witness::lost_without_dialog, &[on::MISSING, on::DISABLE]),
    rch("RCH-6", SESSION_OPENED, witness::lost_by_cancels, CANCELS),
    rch("RCH-7", LOST, witness::lost_by_decline, &[on::DECLINE, on::DISABLE, on::DIALOGS]),
    rch("RCH-8", LOST, witness::book_quarantined, QUARANTINE),
    rch("RCH-9", LOGGED_ON, witness::logged_on_later, &[]),
    rch("RCH-10", JOINED, witness::joined_by_another_name, &[on::UNSHARED]),
    rch("RCH-11", JOINED, witness::joined_with_loss, &[on::UNSHARED, on::DISABLE]),
    rch("RCH-12", RETURNED, witness::timed_out_behind_prompt, &[on::MUTEX, on::DIALOGS]),
    rch("RCH-13", LOGON_FAILED, witness::profile_cancelled, &[on::DIALOGS]),
    rch("RCH-14", LOST, witness::limited_here_only, &[on::PROPAGATED, on::LIMIT_FAILS, on::DISABLE]),
    rch("RCH-15", SESSION_OPENED, witness::two_users, &[]),
    rch("RCH-16", SESSION_OPENED, witness::all_lost, &[on::EMPTY, on::DISABLE]),
    rch("RCH-17", SESSION_OPENED, witness::enabled_next_time, &[on::DISABLE]),
    rch("RCH-18", SESSION_CLOSED, witness::last_one_closes, &[on::FORCED_OUT, on::UNSHARED, on::LOGOFF]),
    rch("RCH-19", PROFILE_REMOVED, witness::removed_when_unused, &[]),
    rch("RCH-20", FAILED, witness::version_refused_by_provider, &[]).part("by the provider"),
    rch("RCH-20", FAILED, witness::version_refused_by_mapi, &[]).part("by MAPI"),
    rch("RCH-21", LOST, witness::transport_drags_down, &[on::DISABLE]),
    rch("RCH-22", SESSION_OPENED, witness::password_given, &[on::NO_PASSWORD, on::DIALOGS]),
    rch("RCH-23", RETURNED, witness::identity_lost, &[on::DISABLE]),
    rch("RCH-24", ESTABLISHING, witness::no_default_fails, &[on::NO_DEFAULTS, on::STRICT]).part("without UI it fails"),
    rch("RCH-24", DISPLAYED, witness::no_default_asks, &[on::DEFAULT_FAILS, on::NO_DEFAULTS, on::STRICT, on::DIALOGS])
        .part("with UI it prompts"),
    liv("LIV-1", progress::logon_under_way, &[]),
    bound("LIV-2", WAITS | MUTEX_TAKEN | MUTEX_RELEASED, progress::short_wait_stuck, &[]).part("it can leave at once"),
    liv("LIV-2", progress::short_wait, &[]).part("it leaves"),
    liv("LIV-3", progress::mutex_held, &[on::MUTEX]),
    liv("LIV-4", progress::failure_unanswered, SECOND_FOLLOWS),
    liv("LIV-5", progress::failure_without_consequence, &[on::KEEP, on::DISABLE]),
    bound("LIV-6", SESSION_OPENED, progress::turn_denied, &[on::ON_OPEN]),
    bound("LIV-7", THIRD_TRY | ENTRY_UNASKED, tries::shown, &[]),
    bound("LIV-8", RETURNED, progress::member_not_told, &[on::LOGOFF]),
    liv("LIV-9", progress::session_abandoned, &[]).part("the session closes"),
    bound("LIV-9", STORE | PROFILES, progress::marked_profile_stays, &[])
        .part("a marked profile goes"),
    liv("LIV-10", progress::logoff_under_way, &[]),
    bound("LIV-11", LOST | SECOND_FAILURE, tries::lost_in_spite_of_help, HELPED),
];

const _: () = assert!(PROPERTIES.len() <= 128, "marks are the bits of a u128");

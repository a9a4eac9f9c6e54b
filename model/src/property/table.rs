//! Every property of SPEC 8, in its order: its id, which part of it, what a step must show to be
//! tested at all, the test, and what keeps it from being asked.

use crate::machine::Model;
use crate::observe::Memory;
use crate::property::entry::{Decided, Kind, Pending, Property, Test};
use crate::property::policies::*;
use crate::property::seen::Seen;
use crate::property::set::MOST_PROPERTIES;
use crate::property::shown::*;
use crate::property::{calls, profiles, progress, providers, sessions, tries, witness};
use crate::world::Sight;

/// More of anything than LIV-7 grants.
const OVER_LIMIT: u64 = THIRD_TRY | ENTRY_UNASKED | OVER_BOUND;

type Marks = fn(&Seen<'_>) -> bool;
type Open = fn(&Model, Sight<'_>, &Memory) -> bool;
type List = &'static [Unless];
type Text = &'static str;

const fn inv(id: Text, part: Text, on: u64, marks: Marks, unless: List) -> Property {
    let decided = Decided::Never(Test { on, marks });
    Property { id, part, kind: Kind::Invariant, decided, unless }
}

const fn rch(id: Text, part: Text, on: u64, marks: Marks, unless: List) -> Property {
    let decided = Decided::Sometime(Test { on, marks });
    Property { id, part, kind: Kind::Witness, decided, unless }
}

const fn liv(id: Text, part: Text, open: Open, unless: List) -> Property {
    let decided = Decided::Eventually(Pending(open));
    Property { id, part, kind: Kind::Progress, decided, unless }
}

/// A progress property that is decided step by step, or the part of it that is.
const fn bound(id: Text, part: Text, on: u64, marks: Marks, unless: List) -> Property {
    let decided = Decided::Never(Test { on, marks });
    Property { id, part, kind: Kind::Progress, decided, unless }
}

const fn elsewhere(id: Text, part: Text, reason: Text, unless: List) -> Property {
    let decided = Decided::Elsewhere(reason);
    Property { id, part, kind: Kind::Invariant, decided, unless }
}

macro_rules! properties {
    ($($make:ident $id:literal $($part:literal)? ($($argument:expr),*)
        $(unless [$($unless:expr),*])?;)*) => {
        /// Every property of SPEC 8, in its order. The position of an entry names it in a
        /// [`PropertySet`](super::PropertySet).
        pub const PROPERTIES: &[Property] = &[
            $($make($id, concat!($($part)?), $($argument,)* &[$($($unless),*)?]),)*
        ];
    };
}

properties! {
    inv "INV-1" (EVERY, calls::mutex_shared) unless [MUTEX];
    inv "INV-2" (RETURNED, calls::times_out_unasked);
    inv "INV-3" (RETURNED | INITIALIZED, calls::served_uninitialized);
    inv "INV-4" (LOGON_OK, calls::new_session_is_old);
    inv "INV-5" (CHOSEN, calls::joinable_passed_over);
    inv "INV-6" (JOINED, sessions::join_does_more);
    inv "INV-7" (ATTACHED | PROFILES, sessions::individual_shared);
    inv "INV-8" (ATTACHED | PROFILES, sessions::profile_changes);
    inv "INV-9" (CURRENT | ATTACHED, sessions::current_not_joinable);
    inv "INV-10" (LOGON_OK, calls::pointer_not_its_own);
    inv "INV-11" (PROFILE_OPENED | SESSION_OPENED, profiles::no_such_profile);
    inv "INV-12" (RESOLVED | DISPLAYED | ESTABLISHING, profiles::name_out_of_order)
        unless [DEFAULT_WINS, DEFAULT_FAILS, NO_DEFAULTS, STRICT];
    inv "INV-13" (RESOLVED, profiles::default_unasked);
    inv "INV-14" (PROFILE_OPENED | SESSION_OPENED, profiles::session_out_of_nothing);
    inv "INV-15" (DISPLAYED, profiles::dialog_not_allowed);
    inv "INV-16" (DISPLAYED, profiles::asked_without_need);
    inv "INV-17" (LOST, tries::lost_too_early)
        unless [UNIT, CODES, NO_UI, CANCEL_DISABLES, CONF_FINAL];
    inv "INV-18" (PROVIDER_CALLED | SOUGHT | THIRD_TRY, |seen| seen.shown(THIRD_TRY));
    inv "INV-19" (LOST, tries::lost_by_success);
    inv "INV-20" (FAILED | UNINFORMED, |seen| seen.shown(UNINFORMED));
    inv "INV-21" (DISABLED, sessions::enabled_again);
    inv "INV-22" (PROVIDER_CALLED | PROVIDER_STOPPED | ENTRY_POINT, providers::disabled_called);
    inv "INV-23" (LOST, sessions::loss_spreads);
    inv "INV-24" (LOST, tries::lost_by_skip);
    inv "INV-25" (WARNED | FAILED_SUCCESS, |seen| seen.shown(FAILED_SUCCESS)) unless [STRICT];
    inv "INV-26" "a first MAPI_E_UNCONFIGURED does not disable" (LOST, tries::lost_unconfigured)
        unless [UNIT, NO_UI, CONF_FINAL];
    inv "INV-26" "the entry point is called once"
        (ENTRY_POINT | ENTRY_UNASKED, |seen| seen.shown(ENTRY_UNASKED));
    inv "INV-27" (LOGON_METHOD, providers::store_before_books) unless [ON_OPEN];
    inv "INV-28" (TRANSPORT, providers::transport_unneeded) unless [XP_EARLY];
    inv "INV-29" (PROVIDER_CALLED, providers::started_unconfigured);
    inv "INV-30" (PROVIDER_CALLED, providers::version_disagrees);
    inv "INV-31" (LOGON_OK | LOGON_FAILED, calls::half_done);
    inv "INV-32" (LOGON_FAILED, calls::cancelled_by_nobody)
        unless [CANCEL_ABORTS, DECLINE, DISABLE];
    inv "INV-33" (RETURNED | LIMIT, calls::limit_not_a_providers);
    inv "INV-34" (CHOSEN, calls::refused_by_number) unless [MAX_SESSIONS, CLASH];
    inv "INV-35" (LOGGED_ON, providers::over_cap) unless [CAP_SCRIPTED];
    inv "INV-36"
        (RUNNING | LOGGED_ON | PROVIDER_STOPPED | SESSION_CLOSED, providers::logons_unbalanced);
    inv "INV-37" "shutdown comes last" (PROVIDER_STOPPED, providers::released_out_of_order);
    inv "INV-37" "no object is left behind"
        (PROVIDER_CALLED | PROVIDER_STOPPED | RUNNING, providers::objects_unbalanced);
    inv "INV-38" (LIBRARY | INITIALIZED, providers::libraries_unbalanced) unless [LIBRARIES_STAY];
    inv "INV-39" (RETURNED | PROVIDER_CALLED | ENTRY_POINT, calls::used_after_logoff)
        unless [LOGOFF];
    inv "INV-40" (RETURNED, sessions::individual_logoff_felt);
    inv "INV-41" (ATTACHED, sessions::plain_logoff_felt) unless [CREATOR];
    inv "INV-42" (PROFILE_REMOVED, profiles::removed_in_use);
    inv "INV-43" (PROFILES, sessions::services_change);
    inv "INV-44" (RETURNED, calls::no_address_book);
    inv "INV-45" (STATUS_ROW, sessions::mail_in_view);
    inv "INV-46" (MUTEX_TAKEN | DISPLAYED, calls::honours_both_flags) unless [UNCHECKED];
    inv "INV-47" (SESSION_OPENED | DISABLED, sessions::pending_when_open);
    elsewhere "INV-48" (
        "the machine is a function of state and action, so that no state can break it; replaying \
         and simulating twice show it"
    );
    rch "RCH-1" (SESSION_OPENED, witness::all_enabled);
    rch "RCH-2" (SESSION_OPENED, witness::some_lost) unless [DISABLE];
    rch "RCH-3" (SECOND_SUCCESS, witness::made_good);
    rch "RCH-4" "invalid path, repaired"
        (REPAIRED, |seen| witness::repaired(seen, "invalid-path"));
    rch "RCH-4" "invalid path, unrepaired"
        (SECOND_FAILURE, |seen| witness::unrepaired(seen, "invalid-path"));
    rch "RCH-4" "incompatible version, repaired"
        (REPAIRED, |seen| witness::repaired(seen, "incompatible-version"));
    rch "RCH-4" "incompatible version, unrepaired"
        (SECOND_FAILURE, |seen| witness::unrepaired(seen, "incompatible-version"));
    rch "RCH-4" "server unavailable, repaired"
        (REPAIRED, |seen| witness::repaired(seen, "server-unavailable"));
    rch "RCH-4" "server unavailable, unrepaired"
        (SECOND_FAILURE, |seen| witness::unrepaired(seen, "server-unavailable"));
    rch "RCH-4" "data corruption, repaired"
        (REPAIRED, |seen| witness::repaired(seen, "data-corruption"));
    rch "RCH-4" "data corruption, unrepaired"
        (SECOND_FAILURE, |seen| witness::unrepaired(seen, "data-corruption"));
    rch "RCH-5" (LOST, witness::lost_without_dialog) unless [DISABLE];
    rch "RCH-6" (SESSION_OPENED, witness::lost_by_cancels)
        unless [CANCEL_ABORTS, CANCEL_DISABLES, CODES, DISABLE, DIALOGS];
    rch "RCH-7" (LOST, witness::lost_by_decline) unless [DISABLE, DIALOGS];
    rch "RCH-8" (LOST, witness::book_quarantined) unless [SIBLINGS, DISABLE];
    rch "RCH-9" (LOGGED_ON, witness::logged_on_later);
    rch "RCH-10" (JOINED, witness::joined_by_another_name) unless [UNSHARED];
    rch "RCH-11" (JOINED, witness::joined_with_loss) unless [UNSHARED, DISABLE];
    rch "RCH-12" (RETURNED, witness::timed_out_behind_prompt) unless [MUTEX, DIALOGS];
    rch "RCH-13" (LOGON_FAILED, witness::profile_cancelled) unless [DIALOGS];
    rch "RCH-14" (LOST, witness::limited_here_only) unless [DISABLE];
    rch "RCH-15" (SESSION_OPENED, witness::two_users);
    rch "RCH-16" (SESSION_OPENED, witness::all_lost) unless [EMPTY, DISABLE];
    rch "RCH-17" (SESSION_OPENED, witness::enabled_next_time) unless [DISABLE];
    rch "RCH-18" (SESSION_CLOSED, witness::last_one_closes) unless [FORCED_OUT, UNSHARED, LOGOFF];
    rch "RCH-19" (PROFILE_REMOVED, witness::removed_when_unused);
    rch "RCH-20" "by the provider" (FAILED, witness::version_refused_by_provider);
    rch "RCH-20" "by MAPI" (FAILED, witness::version_refused_by_mapi);
    rch "RCH-21" (LOST, witness::transport_drags_down) unless [DISABLE];
    rch "RCH-22" (SESSION_OPENED, witness::password_given) unless [NO_PASSWORD, DIALOGS];
    rch "RCH-23" (RETURNED, witness::identity_lost) unless [DISABLE];
    rch "RCH-24" "without UI it fails" (ESTABLISHING, witness::no_default_fails)
        unless [DEFAULT_FAILS, NO_DEFAULTS, STRICT];
    rch "RCH-24" "with UI it prompts" (DISPLAYED, witness::no_default_asks)
        unless [DEFAULT_FAILS, NO_DEFAULTS, STRICT, DIALOGS];
    liv "LIV-1" (progress::logon_under_way);
    bound "LIV-2" "it can leave at once"
        (WAITS | MUTEX_TAKEN | MUTEX_RELEASED, progress::short_wait_stuck);
    liv "LIV-2" "it leaves" (progress::short_wait);
    liv "LIV-3" (progress::mutex_held) unless [MUTEX];
    liv "LIV-4" (progress::failure_unanswered)
        unless [UNIT, CODES, NO_UI, CANCEL_DISABLES, CANCEL_ABORTS, MISSING, CONF_FINAL];
    liv "LIV-5" (progress::failure_without_consequence) unless [KEEP, DISABLE];
    bound "LIV-6" (SESSION_OPENED, progress::turn_denied) unless [ON_OPEN];
    bound "LIV-7"
        (PROVIDER_CALLED | SOUGHT | ENTRY_POINT | OVER_LIMIT, |seen| seen.shown(OVER_LIMIT));
    bound "LIV-8" (RETURNED, progress::member_not_told) unless [LOGOFF];
    liv "LIV-9" "the session closes" (progress::session_abandoned);
    bound "LIV-9" "a marked profile goes" (STORE | PROFILES, progress::marked_profile_stays);
    liv "LIV-10" (progress::logoff_under_way);
    bound "LIV-11" (LOST | FAILED | SECOND_FAILURE, tries::lost_in_spite_of_help)
        unless [NOBODY_HELPS, UNIT, CODES, CANCEL_DISABLES, CONF_FINAL];
}

const _: () = assert!(PROPERTIES.len() <= MOST_PROPERTIES);

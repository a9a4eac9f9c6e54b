//! Every property of SPEC 8, in its order: its id, which part of it, what a step must show to be
//! tested at all, its antecedent, and the test.

use crate::machine::Model;
use crate::observe::Recall;
use crate::property::entry::{Decided, Kind, Needs, Pending, Property, Test};
use crate::property::seen::Seen;
use crate::property::set::MOST_PROPERTIES;
use crate::property::shown::*;
use crate::property::{
    calls, causes, facts, occurs, profiles, progress, providers, replies, sessions, tries, witness,
};
use crate::world::Sight;

/// More of anything than LIV-7 grants.
const OVER_LIMIT: u64 = THIRD_TRY | ENTRY_UNASKED | OVER_BOUND;

/// A fact changes, or an effect says so.
const FACTS: u64 = STORE
    | COUNTED
    | INITIALIZED
    | LIBRARY
    | RUNNING
    | PROFILES
    | PROFILE_OPENED
    | PROFILE_MARKED
    | NOTED
    | REGISTERED;

type Marks = fn(&Seen<'_>) -> bool;
type Open = fn(&Model, Sight<'_>, Recall<'_>) -> bool;
type Text = &'static str;
type On = (u64, u64, Option<Marks>);

const NEEDS_NOTHING: Option<Needs> = None;

/// Steps that show one of these can be marked, and put the property to the test.
const fn on(shown: u64) -> On {
    (shown, shown, None)
}

/// Steps that show one of the first can be marked; those that show one of the second put it to the
/// test.
const fn among(marked: u64, tested: u64) -> On {
    (marked, tested, None)
}

/// As [`among`], and the second only where that holds.
const fn if_so(marked: u64, tested: u64, holds: Marks) -> On {
    (marked, tested, Some(holds))
}

const fn test((on, tested_on, holds): On, marks: Marks) -> Test {
    Test { on, tested_on, holds, marks }
}

const fn inv(id: Text, part: Text, on: On, marks: Marks, needs: Option<Needs>) -> Property {
    let decided = Decided::Never(test(on, marks));
    Property { id, part, kind: Kind::Invariant, decided, obligation: None, needs }
}

const fn rch(id: Text, part: Text, on: u64, marks: Marks, needs: Option<Needs>) -> Property {
    let decided = Decided::Sometime(test(among(on, 0), marks));
    Property { id, part, kind: Kind::Witness, decided, obligation: None, needs }
}

const fn liv(id: Text, part: Text, open: Open, needs: Option<Needs>) -> Property {
    let decided = Decided::Eventually(Pending(open));
    let obligation = Some(Pending(open));
    Property { id, part, kind: Kind::Progress, decided, obligation, needs }
}

/// A progress property that is decided step by step, or the part of it that is.
const fn bound(
    id: Text,
    part: Text,
    (on, open): (u64, Open),
    marks: Marks,
    needs: Option<Needs>,
) -> Property {
    let decided = Decided::Never(test(among(on, 0), marks));
    let obligation = Some(Pending(open));
    Property { id, part, kind: Kind::Progress, decided, obligation, needs }
}

const fn elsewhere(id: Text, part: Text, reason: Text, needs: Option<Needs>) -> Property {
    let decided = Decided::Elsewhere(reason);
    Property { id, part, kind: Kind::Invariant, decided, obligation: None, needs }
}

macro_rules! properties {
    ($($make:ident $id:literal $($part:literal)? ($($argument:expr),*)
        $(needs $needs:ident)?;)*) => {
        /// Every property of SPEC 8, in its order. The position of an entry names it in a
        /// [`PropertySet`](super::PropertySet).
        pub const PROPERTIES: &[Property] = &[
            $($make(
                $id,
                concat!($($part)?),
                $($argument,)*
                properties!(needed $($needs)?),
            ),)*
        ];
    };
    (needed) => { NEEDS_NOTHING };
    (needed $needs:ident) => { Some(Needs::$needs) };
}

properties! {
    inv "INV-1" (if_so(EVERY, EVERY, occurs::logon_past_q3), calls::mutex_shared);
    inv "INV-2" (if_so(RETURNED, LOGON_FAILED, occurs::timed_out), calls::times_out_unasked);
    inv "INV-3"
        (if_so(RETURNED, CALLED, calls::calls_uninitialized), calls::served_uninitialized);
    inv "INV-4" (if_so(LOGON_OK, LOGON_OK, occurs::new_beside_old), calls::new_session_is_old);
    inv "INV-5" (if_so(CHOSEN, CHOSEN, occurs::could_join), calls::joinable_passed_over);
    inv "INV-6" (on(JOINED), sessions::join_does_more);
    inv "INV-7"
        (if_so(ATTACHED | PROFILES, CHOSEN, occurs::beside_individual),
         sessions::individual_shared);
    inv "INV-8"
        (if_so(ATTACHED | PROFILES, JOINED, occurs::joined_by_name), sessions::profile_changes);
    inv "INV-9" (among(ATTACHED | CURRENT, CURRENT), sessions::current_not_joinable);
    inv "INV-10" (if_so(LOGON_OK, LOGON_OK, occurs::logged_on_again), calls::pointer_not_its_own);
    inv "INV-11"
        (among(PROFILE_OPENED | SESSION_OPENED, SESSION_OPENED), profiles::no_such_profile);
    inv "INV-12"
        (among(RESOLVED | DISPLAYED | ESTABLISHING, ESTABLISHING), profiles::name_out_of_order);
    inv "INV-13"
        (if_so(RESOLVED, ESTABLISHING, occurs::default_unwanted), profiles::default_unasked);
    inv "INV-14"
        (if_so(PROFILE_OPENED | SESSION_OPENED, ESTABLISHING, occurs::nothing_to_go_by),
         profiles::session_out_of_nothing);
    inv "INV-15"
        (if_so(DISPLAYED, ESTABLISHING | SOUGHT | PROFILE_OPENED | FAILED | PROVIDER_CALLED,
          occurs::wanting_in_silence),
         profiles::dialog_not_allowed);
    inv "INV-16" (if_so(DISPLAYED, DISPLAYED, occurs::asks_for_data), profiles::asked_without_need);
    inv "INV-17" (on(LOST), tries::lost_too_early);
    inv "INV-18" (among(THIRD_TRY, SECOND_FAILURE), |seen| seen.shown(THIRD_TRY));
    inv "INV-19" (among(LOST, SECOND_SUCCESS), tries::lost_by_success);
    inv "INV-20" (among(UNINFORMED, FURTHER), |seen| seen.shown(UNINFORMED));
    inv "INV-21"
        (if_so(DISABLED, CALLED | RETURNED | PROVIDER_CALLED | ATTACHED, occurs::in_lost_session),
         sessions::enabled_again);
    inv "INV-22"
        (if_so(PROVIDER_CALLED | PROVIDER_STOPPED | ENTRY_POINT,
          CALLED | PROVIDER_CALLED | SESSION_OPENED, occurs::disabled_passed),
         providers::disabled_called);
    inv "INV-23" (on(LOST), sessions::loss_spreads);
    inv "INV-24" (among(LOST, SKIPPED), tries::lost_by_skip);
    inv "INV-25" (among(FAILED_SUCCESS, WARNED), |seen| seen.shown(FAILED_SUCCESS));
    inv "INV-26" "a first MAPI_E_UNCONFIGURED does not disable"
        (if_so(LOST, FAILED, occurs::first_is_unconfigured), tries::lost_unconfigured);
    inv "INV-26" "the entry point is called once"
        (among(ENTRY_UNASKED, ENTRY_POINT), |seen| seen.shown(ENTRY_UNASKED));
    inv "INV-27"
        (if_so(LOGON_METHOD, PROVIDER_CALLED, occurs::store_beside_books),
         providers::store_before_books);
    inv "INV-28"
        (if_so(TRANSPORT, TRANSPORT, occurs::transport_started), providers::transport_unneeded);
    inv "INV-29"
        (if_so(PROVIDER_CALLED, PROVIDER_CALLED, occurs::started_in_logon),
         providers::started_unconfigured);
    inv "INV-30"
        (if_so(PROVIDER_CALLED, PROVIDER_CALLED, occurs::other_version_tried),
         providers::version_disagrees);
    inv "INV-31" (on(LOGON_OK | LOGON_FAILED), calls::half_done);
    inv "INV-32" (if_so(LOGON_FAILED, LOGON_FAILED, occurs::cancelled), calls::cancelled_by_nobody);
    inv "INV-33"
        (if_so(RETURNED | LIMIT, RETURNED | LIMIT, occurs::limited), calls::limit_not_a_providers);
    inv "INV-34" (if_so(CHOSEN, CHOSEN, occurs::chosen_beside_others), calls::refused_by_number);
    inv "INV-35" (if_so(LOGGED_ON, PROVIDER_CALLED, occurs::tried_when_full), providers::over_cap);
    inv "INV-36"
        (if_so(RUNNING | LOGGED_ON | PROVIDER_STOPPED | SESSION_CLOSED, SESSION_CLOSED,
          occurs::closed_with_logons),
         providers::logons_unbalanced);
    inv "INV-37" "shutdown comes last"
        (if_so(PROVIDER_STOPPED, PROVIDER_STOPPED, occurs::object_ends),
         providers::released_out_of_order);
    inv "INV-37" "no object is left behind"
        (among(PROVIDER_CALLED | PROVIDER_STOPPED | LEFT_FAILED | RUNNING, PROVIDER_STOPPED),
         providers::objects_unbalanced);
    inv "INV-38"
        (if_so(LIBRARY | COUNTED, LIBRARY, occurs::library_freed), providers::libraries_unbalanced)
        needs UNINITIALIZE;
    inv "INV-39"
        (if_so(RETURNED | PROVIDER_CALLED | ENTRY_POINT, CALLED, occurs::called_after_logoff),
         calls::used_after_logoff);
    inv "INV-40"
        (if_so(RETURNED, RETURNED, occurs::individual_told), sessions::individual_logoff_felt);
    inv "INV-41"
        (if_so(ATTACHED, ATTACHED, occurs::plain_beside_others), sessions::plain_logoff_felt);
    inv "INV-42"
        (if_so(PROFILE_REMOVED, PROFILE_MARKED, occurs::marked_in_use), profiles::removed_in_use);
    inv "INV-43" (if_so(PROFILES, STORE, occurs::open_profile_changed), sessions::services_change);
    inv "INV-44" (if_so(RETURNED, RETURNED, occurs::book_missing), calls::no_address_book);
    inv "INV-45" (if_so(STATUS_ROW, STATUS_ROW, occurs::view_without_mail), sessions::mail_in_view);
    inv "INV-46"
        (if_so(MUTEX_TAKEN | DISPLAYED, CALLED, occurs::both_flags),
         calls::honours_both_flags);
    inv "INV-47"
        (if_so(SESSION_OPENED | DISABLED, SESSION_OPENED, occurs::opened_with_services),
         sessions::pending_when_open);
    elsewhere "INV-48" (
        "the machine is a function of state and action, so that no state can break it; replaying \
         and simulating twice show it"
    );
    inv "INV-49" (among(PASSED_OVER, LEFT_FAILED), |seen| seen.shown(PASSED_OVER));
    inv "INV-50" (among(UNSETTLED, FINAL), |seen| seen.shown(UNSETTLED));
    inv "INV-51" (if_so(RETURNED, RETURNED, occurs::store_replies), replies::store_answer_wrong);
    inv "INV-52" (if_so(RETURNED, RETURNED, occurs::books_reply), replies::books_answer_wrong);
    inv "INV-53"
        (if_so(RETURNED, RETURNED, occurs::identity_replies), replies::identity_answer_wrong);
    inv "INV-54" (if_so(RETURNED, RETURNED, occurs::table_replies), replies::table_wrong);
    inv "INV-55"
        (if_so(RETURNED | DISPLAYED, RETURNED, occurs::logoff_refused), sessions::refusal_felt);
    inv "INV-56" (if_so(RETURNED, RETURNED, occurs::logoff_done), sessions::other_than_one_ended);
    inv "INV-57" (if_so(RETURNED | COUNTED, RETURNED, occurs::counted), calls::count_wrong);
    inv "INV-58" (on(LOGON_OK | LOGON_FAILED), calls::result_unlisted);
    inv "INV-59"
        (if_so(SESSION_OPENED, PROFILE_OPENED, occurs::password_profile), profiles::not_validated);
    inv "INV-60"
        (if_so(LOGGED_ON, PROVIDER_CALLED | DISPLAYED, occurs::is_unready),
         providers::logs_on_unready);
    inv "INV-61"
        (if_so(LOGON_OK, FINAL | CRIPPLED, occurs::critical_fails), calls::succeeds_crippled);
    inv "INV-62" (if_so(SESSION_OPENED, CHOSEN, occurs::chosen_when_full), sessions::too_many_open);
    inv "INV-63" (if_so(FAILED, FAILED, occurs::failed_by_fault), tries::fault_with_another_code);
    inv "INV-64" (on(DISPLAYED), profiles::dialog_without_flag);
    inv "INV-65" (if_so(DISPLAYED, CHOSEN, occurs::service_asks), profiles::service_sees_dialog);
    inv "INV-66" (on(JOINED), sessions::joined_uninvited);
    inv "INV-101" (on(LOGON), causes::fails_without_cause);
    inv "INV-102"
        (if_so(RETURNED, RETURNED, causes::answer_is_due), causes::answers_without_cause);
    inv "INV-103" (among(ENDED | RETURNED, RETURNED), causes::returns_other_than_once);
    inv "INV-104" (on(FACTS), facts::effects_belie_facts);
    inv "INV-105" (on(ASKS), facts::waits_without_dialog);
    inv "INV-106" (on(SPOOLER | SESSION_OPENED), facts::spooler_misinformed);
    inv "INV-107" (on(FAILED), causes::fails_with_another_code);
    inv "INV-108"
        (if_so(ENTRY_POINT | ENTRY_PASSED, ENTRY_POINT, occurs::entry_point_ended),
         causes::entry_point_without_try);
    inv "INV-109" (if_so(RETURNED, STATUS_ROW, occurs::table_replies), facts::status_rows_wrong);
    inv "INV-110" (among(PROVIDER_STOPPED, SESSION_CLOSED), facts::logged_off_out_of_order);
    inv "INV-111"
        (if_so(PROVIDER_STOPPED, CALLED, occurs::opens_what_is_open), facts::reopens);
    inv "INV-112" (if_so(CALLED, CALLED, occurs::calls_beside_others), facts::calls_overlap);
    inv "INV-113" (among(LEFT_OPEN, PROVIDER_CALLED | SOUGHT), |seen| seen.shown(LEFT_OPEN));
    inv "INV-114" (on(SESSION_OPENED), progress::opens_without_turns);
    inv "INV-115" (if_so(RETURNED, RETURNED, occurs::identity_replies), replies::identity_unnamed);
    inv "INV-116"
        (if_so(TRANSPORT, TRANSPORT, occurs::transport_started), facts::transport_unheard);
    inv "INV-117" (on(REPAIRED), tries::repaired_by_nobody);
    rch "RCH-1" (SESSION_OPENED, witness::all_enabled);
    rch "RCH-2" (SESSION_OPENED, witness::some_lost);
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
    rch "RCH-5" (LOST, witness::lost_without_dialog);
    rch "RCH-6" (SESSION_OPENED, witness::lost_by_cancels);
    rch "RCH-7" (LOST, witness::lost_by_decline);
    rch "RCH-8" (LOST, witness::book_quarantined);
    rch "RCH-9" (LOGGED_ON, witness::logged_on_later);
    rch "RCH-10" (JOINED, witness::joined_by_another_name);
    rch "RCH-11" (JOINED, witness::joined_with_loss);
    rch "RCH-12" (RETURNED, witness::timed_out_behind_prompt);
    rch "RCH-13" (LOGON_FAILED, witness::profile_cancelled);
    rch "RCH-14" (LOST, witness::limited_here_only);
    rch "RCH-15" (SESSION_OPENED, witness::two_users);
    rch "RCH-16" (SESSION_OPENED, witness::all_lost);
    rch "RCH-17" (SESSION_OPENED, witness::enabled_next_time);
    rch "RCH-18" (SESSION_CLOSED, witness::last_one_closes);
    rch "RCH-19" (PROFILE_REMOVED, witness::removed_when_unused);
    rch "RCH-20" "by the provider" (FAILED, witness::version_refused_by_provider);
    rch "RCH-20" "by MAPI" (FAILED, witness::version_refused_by_mapi);
    rch "RCH-21" (LOST, witness::transport_drags_down);
    rch "RCH-22" (SESSION_OPENED, witness::password_given) needs PASSWORD;
    rch "RCH-23" (RETURNED, witness::identity_lost);
    rch "RCH-24" "without UI it fails" (ESTABLISHING, witness::no_default_fails);
    rch "RCH-24" "with UI it prompts" (DISPLAYED, witness::no_default_asks);
    liv "LIV-1" (progress::logon_under_way);
    bound "LIV-2" "it can leave at once"
        ((WAITS | MUTEX_TAKEN | MUTEX_RELEASED, progress::short_wait), progress::short_wait_stuck);
    liv "LIV-2" "it leaves" (progress::short_wait);
    liv "LIV-3" (progress::mutex_held);
    liv "LIV-4" (progress::failure_unanswered);
    liv "LIV-5" (progress::failure_without_consequence);
    bound "LIV-6" ((SESSION_OPENED, progress::turn_due), progress::turn_denied);
    bound "LIV-7" ((OVER_LIMIT, progress::task_at_hand), |seen| seen.shown(OVER_LIMIT));
    bound "LIV-8" ((RETURNED, progress::member_to_tell), progress::member_not_told);
    liv "LIV-9" "the session closes" (progress::session_abandoned);
    bound "LIV-9" "a marked profile goes"
        ((STORE | PROFILES, progress::marked_in_use), progress::marked_profile_stays);
    liv "LIV-10" (progress::logoff_under_way);
    bound "LIV-11"
        ((LOST | SECOND_FAILURE, progress::help_due), tries::lost_in_spite_of_help)
        needs HELP;
}

const _: () = assert!(PROPERTIES.len() <= MOST_PROPERTIES);

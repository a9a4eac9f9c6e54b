//! What a call on a session that is held must answer, by what runs in it when it returns.

use crate::ids::{ProviderId, ProviderSet, ServiceSet};
use crate::mapi::{Code, ProviderKind};
use crate::observe::{is_strict, succeeds};
use crate::property::seen::Seen;
use crate::property::shown::{ENTRY_POINT, PROVIDER_CALLED, PROVIDER_STOPPED};
use crate::protocol::{Effect, Method};
use crate::world::Session;

/// The services whose providers a session reaches: those of its profile, and foreign stores
/// (PRV-60).
fn reached(seen: &Seen<'_>, session: &Session) -> ServiceSet {
    session.services().or(seen.scenario().foreign())
}

/// The providers of a session that are logged on, their services enabled.
fn at_work(seen: &Seen<'_>, session: &Session) -> ProviderSet {
    let enabled = reached(seen, session).without(session.disabled());
    session.running().and(seen.moment.model.providers_of(enabled))
}

const CALLS: u64 = PROVIDER_CALLED | PROVIDER_STOPPED | ENTRY_POINT;

/// The store that `OpenMsgStore` opens.
fn store(seen: &Seen<'_>) -> Option<ProviderId> {
    match seen.method() {
        Some(Method::OpenMsgStore(provider)) => Some(provider),
        Some(_) | None => None,
    }
}

/// INV-51.
pub(super) fn store_answer_wrong(seen: &Seen<'_>) -> bool {
    let reply = seen.reply(|method| matches!(method, Method::OpenMsgStore(_)));
    let (Some((session, code)), Some(provider)) = (reply, store(seen)) else {
        return false;
    };
    let definition = &seen.scenario().providers[provider.index()];
    let (old, new) = (seen.before().session(session), seen.after().session(session));
    let success = succeeds(code, is_strict(seen.scenario()));
    let known = definition.kind == ProviderKind::MessageStore
        && reached(seen, old).contains(definition.service);
    let is_open = known && at_work(seen, new).contains(provider);
    if success || is_open {
        return success != is_open;
    }
    let at_once = seen.begins() && !seen.shown(CALLS);
    let trial = seen.memory().trial(seen.client);
    let skips = |effect| {
        matches!(effect, Effect::Provider { provider: one, result: Code::FailOneProvider, .. }
            if one == provider)
    };
    if !known {
        !at_once || code != Code::NotFound
    } else if seen.begins() && old.disabled().contains(definition.service) {
        !at_once || code != Code::LogonFailed
    } else if trial.skipped || seen.effects().any(skips) {
        code != Code::FailOneProvider
    } else {
        Some(code) != seen.failed.map(|(_, code)| code).or(trial.code)
    }
}

/// INV-52.
pub(super) fn books_answer_wrong(seen: &Seen<'_>) -> bool {
    let Some((session, code)) = seen.reply(|method| method == Method::OpenAddressBook) else {
        return false;
    };
    let slot = seen.after().session(session);
    let books = seen.moment.model.providers_of(slot.services());
    let books = books.and(seen.moment.model.kind(ProviderKind::AddressBook));
    let all = books.without(at_work(seen, slot)).is_empty();
    code.is_success() && code != if all { Code::Ok } else { Code::ErrorsReturned }
}

/// The first provider logged on of an enabled identity service, in profile order.
fn identity_supplier(seen: &Seen<'_>, slot: &Session) -> Option<ProviderId> {
    let mut enabled = slot.services().without(slot.disabled());
    enabled.find_map(|service| {
        let definition = &seen.scenario().services[service.index()];
        definition.providers.and(slot.running()).first().filter(|_| definition.identity)
    })
}

/// INV-53.
pub(super) fn identity_answer_wrong(seen: &Seen<'_>) -> bool {
    let Some((session, code)) = seen.reply(|method| method == Method::QueryIdentity) else {
        return false;
    };
    let supplied = identity_supplier(seen, seen.after().session(session)).is_some();
    code != if supplied { Code::Ok } else { Code::NoService } || seen.shown(CALLS)
}

/// INV-115: `QueryIdentity` names the provider that supplies the identity.
pub(super) fn identity_unnamed(seen: &Seen<'_>) -> bool {
    let Some((session, _)) = seen.reply(|method| method == Method::QueryIdentity) else {
        return false;
    };
    let provider = identity_supplier(seen, seen.after().session(session));
    let named = seen.effects().filter(|effect| matches!(effect, Effect::Identity { .. }));
    !named.eq([Effect::Identity { session, provider }])
}

/// INV-54.
pub(super) fn table_wrong(seen: &Seen<'_>) -> bool {
    if let Some((_, code)) = seen.reply(|method| method == Method::GetStatusTable) {
        return code != Code::Ok;
    }
    let Some((session, code)) = seen.reply(|method| method == Method::GetMsgStoresTable) else {
        return false;
    };
    let slot = seen.after().session(session);
    let enabled = slot.services().without(slot.disabled());
    let stores = seen.moment.model.providers_of(enabled);
    let stores = stores.and(seen.moment.model.kind(ProviderKind::MessageStore));
    let shown = seen.effects().filter_map(|effect| {
        let Effect::StoreRow { provider, .. } = effect else {
            return None;
        };
        Some(provider)
    });
    code != Code::Ok || seen.shown(CALLS) || !shown.eq(stores)
}

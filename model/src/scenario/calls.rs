//! Calls as scenarios and recordings write them: a method, and what it acts on after a colon.

use crate::mapi::LogoffFlags;
use crate::protocol::{CALL_NAMES, Call, Method};
use crate::scenario::parts::Scenario;
use crate::suggest::{admissible, quoted, unknown};

/// Method and target of a call as written: what stands before and after the first colon.
#[must_use]
pub fn split_call(written: &str) -> (&str, Option<&str>) {
    written.split_once(':').map_or((written, None), |(method, target)| (method, Some(target)))
}

impl Scenario {
    /// The call that is written so; nothing for `MAPILogonEx`, which is numbered where it is made.
    ///
    /// # Errors
    /// One sentence where there is no such method, or not what it acts on.
    pub fn call(&self, written: &str) -> Result<Option<Call>, String> {
        let (method, target) = split_call(written);
        let named = |what| {
            let missing = || format!("`{method}` needs a {what} after a colon: `{method}:NAME`");
            target.ok_or_else(missing)
        };
        let call = match method {
            "Logoff" => return logoff_flags(target).map(|flags| on_session(Method::Logoff(flags))),
            "OpenMsgStore" => {
                let names = self.providers.iter().map(|provider| &*provider.name);
                let place = position("provider", named("provider")?, names)?;
                return Ok(on_session(Method::OpenMsgStore(place.into())));
            }
            "DeleteProfile" => {
                let names = self.profiles.iter().map(|profile| &*profile.name);
                let place = position("profile", named("profile")?, names)?;
                return Ok(Some(Call::DeleteProfile(place.into())));
            }
            "RemoveService" => {
                // That of a foreign store is behind those of the profiles.
                let services = self.services.iter().filter(|service| service.profile.is_some());
                let names = services.map(|service| &*service.name);
                let place = position("service", named("service")?, names)?;
                return Ok(on_session(Method::RemoveService(place.into())));
            }
            "MAPILogonEx" => None,
            "MAPIInitialize" => Some(Call::Initialize),
            "MAPIUninitialize" => Some(Call::Uninitialize),
            "Release" => on_session(Method::Release),
            "OpenAddressBook" => on_session(Method::OpenAddressBook),
            "GetStatusTable" => on_session(Method::GetStatusTable),
            "GetMsgStoresTable" => on_session(Method::GetMsgStoresTable),
            "QueryIdentity" => on_session(Method::QueryIdentity),
            _ => return Err(unknown("call", method, CALL_NAMES)),
        };
        match target {
            None => Ok(call),
            Some(_) => Err(format!("`{method}` takes nothing after a colon")),
        }
    }
}

const fn on_session(method: Method) -> Option<Call> {
    Some(Call::OnSession(None, method))
}

fn logoff_flags(target: Option<&str>) -> Result<LogoffFlags, String> {
    let mut flags = LogoffFlags::empty();
    for word in target.into_iter().flat_map(|target| target.split('|')) {
        let known = || LogoffFlags::all().iter_names().map(|(name, _)| name);
        let flag = LogoffFlags::from_name(word);
        let flag = flag.ok_or_else(|| unknown("logoff flag", word, known()))?;
        if flags.contains(flag) {
            return Err(format!("logoff flag `{word}` is given twice"));
        }
        flags |= flag;
    }
    Ok(flags)
}

/// The position of the thing that has this name.
pub(super) fn position<'n>(
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'n str>,
) -> Result<usize, String> {
    let names: Vec<_> = names.collect();
    let place = names.iter().position(|known| *known == name);
    place.ok_or_else(|| {
        let choice = admissible(name, &names);
        format!("the file has no {what} {}; {choice}", quoted(name))
    })
}

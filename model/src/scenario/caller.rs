//! A client: its calls, and the parameters with which it may log on.

use crate::mapi::LogonFlags;
use crate::policy::Policy;
use crate::protocol::{Call, Logon, NameParameter};
use crate::scenario::parts::Named;
use crate::scenario::permissions::Permissions;

/// A client. Its parameters and flags decide how its session is made (PAR-1, FLW-0).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// The profile name parameters it may pass, one for each call; one of them at least.
    pub names: Vec<Name>,
    /// The file gives them as a table.
    pub any_name: bool,
    /// A password is passed (PAR-6).
    pub password: bool,
    /// The flags that all its logon calls have.
    pub flags: LogonFlags,
    /// The flags that each of its logon calls may have besides; given only where the file has a
    /// table.
    pub any_flags: Option<LogonFlags>,
    /// Its calls, in order; the parameters of a logon are those that all its logons have.
    pub calls: Vec<Call>,
    /// Its calls as the file writes them, one for each of `calls`; [`super::split_call`] takes one
    /// apart.
    pub written: Vec<String>,
    /// Does it list `MAPIInitialize` or `MAPIUninitialize` itself?
    pub initializes: bool,
    /// Has it initialised MAPI before the run begins? What came before a recording is unknown
    /// (INI-1); nothing comes before a scenario.
    pub initialized: bool,
    /// How likely an arrival of a load is this client, relative to the others.
    pub weight: u32,
}

/// A profile name parameter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Name {
    /// As written; absent for NULL.
    pub written: Option<String>,
    /// Resolved.
    pub named: Named,
    /// It is longer than 64 characters (PAR-5).
    pub too_long: bool,
}

impl Name {
    /// The parameter as the machine sees it.
    #[must_use]
    pub const fn parameter(&self) -> NameParameter {
        match (&self.written, self.named) {
            (None, _) => NameParameter::Null,
            (Some(_), Named::Nothing) => NameParameter::Empty,
            (Some(_), Named::Unknown) => {
                NameParameter::Name { profile: None, too_long: self.too_long }
            }
            (Some(_), Named::Profile(profile)) => {
                NameParameter::Name { profile: Some(profile), too_long: self.too_long }
            }
        }
    }
}

impl Client {
    /// Gives all its logon calls these flags.
    pub fn set_flags(&mut self, flags: LogonFlags) {
        (self.flags, self.any_flags) = (flags, self.any_flags.map(|any| any - flags));
        for call in &mut self.calls {
            if let Call::LogonEx(logon) = call {
                logon.flags = flags;
            }
        }
    }
    /// How many `MAPILogonEx` calls it lists.
    #[must_use]
    pub fn logons(&self) -> usize {
        self.calls.iter().filter(|call| call.logon().is_some()).count()
    }
    /// Are the parameters of its logon calls chosen anew for each of them?
    #[must_use]
    pub const fn is_any_caller(&self) -> bool {
        self.any_name || self.any_flags.is_some()
    }
    /// The one profile name parameter that it passes, if it has no choice.
    #[must_use]
    pub fn only_name(&self) -> Option<&Name> {
        self.names.first().filter(|_| self.names.len() == 1)
    }
    /// The flags that a logon may have and need not have.
    #[must_use]
    pub fn choice_of_flags(&self) -> LogonFlags {
        self.any_flags.unwrap_or_default() - self.flags
    }
    /// Can a logon of it have the flag?
    #[must_use]
    pub fn may_set(&self, flag: LogonFlags) -> bool {
        (self.flags | self.choice_of_flags()).contains(flag)
    }
    /// Is this so of some choice of its flags?
    #[must_use]
    pub fn may_pass(&self, wanted: impl Fn(LogonFlags) -> bool) -> bool {
        subsets(self.choice_of_flags()).any(|chosen| wanted(self.flags | chosen))
    }
    /// Does some choice of its flags permit this?
    #[must_use]
    pub fn may(&self, policy: &Policy, wanted: impl Fn(Permissions) -> bool) -> bool {
        self.may_pass(|flags| wanted(Permissions::of(flags, policy)))
    }
    /// The parameters of its logon calls, with the pointer kept in this slot: those of a client
    /// that chooses none, and what the choices of others begin with.
    #[must_use]
    pub fn logon(&self, slot: u8) -> Logon {
        let name = self.only_name().map(Name::parameter).unwrap_or_default();
        Logon { slot, name, password: self.password, flags: self.flags }
    }

    /// Every choice of parameters for this logon of its list; names that mean the same are one.
    pub fn choices(&self, listed: Logon) -> impl Iterator<Item = Logon> + '_ {
        let flags = subsets(self.choice_of_flags());
        flags.flat_map(move |chosen| {
            let names = (0..self.names.len()).filter(|at| self.number_of(*at) == *at);
            names.map(move |at| Logon {
                name: self.names[at].parameter(),
                flags: self.flags | chosen,
                ..listed
            })
        })
    }
    /// The number of a choice among all of this client.
    #[must_use]
    pub fn number(&self, logon: &Logon) -> u32 {
        let name = self.names.iter().position(|name| name.parameter() == logon.name);
        let name = u32::try_from(name.unwrap_or_default()).unwrap_or_default();
        let flags = self.choice_of_flags();
        flags
            .iter()
            .fold(name, |number, flag| (number << 1) | u32::from(logon.flags.contains(flag)))
    }
    /// The position of the first name that means the same as that at `at`.
    fn number_of(&self, at: usize) -> usize {
        let wanted = self.names[at].parameter();
        self.names.iter().position(|name| name.parameter() == wanted).unwrap_or(at)
    }
    /// The names that a logon with this parameter may have passed.
    pub fn passed(&self, name: NameParameter) -> impl Iterator<Item = Option<&str>> {
        let same = self.names.iter().filter(move |one| one.parameter() == name);
        same.map(|one| one.written.as_deref())
    }
    /// One choice of parameters for this logon of its list; `below` draws a number below another.
    #[must_use]
    pub fn draw(&self, listed: Logon, mut below: impl FnMut(u64) -> u64) -> Logon {
        if !self.is_any_caller() {
            return listed;
        }
        let mut logon = listed;
        for flag in self.choice_of_flags().iter() {
            logon.flags.set(flag, below(2) == 1);
        }
        let at = usize::try_from(below(self.names.len() as u64)).unwrap_or_default();
        logon.name = self.names.get(at).map(Name::parameter).unwrap_or_default();
        logon
    }
    /// Whether a logon with these parameters is one of its choices for this one of its list.
    #[must_use]
    pub fn chooses(&self, listed: Logon, logon: Logon) -> bool {
        let named = self.names.iter().any(|name| name.parameter() == logon.name);
        let chosen = logon.flags - self.flags;
        let fixed = Logon { name: listed.name, flags: listed.flags, ..logon };
        fixed == listed
            && named
            && logon.flags.contains(self.flags)
            && self.choice_of_flags().contains(chosen)
    }
}

/// All subsets of these flags, the empty one first.
fn subsets(of: LogonFlags) -> impl Iterator<Item = LogonFlags> {
    let of = of.bits();
    let next = move |now: &u32| (*now != of).then(|| now.wrapping_sub(of) & of);
    std::iter::successors(Some(0), next).map(LogonFlags::from_bits_retain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subset_of_flags_is_a_choice_once() {
        let any = LogonFlags::MAPI_LOGON_UI
            | LogonFlags::MAPI_NO_MAIL
            | LogonFlags::MAPI_ALLOW_OTHERS
            | LogonFlags::MAPI_UNICODE;
        let mut all: Vec<u32> = subsets(any).map(|chosen| chosen.bits()).collect();
        assert_eq!((all.len(), all[0], all.iter().max()), (16, 0, Some(&any.bits())));
        assert!(all.iter().all(|bits| bits & !any.bits() == 0));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 16);
        assert_eq!(subsets(LogonFlags::empty()).count(), 1);
    }
}

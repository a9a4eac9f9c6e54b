//! Which call is meant? Names and flags of calls, as scenarios and recordings write them.

use mapi_logon_model::mapi::{LogoffFlags, LogonFlags};
use mapi_logon_model::scenario::{Call, Scenario, split_call};
use mapi_logon_model::suggest;
use mapi_logon_model::window::Parameters;

use crate::trace::Given;

/// A call by its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Named {
    /// `MAPILogonEx`.
    Logon,
    /// Any other.
    Other(Call),
}

/// The methods, as scenarios write them.
pub const METHODS: [&str; 11] = [
    "MAPIInitialize",
    "MAPIUninitialize",
    "MAPILogonEx",
    "Logoff",
    "Release",
    "OpenMsgStore",
    "OpenAddressBook",
    "GetStatusTable",
    "QueryIdentity",
    "DeleteProfile",
    "RemoveService",
];

/// The call that a scenario would write so.
///
/// # Errors
/// One sentence where the method, its target or its flags are not known.
pub fn call(scenario: &Scenario, written: &str) -> Result<Named, String> {
    let (method, target) = split_call(written);
    let target = target.unwrap_or_default();
    Ok(Named::Other(match method {
        "MAPILogonEx" => return Ok(Named::Logon),
        "MAPIInitialize" => Call::Initialize,
        "MAPIUninitialize" => Call::Uninitialize,
        "Logoff" => Call::Logoff(logoff_flags(target)?),
        "Release" => Call::Release,
        "OpenMsgStore" => {
            let names = scenario.providers.iter().map(|provider| provider.name.as_str());
            Call::OpenMsgStore(refer("provider", target, names)?.into())
        }
        "OpenAddressBook" => Call::OpenAddressBook,
        "GetStatusTable" => Call::GetStatusTable,
        "QueryIdentity" => Call::QueryIdentity,
        "DeleteProfile" => {
            let names = scenario.profiles.iter().map(|profile| profile.name.as_str());
            Call::DeleteProfile(refer("profile", target, names)?.into())
        }
        "RemoveService" => {
            let names = scenario.services.iter().map(|service| service.name.as_str());
            Call::RemoveService(refer("service", target, names)?.into())
        }
        _ => return Err(unknown("call", method, METHODS)),
    }))
}

/// The position of the name that is referred to.
///
/// # Errors
/// One sentence with the names there are.
pub fn refer<'n>(
    what: &str,
    written: &str,
    names: impl Iterator<Item = &'n str> + Clone,
) -> Result<usize, String> {
    names.clone().position(|name| name == written).ok_or_else(|| unknown(what, written, names))
}

/// That there is no such thing, and what there is.
pub fn unknown<'n>(
    what: &str,
    written: &str,
    names: impl IntoIterator<Item = &'n str> + Clone,
) -> String {
    let hint = suggest::hint(written, names.clone());
    let known: Vec<_> = names.into_iter().collect();
    let known = if known.is_empty() {
        "there is none".to_owned()
    } else {
        format!("known are {}", known.join(", "))
    };
    format!("unknown {what} {written:?}; {known}{hint}")
}

/// Flags of `MAPILogonEx` by name or number; several joined by `|`. Undefined bits are kept.
///
/// # Errors
/// One sentence where a word is neither.
pub fn logon_flags(written: &str) -> Result<LogonFlags, String> {
    let known: Vec<_> = LogonFlags::all().iter_names().map(|(n, f)| (n, f.bits())).collect();
    bits("logon flag", written, &known).map(LogonFlags::from_bits_retain)
}

/// Flags of `Logoff`; undefined bits are an error.
///
/// # Errors
/// One sentence where a word is no flag.
pub fn logoff_flags(written: &str) -> Result<LogoffFlags, String> {
    let known: Vec<_> = LogoffFlags::all().iter_names().map(|(n, f)| (n, f.bits())).collect();
    let bits = bits("logoff flag", written, &known)?;
    LogoffFlags::from_bits(bits).ok_or_else(|| format!("0x{bits:08X} has undefined logoff flags"))
}

fn bits(what: &str, written: &str, known: &[(&str, u32)]) -> Result<u32, String> {
    let mut bits = 0;
    for word in written.split(['|', ',', ' ', '+']).map(str::trim).filter(|word| !word.is_empty()) {
        let named = known.iter().find(|(name, _)| *name == word).map(|(_, bit)| *bit);
        bits |= match named.or_else(|| number(word)) {
            Some(more) => more,
            None => return Err(unknown(what, word, known.iter().map(|(name, _)| *name))),
        };
    }
    Ok(bits)
}

/// A number of 32 bits, hexadecimal after `0x`, else decimal; negative ones as two's complement.
#[must_use]
pub fn number(written: &str) -> Option<u32> {
    if let Some(digits) = written.strip_prefix("0x").or_else(|| written.strip_prefix("0X")) {
        let digits = digits.trim_end_matches(['L', 'l', 'U', 'u']);
        return u32::from_str_radix(digits, 16).ok();
    }
    let negative = || written.parse::<i32>().ok().map(i32::cast_unsigned);
    written.parse().ok().or_else(negative)
}

/// Flags as words: their names, then undefined bits as one number.
#[must_use]
pub fn flag_words(flags: LogonFlags) -> Vec<String> {
    let mut words: Vec<_> = flags.iter_names().map(|(name, _)| name.to_owned()).collect();
    let undefined = flags.bits() & !LogonFlags::all().bits();
    if undefined != 0 {
        words.push(format!("0x{undefined:08X}"));
    }
    words
}

/// Parameters as a trace writes them.
#[must_use]
pub fn given(parameters: &Parameters) -> Given {
    Given {
        profile: parameters.profile.clone(),
        password: parameters.password,
        flags: flag_words(parameters.flags),
    }
}

/// Parameters from what a trace writes.
///
/// # Errors
/// One sentence where a flag is not known.
pub fn parameters(given: &Given) -> Result<Parameters, String> {
    let flags = logon_flags(&given.flags.join("|"))?;
    Ok(Parameters { profile: given.profile.clone(), password: given.password, flags })
}

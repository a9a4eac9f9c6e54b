//! Names and flags of calls, as scenarios, traces and recordings write them.

use mapi_logon_model::mapi::{LogoffFlags, LogonFlags};
use mapi_logon_model::protocol::{Call, Logon, Method, NameParameter};
use mapi_logon_model::scenario::{Named, PARAMETER_LENGTH, Scenario, split_call};
use mapi_logon_model::suggest::unknown;

/// The call that a scenario would write so; a logon without its parameters, a method on the session
/// obtained last. Flags may be numbers.
///
/// # Errors
/// One sentence where the method, its target or its flags are not known.
pub fn call(scenario: &Scenario, written: &str) -> Result<Call, String> {
    if let ("Logoff", flags) = split_call(written) {
        let flags = logoff_flags(flags.unwrap_or_default())?;
        return Ok(Call::OnSession(None, Method::Logoff(flags)));
    }
    let logon = || Call::LogonEx(Logon::default());
    Ok(scenario.call(written)?.unwrap_or_else(logon))
}

/// The profile name parameter that a text, or NULL, is in this scenario.
#[must_use]
pub fn name_parameter(scenario: &Scenario, name: Option<&str>) -> NameParameter {
    let Some(name) = name else {
        return NameParameter::Null;
    };
    let profile = match scenario.resolve(name) {
        Named::Nothing => return NameParameter::Empty,
        Named::Unknown => None,
        Named::Profile(profile) => Some(profile),
    };
    let too_long = name.chars().count() > PARAMETER_LENGTH;
    NameParameter::Name { profile, too_long }
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
    let found = names.clone().position(|name| name == written);
    found.ok_or_else(|| unknown(what, written, names))
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
/// One sentence where a word is not a flag.
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

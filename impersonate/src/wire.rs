//! Lines between the shim and the tool, as `adapters/shim/wire.h` describes them.

use std::fmt::Write as _;

use mapi_logon_model::mapi::Code;
use mapi_logon_model::protocol::Status;

use crate::oracle::Row;

/// A line of the shim after its hello.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Said {
    /// A call that waits for its answer.
    Call(Asked),
    /// A method was called that the model does not have.
    Unmodelled(String),
    /// The process ends with buffers that are not freed.
    Bye(u64),
    /// The process ends by an exception of Windows.
    Crash(u32),
    /// A new world begins.
    World,
}

/// A call as the client makes it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) profile: Option<String>,
    pub(crate) password: bool,
    pub(crate) flags: u32,
    pub(crate) session: Option<u32>,
    /// The store or service.
    pub(crate) target: Option<String>,
}

impl Asked {
    /// The call with its target, as scenarios write it; a logon with the name of its profile.
    pub(crate) fn written(&self) -> String {
        let target = match self.name.as_str() {
            "Logoff" if self.flags != 0 => Some(format!("{:#x}", self.flags)),
            _ => self.profile.clone().or_else(|| self.target.clone()),
        };
        target.map_or_else(|| self.name.clone(), |target| format!("{}:{target}", self.name))
    }
}

/// The process and thread of a hello that has the token.
pub(crate) fn hello(line: &str, token: &str) -> Option<(u64, u64)> {
    let mut words = line.trim_end().split(' ');
    let known = words.next() == Some("hello") && words.next() == Some("1");
    let process = (known && words.next() == Some(token)).then(|| words.next())??;
    Some((process.parse().ok()?, words.next()?.parse().ok()?))
}

/// A line as what it says; nothing where it is nonsense.
pub(crate) fn said(line: &str) -> Option<Said> {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    if name == "unmodelled" {
        return Some(Said::Unmodelled(rest.to_owned()));
    }
    let mut asked = Asked { name: name.to_owned(), ..Asked::default() };
    let (mut buffers, mut code) = (None, None);
    for word in rest.split(' ').filter(|word| !word.is_empty()) {
        let (key, value) = word.split_once('=')?;
        let number = || value.parse().ok();
        match key {
            "profile" => asked.profile = Some(decoded(value)?),
            "store" | "service" => asked.target = Some(decoded(value)?),
            "password" => asked.password = true,
            "flags" => asked.flags = number()?,
            "session" => asked.session = Some(number()?),
            "code" => code = Some(number()?),
            "buffers" => buffers = Some(value.parse().ok()?),
            _ => return None,
        }
    }
    match name {
        "bye" => buffers.map(Said::Bye),
        "world" => Some(Said::World),
        "crash" => code.map(Said::Crash),
        _ => Some(Said::Call(asked)),
    }
}

/// An answer as a line.
pub(crate) fn answer(result: Code, session: Option<u32>, rows: &[Row]) -> String {
    let mut line = format!("{:08x}", result.value());
    // Writing to a text never fails.
    let mut add = |text: std::fmt::Arguments<'_>| line.write_fmt(text).unwrap_or_default();
    if let Some(session) = session {
        add(format_args!(" session={session}"));
    }
    for (at, (name, status)) in rows.iter().enumerate() {
        let before = if at == 0 { " rows=" } else { "," };
        add(format_args!("{before}{}", encoded(name)));
        if let Some(status) = status {
            let number = match status {
                Status::Available => 1,
                Status::Offline => 2,
                Status::Failure => 4,
            };
            add(format_args!(":{number}"));
        }
    }
    line.push('\n');
    line
}

fn encoded(text: &str) -> String {
    let mut word = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            word.push(char::from(byte));
        } else {
            word += &format!("%{byte:02X}");
        }
    }
    word
}

/// A word as text; bytes that are no UTF-8 stand for themselves as well as they can.
fn decoded(word: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = word.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        let digits = std::str::from_utf8(&digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_survive_the_way_there_and_back() {
        for name in ["", "Work", "Büro 2", "a,b:c=d%20", "\u{1f4ec}"] {
            assert_eq!(decoded(&encoded(name)).as_deref(), Some(name));
        }
        let line = format!("MAPILogonEx profile={} flags=2147483650", encoded("Büro 2"));
        let Some(Said::Call(asked)) = said(&line) else { panic!("{line}") };
        assert_eq!((asked.profile.as_deref(), asked.flags), (Some("Büro 2"), 0x8000_0002));
        assert_eq!(said("MAPILogonEx profile=%4 flags=1"), None, "a broken escape");
        assert_eq!(said("MAPILogonEx flags=-1"), None);
        assert_eq!(said("bye buffers=3"), Some(Said::Bye(3)));
        assert_eq!(said("crash code=3221225477"), Some(Said::Crash(0xC000_0005)));
    }

    #[test]
    fn only_the_token_opens_a_connection() {
        assert_eq!(hello("hello 1 secret 12 3\n", "secret"), Some((12, 3)));
        for wrong in ["hello 1 secre 12 3", "hello 2 secret 12 3", "GET / HTTP/1.1", "", "hello 1"]
        {
            assert_eq!(hello(wrong, "secret"), None, "{wrong}");
        }
    }

    #[test]
    fn an_answer_has_its_result_session_and_rows() {
        let rows = [("A b".to_owned(), None), ("C".to_owned(), Some(Status::Failure))];
        assert_eq!(answer(Code::Ok, Some(2), &rows), "00000000 session=2 rows=A%20b,C:4\n");
        assert_eq!(answer(Code::LogonFailed, None, &[]), "80040111\n");
    }
}

//! Effects in words: the sentences of the table of effects, with names for numbers.

use super::{Words, fault_text, origin_text};
use crate::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use crate::mapi::{Code, Fault, ProviderKind};
use crate::protocol::{
    Answer, Call, Dialog, Effect, Event, Origin, ProviderCall, Status, StatusRow, Task,
};

/// What the field of an effect is called in a sentence.
trait Say<'a> {
    type Said;
    fn say(self, words: Words<'a>) -> Self::Said;
}

macro_rules! say {
    ($($type:ty: $said:ty = |$it:ident, $words:ident| $text:expr;)*) => { $(
        impl<'a> Say<'a> for $type {
            type Said = $said;
            fn say(self, $words: Words<'a>) -> $said {
                let $it = self;
                $text
            }
        }
    )* };
}

say! {
    bool: bool = |flag, _words| flag;
    u8: u8 = |number, _words| number;
    ClientId: &'a str = |client, words| words.client(client);
    ProfileId: &'a str = |profile, words| words.profile(profile);
    ServiceId: &'a str = |service, words| words.service(service);
    ProviderId: &'a str = |provider, words| words.provider(provider);
    SessionId: String = |session, words| words.session(session);
    Call: String = |call, words| words.call(call);
    Dialog: String = |dialog, words| words.dialog(dialog);
    Answer: String = |answer, words| words.answer(answer);
    Task: String = |task, words| words.task(task);
    Code: &'static str = |code, _words| code.name();
    Fault: &'static str = |fault, _words| fault_text(fault);
    Status: &'static str = |status, _words| status.name();
    Origin: &'static str = |origin, _words| origin_text(origin);
    Option<ProfileId>: &'a str =
        |profile, words| profile.map_or("a name no profile has", |id| words.profile(id));
    Option<ProviderId>: &'a str =
        |provider, words| provider.map_or("no provider", |id| words.provider(id));
    Option<SessionId>: String =
        |session, words| session.map_or_else(String::new, |id| words.session(id));
    Event: &'static str = |event, _words| match event {
        Event::CriticalError => "fnevCriticalError",
        Event::Extended => "fnevExtended",
    };
    StatusRow: String = |row, words| {
        format!("{}, {}", words.row(row), words.model.resource_type(row).name())
    };
    ProviderCall: &'static str = |call, _words| call.method(ProviderKind::MessageStore);
}

macro_rules! sentences {
    (
        $($(#[$doc:meta])* $role:ident $name:ident { $($field:ident: $type:ty),* }
        $text:literal $([$($flag:ident($no:literal, $yes:literal)),*])?)*
    ) => {
        impl<'a> Words<'a> {
            fn sentence(self, effect: Effect) -> String {
                match effect { $(
                    Effect::$name { $($field),* } => {
                        $(let $field = Say::say($field, self);)*
                        $($(let $flag = if $flag { $yes } else { $no };)*)?
                        $(let _ = &$field;)*
                        format!($text)
                    }
                )* }
            }
        }
    };
}

crate::effects!(sentences);

impl<'a> Words<'a> {
    /// The effect as one short clause.
    #[must_use]
    pub fn effect(self, effect: Effect) -> String {
        let Effect::Provider { provider, call, result, .. } = effect else {
            return self.sentence(effect);
        };
        // What MAPI calls has another name in each kind's interface.
        let kind = self.scenario().providers[provider.index()].kind;
        format!("{} {} answers {}", self.provider(provider), call.method(kind), result.name())
    }

    /// The display name of a status row: the profile's for the subsystem (STA-3). `[DER]` the other
    /// two that MAPI supplies have no documented name.
    #[must_use]
    pub fn row(self, row: StatusRow) -> &'a str {
        match row {
            StatusRow::Subsystem(profile) => self.profile(profile),
            StatusRow::Spooler => "spooler",
            StatusRow::AddressBook => "integrated address book",
            StatusRow::Provider(provider) => self.provider(provider),
        }
    }
}

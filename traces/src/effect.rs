//! Effects as traces write them: objects with the names of the scenario.
//!
//! The mirror is made from the machine's own table of effects; here stands only how each type of
//! field is spelled.

use mapi_logon_model::effects;
use mapi_logon_model::ids::{ClientId, ProfileId, ProviderId, ServiceId, SessionId};
use mapi_logon_model::mapi::{Code, Fault};
use mapi_logon_model::protocol::{
    Answer, Call, Dialog, Effect, Event, Origin, ProviderCall, Role, Status, StatusRow, Task,
};
use mapi_logon_model::scenario::ANSWERS;
use schemars::JsonSchema;
use serde::Serialize;

use crate::names::{Names, event_name, origin_name, provider_call_name};

/// An effect with what else an implementer needs to know of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Shown {
    /// The effect.
    #[serde(flatten)]
    pub effect: Seen,
    /// Its role for a test that compares an implementation with the run.
    pub role: Role,
    /// With a status row: its resource type.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<&'static str>,
}

/// A value of the machine, as traces spell it.
pub trait Spelled: Sized {
    /// What it is written as.
    type Word;
    /// The value as it is written.
    fn spelled(self, names: Names<'_>) -> Self::Word;
    /// What else is written beside it.
    fn add_to(&self, _shown: &mut Shown, _names: Names<'_>) {}
}

macro_rules! mirror {
    (
        $($(#[$doc:meta])* $role:ident $name:ident { $($field:ident: $type:ty),* }
        $text:literal $([$($flag:ident($no:literal, $yes:literal)),*])?)*
    ) => {
        /// One visible thing; the fields are those of the machine's effect of the same name.
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
        #[serde(tag = "effect", rename_all = "kebab-case")]
        #[expect(missing_docs, reason = "a field has the name of what it holds")]
        pub enum Seen { $($(#[$doc])* $name { $($field: <$type as Spelled>::Word),* },)* }

        impl Names<'_> {
            /// The effect as traces write it.
            #[must_use]
            pub fn effect(self, effect: Effect) -> Shown {
                match effect { $(Effect::$name { $($field),* } => {
                    let mut shown = Shown {
                        effect: Seen::$name { $($field: $field.spelled(self)),* },
                        role: effect.role(),
                            resource_type: None,
                    };
                    $($field.add_to(&mut shown, self);)*
                    shown
                })* }
            }
        }
    };
}

effects!(mirror);

macro_rules! spelled {
    ($($type:ty as $word:ty: $names:pat, $value:ident => $spelled:expr;)*) => {$(
        impl Spelled for $type {
            type Word = $word;
            fn spelled(self, $names: Names<'_>) -> $word {
                let $value = self;
                $spelled
            }
        }
    )*};
}

spelled! {
    bool as bool: _, value => value;
    u8 as u8: _, value => value;
    ClientId as String: names, id => names.client(id);
    ProfileId as String: names, id => names.profile(id);
    ServiceId as String: names, id => names.service(id);
    ProviderId as String: names, id => names.provider(id);
    SessionId as String: names, id => names.session(id);
    Call as String: names, call => names.model.words().call(call);
    Task as String: names, task => names.model.words().task(task);
    Code as &'static str: _, code => code.name();
    Status as &'static str: _, status => status.name();
    Answer as &'static str: _, answer => ANSWERS[answer.bit()];
    Fault as &'static str: _, fault => fault.name();
    Origin as &'static str: _, origin => origin_name(origin);
    Event as &'static str: _, event => event_name(event);
    ProviderCall as &'static str: _, call => provider_call_name(call);
}

impl<T: Spelled> Spelled for Option<T> {
    type Word = Option<T::Word>;
    /// The value as it is written.
    fn spelled(self, names: Names<'_>) -> Self::Word {
        self.map(|value| value.spelled(names))
    }
}

impl Spelled for Dialog {
    type Word = String;
    /// The value as it is written.
    fn spelled(self, names: Names<'_>) -> String {
        names.model.words().dialog(self)
    }
}

impl Spelled for StatusRow {
    type Word = String;
    /// The value as it is written.
    fn spelled(self, names: Names<'_>) -> String {
        names.model.words().row(self).to_owned()
    }
    fn add_to(&self, shown: &mut Shown, names: Names<'_>) {
        shown.resource_type = Some(names.model.resource_type(*self).name());
    }
}

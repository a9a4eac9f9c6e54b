//! How do other logs become recordings? Each format in its own module.

pub mod mapi4linux;
pub mod mapped;

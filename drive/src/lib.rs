//! Real MAPI logon subsystems, driven through an adapter and judged by the model.

pub mod protocol;

//! Real MAPI logon subsystems, driven through an adapter and judged by the model.

pub mod bench;
pub mod broken;
pub mod campaign;
pub mod choose;
mod clock;
pub mod course;
pub mod expected;
pub mod goals;
pub mod impersonate;
pub mod judge;
pub mod moves;
pub mod plan;
pub mod port;
pub mod process;
pub mod protocol;
mod repertoire;
mod seats;
pub mod shrink;
pub mod table;
pub mod world;

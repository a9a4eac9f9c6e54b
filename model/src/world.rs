//! The state of the world, how it is read and written, and how it is packed.

pub(crate) mod asked;
pub mod bits;
mod changes;
mod cursor;
mod encode;
mod facts;
mod session;
mod sight;
mod slots;
mod state;
mod store;

pub use changes::Changes;
pub use cursor::{Cursor, World, next_position};
pub(crate) use encode::Codes;
pub use encode::{Layout, Seams};
pub use facts::{Facts, FactsMut};
pub use session::{RunState, Session};
pub use sight::Sight;
pub use slots::Slots;
pub use state::{Attachment, ClientState, Shared, Spent, State};
pub(crate) use store::Edit;
pub use store::Store;

//! The machine: one pure transition function, its stages and guards.

mod astray;
mod choices;
mod liveness;
pub(crate) mod model;
mod order;
mod reach;
mod script;
mod stages;
mod step;
pub(crate) mod variant;
mod view;

pub use model::Model;
pub use step::{Disabled, Step};
pub use variant::Guard;
pub use view::View;

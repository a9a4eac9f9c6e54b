//! Other logs as recordings, a module for each format.

pub mod guess;
pub mod mapi4linux;
pub mod mapped;
pub mod text;

mod clock;
mod null;

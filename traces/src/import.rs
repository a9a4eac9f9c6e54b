//! Other logs as recordings, a module for each format.

pub mod mapi4linux;
pub mod mapped;

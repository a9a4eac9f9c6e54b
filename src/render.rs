//! Results as people and programs read them.

pub mod checked;
pub mod classes;
pub mod compared;
pub mod driven;
pub mod explained;
pub mod impersonated;
pub mod json;
pub mod loaded;
pub mod mutated;
pub mod outcome;
pub mod plotted;
pub mod replayed;
pub mod simulated;
pub mod svg;
pub mod swept;
pub mod text;

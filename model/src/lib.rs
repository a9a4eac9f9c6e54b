//! What is MAPI session logon? One pure state machine, with its properties.

pub mod action;
pub mod bits;
pub mod clause;
pub mod describe;
pub mod effect;
pub mod encode;
pub mod ids;
pub mod mapi;
pub mod model;
pub mod mutant;
pub mod observer;
mod order;
pub mod outcome;
pub mod outside;
pub mod policy;
pub mod property;
pub mod scenario;
pub mod state;
pub mod step;
pub mod suggest;
pub mod symmetry;
pub mod transition;
pub mod view;
pub mod window;

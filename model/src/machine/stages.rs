//! The stages of a call: each handles a choice and decides what comes next.

mod call;
mod choose;
mod configure;
mod credentials;
mod fault;
mod finish;
mod logoff;
mod profile;
mod provider;
mod recover;
mod session;
mod start;

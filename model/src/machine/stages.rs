//! The stages of a call: what each does with a choice, and what comes next.

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

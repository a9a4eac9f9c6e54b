//! The stages of a call, one module each: scripts that read like the documentation.

mod call;
mod choose;
mod configure;
mod credentials;
mod finish;
mod foreign;
mod logoff;
mod profile;
mod recover;
mod script;
mod session;
mod start;
mod trouble;

//! The model as the MAPI subsystem of a real client: it answers the client's calls, runs the client
//! once for every sequence of answers, and judges what the client does with them.

pub mod answers;
mod clock;
pub mod conduct;
mod connection;
pub mod every;
pub mod finding;
pub mod launch;
pub mod oracle;
pub mod pace;
pub mod record;
pub mod server;
pub mod stage;
pub mod wine;
mod wire;

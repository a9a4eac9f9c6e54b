//! MAPI session logon as one pure state machine, with its properties.
//!
//! A [`Scenario`] is a small world in a TOML file: profiles, clients with their calls, what users
//! answer, what may fail, and by which readings of the documentation ([`Policy`]). A [`Model`] is a
//! scenario ready to be stepped. It never changes, and its transition function [`Model::step`] is
//! the only thing that makes a [`State`] from a [`State`]: an [`Action`] leads to a [`Step`] with
//! the state after it, the [`Effect`]s somebody outside can see, and the transitions of the
//! specification that were taken. A [`World`] adds where each client is in its list of calls;
//! [`Model::successors`] tries everything that can happen next. What properties need of the past an
//! [`Observer`] remembers, and [`Properties`] judge each step.
//!
//! ```
//! use mapi_logon_model::{Effect, Model, Scenario};
//!
//! let scenario = Scenario::parse(
//!     r#"
//!     [[profile]]
//!     name = "Work"
//!     [[profile.service]]
//!     name = "Exchange"
//!     provider = [{ name = "EXMS", kind = "message-store" }]
//!     [[client]]
//!     name = "outlook"
//!     profile = "Work"
//!     "#,
//! )?;
//! let model = Model::new(scenario);
//!
//! // Without faults there is one run. Follow it to its end.
//! let mut world = model.start();
//! let mut seen = Vec::new();
//! while !model.has_ended(&world.cursor) {
//!     let mut next = None;
//!     model.successors(&world, |_, step, cursor| next = Some((step.clone(), cursor)));
//!     let (step, cursor) = next.expect("a call always goes on");
//!     seen.extend(step.effects);
//!     (world.state, world.cursor) = (step.state, cursor);
//! }
//! let Some(Effect::Returned { result, .. }) = seen.last() else { panic!("no result") };
//! assert_eq!(result.name(), "S_OK");
//! # Ok::<(), mapi_logon_model::scenario::ScenarioError>(())
//! ```
//!
//! Where to read on: `protocol` has the tables of phases, transitions and effects; `machine` the
//! loop that follows them, and a file for each stage; `world` what can differ between two moments;
//! `property` the properties, under their ids; [`clause`] the specification that all of this cites.

pub mod clause;
pub mod describe;
pub mod explore;
pub mod ids;
pub mod machine;
pub mod mapi;
pub mod mutant;
pub mod observe;
pub mod parts;
pub mod policy;
pub mod property;
pub mod protocol;
pub mod run;
pub mod scenario;
pub mod suggest;
pub mod symmetry;
pub mod world;

pub use machine::{Model, Step};
pub use observe::Observer;
pub use policy::Policy;
pub use property::Properties;
pub use protocol::{Action, Effect};
pub use scenario::Scenario;
pub use world::{State, World};

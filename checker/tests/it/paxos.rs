//! A model made of stateright's actors has the same states here and there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;

use mapi_logon_checker::{Decision, Options, check};
use stateright::actor::register::{RegisterActor, RegisterMsg};
use stateright::actor::{Actor, ActorModel, Id, Network, Out, majority, model_peers};
use stateright::semantics::LinearizabilityTester;
use stateright::semantics::register::Register;
use stateright::{Checker, Expectation, Model};

use crate::adapter::FromStateright;

type Ballot = (u32, Id);
/// Request, client and value.
type Proposal = (u64, Id, char);
type Message = RegisterMsg<u64, char, Decree>;

/// The messages by which servers agree on one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Decree {
    Prepare(Ballot),
    Prepared(Ballot, Option<(Ballot, Proposal)>),
    Accept(Ballot, Proposal),
    Accepted(Ballot),
    Decided(Ballot, Proposal),
}

/// A server that proposes, accepts and learns.
#[derive(Clone)]
struct Server {
    peers: Vec<Id>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Memory {
    ballot: Ballot,
    proposal: Option<Proposal>,
    prepared: BTreeMap<Id, Option<(Ballot, Proposal)>>,
    accepted_by: BTreeSet<Id>,
    accepted: Option<(Ballot, Proposal)>,
    decided: bool,
}

impl Server {
    fn quorum(&self) -> usize {
        majority(self.peers.len() + 1)
    }

    fn propose(&self, id: Id, state: &mut Memory, proposal: Proposal, out: &mut Out<Self>) {
        state.proposal = Some(proposal);
        state.ballot = (state.ballot.0 + 1, id);
        state.prepared = BTreeMap::from([(id, state.accepted)]);
        state.accepted_by = BTreeSet::new();
        out.broadcast(&self.peers, &RegisterMsg::Internal(Decree::Prepare(state.ballot)));
    }

    /// Asks for acceptance of what was accepted last by anybody, or else of the own proposal.
    fn lead(&self, id: Id, state: &mut Memory, out: &mut Out<Self>) {
        let last = state.prepared.values().max().copied().flatten();
        let proposal = last.map(|(_, proposal)| proposal).or(state.proposal).unwrap();
        state.proposal = Some(proposal);
        state.accepted = Some((state.ballot, proposal));
        state.accepted_by.insert(id);
        let accept = Decree::Accept(state.ballot, proposal);
        out.broadcast(&self.peers, &RegisterMsg::Internal(accept));
    }

    fn decide(&self, state: &mut Memory, out: &mut Out<Self>) {
        state.decided = true;
        let proposal = state.proposal.unwrap();
        let decided = Decree::Decided(state.ballot, proposal);
        out.broadcast(&self.peers, &RegisterMsg::Internal(decided));
        out.send(proposal.1, RegisterMsg::PutOk(proposal.0));
    }

    fn hear(&self, ids: (Id, Id), state: &mut Memory, decree: Decree, out: &mut Out<Self>) {
        let (id, from) = ids;
        match decree {
            Decree::Prepare(ballot) => {
                state.ballot = ballot;
                let prepared = Decree::Prepared(ballot, state.accepted);
                out.send(from, RegisterMsg::Internal(prepared));
            }
            Decree::Prepared(_, last) => {
                state.prepared.insert(from, last);
                if state.prepared.len() == self.quorum() {
                    self.lead(id, state, out);
                }
            }
            Decree::Accept(ballot, proposal) => {
                state.ballot = ballot;
                state.accepted = Some((ballot, proposal));
                out.send(from, RegisterMsg::Internal(Decree::Accepted(ballot)));
            }
            Decree::Accepted(_) => {
                state.accepted_by.insert(from);
                if state.accepted_by.len() == self.quorum() {
                    self.decide(state, out);
                }
            }
            Decree::Decided(ballot, proposal) => {
                state.ballot = ballot;
                state.accepted = Some((ballot, proposal));
                state.decided = true;
            }
        }
    }
}

impl Actor for Server {
    type Msg = Message;
    type State = Memory;
    type Timer = ();
    type Random = ();
    type Storage = ();

    fn on_start(&self, _: Id, _: &Option<()>, _: &mut Out<Self>) -> Memory {
        Memory {
            ballot: (0, Id::from(0)),
            proposal: None,
            prepared: BTreeMap::new(),
            accepted_by: BTreeSet::new(),
            accepted: None,
            decided: false,
        }
    }

    fn on_msg(
        &self,
        id: Id,
        state: &mut Cow<'_, Memory>,
        from: Id,
        message: Message,
        out: &mut Out<Self>,
    ) {
        match message {
            RegisterMsg::Get(request) if state.decided => {
                out.send(from, RegisterMsg::GetOk(request, state.accepted.unwrap().1.2));
            }
            RegisterMsg::Put(request, value) if !state.decided && state.proposal.is_none() => {
                self.propose(id, state.to_mut(), (request, from, value), out);
            }
            RegisterMsg::Internal(decree) if !state.decided => {
                let timely = match &decree {
                    Decree::Prepare(ballot) => state.ballot < *ballot,
                    Decree::Accept(ballot, _) => state.ballot <= *ballot,
                    Decree::Prepared(ballot, _) | Decree::Accepted(ballot) => {
                        state.ballot == *ballot
                    }
                    Decree::Decided(..) => true,
                };
                if timely {
                    self.hear((id, from), state.to_mut(), decree, out);
                }
            }
            RegisterMsg::Internal(_)
            | RegisterMsg::Put(..)
            | RegisterMsg::Get(_)
            | RegisterMsg::PutOk(_)
            | RegisterMsg::GetOk(..) => {}
        }
    }
}

type Paxos = ActorModel<RegisterActor<Server>, (), LinearizabilityTester<Id, Register<char>>>;

/// Two clients that write and read a register kept by three servers.
fn paxos() -> Paxos {
    let servers = (0..3).map(|at| RegisterActor::Server(Server { peers: model_peers(at, 3) }));
    let client = RegisterActor::Client { put_count: 1, server_count: 3 };
    ActorModel::new((), LinearizabilityTester::new(Register(char::default())))
        .actors(servers)
        .actors([client.clone(), client])
        .init_network(Network::new_unordered_nonduplicating([]))
        .property(Expectation::Always, "linearizable", |_, state| {
            state.history.serialized_history().is_some()
        })
        .property(Expectation::Sometimes, "value chosen", |_, state| {
            state.network.iter_deliverable().any(|envelope| {
                matches!(envelope.msg, RegisterMsg::GetOk(_, value) if *value != char::default())
            })
        })
        .record_msg_in(RegisterMsg::record_returns)
        .record_msg_out(RegisterMsg::record_invocations)
}

#[test]
fn paxos_of_two_clients_and_three_servers_has_16668_states_here_and_there() {
    let model = FromStateright::new(paxos());
    let options = Options { workers: NonZeroUsize::new(2), ..Options::default() };
    let report = check(&model, &options).unwrap();
    assert_eq!(report.states, 16_668);
    assert_eq!(report.findings[0].verdict, Decision::Holds);
    assert!(matches!(report.findings[1].verdict, Decision::Found(_)));
    let theirs = paxos().checker().spawn_bfs().join();
    assert_eq!(theirs.unique_state_count(), 16_668);
}

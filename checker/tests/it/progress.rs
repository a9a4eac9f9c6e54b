//! Progress under fairness, where answers are known, and where stateright's are wrong.

use std::num::NonZeroUsize;

use mapi_logon_checker::{Decision, Lasso, Options, check};
use stateright::{Checker, Model as Stateright, Property};

use crate::adapter::FromStateright;
use crate::graphs::Graph;

fn judge(graph: &Graph) -> Option<Lasso> {
    let options = Options { workers: NonZeroUsize::new(1), ..Options::default() };
    let report = check(graph, &options).unwrap();
    match &report.findings[2].verdict {
        Decision::Starved(lasso) => Some(lasso.clone()),
        Decision::Holds => None,
        Decision::Violated(_) | Decision::Found(_) | Decision::NotFound | Decision::Undecided => {
            panic!("{report:?}")
        }
    }
}

fn nodes(lasso: &Lasso) -> (u64, Vec<u64>) {
    (lasso.loop_state[0], lasso.cycle.iter().map(|step| step.state[0]).collect())
}

#[test]
fn an_obligation_met_at_the_end_of_every_run_is_met() {
    let graph = Graph::new(&[(0, 1, 0), (0, 2, 0), (1, 3, 0), (2, 3, 0)]).pending(&[0, 1, 2]);
    assert_eq!(judge(&graph), None);
}

#[test]
fn a_run_that_ends_with_an_open_obligation_rests_there() {
    let graph = Graph::new(&[(0, 1, 0), (0, 2, 0)]).pending(&[0, 1]);
    assert_eq!(nodes(&judge(&graph).unwrap()), (1, vec![]));
}

#[test]
fn a_cycle_of_one_actor_is_fair_to_it() {
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 0), (2, 1, 0), (2, 3, 0)]).pending(&[1, 2]);
    let lasso = judge(&graph).unwrap();
    assert_eq!((lasso.depth, nodes(&lasso)), (1, (1, vec![2, 1])));
}

#[test]
fn a_cycle_that_keeps_an_enabled_actor_waiting_is_not_fair() {
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (0, 2, 1), (1, 2, 1)]).pending(&[0, 1]);
    assert_eq!(judge(&graph), None);
    let unfair = Graph { unfair: 2, ..graph };
    assert_eq!(nodes(&judge(&unfair).unwrap()), (0, vec![1, 0]));
}

#[test]
fn an_actor_that_is_disabled_now_and_then_may_wait_for_ever() {
    let graph = Graph::new(&[(0, 1, 0), (1, 0, 0), (0, 2, 1)]).pending(&[0, 1]);
    assert_eq!(nodes(&judge(&graph).unwrap()), (0, vec![1, 0]));
}

#[test]
fn a_fair_cycle_goes_round_until_every_actor_has_had_its_turn() {
    let edges = [(0, 1, 0), (1, 0, 0), (0, 2, 1), (2, 0, 1), (1, 3, 1), (2, 3, 0)];
    let lasso = judge(&Graph::new(&edges).pending(&[0, 1, 2])).unwrap();
    assert_eq!(nodes(&lasso), (0, vec![1, 0, 2, 0]));
}

#[test]
fn a_run_may_rest_where_only_an_unfair_actor_can_act() {
    let graph = Graph::new(&[(0, 1, 0), (1, 2, 1)]).pending(&[0, 1]);
    assert_eq!(judge(&graph), None);
    let unfair = Graph { unfair: 2, ..graph };
    assert_eq!(nodes(&judge(&unfair).unwrap()), (1, vec![]));
}

#[test]
fn a_step_from_a_state_to_itself_is_a_cycle() {
    let graph = Graph::new(&[(0, 0, 0), (0, 1, 0)]).pending(&[0]);
    assert_eq!(nodes(&judge(&graph).unwrap()), (0, vec![0]));
}

/// A graph for stateright, of which it is claimed that every run comes by an odd node.
struct Odd(&'static [(u8, u8)]);

impl Stateright for Odd {
    type State = u8;
    type Action = u8;

    fn init_states(&self) -> Vec<u8> {
        vec![0]
    }

    fn actions(&self, state: &u8, actions: &mut Vec<u8>) {
        actions.extend(self.0.iter().filter(|edge| edge.0 == *state).map(|edge| edge.1));
    }

    fn next_state(&self, _: &u8, action: u8) -> Option<u8> {
        Some(action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::eventually("odd", |_, state| state % 2 == 1)]
    }
}

fn starved(edges: &'static [(u8, u8)]) -> (bool, bool) {
    let report = check(&FromStateright::new(Odd(edges)), &Options::default()).unwrap();
    let ours = matches!(report.findings[0].verdict, Decision::Starved(_));
    let theirs = Odd(edges).checker().spawn_bfs().join().discovery("odd").is_some();
    (ours, theirs)
}

#[test]
fn a_cycle_without_an_odd_node_is_found_although_stateright_misses_it() {
    assert_eq!(starved(&[(0, 2), (2, 4), (4, 2)]), (true, false));
}

#[test]
fn a_join_of_a_run_with_an_odd_node_and_one_without_is_found_although_stateright_misses_it() {
    assert_eq!(starved(&[(0, 1), (0, 2), (1, 4), (2, 6), (6, 4)]), (true, false));
}

#[test]
fn where_stateright_is_right_both_agree() {
    assert_eq!(starved(&[(0, 1), (0, 2)]), (true, true));
    assert_eq!(starved(&[(0, 2), (2, 1), (0, 3)]), (false, false));
}

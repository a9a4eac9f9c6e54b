//! Random graphs, explored by the engine, a naive search and stateright.

use std::num::NonZeroUsize;
use std::sync::Arc;

use mapi_logon_checker::{
    Decision, Example, Lasso, Marks, Options, Path, PathStep, Paths, Report, TransitionSystem,
    check, check_with_stateright,
};
use proptest::prelude::*;

use crate::graphs::{Edge, Graph};
use crate::naive::explore;

pub(crate) fn graphs() -> impl Strategy<Value = Graph> {
    let nodes = 1u64..12;
    let edge = |nodes: u64| {
        let mark =
            prop_oneof![8 => Just(Marks::NONE), 1 => Just(Marks::of(0)), 1 => Just(Marks::of(1))];
        (0..nodes, 0..nodes, 0u8..3, mark).prop_map(|(from, to, actor, marks)| Edge {
            from,
            to,
            actor,
            marks,
        })
    };
    let some = |nodes: u64| prop::collection::vec(0..nodes, 0..8);
    nodes.prop_flat_map(move |nodes| {
        let initial = prop::collection::btree_set(0..nodes, 1..3);
        let edges = prop::collection::vec(edge(nodes), 0..24);
        let sets = (some(nodes), some(nodes), some(nodes));
        (1usize..4, initial, edges, sets, 0u64..8).prop_map(
            |(words, initial, edges, sets, unfair)| {
                let (pending, pending_too, ends) = sets;
                let initial = initial.into_iter().collect();
                Graph {
                    words,
                    initial,
                    edges,
                    pending,
                    pending_too,
                    ends,
                    ordered: false,
                    unfair,
                    names: 0,
                }
            },
        )
    })
}

fn options<'a>(workers: usize) -> Options<'a> {
    let workers = NonZeroUsize::new(workers);
    Options { workers, paths: Paths::All, ..Options::default() }
}

fn run(graph: &Graph, workers: usize) -> Report {
    let mut report = check(graph, &options(workers)).unwrap();
    report.cost = Default::default();
    report
}

fn depth(verdict: &Decision) -> Option<u32> {
    match verdict {
        Decision::Violated(example) | Decision::Found(example) => Some(example.depth),
        Decision::Holds | Decision::NotFound | Decision::Undecided | Decision::Starved(_) => None,
    }
}

/// The report of a graph as the same graph would give it that names its states otherwise.
fn renamed(mut report: Report, from: &Graph, to: &Graph) -> Report {
    let rename = |state: &mut Vec<u64>| *state = to.encode(from.node(state));
    let rename_path = |path: &mut Path| {
        rename(&mut path.initial);
        path.steps.iter_mut().for_each(|step| rename(&mut step.state));
    };
    for finding in &mut report.findings {
        match &mut finding.verdict {
            Decision::Violated(example) | Decision::Found(example) => {
                example.path.iter_mut().for_each(rename_path);
            }
            Decision::Starved(lasso) => {
                lasso.stem.iter_mut().for_each(rename_path);
                rename(&mut lasso.loop_state);
                lasso.cycle.iter_mut().for_each(|step| rename(&mut step.state));
            }
            Decision::Holds | Decision::NotFound | Decision::Undecided => {}
        }
    }
    let stuck = report.first_stuck.as_mut().and_then(|stuck| stuck.path.as_mut());
    stuck.into_iter().for_each(rename_path);
    report
}

/// Follows steps and returns the state they end in.
fn follow(graph: &Graph, from: &[u64], steps: &[PathStep]) -> Vec<u64> {
    let mut at = from.to_vec();
    for step in steps {
        let mut found = false;
        graph.successors(&mut graph.scratch(), &at, &mut |action, next, _| {
            found |= action == step.action && next == step.state;
        });
        assert!(found, "{step:?} cannot follow {at:?}");
        at = step.state.clone();
    }
    at
}

fn follow_path(graph: &Graph, path: &Path) -> Vec<u64> {
    assert!(graph.initial.contains(&graph.node(&path.initial)));
    follow(graph, &path.initial, &path.steps)
}

/// A lasso is fair, closed, and pending all round.
fn assert_starves(graph: &Graph, property: usize, lasso: &Lasso) {
    let stem = lasso.stem.as_ref().unwrap();
    assert_eq!(follow_path(graph, stem), lasso.loop_state);
    assert_eq!(stem.steps.len(), lasso.depth as usize);
    assert_eq!(follow(graph, &lasso.loop_state, &lasso.cycle), lasso.loop_state);
    let mut treated = graph.unfair;
    let states = lasso.cycle.iter().map(|step| &step.state);
    for state in states.chain([&lasso.loop_state]) {
        assert!(graph.pending(&mut graph.scratch(), state).contains(property));
        let mut enabled = 0;
        graph.successors(&mut graph.scratch(), state, &mut |action, _, _| {
            enabled |= 1u64 << graph.actor(action);
        });
        treated |= !enabled;
    }
    for step in &lasso.cycle {
        treated |= 1 << graph.actor(step.action);
    }
    assert_eq!(treated, u64::MAX, "{lasso:?}");
}

fn assert_example(graph: &Graph, example: &Example) {
    let path = example.path.as_ref().unwrap();
    assert_eq!(path.steps.len(), example.depth as usize);
    follow_path(graph, path);
}

proptest! {
    #[test]
    fn verdicts_counts_and_depths_are_those_of_a_naive_search(graph in graphs()) {
        let naive = explore(&graph);
        let report = run(&graph, 1);
        prop_assert_eq!(report.states, naive.states);
        prop_assert_eq!(report.transitions, naive.transitions);
        prop_assert_eq!(&report.levels, &naive.levels);
        prop_assert_eq!((report.terminal, report.stuck), (naive.terminal, naive.stuck));
        for at in 0..2 {
            prop_assert_eq!(depth(&report.findings[at].verdict), naive.marked[at]);
            let verdict = &report.findings[at].verdict;
            if let Decision::Violated(example) | Decision::Found(example) = verdict {
                assert_example(&graph, example);
            }
            let verdict = &report.findings[2 + at].verdict;
            prop_assert_eq!(matches!(verdict, Decision::Starved(_)), naive.starved[at]);
            if let Decision::Starved(lasso) = verdict {
                assert_starves(&graph, 2 + at, lasso);
            }
        }
        if let Some(example) = &report.first_stuck {
            assert_example(&graph, example);
        }
    }

    #[test]
    fn reports_do_not_depend_on_workers(graph in graphs()) {
        let one = run(&graph, 1);
        for workers in 2..4 {
            prop_assert_eq!(&run(&graph, workers), &one);
        }
    }

    #[test]
    fn names_of_states_decide_nothing(graph in graphs(), names in 0u64..16) {
        let named = Graph { names, ..graph.clone() };
        let expected = run(&graph, 1);
        for workers in 1..3 {
            let report = run(&named, workers);
            prop_assert_eq!(&renamed(report, &named, &graph), &expected);
        }
    }

    #[test]
    fn an_order_of_the_model_changes_no_verdict(graph in graphs(), upward in any::<bool>()) {
        let mut graph = graph;
        if upward {
            graph.edges.retain(|edge| edge.from < edge.to);
        }
        let unordered = run(&graph, 1);
        graph.ordered = true;
        for workers in 1..3 {
            prop_assert_eq!(&run(&graph, workers), &unordered);
        }
    }

    #[test]
    fn stateright_comes_to_the_same_verdicts(graph in graphs()) {
        let ours = run(&graph, 1);
        let theirs = check_with_stateright(Arc::new(graph.clone()), NonZeroUsize::MIN, None);
        prop_assert_eq!((theirs.states, theirs.transitions), (ours.states, ours.transitions));
        for at in 0..2 {
            let (ours, theirs) = (&ours.findings[at].verdict, &theirs.findings[at].verdict);
            prop_assert_eq!(depth(ours).is_some(), depth(theirs).is_some());
            prop_assert!(depth(ours) <= depth(theirs));
            if let Decision::Violated(example) | Decision::Found(example) = theirs {
                assert_example(&graph, example);
            }
        }
    }
}

//! Strongly connected components, by Tarjan's algorithm without recursion.

use serde::{Deserialize, Serialize};

use crate::hash::low32;

/// A graph in compressed sparse rows: nodes are numbers, edges are listed by source.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Graph {
    /// Where the edges of each node begin; one more at the end.
    pub(crate) starts: Vec<usize>,
    /// The targets of the edges; an edge to [`NONE`] leads out of the graph.
    pub(crate) targets: Vec<u32>,
}

/// No node, and the component of nodes that are left out.
pub(crate) const NONE: u32 = u32::MAX;

impl Graph {
    /// Nodes.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The edges out of a node.
    pub(crate) fn edges(&self, node: usize) -> std::ops::Range<usize> {
        self.starts[node]..self.starts[node + 1]
    }

    /// For each node the number of its strongly connected component. Nodes for which `part` is
    /// false are left out.
    pub(crate) fn components(&self, part: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut search = Tarjan {
            order: vec![0; self.len()],
            component: vec![NONE; self.len()],
            stack: Vec::new(),
            calls: Vec::new(),
            visited: 0,
            components: 0,
        };
        for root in 0..self.len() {
            if search.order[root] == 0 && part(root) {
                search.visit(self, root, &part);
            }
        }
        search.component
    }
}

struct Tarjan {
    /// The position at which a node was met, from 1.
    order: Vec<u32>,
    component: Vec<u32>,
    stack: Vec<u32>,
    calls: Vec<Call>,
    visited: u32,
    components: u32,
}

/// A node being visited.
struct Call {
    node: u32,
    /// Its next edge.
    edge: usize,
    /// The least position of the nodes that it reaches and that have no component yet.
    low: u32,
}

impl Tarjan {
    fn visit(&mut self, graph: &Graph, root: usize, part: &impl Fn(usize) -> bool) {
        self.enter(graph, root);
        while let Some(call) = self.calls.last_mut() {
            let from = call.node as usize;
            if call.edge == graph.starts[from + 1] {
                let low = call.low;
                self.calls.pop();
                self.leave(from, low);
                continue;
            }
            let to = graph.targets[call.edge];
            call.edge += 1;
            if to == NONE {
                continue;
            }
            let met = self.order[to as usize];
            if met == 0 {
                if part(to as usize) {
                    self.enter(graph, to as usize);
                }
            } else if self.component[to as usize] == NONE {
                call.low = call.low.min(met);
            }
        }
    }

    fn enter(&mut self, graph: &Graph, node: usize) {
        self.visited += 1;
        self.order[node] = self.visited;
        let name = low32(node as u64);
        self.stack.push(name);
        self.calls.push(Call { node: name, edge: graph.starts[node], low: self.visited });
    }

    fn leave(&mut self, node: usize, low: u32) {
        if low == self.order[node] {
            while let Some(member) = self.stack.pop() {
                self.component[member as usize] = self.components;
                if member as usize == node {
                    break;
                }
            }
            self.components += 1;
        }
        if let Some(caller) = self.calls.last_mut() {
            caller.low = caller.low.min(low);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[&[u32]]) -> Graph {
        let mut starts = vec![0];
        starts.extend(edges.iter().scan(0, |sum, targets| {
            *sum += targets.len();
            Some(*sum)
        }));
        Graph { starts, targets: edges.concat() }
    }

    #[test]
    fn a_cycle_is_a_component_and_every_other_node_is_one() {
        let graph = graph(&[&[1], &[2], &[1, 3, NONE], &[], &[4, 0]]);
        let component = graph.components(|_| true);
        assert_eq!(component[1], component[2]);
        let mut different = vec![component[0], component[1], component[3], component[4]];
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), 4);
    }

    #[test]
    fn nodes_left_out_cut_cycles() {
        let graph = graph(&[&[1], &[2], &[0]]);
        assert_eq!(graph.components(|_| true), [0, 0, 0]);
        let component = graph.components(|node| node != 1);
        assert_eq!(component[1], NONE);
        assert_ne!(component[0], component[2]);
    }

    #[test]
    fn long_chains_do_not_exhaust_the_stack() {
        let edges: Vec<[u32; 1]> = (0..300_000).map(|node| [(node + 1) % 300_000]).collect();
        let edges: Vec<&[u32]> = edges.iter().map(|edge| &edge[..]).collect();
        assert!(graph(&edges).components(|_| true).iter().all(|&component| component == 0));
    }
}

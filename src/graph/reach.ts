/** Who can reach whom over any number of steps, with the shortest way of each. Pure. */

import type { Graph, GraphEdge, GraphNode } from './graph.ts';

/** Steps from one node to another. The first begins where the chain does. */
export type Chain = readonly [GraphEdge, ...GraphEdge[]];

/** The nodes that can reach `id`, each with its shortest chain to it; those with the shortest chains first. */
export function whoCanReach({ edges }: Graph, id: string): ReadonlyMap<string, Chain> {
  return walk(id, groupBy(edges, 'to'), (edge, chain) => [edge.from, [edge, ...chain]]);
}

/** The nodes that can be reached from `id`, each with the shortest chain to it. A node is among them only where a circle leads back to it. */
export function reachableFrom({ edges }: Graph, id: string): ReadonlyMap<string, Chain> {
  return walk(id, groupBy(edges, 'from'), (edge, chain) => [edge.to, [...chain, edge] as unknown as Chain]);
}

/** What lies on any way between `id` and the nodes of the map, in one direction or the other. */
export function partOf(graph: Graph, id: string, found: ReadonlyMap<string, Chain>): Graph {
  const isPart = (node: string): boolean => node === id || found.has(node);
  return {
    nodes: graph.nodes.filter((node) => isPart(node.id)),
    edges: graph.edges.filter(({ from, to }) => isPart(from) && isPart(to)),
  };
}

export function nodesById({ nodes }: Graph): ReadonlyMap<string, GraphNode> {
  return new Map(nodes.map((node) => [node.id, node]));
}

/** Breadth first: the first chain that is found is a shortest one. */
function walk(
  start: string,
  edgesAt: ReadonlyMap<string, readonly GraphEdge[]>,
  step: (edge: GraphEdge, chain: readonly GraphEdge[]) => readonly [string, Chain],
): ReadonlyMap<string, Chain> {
  const found = new Map<string, Chain>();
  let front: (readonly [string, readonly GraphEdge[]])[] = [[start, []]];
  while (front.length > 0) {
    const next: (readonly [string, Chain])[] = [];
    for (const [node, chain] of front) {
      for (const edge of edgesAt.get(node) ?? []) {
        const [id, longer] = step(edge, chain);
        if (found.has(id)) continue;
        found.set(id, longer);
        next.push([id, longer]);
      }
    }
    front = next;
  }
  return found;
}

function groupBy(edges: readonly GraphEdge[], end: 'from' | 'to'): ReadonlyMap<string, GraphEdge[]> {
  return Map.groupBy(edges, (edge) => edge[end]);
}

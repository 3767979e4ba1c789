/** A map, or the answer to a question about it, as JSON for programs. Pure. */

import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import type { Answer } from './format-text.ts';
import { nodesById, reachableFrom, whoCanReach } from './reach.ts';

interface Reference {
  readonly kind: GraphNode['kind'];
  readonly name: string;
}

/** `{ sockets, services }`: each with its edges in both directions, and with everything that lies behind them. */
export function formatJson(graph: Graph): string {
  const nodes = nodesById(graph);
  const refer = (id: string): Reference => reference(nodes, id);
  const all = graph.nodes.map((node) => ({
    kind: node.kind,
    name: node.name,
    detail: node.detail,
    holds: node.holds,
    reaches: graph.edges
      .filter(({ from }) => from === node.id)
      .map((edge) => ({ ...refer(edge.to), ...way(edge) })),
    reachedBy: graph.edges
      .filter(({ to }) => to === node.id)
      .map((edge) => ({ ...refer(edge.from), ...way(edge) })),
    canReach: [...reachableFrom(graph, node.id).keys()].map(refer),
    canBeReachedBy: [...whoCanReach(graph, node.id).keys()].map(refer),
  }));
  const sockets = all.filter(({ kind }) => kind === 'socket');
  return print({ sockets, services: all.filter(({ kind }) => kind !== 'socket') });
}

/** `{ question, of, answers }`: each answer with the steps of its chain. */
export function formatAnswerJson(graph: Graph, { question, node, found }: Answer): string {
  const nodes = nodesById(graph);
  const answers = [...found].map(([id, chain]) => ({
    ...reference(nodes, id),
    chain: chain.map((edge) => ({
      from: reference(nodes, edge.from),
      to: reference(nodes, edge.to),
      ...way(edge),
    })),
  }));
  return print({ question, of: { kind: node.kind, name: node.name }, answers });
}

function reference(nodes: ReadonlyMap<string, GraphNode>, id: string): Reference {
  const { kind, name } = nodes.get(id) as GraphNode;
  return { kind, name };
}

function way({ kind, name, entrypoint }: GraphEdge): object {
  return {
    by: kind,
    ...(name === '' ? {} : { as: name }),
    ...(entrypoint === undefined ? {} : { entrypoint }),
  };
}

function print(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

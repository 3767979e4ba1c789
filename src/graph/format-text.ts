/** A map, or the answer to a question about it, as text for people. Pure. */

import { count } from '../shared/text.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import { chainText, edgeName, namesOf, nodeAbout, nodeName, targetName } from './labels.ts';
import { reachableFrom, whoCanReach, type Chain } from './reach.ts';

/** Every node with what it can reach and who can reach it, at once and through others. */
export function formatText(graph: Graph): string {
  const names = namesOf(graph);
  return graph.nodes.map((node) => formatNode(node, graph, names)).join('\n');
}

function formatNode(node: GraphNode, graph: Graph, names: ReadonlyMap<string, string>): string {
  const nameOf = (id: string): string => names.get(id) ?? id;
  const out = graph.edges.filter(({ from }) => from === node.id);
  const into = graph.edges.filter(({ to }) => to === node.id);
  const reached = [...reachableFrom(graph, node.id).keys()];
  const reaching = [...whoCanReach(graph, node.id).keys()];
  const outward = new Set(out.map(({ to }) => to));
  const inward = new Set(into.map(({ from }) => from));
  const rows: [string, string][] = [
    ['reaches', out.map((edge) => withName(targetName(nameOf(edge.to), edge), edge)).join(', ')],
    ['through these', others(reached, outward, nameOf)],
    ['reached by', into.map((edge) => withName(nameOf(edge.from), edge)).join(', ')],
    ['and in the end', others(reaching, inward, nameOf)],
    [
      'holds',
      node.holds
        .map(({ name, kind, id }) => `${name} (${kind}${id === undefined ? '' : ` ${id}`})`)
        .join(', '),
    ],
  ];
  const lines = rows
    .filter(([, text]) => text !== '')
    .map(([what, text]) => `  ${what.padEnd(14)}  ${text}\n`);
  return `${nodeName(node)}: ${nodeAbout(node)}\n${lines.join('')}`;
}

function others(ids: readonly string[], known: ReadonlySet<string>, nameOf: (id: string) => string): string {
  return ids
    .filter((id) => !known.has(id))
    .map(nameOf)
    .join(', ');
}

function withName(name: string, edge: GraphEdge): string {
  const by = edgeName(edge);
  return by === '' ? name : `${name} (${by})`;
}

/** What was asked of a map. */
export interface Answer {
  readonly question: 'who-can-reach' | 'reachable-from';
  readonly node: GraphNode;
  readonly found: ReadonlyMap<string, Chain>;
}

/** Who it is, how many, and a chain for each. */
export function formatAnswer(graph: Graph, { question, node, found }: Answer): string {
  const names = namesOf(graph);
  const ids = [...found.keys()].filter((id) => id !== node.id);
  const sockets = ids.filter((id) => graph.nodes.some((each) => each.id === id && each.kind === 'socket'));
  const total = graph.nodes.filter(({ kind, id }) => kind !== 'socket' && id !== node.id).length;
  const services = `${ids.length - sockets.length} of ${count(total, 'other service')}`;
  const head =
    question === 'who-can-reach'
      ? `can be reached by ${services}, and from ${count(sockets.length, 'socket')}`
      : `can reach ${services}`;
  const lines = [...found.values()].map((chain) => `  ${chainText(chain, names)}\n`);
  return `${nodeName(node)} (${nodeAbout(node)}) ${head}\n${lines.join('')}`;
}

/** How nodes and edges are called, the same in every format. Pure. */

import { printable } from '../shared/text.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import type { Chain } from './reach.ts';

/** `api`, `socket http`. */
export function nodeName({ kind, name }: Pick<GraphNode, 'kind' | 'name'>): string {
  return kind === 'socket' ? `socket ${name}` : name;
}

/** `worker`, `network: public addresses`, `http 127.0.0.1:8787`. */
export function nodeAbout({ kind, detail }: GraphNode): string {
  const text = printable(detail).replaceAll('\n', '\\n');
  if (kind === 'socket') return text;
  return text === '' ? kind : `${kind}: ${text}`;
}

/** What a caller has in its hand: `env.GREETER`, `fetch`, the pattern of a route; '' for a socket. */
export function edgeName({ kind, name }: GraphEdge): string {
  if (kind === 'binding') return `env.${name}`;
  return kind === 'globalOutbound' ? 'fetch' : printable(name);
}

/** `calculator`, `calculator:Adder`. */
export function targetName(name: string, { entrypoint }: GraphEdge): string {
  return entrypoint === undefined ? name : `${name}:${entrypoint}`;
}

/** `gateway -[env.GREETER]-> greeter -[fetch]-> internet` */
export function chainText(chain: Chain, names: ReadonlyMap<string, string>): string {
  const nameOf = (id: string): string => names.get(id) ?? id;
  const steps = chain.map((edge) => {
    const name = edgeName(edge);
    return ` -${name === '' ? '' : `[${name}]-`}> ${targetName(nameOf(edge.to), edge)}`;
  });
  return nameOf(chain[0].from) + steps.join('');
}

export function namesOf({ nodes }: Graph): ReadonlyMap<string, string> {
  return new Map(nodes.map((node) => [node.id, nodeName(node)]));
}

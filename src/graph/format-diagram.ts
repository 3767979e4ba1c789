/** A map in the languages of two programs that draw: Graphviz and Mermaid. Pure. */

import { printable } from '../shared/text.ts';
import type { Graph, GraphEdge, GraphNode } from './graph.ts';
import { edgeName, nodeAbout } from './labels.ts';

/** Edges between the same two nodes are drawn as one. */
interface Bundle {
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
  /** Nothing but what every worker has by default leads there. */
  readonly isQuiet: boolean;
}

const shapes: Readonly<Record<GraphNode['kind'], string>> = {
  socket: 'shape=cds fillcolor="#dbeafe" color="#3b82f6"',
  worker: 'shape=box style="filled,rounded" fillcolor="#ffffff" color="#475569"',
  network: 'shape=ellipse fillcolor="#fee2e2" color="#dc2626"',
  external: 'shape=component fillcolor="#ffedd5" color="#ea580c"',
  disk: 'shape=cylinder fillcolor="#dcfce7" color="#16a34a"',
  assets: 'shape=folder fillcolor="#dcfce7" color="#16a34a"',
};

/** https://graphviz.org/doc/info/lang.html. It is drawn from left to right. */
export function formatDot(whole: Graph): string {
  const graph = withoutDeadEnds(whole);
  const ids = numbered(graph);
  const nodes = graph.nodes.map(
    (node) => `  ${ids.get(node.id)} [label=${dotText(lines(node).join('\n'))} ${shapes[node.kind]}];\n`,
  );
  const edges = bundles(graph).map(({ from, to, labels, isQuiet }) => {
    const quiet = isQuiet ? ' color="#cbd5e1" style=dashed' : ` label=${dotText(labels.join('\n'))}`;
    return `  ${ids.get(from)} -> ${ids.get(to)} [${quiet.trimStart()}];\n`;
  });
  const settings = [
    '  graph [rankdir=LR ranksep=1.2 nodesep=0.25 pad=0.3 fontname="Helvetica"];\n',
    '  node [style=filled fontname="Helvetica" fontsize=12 margin="0.24,0.1"];\n',
    '  edge [fontname="Helvetica" fontsize=10 color="#64748b" fontcolor="#334155" arrowsize=0.7];\n',
  ];
  return `digraph nanod {\n${settings.join('')}${nodes.join('')}${edges.join('')}}\n`;
}

/** A backslash begins an escape of Graphviz: `\l`, `\N`. */
function dotText(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}

const brackets: Readonly<Record<GraphNode['kind'], readonly [string, string]>> = {
  socket: ['>', ']'],
  worker: ['(', ')'],
  network: ['([', '])'],
  external: ['[[', ']]'],
  disk: ['[(', ')]'],
  assets: ['[/', '/]'],
};

/** https://mermaid.js.org/syntax/flowchart.html */
export function formatMermaid(whole: Graph): string {
  const graph = withoutDeadEnds(whole);
  const ids = numbered(graph);
  const nodes = graph.nodes.map((node) => {
    const [open, close] = brackets[node.kind];
    return `  ${ids.get(node.id)}${open}"${lines(node).map(mermaidText).join('<br>')}"${close}\n`;
  });
  const edges = bundles(graph).map(({ from, to, labels, isQuiet }) => {
    const label = isQuiet || labels.length === 0 ? '' : `|"${labels.map(mermaidText).join('<br>')}"|`;
    return `  ${ids.get(from)} ${isQuiet ? '-.->' : '-->'}${label} ${ids.get(to)}\n`;
  });
  return `flowchart LR\n${nodes.join('')}${edges.join('')}`;
}

/** What could end the text, or be read as markup, as a number of Unicode. */
function mermaidText(text: string): string {
  return text.replaceAll(/["#&;<>`[\]{}|\\*_~]/gu, (character) => `#${character.codePointAt(0)};`);
}

function lines(node: GraphNode): string[] {
  const about = nodeAbout(node);
  return about === 'worker' ? [printable(node.name)] : [printable(node.name), about];
}

/** Without what only says that a worker has no network: a picture shows the ways that there are. */
function withoutDeadEnds(graph: Graph): Graph {
  const closed = new Set(graph.nodes.filter(({ isClosed }) => isClosed).map(({ id }) => id));
  const edges = graph.edges.filter(({ kind, to }) => kind !== 'globalOutbound' || !closed.has(to));
  const isUsed = (id: string): boolean => edges.some(({ from, to }) => from === id || to === id);
  return { nodes: graph.nodes.filter(({ id }) => !closed.has(id) || isUsed(id)), edges };
}

/** Names can be anything; the languages' own are `n0`, `n1`, … */
function numbered({ nodes }: Graph): ReadonlyMap<string, string> {
  return new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
}

function bundles({ edges }: Graph): Bundle[] {
  const together = Map.groupBy(edges, ({ from, to }) => JSON.stringify([from, to]));
  return [...together.values()].map((group) => {
    const [{ from, to }] = group as [GraphEdge, ...GraphEdge[]];
    const labels = [...new Set(group.map(labelOf))].filter((label) => label !== '');
    return { from, to, labels, isQuiet: group.every(({ kind }) => kind === 'globalOutbound') };
  });
}

function labelOf(edge: GraphEdge): string {
  const name = edge.kind === 'binding' ? edge.name : edgeName(edge);
  return edge.entrypoint === undefined ? name : `${name}:${edge.entrypoint}`;
}

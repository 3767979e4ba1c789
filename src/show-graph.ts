/** The operation behind `nanod graph`: reads a configuration, and draws it or answers a question about it. Runs nothing, bundles nothing. */

import type { GraphFormat, GraphOptions, GraphReport } from './control/contract.ts';
import { CommandFailure } from './control/contract.ts';
import { formatDot, formatMermaid } from './graph/format-diagram.ts';
import { formatAnswerJson, formatJson } from './graph/format-json.ts';
import { formatAnswer, formatText, type Answer } from './graph/format-text.ts';
import { makeGraph, type Graph, type GraphNode } from './graph/graph.ts';
import { partOf, reachableFrom, whoCanReach } from './graph/reach.ts';
import { load, type OperationPowers } from './operations.ts';
import { makeError } from './shared/errors.ts';
import { nearest } from './shared/suggest.ts';
import { quote } from './shared/text.ts';

/** Throws CommandFailure. */
export async function showGraph(options: GraphOptions, powers: OperationPowers): Promise<GraphReport> {
  const { config, warnings } = await load({ ...options, onProgress: () => {} }, powers);
  const graph = makeGraph(config);
  const answer = answerTo(options, graph);
  const text =
    answer === undefined ? await draw(graph, options.format) : await tell(graph, answer, options.format);
  return { text, warnings };
}

function answerTo({ whoCanReach: to, reachableFrom: from }: GraphOptions, graph: Graph): Answer | undefined {
  const services = graph.nodes.filter(({ kind }) => kind !== 'socket');
  if (to !== undefined) {
    const node = findNode('--who-can-reach', to, services);
    return { question: 'who-can-reach', node, found: whoCanReach(graph, node.id) };
  }
  if (from === undefined) return undefined;
  // A service goes before a socket of the same name.
  const node = findNode('--reachable-from', from, [...services, ...graph.nodes]);
  return { question: 'reachable-from', node, found: reachableFrom(graph, node.id) };
}

const mostNames = 12;

function findNode(option: string, name: string, nodes: readonly GraphNode[]): GraphNode {
  const found = nodes.find((node) => node.name === name);
  if (found !== undefined) return found;
  const names = [...new Set(nodes.map((node) => node.name))];
  const known = names.slice(0, mostNames).map(quote).join(', ');
  const details = { what: 'service', name, suggestion: nearest(name, names), known };
  throw new CommandFailure([makeError('CONFIG_UNKNOWN_NAME', details, { path: `${option} ${name}` })]);
}

async function draw(graph: Graph, format: GraphFormat): Promise<string> {
  switch (format) {
    case 'text':
      return formatText(graph);
    case 'json':
      return formatJson(graph);
    case 'mermaid':
      return formatMermaid(graph);
    case 'dot':
      return formatDot(graph);
    case 'svg':
      return (await import('./graph/format-svg.ts')).drawSvg(graph);
  }
}

/** An answer that is drawn is the part of the map that it is about. */
function tell(graph: Graph, answer: Answer, format: GraphFormat): string | Promise<string> {
  if (format === 'text') return formatAnswer(graph, answer);
  if (format === 'json') return formatAnswerJson(graph, answer);
  return draw(partOf(graph, answer.node.id, answer.found), format);
}

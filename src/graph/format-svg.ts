/** Draws a map as SVG, with Graphviz as WebAssembly: 1.2 MB that are loaded for nothing else (docs/decisions/dependencies.md). */

import { formatDot } from './format-diagram.ts';
import type { Graph } from './graph.ts';

/** A whole SVG document. Texts in it are text: nothing of it is a link or a script. */
export async function drawSvg(graph: Graph): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  return viz.renderString(formatDot(graph), { format: 'svg', engine: 'dot' });
}

/** Circles in the graph of who can call whom. Pure functions; runs in the supervisor. */

/** That one service can reach another, and whatever the caller wants back about it. */
export interface Edge<Label> {
  readonly to: string;
  readonly label: Label;
}

/** A circle: the names along it, the first one repeated at the end, and the label of the edge that closes it. */
export interface Cycle<Label> {
  readonly names: readonly string[];
  readonly closedBy: Label;
}

interface Visit<Label> {
  readonly name: string;
  readonly edges: readonly Edge<Label>[];
  next: number;
}

/**
 * One circle for each edge that leads back to a node on the way to it (a depth-first search in the order of the map), so that a graph
 * without these edges has no circle. Walks with a stack of its own: chains may be thousands long.
 */
export function findCycles<Label>(graph: ReadonlyMap<string, readonly Edge<Label>[]>): Cycle<Label>[] {
  const cycles: Cycle<Label>[] = [];
  const entered = new Set<string>();
  for (const root of graph.keys()) {
    const way: Visit<Label>[] = [];
    const position = new Map<string, number>();
    const enter = (name: string): void => {
      if (entered.has(name)) return;
      entered.add(name);
      position.set(name, way.length);
      way.push({ name, edges: graph.get(name) ?? [], next: 0 });
    };
    enter(root);
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const edge = visit.edges[visit.next];
      visit.next += 1;
      if (edge === undefined) {
        way.pop();
        position.delete(visit.name);
        continue;
      }
      const start = position.get(edge.to);
      if (start === undefined) enter(edge.to);
      else cycles.push({ names: namesFrom(way, start), closedBy: edge.label });
    }
  }
  return cycles;
}

const longestShown = 12;
const shownAtEachEnd = 5;

function namesFrom(way: readonly { readonly name: string }[], start: number): string[] {
  const length = way.length - start;
  const nameAt = (index: number): string => way[start + (index % length)]?.name ?? '';
  const names = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, index) => nameAt(from + index));
  if (length < longestShown) return names(0, length + 1);
  const hidden = `… (${length + 1 - 2 * shownAtEachEnd} more)`;
  return [...names(0, shownAtEachEnd), hidden, ...names(length + 1 - shownAtEachEnd, length + 1)];
}

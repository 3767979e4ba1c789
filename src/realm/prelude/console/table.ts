/** The box that console.table draws. https://console.spec.whatwg.org/#table */

import {
  ArrayIsArray,
  ArrayPrototypeJoin,
  MapCtor,
  MapPrototypeForEach,
  MapPrototypeGet,
  MapPrototypeSet,
  MathMax,
  ObjectKeys,
  ObjectPrototypeHasOwnProperty,
  StringPrototypePadEnd,
  StringPrototypeRepeat,
} from '../primordials.ts';
import { isObject } from '../webidl.ts';
import { inspect } from './inspect.ts';
import { isProxy, ownData } from './lookup.ts';

const MAX_ROWS = 1000;

/** A table under construction: cells by column, then by row. */
interface Grid {
  readonly indexes: string[];
  readonly columns: Map<string, string[]>;
  /** Values of rows that are no objects. */
  readonly values: string[];
  hasValues: boolean;
}

/** The table as text; undefined for what has no rows. `only`: the columns to show, or undefined for all. */
export function formatTable(data: unknown, only: readonly string[] | undefined): string | undefined {
  if (!isObject(data) || isProxy(data)) return undefined;
  const grid: Grid = { indexes: [], columns: new MapCtor<string, string[]>(), values: [], hasValues: false };
  for (let i = 0; only !== undefined && i < only.length; i++)
    MapPrototypeSet(grid.columns, only[i] as string, []);
  const keys = ObjectKeys(data);
  for (let row = 0; row < keys.length && row < MAX_ROWS; row++) {
    const key = keys[row] as string;
    grid.indexes[row] = key;
    addRow(grid, row, ownData(data, key), only !== undefined);
  }
  return draw(grid, keys.length);
}

function addRow(grid: Grid, row: number, item: unknown, fixedColumns: boolean): void {
  if (!isObject(item) || isProxy(item)) {
    grid.values[row] = inspect(item);
    grid.hasValues = true;
    return;
  }
  const keys = ObjectKeys(item);
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    let column = MapPrototypeGet(grid.columns, key);
    if (column === undefined) {
      if (fixedColumns) continue;
      column = [];
      MapPrototypeSet(grid.columns, key, column);
    }
    column[row] = cell(ownData(item, key));
  }
}

function cell(value: unknown): string {
  const large = isObject(value) && !isProxy(value) && !ArrayIsArray(value) && ObjectKeys(value).length > 2;
  return inspect(value, { depth: large ? -1 : 0 });
}

function draw(grid: Grid, rowCount: number): string {
  const shown = grid.indexes.length;
  const widths: number[] = [];
  const bodies: string[][] = [];
  for (let row = 0; row < shown; row++) bodies[row] = [];
  const head: string[] = [];
  const add = (title: string, cells: readonly string[]) => {
    const column = head.length;
    head[column] = title;
    let width = title.length;
    for (let row = 0; row < shown; row++) {
      const text = ObjectPrototypeHasOwnProperty(cells, row) ? (cells[row] as string) : '';
      (bodies[row] as string[])[column] = text;
      width = MathMax(width, text.length);
    }
    widths[column] = width;
  };
  add('(index)', grid.indexes);
  MapPrototypeForEach(grid.columns, (cells, title) => add(title, cells));
  if (grid.hasValues) add('Values', grid.values);
  const lines = [rule(widths, '┌', '┬', '┐'), line(head, widths), rule(widths, '├', '┼', '┤')];
  for (let row = 0; row < shown; row++) lines[lines.length] = line(bodies[row] as string[], widths);
  lines[lines.length] = rule(widths, '└', '┴', '┘');
  if (rowCount > shown) lines[lines.length] = `... ${rowCount - shown} more rows`;
  return ArrayPrototypeJoin(lines, '\n');
}

function rule(widths: readonly number[], left: string, middle: string, right: string): string {
  const parts: string[] = [];
  for (let i = 0; i < widths.length; i++) parts[i] = StringPrototypeRepeat('─', (widths[i] as number) + 2);
  return left + ArrayPrototypeJoin(parts, middle) + right;
}

function line(cells: readonly string[], widths: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < widths.length; i++)
    parts[i] = StringPrototypePadEnd(cells[i] as string, widths[i] as number);
  return `│ ${ArrayPrototypeJoin(parts, ' │ ')} │`;
}

/** Tables and durations as text for a terminal. Pure. */

/** Rows under a head, columns as wide as their widest cell, two spaces between them. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map((row) => `${line(row)}\n`).join('');
}

const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
];

/** `3d`, `2h`, `5m`, `12s`: the largest unit that fits. */
export function formatDuration(ms: number): string {
  const [unit, length] = units.find(([, each]) => ms >= each) ?? ['s', 1000];
  return `${Math.max(0, Math.floor(ms / length))}${unit}`;
}

/** `1 thread`, `2 threads`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** The beginning of a version that people see and type. */
export function shortVersion(version: string): string {
  return version.slice(0, 12);
}

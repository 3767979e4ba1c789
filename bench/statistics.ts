/** What the benchmarks say about their samples. */

export interface Summary {
  readonly p50: number;
  readonly p99: number;
  readonly samples: number;
}

/** Of unsorted samples, at least one. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99), samples: sorted.length };
}

export function median(samples: readonly number[]): number {
  return quantile(
    samples.toSorted((a, b) => a - b),
    0.5,
  );
}

/** The median of a few, the least and the most. */
export function spread(samples: readonly number[], digits: number): Record<'median' | 'from' | 'to', number> {
  const round = (value: number): number => Number(value.toFixed(digits));
  return {
    median: round(median(samples)),
    from: round(Math.min(...samples)),
    to: round(Math.max(...samples)),
  };
}

/** The end of the fastest tenth: what is measured when nothing else disturbs it. */
export function fastest(samples: readonly number[]): number {
  return quantile(
    samples.toSorted((a, b) => a - b),
    0.1,
  );
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}

/** Microseconds with a sensible number of digits. */
export function formatMicros(micros: number): string {
  if (micros >= 100) return `${micros.toFixed(0)} µs`;
  return micros >= 10 ? `${micros.toFixed(1)} µs` : `${micros.toFixed(2)} µs`;
}

/** Columns aligned for a terminal: the first to the left, the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map(line).join('\n');
}

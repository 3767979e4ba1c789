/** Points in time on the command line: how long ago, or a date. Pure. */

import { quote } from '../shared/text.ts';
import { UsageError } from './usage-error.ts';

const units: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds since 1970. `10m` is ten minutes before `now`. Throws UsageError. */
export function parseSince(text: string, now: number): number {
  const { amount, unit } = /^(?<amount>\d{1,9}(?:\.\d+)?)(?<unit>[smhdw])$/u.exec(text)?.groups ?? {};
  if (amount !== undefined) return now - Number(amount) * (units[unit ?? ''] ?? 0);
  const date = /^\d{4}-\d\d/u.test(text) ? Date.parse(text.replace(' ', 'T')) : NaN;
  if (!Number.isNaN(date)) return date;
  throw new UsageError(
    `--since: expected 30s, 10m, 2h, 3d, or a date such as 2026-11-23 or 2026-11-23T14:00, found ${quote(text)}`,
  );
}

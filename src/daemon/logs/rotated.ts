/**
 * Names of rotated files: `api-out.log.00000007.gz` is younger than `api-out.log.00000006.gz`, whatever the clock said. No other tool that
 * rotates files gives such names, so that nothing is removed that somebody else keeps. Pure.
 */

import { unfinished } from './log-fs.ts';

/** A file that was rotated. */
export interface Rotated {
  readonly path: string;
  readonly sequence: number;
  readonly bytes: number;
  /** When it was written to last, in milliseconds since 1970. */
  readonly modified: number;
  readonly isCompressed: boolean;
}

const digits = 8;

export function rotatedPath(path: string, sequence: number): string {
  return `${path}.${String(sequence).padStart(digits, '0')}`;
}

/** What a name in the directory of a log file is. `file`: the name of the log file that it is, or belongs to. */
export type LogName =
  | { readonly kind: 'current'; readonly file: string }
  | {
      readonly kind: 'rotated';
      readonly file: string;
      readonly sequence: number;
      readonly isCompressed: boolean;
    }
  /** What a process that was killed has left. */
  | { readonly kind: 'unfinished'; readonly file: string };

export function parseLogName(name: string): LogName | undefined {
  const isUnfinished = name.endsWith(unfinished);
  const whole = isUnfinished ? name.slice(0, -unfinished.length) : name;
  const { file, sequence, gz } = /^(?<file>.+)\.(?<sequence>\d{8})(?<gz>\.gz)?$/u.exec(whole)?.groups ?? {};
  if (file === undefined) return isUnfinished ? undefined : { kind: 'current', file: name };
  if (isUnfinished) return { kind: 'unfinished', file };
  return { kind: 'rotated', file, sequence: Number(sequence), isCompressed: gz !== undefined };
}

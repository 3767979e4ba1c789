/**
 * Reads what was logged before: the newest records of several files that fit a filter, in the order of their times. Files that are not
 * compressed are read from their end. Runs in a thread of its own, because files are large and patterns can be slow.
 */

import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import {
  errorLevel,
  type LogRecord,
  parseJsonLine,
  parsePrettyLine,
  toJsonLine,
} from '../../shared/log-record.ts';

/** The files of one log, newest first. */
export interface HistorySource {
  /** Whose records are believed: others are none of nanod's, or another service's. */
  readonly services: readonly string[];
  readonly segments: readonly {
    readonly path: string;
    /** What comes after this byte is not asked for. */
    readonly end?: number;
  }[];
}

/** Which records are wanted; plain data. */
export interface RecordFilter {
  /** The least one. */
  readonly level?: number | undefined;
  /** Milliseconds since 1970. */
  readonly since?: number | undefined;
  readonly stream?: 'out' | 'error' | undefined;
  /** A regular expression, for the text, the stack, and the request id. */
  readonly grep?: string | undefined;
}

/** Bytes that are read at once from the end of a file, and of a line that is none of nanod's. */
const chunkSize = 64 * 1024;
const longestLine = 1024 * 1024;
/** Characters that are kept altogether. */
const mostKept = 64 * 1024 * 1024;

/** Whether a record fits, its text apart. */
export function fits({ level, since, stream }: RecordFilter, record: LogRecord): boolean {
  if (level !== undefined && record.level < level) return false;
  if (since !== undefined && record.time < since) return false;
  return stream === undefined || (stream === 'error') === record.level >= errorLevel;
}

/** Whether the text of a record fits. */
export function makeGrep(pattern: string | undefined): (record: LogRecord) => boolean {
  if (pattern === undefined) return () => true;
  const expression = new RegExp(pattern, 'm');
  return ({ msg, err, requestId = '' }) =>
    expression.test(msg) || expression.test(requestId) || (err !== undefined && expression.test(err.stack));
}

interface Found {
  /** Never before that of an earlier record of the same log, whatever the clock did. */
  time: number;
  readonly line: string;
}

/** The last `lines` records that fit, as lines of JSON. What cannot be read is left out. */
export async function readHistory(
  sources: readonly HistorySource[],
  filter: RecordFilter,
  lines: number,
): Promise<string[]> {
  const matches = makeGrep(filter.grep);
  let all: Found[] = [];
  for (const source of sources) {
    const found = await readSource(source, filter, matches, lines);
    for (let i = 1, latest = found[0]?.time ?? 0; i < found.length; i++) {
      const each = found[i] as Found;
      latest = each.time = Math.max(latest, each.time);
    }
    all = newest(
      [...all, ...found].toSorted((a, b) => a.time - b.time),
      lines,
    );
  }
  return all.map(({ line }) => line);
}

function newest(found: readonly Found[], lines: number): Found[] {
  let first = found.length;
  for (let kept = 0; first > Math.max(0, found.length - lines); first--) {
    kept += found[first - 1]?.line.length ?? 0;
    if (kept > mostKept) break;
  }
  return found.slice(first);
}

/** Oldest first. */
async function readSource(
  { services, segments }: HistorySource,
  filter: RecordFilter,
  matches: (record: LogRecord) => boolean,
  lines: number,
): Promise<Found[]> {
  const reversed: Found[] = [];
  let kept = 0;
  for (const { path, end } of segments) {
    if (filter.since !== undefined && (await isOlder(path, filter.since))) break;
    const read = path.endsWith('.gz') ? linesOfCompressed(path) : linesBackwards(path, end);
    try {
      for await (const line of read) {
        const record = parseLine(line);
        if (record === undefined || !services.includes(record.service)) continue;
        if (!fits(filter, record) || !matches(record)) continue;
        const text = toJsonLine(record);
        kept += text.length;
        reversed.push({ time: record.time, line: text });
        if (reversed.length >= lines || kept > mostKept) return reversed.toReversed();
      }
    } catch {
      // It is gone since, or it is damaged: what could be read of it counts.
    }
  }
  return reversed.toReversed();
}

async function isOlder(path: string, since: number): Promise<boolean> {
  try {
    return (await stat(path)).mtimeMs < since;
  } catch {
    return false;
  }
}

function parseLine(line: string): LogRecord | undefined {
  return line.startsWith('{') ? parseJsonLine(line) : parsePrettyLine(line);
}

/** The lines of a compressed file, the last one first. */
async function* linesOfCompressed(path: string): AsyncGenerator<string> {
  const lines: string[] = [];
  let characters = 0;
  const text = createReadStream(path).pipe(createGunzip());
  try {
    for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
      lines.push(line);
      characters += line.length;
      while (characters > mostKept) characters -= lines.shift()?.length ?? 0;
    }
  } finally {
    text.destroy();
  }
  for (let i = lines.length - 1; i >= 0; i--) yield lines[i] as string;
}

/** The lines of a file up to a byte of it, the last one first. */
async function* linesBackwards(path: string, end = Infinity): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    let position = await endOfLine(file, Math.min(end, size), size);
    let rest = Buffer.alloc(0);
    while (position > 0) {
      const start = Math.max(0, position - chunkSize);
      const chunk = Buffer.alloc(position - start);
      const { bytesRead } = await file.read(chunk, 0, chunk.length, start);
      if (bytesRead < chunk.length) return; // it was emptied meanwhile
      const data = Buffer.concat([chunk, rest]);
      let stop = data.length;
      for (let at = data.lastIndexOf(0x0a); at >= 0; at = at === 0 ? -1 : data.lastIndexOf(0x0a, at - 1)) {
        if (at + 1 < stop) yield data.toString('utf8', at + 1, stop);
        stop = at;
      }
      rest = stop > longestLine ? Buffer.alloc(0) : data.subarray(0, stop);
      position = start;
    }
    if (rest.length > 0) yield rest.toString();
  } finally {
    await file.close();
  }
}

/** The end of the line that a byte is in. */
async function endOfLine(file: FileHandle, position: number, size: number): Promise<number> {
  if (position === 0 || position >= size) return position;
  const chunk = Buffer.alloc(Math.min(longestLine, size - position + 1));
  const { bytesRead } = await file.read(chunk, 0, chunk.length, position - 1);
  const at = chunk.subarray(0, bytesRead).indexOf(0x0a);
  return at < 0 ? position : position + at;
}

/**
 * One record of the log, as JSON and as text. Whatever a service prints is data within it: a record is one line, and nothing in it is obeyed
 * by a terminal. Pure; used by the supervisor and the command line.
 */

import { printable } from './text.ts';

/** A record as it is written. Records of nanod itself may have further fields. */
export interface LogRecord {
  /** pino's numbers: 20 debug, 30 info, 40 warn, 50 error. */
  readonly level: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `nanod` for nanod itself. */
  readonly service: string;
  readonly thread?: number;
  /** The first digits of it. */
  readonly version?: string;
  readonly requestId?: string;
  readonly entrypoint?: string;
  /** Records that this one stands for. */
  readonly dropped?: number;
  readonly source?: string;
  readonly err?: { readonly type: string; readonly message: string; readonly stack: string };
  readonly msg: string;
}

/** What nanod itself is called in the log: no service has this name. */
export const ownName = 'nanod';

/** Records from this level on go to error files, as what is written to stderr does elsewhere. */
export const errorLevel = 40;

export const levelNames: ReadonlyMap<string, number> = new Map([
  ['trace', 10],
  ['debug', 20],
  ['info', 30],
  ['warn', 40],
  ['error', 50],
  ['fatal', 60],
]);

// What JSON leaves as it is although a terminal obeys it or an editor hides it, as in text.ts.
const unprintable = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Escapes in a text of JSON what JSON itself leaves. */
export function escapeJson(json: string): string {
  return json.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** One line of JSON, with its end. */
export function toJsonLine(record: LogRecord): string {
  return `${escapeJson(JSON.stringify(record))}\n`;
}

/** What a line holds; undefined where it holds no record. */
export function parseJsonLine(line: string): LogRecord | undefined {
  try {
    const value = JSON.parse(line) as Partial<LogRecord> | null;
    const isRecord =
      typeof value?.level === 'number' &&
      typeof value.time === 'number' &&
      typeof value.service === 'string' &&
      typeof value.msg === 'string';
    return isRecord ? (value as LogRecord) : undefined;
  } catch {
    return undefined;
  }
}

function levelName(level: number): string {
  for (const [name, number] of levelNames) if (level <= number) return name.toUpperCase();
  return 'FATAL';
}

function bodyOf({ msg, err }: LogRecord): string {
  if (err === undefined) return msg;
  return `${msg}\n${err.stack === '' ? `${err.type}: ${err.message}` : err.stack}`;
}

/** One line for people, with its end: line breaks in it are shown as `\n`. */
export function toPrettyLine(record: LogRecord): string {
  const { level, time, service, requestId } = record;
  const request = requestId === undefined ? '' : ` [${requestId}]`;
  const body = printable(bodyOf(record)).replaceAll('\n', '\\n');
  return `${isoTime(time)} ${levelName(level).padEnd(5)} ${service}${request}: ${body}\n`;
}

const prettyLine =
  /^(?<time>\d{4}-\S+Z) (?<level>[A-Z]+) +(?<service>\S+?)(?: \[(?<requestId>[^\]\s]*)\])?: (?<msg>.*)$/u;

/** A line of toPrettyLine as far as it can be read back. */
export function parsePrettyLine(line: string): LogRecord | undefined {
  const groups = prettyLine.exec(line)?.groups;
  const { time = '', level = '', service = '', requestId, msg = '' } = groups ?? {};
  const number = levelNames.get(level.toLowerCase());
  const milliseconds = Date.parse(time);
  if (number === undefined || Number.isNaN(milliseconds)) return undefined;
  return {
    level: number,
    time: milliseconds,
    service,
    ...(requestId === undefined ? {} : { requestId }),
    msg,
  };
}

/** Times beyond what a date can be are shown as its beginning. */
function isoTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

const colors: Readonly<Record<string, number>> = { DEBUG: 90, WARN: 33, ERROR: 31, FATAL: 31 };

/** For a terminal, over several lines where the text has them; those after the first are indented. */
export function formatRecord(record: LogRecord, { color }: { readonly color: boolean }): string {
  const { level, time, service, requestId } = record;
  const paint = (text: string, code: number | undefined): string =>
    color && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text;
  const name = levelName(level);
  const request = requestId === undefined ? '' : ` [${printable(requestId)}]`;
  const head = `${localTime(time)} ${paint(name.padEnd(5), colors[name])} ${paint(printable(service), 36)}${request}: `;
  return `${head}${printable(bodyOf(record)).replaceAll('\n', '\n    ')}\n`;
}

function localTime(time: number): string {
  const date = new Date(time);
  const offset = date.getTimezoneOffset() * 60_000;
  return isoTime(time - offset)
    .replace('T', ' ')
    .slice(0, -1);
}

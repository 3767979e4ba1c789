/** Writes log records: one JSON object a line through pino, or pretty for a terminal. */

import { pino, type DestinationStream, type Logger } from 'pino';
import type { LoggedError, LogMessage } from '../messages/log.ts';
import { makeError } from '../shared/errors.ts';
import { escapeJson, type LogRecord, ownName, toJsonLine } from '../shared/log-record.ts';
import { count, printable, quote } from '../shared/text.ts';
import { makeLogOutput, type OutputStream } from './log-output.ts';
import { openTerminal } from './terminal-output.ts';

export interface LogWriterOptions {
  /** Where JSON lines go. */
  readonly destination: DestinationStream;
  /** Least level to write: a word of pino's. Another one throws USAGE, which names the variable that it comes from. */
  readonly level: string;
}

export interface LogWriter {
  /** A record of a thread. */
  write(message: LogMessage): void;
  /** A record of the supervisor. */
  log(level: 'info' | 'warn' | 'error', text: string, details?: Record<string, unknown>): void;
}

/** The number of a word of pino's; above all others for `silent`. Another word throws USAGE. */
export function leastLevel(word: string): number {
  if (word === 'silent') return Infinity;
  const number = Object.hasOwn(pino.levels.values, word) ? pino.levels.values[word] : undefined;
  if (number === undefined) throw makeError('USAGE', { reason: badLevel(word) });
  return number;
}

/** What is written of a record of a thread. */
export function recordOf(message: LogMessage): LogRecord {
  const { time, level, thread, service, version, requestId, entrypoint, text, dropped, error } = message;
  return {
    level,
    time,
    service: service === '' ? ownName : service,
    thread,
    ...(version === '' ? {} : { version: version.slice(0, 12) }),
    ...(requestId === '' ? {} : { requestId }),
    ...(entrypoint === '' ? {} : { entrypoint }),
    ...(dropped === undefined ? {} : { dropped }),
    ...(error === undefined ? {} : { source: error.source, err: errorRecord(error) }),
    msg: text,
  };
}

export function makeLogWriter({ destination, level }: LogWriterOptions): LogWriter {
  leastLevel(level);
  const logger: Logger = pino(
    { level, base: null, timestamp: false, serializers: { err: (error: unknown) => error } },
    { write: (line) => destination.write(escapeJson(line)) },
  );
  const levels: Record<number, 'debug' | 'info' | 'warn' | 'error'> = {
    20: 'debug',
    30: 'info',
    40: 'warn',
    50: 'error',
  };
  return {
    write(message) {
      const { level: number, msg, ...record } = recordOf(message);
      logger[levels[number] ?? 'info'](record, '%s', msg);
    },
    log: (name, text, details = {}) =>
      logger[name]({ time: Date.now(), service: ownName, ...details }, '%s', text),
  };
}

function badLevel(level: string): string {
  const known = [...Object.keys(pino.levels.values), 'silent'].join(', ');
  return `NANOD_LOG_LEVEL: expected one of ${known}, found ${quote(level)}`;
}

function errorRecord({ name, message, stack }: LoggedError): NonNullable<LogRecord['err']> {
  return { type: name, message, stack };
}

/** Where the log goes: to a terminal for people, elsewhere as JSON. Whoever reads it slowly, or not at all, keeps nobody waiting. */
export async function makeLogDestination(
  stream: NodeJS.WriteStream & { readonly fd: number },
  color: boolean,
): Promise<DestinationStream> {
  const to = stream.isTTY ? await makePretty(openTerminal(stream.fd, stream), color) : stream;
  const droppedLine = (dropped: number): string => {
    const msg = `dropped ${count(dropped, 'line')}: whoever reads the log is too slow`;
    return toJsonLine({ level: 40, time: Date.now(), service: ownName, dropped, msg });
  };
  return makeLogOutput({ stream: to, droppedLine });
}

/** Formats records for a person. Loaded only for terminals. */
async function makePretty(stream: NodeJS.WritableStream, color: boolean): Promise<OutputStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: color,
    destination: stream,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'version,thread,service,requestId,entrypoint,dropped,source',
    // What a service prints neither commands the terminal nor looks like another record.
    messageFormat: (record) => {
      const { service, requestId, msg } = record as unknown as LogRecord;
      const request = requestId === undefined ? '' : ` [${requestId}]`;
      return `${service}${request}: ${printable(msg).replaceAll('\n', '\n    ')}`;
    },
    sync: true,
  });
}

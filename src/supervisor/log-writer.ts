/** Writes log records: one JSON object a line through pino, or pretty for a terminal. */

import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogMessage } from '../messages/log.ts';
import { makeError } from '../shared/errors.ts';
import { quote } from '../shared/text.ts';

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

export function makeLogWriter({ destination, level }: LogWriterOptions): LogWriter {
  if (!(level in pino.levels.values) && level !== 'silent')
    throw makeError('USAGE', { reason: badLevel(level) });
  const logger: Logger = pino(
    { level, base: null, timestamp: false, serializers: { err: (error: unknown) => error } },
    destination,
  );
  const levels: Record<number, 'debug' | 'info' | 'warn' | 'error'> = {
    20: 'debug',
    30: 'info',
    40: 'warn',
    50: 'error',
  };
  return {
    write({ time, level: number, thread, service, version, requestId, text, error }) {
      const record = {
        time,
        service: service === '' ? 'nanod' : service,
        thread,
        ...(version === '' ? {} : { version: version.slice(0, 12) }),
        ...(requestId === '' ? {} : { requestId }),
        ...(error === undefined ? {} : { source: error.source, err: errorRecord(error) }),
      };
      logger[levels[number] ?? 'info'](record, '%s', text);
    },
    log: (name, text, details = {}) =>
      logger[name]({ time: Date.now(), service: 'nanod', ...details }, '%s', text),
  };
}

function badLevel(level: string): string {
  const known = [...Object.keys(pino.levels.values), 'silent'].join(', ');
  return `NANOD_LOG_LEVEL: expected one of ${known}, found ${quote(level)}`;
}

function errorRecord({ name, message, stack }: { name: string; message: string; stack: string }): object {
  return { type: name, message, stack };
}

/** A destination that formats records for a person. Loaded only for terminals. */
export async function makePrettyDestination(
  stream: NodeJS.WritableStream,
  color: boolean,
): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty');
  return pretty({
    colorize: color,
    destination: stream,
    translateTime: 'SYS:HH:MM:ss.l',
    ignore: 'version,thread,service,requestId,source',
    messageFormat: '{service}{if requestId} [{requestId}]{end}: {msg}',
    sync: true,
  });
}

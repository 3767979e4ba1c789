/** Where the log of a server goes that a program has started. */

import { makeLogWriter, type LogWriter } from './supervisor/log-writer.ts';
import type { ServerLogRecord, ServerOptions } from './server-types.ts';

/** pino's numbers. */
const levels: Readonly<Record<number, ServerLogRecord['level']>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
};

/** To a function, or as JSON lines to a stream. */
export async function makeServerLog(
  log: NonNullable<ServerOptions['log']>,
  stream: NodeJS.WritableStream,
): Promise<LogWriter> {
  if (typeof log !== 'function') return makeLogWriter({ destination: stream, level: log });
  return Promise.resolve({
    write({ level, time, service, text, error }) {
      log({
        level: levels[level] ?? 'info',
        time,
        service: service === '' ? 'nanod' : service,
        text,
        ...(error === undefined
          ? {}
          : { error: { name: error.name, message: error.message, stack: error.stack } }),
      });
    },
    log: (level, text) => log({ level, time: Date.now(), service: 'nanod', text }),
  });
}

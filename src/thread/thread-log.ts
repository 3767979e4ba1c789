/** The log of a thread: records go to the supervisor at once, so that a thread that dies has said what it had to say. */

import type { MessagePort } from 'node:worker_threads';
import type { LoggedError, LogMessage } from '../messages/log.ts';
import { currentRequest } from '../services/request-context.ts';
import { count } from '../shared/text.ts';
import { LogLimiter, type LogOrigin } from './log-limiter.ts';

export type { LogOrigin } from './log-limiter.ts';

/** What belongs to a record that not every record has. */
export interface LogExtras {
  readonly error?: LoggedError | undefined;
  /** Made of the text, and of the stack of the error, once the record is to be written. */
  readonly map?: (text: string) => string;
}

export interface ThreadLog {
  write(origin: LogOrigin, level: number, text: string, extras?: LogExtras): void;
  /** Says what was dropped, before the thread ends. */
  flush(): void;
}

/** The thread's own records. */
export const threadOrigin: LogOrigin = Object.freeze({ service: '', version: '' });

/** UTF-16 units of a text, or of a part of an error. The console of a realm cuts at 64 Ki and says how much is missing. */
const longest = 66_000;
const longestName = 200;

export function makeThreadLog(port: MessagePort, thread: number): ThreadLog {
  const post = (record: Omit<LogMessage, 'time' | 'thread'>): void =>
    port.postMessage({ time: Date.now(), thread, ...record } satisfies LogMessage);
  const limiter = new LogLimiter({
    now: () => performance.now(),
    later: (run, milliseconds) => void setTimeout(run, milliseconds).unref(),
    onDropped: ({ service, version }, dropped) =>
      post({
        level: 40,
        service,
        version,
        requestId: '',
        entrypoint: '',
        text: `dropped ${count(dropped, 'line')}: more than the log takes of one service`,
        dropped,
        error: undefined,
      }),
  });
  return {
    write(origin, level, text, { error, map = asIs } = {}) {
      if (!limiter.admits(origin, text.length + (error === undefined ? 0 : error.stack.length))) return;
      const { service, version } = origin;
      const request = currentRequest();
      post({
        level,
        service,
        version,
        requestId: request?.requestId ?? '',
        entrypoint: request?.service === service ? (request.entrypoint ?? '') : '',
        text: cut(map(cut(text))),
        error: error && cutError(error, map),
      });
    },
    flush: () => limiter.flush(),
  };
}

function asIs(text: string): string {
  return text;
}

function cutError({ source, name, message, stack }: LoggedError, map: (text: string) => string): LoggedError {
  return {
    source,
    name: cut(name, longestName),
    message: cut(message),
    stack: cut(map(cut(stack))),
  };
}

function cut(text: string, limit = longest): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}... ${text.length - limit} more characters`;
}

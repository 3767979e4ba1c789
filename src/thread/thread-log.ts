/** The log of a thread: records go to the supervisor at once, so that a thread that dies has said what it had to say. */

import type { MessagePort } from 'node:worker_threads';
import type { LoggedError, LogMessage } from '../messages/log.ts';
import { currentRequest } from '../services/request-context.ts';

/** Whose record it is. */
export interface LogOrigin {
  readonly service: string;
  readonly version: string;
}

export interface ThreadLog {
  write(origin: LogOrigin, level: number, text: string, error?: LoggedError): void;
}

/** The thread's own records. */
export const threadOrigin: LogOrigin = Object.freeze({ service: '', version: '' });

export function makeThreadLog(port: MessagePort, thread: number): ThreadLog {
  return {
    write({ service, version }, level, text, error) {
      const record: LogMessage = {
        time: Date.now(),
        level,
        thread,
        service,
        version,
        requestId: currentRequest()?.requestId ?? '',
        text,
        error,
      };
      port.postMessage(record);
    },
  };
}

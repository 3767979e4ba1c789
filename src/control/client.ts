/** The command line's half of the control API: JSON over the daemon's Unix socket. */

import { makeError } from '../shared/errors.ts';
import { http } from '../shared/node-http.ts';
import type { ControlApi } from './api.ts';
import { openStream } from './client-stream.ts';
import { CommandFailure } from './contract.ts';
import { fromFailureBody, type FailureBody } from './failure.ts';
import { type RouteName, routes } from './routes.ts';

/** Asks the daemon behind a socket. Each question has a connection of its own; DAEMON_UNREACHABLE when nobody listens. */
export function makeClient(socketPath: string): ControlApi {
  const ask = (name: RouteName) => (argument?: unknown) => exchange(socketPath, name, argument);
  const names = Object.keys(routes) as RouteName[];
  return Object.fromEntries(names.map((name) => [name, ask(name)])) as unknown as ControlApi;
}

async function exchange(socketPath: string, name: RouteName, argument: unknown): Promise<unknown> {
  const { method, path } = routes[name];
  const query = method === 'GET' ? queryOf(argument) : '';
  const body = method === 'POST' ? JSON.stringify(argument ?? {}) : undefined;
  if ('streams' in routes[name]) {
    const asked = { method, path, body: body ?? '' };
    return openStream(socketPath, asked, {
      refused: failureOf,
      unreachable: (error) => unreachable(socketPath, error),
    });
  }
  const { status, text } = await send(socketPath, method, path + query, body);
  if (status >= 200 && status < 300) return JSON.parse(text) as unknown;
  throw failureOf(status, text);
}

function failureOf(status: number, text: string): CommandFailure {
  try {
    return fromFailureBody(JSON.parse(text) as FailureBody);
  } catch {
    return new CommandFailure([makeError('INTERNAL', { reason: `the daemon answered ${status}: ${text}` })]);
  }
}

function queryOf(argument: unknown): string {
  const entries = Object.entries((argument ?? {}) as Record<string, unknown>);
  const query = new URLSearchParams(
    entries.filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]),
  ).toString();
  return query === '' ? '' : `?${query}`;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function send(socketPath: string, method: string, path: string, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers =
      body === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asking = http().request({ socketPath, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
      response.on('error', (error) => reject(unreachable(socketPath, error)));
    });
    asking.on('error', (error) => reject(unreachable(socketPath, error)));
    asking.end(body);
  });
}

/** Nobody listens, or the daemon has ended before it has answered. */
function unreachable(socketPath: string, { code, message }: NodeJS.ErrnoException): CommandFailure {
  const isAbsent = code === 'ENOENT' || code === 'ECONNREFUSED';
  return new CommandFailure([
    isAbsent
      ? makeError('DAEMON_NOT_RUNNING', { socket: socketPath })
      : makeError('DAEMON_LOST', { reason: message }),
  ]);
}

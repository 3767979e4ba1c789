/** The daemon's half of the control API: HTTP on a Unix socket, answered by the table of routes.ts. Runs in the supervisor. */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { z } from 'zod';
import { makeError, type NanodError } from '../shared/errors.ts';
import { http } from '../shared/node-http.ts';
import type { ControlApi, LogStream } from './api.ts';
import { errorsIn, toFailureBody } from './failure.ts';
import { type RouteName, routes } from './routes.ts';
import { requestSchemas } from './schemas.ts';
import { sendStream } from './stream.ts';

/** The largest body of a question, in bytes: a deployment carries the code of all its workers. */
const mostBytes = 1024 * 1024 * 1024;

export interface ControlServerOptions {
  readonly api: ControlApi;
  /** Told of what went wrong inside the daemon. */
  readonly onFault: (error: unknown) => void;
}

/** Answers; it does not listen yet. Who may connect is a matter of the socket's file mode. */
export function makeControlServer(options: ControlServerOptions): Server {
  const server = http().createServer((message, response) => {
    void answer(message, response, options);
  });
  server.requestTimeout = 0; // a deployment may take its time
  return server;
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  { api, onFault }: ControlServerOptions,
): Promise<void> {
  try {
    const url = new URL(message.url ?? '/', 'http://nanod');
    const name = routeOf(message.method ?? '', url.pathname);
    const argument =
      message.method === 'GET' ? Object.fromEntries(url.searchParams) : parse(await readText(message));
    const checked = requestSchemas[name].safeParse(argument);
    if (!checked.success)
      throw makeError('CONTROL_REQUEST', { reason: z.prettifyError(checked.error).replaceAll('\n', ' ') });
    const asked = api as unknown as Record<string, (argument: unknown) => Promise<unknown>>;
    const result = await asked[name]?.(checked.data);
    if ('streams' in routes[name]) await sendStream(response, result as LogStream);
    else send(response, 200, result);
  } catch (thrown) {
    const errors = errorsIn(thrown);
    if (errors === undefined) onFault(thrown);
    const said = errors ?? [makeError('INTERNAL', { reason: describe(thrown) })];
    send(response, statusOf(said), toFailureBody(said));
  }
}

function routeOf(method: string, path: string): RouteName {
  const names = Object.keys(routes) as RouteName[];
  const found = names.find((name) => routes[name].method === method && routes[name].path === path);
  if (found === undefined) throw makeError('CONTROL_ROUTE', { method, path });
  return found;
}

async function readText(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes)
      throw makeError('CONTROL_REQUEST', { reason: `it is longer than ${mostBytes} bytes` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(text: string): unknown {
  try {
    return text === '' ? {} : (JSON.parse(text) as unknown);
  } catch (error) {
    throw makeError('CONTROL_REQUEST', { reason: describe(error) });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) {
    response.destroy(); // a stream that broke off: its reader sees that it has no end
    return;
  }
  if (response.destroyed) return; // whoever asked has gone; what was asked is done all the same
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function statusOf(errors: readonly NanodError[]): number {
  return Math.max(
    ...errors.map(({ code, exitStatus }) => statuses.get(code) ?? (exitStatus === 2 ? 422 : 409)),
  );
}

/** Statuses of this API; the table has those of requests to services. Others: 422 for what is wrong in itself, 409 for what did not work. */
const statuses: ReadonlyMap<string, number> = new Map([
  ['INTERNAL', 500],
  ['CONTROL_ROUTE', 404],
  ['SELECTOR_UNMATCHED', 404],
  ['VERSION_UNKNOWN', 404],
  ['CONTROL_REQUEST', 400],
]);

function describe(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

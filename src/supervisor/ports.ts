/**
 * Makes sure of an address before threads share it: two processes of one user can share a `reusePort` port without noticing, so the
 * supervisor first binds it alone.
 */

import { createServer, type Server } from 'node:net';
import type { Socket, SocketAddress } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';

/** `http://127.0.0.1:8787`, as a person types it; `*` is shown as localhost. */
export function formatUrl(host: string, port: number): string {
  const shown = host === '*' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}/`;
}

/**
 * The ports to listen on: those of the configuration, and for each port 0 one that is free. Rejects with an AggregateError of
 * SOCKET_IN_USE and SOCKET_UNUSABLE.
 */
export async function claimPorts(sockets: readonly Socket[]): Promise<number[]> {
  const probes = sockets.map(() => createServer());
  const claims = probes.map((probe, index) => bind(probe, sockets[index] as Socket, index));
  const outcomes = await Promise.allSettled(claims);
  // All at once in the end, so that no two of them are given the same free port.
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  );
  if (errors.length > 0) throw new AggregateError(errors);
  return Promise.all(claims);
}

function bind(probe: Server, { address: { host, port }, address }: Socket, index: number): Promise<number> {
  return new Promise((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => reject(listenError(address, index, error)));
    probe.listen({ port, ...(host === '*' ? {} : { host }) }, () => {
      const bound = probe.address();
      resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
    });
  });
}

/** What the system said when an address could not be listened on. */
export interface ListenProblem {
  readonly code?: string | undefined;
  readonly message: string;
}

/** The error of a socket that cannot be listened on; `index` as above. */
export function listenError(
  { host, port }: SocketAddress,
  index: number,
  { code, message }: ListenProblem,
): Error {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const place = { path: `sockets[${index}].address` };
  return code === 'EADDRINUSE'
    ? makeError('SOCKET_IN_USE', { address }, place)
    : makeError('SOCKET_UNUSABLE', { address, reason: message }, place);
}

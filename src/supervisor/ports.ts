/**
 * Makes sure of an address before threads share it: two processes of one user can share a `reusePort` port without noticing, so the
 * supervisor first binds it alone.
 */

import { createServer } from 'node:net';
import type { Socket } from '../config/types.ts';
import { makeError } from '../shared/errors.ts';

/** `http://127.0.0.1:8787`, as a person types it; `*` is shown as localhost. */
export function formatUrl(host: string, port: number): string {
  const shown = host === '*' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${shown}:${port}/`;
}

/** The port to listen on: the given one, or for port 0 one that is free. Rejects with SOCKET_IN_USE or SOCKET_UNUSABLE. */
export async function claimPort(socket: Socket): Promise<number> {
  const { host, port } = socket.address;
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', (error: NodeJS.ErrnoException) => reject(listenError(socket, error.code ?? '', error.message)));
    probe.listen({ port, ...(host === '*' ? {} : { host }) }, () => {
      const address = probe.address();
      const bound = typeof address === 'object' && address !== null ? address.port : port;
      probe.close(() => resolve(bound));
    });
  });
}

/** The error of a socket that cannot be listened on. */
export function listenError(socket: Pick<Socket, 'name' | 'address'>, code: string, reason: string): Error {
  const { host, port } = socket.address;
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const place = { path: `sockets[${JSON.stringify(socket.name)}]` };
  return code === 'EADDRINUSE'
    ? makeError('SOCKET_IN_USE', { address }, place)
    : makeError('SOCKET_UNUSABLE', { address, reason }, place);
}

/** How servers come to listen: on addresses, and on descriptors that are listened on already. Runs in a thread. */

import { renameSync } from 'node:fs';
import type { ListenOptions, Server as NetServer } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { threadId } from 'node:worker_threads';
import type { ListenSpec } from '../../messages/startup.ts';

/** For one server. */
export interface WayToListen {
  /** Of `server.listen`. */
  readonly options: ListenOptions;
  /** The path that a Unix socket gets once it is listened on. */
  readonly renameTo?: string;
}

/** One for each server that it takes. Descriptors that were adopted come in place of everything else. */
export function waysToListen(listen: ListenSpec, adopted: readonly number[] = []): WayToListen[] {
  if (adopted.length > 0) return adopted.map(onDescriptor);
  switch (listen.kind) {
    case 'tcp': {
      const { host, port, shared } = listen;
      return [{ options: { port, reusePort: shared, ...(host === '*' ? {} : { host }) } }];
    }
    case 'path':
      return [onPath(listen.path)];
    case 'fd':
      return listen.fds.map(onDescriptor);
  }
}

/** Resolves with what the system said, if it cannot. */
export function startListening(
  server: NetServer,
  { options, renameTo }: WayToListen,
): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(options, () => {
      try {
        if (renameTo !== undefined) renameSync(String(options.path), renameTo);
        resolve(undefined);
      } catch (error) {
        resolve(error as NodeJS.ErrnoException);
      }
    });
  });
}

/**
 * What a server listens on, for a process that is to listen on the same; nothing where the runtime would remove the path of a Unix socket
 * when it closes its own end. Node.js has no public name for the descriptor.
 */
export function descriptorOf(server: NetServer, listen: ListenSpec): number[] {
  const { _handle: handle } = server as NetServer & { readonly _handle?: { readonly fd?: number } | null };
  if (listen.kind === 'path' && isInFileSystem(listen.path) && server.address() === listen.path) return [];
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? [handle.fd] : [];
}

function onDescriptor(fd: number): WayToListen {
  return { options: { fd } as ListenOptions };
}

/** The names of others begin with a null character. */
function isInFileSystem(path: string): boolean {
  return !path.startsWith('\0');
}

/** The longest path of a Unix socket that every system takes, in bytes. */
const longestPath = 103;

let sockets = 0;

/**
 * Listens beside the path, and takes it then. The runtime removes the path that it has listened on when it closes it, and by then the path may
 * be that of somebody who listens in place of this process; so that is never the path that clients know. The supervisor removes that one.
 */
function onPath(path: string): WayToListen {
  const name = [process.pid, threadId, ++sockets].map((number) => number.toString(36)).join('-');
  const beside = join(dirname(path), `.${name}`);
  if (!isInFileSystem(path) || Buffer.byteLength(beside) > longestPath) return { options: { path } };
  return { options: { path: beside }, renameTo: path };
}

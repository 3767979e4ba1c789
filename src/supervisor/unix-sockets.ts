/**
 * Unix sockets in the file system. A process that ends without warning leaves its file behind, and nobody listens behind it: such a file is
 * taken away, one with somebody behind it is not. Runs in the supervisor.
 */

import { lstatSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';

/** Makes sure that the path can be listened on. Rejects with a system error where it cannot: EADDRINUSE where somebody listens. */
export async function claimPath(path: string): Promise<void> {
  const found = look(path);
  if (found === undefined) return;
  if (!found.isSocket()) throw problem('ENOTSOCK', 'the file that is there is no socket');
  if (await isLive(path)) throw problem('EADDRINUSE', 'somebody listens there');
  removeSame(path, found);
}

/** Takes away what a thread of this process has left behind. Whoever has the path by now keeps it. */
export async function releasePath(path: string): Promise<void> {
  await claimPath(path).catch(() => {});
}

/** Between the look and the removal somebody else may have done the same, and listen there: that file is another one. */
function removeSame(path: string, { dev, ino }: Stats): void {
  const now = look(path);
  if (now?.dev === dev && now.ino === ino) unlinkSync(path);
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function isLive(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // EAGAIN: its queue is full, so it has one. A socket of another type (datagrams) is somebody's as well.
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else if (error.code === 'EAGAIN' || error.code === 'EPROTOTYPE') resolve(true);
      else reject(error);
    });
  });
}

function problem(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}

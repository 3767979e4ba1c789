/**
 * A terminal to write to without waiting for it: the stream that Node.js has for it blocks the process as long as somebody holds the terminal
 * (Ctrl-S, a connection that hangs). Runs on the main thread.
 */

import { close, constants, openSync, write } from 'node:fs';
import { Writable } from 'node:stream';

/** How often a terminal that takes nothing is tried again, in milliseconds. */
const retryAfter = 50;

/**
 * A stream to what a descriptor of this process is connected to; `fallback` where the system does not give it a second time. The flag that
 * makes it nonblocking is set for this stream only, and not for the other processes on the terminal.
 */
export function openTerminal(descriptor: number, fallback: NodeJS.WritableStream): NodeJS.WritableStream {
  try {
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    const fd = openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
    const stream = new Writable({
      decodeStrings: true,
      write: (chunk: Buffer, _encoding, done) => writeAll(fd, chunk, done),
      destroy: (error, done) => close(fd, () => done(error)),
    });
    stream.on('error', () => {}); // the terminal has gone; services go on
    return stream;
  } catch {
    return fallback;
  }
}

function writeAll(fd: number, chunk: Buffer, done: (error?: Error | null) => void): void {
  write(fd, chunk, (error, written) => {
    if (error !== null && error.code !== 'EAGAIN') done(error);
    else if (written === chunk.length) done();
    else setTimeout(writeAll, written > 0 ? 0 : retryAfter, fd, chunk.subarray(written), done).unref();
  });
}

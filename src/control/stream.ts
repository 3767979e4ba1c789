/** Answers of the control API that go on: sent as fast as they are read, and given up when nobody reads any more. Runs in the supervisor. */

import type { ServerResponse } from 'node:http';
import type { LogStream } from './api.ts';

/** Resolves when the stream has ended, or whoever asked has gone. Rejects where the stream breaks off. */
export async function sendStream(response: ServerResponse, stream: LogStream): Promise<void> {
  response.once('close', () => stream.close());
  if (response.destroyed) stream.close();
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  for await (const chunk of stream.chunks) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}

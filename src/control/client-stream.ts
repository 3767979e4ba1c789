/** The command line's half of answers that go on. */

import { type IncomingMessage, request } from 'node:http';
import type { LogStream } from './api.ts';

export interface StreamFailures {
  /** For an answer that is not 2xx. */
  readonly refused: (status: number, text: string) => Error;
  readonly unreachable: (error: NodeJS.ErrnoException) => Error;
}

/** Asks, and resolves when the answer begins. Rejects, and its chunks do, with what `failures` make. */
export async function openStream(
  socketPath: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: string },
  failures: StreamFailures,
): Promise<LogStream> {
  const response = await begin(socketPath, { method, path, body }, failures);
  response.setEncoding('utf8');
  const status = response.statusCode ?? 0;
  if (status < 200 || status >= 300) {
    let text = '';
    for await (const chunk of response as AsyncIterable<string>) text += chunk;
    throw failures.refused(status, text);
  }
  return { chunks: wholeLines(response, failures), close: () => void response.destroy() };
}

function begin(
  socketPath: string,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: string },
  { unreachable }: StreamFailures,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asking = request({ socketPath, method, path, headers, agent: false }, resolve);
    asking.on('error', (error) => reject(unreachable(error)));
    asking.end(body);
  });
}

async function* wholeLines(
  response: IncomingMessage,
  { unreachable }: StreamFailures,
): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      const end = chunk.lastIndexOf('\n') + 1;
      if (end > 0) yield rest + chunk.slice(0, end);
      rest = end > 0 ? chunk.slice(end) : rest + chunk;
    }
  } catch (error) {
    throw unreachable(error as NodeJS.ErrnoException);
  }
}

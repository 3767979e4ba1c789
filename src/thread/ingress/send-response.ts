/** Writes a neutral response to the wire. */

import type { ServerResponse } from 'node:http';
import { discardBody, neutral } from '../../realm/neutral.ts';
import type {
  BodyState,
  ChunkSink,
  ErrorState,
  ResponseState,
  SourceState,
} from '../../realm/prelude/state.ts';
import { isHopByHop } from './request-state.ts';

const transfer = ArrayBuffer.prototype.transfer;

export interface SendOptions {
  readonly isHead: boolean;
  /** The connection is to end with this response: the thread is draining. */
  readonly close: boolean;
  /** The body failed after the head was sent: the connection is cut, so that the client notices. */
  readonly onBodyError: (error: ErrorState) => void;
}

/** Sends the response; a streamed body follows the client's pace. */
export function sendResponse(out: ServerResponse, response: ResponseState, options: SendOptions): void {
  const { status } = response;
  const bodyless = options.isHead || status === 204 || status === 304 || status === 205;
  const headers = headerArray(response, bodyless);
  if (options.close) headers.push('connection', 'close');
  if (response.statusText === '') out.writeHead(status, headers);
  else out.writeHead(status, response.statusText, headers);
  const { body } = response;
  if (bodyless || body === undefined) {
    out.end();
    discardBody(body, unread);
  } else if (typeof body === 'string') out.end(body);
  else if (body.kind === 'bytes') out.end(new Uint8Array(transfer.call(body.buffer as ArrayBuffer)));
  else pump(out, body.source as SourceState, options.onBodyError);
}

const gone = neutral.error('domexception', 'AbortError', 'The client went away.', '', '');
const unread = neutral.error('domexception', 'AbortError', 'The body is not sent.', '', '');

/** Names and values in turn, as writeHead takes them: several Set-Cookie headers stay several. */
function headerArray(response: ResponseState, bodyless: boolean): string[] {
  const headers: string[] = [];
  const length = bodyLength(response.body);
  const lengthKnown = length >= 0 && response.status !== 204 && response.status !== 304;
  const raw = response.headers;
  for (let from = 0; from < raw.length;) {
    const endOfName = raw.indexOf('\n', from);
    const endOfValue = raw.indexOf('\n', endOfName + 1);
    const name = raw.slice(from, endOfName);
    const own = name === 'content-length' && (lengthKnown || !keepsLength(response, bodyless));
    if (!own && !isHopByHop(name)) headers.push(name, raw.slice(endOfName + 1, endOfValue));
    from = endOfValue + 1;
  }
  if (lengthKnown) headers.push('content-length', String(length));
  return headers;
}

/** A length that the worker states holds where nothing else is known: for a stream, or for the response to HEAD. */
function keepsLength(response: ResponseState, bodyless: boolean): boolean {
  return response.status !== 204 && (bodyless || isStream(response.body));
}

function isStream(body: BodyState): boolean {
  return typeof body === 'object' && body.kind === 'stream';
}

function bodyLength(body: BodyState): number {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

function pump(out: ServerResponse, source: SourceState, onBodyError: (error: ErrorState) => void): void {
  let open = true;
  out.on('close', () => {
    if (!open) return;
    open = false;
    source.cancel(gone);
  });
  let hasWritten = false;
  let isReading = false;
  let isFull = false;
  let isLooping = false;
  const receive: ChunkSink = (step, buffer, error) => {
    isReading = false;
    if (!open) return;
    if (step === 'chunk') {
      hasWritten = true;
      isFull = !out.write(new Uint8Array(transfer.call(buffer as ArrayBuffer)));
      if (isFull) out.once('drain', resume);
      return readOn();
    }
    open = false;
    if (step === 'end') return void out.end();
    onBodyError(error as ErrorState);
    out.destroy();
  };
  // A loop, and no recursion: a source may answer while it is being asked, any number of times.
  const readOn = (): void => {
    if (isLooping) return;
    isLooping = true;
    while (open && !isReading && !isFull) {
      isReading = true;
      source.read(receive);
    }
    isLooping = false;
  };
  const resume = (): void => {
    isFull = false;
    readOn();
  };
  readOn();
  if (isReading && !hasWritten) out.flushHeaders(); // the client hears of the response before its first chunk
}

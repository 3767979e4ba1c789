/** Writes a neutral response to the wire. */

import type { ServerResponse } from 'node:http';
import { discardBody, neutral } from '../../realm/neutral.ts';
import type { BodyState, ErrorState, ResponseState, SourceState } from '../../realm/prelude/state.ts';
import { BodyPump } from './body-pump.ts';
import { isHopByHop, listHas } from './request-state.ts';

const transfer = ArrayBuffer.prototype.transfer;
const unread = neutral.error('domexception', 'AbortError', 'The body is not sent.', '', '');

export interface SendOptions {
  readonly isHead: boolean;
  /** The connection is to end with this response: the thread is draining. */
  readonly close: boolean;
  /** Runs what may run code of the worker. */
  readonly inRequest: (run: () => void) => void;
  /** A stream cannot be sent, for the reason that is thrown for other bodies. */
  readonly onUnsendable: (error: unknown) => void;
  /** The body has failed. Where the head was not sent before, the client still waits for an answer. */
  readonly onBodyError: (error: ErrorState, isSent: boolean) => void;
}

/** Sends the response. Throws, before anything is sent, where a header has characters that HTTP does not allow. */
export function sendResponse(out: ServerResponse, response: ResponseState, options: SendOptions): void {
  const { status, body } = response;
  const { headers, length } = headersToSend(response, options.isHead);
  if (options.close) headers.push('connection', 'close');
  const begin = (): void => {
    if (response.statusText === '') out.writeHead(status, headers);
    else out.writeHead(status, response.statusText, headers);
  };
  if (body === undefined || options.isHead || status === 204 || status === 304 || status === 205) {
    begin();
    out.end();
    discardBody(body, unread);
  } else if (typeof body === 'string') {
    begin();
    out.end(body);
  } else if (body.kind === 'bytes') {
    begin();
    out.end(new Uint8Array(transfer.call(body.buffer as ArrayBuffer)));
  } else {
    const { inRequest, onUnsendable, onBodyError: onError } = options;
    new BodyPump(out, {
      source: body.source as SourceState,
      length,
      inRequest,
      begin,
      onUnsendable,
      onError,
    });
  }
}

interface HeadersToSend {
  /** Names and values in turn, as writeHead takes them: several Set-Cookie headers stay several. */
  readonly headers: string[];
  /** The length that they announce, or -1. */
  readonly length: number;
}

function headersToSend(response: ResponseState, isHead: boolean): HeadersToSend {
  const headers: string[] = [];
  const raw = response.headers;
  let stated = -1;
  let named = '';
  for (let from = 0; from < raw.length;) {
    const endOfName = raw.indexOf('\n', from);
    const endOfValue = raw.indexOf('\n', endOfName + 1);
    const name = raw.slice(from, endOfName);
    const value = raw.slice(endOfName + 1, endOfValue);
    if (name === 'content-length') stated = parseLength(value);
    else if (name === 'connection') named += `,${value.toLowerCase()}`;
    else if (!isHopByHop(name)) headers.push(name, value);
    from = endOfValue + 1;
  }
  const length = lengthToSend(response, isHead, stated);
  if (length >= 0) headers.push('content-length', String(length));
  return { headers: named === '' ? headers : withoutNamed(headers, named), length };
}

/** Without those that a Connection header names. */
function withoutNamed(headers: readonly string[], named: string): string[] {
  return headers.filter((_, index) => !listHas(named, headers[index - (index % 2)] as string));
}

/** -1 for what is no length. */
function parseLength(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : -1;
}

/** What the worker states counts where nothing else is known: for a stream, and where a body is only spoken of. */
function lengthToSend({ status, body }: ResponseState, isHead: boolean, stated: number): number {
  if (status === 204) return -1;
  if (status === 304) return stated;
  if (status === 205) return 0;
  if (isHead && body === undefined && stated >= 0) return stated;
  const known = bodyLength(body);
  return known >= 0 ? known : stated;
}

function bodyLength(body: BodyState): number {
  if (body === undefined) return 0;
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

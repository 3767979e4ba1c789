/** Requests, responses and their bodies, as messages and back. */

import type { BodyMessage } from '../messages/channel.ts';
import type { IncomingStreams, OutgoingStreams } from './streams.ts';

/** The streams of a channel. */
export interface Streams {
  readonly outgoing: OutgoingStreams;
  readonly incoming: IncomingStreams;
}

export interface SentBody {
  readonly body: BodyMessage;
  readonly transfers: readonly ArrayBuffer[];
}

/** A body whose bytes may still have to come. */
export function sendStream(body: ReadableStream | null, { outgoing }: Streams): SentBody {
  if (body === null) return { body: undefined, transfers: [] };
  return { body: { kind: 'stream', stream: outgoing.open(body), length: -1 }, transfers: [] };
}

/** A body whose bytes are all there. */
export async function sendBytes(request: Request): Promise<SentBody> {
  if (request.body === null) return { body: undefined, transfers: [] };
  const buffer = await request.arrayBuffer();
  return { body: { kind: 'bytes', buffer }, transfers: [buffer] };
}

export function receiveBody(
  body: BodyMessage,
  { incoming }: Streams,
): string | ArrayBuffer | ReadableStream<Uint8Array> | null {
  if (body === undefined) return null;
  if (typeof body === 'string') return body;
  return body.kind === 'bytes' ? body.buffer : incoming.open(body.stream);
}

/** Statuses whose responses have no body: https://fetch.spec.whatwg.org/#null-body-status */
const withoutBody: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** What crosses of a response. */
export interface ResponseParts {
  readonly status: number;
  readonly statusText: string;
  readonly headers: string;
  readonly body: BodyMessage;
}

export function receiveResponse(
  { status, statusText, headers, body }: ResponseParts,
  streams: Streams,
): Response {
  const content = withoutBody.has(status) ? null : receiveBody(body, streams);
  return new Response(content, { status, statusText, headers: receiveHeaders(headers) }) as Response;
}

/** `name LF value LF name LF value LF`: see src/realm/prelude/state.ts. */
export function sendHeaders(headers: Headers): string {
  return [...headers].map(([name, value]) => `${name}\n${value}\n`).join('');
}

export function receiveHeaders(text: string): Headers {
  const headers = new Headers();
  const parts = text === '' ? [] : text.split('\n');
  for (let i = 0; i + 1 < parts.length; i += 2) headers.append(parts[i] as string, parts[i + 1] as string);
  return headers;
}

/** Calls a service as a realm's prelude does, with neutral records, and reads what it answers. */

import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';
import { neutral } from '../../src/realm/neutral.ts';
import type {
  BodyState,
  CallState,
  ErrorState,
  RequestState,
  ResponseState,
  SourceState,
} from '../../src/realm/prelude/state.ts';
import { makeNetworkService, type NetworkOptions, type NetworkService } from '../../src/services/network.ts';

export interface CallInit {
  readonly method?: string;
  /** `[name, value, ...]` */
  readonly headers?: readonly string[];
  readonly body?: BodyState;
}

/** What a call came to. */
export interface Outcome {
  readonly response: ResponseState | undefined;
  readonly error: ErrorState | undefined;
}

export interface StartedCall {
  readonly call: CallState;
  readonly outcome: Promise<Outcome>;
  /** How often the service has settled it. */
  settled(): number;
  /** Gives up, as a prelude does. */
  abort(): void;
}

export const aborted = neutral.error('domexception', 'AbortError', 'gave up', '', '');

/** A network service for a test, closed with it. */
export function networkService(t: Test, options: NetworkOptions): NetworkService {
  const service = makeNetworkService(options);
  t.teardown(() => service.close());
  return service;
}

/** An HTTP server on 127.0.0.1, closed with the test. */
export async function httpServer(
  t: Test,
  listener: RequestListener,
): Promise<{ server: Server; url: string; port: number }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}

export function requestState(
  url: string,
  { method = 'GET', headers = [], body }: CallInit = {},
): RequestState {
  return neutral.request(method, url, headers.map((part) => `${part}\n`).join(''), body, '');
}

export function startCall(
  service: Pick<NetworkService, 'fetch'>,
  url: string,
  init: CallInit = {},
): StartedCall {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const request = requestState(url, init);
  let count = 0;
  const settle: CallState['settle'] = (_call, response, error) => {
    count++;
    resolve({ response, error });
  };
  const call = neutral.call(settle, undefined, request, undefined, undefined, undefined);
  service.fetch(request, call);
  return {
    call,
    outcome: promise,
    settled: () => count,
    abort() {
      call.aborted = aborted;
      call.onAbort?.(aborted);
    },
  };
}

/** The response. Rejects where the call failed. */
export async function fetchState(
  service: Pick<NetworkService, 'fetch'>,
  url: string,
  init?: CallInit,
): Promise<ResponseState> {
  const { response, error } = await startCall(service, url, init).outcome;
  if (response === undefined) throw new Error(`${error?.code}: ${error?.message}`);
  return response;
}

/** The error. Rejects where there was a response. */
export async function fetchError(
  service: Pick<NetworkService, 'fetch'>,
  url: string,
  init?: CallInit,
): Promise<ErrorState> {
  const { response, error } = await startCall(service, url, init).outcome;
  if (error === undefined) throw new Error(`answered with ${response?.status}`);
  return error;
}

export type Step = {
  readonly step: 'chunk' | 'end' | 'error';
  readonly bytes: Buffer;
  readonly error: ErrorState | undefined;
};

/** The source of a streamed body. Throws for any other. */
export function sourceOf(body: BodyState): SourceState {
  const source = typeof body === 'object' ? body.source : undefined;
  if (source === undefined) throw new Error('the body is no stream');
  return source;
}

/** One read of a source. */
export function readStep(source: SourceState): Promise<Step> {
  return new Promise((resolve) => {
    source.read((step, buffer, error) => {
      resolve({ step, bytes: Buffer.from(buffer ?? new ArrayBuffer(0)), error });
    });
  });
}

/** Everything of a body. Rejects with its error. */
export async function readBody(body: BodyState): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const source = sourceOf(body);
  for (;;) {
    const { step, bytes, error } = await readStep(source);
    if (step === 'end') return Buffer.concat(chunks);
    if (step === 'error') throw new Error(`${error?.code}: ${error?.message}`);
    chunks.push(bytes);
  }
}

export async function readText(body: BodyState): Promise<string> {
  return (await readBody(body)).toString();
}

/** Header lines in order, from the crossing form. */
export function headerLines(response: ResponseState): string[] {
  const parts = response.headers.split('\n');
  return Array.from({ length: (parts.length - 1) / 2 }, (_, i) => `${parts[2 * i]}: ${parts[2 * i + 1]}`);
}

/** A body whose chunks come from a function: undefined is its end, a thrown error its failure. `onCancel` is told of a cancellation. */
export function pulledBody(
  pull: () => string | undefined | Promise<string | undefined>,
  {
    length = -1,
    onCancel = () => undefined,
  }: { length?: number; onCancel?: (reason: ErrorState) => void } = {},
): BodyState {
  const source = neutral.source((sink) => {
    void (async () => {
      try {
        const text = await pull();
        if (text === undefined) sink('end', undefined, undefined);
        else sink('chunk', new TextEncoder().encode(text).buffer.slice(0), undefined);
      } catch (error) {
        sink('error', undefined, neutral.error('error', 'RangeError', (error as Error).message, '', ''));
      }
    })();
  }, onCancel);
  return neutral.streamBody(source, length);
}

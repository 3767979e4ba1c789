/**
 * How a request is put to a server of its own, and how its response is changed on the way back: workerd's `HttpOptions`. Pure; used in
 * threads.
 */

import type { RequestState } from '../../realm/prelude/state.ts';
import { makeError } from '../../shared/errors.ts';
import { requestHeaders } from '../network/message-head.ts';
import type { RefusedTarget } from '../network/request-target.ts';
import type { Departure, Route } from '../network/route.ts';

/** A header that takes the place of those of its name; `null` takes them away. Names are in lower case. */
export interface InjectedHeader {
  readonly name: string;
  readonly value: string | null;
}

export interface RouteOptions {
  /** What messages call the server. */
  readonly server: string;
  /** Of the server itself, whatever the URL of a request says. */
  readonly origin: string;
  readonly style: 'host' | 'proxy';
  readonly forwardedProtoHeader: string | undefined;
  readonly cfBlobHeader: string | undefined;
  readonly injectRequestHeaders: readonly InjectedHeader[];
  readonly injectResponseHeaders: readonly InjectedHeader[];
}

export function makeExternalRoute(options: RouteOptions): Route {
  const { injectResponseHeaders } = options;
  return {
    depart: (request) => depart(request, options),
    arrive: (headers) =>
      injectResponseHeaders.length === 0 ? headers : rewriteHeaders(headers, injectResponseHeaders),
  };
}

function depart(request: RequestState, options: RouteOptions): Departure | RefusedTarget {
  const { server, origin, style } = options;
  const url = URL.parse(request.url);
  const refuse = (reason: string): RefusedTarget => {
    return { server, url: undefined, error: makeError('NETWORK_REQUEST', { server, reason }) };
  };
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return refuse('its URL is not one of http: or https:');
  if (request.method === 'CONNECT') return refuse('CONNECT opens a tunnel');
  const path = url.pathname + url.search;
  const target = style === 'host' ? path : url.origin + path;
  return { server, url, origin, target, headers: headersOf(request, url, options) };
}

/** In the order of workerd: what is injected has the last word. */
function headersOf(request: RequestState, url: URL, options: RouteOptions): string[] {
  const { style, forwardedProtoHeader, cfBlobHeader, injectRequestHeaders } = options;
  const changes: InjectedHeader[] = [];
  if (style === 'host' && forwardedProtoHeader !== undefined)
    changes.push({ name: forwardedProtoHeader, value: url.protocol.slice(0, -1) });
  if (cfBlobHeader !== undefined)
    changes.push({ name: cfBlobHeader, value: request.cf === '' ? null : inAscii(request.cf) });
  let headers = ['host', url.host, ...requestHeaders(request)];
  for (const change of [...changes, ...injectRequestHeaders]) headers = withHeader(headers, change);
  return headers;
}

function withHeader(headers: readonly string[], { name, value }: InjectedHeader): string[] {
  const others = headers.filter((_, i) => headers[i - (i % 2)] !== name);
  if (value !== null) others.push(name, value);
  return others;
}

/** JSON that a header can hold. */
function inAscii(json: string): string {
  // Without the flag u, so that each half of a surrogate pair is escaped, as JSON has it.
  return json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Of headers in crossing form. */
function rewriteHeaders(headers: string, changes: readonly InjectedHeader[]): string {
  let list = headers.split('\n').slice(0, -1);
  for (const change of changes) list = withHeader(list, change);
  return list.map((part) => `${part}\n`).join('');
}

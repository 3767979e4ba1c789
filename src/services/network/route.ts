/**
 * Where the requests of a service go, and what is changed of messages on the way. The exchanges know nothing else of the difference
 * between a network and a server of its own. Pure; used in threads.
 */

import type { RequestState } from '../../realm/prelude/state.ts';
import type { NanodError } from '../../shared/errors.ts';
import { requestHeaders } from './message-head.ts';
import { type RefusedTarget, requestTarget } from './request-target.ts';

/** A request as it is to be sent. */
export interface Departure {
  /** What messages call the other side. */
  readonly server: string;
  readonly url: URL;
  /** What connections are pooled by. */
  readonly origin: string;
  /** The request target: a path with its query, or for a proxy the whole URL. */
  readonly target: string;
  /** Names in lower case, and values, in turn. The client adds what belongs to the connection. */
  readonly headers: string[];
}

export interface Route {
  depart(request: RequestState): Departure | RefusedTarget;
  /** Headers of a response in crossing form, as the caller is to see them. */
  arrive(headers: string): string;
}

/** To whichever server the URL names, unchanged. `onRefused` is told of what is refused by a rule. */
export function makeNetworkRoute(onRefused: (error: NanodError) => void): Route {
  return {
    depart(request) {
      const found = requestTarget(request, onRefused);
      if (found.url === undefined) return found;
      const { server, url } = found;
      const target = url.pathname + url.search;
      return { server, url, origin: url.origin, target, headers: requestHeaders(request) };
    },
    arrive: (headers) => headers,
  };
}

/** Where a request is to go, as far as its URL tells: what no network service sends anywhere. Pure; used in threads. */

import type { RequestState } from '../../realm/prelude/state.ts';
import { makeError, type NanodError } from '../../shared/errors.ts';
import { isBadPort } from './bad-ports.ts';

export interface RequestTarget {
  /** What messages call it. */
  readonly server: string;
  readonly url: URL;
}

export interface RefusedTarget {
  readonly server: string;
  readonly url: undefined;
  readonly error: NanodError;
}

/** `onRefused` is told of what is refused by a rule. */
export function requestTarget(
  { url: href, method }: RequestState,
  onRefused: (error: NanodError) => void,
): RequestTarget | RefusedTarget {
  const url = URL.parse(href);
  const server = url?.host ?? href;
  const refuse = (reason: string): RefusedTarget => {
    return { server, url: undefined, error: makeError('NETWORK_REQUEST', { server, reason }) };
  };
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    return refuse('its URL is not one of http: or https:');
  if (method === 'CONNECT') return refuse('CONNECT opens a tunnel');
  if (url.port === '' || !isBadPort(Number(url.port))) return { server, url };
  const reason = `port ${url.port} belongs to another protocol`;
  const error = makeError('NETWORK_REFUSED', { server, reason });
  onRefused(error);
  return { server, url: undefined, error };
}

/**
 * Opening connections: `connect` of `cloudflare:sockets`, and that of bindings. It is a call like a request: `CONNECT tcp://host:port` with
 * what leaves as its body, answered by a 200 with what arrives. https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/
 */

import {
  ErrorCtor,
  RegExpPrototypeExec,
  StringPrototypeIncludes,
  StringPrototypeToLowerCase,
  TypeErrorCtor,
} from '../primordials.ts';
import { fromFailure, toErrorState } from '../errors/error-state.ts';
import { discardResponse } from '../fetch/give-up.ts';
import { rawHeader } from '../fetch/headers.ts';
import { guarded } from '../host.ts';
import { newCallState, newRequestState } from '../neutral.ts';
import type { CallState, ErrorState, ResponseState, TargetState } from '../state.ts';
import { isObject, requireArguments, toDictionary, toDOMString, toEnforcedRange } from '../webidl.ts';
import { Link, type LinkOptions, type SecureTransport } from './link.ts';
import { newSocket, type Socket } from './socket.ts';

const neutral = guarded($host.neutral);
const host = guarded($host.realm);
const OUTBOUND = 0;
const WHERE = 'connect';

const methods = {
  /** Through the worker's global outbound. */
  connect(address: unknown, options: unknown = undefined): Socket {
    requireArguments(arguments.length, 1, WHERE);
    return connectTo(host.target(OUTBOUND), address, options);
  },
};
export const { connect } = methods;

/** Opens a connection to a target. Throws a TypeError for bad arguments; everything else is told by the socket. */
export function connectTo(target: TargetState, address: unknown, given: unknown): Socket {
  const authority = toAuthority(address);
  const options = toOptions(given);
  const link = new Link(options);
  const send = (to: Link, headers: string): void => ask(target, `tcp://${authority}`, headers, to);
  send(link, `secure-transport\n${options.secureTransport}\n`);
  return newSocket(link, (from, tls) => encrypt(from, tls, send));
}

function ask(target: TargetState, url: string, headers: string, link: Link): void {
  try {
    const body = neutral.streamBody(link.leaving, -1);
    const request = newRequestState('CONNECT', url, headers, body, '');
    target.fetch(request, newCallState(settle, target, request, undefined, undefined, link));
  } catch {
    link.fail(new ErrorCtor('The call went too deep.'));
  }
}

/** Takes the outcome; the callee (or the host) calls it. */
function settle(call: CallState, response: ResponseState | undefined, error: ErrorState | undefined): void {
  const link = call.context as Link;
  try {
    if (response === undefined) {
      link.fail(fromFailure(error as ErrorState));
      return;
    }
    const { status, headers, body } = response;
    const arriving = typeof body === 'object' ? body.source : undefined;
    if (status !== 200 || arriving === undefined) {
      const refusal = new TypeErrorCtor('The service takes no connections.');
      discardResponse(response, toErrorState(refusal));
      link.fail(refusal);
      return;
    }
    link.token = rawHeader(headers, 'start-tls') ?? '';
    link.open(arriving, {
      remoteAddress: rawHeader(headers, 'remote-address'),
      localAddress: rawHeader(headers, 'local-address'),
    });
  } catch (problem) {
    link.fail(problem);
  }
}

function encrypt(from: Link, given: unknown, send: (to: Link, headers: string) => void): Link {
  const { secureTransport } = from.options;
  if (secureTransport === 'on') throw new TypeErrorCtor('startTls: the connection is encrypted already.');
  if (secureTransport === 'off')
    throw new TypeErrorCtor("startTls: the connection was not opened with secureTransport: 'starttls'.");
  if (from.isUpgraded || from.isStartingTls) throw new TypeErrorCtor('startTls was called already.');
  const wanted = toDictionary<{ expectedServerHostname: unknown }>(given, 'startTls')?.expectedServerHostname;
  const name = wanted === undefined ? '' : toHostname(wanted);
  from.isStartingTls = true;
  const next = new Link({ ...copyOptions(from.options), secureTransport: 'on' });
  void switchOver(from, next, name, send);
  return next;
}

function copyOptions({ allowHalfOpen, highWaterMark }: LinkOptions): Omit<LinkOptions, 'secureTransport'> {
  return { allowHalfOpen, highWaterMark };
}

async function switchOver(
  from: Link,
  next: Link,
  name: string,
  send: (to: Link, headers: string) => void,
): Promise<void> {
  try {
    await from.opened.promise;
    await from.flush();
    const { token } = from;
    if (token === '') throw new TypeErrorCtor('startTls: the other side of this connection is a worker.');
    from.upgraded();
    const server = name === '' ? '' : `server-name\n${name}\n`;
    send(next, `secure-transport\non\nstart-tls\n${token}\n${server}`);
  } catch (error) {
    next.fail(error);
  }
}

interface SocketOptions {
  readonly allowHalfOpen: unknown;
  readonly highWaterMark: unknown;
  readonly secureTransport: unknown;
}

function toOptions(given: unknown): LinkOptions {
  const options = toDictionary<SocketOptions>(given, WHERE);
  const allowHalfOpen = options?.allowHalfOpen;
  const mark = options?.highWaterMark;
  const secure = options?.secureTransport;
  return {
    allowHalfOpen: !!allowHalfOpen,
    highWaterMark: mark === undefined ? undefined : toEnforcedRange(mark, 0, 2 ** 53 - 1, WHERE),
    secureTransport: secure === undefined ? 'off' : toSecureTransport(toDOMString(secure)),
  };
}

function toSecureTransport(text: string): SecureTransport {
  if (text === 'off' || text === 'on' || text === 'starttls') return text;
  throw new TypeErrorCtor('connect: secureTransport must be "off", "on" or "starttls".');
}

const addressPattern = /^(.*):([0-9]{1,5})$/;
const hostPattern = /^(?:\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z._-]{1,255})$/;

/** `host:port`, with brackets around an IPv6 address. */
function toAuthority(address: unknown): string {
  if (isObject(address)) {
    const { hostname, port } = address as { hostname?: unknown; port?: unknown };
    const name = toHostname(hostname);
    return `${name}:${toEnforcedRange(port, 1, 65535, 'connect: port')}`;
  }
  const parts = RegExpPrototypeExec(addressPattern, toDOMString(address));
  const port = parts === null ? 0 : +(parts[2] as string);
  if (parts === null || port < 1 || port > 65535)
    throw new TypeErrorCtor('connect: the address must be "host:port", or { hostname, port }.');
  return `${toHostname(parts[1])}:${port}`;
}

function toHostname(value: unknown): string {
  const text = StringPrototypeToLowerCase(toDOMString(value));
  const bare = StringPrototypeIncludes(text, ':') && !StringPrototypeIncludes(text, '[');
  const name = bare ? `[${text}]` : text;
  if (RegExpPrototypeExec(hostPattern, name) === null)
    throw new TypeErrorCtor('connect: the host is neither a host name nor an IP address.');
  return name;
}
